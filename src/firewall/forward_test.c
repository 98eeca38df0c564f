// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewall/forward.h"

#include <linux/netfilter.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

/* The order matters to cmocka. */
#include <setjmp.h>
#include <stddef.h>

#include <cmocka.h>

#define COMPLAINT                                                                                  \
	" drops by default and may drop the overlay's packets; unless a rule accepts them: "

static const struct forwarded both = { .link = "aronet", .ipv4 = true, .ipv6 = true };

static void expect(const struct forward_chain *chain, const struct forwarded *forwarded,
		   const char *text)
{
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	struct forward_chain copy = *chain;
	const struct forward_chains chains = { &copy, 1 };

	forward_warn(&chains, forwarded, &warnings);
	assert_int_equal(warnings.count, text ? 1 : 0);
	if (!text)
		return;
	assert_string_equal(warnings.items[0].code, "W07");
	assert_string_equal(warnings.items[0].text, text);
}

static void docker_leaves_a_chain_to_the_operator(void **state)
{
	const struct forward_chain chain = {
		.family = NFPROTO_IPV4,
		.table = "filter",
		.name = "FORWARD",
		.has_docker_user = true,
	};

	(void)state;
	expect(&chain, &both,
	       "chain ip filter FORWARD" COMPLAINT "iptables -I DOCKER-USER -i aronet -j ACCEPT; "
	       "iptables -I DOCKER-USER -o aronet -j ACCEPT");
}

static void chain_of_iptables_is_mended_by_iptables(void **state)
{
	const struct forward_chain chain = {
		.family = NFPROTO_IPV6,
		.table = "filter",
		.name = "FORWARD",
	};

	(void)state;
	expect(&chain, &both,
	       "chain ip6 filter FORWARD" COMPLAINT "ip6tables -I FORWARD -i aronet -j ACCEPT; "
	       "ip6tables -I FORWARD -o aronet -j ACCEPT");
}

static void other_chains_are_mended_by_nft(void **state)
{
	const struct forward_chain chain = {
		.family = NFPROTO_INET,
		.table = "filter",
		.name = "forward",
	};

	(void)state;
	expect(&chain, &both,
	       "chain inet filter forward" COMPLAINT
	       "nft insert rule inet filter forward iifname aronet accept; "
	       "the same with oifname");
}

static void only_families_that_are_forwarded_count(void **state)
{
	static const struct {
		uint8_t family;
		bool ipv4, ipv6, told;
	} rows[] = {
		{ NFPROTO_IPV4, true, false, true },   { NFPROTO_IPV4, false, true, false },
		{ NFPROTO_IPV6, true, false, false },  { NFPROTO_IPV6, false, true, true },
		{ NFPROTO_INET, true, false, true },   { NFPROTO_INET, false, true, true },
		{ NFPROTO_INET, false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		CLEANUP(warnings_done) struct warnings warnings = { 0 };
		struct forward_chain chain = { .family = rows[i].family,
					       .table = "t",
					       .name = "c" };

		forward_warn(&(struct forward_chains) { &chain, 1 },
			     &(struct forwarded) { "aronet", rows[i].ipv4, rows[i].ipv6 },
			     &warnings);
		assert_int_equal(warnings.count, rows[i].told);
	}
}

static void chain_that_names_our_link_is_left_alone(void **state)
{
	const struct forward_chain chain = {
		.family = NFPROTO_INET,
		.table = "filter",
		.name = "forward",
		.lets_link_pass = true,
	};

	(void)state;
	expect(&chain, &both, NULL);
}

/* The kernel allows 15 characters for a link; names that people give to chains fit, too. */
static void longest_commands_are_whole(void **state)
{
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	struct forward_chain chain = { NFPROTO_IPV6, "filter", "FORWARD", true, false };

	(void)state;
	forward_warn(&(struct forward_chains) { &chain, 1 },
		     &(struct forwarded) { "fifteen-letters", true, true }, &warnings);
	assert_non_null(strstr(warnings.items[0].text, "-o fifteen-letters -j ACCEPT"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(docker_leaves_a_chain_to_the_operator),
		cmocka_unit_test(chain_of_iptables_is_mended_by_iptables),
		cmocka_unit_test(other_chains_are_mended_by_nft),
		cmocka_unit_test(only_families_that_are_forwarded_count),
		cmocka_unit_test(chain_that_names_our_link_is_left_alone),
		cmocka_unit_test(longest_commands_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
