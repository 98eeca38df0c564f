// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/policy.h"

#include "registry/test_support.h"

#include "crypto/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define MOON                                                                                       \
	"{'common_name': 'moon', 'public_key': $A, 'wireguard': [{'public_key': $1}],"             \
	" 'endpoints': [{'address': '203.0.113.5', 'port': 12025, 'send_port': 50001}],"           \
	" 'remarks': {'network': 'fd66:1::/64', 'prefixs': ['192.168.128.0/24']}}"
#define SUN(network, prefixes)                                                                     \
	"{'common_name': 'sun', 'public_key': $B, 'wireguard': [{'public_key': $2}],"              \
	" 'endpoints': [{'address': 'sun.example.net', 'address_family': 'ip4', 'port': 12025,"    \
	"                'send_port': 50002}],"                                                    \
	" 'remarks': {'network': '" network "', 'prefixs': [" prefixes "]}}"
#define HOME(nodes) "[{'organization': 'home', 'public_key': $A, 'nodes': [" nodes "]}]"

/* The host "moon" with a LAN of its own, which it announces, and what it found out. */
struct host {
	struct config config;
	struct facts facts;
	struct ip_prefix prefixes[1];
	struct ip_prefix underlay[2];
	struct resolved_name names[1];
};

static int host_setup(void **state)
{
	static struct host host;

	host = (struct host) {
		.config = {
			.self = { "home", "moon" },
			.network = test_prefix("fd66:1::/64"),
			.endpoints = { {
				.family = AF_INET,
				.address = test_address("203.0.113.5"),
				.port = 12025,
				.send_port = 50001,
			} },
			.endpoints_count = 1,
			.prefixes_count = 1,
		},
		.facts = { .underlay_addresses_count = 2, .names_count = 1 },
		.prefixes = { test_prefix("192.168.128.0/24") },
		.underlay = { test_prefix("10.8.3.7/16"), test_prefix("2001:db8:5::7/64") },
		.names = { { "sun.example.net", AF_INET, test_address("198.51.100.9") } },
	};
	(void)crypto_key_from_base64("Av5sZbS3vEH43ceLOWuP1WMHruZc3Ok3zerxnGVpWWs=",
				     host.config.wireguard_public);
	host.config.prefixes = host.prefixes;
	host.facts.underlay_addresses = host.underlay;
	host.facts.names = host.names;
	*state = &host;
	return 0;
}

static int check(const struct host *host, const char *text, struct warnings *warnings,
		 struct error *error)
{
	CLEANUP(registry_free) struct registry *registry = test_registry_must_load(text, NULL);

	return registry_check_local(registry, &host->config, &host->facts, warnings, error);
}

static void policy_accepts_what_is_harmless(void **state)
{
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	struct error error = { 0 };

	if (check(*state, HOME(MOON "," SUN("fd66:2::/64", "'192.168.129.0/24', '10.7.0.0/16'")),
		  &warnings, &error) < 0)
		fail_msg("%s", error.text);
	assert_int_equal(warnings.count, 0);
}

static void policy_refuses_what_this_host_needs(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ HOME(MOON "," SUN("fd66:2::/64", "'203.0.113.0/24'")),
		  "home/sun: 203.0.113.0/24 refused by local policy (covers endpoint 203.0.113.5 "
		  "of "
		  "home/moon)" },
		{ HOME(MOON "," SUN("fd66:2::/64", "'198.51.100.9'")),
		  "home/sun: 198.51.100.9/32 refused by local policy (covers 198.51.100.9, the "
		  "address of endpoint sun.example.net)" },
		{ HOME(MOON "," SUN("fd66:2::/64", "'10.8.0.0/16'")),
		  "home/sun: 10.8.0.0/16 refused by local policy (covers 10.8.0.0/16, a network "
		  "this "
		  "host is attached to)" },
		{ HOME(MOON "," SUN("fd66:2::/64", "'10.8.9.0/24'")),
		  "home/sun: 10.8.9.0/24 refused by local policy (lies in 10.8.0.0/16, a network "
		  "this host is attached to)" },
		{ HOME(MOON "," SUN("2001:db8::/32", "")),
		  "home/sun: 2001:db8::/32 refused by local policy (covers 2001:db8:5::/64, a "
		  "network this host is attached to)" },
		{ HOME(SUN("fd66:1::/48", "")),
		  "home/sun: fd66:1::/48 refused by local policy (covers fd66:1::/64, a network of "
		  "this node)" },
		{ HOME(SUN("fd66:2::/64", "'192.168.128.128/25'")),
		  "home/sun: 192.168.128.128/25 refused by local policy (lies in 192.168.128.0/24, "
		  "a "
		  "network of this node)" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error error = { 0 };

		assert_true(check(*state, rows[i].text, NULL, &error) < 0);
		assert_int_equal(error.code, ERROR_LOCAL_POLICY);
		assert_string_equal(error.text, rows[i].message);
		assert_int_equal(error_exit_code(error.code), EXIT_POLICY);
	}
}

static void policy_lets_a_node_announce_its_own_lan(void **state)
{
	struct host *host = *state;
	struct error error = { 0 };

	host->config.prefixes[0] = test_prefix("10.8.0.0/16");
	if (check(host, HOME(SUN("fd66:2::/64", "")), NULL, &error) < 0)
		fail_msg("%s", error.text);
}

