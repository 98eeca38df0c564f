// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/legacy.h"

#include "registry/registry.h"
#include "registry/test_support.h"

#include "base/strbuf.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define TWO_NODES                                                                                  \
	"[{'organization': 'example', 'public_key': $A, 'nodes': ["                                \
	"{'common_name': 'host-01', 'wireguard': [{'public_key': $1}],"                            \
	" 'endpoints': [{'serial_number': 0, 'address': '2.2.2.2', 'port': 12025},"                \
	"               {'serial_number': 1, 'address': null, 'address_family': 'ip6',"            \
	"                'port': 12026, 'send_port': 50001, 'transports': ['ipsec']}],"            \
	" 'remarks': {'network': 'fd66:1::1/64', 'prefixs': ['192.168.128.0/24']}},"               \
	"{'common_name': 'Host 02', 'public_key': $B,"                                             \
	" 'endpoints': [{'address': 'host-02.example.net', 'address_family': 'ip4',"               \
	"                'port': 12025}],"                                                         \
	" 'remarks': {'network': 'fd66:2::/64', 'site': {'rack': [1, null]}}}]}]"

static void expect_prefix(const struct ip_prefix *prefix, const char *expected)
{
	char text[IP_PREFIX_TEXT_SIZE];

	assert_string_equal(ip_prefix_format(prefix, text), expected);
}

static void legacy_reads_every_member(void **state)
{
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	CLEANUP(registry_free)
	struct registry *registry = test_registry_must_load(TWO_NODES, &warnings);
	const struct node_id host_01 = { "example", "host-01" }, host_02 = { "example", "Host 02" };
	const struct registry_node *one = registry_find(registry, &host_01);
	const struct registry_node *two = registry_find(registry, &host_02);
	struct ip_address address = test_address("2.2.2.2");

	(void)state;
	assert_int_equal(registry->nodes_count, 2);
	assert_false(registry->is_signed);
	assert_non_null(one);
	assert_non_null(two);

	assert_true(one->has_wireguard);
	assert_int_equal(one->wireguard_key[0], 0x02);
	assert_false(one->has_identity);
	assert_true(one->identity_is_shared);
	assert_int_equal(one->identity_key[0], 0xd7);
	expect_prefix(&one->network, "fd66:1::/64");
	assert_int_equal(one->prefixes_count, 2);
	expect_prefix(&one->prefixes[0], "fd66:1::/64");
	expect_prefix(&one->prefixes[1], "192.168.128.0/24");

	assert_int_equal(one->endpoints_count, 2);
	assert_memory_equal(&one->endpoints[0].address, &address, sizeof(address));
	assert_int_equal(one->endpoints[0].family, AF_INET);
	assert_int_equal(one->endpoints[0].port, 12025);
	assert_int_equal(one->endpoints[0].send_port, 12025);
	assert_int_equal(one->endpoints[0].transports, 0);
	assert_true(endpoint_dials_out_only(&one->endpoints[1]));
	assert_int_equal(one->endpoints[1].serial_number, 1);
	assert_int_equal(one->endpoints[1].family, AF_INET6);
	assert_int_equal(one->endpoints[1].port, 12026);
	assert_int_equal(one->endpoints[1].send_port, 50001);
	assert_int_equal(one->endpoints[1].transports, TRANSPORT_IPSEC);

	assert_true(two->has_identity);
	assert_false(two->identity_is_shared);
	assert_int_equal(two->identity_key[0], 0x3d);
	assert_false(two->has_wireguard);
	assert_string_equal(two->endpoints[0].name, "host-02.example.net");
	assert_int_equal(two->prefixes_count, 1);
}

static void legacy_warns_of_shared_keys_and_host_bits(void **state)
{
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	CLEANUP(registry_free)
	struct registry *registry = test_registry_must_load(TWO_NODES, &warnings);

	(void)state;
	assert_non_null(registry);
	assert_int_equal(warnings.count, 2);
	assert_string_equal(warnings.items[0].code, "W02");
	assert_string_equal(
		warnings.items[0].text,
		"node example/host-01: fd66:1::1/64 has host bits; used as fd66:1::/64");
	assert_string_equal(warnings.items[1].code, "W01");
	assert_string_equal(warnings.items[1].text,
			    "organization example: 1 of 2 nodes share its key and could pose as "
			    "each other; give each node a public_key of its own");
}

