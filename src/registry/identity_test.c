// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/identity.h"

#include "base/cleanup.h"
#include "crypto/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The vectors of the registry specification, section 15. */
static const struct node_id moon = { "home", "moon" }, sun = { "home", "sun" };

static void key(const char *text, uint8_t ret[KEY_SIZE])
{
	assert_int_equal(crypto_key_from_base64(text, ret), 0);
}

static void pem_key(const char *line, uint8_t ret[KEY_SIZE])
{
	char pem[160];

	(void)snprintf(pem, sizeof(pem),
		       "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n", line);
	assert_int_equal(crypto_ed25519_public_from_pem(pem, ret), 0);
}

static void moon_and_sun(uint8_t ret_moon[KEY_SIZE], uint8_t ret_sun[KEY_SIZE])
{
	key("Av5sZbS3vEH43ceLOWuP1WMHruZc3Ok3zerxnGVpWWs=", ret_moon);
	key("F4HXck+2xZJgWv6h76ROgWdMNIsOpjPOHZ/Zxu2lgH4=", ret_sun);
}

static void router_id_is_of_the_identity_key(void **state)
{
	static const uint8_t of_moon[] = { 0, 0, 0, 0, 0x5b, 0xc0, 0xb5, 0x89 };
	static const uint8_t of_sun[] = { 0, 0, 0, 0, 0x53, 0x2c, 0xce, 0xd2 };
	struct registry_node node = { .id = moon, .has_identity = true };
	uint8_t id[ROUTER_ID_SIZE];

	(void)state;
	pem_key("MCowBQYDK2VwAyEAEt5DKx6TMHp4h2c2UUTDyvUaclgx3TEOin30T3rkeBc=", node.identity_key);
	registry_node_router_id(&node, id);
	assert_memory_equal(id, of_moon, sizeof(id));
	pem_key("MCowBQYDK2VwAyEADb2SDuYltOqusyyWv7mU+ErybNgDX7U9tt+Fn55GOoE=", node.identity_key);
	registry_node_router_id(&node, id);
	assert_memory_equal(id, of_sun, sizeof(id));
}

static void router_id_of_a_shared_key_has_the_name_in_it(void **state)
{
	static const uint8_t expected[] = { 0, 0, 0, 0, 0x7a, 0x1b, 0xd7, 0x62 };
	struct registry_node node = { .id = moon, .identity_is_shared = true };
	uint8_t id[ROUTER_ID_SIZE];

	(void)state;
	pem_key("MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", node.identity_key);
	registry_node_router_id(&node, id);
	assert_memory_equal(id, expected, sizeof(id));
}

static void router_id_falls_back_to_the_wireguard_key(void **state)
{
	struct registry_node node = { .id = moon, .has_wireguard = true };
	uint8_t id[ROUTER_ID_SIZE], digest[CRYPTO_KEY_SIZE], unused[KEY_SIZE];
	static const uint8_t zeros[4];

	(void)state;
	moon_and_sun(node.wireguard_key, unused);
	crypto_sha256(node.wireguard_key, KEY_SIZE, digest);
	registry_node_router_id(&node, id);
	assert_memory_equal(id, zeros, 4);
	assert_memory_equal(id + 4, digest + 4, 4);
}

static void router_ids_must_be_different_and_allowed(void **state)
{
	static const struct node_id earth = { "home", "earth" };
	struct router_id_owner owners[] = {
		{ { 0, 0, 0, 0, 5, 6, 7, 8 }, &moon },
		{ { 0, 0, 0, 0, 5, 6, 7, 9 }, &sun },
		{ { 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff }, &earth },
	};
	struct error error = { 0 };

	(void)state;
	assert_int_equal(router_ids_check(owners, ARRAY_SIZE(owners), &error), 0);
	assert_int_equal(router_ids_check(NULL, 0, &error), 0);
	memset(owners[2].router_id, 0, ROUTER_ID_SIZE);
	assert_true(router_ids_check(owners, ARRAY_SIZE(owners), &error) < 0);
	assert_int_equal(error.code, ERROR_KEY_REUSED);
	assert_string_equal(error.text, "home/earth: router-id 0000000000000000 is not allowed; "
					"make a new key");
	memcpy(owners[0].router_id, owners[1].router_id, ROUTER_ID_SIZE);
	assert_true(router_ids_check(owners, ARRAY_SIZE(owners), &error) < 0);
	assert_int_equal(error.code, ERROR_KEY_REUSED);
	assert_string_equal(error.text, "router-id 0000000005060708 is that of home/earth and of "
					"home/moon; make a new key for one of them");
}

