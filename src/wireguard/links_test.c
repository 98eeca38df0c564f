// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireguard/links.h"

#include "wireguard/test_devices.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static bool parse(const char *kind, const char *alias, uint32_t group, struct wireguard_link *ret)
{
	struct link_info info = { .name = "art0", .group = group };

	(void)snprintf(info.kind, sizeof(info.kind), "%s", kind);
	(void)snprintf(info.alias, sizeof(info.alias), "%s", alias);
	return wireguard_link_from_info(&info, "sun", ret);
}

static void endpoint_stands_behind_the_label(void **state)
{
	static const char *const endpoints[] = { "203.0.113.5:20001", "[2001:db8::1]:20001" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(endpoints); i++) {
		struct ip_endpoint expected = test_endpoint(endpoints[i]);
		struct wireguard_link link;
		char alias[LINK_ALIAS_SIZE];

		link_alias_format("sun", "example/moon/0", endpoints[i], alias);
		assert_true(parse("wireguard", alias, LINK_GROUP, &link));
		assert_string_equal(link.name, "art0");
		assert_string_equal(link.label, "example/moon/0");
		assert_int_equal(ip_endpoint_compare(&link.recorded, &expected), 0);
	}
}

static void alias_without_an_endpoint_records_none(void **state)
{
	static const char *const aliases[] = { "aronet:sun:a/b/0", "aronet:sun:a/b/0@",
					       "aronet:sun:a/b/0@moon" };
	struct wireguard_link link;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++) {
		assert_true(parse("tun", aliases[i], LINK_GROUP, &link));
		assert_true(link.is_tun);
		assert_string_equal(link.label, "a/b/0");
		assert_false(ip_address_present(&link.recorded.address));
	}
}

static void tunnel_is_ours_by_kind_group_and_alias(void **state)
{
	struct wireguard_link link;

	(void)state;
	assert_true(parse("wireguard", "aronet:sun:a/b/0", LINK_GROUP, &link));
	assert_false(link.is_tun);
	assert_false(parse("wireguard", "aronet:sun:a/b/0", 54, &link));
	assert_false(parse("wireguard", "aronet:sunny:a/b/0", LINK_GROUP, &link));
	assert_false(parse("wireguard", "wan", LINK_GROUP, &link));
	assert_false(parse("wireguard", "", LINK_GROUP, &link));
	assert_false(parse("veth", "aronet:sun:veth", LINK_GROUP, &link));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(endpoint_stands_behind_the_label),
		cmocka_unit_test(alias_without_an_endpoint_records_none),
		cmocka_unit_test(tunnel_is_ours_by_kind_group_and_alias),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
