// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/check.h"

#include "registry/test_support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* What is refused is in tests/registry-bad; here is what looks alike and must be taken. */
#define ONE(keys, endpoints)                                                                       \
	"{'common_name': 'one'," keys " 'endpoints': [" endpoints "],"                             \
	" 'remarks': {'network': 'fd66:1::/64'}}"
#define TWO(keys, endpoints)                                                                       \
	"{'common_name': 'two'," keys " 'endpoints': [" endpoints "],"                             \
	" 'remarks': {'network': 'fd66:2::/64'}}"
#define NODES(nodes) "[{'organization': 'o', 'public_key': $A, 'nodes': [" nodes "]}]"
#define KEY_1 "'wireguard': [{'public_key': $1}],"
#define KEY_2 "'wireguard': [{'public_key': $2}],"
#define AT(serial, address, rest)                                                                  \
	"{'serial_number': " serial ", 'address': '" address "', 'port': 12025" rest "}"

static void expect_accepted(const char *text)
{
	CLEANUP(registry_free) struct registry *registry = test_registry_must_load(text, NULL);
	struct error error = { 0 };

	assert_int_equal(registry_check(registry, &error), 0);
	assert_int_equal(error.code, ERROR_NONE);
}

static void check_lets_nodes_without_wireguard_share_a_port(void **state)
{
	(void)state;
	expect_accepted(
		NODES(ONE("", AT("0", "192.0.2.1", "")) "," TWO("", AT("0", "192.0.2.2", ""))));
	expect_accepted(
		NODES(ONE(KEY_1, AT("0", "192.0.2.1", "")) "," TWO("", AT("0", "192.0.2.2", ""))));
}

static void check_lets_ipsec_endpoints_share_a_port(void **state)
{
	(void)state;
	expect_accepted(NODES(ONE(KEY_1, AT("0", "192.0.2.1", "")) "," TWO(
		KEY_2, AT("0", "192.0.2.2", ", 'transports': ['ipsec']"))));
}

#define SAME_PORTS                                                                                 \
	ONE(KEY_1, AT("0", "192.0.2.1", ", 'send_port': 50001"))                                   \
	"," TWO(KEY_2, AT("0", "2001:db8::1", ", 'send_port': 50001, 'transports': ['wireguard']"))
#define THREE                                                                                      \
	"{'common_name': 'three', 'wireguard': [{'public_key': "                                   \
	"'GCkqDvD2lxwNXgXt9rSHhKwNsXgPUYQK3Yn5DGl0n3c='}], 'endpoints': [{'address': '192.0.2.3'," \
	" 'port': 12027}], 'remarks': {'network': 'fd66:3::/64'}}"

static void check_wants_send_ports_where_wireguard_runs(void **state)
{
	struct registry *registry = NULL;
	struct error error = { 0 };

	(void)state;
	expect_accepted(NODES(ONE(KEY_1, AT("0", "192.0.2.1", ", 'send_port': 50001")) "," TWO(
		KEY_2, AT("0", "192.0.2.2", ", 'send_port': 50002"))));
	/* Two nodes listen for one peer each, a third one would have to do so twice. */
	expect_accepted(NODES(SAME_PORTS));
	assert_true(test_registry_load(NODES(SAME_PORTS "," THREE), NULL, &registry, &error) < 0);
	assert_int_equal(error.code, ERROR_OVERLAP);
}

static void check_lets_two_nodes_use_one_address(void **state)
{
	(void)state;
	/* Another port, another family of the same name, the same node twice. */
	expect_accepted(NODES(ONE("", AT("0", "192.0.2.1", "")) "," TWO(
		"", "{'address': '192.0.2.1', 'port': 12026}")));
	expect_accepted(NODES(ONE("", AT("0", "a.example", ", 'address_family': 'ip4'")) "," TWO(
		"", AT("0", "a.example", ", 'address_family': 'ip6'"))));
	expect_accepted(NODES(ONE("", AT("0", "192.0.2.1", "") "," AT("1", "192.0.2.1", ""))));
}

static void check_lets_dial_only_endpoints_be_alike(void **state)
{
	(void)state;
	expect_accepted(
		NODES(ONE("", "{'address': null, 'address_family': 'ip4', 'port': 12025}") "," TWO(
			"", "{'address': null, 'address_family': 'ip4', 'port': 12025}")));
}

static void check_lets_an_own_prefix_lie_in_the_own_network(void **state)
{
	(void)state;
	expect_accepted("[{'organization': 'o', 'public_key': $A, 'nodes': [{'common_name': 'n',"
			" 'endpoints': [], 'remarks': {'network': 'fd66::/48', 'prefixs': ["
			"'fd66:0:0:1::/64', '10.0.0.0/8', '10.1.0.0/16']}}]}]");
}

/* Which of several faults is told must not depend on the order of the document. */
static void check_tells_the_same_fault_in_any_order(void **state)
{
	struct error one = { 0 }, other = { 0 };
	struct registry *registry = NULL;

	(void)state;
	assert_true(test_registry_load(NODES(ONE(KEY_1, "") "," TWO(KEY_1, "")), NULL, &registry,
				       &one) < 0);
	assert_true(test_registry_load(NODES(TWO(KEY_1, "") "," ONE(KEY_1, "")), NULL, &registry,
				       &other) < 0);
	assert_string_equal(one.text, other.text);
	assert_non_null(strstr(one.text, "o/one and o/two"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_lets_nodes_without_wireguard_share_a_port),
		cmocka_unit_test(check_lets_ipsec_endpoints_share_a_port),
		cmocka_unit_test(check_wants_send_ports_where_wireguard_runs),
		cmocka_unit_test(check_lets_two_nodes_use_one_address),
		cmocka_unit_test(check_lets_dial_only_endpoints_be_alike),
		cmocka_unit_test(check_lets_an_own_prefix_lie_in_the_own_network),
		cmocka_unit_test(check_tells_the_same_fault_in_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
