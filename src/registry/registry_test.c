// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/registry.h"

#include "registry/test_bundle.h"
#include "registry/test_support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define NODE(name, port, network, prefix)                                                          \
	"{'common_name': '" name "', 'endpoints': [{'address': '192.0.2.1', 'port': " port "}],"   \
	" 'remarks': {'network': '" network "', 'prefixs': ['" prefix "']}}"
#define NODES(nodes) "[{'organization': 'o', 'public_key': $A, 'nodes': [" nodes "]}]"
#define EMPTY "[{'organization': 'o', 'public_key': $A, 'nodes': []}]"

static int load(const char *short_text, bool config, bool flag, bool empty, struct error *error)
{
	const struct registry_options options = {
		.allow_unsigned_config = config,
		.allow_unsigned_flag = flag,
		.allow_empty = empty,
	};
	CLEANUP(free) char *text = test_registry_text(short_text);
	CLEANUP(registry_free) struct registry *registry = NULL;
	int result = registry_load(text, strlen(text), "registry.json", &options, NULL, &registry,
				   error);

	assert_int_equal(result == 0, registry != NULL);
	return result;
}

static void load_wants_both_switches_for_an_unsigned_registry(void **state)
{
	const char *text = " \n\t\r" NODES(NODE("n", "1", "fd66::/64", "10.0.0.0/8"));
	struct error error = { 0 };

	(void)state;
	for (unsigned switches = 0; switches < 3; switches++) {
		assert_true(load(text, switches & 1, switches & 2, false, &error) < 0);
		assert_int_equal(error.code, ERROR_UNSIGNED);
		assert_string_equal(error.place, "");
		assert_string_equal(
			error.text,
			"registry.json is an unsigned aronet registry; refused. Sign it (aronet "
			"registry import) or set \"registry\": {\"allow_unsigned\": true} and "
			"pass --allow-unsigned");
	}
	assert_int_equal(load(text, true, true, false, &error), 0);
}

static void load_removes_all_nodes_only_when_told_to(void **state)
{
	static const char *const texts[] = { EMPTY, "[]" };
	struct error error = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		assert_true(load(texts[i], true, true, false, &error) < 0);
		assert_int_equal(error.code, ERROR_OMITTED);
		assert_int_equal(load(texts[i], true, true, true, &error), 0);
	}
}

static void load_verifies_what_looks_signed(void **state)
{
	const struct registry_options options = {
		.allow_unsigned_config = true,
		.allow_unsigned_flag = true,
	};
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	struct registry *registry = NULL;
	struct error error = { 0 };
	size_t size;
	CLEANUP(free) char *text = test_bundle_text(t, &size);

	(void)state;
	assert_true(load("{'aronet_bundle': 1, 'envelopes': []}", true, true, false, &error) < 0);
	assert_int_equal(error.code, ERROR_ENVELOPE);
	/* The switches are for unsigned ones. */
	assert_true(registry_load(text, size, "r", &options, NULL, &registry, &error) < 0);
	assert_int_equal(error.code, ERROR_MESH_PIN);
	assert_true(registry_is_bundle(text, size));
	assert_false(registry_is_bundle("[]", 2));
}

static void load_refuses_unsigned_ones_where_signed_ones_were_accepted(void **state)
{
	const struct trust trust = { .manifest = { .version = 481 } };
	struct registry_options options = {
		.allow_unsigned_config = true,
		.allow_unsigned_flag = true,
		.verify = { .trust = &trust },
	};
	CLEANUP(free)
	char *text = test_registry_text(NODES(NODE("n", "1", "fd66::/64", "10.0.0.0/8")));
	struct registry *registry = NULL;
	struct error error = { 0 };

	(void)state;
	assert_true(registry_load(text, strlen(text), "r", &options, NULL, &registry, &error) < 0);
	assert_int_equal(error.code, ERROR_UNSIGNED_DOWNGRADE);
	assert_string_equal(error.text, "refusing an unsigned registry: this node has already "
					"accepted signed manifest 481; run aronet registry "
					"reset-trust to go back");
	options.verify.trust = NULL;
	options.has_signed_state = true;
	assert_true(registry_load(text, strlen(text), "r", &options, NULL, &registry, &error) < 0);
	assert_int_equal(error.code, ERROR_UNSIGNED_DOWNGRADE);
}

