// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/node_write.h"

#include "registry/test_support.h"

#include "base/strbuf.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

CLEANUP_DEFINE(struct json_object *, json_object_put);

#define PLAIN JSON_C_TO_STRING_NOSLASHESCAPE

/* A registry of organization "example" with this one node; $A is the key of the organization. */
static struct registry *load_node(const char *node)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	strbuf_printf(&text, "[{'organization': 'example', 'public_key': $A, 'nodes': [%s]}]",
		      node);
	return test_registry_must_load(strbuf_text(&text), NULL);
}

static void expect_same_again(const char *node)
{
	CLEANUP(registry_free) struct registry *before = load_node(node);
	CLEANUP(json_object_put) struct json_object *object = node_to_json(&before->nodes[0]);
	const char *written = json_object_to_json_string_ext(object, PLAIN);
	CLEANUP(registry_free) struct registry *after = load_node(written);
	unsigned added, changed, removed;

	registry_difference(before, after, &added, &changed, &removed);
	if (added || changed || removed)
		fail_msg("%s\nbecame %s", node, written);
}

static void what_is_written_reads_as_before(void **state)
{
	static const char *const nodes[] = {
		"{'common_name': 'a', 'endpoints': [], 'remarks': {'network': 'fd66:1::/64'}}",
		"{'common_name': 'Host 02.b', 'public_key': $B, 'wireguard': [{'public_key': $1}],"
		" 'endpoints': [{'serial_number': '7', 'address': '2.2.2.2', 'port': 1},"
		"               {'serial_number': 1, 'address': null, 'address_family': 'ip6',"
		"                'port': 2, 'send_port': 3, 'transports': ['ipsec']},"
		"               {'serial_number': 2, 'address': 'host.example.net', 'port': 4,"
		"                'address_family': 'ip4', 'transports': ['ipsec', 'wireguard']}],"
		" 'remarks': {'network': 'fd66:1::1/60', 'prefixs': ['192.168.128.1/24'],"
		"             'extra_network': ['10.0.0.1', 'fd77::1']}}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++)
		expect_same_again(nodes[i]);
}

static void nothing_is_written_that_is_implied(void **state)
{
	CLEANUP(registry_free)
	struct registry *registry =
		load_node("{'common_name': 'a', 'endpoints': [{'serial_number': 0, 'port': 5,"
			  " 'address': null, 'address_family': 'ip4', 'send_port': 5}],"
			  " 'remarks': {'network': 'fd66:1::/64'}}");
	CLEANUP(json_object_put) struct json_object *object = node_to_json(&registry->nodes[0]);

	(void)state;
	assert_string_equal(
		json_object_to_json_string_ext(object, PLAIN),
		"{\"common_name\":\"a\",\"endpoints\":[{\"serial_number\":0,\"address\":null,"
		"\"address_family\":\"ip4\",\"port\":5}],\"remarks\":{\"network\":\"fd66:1::/64\","
		"\"prefixs\":[]}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_reads_as_before),
		cmocka_unit_test(nothing_is_written_that_is_implied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
