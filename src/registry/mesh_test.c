// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/mesh.h"

#include "registry/test_support.h"

#include "base/file.h"
#include "base/hex.h"
#include "base/strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define HEADER                                                                                     \
	"'type': 'aronet.mesh', 'spec': 1, 'mesh_id': '00112233445566778899aabbccddeeff',"         \
	" 'issued': '2026-11-21T00:00:00Z', 'expires': '2027-11-21T00:00:00Z', 'name': 'fed'"
#define FIRST HEADER ", 'version': 1, 'prev': null"
#define KEYS "'keys': [{'id': $a, 'public_key': $A}, {'id': $b, 'public_key': $B, 'holder': 'bob'}]"
#define ROLES                                                                                      \
	"'roles': {'mesh': {'keys': [$a, $b], 'threshold': 2},"                                    \
	"          'manifest': {'keys': [$b], 'threshold': 1}}"
#define ORGANIZATION(name, grants)                                                                 \
	"{'organization': '" name "', 'keys': [{'id': $a, 'public_key': $A}], 'threshold': 1,"     \
	" 'state': 'active', 'grants': [" grants "]}"
#define MESH(pool, organizations, revoked)                                                         \
	"{" FIRST ", " KEYS ", " ROLES ", 'pool': [" pool "],"                                     \
	" 'organizations': [" organizations "], 'revoked': [" revoked "]}"

static int parse(const char *short_text, struct mesh_document **ret, struct error *error)
{
	CLEANUP(free) char *text = test_registry_text(short_text);

	return mesh_document_parse(text, strlen(text), "mesh 1", ret, error);
}

static struct mesh_document *must_parse(const char *short_text)
{
	struct mesh_document *mesh = NULL;
	struct error error = { 0 };

