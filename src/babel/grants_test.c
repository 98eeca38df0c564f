// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/grants.h"

#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* b may carry transit, c may not; b and c share 10.9.0.0/16 (anycast); d is reached through others.
 */
static const char policy_text[] = "announce fd00:a::/64\n"
				  "announce 10.1.0.0/24\n"
				  "accept 10.2.0.0/24 from bbbbbbbbbbbbbbbb on ab\n"
				  "accept 10.9.0.0/16 from bbbbbbbbbbbbbbbb on ab\n"
				  "accept fd00:b::/48 from bbbbbbbbbbbbbbbb on ab\n"
				  "accept fd00:b:0:1::/64 from bbbbbbbbbbbbbbbb on ab\n"
				  "accept 10.9.0.0/16 from cccccccccccccccc on ac\n"
				  "accept fd00:c::/64 from cccccccccccccccc on ac\n"
				  "accept nothing else on ac\n"
				  "accept 10.2.0.0/24 from bbbbbbbbbbbbbbbb\n"
				  "accept 10.9.0.0/16 from bbbbbbbbbbbbbbbb\n"
				  "accept fd00:b::/48 from bbbbbbbbbbbbbbbb\n"
				  "accept fd00:b:0:1::/64 from bbbbbbbbbbbbbbbb\n"
				  "accept 10.9.0.0/16 from cccccccccccccccc\n"
				  "accept fd00:c::/64 from cccccccccccccccc\n"
				  "accept 0.0.0.0/0 from dddddddddddddddd\n"
				  "accept fd00:d::/64 from dddddddddddddddd\n";

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix result = { 0 };

	assert_int_equal(ip_prefix_parse(text, &result), 0);
	return result;
}

static struct babel_update update_of(const char *text, int origin)
{
	struct babel_update update = { .prefix = prefix(text) };

	memset(update.router_id, origin, sizeof(update.router_id));
	return update;
}

static struct grants *make_grants(const char *text)
{
	CLEANUP(babel_policy_done) struct babel_policy policy = { 0 };
	uint8_t own[BABEL_ROUTER_ID_SIZE];

	memset(own, 0xaa, sizeof(own));
	assert_int_equal(babel_policy_parse(text, &policy, NULL), 0);
	return grants_new(&policy, own);
}

