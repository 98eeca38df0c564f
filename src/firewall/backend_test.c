// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewall/backend.h"

#include "firewall/record.h"
#include "firewall/test_spaces.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* The order matters to cmocka. */
#include <setjmp.h>
#include <stddef.h>

#include <cmocka.h>

static const char body_a[] = "\tcounter seen {\n\t}\n"
			     "\tchain input {\n"
			     "\t\ttype filter hook input priority 0; policy accept;\n"
			     "\t\tip saddr 192.0.2.1 counter name seen drop\n"
			     "\t\tip saddr 192.0.2.2 drop\n"
			     "\t}\n";
static const char body_b[] = "\tchain input {\n\t}\n";

static int set_up(void **state)
{
	struct test_spaces *test = calloc(1, sizeof(*test));

	test_spaces_init(test);
	*state = test;
	return 0;
}

static int tear_down(void **state)
{
	test_spaces_done(*state);
	free(*state);
	return 0;
}

static void apply(struct test_spaces *test, enum operation_type type, const struct object *object)
{
	struct error error = { 0 };

	if (test_apply(test, type, object, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
}

/* What is observed while @intended (may be NULL) is intended. */
static struct state *observe(struct test_spaces *test, const struct object *intended_object)
{
	struct backend backend = firewall_backend(test->firewall);
	CLEANUP(state_free) struct state *intended = state_new();
	struct state *operational = state_new();
	struct error error = { 0 };

	if (intended_object)
		(void)state_add(intended, intended_object);
	if (backend.observe(backend.userdata, intended, operational, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
	return operational;
}

/* Exactly one object there, and it is as @object. */
static bool is_observed(struct test_spaces *test, const struct object *object)
{
	CLEANUP(state_free) struct state *operational = observe(test, object);
	CLEANUP(state_free) struct state *expected = state_new();

	(void)state_add(expected, object);
	return state_equal(operational, expected);
}

/* Only what is in the kernel and on disk is left. */
static void restart(struct test_spaces *test)
{
	firewall_free(test->firewall);
	test->firewall = firewall_new(test->spaces, test->runtime_dir);
}

static void applied_table_is_observed_as_intended(void **state)
{
	for (enum space space = SPACE_UNDERLAY; space <= SPACE_OVERLAY; space++) {
		struct object object = test_ruleset(space, body_a);

		assert_false(is_observed(*state, &object));
		apply(*state, OPERATION_CREATE, &object);
		assert_true(is_observed(*state, &object));
		assert_true(is_observed(*state, &object));
		apply(*state, OPERATION_DELETE, &object);
	}
}

/* A set that packets fill has not been changed by anybody. */
static void packets_do_not_change_the_table(void **state)
{
	static const char body[] =
		"\tset seen {\n\t\ttype ifname\n\t\tsize 100\n"
		"\t\tflags dynamic,timeout\n\t\ttimeout 1m\n\t}\n\n"
		"\tchain watch {\n\t\ttype filter hook input priority 0; policy accept;\n"
		"\t\tupdate @seen { iifname limit rate over 1/second } accept\n\t}\n";
	struct object object = test_ruleset(SPACE_UNDERLAY, body);

	apply(*state, OPERATION_CREATE, &object);
	assert_int_equal(test_run("ip link set lo up; ping -q -c 3 -i 0.01 127.0.0.1 >/dev/null"),
			 0);
	assert_int_equal(test_run("nft list set inet " TEST_INSTANCE " seen | grep -q '\"lo\"'"),
			 0);
	restart(*state);
	assert_true(is_observed(*state, &object));
	assert_int_equal(test_run("nft add element inet " TEST_INSTANCE " seen { eth7 }"), 0);
	assert_true(is_observed(*state, &object)); /* nor can others be told from packets here */
	assert_int_equal(test_run("nft delete rule inet " TEST_INSTANCE " watch handle $(nft -a "
				  "list chain inet " TEST_INSTANCE " watch | "
				  "sed -n 's/.*update.*handle //p')"),
			 0);
	assert_false(is_observed(*state, &object));
}

static void spaces_are_separate(void **state)
{
	struct object underlay = test_ruleset(SPACE_UNDERLAY, body_a);
	struct object overlay = test_ruleset(SPACE_OVERLAY, body_b);
	CLEANUP(state_free) struct state *both = state_new();
	CLEANUP(state_free) struct state *operational = NULL;

	apply(*state, OPERATION_CREATE, &underlay);
	apply(*state, OPERATION_CREATE, &overlay);
	(void)state_add(both, &underlay);
	(void)state_add(both, &overlay);
	operational = observe(*state, NULL);
	assert_true(state_equal(operational, both));
	assert_int_equal(test_run("nft list table inet " TEST_INSTANCE " | grep -q 192.0.2.1"), 0);
	assert_int_equal(test_run("nsenter --net=/run/netns/" TEST_OVERLAY
				  " nft list table inet " TEST_INSTANCE " | grep -q 192.0.2.1"),
			 1);
}

static void update_replaces_and_delete_leaves_nothing(void **state)
{
	struct test_spaces *test = *state;
	struct object a = test_ruleset(SPACE_OVERLAY, body_a);
	struct object b = test_ruleset(SPACE_OVERLAY, body_b);
	CLEANUP(state_free) struct state *nothing = state_new();
	CLEANUP(state_free) struct state *operational = NULL;

	apply(test, OPERATION_CREATE, &a);
	apply(test, OPERATION_UPDATE, &b);
	assert_true(is_observed(test, &b));
	apply(test, OPERATION_DELETE, &b);
	apply(test, OPERATION_DELETE, &b); /* gone already */
	operational = observe(test, &b);
	assert_true(state_equal(operational, nothing));
	assert_int_equal(test_run("test -z \"$(ls %s/private)\"", test->runtime_dir), 0);
}

static void tampering_is_noticed_and_healed(void **state)
{
	static const char *const deeds[] = {
		"nft flush table inet " TEST_INSTANCE,
		"nft flush chain inet " TEST_INSTANCE " input",
		"nft add rule inet " TEST_INSTANCE " input accept",
		"nft insert rule inet " TEST_INSTANCE " input accept",
		"nft add chain inet " TEST_INSTANCE " more",
		"nft add set inet " TEST_INSTANCE " more '{ type ipv4_addr; }'",
		"nft add table inet " TEST_INSTANCE " '{ flags dormant; }'",
		"nft delete table inet " TEST_INSTANCE,
		"nft flush ruleset",
	};
	struct object object = test_ruleset(SPACE_UNDERLAY, body_a);

	for (size_t i = 0; i < ARRAY_SIZE(deeds); i++) {
		apply(*state, OPERATION_CREATE, &object);
		assert_true(is_observed(*state, &object));
		assert_int_equal(test_run("%s", deeds[i]), 0);
		if (is_observed(*state, &object))
			fail_msg("not noticed: %s", deeds[i]);
	}
	apply(*state, OPERATION_UPDATE, &object);
	assert_true(is_observed(*state, &object));
}

static void changed_elements_and_objects_are_noticed(void **state)
{
	static const char *const deeds[] = {
		"nft add element inet " TEST_INSTANCE " known '{ 192.0.2.77 }'",
		"nft delete element inet " TEST_INSTANCE " known '{ 198.51.100.0/24 }'",
		"nft flush set inet " TEST_INSTANCE " known",
		"nft add counter inet " TEST_INSTANCE " more",
	};
	struct object object = test_ruleset(
		SPACE_OVERLAY, "\tset known {\n\t\ttype ipv4_addr\n\t\tflags interval\n"
			       "\t\telements = { 198.51.100.0/24, 203.0.113.0/24 }\n\t}\n"
			       "\tcounter seen {\n\t}\n");

	for (size_t i = 0; i < ARRAY_SIZE(deeds); i++) {
		apply(*state, OPERATION_CREATE, &object);
		assert_true(is_observed(*state, &object));
		assert_int_equal(test_run("nsenter --net=/run/netns/" TEST_OVERLAY " %s", deeds[i]),
				 0);
		if (is_observed(*state, &object))
			fail_msg("not noticed: %s", deeds[i]);
	}
}

static void changes_of_other_tables_are_none_of_ours(void **state)
{
	struct object object = test_ruleset(SPACE_UNDERLAY, body_a);

	apply(*state, OPERATION_CREATE, &object);
	assert_int_equal(test_run("nft add table inet other; nft add chain inet other c; "
				  "nft add rule inet other c accept; "
				  "nft add set inet other s '{ type ipv4_addr; }'; "
				  "nft add counter inet other n"),
			 0);
	assert_true(is_observed(*state, &object));
}

static void moving_counters_are_no_tampering(void **state)
{
	struct object object = test_ruleset(SPACE_UNDERLAY, body_a);

	apply(*state, OPERATION_CREATE, &object);
	assert_int_equal(test_run("ip link set lo up; ip addr add 192.0.2.1/32 dev lo; "
				  "ping -qc 1 -W 1 -I 192.0.2.1 127.0.0.1 >/dev/null; "
				  "nft list counters | grep -q 'packets 1 '"),
			 0);
	assert_true(is_observed(*state, &object));
}

static void lost_record_makes_the_table_differ(void **state)
{
	static const char *const deeds[] = { "rm %s/private/ruleset.overlay",
					     "echo junk >%s/private/ruleset.overlay",
					     "head -c 5000 /dev/zero >%s/private/ruleset.overlay" };
	struct test_spaces *test = *state;
	struct object object = test_ruleset(SPACE_OVERLAY, body_a);

	for (size_t i = 0; i < ARRAY_SIZE(deeds); i++) {
		char command[256];

		apply(test, OPERATION_UPDATE, &object);
		assert_true(is_observed(test, &object));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		(void)snprintf(command, sizeof(command), deeds[i], test->runtime_dir);
#pragma GCC diagnostic pop
		assert_int_equal(test_run("%s", command), 0);
		restart(test);
		assert_false(is_observed(test, &object));
	}
}

/* A body in which each kind of thing can differ. */
static char *body_with(const char *prefixes, const char *ports, const char *rule)
{
	struct strbuf body = { 0 };

	strbuf_printf(&body,
		      "\tcounter seen {\n\t}\n\n"
		      "\tset known {\n\t\ttype ipv4_addr\n\t\tflags interval\n%s\t}\n\n",
		      prefixes);
	if (ports)
		strbuf_printf(&body, "\tset ports {\n\t\ttype inet_service\n%s\t}\n\n", ports);
	strbuf_printf(&body,
		      "\tchain input {\n\t\ttype filter hook input priority 0; policy accept;\n"
		      "\t\tip saddr 192.0.2.1 counter name seen\n"
		      "\t\tip saddr @known jump more\n\t}\n\n"
		      "\tchain more {\n%s\t}\n",
		      rule);
	return strbuf_take(&body);
}

/* The table as text, its lines sorted: a chain that comes later stands last. */
#define LIST_SORTED(file) "nft list table inet " TEST_INSTANCE " | sort >%s/" file

static void changed_table_is_like_a_new_one(void **state)
{
	static const char none[] = "", one[] = "\t\telements = { 10.1.0.0/16 }\n",
			  two[] = "\t\telements = { 10.1.0.0/16,\n\t\t\t     10.2.0.0/16 }\n",
			  outer[] = "\t\telements = { 10.0.0.0/8 }\n",
			  inner[] = "\t\telements = { 10.0.0.0/16, 10.1.0.0/16, 10.3.0.0/16 }\n";
	static const char *const prefixes[] = { none, one, two, outer, inner };
	static const char drop[] = "\t\tdrop\n", by_port[] = "\t\ttcp dport @ports drop\n";
	static const char ports[] = "\t\telements = { 22, 80 }\n";
	struct test_spaces *test = *state;

	for (size_t i = 0; i < ARRAY_SIZE(prefixes) * ARRAY_SIZE(prefixes); i++) {
		CLEANUP(free)
		char *from = body_with(prefixes[i % ARRAY_SIZE(prefixes)], i & 1 ? ports : NULL,
				       i & 1 ? by_port : drop);
		CLEANUP(free)
		char *to = body_with(prefixes[i / ARRAY_SIZE(prefixes)], i & 2 ? ports : NULL,
				     i & 2 ? by_port : drop);
		struct object before = test_ruleset(SPACE_UNDERLAY, from);
		struct object after = test_ruleset(SPACE_UNDERLAY, to);

		assert_int_equal(test_run("nft flush ruleset"), 0);
		apply(test, OPERATION_CREATE, &after);
		assert_int_equal(test_run(LIST_SORTED("new"), test->runtime_dir), 0);
		assert_int_equal(test_run("nft flush ruleset"), 0);
		apply(test, OPERATION_CREATE, &before);
		apply(test, OPERATION_UPDATE, &after);
		assert_true(is_observed(test, &after));
		assert_int_equal(test_run(LIST_SORTED("changed"), test->runtime_dir), 0);
		if (test_run("cd %s; diff new changed", test->runtime_dir) != 0)
			fail_msg("from:\n%s\nto:\n%s", from, to);
	}
}

static bool has_counted(void)
{
	return test_run("nft list counters table inet " TEST_INSTANCE " | grep -q 'packets 1 '") ==
	       0;
}

/* Which nothing but the same table can. */
static void counters_go_on_in_a_changed_table(void **state)
{
	CLEANUP(free) char *one = body_with("\t\telements = { 10.1.0.0/16 }\n", NULL, "");
	CLEANUP(free) char *two = body_with("\t\telements = { 10.2.0.0/16 }\n", NULL, "");
	struct object before = test_ruleset(SPACE_UNDERLAY, one);
	struct object after = test_ruleset(SPACE_UNDERLAY, two);

	apply(*state, OPERATION_CREATE, &before);
	assert_int_equal(test_run("ip link set lo up; ip addr replace 192.0.2.1/32 dev lo; "
				  "ping -qc 1 -W 1 -I 192.0.2.1 127.0.0.1 >/dev/null"),
			 0);
	assert_true(has_counted());
	apply(*state, OPERATION_UPDATE, &after);
	assert_true(has_counted());
	restart(*state);
	apply(*state, OPERATION_UPDATE, &before);
	assert_true(has_counted());
	assert_true(is_observed(*state, &before));
}

static void table_that_cannot_be_changed_is_replaced(void **state)
{
	static const char *const bodies[] = {
		"\tset known {\n\t\ttype ipv6_addr\n\t}\n", /* another type */
		"\tchain input {\n\t\ttype filter hook output priority 0; policy accept;\n\t}\n",
		"\tchain input { }\n", /* written in another way */
	};
	CLEANUP(free) char *first = body_with("", NULL, "");
	struct object before = test_ruleset(SPACE_UNDERLAY, first);

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		struct object after = test_ruleset(SPACE_UNDERLAY, bodies[i]);

		apply(*state, OPERATION_CREATE, &before);
		apply(*state, OPERATION_UPDATE, &after);
		assert_true(is_observed(*state, &after));
		apply(*state, OPERATION_UPDATE, &before);
		assert_true(is_observed(*state, &before));
	}
}

static void keep_refusal(void *userdata, const struct error *refusal)
{
	*(struct error *)userdata = *refusal;
}

/* A comma in a comment is no end of an element, but a change takes it for one. */
static void refused_change_replaces_the_table_and_is_told(void **state)
{
	struct test_spaces *test = *state;
	CLEANUP(free)
	char *one = body_with("\t\telements = { 10.1.0.0/16 comment \"a,b\" }\n", NULL, "");
	CLEANUP(free)
	char *two = body_with("\t\telements = { 10.2.0.0/16 comment \"a,b\" }\n", NULL, "");
	struct object before = test_ruleset(SPACE_OVERLAY, one);
	struct object after = test_ruleset(SPACE_OVERLAY, two);
	struct error refusal = { 0 };

	firewall_tell_replaced(test->firewall, keep_refusal, &refusal);
	apply(test, OPERATION_CREATE, &before);
	assert_int_equal(refusal.code, ERROR_NONE);
	apply(test, OPERATION_UPDATE, &after);
	assert_true(is_observed(test, &after));
	assert_string_equal(refusal.place, "overlay");
	assert_ptr_equal(strstr(refusal.text, "nftables: "), refusal.text);
	refusal = (struct error) { 0 };
	apply(test, OPERATION_UPDATE, &after);
	assert_int_equal(refusal.code, ERROR_NONE);
}

/* What somebody has done to it must not stay, not even where it was not to be changed. */
static void tampered_table_is_replaced(void **state)
{
	CLEANUP(free) char *one = body_with("\t\telements = { 10.1.0.0/16 }\n", NULL, "");
	CLEANUP(free) char *two = body_with("\t\telements = { 10.2.0.0/16 }\n", NULL, "");
	struct object before = test_ruleset(SPACE_UNDERLAY, one);
	struct object after = test_ruleset(SPACE_UNDERLAY, two);

	apply(*state, OPERATION_CREATE, &before);
	assert_int_equal(test_run("nft insert rule inet " TEST_INSTANCE " input accept"), 0);
	apply(*state, OPERATION_UPDATE, &after);
	assert_int_equal(test_run("nft list chain inet " TEST_INSTANCE " input | grep -q accept$"),
			 1);
	assert_true(is_observed(*state, &after));
}

/* A record that is too long to be read would make the table differ for ever. */
static void record_of_a_huge_table_is_read(void **state)
{
	const size_t size = (size_t)100 * 1024 * 1024;
	struct test_spaces *test = *state;
	CLEANUP(record_done) struct record record = { 0 };
	CLEANUP(free) char *body = malloc(size + 1);
	const uint8_t fingerprint[KEY_SIZE] = { 1 };
	struct ruleset ruleset = { .digest = { 2 }, .body = body };
	char path[128];

	memset(body, 'b', size);
	body[size] = '\0';
	(void)snprintf(path, sizeof(path), "%s/record", test->runtime_dir);
	assert_int_equal(record_write(path, fingerprint, &ruleset, NULL), 0);
	assert_int_equal(record_read(path, &record, NULL), 0);
	assert_non_null(record.body);
	assert_string_equal(record.body, body);
	assert_memory_equal(record.digest, ruleset.digest, KEY_SIZE);
}

static void unwritable_record_is_an_error(void **state)
{
	struct test_spaces *test = *state;
	struct object object = test_ruleset(SPACE_OVERLAY, body_a);
	struct error error = { 0 };

	assert_int_equal(test_run("touch %s/private", test->runtime_dir), 0);
	assert_true(test_apply(test, OPERATION_CREATE, &object, &error) < 0);
	assert_non_null(strstr(error.place, "/private"));
}

static void restarted_daemon_finds_its_table(void **state)
{
	struct test_spaces *test = *state;
	struct object object = test_ruleset(SPACE_OVERLAY, body_a);

	apply(test, OPERATION_CREATE, &object);
	restart(test);
	assert_true(is_observed(test, &object));
}

static void foreign_table_is_reported_only_if_in_the_way(void **state)
{
	static const char *const comments[] = { "", "comment \"aronet:other:0\";",
						"comment \"aronet:" TEST_INSTANCE ":12\";" };
	struct object object = test_ruleset(SPACE_UNDERLAY, body_a);

	for (size_t i = 0; i < ARRAY_SIZE(comments); i++) {
		CLEANUP(state_free) struct state *in_the_way = NULL;
		CLEANUP(state_free) struct state *elsewhere = NULL;

		assert_int_equal(test_run("nft flush ruleset; nft add table inet " TEST_INSTANCE
					  " '{ %s }'",
					  comments[i]),
				 0);
		in_the_way = observe(*state, &object);
		assert_int_equal(state_count(in_the_way), 1);
		assert_true(state_at(in_the_way, 0)->foreign);
		elsewhere = observe(*state, NULL);
		assert_int_equal(state_count(elsewhere), 0);
	}
}

static void tables_of_others_stay(void **state)
{
	struct object object = test_ruleset(SPACE_UNDERLAY, body_a);

	assert_int_equal(test_run("nft add table inet other; nft add chain inet other c; "
				  "nft add table ip " TEST_INSTANCE),
			 0);
	apply(*state, OPERATION_CREATE, &object);
	apply(*state, OPERATION_DELETE, &object);
	assert_int_equal(test_run("nft list chain inet other c >/dev/null && "
				  "nft list table ip " TEST_INSTANCE " >/dev/null"),
			 0);
}

static void bad_text_leaves_the_old_table(void **state)
{
	struct object good = test_ruleset(SPACE_OVERLAY, body_a);
	struct object bad =
		test_ruleset(SPACE_OVERLAY, "\tchain input {\n\t\ttcp dport 70000 drop\n\t}\n");
	struct error error = { 0 };

	apply(*state, OPERATION_CREATE, &good);
	assert_int_equal(test_apply(*state, OPERATION_UPDATE, &bad, &error), -EINVAL);
	assert_string_equal(error.place, "overlay");
	assert_string_equal(error.text, "nftables: 7:13-17: Error: Service out of range, "
					"in: tcp dport 70000 drop");
	assert_true(is_observed(*state, &good));
}

static void overlay_made_anew_is_empty(void **state)
{
	struct test_spaces *test = *state;
	struct object object = test_ruleset(SPACE_OVERLAY, body_a);
	CLEANUP(state_free) struct state *without = NULL;

	apply(test, OPERATION_CREATE, &object);
	assert_int_equal(test_run("ip netns del " TEST_OVERLAY), 0);
	spaces_forget_overlay(test->spaces);
	without = observe(test, &object);
	assert_int_equal(state_count(without), 0);
	apply(test, OPERATION_DELETE, &object);
	assert_int_equal(test_run("ip netns add " TEST_OVERLAY), 0);
	assert_false(is_observed(test, &object));
	apply(test, OPERATION_CREATE, &object);
	assert_true(is_observed(test, &object));
}

static void counters_of_no_table_are_none(void **state)
{
	struct test_spaces *test = *state;
	CLEANUP(firewall_counters_done) struct firewall_counters counters = { 0 };
	struct object object = test_ruleset(SPACE_OVERLAY, body_a);
	struct error error = { 0 };

	assert_int_equal(firewall_counters(test->firewall, SPACE_OVERLAY, &counters, &error), 0);
	assert_int_equal(counters.count, 0);
	apply(test, OPERATION_CREATE, &object);
	assert_int_equal(firewall_counters(test->firewall, SPACE_OVERLAY, &counters, &error), 0);
	assert_int_equal(counters.count, 1);
	assert_string_equal(counters.items[0].name, "seen");
	assert_int_equal(counters.items[0].packets, 0);
}

/* The chains that drop what is forwarded, as "FAMILY TABLE NAME", those of Docker with
 * a "+", those with a rule for our link with a "!". */
static void expect_dropping(struct test_spaces *test, const char *expected)
{
	CLEANUP(strbuf_done) struct strbuf found = { 0 };
	const struct forward_chains *chains;
	struct error error = { 0 };

	assert_int_equal(firewall_forward_chains(test->firewall, &chains, &error), 0);
	for (size_t i = 0; i < chains->count; i++)
		strbuf_printf(&found, "%s%d %s %s%s%s", i ? ", " : "", chains->items[i].family,
			      chains->items[i].table, chains->items[i].name,
			      chains->items[i].has_docker_user ? "+" : "",
			      chains->items[i].lets_link_pass ? "!" : "");
	assert_string_equal(strbuf_text(&found), expected);
}

static void chains_that_drop_what_is_forwarded_are_found(void **state)
{
	expect_dropping(*state, "");
	assert_int_equal(
		test_run("nft 'add table inet filter; add chain inet filter forward { type filter "
			 "hook forward priority 0; policy accept; }; add chain inet filter input { "
			 "type filter hook input priority 0; policy drop; }; add table bridge b; "
			 "add chain bridge b forward { type filter hook forward priority 0; "
			 "policy drop; }; add chain inet filter regular'"),
		0);
	expect_dropping(*state, "");
	assert_int_equal(test_run("nft 'chain inet filter forward { policy drop; }'"), 0);
	expect_dropping(*state, "1 filter forward");
	expect_dropping(*state, "1 filter forward"); /* not read anew */
	assert_int_equal(
		test_run("nft 'delete table inet filter; add table ip filter; add chain ip filter "
			 "FORWARD { type filter hook forward priority 0; policy drop; }; add chain "
			 "ip filter DOCKER-USER; add table ip6 filter; add chain ip6 filter "
			 "FORWARD { type filter hook forward priority 0; policy drop; }'"),
		0);
	expect_dropping(*state, "2 filter FORWARD+, 10 filter FORWARD");
	assert_int_equal(test_run("nft flush ruleset"), 0);
	expect_dropping(*state, "");
}

static void rules_that_let_our_link_pass_are_found(void **state)
{
	static const struct {
		const char *change, *dropping;
	} steps[] = {
		{ "add table ip filter; add chain ip filter FORWARD { type filter hook forward "
		  "priority 0; policy drop; }; add chain ip filter DOCKER-USER; add chain ip "
		  "filter "
		  "other; add rule ip filter FORWARD jump DOCKER-USER",
		  "2 filter FORWARD+" },
		{ "add rule ip filter FORWARD iifname " TEST_INSTANCE "-2 accept",
		  "2 filter FORWARD+" },
		{ "add rule ip filter FORWARD iifname aro* accept", "2 filter FORWARD+" },
		{ "add rule ip filter FORWARD iifname != " TEST_INSTANCE " accept",
		  "2 filter FORWARD+" },
		{ "add rule ip filter FORWARD iifname " TEST_INSTANCE " drop",
		  "2 filter FORWARD+" },
		{ "add rule ip filter FORWARD iifname " TEST_INSTANCE " counter",
		  "2 filter FORWARD+" },
		{ "add rule ip filter other iifname " TEST_INSTANCE " accept",
		  "2 filter FORWARD+" },
		{ "add rule ip filter DOCKER-USER iifname " TEST_INSTANCE " accept",
		  "2 filter FORWARD+!" },
		{ "flush chain ip filter DOCKER-USER", "2 filter FORWARD+" },
		{ "add rule ip filter FORWARD oifname " TEST_INSTANCE " jump other",
		  "2 filter FORWARD+!" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		assert_int_equal(test_run("nft '%s'", steps[i].change), 0);
		expect_dropping(*state, steps[i].dropping);
	}
}

int main(void)
{
#define BACKEND_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		BACKEND_TEST(applied_table_is_observed_as_intended),
		BACKEND_TEST(packets_do_not_change_the_table),
		BACKEND_TEST(spaces_are_separate),
		BACKEND_TEST(update_replaces_and_delete_leaves_nothing),
		BACKEND_TEST(tampering_is_noticed_and_healed),
		BACKEND_TEST(changed_elements_and_objects_are_noticed),
		BACKEND_TEST(changes_of_other_tables_are_none_of_ours),
		BACKEND_TEST(moving_counters_are_no_tampering),
		BACKEND_TEST(lost_record_makes_the_table_differ),
		BACKEND_TEST(changed_table_is_like_a_new_one),
		BACKEND_TEST(counters_go_on_in_a_changed_table),
		BACKEND_TEST(table_that_cannot_be_changed_is_replaced),
		BACKEND_TEST(refused_change_replaces_the_table_and_is_told),
		BACKEND_TEST(tampered_table_is_replaced),
		BACKEND_TEST(record_of_a_huge_table_is_read),
		BACKEND_TEST(unwritable_record_is_an_error),
		BACKEND_TEST(restarted_daemon_finds_its_table),
		BACKEND_TEST(foreign_table_is_reported_only_if_in_the_way),
		BACKEND_TEST(tables_of_others_stay),
		BACKEND_TEST(bad_text_leaves_the_old_table),
		BACKEND_TEST(overlay_made_anew_is_empty),
		BACKEND_TEST(counters_of_no_table_are_none),
		BACKEND_TEST(chains_that_drop_what_is_forwarded_are_found),
		BACKEND_TEST(rules_that_let_our_link_pass_are_found),
	};

	if (test_spaces_unshare() < 0) {
		(void)fprintf(stderr, "skipped: needs root and network namespaces\n");
		return getenv("ARONET_TESTS_MUST_RUN") ? 1 : 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
