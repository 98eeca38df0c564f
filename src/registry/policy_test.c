// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/policy.h"

#include "registry/test_support.h"

#include "base/strbuf.h"
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
			.has_wireguard = true,
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
		{ HOME(MOON "," SUN("fd66:2::/64", "'0.0.0.0/0'")),
		  "home/sun: 0.0.0.0/0 refused by local policy (default route); to use that exit, "
		  "name the node in \"accept_default_from\"" },
		{ HOME(MOON "," SUN("fd66:2::/64", "'::/0'")),
		  "home/sun: ::/0 refused by local policy (default route); to use that exit, name "
		  "the node in \"accept_default_from\"" },
		{ HOME(SUN("fd66:2::/64", "'fd66:1::ffff:0:0:a/128'")),
		  "home/sun: fd66:1::ffff:0:0:a/128 refused by local policy (lies in fd66:1::/64, "
		  "a "
		  "network of this node)" },
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

/* That peer has no tunnel then; the others must not suffer from it (see intend). */
static void policy_lets_a_name_resolve_into_the_overlay(void **state)
{
	struct error error = { 0 };

	if (check(*state, HOME(MOON "," SUN("fd66:2::/64", "'198.51.100.0/24'")), NULL, &error) < 0)
		fail_msg("%s", error.text);
}

static void policy_takes_a_default_route_from_whom_it_names(void **state)
{
	static struct node_id exits[] = { { "home", "earth" }, { "home", "sun" } };
	struct host *host = *state;
	struct error error = { 0 };

	host->config.registry.accept_default_from = exits;
	host->config.registry.accept_default_from_count = 2;
	if (check(host, HOME(MOON "," SUN("fd66:2::/64", "'0.0.0.0/0', '::/0'")), NULL, &error) < 0)
		fail_msg("%s", error.text);
	host->config.registry.accept_default_from_count = 1;
	assert_true(check(host, HOME(MOON "," SUN("fd66:2::/64", "'::/0'")), NULL, &error) < 0);
}

static void policy_lets_this_node_be_an_exit(void **state)
{
	struct host *host = *state;
	struct error error = { 0 };

	host->config.self = (struct node_id) { "home", "sun" };
	(void)crypto_key_from_base64("F4HXck+2xZJgWv6h76ROgWdMNIsOpjPOHZ/Zxu2lgH4=",
				     host->config.wireguard_public);
	host->config.network = test_prefix("fd66:2::/64");
	host->config.prefixes[0] = test_prefix("0.0.0.0/0");
	if (check(host, HOME(MOON "," SUN("fd66:2::/64", "'0.0.0.0/0'")), NULL, &error) < 0)
		fail_msg("%s", error.text);
}

static void policy_takes_only_what_accept_lists(void **state)
{
	static struct node_id exits[] = { { "home", "sun" } };
	struct ip_prefix accept[] = { test_prefix("fd66::/16"), test_prefix("10.0.0.0/8") };
	struct host *host = *state;
	struct error error = { 0 };

	host->config.registry.accept = accept;
	host->config.registry.accept_count = ARRAY_SIZE(accept);
	host->config.registry.accept_default_from = exits;
	host->config.registry.accept_default_from_count = 1;
	/* Prefixes of this node need not be in it. */
	if (check(host, HOME(MOON "," SUN("fd66:2::/64", "'10.7.0.0/16', '0.0.0.0/0'")), NULL,
		  &error) < 0)
		fail_msg("%s", error.text);
	assert_true(check(host, HOME(SUN("fd66:2::/64", "'172.16.0.0/24'")), NULL, &error) < 0);
	assert_int_equal(error.code, ERROR_LOCAL_POLICY);
	assert_string_equal(error.text, "home/sun: 172.16.0.0/24 refused by local policy (not in "
					"\"accept\")");
	assert_true(check(host, HOME(SUN("fd66:2::/64", "'8.0.0.0/6'")), NULL, &error) < 0);
	assert_string_equal(error.text,
			    "home/sun: 8.0.0.0/6 refused by local policy (not in \"accept\")");
}