#define NODE_WITH(endpoints, remarks)                                                              \
	"[{'organization': 'example', 'public_key': $A, 'nodes': [{'common_name': 'host-01',"      \
	" 'endpoints': [" endpoints "], 'remarks': {'network': 'fd66::/64'" remarks "}}]}]"

static void legacy_takes_a_single_endpoint_without_serial_number(void **state)
{
	CLEANUP(registry_free)
	struct registry *registry =
		test_registry_must_load(NODE_WITH("{'address': '::1', 'port': 1}", ""), NULL);

	(void)state;
	assert_int_equal(registry->nodes[0].endpoints[0].serial_number, 0);
	assert_int_equal(registry->nodes[0].endpoints[0].family, AF_INET6);
}

static void legacy_takes_serial_numbers_as_strings_in_any_order(void **state)
{
	CLEANUP(registry_free)
	struct registry *registry = test_registry_must_load(
		NODE_WITH("{'serial_number': '4294967295', 'address': '', 'address_family': 'ip4',"
			  " 'port': 1}, {'serial_number': '7', 'address_family': 'ip4', 'port': 2}",
			  ""),
		NULL);
	const struct registry_node *node = &registry->nodes[0];

	(void)state;
	assert_int_equal(node->endpoints_count, 2);
	assert_int_equal(node->endpoints[0].serial_number, 7);
	assert_int_equal(node->endpoints[1].serial_number, 4294967295u);
	assert_true(endpoint_dials_out_only(&node->endpoints[0]));
	assert_true(endpoint_dials_out_only(&node->endpoints[1]));
}

static void legacy_joins_both_lists_of_prefixes(void **state)
{
	CLEANUP(registry_free)
	struct registry *registry = test_registry_must_load(
		NODE_WITH("", ", 'prefixs': ['10.2.0.0/16', '10.1.0.0/16', 'fd66::/64'],"
			      " 'extra_network': ['10.3.0.0/16', '10.1.0.7/16', '10.4.0.1']"),
		NULL);
	static const char *const expected[] = {
		"fd66::/64", "10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16", "10.4.0.1/32",
	};
	const struct registry_node *node = &registry->nodes[0];

	(void)state;
	assert_int_equal(node->prefixes_count, ARRAY_SIZE(expected));
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		expect_prefix(&node->prefixes[i], expected[i]);
}

static void legacy_takes_organizations_without_nodes(void **state)
{
	CLEANUP(registry_free)
	struct registry *registry = test_registry_must_load(
		"[{'organization': 'a', 'public_key': $A, 'nodes': []},"
		" {'organization': 'b', 'public_key': $A, 'nodes': [{'common_name': 'n',"
		"  'endpoints': [], 'remarks': {'network': 'fd66::/64'}}]}]",
		NULL);

	(void)state;
	assert_int_equal(registry->nodes_count, 1);
}

static void legacy_takes_members_that_begin_with_x(void **state)
{
	CLEANUP(registry_free)
	struct registry *registry = test_registry_must_load(
		"[{'x-note': [], 'organization': 'b', 'public_key': $A, 'nodes': [{'x-note': 1,"
		" 'common_name': 'n', 'endpoints': [{'x-note': null, 'port': 1, 'address': "
		"'1.1.1.1'"
		"}], 'remarks': {'network': 'fd66::/64'}}]}]",
		NULL);

	(void)state;
	assert_int_equal(registry->nodes_count, 1);
}

#define ONE                                                                                        \
	"{'common_name': 'one', 'public_key': $A, 'endpoints': ["                                  \
	"{'serial_number': 0, 'address': '1.1.1.1', 'port': 1},"                                   \
	"{'serial_number': 1, 'address': '1.1.1.2', 'port': 2}],"                                  \
	"'remarks': {'network': 'fd66:1::/64', 'prefixs': ['10.1.0.0/16', '10.2.0.0/16']}}"