static void load_works_without_warnings_and_error(void **state)
{
	(void)state;
	assert_true(load("null", true, true, false, NULL) < 0);
	assert_true(load("[", true, true, false, NULL) < 0);
	assert_true(load(NODES(NODE("n", "1", "fd66::/64", "127.0.0.0/8")), true, true, false,
			 NULL) < 0);
	assert_int_equal(
		load(NODES(NODE("n", "1", "fd66::1/64", "10.0.0.0/8")), true, true, false, NULL),
		0);
}

static void expect_difference(const char *old_text, const char *new_text, unsigned added,
			      unsigned changed, unsigned removed)
{
	CLEANUP(registry_free)
	struct registry *old = old_text ? test_registry_must_load(old_text, NULL) : NULL;
	CLEANUP(registry_free)
	struct registry *new = new_text ? test_registry_must_load(new_text, NULL) : NULL;
	unsigned counts[3];

	registry_difference(old, new, &counts[0], &counts[1], &counts[2]);
	assert_int_equal(counts[0], added);
	assert_int_equal(counts[1], changed);
	assert_int_equal(counts[2], removed);
}

#define A NODE("a", "1", "fd66:1::/64", "10.1.0.0/16")
#define B NODE("b", "2", "fd66:2::/64", "10.2.0.0/16")
#define C NODE("c", "3", "fd66:3::/64", "10.3.0.0/16")

static void difference_counts_nodes(void **state)
{
	(void)state;
	expect_difference(NULL, NULL, 0, 0, 0);
	expect_difference(NULL, NODES(A "," B), 2, 0, 0);
	expect_difference(NODES(A "," B), NULL, 0, 0, 2);
	expect_difference(NODES(A "," B "," C), NODES(C "," A "," B), 0, 0, 0);
	expect_difference(NODES(A "," C), NODES(B), 1, 0, 2);
	expect_difference(NODES(B), NODES(A "," B "," C), 2, 0, 0);
}

static void difference_sees_every_kind_of_change(void **state)
{
#define KEYS(keys)                                                                                 \
	"{'common_name': 'a'," keys " 'endpoints': [{'address': '192.0.2.1', 'port': 1}],"         \
	" 'remarks': {'network': 'fd66:1::/64', 'prefixs': ['10.1.0.0/16']}}"
#define ENDPOINTS(endpoints)                                                                       \
	"{'common_name': 'a', 'endpoints': [" endpoints "],"                                       \
	" 'remarks': {'network': 'fd66:1::/64', 'prefixs': ['10.1.0.0/16']}}"
	static const char *const changes[] = {
		NODES(NODE("a", "9", "fd66:1::/64", "10.1.0.0/16")),
		NODES(NODE("a", "1", "fd66:9::/64", "10.1.0.0/16")),
		NODES(NODE("a", "1", "fd66:1::/64", "10.9.0.0/16")),
		NODES(NODE("a", "1", "fd66:1::/64", "10.1.0.0/16', '10.9.0.0/16")),
		NODES(KEYS("'public_key': $B,")),
		NODES(KEYS("'public_key': $A,")),
		NODES(KEYS("'wireguard': [{'public_key': $1}],")),
		NODES(ENDPOINTS("")),
		NODES(ENDPOINTS("{'address': '192.0.2.2', 'port': 1}")),
		NODES(ENDPOINTS("{'address': null, 'address_family': 'ip4', 'port': 1}")),
		NODES(ENDPOINTS("{'address': '2001:db8::1', 'port': 1}")),
		NODES(ENDPOINTS("{'address': 'a.example', 'address_family': 'ip4', 'port': 1}")),
		NODES(ENDPOINTS("{'address': '192.0.2.1', 'port': 1, 'send_port': 2}")),
		NODES(ENDPOINTS("{'address': '192.0.2.1', 'port': 1, 'serial_number': 1}")),
		NODES(ENDPOINTS("{'address': '192.0.2.1', 'port': 1, 'transports': ['ipsec']}")),
	};

	(void)state;
	expect_difference(NODES(A), NODES(KEYS("")), 0, 0, 0);
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++)
		expect_difference(NODES(A), changes[i], 0, 1, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(load_wants_both_switches_for_an_unsigned_registry),
		cmocka_unit_test(load_removes_all_nodes_only_when_told_to),
		cmocka_unit_test(load_verifies_what_looks_signed),
		cmocka_unit_test(load_refuses_unsigned_ones_where_signed_ones_were_accepted),
		cmocka_unit_test(load_works_without_warnings_and_error),
		cmocka_unit_test(difference_counts_nodes),
		cmocka_unit_test(difference_sees_every_kind_of_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