static const struct {
	const char *link;
	const char *prefix;
	int origin;
	enum offence offence;
	const char *grant; /* that is offended */
} cases[] = {
	/* What they may: themselves, and b others too, us included. */
	{ "ab", "fd00:b::/48", 0xbb, OFFENCE_NONE, NULL },
	{ "ab", "fd00:b:0:1::/64", 0xbb, OFFENCE_NONE, NULL },
	{ "ab", "10.9.0.0/16", 0xbb, OFFENCE_NONE, NULL },
	{ "ab", "10.9.0.0/16", 0xcc, OFFENCE_NONE, NULL },
	{ "ab", "fd00:c::/64", 0xcc, OFFENCE_NONE, NULL },
	{ "ab", "fd00:d::/64", 0xdd, OFFENCE_NONE, NULL },
	{ "ab", "0.0.0.0/0", 0xdd, OFFENCE_NONE, NULL },
	{ "ab", "fd00:a::/64", 0xaa, OFFENCE_NONE, NULL },
	{ "ac", "fd00:c::/64", 0xcc, OFFENCE_NONE, NULL },
	{ "ac", "10.9.0.0/16", 0xcc, OFFENCE_NONE, NULL },
	/* c passes on, whatever it is. */
	{ "ac", "10.9.0.0/16", 0xbb, OFFENCE_TRANSIT, "10.9.0.0/16" },
	{ "ac", "fd00:d::/64", 0xdd, OFFENCE_TRANSIT, "fd00:d::/64" },
	{ "ac", "fd00:a::/64", 0xaa, OFFENCE_TRANSIT, "fd00:a::/64" },
	/* What is another's. */
	{ "ab", "fd00:c::/64", 0xbb, OFFENCE_WRONG_ORIGIN, "fd00:c::/64" },
	{ "ab", "fd00:a::/64", 0xbb, OFFENCE_WRONG_ORIGIN, "fd00:a::/64" },
	{ "ab", "0.0.0.0/0", 0xbb, OFFENCE_WRONG_ORIGIN, "0.0.0.0/0" },
	{ "ac", "fd00:c::/64", 0xbb, OFFENCE_WRONG_ORIGIN, "fd00:c::/64" },
	{ "ab", "fd00:c::/64", 0x77, OFFENCE_UNKNOWN_ORIGIN, "fd00:c::/64" },
	/* Parts: the narrowest grant around it is named, and never an exit's. */
	{ "ab", "fd00:b:0:1::/65", 0xbb, OFFENCE_PART, "fd00:b:0:1::/64" },
	{ "ab", "fd00:b:0:1:8000::/65", 0xbb, OFFENCE_PART, "fd00:b:0:1::/64" },
	{ "ab", "fd00:b:0:2::/64", 0xbb, OFFENCE_PART, "fd00:b::/48" },
	{ "ab", "fd00:b:0:1::/63", 0xbb, OFFENCE_PART, "fd00:b::/48" },
	{ "ab", "fd00:a::ffff:0:0:1/128", 0xaa, OFFENCE_PART, "fd00:a::/64" },
	{ "ac", "10.1.0.128/25", 0xcc, OFFENCE_PART, "10.1.0.0/24" },
	/* Nobody's: covering, beside, before and after all of it. */
	{ "ab", "::/0", 0xbb, OFFENCE_DEFAULT_ROUTE, NULL },
	{ "ab", "::/0", 0xdd, OFFENCE_DEFAULT_ROUTE, NULL },
	{ "ab", "fd00:b::/47", 0xbb, OFFENCE_UNGRANTED, NULL },
	{ "ab", "fd00::/16", 0xbb, OFFENCE_UNGRANTED, NULL },
	{ "ab", "10.1.1.0/24", 0xbb, OFFENCE_UNGRANTED, NULL },
	{ "ab", "0.0.0.0/1", 0xdd, OFFENCE_UNGRANTED, NULL },
	{ "ab", "255.255.255.255/32", 0xdd, OFFENCE_UNGRANTED, NULL },
	{ "ab", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", 0xbb, OFFENCE_UNGRANTED, NULL },
};

static void expect_judgement(const struct grants *grants, size_t i)
{
	struct babel_update update = update_of(cases[i].prefix, cases[i].origin);
	const struct grants_link *link = grants_find_link(grants, cases[i].link);
	const struct grant *grant;
	enum offence offence;
	char text[IP_PREFIX_TEXT_SIZE] = "";

	offence = grants_judge(grants, link, &update, &grant);
	if (offence != cases[i].offence)
		fail_msg("%s from %02x on %s: %d", cases[i].prefix, cases[i].origin, cases[i].link,
			 offence);
	if (offence != OFFENCE_NONE && grant)
		ip_prefix_format(&grant->prefix, text);
	assert_string_equal(text, cases[i].grant ? cases[i].grant : "");
}

static void offences_are_told_apart(void **state)
{
	CLEANUP(grants_free) struct grants *grants = make_grants(policy_text);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		expect_judgement(grants, i);
}

/* Allowed is what some origin would be no offence for. */
static void what_no_origin_makes_good_is_not_allowed(void **state)
{
	CLEANUP(grants_free) struct grants *grants = make_grants(policy_text);
	static const int origins[] = { 0xaa, 0xbb, 0xcc, 0xdd, 0x77 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct grants_link *link = grants_find_link(grants, cases[i].link);
		struct ip_prefix wanted = prefix(cases[i].prefix);
		const struct grant *grant;
		bool is_good = false;

		for (size_t j = 0; j < ARRAY_SIZE(origins); j++) {
			struct babel_update update = update_of(cases[i].prefix, origins[j]);

			is_good |= grants_judge(grants, link, &update, &grant) == OFFENCE_NONE;
		}
		if (grants_allow(grants, link, &wanted) != is_good)
			fail_msg("%s on %s", cases[i].prefix, cases[i].link);
	}
}

static void routes_for_certain_sources_are_granted_to_nobody(void **state)
{
	CLEANUP(grants_free) struct grants *grants = make_grants(policy_text);
	struct babel_update update = update_of("fd00:b::/48", 0xbb);
	const struct grant *grant;

	(void)state;
	update.source = prefix("fd00:c::/64");
	assert_int_equal(grants_judge(grants, grants_find_link(grants, "ab"), &update, &grant),
			 OFFENCE_SOURCE_SPECIFIC);
}

static void links_know_who_is_at_their_end(void **state)
{
	CLEANUP(grants_free) struct grants *grants = make_grants(policy_text);
	CLEANUP(grants_free) struct grants *empty = make_grants("");
	const struct grants_link *links;

	(void)state;
	assert_int_equal(grants_links(grants, &links), 2);
	assert_string_equal(links[1].name, "ac");
	assert_int_equal(links[1].router_id[0], 0xcc);
	assert_true(links[1].is_limited);
	assert_false(grants_find_link(grants, "ab")->is_limited);
	assert_null(grants_find_link(grants, "ad"));
	assert_null(grants_find_link(grants, "a name that is much too long"));
	assert_null(grants_find_link(empty, "ab"));
}

/* What babeld does with its input filters, which are the rules in their order. */
static bool filters_accept(const struct babel_policy *policy, const char *link,
			   const struct babel_update *update)
{
	for (size_t i = 0; i < policy->rules_count; i++) {
		const struct babel_rule *rule = &policy->rules[i];
		bool is_on = !rule->link[0] || strcmp(rule->link, link) == 0;
		bool is_same =
			ip_prefix_compare(&rule->prefix, &update->prefix) == 0 &&
			memcmp(rule->router_id, update->router_id, BABEL_ROUTER_ID_SIZE) == 0;

		if (rule->type == BABEL_RULE_ACCEPT_ONLY && is_on)
			return false;
		if ((rule->type == BABEL_RULE_ACCEPT_DIRECT ||
		     rule->type == BABEL_RULE_ACCEPT_TRANSIT) &&
		    is_on && is_same)
			return true;
	}
	return false;
}

/* Few of everything, so that what is drawn at random often means something. */
static struct ip_prefix random_prefix(unsigned *seed)
{
	struct ip_prefix any = { .address.family = AF_INET, .length = (uint8_t)(rand_r(seed) % 5) };

	any.address.bytes[0] = (uint8_t)(rand_r(seed) % 16 << 4);
	return ip_prefix_masked(&any);
}

static char *random_policy(unsigned *seed)
{
	static const char links[4][IFNAME_SIZE] = { "l0", "l1", "l2", "l3" };
	struct ip_prefix prefixes[4][4];
	struct babel_policy_node nodes[4] = { 0 };
	struct babel_policy_input input = { .nodes = nodes, .nodes_count = ARRAY_SIZE(nodes) };

	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++) {
		memset(nodes[i].router_id, (int)i + 1, BABEL_ROUTER_ID_SIZE);
		nodes[i].prefixes = prefixes[i];
		nodes[i].prefixes_count = 1 + (size_t)(rand_r(seed) % 4);
		for (size_t j = 0; j < nodes[i].prefixes_count; j++)
			prefixes[i][j] = random_prefix(seed);
		nodes[i].links = &links[i];
		nodes[i].links_count = 1;
		nodes[i].no_transit = rand_r(seed) % 2;
	}
	return babel_policy_make(&input);
}

static void judgement_is_that_of_the_filters(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		CLEANUP(babel_policy_done) struct babel_policy policy = { 0 };
		CLEANUP(free) char *text = random_policy(&seed);
		CLEANUP(grants_free) struct grants *grants = make_grants(text);
		struct babel_update update = { .prefix = random_prefix(&seed) };
		char name[] = { 'l', (char)('0' + rand_r(&seed) % 4), '\0' };
		const struct grant *grant;
		enum offence offence;

		assert_int_equal(babel_policy_parse(text, &policy, NULL), 0);
		memset(update.router_id, 1 + rand_r(&seed) % 5, BABEL_ROUTER_ID_SIZE);
		offence = grants_judge(grants, grants_find_link(grants, name), &update, &grant);
		if ((offence == OFFENCE_NONE) != filters_accept(&policy, name, &update))
			fail_msg("case %u: %d", i, offence);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(offences_are_told_apart),
		cmocka_unit_test(what_no_origin_makes_good_is_not_allowed),
		cmocka_unit_test(routes_for_certain_sources_are_granted_to_nobody),
		cmocka_unit_test(links_know_who_is_at_their_end),
		cmocka_unit_test(judgement_is_that_of_the_filters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
