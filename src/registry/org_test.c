// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/org.h"

#include "registry/test_support.h"

#include "base/file.h"
#include "base/hex.h"
#include "base/strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define HEADER                                                                                     \
	"'type': 'aronet.org', 'spec': 1, 'mesh_id': '00112233445566778899aabbccddeeff',"          \
	" 'version': 3, 'issued': '2026-11-21T00:00:00Z', 'expires': '2027-11-21T00:00:00Z'"
#define NODE(name, key)                                                                            \
	"{'common_name': '" name "'" key ", 'endpoints': [],"                                      \
	" 'remarks': {'network': 'fd66:1::/64'}}"

static struct org_document *must_parse(const char *short_text, struct warnings *warnings)
{
	CLEANUP(free) char *text = test_registry_text(short_text);
	struct org_document *org = NULL;
	struct error error = { 0 };

	if (org_document_parse(text, strlen(text), "org \"example\"", warnings, &org, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
	return org;
}

static void org_of_the_specification_is_read(void **state)
{
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	CLEANUP(org_document_free) struct org_document *org = NULL;
	const struct registry_node *moon, *sun;
	char key[2 * KEY_SIZE + 1], prefix[IP_PREFIX_TEXT_SIZE], address[IP_ADDRESS_TEXT_SIZE];
	CLEANUP(free) char *text = NULL;
	struct error error = { 0 };
	size_t size;

	(void)state;
	assert_int_equal(file_read(GOLDEN_DIRECTORY "/home/org.json", 1 << 20, &text, &size, NULL),
			 0);
	if (org_document_parse(text, size, "org \"home\"", &warnings, &org, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
	assert_int_equal(warnings.count, 0);
	assert_string_equal(org->name, "home");
	assert_false(org->has_public_key);
	assert_int_equal(org->nodes_count, 2);
	moon = &org->nodes[0];
	sun = &org->nodes[1];
	assert_string_equal(moon->id.organization, "home");
	assert_string_equal(moon->id.common_name, "moon");
	assert_string_equal(hex_format(moon->identity_key, KEY_SIZE, key),
			    "12de432b1e93307a788767365144c3caf51a725831dd310e8a7df44f7ae47817");
	assert_true(moon->has_wireguard);
	assert_int_equal(moon->endpoints_count, 1);
	assert_string_equal(ip_address_format(&moon->endpoints[0].address, address), "203.0.113.5");
	assert_string_equal(ip_prefix_format(&moon->network, prefix), "fd66:1::/64");
	assert_int_equal(moon->prefixes_count, 2);
	assert_string_equal(ip_prefix_format(&moon->prefixes[1], prefix), "192.168.128.0/24");
	assert_true(endpoint_dials_out_only(&sun->endpoints[0]));
	assert_int_equal(sun->prefixes_count, 1);
}

static void org_without_nodes_is_read(void **state)
{
	CLEANUP(org_document_free)
	struct org_document *org =
		must_parse("{" HEADER ", 'organization': 'example', 'nodes': []}", NULL);

	(void)state;
	assert_int_equal(org->header.version, 3);
	assert_int_equal(org->nodes_count, 0);
}

static void org_key_stands_in_for_nodes_without_one(void **state)
{
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	CLEANUP(org_document_free)
	struct org_document *org = must_parse(
		"{" HEADER ", 'nodes': [" NODE("a", "") ", " NODE(
			"b",
			", 'public_key': $S") "], 'organization': 'example', 'public_key': $M}",
		&warnings);

	(void)state;
	assert_true(org->has_public_key);
	assert_true(org->nodes[0].identity_is_shared);
	assert_memory_equal(org->nodes[0].identity_key, org->public_key, KEY_SIZE);
	assert_false(org->nodes[1].identity_is_shared);
	assert_int_equal(warnings.count, 1);
	assert_string_equal(warnings.items[0].code, "W01");
	assert_string_equal(warnings.items[0].text,
			    "organization example: 1 of 2 nodes share its key and could pose as "
			    "each other; give each node a public_key of its own");
}

static void org_nodes_without_any_identity_are_read(void **state)
{
	CLEANUP(org_document_free)
	struct org_document *org = must_parse(
		"{" HEADER ", 'organization': 'example', 'nodes': [" NODE("a", "") "]}", NULL);

	(void)state;
	assert_false(org->nodes[0].has_identity);
	assert_false(org->nodes[0].identity_is_shared);
}

/* Nodes are small, so the limit of nodes is met before that of bytes. */
static void an_org_has_no_more_nodes_than_a_mesh(void **state)
{
	CLEANUP(strbuf_done) struct strbuf short_text = { 0 };
	CLEANUP(free) char *text = NULL;
	struct org_document *org = NULL;
	struct error error = { 0 };

	(void)state;
	strbuf_puts(&short_text, "{" HEADER ", 'organization': 'example', 'nodes': [");
	for (unsigned i = 0; i <= REGISTRY_NODES_MAX; i++)
		strbuf_printf(&short_text, "%s" NODE("n%u", ""), i ? ",\n" : "", i);
	strbuf_puts(&short_text, "]}");
	text = test_registry_text(strbuf_text(&short_text));
	assert_true(org_document_parse(text, strlen(text), "org \"example\"", NULL, &org, &error) <
		    0);
	assert_int_equal(error.code, ERROR_TOO_BIG);
	assert_string_equal(error.text, "10001 nodes or more in the registry; limit 10000");
}

static void a_document_beyond_the_limit_is_refused_unread(void **state)
{
	CLEANUP(free) char *text = calloc(DOCUMENT_SIZE_MAX + 1, 1);
	struct org_document *org = NULL;
	struct error error = { 0 };

	(void)state;
	assert_non_null(text);
	assert_true(org_document_parse(text, DOCUMENT_SIZE_MAX + 1, "org \"example\"", NULL, &org,
				       &error) < 0);
	assert_int_equal(error.code, ERROR_TOO_BIG);
	assert_string_equal(error.text, "document is 8388609 bytes; limit 8388608");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(org_of_the_specification_is_read),
		cmocka_unit_test(org_without_nodes_is_read),
		cmocka_unit_test(org_key_stands_in_for_nodes_without_one),
		cmocka_unit_test(org_nodes_without_any_identity_are_read),
		cmocka_unit_test(an_org_has_no_more_nodes_than_a_mesh),
		cmocka_unit_test(a_document_beyond_the_limit_is_refused_unread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
