// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewall/text.h"

#include "base/file.h"
#include "base/memory.h"

#include <nftables/libnftables.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The order matters to cmocka. */
#include <setjmp.h>
#include <stddef.h>

#include <cmocka.h>

#define GOLDEN_LIMIT (1024 * 1024)
#define PREFIXES_MAX 8

struct example {
	struct firewall_rules rules;
	struct ip_prefix own[PREFIXES_MAX];
	struct ip_prefix remote[PREFIXES_MAX];
	struct ip_prefix remote_sids[PREFIXES_MAX];
	struct ip_prefix limited[2][PREFIXES_MAX];
	struct firewall_limit limits[3];
	struct firewall_tunnel tunnels[3];
};

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix parsed;

	assert_int_equal(ip_prefix_parse(text, &parsed), 0);
	return parsed;
}

static size_t fill(struct ip_prefix *prefixes, const char *const *texts)
{
	size_t count = 0;

	for (; texts[count]; count++)
		prefixes[count] = prefix(texts[count]);
	return count;
}

static void example_fill(struct example *example, const char *const *own, const char *const *remote,
			 const char *const *remote_sids)
{
	*example = (struct example) {
		.rules = {
			.link = "aronet",
			.link_group = 6386287,
			.tunnel_pattern = "ar-*",
			.own = example->own,
			.remote = example->remote,
			.own_sids = prefix("fd66:0:0:0:ffff::/80"),
			.remote_sids = example->remote_sids,
		},
	};
	assert_int_equal(ip_address_parse("fd66::ffff:0:0:1", &example->rules.host_address), 0);
	example->rules.own_count = fill(example->own, own);
	example->rules.remote_count = fill(example->remote, remote);
	example->rules.remote_sids_count = fill(example->remote_sids, remote_sids);
}

static void add_tunnel(struct example *example, const char *link, const char *peer)
{
	struct firewall_tunnel *tunnel = &example->tunnels[example->rules.tunnels_count++];

	tunnel->link = link;
	assert_int_equal(ip_address_parse(peer, &tunnel->peer), 0);
	example->rules.tunnels = example->tunnels;
}

/* A node with both families among two others. */
static void example_mesh(struct example *example)
{
	static const char *const own[] = { "fd66::/64", "192.168.121.0/24", NULL };
	static const char *const remote[] = { "fd68::/64",	  "192.168.123.0/24", "fd67::/64",
					      "192.168.122.0/24", "2001:db8:7::/48",  NULL };
	static const char *const sids[] = { "fd68:0:0:0:ffff::/80", "fd67:0:0:0:ffff::/80", NULL };

	example_fill(example, own, remote, sids);
	add_tunnel(example, "ar-z", "fe80::68:1");
	add_tunnel(example, "ar-b", "fe80::68:2");
	add_tunnel(example, "ar-c", "fe80::67:1");
}

/* Alone: the first load, or a registry of one node without IPv4. */
static void example_alone(struct example *example)
{
	static const char *const own[] = { "fd66::/64", NULL };
	static const char *const nothing[] = { NULL };

	example_fill(example, own, nothing, nothing);
	example->rules.host_address = (struct ip_address) { 0 };
}

static void example_exit(struct example *example)
{
	static const char *const own[] = { "fd66::/64", "0.0.0.0/0", NULL };
	static const char *const remote[] = { "fd67::/64", "::/0", NULL };
	static const char *const sids[] = { "fd67:0:0:0:ffff::/80", NULL };
	static const uint16_t ports[] = { 50001 };

	example_fill(example, own, remote, sids);
	example->rules.tunnel_ports = ports;
	example->rules.tunnel_ports_count = ARRAY_SIZE(ports);
}