static void policy_refuses_what_deny_overlaps(void **state)
{
	static const struct {
		const char *prefixes, *message;
	} rows[] = {
		{ "'10.1.0.0/16'", "home/sun: 10.1.0.0/16 refused by local policy (covers "
				   "10.1.0.0/16, which \"deny\" lists)" },
		{ "'10.1.2.0/24'", "home/sun: 10.1.2.0/24 refused by local policy (lies in "
				   "10.1.0.0/16, which \"deny\" lists)" },
		{ "'10.0.0.0/14'", "home/sun: 10.0.0.0/14 refused by local policy (covers "
				   "10.1.0.0/16, which \"deny\" lists)" },
	};
	struct ip_prefix deny[] = { test_prefix("10.1.0.0/16") };
	struct host *host = *state;
	struct error error = { 0 };

	host->config.registry.deny = deny;
	host->config.registry.deny_count = 1;
	if (check(host, HOME(MOON "," SUN("fd66:2::/64", "'10.2.0.0/16'")), NULL, &error) < 0)
		fail_msg("%s", error.text);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(strbuf_done) struct strbuf text = { 0 };

		strbuf_printf(&text, HOME(SUN("fd66:2::/64", "%s")), rows[i].prefixes);
		assert_true(check(host, strbuf_text(&text), NULL, &error) < 0);
		assert_int_equal(error.code, ERROR_LOCAL_POLICY);
		assert_string_equal(error.text, rows[i].message);
	}
}

static void policy_counts_prefixes_of_others(void **state)
{
	struct host *host = *state;
	struct error error = { 0 };

	host->config.registry.max_prefixes = 2;
	if (check(host, HOME(MOON "," SUN("fd66:2::/64", "'10.2.0.0/16'")), NULL, &error) < 0)
		fail_msg("%s", error.text);
	assert_true(check(host, HOME(MOON "," SUN("fd66:2::/64", "'10.2.0.0/16', '10.3.0.0/16'")),
			  NULL, &error) < 0);
	assert_int_equal(error.code, ERROR_LOCAL_POLICY);
	assert_string_equal(error.text, "other nodes have 3 prefixes, refused by local policy "
					"(max_prefixes is 2)");
}

#define ANYCAST(name, keys, network, prefix)                                                       \
	"{'common_name': '" name "', " keys ", 'endpoints': [], 'anycast': ['" prefix "'],"        \
	" 'remarks': {'network': '" network "', 'prefixs': ['" prefix "']}}"
#define MOON_ANYCAST(prefix)                                                                       \
	ANYCAST("moon", "'public_key': $A, 'wireguard': [{'public_key': $1}]", "fd66:1::/64",      \
		prefix)
#define SUN_ANYCAST(prefix)                                                                        \
	ANYCAST("sun", "'public_key': $B, 'wireguard': [{'public_key': $2}]", "fd66:2::/64", prefix)

/* It is at home here, so nothing is taken away, whatever of it this host is attached to. */
static void policy_lets_another_node_have_an_anycast_prefix_of_this_one(void **state)
{
	struct host *host = *state;
	struct error error = { 0 };

	host->underlay[0] = test_prefix("192.168.128.7/25");
	host->config.endpoints_count = 0;
	if (check(host, HOME(MOON_ANYCAST("192.168.128.0/24") "," SUN_ANYCAST("192.168.128.0/24")),
		  NULL, &error) < 0)
		fail_msg("%s", error.text);
	/* The registry says that this node has it, the configuration does not. */
	host->config.prefixes_count = 0;
	assert_true(
		check(host,
		      HOME(MOON_ANYCAST("192.168.128.0/24") "," SUN_ANYCAST("192.168.128.0/24")),
		      NULL, &error) < 0);
	assert_string_equal(error.text,
			    "home/sun: 192.168.128.0/24 refused by local policy (covers "
			    "192.168.128.0/25, a network this host is attached to)");
}

