// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/policy.h"

#include "base/strbuf.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix result;

	assert_int_equal(ip_prefix_parse(text, &result), 0);
	return result;
}

static const char expected[] = "announce 192.168.128.0/24\n"
			       "announce fd00:a::/64\n"
			       "accept fd00:c::/64 from 0123456789abcdef on ar2\n"
			       "accept 192.168.129.0/24 from 4f6f95965bc0b589 on arlwabvlup2v\n"
			       "accept 192.168.129.0/24 from 4f6f95965bc0b589 on arzzz\n"
			       "accept fd00:c::/64 from 0123456789abcdef\n"
			       "accept 192.168.129.0/24 from 4f6f95965bc0b589\n";

static void policy_is_the_same_in_any_order(void **state)
{
	struct ip_prefix own[] = { prefix("fd00:a::1/64"), prefix("192.168.128.0/24"),
				   prefix("fd00:a::/64") };
	struct ip_prefix b[] = { prefix("192.168.129.0/24") };
	struct ip_prefix c[] = { prefix("fd00:c::/64") };
	static const char b_links[][IFNAME_SIZE] = { "arzzz", "arlwabvlup2v" };
	static const char c_links[][IFNAME_SIZE] = { "ar2" };
	struct babel_policy_node nodes[] = {
		{ { 0x4f, 0x6f, 0x95, 0x96, 0x5b, 0xc0, 0xb5, 0x89 }, b, 1, b_links, 2 },
		{ { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef }, c, 1, c_links, 1 },
	};
	struct babel_policy_input input = { own, 3, false, nodes, 2 };
	CLEANUP(free) char *first = babel_policy_make(&input);
	CLEANUP(free) char *second = NULL;
	struct babel_policy_node other = nodes[0];

	(void)state;
	assert_string_equal(first, expected);
	nodes[0] = nodes[1];
	nodes[1] = other;
	input.own_count = 2;
	second = babel_policy_make(&input);
	assert_string_equal(second, expected);
}

static const char expected_without_transit[] =
	"announce fd00:a::/64\n"
	"announce nothing else\n"
	"accept 192.168.129.0/24 from 4f6f95965bc0b589 on arlwabvlup2v\n"
	"accept 192.168.129.0/24 from 4f6f95965bc0b589 on arzzz\n"
	"accept nothing else on arlwabvlup2v\n"
	"accept nothing else on arzzz\n"
	"accept fd00:c::/64 from 0123456789abcdef\n"
	"accept 192.168.129.0/24 from 4f6f95965bc0b589\n";

/* Both sides of it: this node passes nothing on, and b is heard about itself only. */
static void policy_without_transit_has_nothing_else(void **state)
{
	struct ip_prefix own[] = { prefix("fd00:a::/64") };
	struct ip_prefix b[] = { prefix("192.168.129.0/24") };
	struct ip_prefix c[] = { prefix("fd00:c::/64") };
	static const char links[][IFNAME_SIZE] = { "arzzz", "arlwabvlup2v" };
	const struct babel_policy_node nodes[] = {
		{ { 0x4f, 0x6f, 0x95, 0x96, 0x5b, 0xc0, 0xb5, 0x89 }, b, 1, links, 2, true },
		/* No tunnel leads to it: there is no interface to limit. */
		{ { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef }, c, 1, NULL, 0, true },
	};
	struct babel_policy_input input = { own, 1, true, nodes, 2 };
	CLEANUP(babel_policy_done) struct babel_policy policy = { 0 };
	CLEANUP(free) char *text = babel_policy_make(&input);

	(void)state;
	assert_string_equal(text, expected_without_transit);
	assert_int_equal(babel_policy_parse(text, &policy, NULL), 0);
	assert_int_equal(policy.rules_count, 8);
	assert_int_equal(policy.rules[1].type, BABEL_RULE_ANNOUNCE_ONLY);
	assert_int_equal(policy.rules[5].type, BABEL_RULE_ACCEPT_ONLY);
	assert_string_equal(policy.rules[5].link, "arzzz");
}

static void policy_survives_the_round_trip(void **state)
{
	CLEANUP(babel_policy_done) struct babel_policy policy = { 0 };

	(void)state;
	assert_int_equal(babel_policy_parse(expected, &policy, NULL), 0);
	assert_int_equal(policy.rules_count, 7);
	assert_int_equal(policy.rules[0].type, BABEL_RULE_ANNOUNCE);
	assert_int_equal(policy.rules[3].type, BABEL_RULE_ACCEPT_DIRECT);
	assert_string_equal(policy.rules[3].link, "arlwabvlup2v");
	assert_int_equal(policy.rules[3].router_id[0], 0x4f);
	assert_int_equal(policy.rules[3].prefix.length, 24);
	assert_int_equal(policy.rules[6].type, BABEL_RULE_ACCEPT_TRANSIT);
}

static void policy_of_nobody_is_empty(void **state)
{
	CLEANUP(babel_policy_done) struct babel_policy policy = { 0 };
	const struct babel_policy_input nobody = { 0 };
	CLEANUP(free) char *text = babel_policy_make(&nobody);

	(void)state;
	assert_string_equal(text, "");
	assert_int_equal(babel_policy_parse(text, &policy, NULL), 0);
	assert_int_equal(policy.rules_count, 0);
}

static void policy_rejects_what_it_does_not_know(void **state)
{
	static const char *const texts[] = {
		"announce\n",
		"announce fd00:a::1/64\n",
		"announce fd00:a::\n",
		"announce fd00:a::/64 \n",
		"announce  fd00:a::/64\n",
		"announce fd00:a::/64 from 0123456789abcdef\n",
		"reject fd00:a::/64\n",
		"accept fd00:a::/64\n",
		"accept fd00:a::/64 from 0123456789abcde\n",
		"accept fd00:a::/64 from 0123456789ABCDEF\n",
		"accept fd00:a::/64 from 0123456789abcdef on\n",
		"accept fd00:a::/64 from 0123456789abcdef on abcdefghijklmnop\n",
		"accept fd00:a::/64 from 0123456789abcdef on a\"b\n",
		"accept fd00:a::/64 from 0123456789abcdef on ar2 metric\n",
		"announce nothing\n",
		"announce nothing at\n",
		"announce nothing else on ar2\n",
		"accept nothing else\n",
		"accept nothing else from ar2\n",
		"accept nothing else on\n",
		"accept nothing else on a\"b\n",
		"accept nothing else on ar2 metric\n",
		"\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct babel_policy policy = { 0 };
		struct error error = { 0 };

		assert_int_equal(babel_policy_parse(texts[i], &policy, &error), -EINVAL);
		assert_int_equal(error.code, ERROR_SYNTAX);
		assert_string_equal(error.place, "babel policy:1");
	}
}

static void policy_rejects_a_line_without_end(void **state)
{
	struct babel_policy policy = { 0 };
	struct error error = { 0 };
	char text[400];

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "announce ::/0\n", 14);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(babel_policy_parse(text, &policy, &error), -EINVAL);
	assert_string_equal(error.place, "babel policy:2");
	assert_non_null(strstr(error.text, "at most 127 bytes"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(policy_is_the_same_in_any_order),
		cmocka_unit_test(policy_without_transit_has_nothing_else),
		cmocka_unit_test(policy_survives_the_round_trip),
		cmocka_unit_test(policy_of_nobody_is_empty),
		cmocka_unit_test(policy_rejects_what_it_does_not_know),
		cmocka_unit_test(policy_rejects_a_line_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