#define ONE_TURNED                                                                                 \
	"{'remarks': {'extra_network': ['10.2.0.0/16', '10.1.0.0/16'], 'network': 'fd66:1::/64'}," \
	"'endpoints': [{'port': 2, 'address': '1.1.1.2', 'serial_number': 1},"                     \
	"{'address': '1.1.1.1', 'port': 1, 'serial_number': '0'}],"                                \
	"'public_key': $A, 'common_name': 'one'}"
#define TWO                                                                                        \
	"{'common_name': 'two', 'public_key': $B, 'endpoints': [],"                                \
	" 'remarks': {'network': 'fd66:2::/64'}}"
#define THREE                                                                                      \
	"{'common_name': 'three', 'wireguard': [{'public_key': $1}], 'endpoints': [],"             \
	" 'remarks': {'network': 'fd66:3::/64'}}"

static void legacy_result_does_not_depend_on_order(void **state)
{
	CLEANUP(registry_free)
	struct registry *one = test_registry_must_load(
		"[{'organization': 'a', 'public_key': $A, 'nodes': [" ONE "," TWO "]},"
		"{'organization': 'b', 'public_key': $B, 'nodes': [" THREE "]}]",
		NULL);
	CLEANUP(registry_free)
	struct registry *other = test_registry_must_load(
		"[{'nodes': [" THREE "], 'public_key': $B, 'organization': 'b'},"
		"{'nodes': [" TWO "," ONE_TURNED "], 'organization': 'a', 'public_key': $A}]",
		NULL);
	unsigned added, changed, removed;

	(void)state;
	registry_difference(one, other, &added, &changed, &removed);
	assert_int_equal(added + changed + removed, 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(node_id_compare(&one->nodes[i].id, &other->nodes[i].id), 0);
	assert_string_equal(one->nodes[0].id.common_name, "one");
	assert_string_equal(one->nodes[2].id.organization, "b");
}

/* Networks fd66:N::/64 from 1 on; without keys of their own. */
static char *many_nodes(unsigned count)
{
	CLEANUP(free)
	char *head = test_registry_text("[{'organization': 'example', "
					"'public_key': $A, 'nodes': [");
	struct strbuf text = { 0 };

	strbuf_puts(&text, head);
	for (unsigned i = 1; i <= count; i++)
		strbuf_printf(&text,
			      "%s{\"common_name\": \"host-%u\", \"endpoints\": [{\"address\": "
			      "\"10.%u.%u.1\", \"port\": 12025}], \"remarks\": {\"network\": "
			      "\"fd66:%x::/64\"}}",
			      i > 1 ? "," : "", i, i >> 8, i & 255, i);
	strbuf_puts(&text, "]}]");
	return strbuf_take(&text);
}

static const struct registry_options both = {
	.allow_unsigned_config = true,
	.allow_unsigned_flag = true,
};

static void legacy_takes_10000_nodes(void **state)
{
	CLEANUP(free) char *text = many_nodes(10000);
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	CLEANUP(registry_free) struct registry *registry = NULL;
	struct error error = { 0 };

	(void)state;
	if (registry_load(text, strlen(text), "r", &both, &warnings, &registry, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
	assert_int_equal(registry->nodes_count, 10000);
	assert_int_equal(warnings.count, 1); /* W01, once */
	for (size_t i = 1; i < registry->nodes_count; i++)
		assert_true(node_id_compare(&registry->nodes[i - 1].id, &registry->nodes[i].id) <
			    0);
}

static void legacy_refuses_10001_nodes(void **state)
{
	CLEANUP(free) char *text = many_nodes(10001);
	struct registry *registry = NULL;
	struct error error = { 0 };

	(void)state;
	assert_true(registry_load(text, strlen(text), "r", &both, NULL, &registry, &error) < 0);
	assert_null(registry);
	assert_int_equal(error.code, ERROR_TOO_BIG);
	assert_non_null(strstr(error.text, "10001 nodes"));
}

static void legacy_refuses_more_than_32_mib(void **state)
{
	size_t size = LEGACY_SIZE_MAX + 1;
	CLEANUP(free) char *text = malloc(size);
	struct registry *registry = NULL;
	struct error error = { 0 };

	(void)state;
	assert_non_null(text);
	memset(text, ' ', size);
	text[0] = '[';
	text[size - 1] = ']';
	assert_int_equal(registry_load(text, size, "r", &both, NULL, &registry, &error), -EFBIG);
	assert_int_equal(error.code, ERROR_TOO_BIG);
	assert_string_equal(error.text, "registry is 33554433 bytes; limit 33554432");
}

static char *prefixes_text(unsigned count)
{
	struct strbuf text = { 0 };

	strbuf_puts(&text, "[{'organization': 'o', 'public_key': $A, 'nodes': [{'common_name': 'n',"
			   " 'endpoints': [], 'remarks': {'network': 'fd66::/64', 'prefixs': [");
	for (unsigned i = 0; i < count; i++)
		strbuf_printf(&text, "%s'10.0.%u.0/24'", i ? "," : "", i);
	strbuf_puts(&text, "]}}]}]");
	return strbuf_take(&text);
}

static void legacy_counts_the_network_among_256_prefixes(void **state)
{
	CLEANUP(free) char *fits = prefixes_text(255);
	CLEANUP(free) char *one_more = prefixes_text(256);
	CLEANUP(registry_free) struct registry *registry = test_registry_must_load(fits, NULL);
	struct registry *refused = NULL;
	struct error error = { 0 };

	(void)state;
	assert_int_equal(registry->nodes[0].prefixes_count, 256);
	assert_true(test_registry_load(one_more, NULL, &refused, &error) < 0);
	assert_int_equal(error.code, ERROR_TOO_BIG);
}

/* Errors of the allocator and of the bounds are what this looks for. */
static void legacy_survives_any_cut(void **state)
{
	CLEANUP(free) char *text = test_registry_text(TWO_NODES);
	size_t size = strlen(text);

	(void)state;
	for (size_t length = 0; length < size; length++) {
		struct registry *registry = NULL;
		struct error error = { 0 };

		assert_true(registry_load(text, length, "r", &both, NULL, &registry, &error) < 0);
		assert_null(registry);
		assert_int_equal(error_exit_code(error.code), EXIT_REGISTRY);
	}
}

/* Any one byte changed: refused with a place and a text, or taken; never a crash or a leak. */
static void legacy_survives_any_changed_byte(void **state)
{
	static const char replacements[] = { '\0', '"', '}',  ']', ',',	  '0',
					     '9',  '/', '\\', 'z', '\xff' };
	CLEANUP(free) char *text = test_registry_text(TWO_NODES);
	size_t size = strlen(text);
	unsigned taken = 0, refused = 0;

	(void)state;
	for (size_t i = 0; i < size * ARRAY_SIZE(replacements); i++) {
		CLEANUP(registry_free) struct registry *registry = NULL;
		struct error error = { 0 };
		size_t at = i / ARRAY_SIZE(replacements);
		char kept = text[at];

		text[at] = replacements[i % ARRAY_SIZE(replacements)];
		if (registry_load(text, size, "r", &both, NULL, &registry, &error) == 0) {
			taken++;
		} else {
			refused++;
			assert_null(registry);
			assert_int_not_equal(error.text[0], '\0');
			assert_int_not_equal(error.place[0], '\0');
		}
		text[at] = kept;
	}
	assert_in_range(taken, 1, refused);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(legacy_reads_every_member),
		cmocka_unit_test(legacy_warns_of_shared_keys_and_host_bits),
		cmocka_unit_test(legacy_takes_a_single_endpoint_without_serial_number),
		cmocka_unit_test(legacy_takes_serial_numbers_as_strings_in_any_order),
		cmocka_unit_test(legacy_joins_both_lists_of_prefixes),
		cmocka_unit_test(legacy_takes_organizations_without_nodes),
		cmocka_unit_test(legacy_takes_members_that_begin_with_x),
		cmocka_unit_test(legacy_result_does_not_depend_on_order),
		cmocka_unit_test(legacy_takes_10000_nodes),
		cmocka_unit_test(legacy_refuses_10001_nodes),
		cmocka_unit_test(legacy_refuses_more_than_32_mib),
		cmocka_unit_test(legacy_counts_the_network_among_256_prefixes),
		cmocka_unit_test(legacy_survives_any_cut),
		cmocka_unit_test(legacy_survives_any_changed_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