/* Another node is the exit for both families. */
static void example_guest(struct example *example)
{
	static const char *const own[] = { "fd66::/64", "192.168.121.0/24", NULL };
	static const char *const remote[] = { "fd67::/64", "::/0", "0.0.0.0/0", NULL };
	static const char *const sids[] = { "fd67:0:0:0:ffff::/80", NULL };
	static const uint16_t ports[] = { 50001, 50002 };

	example_fill(example, own, remote, sids);
	example->rules.tunnel_ports = ports;
	example->rules.tunnel_ports_count = ARRAY_SIZE(ports);
}

/* A service that is on two nodes. */
static void example_anycast(struct example *example)
{
	static const char *const own[] = { "fd66::/64", "10.53.0.0/24", "192.168.121.0/24", NULL };
	static const char *const remote[] = { "fd67::/64", "10.53.0.0/24", NULL };
	static const char *const sids[] = { "fd67:0:0:0:ffff::/80", NULL };

	example_fill(example, own, remote, sids);
}

/* Neither this node nor one of the two others carries transit; two tunnels lead to that one. */
static void example_limited(struct example *example)
{
	static const char *const theirs[] = { "fd68::/64", "192.168.123.0/24", NULL };

	example_mesh(example);
	example->limits[0] = (struct firewall_limit) { "ar-z", example->limited[0],
						       fill(example->limited[0], theirs) };
	example->limits[1] = example->limits[0];
	example->limits[1].link = "ar-b";
	example->rules.limits = example->limits;
	example->rules.limits_count = 2;
	example->rules.no_transit = true;
}

/* A node that is nothing but an exit, beside another that carries no transit either. */
static void example_limited_exit(struct example *example)
{
	static const char *const exit[] = { "fd67::/64", "::/0", NULL };
	static const char *const other[] = { "fd68::/64", NULL };

	example_exit(example);
	example->limits[0] = (struct firewall_limit) { "ar-e", example->limited[0],
						       fill(example->limited[0], exit) };
	example->limits[1] = (struct firewall_limit) { "ar-o", example->limited[1],
						       fill(example->limited[1], other) };
	example->rules.limits = example->limits;
	example->rules.limits_count = 2;
}

/* Nothing at all is known yet. */
static void example_empty(struct example *example)
{
	static const char *const nothing[] = { NULL };

	example_fill(example, nothing, nothing, nothing);
	example->rules.own_sids = (struct ip_prefix) { 0 };
	example->rules.host_address = (struct ip_address) { 0 };
}

static void example_userspace(struct example *example)
{
	example_alone(example);
	example->rules.vxlan_port = 24946;
}

typedef void format_fn(const struct firewall_rules *rules, struct strbuf *ret);

static const struct golden {
	const char *name;
	void (*fill)(struct example *example);
	format_fn *format;
} goldens[] = {
	{ "mesh-overlay", example_mesh, firewall_format_overlay },
	{ "mesh-underlay", example_mesh, firewall_format_underlay },
	{ "alone-overlay", example_alone, firewall_format_overlay },
	{ "alone-underlay", example_alone, firewall_format_underlay },
	{ "exit-overlay", example_exit, firewall_format_overlay },
	{ "exit-underlay", example_exit, firewall_format_underlay },
	{ "guest-overlay", example_guest, firewall_format_overlay },
	{ "guest-underlay", example_guest, firewall_format_underlay },
	{ "anycast-overlay", example_anycast, firewall_format_overlay },
	{ "anycast-underlay", example_anycast, firewall_format_underlay },
	{ "limited-overlay", example_limited, firewall_format_overlay },
	{ "limited-exit-overlay", example_limited_exit, firewall_format_overlay },
	{ "empty-overlay", example_empty, firewall_format_overlay },
	{ "empty-underlay", example_empty, firewall_format_underlay },
	{ "mesh-vrf", example_mesh, firewall_format_vrf },
	{ "alone-vrf", example_alone, firewall_format_vrf },
	{ "exit-vrf", example_exit, firewall_format_vrf },
	{ "guest-vrf", example_guest, firewall_format_vrf },
	{ "limited-vrf", example_limited, firewall_format_vrf },
	{ "userspace-underlay", example_userspace, firewall_format_underlay },
	{ "userspace-overlay", example_userspace, firewall_format_overlay },
	{ "userspace-vrf", example_userspace, firewall_format_vrf },
};