	if (parse(short_text, &mesh, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
	return mesh;
}

static void expect_prefix(const struct ip_prefix *prefix, const char *expected)
{
	char text[IP_PREFIX_TEXT_SIZE];

	assert_string_equal(ip_prefix_format(prefix, text), expected);
}

static void mesh_of_the_specification_is_read(void **state)
{
	CLEANUP(mesh_document_free) struct mesh_document *mesh = NULL;
	struct crypto_signing_key key = test_signing_key('A');
	const struct mesh_organization *home;
	CLEANUP(free) char *text = NULL;
	struct error error = { 0 };
	char id[2 * MESH_ID_SIZE + 1];
	size_t size;

	(void)state;
	assert_int_equal(file_read(GOLDEN_DIRECTORY "/home/mesh.json", 1 << 20, &text, &size, NULL),
			 0);
	if (mesh_document_parse(text, size, "mesh 1", &mesh, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
	assert_string_equal(hex_format(mesh->header.mesh_id, MESH_ID_SIZE, id),
			    "00112233445566778899aabbccddeeff");
	assert_int_equal(mesh->header.version, 1);
	assert_int_equal(mesh->header.issued, 1795219200);
	assert_int_equal(mesh->header.expires, 1795219200 + 365 * DAY_SEC);
	assert_string_equal(mesh->name, "home");
	assert_false(mesh->has_prev);
	assert_int_equal(mesh->mesh_role.threshold, 1);
	assert_true(keyset_has(&mesh->mesh_role, key.public_key));
	assert_true(keyset_equal(&mesh->mesh_role, &mesh->manifest_role));
	assert_int_equal(mesh->manifest_max_days, 366);
	assert_int_equal(mesh->pool_count, 2);
	assert_int_equal(mesh->organizations_count, 1);
	home = mesh_find_organization(mesh, "home");
	assert_ptr_equal(home, &mesh->organizations[0]);
	assert_null(mesh_find_organization(mesh, "Home"));
	assert_false(home->is_suspended);
	assert_true(home->is_transit);
	assert_int_equal(home->max_nodes, 64);
	assert_int_equal(home->grants_count, 2);
	expect_prefix(&home->grants[0].prefix, "192.168.128.0/17");
	assert_int_equal(home->grants[0].max_length, 24);
	expect_prefix(&home->grants[1].prefix, "fd66::/16");
	assert_false(home->grants[1].shared);
	assert_int_equal(mesh->revoked_count, 0);
}

static void mesh_defaults_are_those_of_the_specification(void **state)
{
	CLEANUP(mesh_document_free)
	struct mesh_document *mesh =
		must_parse(MESH("'fd66::/16'", ORGANIZATION("example", ""), ""));

	(void)state;
	assert_int_equal(mesh->manifest_max_days, 90);
	assert_int_equal(mesh->organizations[0].max_nodes, 64);
	assert_true(mesh->organizations[0].is_transit);
	assert_int_equal(mesh->mesh_role.threshold, 2);
	assert_int_equal(mesh->manifest_role.count, 1);
}

static void mesh_order_of_organizations_does_not_matter(void **state)
{
	CLEANUP(mesh_document_free)
	struct mesh_document *mesh = must_parse(MESH(
		"'fd66::/16'",
		ORGANIZATION(
			"south",
			"{'prefix': 'fd66:2::/32', "
			"'max_length': 64}") ", " ORGANIZATION("Z",
							       "") ", " ORGANIZATION("north",
										     "{'prefix': "
										     "'fd66:1::/"
										     "32', "
										     "'max_length':"
										     " 64}"),
		""));

	(void)state;
	assert_string_equal(mesh->organizations[0].name, "Z");
	assert_string_equal(mesh->organizations[1].name, "north");
	assert_string_equal(mesh->organizations[2].name, "south");
	assert_ptr_equal(mesh_find_organization(mesh, "north"), &mesh->organizations[1]);
	expect_prefix(&mesh->organizations[1].grants[0].prefix, "fd66:1::/32");
}

static void mesh_version_2_names_its_predecessor(void **state)
{
	CLEANUP(mesh_document_free) struct mesh_document *mesh = NULL;

	(void)state;
	mesh = must_parse(
		"{" HEADER ", 'version': 2, 'prev': "
		"'08ddc62f8eba6b6177f379f3a0fff3358804115f21e07374fb29345b61261028', " KEYS
		", " ROLES ", 'pool': [], 'organizations': [], 'revoked': []}");
	assert_true(mesh->has_prev);
	assert_int_equal(mesh->prev[0], 0x08);
	assert_int_equal(mesh->prev[31], 0x28);
}

static void mesh_grants_in_ipv6_form_count_as_ipv4(void **state)
{
	CLEANUP(mesh_document_free)
	struct mesh_document *mesh = must_parse(
		MESH("'::ffff:192.168.0.0/112'",
		     ORGANIZATION("example",
				  "{'prefix': '::ffff:192.168.128.0/114', 'max_length': 120}"),
		     ""));

	(void)state;
	expect_prefix(&mesh->pool[0], "192.168.0.0/16");
	expect_prefix(&mesh->organizations[0].grants[0].prefix, "192.168.128.0/18");
	assert_int_equal(mesh->organizations[0].grants[0].max_length, 24);
}

#define HEX_A "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"

static void mesh_revocations_are_found_by_kind_and_key(void **state)
{
	CLEANUP(mesh_document_free)
	struct mesh_document *mesh =
		must_parse(MESH("", "",
				"{'kind': 'wireguard-key', 'key': $2},"
				"{'kind': 'org-key', 'key': '" HEX_A "', 'reason': 'found again',"
				" 'at': '2026-11-20T00:00:01Z'},"
				"{'kind': 'wireguard-key', 'key': $1},"
				"{'kind': 'org-key', 'key': '" HEX_A "', 'reason': 'lost laptop',"
				" 'at': '2026-11-20T00:00:00Z'}"));
	const struct revocation *revocation;
	uint8_t key[KEY_SIZE];

	(void)state;
	assert_int_equal(mesh->revoked_count, 3);
	assert_int_equal(hex_parse(HEX_A, key, KEY_SIZE), 0);
	revocation = mesh_find_revocation(mesh, REVOCATION_ORG_KEY, key);
	assert_non_null(revocation);
	assert_string_equal(revocation->reason, "lost laptop");
	assert_int_equal(revocation->at, 1795132800);
	assert_null(mesh_find_revocation(mesh, REVOCATION_NODE_KEY, key));
	assert_int_equal(
		crypto_key_from_base64("F4HXck+2xZJgWv6h76ROgWdMNIsOpjPOHZ/Zxu2lgH4=", key), 0);
	assert_non_null(mesh_find_revocation(mesh, REVOCATION_WIREGUARD_KEY, key));
	assert_null(mesh_find_revocation(mesh, REVOCATION_ORG_KEY, key));
}

static void a_revoked_key_does_not_sign_for_its_organization(void **state)
{
	CLEANUP(mesh_document_free)
	struct mesh_document *mesh = must_parse(
		MESH("",
		     "{'organization': 'example', 'keys': [{'id': $a, 'public_key': $A},"
		     " {'id': $b, 'public_key': $B}], 'threshold': 2, 'state': 'suspended',"
		     " 'transit': false, 'max_nodes': 7, 'grants': []}",
		     "{'kind': 'org-key', 'key': '" HEX_A "'}"));
	const struct mesh_organization *organization = mesh_find_organization(mesh, "example");
	struct keyset keyset = mesh_organization_keyset(mesh, organization);
	struct crypto_signing_key a = test_signing_key('A'), b = test_signing_key('B');

	(void)state;
	assert_true(organization->is_suspended);
	assert_false(organization->is_transit);
	assert_int_equal(organization->max_nodes, 7);
	assert_int_equal(organization->keys.count, 2);
	assert_int_equal(keyset.count, 1);
	assert_int_equal(keyset.threshold, 2);
	assert_true(keyset_has(&keyset, b.public_key));
	assert_false(keyset_has(&keyset, a.public_key));
}

static void mesh_takes_psk_secrets_and_members_of_others(void **state)
{
	CLEANUP(mesh_document_free) struct mesh_document *mesh = NULL;

	(void)state;
	mesh = must_parse("{" FIRST ", " KEYS ", " ROLES ", 'pool': [], 'organizations': [],"
			  " 'psk_secrets': [{'id': '2076512e7442357b'}, {'id': '0000000000000000',"
			  " 'from': '2026-12-01T00:00:00Z'}], 'revoked': [], 'x-note': {'a': 1}}");
	assert_int_equal(mesh->organizations_count, 0);
	assert_int_equal(mesh->secrets_count, 2);
	assert_int_equal(mesh->secrets[0].id[0], 0x20);
	assert_int_equal(mesh->secrets[0].from, 0);
	assert_int_equal(mesh->secrets[1].id[0], 0);
	assert_int_equal(mesh->secrets[1].from, 1796083200);
}

static void grants_may_overlap_if_both_are_shared(void **state)
{
	CLEANUP(mesh_document_free)
	struct mesh_document *mesh = must_parse(MESH(
		"'10.0.0.0/8', '0.0.0.0/0'",
		ORGANIZATION(
			"a",
			"{'prefix': '10.1.0.0/16', 'max_length': 24, 'shared': true},"
			"{'prefix': '10.1.2.0/24', 'max_length': 24, 'shared': true},"
			"{'prefix': '0.0.0.0/0', 'max_length': 0}") ", " ORGANIZATION("b",
										      "{'prefix': "
										      "'10.1.2.0/"
										      "23', "
										      "'max_length'"
										      ": 32, "
										      "'shared': "
										      "true}"),
		""));

	(void)state;
	assert_true(mesh->organizations[1].grants[0].shared);
}

static void grants_that_overlap_are_refused(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ MESH("'192.168.0.0/16'",
		       ORGANIZATION("example",
				    "{'prefix': '192.168.128.0/18', 'max_length': "
				    "24}") ", " ORGANIZATION("example2",
							     "{'prefix': '192.168.128.0/20', "
							     "'max_length': 24}"),
		       ""),
		  "grant 192.168.128.0/20 of \"example2\" overlaps 192.168.128.0/18 of "
		  "\"example\"; say \"shared\" in both if that is meant" },
		{ MESH("'192.168.0.0/16'",
		       ORGANIZATION("a",
				    "{'prefix': '::ffff:192.168.128.0/114', 'max_length': "
				    "128}") ", " ORGANIZATION("b", "{'prefix': '192.168.128.0/18', "
								   "'max_length': 24}"),
		       ""),
		  "grant 192.168.128.0/18 of \"b\" overlaps 192.168.128.0/18 of \"a\"; say "
		  "\"shared\" in both if that is meant" },
		{ MESH("'fd66::/16'",
		       ORGANIZATION("a", "{'prefix': 'fd66:1::/48', 'max_length': 64, 'shared': "
					 "true}") ", " ORGANIZATION("b", "{'prefix': 'fd66::/16', "
									 "'max_length': 64}"),
		       ""),
		  "grant fd66:1::/48 of \"a\" overlaps fd66::/16 of \"b\"; say \"shared\" in both "
		  "if that is meant" },
		{ MESH("'0.0.0.0/0'",
		       ORGANIZATION(
			       "a",
			       "{'prefix': '0.0.0.0/0', 'max_length': 0}") ", " ORGANIZATION("b",
											     "{'"
											     "prefi"
											     "x': "
											     "'0.0."
											     "0.0/"
											     "0', "
											     "'max_"
											     "lengt"
											     "h': "
											     "0}"),
		       ""),
		  "grant 0.0.0.0/0 of \"b\" overlaps 0.0.0.0/0 of \"a\"; say \"shared\" in both "
		  "if that is meant" },
		{ MESH("'0.0.0.0/0'",
		       ORGANIZATION(
			       "a",
			       "{'prefix': '0.0.0.0/0', 'max_length': 8}") ", " ORGANIZATION("b",
											     "{'"
											     "prefi"
											     "x': "
											     "'10."
											     "0.0."
											     "0/"
											     "8', "
											     "'max_"
											     "lengt"
											     "h': "
											     "8}"),
		       ""),
		  "grant 10.0.0.0/8 of \"b\" overlaps 0.0.0.0/0 of \"a\"; say \"shared\" in both "
		  "if that is meant" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct mesh_document *mesh = NULL;
		struct error error = { 0 };

		assert_true(parse(rows[i].text, &mesh, &error) < 0);
		assert_null(mesh);
		assert_int_equal(error.code, ERROR_OVERLAP);
		assert_string_equal(error.place, "mesh 1");
		assert_string_equal(error.text, rows[i].message);
	}
}

/* Lists that are longer than what anybody needs. */
static void mesh_lists_have_limits(void **state)
{
	static const struct {
		const char *format;
		const char *message;
	} rows[] = {
		{ "{" FIRST ", " KEYS ", " ROLES
		  ", 'pool': [], 'organizations': [], 'revoked': [%s]}",
		  "10001 items; limit 10000" },
		{ "{" FIRST ", " KEYS ", " ROLES
		  ", 'pool': [], 'organizations': [%s], 'revoked': []}",
		  "10001 items; limit 10000" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(strbuf_done) struct strbuf items = { 0 }, text = { 0 };
		const char *gap = strstr(rows[i].format, "%s");
		struct mesh_document *mesh = NULL;
		struct error error = { 0 };

		for (unsigned j = 0; j <= 10000; j++)
			strbuf_puts(&items, j ? ",0" : "0");
		strbuf_append(&text, rows[i].format, (size_t)(gap - rows[i].format));
		strbuf_puts(&text, strbuf_text(&items));
		strbuf_puts(&text, gap + strlen("%s"));
		assert_true(parse(strbuf_text(&text), &mesh, &error) < 0);
		assert_int_equal(error.code, ERROR_TOO_BIG);
		assert_string_equal(error.text, rows[i].message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mesh_of_the_specification_is_read),
		cmocka_unit_test(mesh_defaults_are_those_of_the_specification),
		cmocka_unit_test(mesh_order_of_organizations_does_not_matter),
		cmocka_unit_test(mesh_version_2_names_its_predecessor),
		cmocka_unit_test(mesh_grants_in_ipv6_form_count_as_ipv4),
		cmocka_unit_test(mesh_revocations_are_found_by_kind_and_key),
		cmocka_unit_test(a_revoked_key_does_not_sign_for_its_organization),
		cmocka_unit_test(mesh_takes_psk_secrets_and_members_of_others),
		cmocka_unit_test(mesh_lists_have_limits),
		cmocka_unit_test(grants_may_overlap_if_both_are_shared),
		cmocka_unit_test(grants_that_overlap_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
