// SPDX-License-Identifier: GPL-2.0-or-later
#include "srv6/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix parsed = { 0 };

	assert_int_equal(ip_prefix_parse(text, &parsed), 0);
	return parsed;
}

static void internal_addresses_are_formed_from_the_network(void **state)
{
	static const struct {
		const char *network;
		enum srv6_function function;
		const char *address;
	} cases[] = {
		{ "fd66::/64", SRV6_MAIN, "fd66::ffff:0:0:1" },
		{ "fd66::/64", SRV6_OVERLAY, "fd66::ffff:0:0:2" },
		{ "fd66::/64", SRV6_END, "fd66::ffff:0:0:a" },
		{ "fd66::/64", SRV6_DECAPSULATE_IPV4, "fd66::ffff:0:0:b" },
		{ "fd66::/64", SRV6_DECAPSULATE_IPV6, "fd66::ffff:0:0:c" },
		{ "2001:db8:1::/48", SRV6_MAIN, "2001:db8:1:0:ffff::1" },
		{ "2001:db8:1:200::/60", SRV6_END, "2001:db8:1:200:ffff::a" },
	};
	char text[IP_ADDRESS_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ip_prefix network = prefix(cases[i].network);
		struct ip_address address = srv6_internal_address(&network, cases[i].function);
		struct ip_prefix internal = srv6_internal_prefix(&network);

		assert_string_equal(ip_address_format(&address, text), cases[i].address);
		assert_true(ip_prefix_contains_address(&internal, &address));
		assert_true(ip_prefix_contains(&network, &internal));
		assert_false(ip_prefix_has_host_bits(&internal));
	}
}

static void internal_prefix_is_the_ffff_80_of_the_network(void **state)
{
	struct ip_prefix network = prefix("fd66::/64");
	struct ip_prefix internal = srv6_internal_prefix(&network);
	char text[IP_PREFIX_TEXT_SIZE];

	(void)state;
	assert_string_equal(ip_prefix_format(&internal, text), "fd66::ffff:0:0:0/80");
}

static void networks_without_room_are_not_usable(void **state)
{
	struct ip_prefix too_long = prefix("fd66::/65");
	struct ip_prefix with_host_bits = prefix("fd66::1/64");
	struct ip_prefix ipv4 = prefix("10.0.0.0/8");
	struct ip_prefix longest = prefix("fd66::/64");

	(void)state;
	assert_false(srv6_network_is_usable(&too_long));
	assert_false(srv6_network_is_usable(&with_host_bits));
	assert_false(srv6_network_is_usable(&ipv4));
	assert_true(srv6_network_is_usable(&longest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(internal_addresses_are_formed_from_the_network),
		cmocka_unit_test(internal_prefix_is_the_ffff_80_of_the_network),
		cmocka_unit_test(networks_without_room_are_not_usable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