static void expect_nodes(const struct registry *registry, const char *first, const char *second)
{
	assert_int_equal(registry->nodes_count, second ? 2 : 1);
	assert_string_equal(registry->nodes[0].id.common_name, first);
	if (second)
		assert_string_equal(registry->nodes[1].id.common_name, second);
}

static void policy_leaves_out_nodes_with_denied_keys(void **state)
{
	CLEANUP(registry_free)
	struct registry *registry = test_registry_must_load(
		HOME("{'common_name': 'earth', 'endpoints': [], 'public_key': $M,"
		     " 'remarks': {'network': 'fd66:3::/64'}}," MOON "," SUN("fd66:2::/64", "")),
		NULL);
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	struct host *host = *state;
	uint8_t keys[3][KEY_SIZE];

	host->config.registry.deny_keys = keys;
	memcpy(keys[0], registry->nodes[2].wireguard_key, KEY_SIZE); /* sun */
	memcpy(keys[1], registry->nodes[1].wireguard_key, KEY_SIZE); /* moon, this node */
	memcpy(keys[2], registry->nodes[0].identity_key, KEY_SIZE);  /* earth */
	host->config.registry.deny_keys_count = 3;
	registry_apply_policy(registry, &host->config, &warnings);
	expect_nodes(registry, "moon", NULL);
	assert_null(registry_find(registry, &(struct node_id) { "home", "sun" }));
	assert_int_equal(test_warnings_count(&warnings, "E_LOCAL_POLICY"), 2);
	assert_string_equal(warnings.items[0].text, "home/earth is left out: its public_key is in "
						    "\"deny_keys\" of this node");
	assert_string_equal(warnings.items[1].text, "home/sun is left out: its WireGuard key is in "
						    "\"deny_keys\" of this node");

	/* Another configuration: all are there again but one. */
	host->config.registry.deny_keys_count = 1;
	registry_apply_policy(registry, &host->config, NULL);
	expect_nodes(registry, "earth", "moon");
	host->config.registry.deny_keys_count = 0;
	registry_apply_policy(registry, &host->config, NULL);
	assert_int_equal(registry->nodes_count, 3);
	assert_string_equal(registry->nodes[2].id.common_name, "sun");
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

#define TWO_ENDPOINTS                                                                              \
	"{'common_name': 'moon', 'public_key': $A, 'wireguard': [{'public_key': $1}],"             \
	" 'endpoints': [{'serial_number': 0, 'address': '203.0.113.5', 'port': 12025,"             \
	" 'send_port': 50001}, {'serial_number': 1, 'address': '203.0.113.6', 'port': 12027,"      \
	" 'send_port': 50002}],"                                                                   \
	" 'remarks': {'network': 'fd66:1::/64', 'prefixs': ['192.168.128.0/24']}}"
#define WITH_TRANSPORTS(transports)                                                                \
	"{'common_name': 'moon', 'public_key': $A, 'wireguard': [{'public_key': $1}],"             \
	" 'endpoints': [{'address': '203.0.113.5', 'port': 12025, 'send_port': 50001,"             \
	" 'transports': [" transports "]}],"                                                       \
	" 'remarks': {'network': 'fd66:1::/64', 'prefixs': ['192.168.128.0/24']}}"

static void self_transports_are_compared_if_both_name_them(void **state)
{
	static const char registry[] = HOME(WITH_TRANSPORTS("'ipsec', 'wireguard'"));
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	struct host *host = *state;
	uint8_t *ours = &host->config.endpoints[0].transports;

	assert_int_equal(check(host, registry, &warnings, NULL), 0);
	*ours = TRANSPORT_WIREGUARD | TRANSPORT_IPSEC;
	assert_int_equal(check(host, registry, &warnings, NULL), 0);
	*ours = TRANSPORT_IPSEC;
	assert_int_equal(check(host, HOME(MOON), &warnings, NULL), 0);
	assert_int_equal(warnings.count, 0);
	expect_self_warning(host, registry,
			    "registry lists transports wireguard, ipsec for endpoint 0 of this "
			    "node, the configuration says ipsec; what both say is used, make them "
			    "equal");
}

static void self_without_the_wireguard_key_of_the_registry_is_a_warning(void **state)
{
	struct host *host = *state;

	host->config.has_wireguard = false;
	expect_self_warning(host, HOME(MOON),
			    "registry lists WireGuard key "
			    "Av5sZbS3vEH43ceLOWuP1WMHruZc3Ok3zerxnGVpWWs=, this node has none; "
			    "others try it in vain, take it out of the registry");
}

/* With WireGuard it does not matter. */
static void self_with_another_port_for_ipsec_is_a_warning(void **state)
{
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	struct crypto_signing_key key = test_signing_key('A');
	struct host *host = *state;

	host->config.has_identity = true;
	memcpy(host->config.identity_public, key.public_key, KEY_SIZE);
	host->config.endpoints[0].port++;
	assert_int_equal(check(host, HOME(MOON), &warnings, NULL), 0);
	assert_int_equal(warnings.count, 0);
	host->config.endpoints[0].transports = TRANSPORT_IPSEC;
	expect_self_warning(host, HOME(MOON),
			    "registry lists port 12025 for endpoint 0 of this node, whose IPsec "
			    "has port 12026; others dial it in vain, make them equal");
	/* The port of the first endpoint is that of all. */
	host->config.endpoints[1] = host->config.endpoints[0];
	host->config.endpoints[1].serial_number = 1;
	host->config.endpoints[1].port = 12027;
	host->config.endpoints[1].send_port = 50002;
	host->config.endpoints[0].port = 12025;
	host->config.endpoints_count = 2;
	expect_self_warning(host, HOME(TWO_ENDPOINTS),
			    "registry lists port 12027 for endpoint 1 of this node, whose IPsec "
			    "has port 12025; others dial it in vain, make them equal");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(policy_accepts_what_is_harmless, host_setup),
		cmocka_unit_test_setup(policy_refuses_what_this_host_needs, host_setup),
		cmocka_unit_test_setup(policy_lets_a_node_announce_its_own_lan, host_setup),
		cmocka_unit_test_setup(policy_refuses_the_own_key_as_a_peers, host_setup),
		cmocka_unit_test_setup(policy_lets_a_name_resolve_into_the_overlay, host_setup),
		cmocka_unit_test_setup(policy_takes_a_default_route_from_whom_it_names, host_setup),
		cmocka_unit_test_setup(policy_lets_this_node_be_an_exit, host_setup),
		cmocka_unit_test_setup(policy_takes_only_what_accept_lists, host_setup),
		cmocka_unit_test_setup(policy_refuses_what_deny_overlaps, host_setup),
		cmocka_unit_test_setup(policy_counts_prefixes_of_others, host_setup),
		cmocka_unit_test_setup(policy_lets_another_node_have_an_anycast_prefix_of_this_one,
				       host_setup),
		cmocka_unit_test_setup(policy_leaves_out_nodes_with_denied_keys, host_setup),
		cmocka_unit_test_setup(self_absent_is_a_warning, host_setup),
		cmocka_unit_test_setup(self_with_another_key_is_a_warning, host_setup),
		cmocka_unit_test_setup(self_with_another_identity_is_a_warning, host_setup),
		cmocka_unit_test_setup(self_with_another_network_is_a_warning, host_setup),
		cmocka_unit_test_setup(self_prefixes_are_compared_both_ways, host_setup),
		cmocka_unit_test_setup(self_endpoints_are_compared_by_serial_number, host_setup),
		cmocka_unit_test_setup(self_transports_are_compared_if_both_name_them, host_setup),
		cmocka_unit_test_setup(self_without_the_wireguard_key_of_the_registry_is_a_warning,
				       host_setup),
		cmocka_unit_test_setup(self_with_another_port_for_ipsec_is_a_warning, host_setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