static char *golden_text(const struct golden *golden)
{
	CLEANUP(strbuf_done) struct strbuf body = { 0 };
	struct strbuf script = { 0 };
	struct example example;

	golden->fill(&example);
	golden->format(&example.rules, &body);
	firewall_format_replace("aronet", NULL, strbuf_text(&body), &script);
	return strbuf_take(&script);
}

/* ARONET_UPDATE_GOLDEN=1 writes the files anew; read the difference before you commit it. */
static void text_is_as_in_the_golden_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(goldens); i++) {
		CLEANUP(free) char *text = golden_text(&goldens[i]);
		CLEANUP(free) char *expected = NULL;
		char path[256];
		size_t size;

		(void)snprintf(path, sizeof(path), GOLDEN_DIRECTORY "/%s.nft", goldens[i].name);
		if (getenv("ARONET_UPDATE_GOLDEN"))
			assert_int_equal(file_replace(path, text, strlen(text), 0644, NULL), 0);
		assert_int_equal(file_read(path, GOLDEN_LIMIT, &expected, &size, NULL), 0);
		assert_string_equal(text, expected);
	}
}

static void order_and_repetition_do_not_matter(void **state)
{
	CLEANUP(strbuf_done) struct strbuf once = { 0 }, again = { 0 };
	struct ip_prefix reversed[PREFIXES_MAX * 2];
	struct example example;
	size_t count = 0;

	(void)state;
	example_mesh(&example);
	firewall_format_overlay(&example.rules, &once);
	for (size_t round = 0; round < 2; round++)
		for (size_t i = example.rules.remote_count; i > 0; i--)
			reversed[count++] = example.remote[i - 1];
	example.rules.remote = reversed;
	example.rules.remote_count = count;
	firewall_format_overlay(&example.rules, &again);
	assert_string_equal(strbuf_text(&once), strbuf_text(&again));
}

static void check_order_of_tunnels(format_fn *format)
{
	CLEANUP(strbuf_done) struct strbuf once = { 0 }, again = { 0 };
	struct firewall_tunnel tunnel;
	struct firewall_limit first;
	struct example example;

	example_limited(&example);
	format(&example.rules, &once);
	first = example.limits[0];
	example.limits[0] = example.limits[1];
	example.limits[1] = first;
	tunnel = example.tunnels[0];
	example.tunnels[0] = example.tunnels[2];
	example.tunnels[2] = tunnel;
	format(&example.rules, &again);
	assert_string_equal(strbuf_text(&once), strbuf_text(&again));
}

static void order_of_tunnels_does_not_matter(void **state)
{
	(void)state;
	check_order_of_tunnels(firewall_format_overlay);
	check_order_of_tunnels(firewall_format_vrf);
}

/* What the host's own namespace sees has passed the overlay's checks. */
static void limits_are_the_overlays_business(void **state)
{
	CLEANUP(strbuf_done) struct strbuf limited = { 0 }, open = { 0 };
	struct example example;

	(void)state;
	example_limited(&example);
	firewall_format_underlay(&example.rules, &limited);
	example_mesh(&example);
	firewall_format_underlay(&example.rules, &open);
	assert_string_equal(strbuf_text(&limited), strbuf_text(&open));
}

/* A full update of ten thousand nodes with two prefixes each, every four seconds. */
static void large_mesh_may_announce_all_of_it(void **state)
{
	CLEANUP(free) struct ip_prefix *remote = NEW_ARRAY(struct ip_prefix, 20000);
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct example example;

	(void)state;
	example_mesh(&example);
	for (size_t i = 0; i < 20000; i++)
		remote[i] = example.remote[0];
	example.rules.remote = remote;
	example.rules.remote_count = 20000;
	firewall_format_overlay(&example.rules, &text);
	assert_non_null(
		strstr(strbuf_text(&text), "limit rate over 300/second burst 1500 packets"));
}