static void expect_name(enum transport transport, const struct tunnel_end *local,
			const struct tunnel_end *remote, const char *expected)
{
	char name[IFNAME_SIZE];

	tunnel_interface_name(transport, local, remote, name);
	assert_string_equal(name, expected);
}

static void interface_names_are_those_of_the_specification(void **state)
{
	uint8_t moon_key[KEY_SIZE], sun_key[KEY_SIZE];
	const struct tunnel_end at_moon = { &moon, 0, moon_key }, at_sun = { &sun, 0, sun_key };
	const struct tunnel_end ike_moon = { &moon, 0, NULL }, ike_sun = { &sun, 0, NULL };

	(void)state;
	moon_and_sun(moon_key, sun_key);
	expect_name(TRANSPORT_WIREGUARD, &at_moon, &at_sun, "arx4usaqtpeg");
	expect_name(TRANSPORT_WIREGUARD, &at_sun, &at_moon, "arlwabvlup2v");
	expect_name(TRANSPORT_IPSEC, &ike_moon, &ike_sun, "arwnmhei7br2");
}

static void interface_names_depend_on_serial_numbers_and_keys(void **state)
{
	uint8_t moon_key[KEY_SIZE], sun_key[KEY_SIZE];
	const struct tunnel_end ends[][2] = {
		{ { &moon, 1, moon_key }, { &sun, 0, sun_key } },
		{ { &moon, 0, moon_key }, { &sun, 1, sun_key } },
		{ { &moon, 1, sun_key }, { &sun, 0, moon_key } },
	};
	char names[ARRAY_SIZE(ends)][IFNAME_SIZE];

	(void)state;
	moon_and_sun(moon_key, sun_key);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		tunnel_interface_name(TRANSPORT_WIREGUARD, &ends[i][0], &ends[i][1], names[i]);
	assert_string_not_equal(names[0], names[1]);
	assert_string_not_equal(names[0], names[2]);
	assert_string_not_equal(names[1], names[2]);
}

static void ipsec_interface_names_outlive_the_keys(void **state)
{
	uint8_t moon_key[KEY_SIZE], sun_key[KEY_SIZE];
	const struct tunnel_end at_moon = { &moon, 0, moon_key }, at_sun = { &sun, 0, sun_key };
	const struct tunnel_end second = { &sun, 1, NULL };
	char name[IFNAME_SIZE];

	(void)state;
	moon_and_sun(moon_key, sun_key);
	expect_name(TRANSPORT_IPSEC, &at_moon, &at_sun, "arwnmhei7br2");
	tunnel_interface_name(TRANSPORT_IPSEC, &at_moon, &second, name);
	assert_string_not_equal(name, "arwnmhei7br2");
}

static void expect_address(enum transport transport, const struct tunnel_end *local,
			   const struct tunnel_end *remote, const char *expected)
{
	char text[IP_ADDRESS_TEXT_SIZE];
	struct ip_address address;

	tunnel_link_local_address(transport, local, remote, &address);
	assert_string_equal(ip_address_format(&address, text), expected);
}

/* Computed with sha256sum from the bytes that the specification lists. */
static void link_local_addresses_differ_on_the_two_ends(void **state)
{
	uint8_t moon_key[KEY_SIZE], sun_key[KEY_SIZE];
	const struct tunnel_end at_moon = { &moon, 0, moon_key }, at_sun = { &sun, 0, sun_key };

	(void)state;
	moon_and_sun(moon_key, sun_key);
	expect_address(TRANSPORT_WIREGUARD, &at_moon, &at_sun, "fe80::9080:131d:82fa:60b3");
	expect_address(TRANSPORT_WIREGUARD, &at_sun, &at_moon, "fe80::9d4b:5c43:5616:cdb0");
	expect_address(TRANSPORT_IPSEC, &at_moon, &at_sun, "fe80::962a:cf72:8fe3:dd0b");
	expect_address(TRANSPORT_IPSEC, &at_sun, &at_moon, "fe80::f688:a9a8:86de:a41e");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(router_id_is_of_the_identity_key),
		cmocka_unit_test(router_id_of_a_shared_key_has_the_name_in_it),
		cmocka_unit_test(router_id_falls_back_to_the_wireguard_key),
		cmocka_unit_test(router_ids_must_be_different_and_allowed),
		cmocka_unit_test(interface_names_are_those_of_the_specification),
		cmocka_unit_test(interface_names_depend_on_serial_numbers_and_keys),
		cmocka_unit_test(ipsec_interface_names_outlive_the_keys),
		cmocka_unit_test(link_local_addresses_differ_on_the_two_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