static void policy_refuses_the_own_key_as_a_peers(void **state)
{
	struct host *host = *state;
	struct error error = { 0 };

	host->config.self = (struct node_id) { "home", "earth" };
	assert_true(check(host, HOME(MOON), NULL, &error) < 0);
	assert_int_equal(error.code, ERROR_KEY_REUSED);
	assert_non_null(strstr(error.text, "home/moon"));
}

static void expect_self_warning(struct host *host, const char *text, const char *expected)
{
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	struct error error = { 0 };

	if (check(host, text, &warnings, &error) < 0)
		fail_msg("%s", error.text);
	if (warnings.count != 1)
		fail_msg("%zu warnings instead of: %s", warnings.count, expected);
	assert_string_equal(warnings.items[0].code, "E_SELF");
	assert_string_equal(warnings.items[0].text, expected);
}

static void self_absent_is_a_warning(void **state)
{
	expect_self_warning(*state, HOME(SUN("fd66:2::/64", "")),
			    "home/moon (this node) is not in the registry; others close their "
			    "tunnels to it, add it or correct its name");
}

static void self_with_another_key_is_a_warning(void **state)
{
	struct host *host = *state;

	(void)crypto_key_from_base64("F4HXck+2xZJgWv6h76ROgWdMNIsOpjPOHZ/Zxu2lgH4=",
				     host->config.wireguard_public);
	expect_self_warning(
		host, HOME(MOON),
		"registry lists WireGuard key "
		"Av5sZbS3vEH43ceLOWuP1WMHruZc3Ok3zerxnGVpWWs=, this node has "
		"F4HXck+2xZJgWv6h76ROgWdMNIsOpjPOHZ/Zxu2lgH4=; no tunnel comes up until "
		"the registry lists the right one");
}

static void self_with_another_identity_is_a_warning(void **state)
{
	struct host *host = *state;

	host->config.has_identity = true;
	expect_self_warning(host, HOME(MOON),
			    "registry lists public_key 21fe-31df-a154-a261-626b-f854-046f-d227, "
			    "this node has 6668-7aad-f862-bd77-6c8f-c18b-8e9f-8e20; correct the "
			    "registry or private_key in the configuration");
}

static void self_with_another_network_is_a_warning(void **state)
{
	struct host *host = *state;

	host->config.network = test_prefix("fd66:7::/64");
	expect_self_warning(host, HOME(MOON),
			    "registry lists network fd66:1::/64, this node has fd66:7::/64; make "
			    "them equal, others accept only what the registry lists");
}

static void self_prefixes_are_compared_both_ways(void **state)
{
	struct host *host = *state;
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	struct error error = { 0 };

	host->config.prefixes[0] = test_prefix("192.168.130.0/24");
	assert_int_equal(check(host, HOME(MOON), &warnings, &error), 0);
	assert_int_equal(test_warnings_count(&warnings, "E_SELF"), 2);
	assert_string_equal(warnings.items[0].text,
			    "registry does not list 192.168.130.0/24 for this node; others will "
			    "not accept it, add it to \"prefixs\" in the registry");
	assert_string_equal(warnings.items[1].text,
			    "registry lists 192.168.128.0/24 for this node, the configuration does "
			    "not; it is not announced, add it to \"prefixs\" or take it away");
}

static void self_endpoints_are_compared_by_serial_number(void **state)
{
	struct host *host = *state;
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	struct error error = { 0 };

	host->config.endpoints[0].send_port = 50009;
	expect_self_warning(host, HOME(MOON),
			    "registry lists send_port 50001 for endpoint 0 of this node, the "
			    "configuration says 50009; make them equal");
	host->config.endpoints[0].send_port = 0; /* as the registry says */
	assert_int_equal(check(host, HOME(MOON), &warnings, &error), 0);
	assert_int_equal(warnings.count, 0);
	host->config.endpoints[0].serial_number = 3;
	assert_int_equal(check(host, HOME(MOON), &warnings, &error), 0);
	assert_int_equal(warnings.count, 2);
	assert_non_null(strstr(warnings.items[0].text, "no endpoint 3"));
	assert_non_null(strstr(warnings.items[1].text, "endpoint 0 for this node"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(policy_accepts_what_is_harmless, host_setup),
		cmocka_unit_test_setup(policy_refuses_what_this_host_needs, host_setup),
		cmocka_unit_test_setup(policy_lets_a_node_announce_its_own_lan, host_setup),
		cmocka_unit_test_setup(policy_refuses_the_own_key_as_a_peers, host_setup),
		cmocka_unit_test_setup(self_absent_is_a_warning, host_setup),
		cmocka_unit_test_setup(self_with_another_key_is_a_warning, host_setup),
		cmocka_unit_test_setup(self_with_another_identity_is_a_warning, host_setup),
		cmocka_unit_test_setup(self_with_another_network_is_a_warning, host_setup),
		cmocka_unit_test_setup(self_prefixes_are_compared_both_ways, host_setup),
		cmocka_unit_test_setup(self_endpoints_are_compared_by_serial_number, host_setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