static void default_routes_are_never_inside(void **state)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct example example;

	(void)state;
	example_exit(&example);
	firewall_format_overlay(&example.rules, &text);
	firewall_format_underlay(&example.rules, &text);
	assert_null(strstr(strbuf_text(&text), "/0"));
}

/* Sets that are written inside of a rule are made anew with it, see firewall/change.h. */
static void no_rule_has_a_set_of_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(goldens); i++) {
		CLEANUP(free) char *text = golden_text(&goldens[i]);

		for (const char *brace = strchr(text, '{'); brace; brace = strchr(brace + 1, '{')) {
			bool is_limit = !strncmp(brace, "{ iifname limit ", 16) ||
					!strncmp(brace, "{ meta sdifname limit ", 22);
			bool is_elements = !strncmp(brace - 2, "= {", 3);

			if (brace[1] != '\n' && !is_limit && !is_elements)
				fail_msg("%s: %.40s", goldens[i].name, brace);
		}
	}
}

/* Intervals of a set must not overlap, and one that is in another says nothing. */
static void prefixes_within_others_are_left_out(void **state)
{
	static const char *const own[] = { "fd66::/64", NULL };
	static const char *const remote[] = { "10.1.2.0/24", "10.0.0.0/8",  "10.1.0.0/16",
					      "11.0.0.0/24", "fd67::1/128", "fd67::/64",
					      NULL };
	static const char *const nothing[] = { NULL };
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct example example;

	(void)state;
	example_fill(&example, own, remote, nothing);
	example.limits[0] =
		(struct firewall_limit) { "ar-z", example.remote, example.rules.remote_count };
	example.rules.limits = example.limits;
	example.rules.limits_count = 1;
	firewall_format_overlay(&example.rules, &text);
	assert_non_null(
		strstr(strbuf_text(&text), "elements = { 10.0.0.0/8,\n\t\t\t     11.0.0.0/24 }"));
	assert_non_null(strstr(strbuf_text(&text), "elements = { fd67::/64 }"));
	assert_non_null(strstr(strbuf_text(&text),
			       "\"ar-z\" . 10.0.0.0/8,\n\t\t\t     \"ar-z\" . 11.0.0.0/24 }"));
	assert_null(strstr(strbuf_text(&text), "10.1."));
	assert_null(strstr(strbuf_text(&text), "fd67::1"));
}

static void nothing_is_translated(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(goldens); i++) {
		CLEANUP(free) char *text = golden_text(&goldens[i]);

		assert_null(strstr(text, "type nat"));
		assert_null(strstr(text, "masquerade"));
	}
}

/* The kernel checks the batch too, in a namespace of our own. */
static void nftables_accepts_the_text(void **state)
{
	struct nft_ctx *context;

	(void)state;
	if (unshare(CLONE_NEWNET) < 0)
		skip(); /* needs root */
	context = nft_ctx_new(NFT_CTX_DEFAULT);
	(void)nft_ctx_buffer_error(context);
	for (size_t i = 0; i < ARRAY_SIZE(goldens); i++) {
		CLEANUP(free) char *text = golden_text(&goldens[i]);

		if (nft_run_cmd_from_buffer(context, text) != 0)
			fail_msg("%s: %s", goldens[i].name, nft_ctx_get_error_buffer(context));
	}
	nft_ctx_free(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_as_in_the_golden_files),
		cmocka_unit_test(order_and_repetition_do_not_matter),
		cmocka_unit_test(order_of_tunnels_does_not_matter),
		cmocka_unit_test(limits_are_the_overlays_business),
		cmocka_unit_test(large_mesh_may_announce_all_of_it),
		cmocka_unit_test(default_routes_are_never_inside),
		cmocka_unit_test(no_rule_has_a_set_of_its_own),
		cmocka_unit_test(prefixes_within_others_are_left_out),
		cmocka_unit_test(nothing_is_translated),
		cmocka_unit_test(nftables_accepts_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
