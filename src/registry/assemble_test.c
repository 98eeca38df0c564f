// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/assemble.h"

#include "registry/test_support.h"

#include "base/strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COMMON                                                                                     \
	"'spec': 1, 'mesh_id': '00112233445566778899aabbccddeeff', 'version': 1,"                  \
	" 'issued': '2026-11-21T00:00:00Z', 'expires': '2027-11-21T00:00:00Z'"
#define ROLE "{'keys': [$a], 'threshold': 1}"
#define ORG_KEYS "'keys': [{'id': $b, 'public_key': $B}], 'threshold': 1"

/* North may announce fd66:1::/32 and 10.1.0.0/16, south fd66:2::/32. */
#define GRANT(prefix, max_length) "{'prefix': '" prefix "', 'max_length': " max_length "}"
#define SHARED(prefix, max_length)                                                                 \
	"{'prefix': '" prefix "', 'max_length': " max_length ", 'shared': true}"
#define MEMBER(name, grants, rest)                                                                 \
	"{'organization': '" name "', " ORG_KEYS ", 'grants': [" grants "], " rest "}"
#define MESH(organizations, revoked)                                                               \
	"{'type': 'aronet.mesh', " COMMON ", 'name': 'fed', 'prev': null,"                         \
	" 'keys': [{'id': $a, 'public_key': $A}], 'roles': {'mesh': " ROLE ", 'manifest': " ROLE   \
	"}, 'pool': ['fd66::/16', '0.0.0.0/0', '::/0'], 'organizations': [" organizations          \
	"], 'revoked': [" revoked "]}"
#define NORTH_GRANTS GRANT("fd66:1::/32", "64") ", " GRANT("10.1.0.0/16", "24")
#define ACTIVE "'state': 'active'"
#define FED(north, south, revoked)                                                                 \
	MESH(MEMBER("north", NORTH_GRANTS, north) ", " MEMBER("south", GRANT("fd66:2::/32", "64"), \
							      south),                              \
	     revoked)
#define PLAIN FED(ACTIVE, ACTIVE, "")

#define ORG(name, nodes)                                                                           \
	"{'type': 'aronet.org', " COMMON ", 'organization': '" name "', 'nodes': [" nodes "]}"
#define NODE(name, keys, network, prefixes)                                                        \
	"{'common_name': '" name "', " keys "'endpoints': [],"                                     \
	" 'remarks': {'network': '" network "', 'prefixs': [" prefixes "]}}"
#define MOON_KEYS "'public_key': $M, 'wireguard': [{'public_key': $1}], "
#define SUN_KEYS "'public_key': $S, 'wireguard': [{'public_key': $2}], "
#define MOON(prefixes) NODE("moon", MOON_KEYS, "fd66:1::/64", prefixes)
#define SUN(prefixes) NODE("sun", SUN_KEYS, "fd66:2::/64", prefixes)
#define NORTH ORG("north", MOON("'10.1.2.0/24'"))
#define SOUTH ORG("south", SUN(""))

#define ORGS_MAX 3

struct documents {
	struct mesh_document *mesh;
	struct org_document *orgs[ORGS_MAX];
	size_t orgs_count;
};

static void documents_done(struct documents *documents)
{
	mesh_document_free(documents->mesh);
	for (size_t i = 0; i < documents->orgs_count; i++)
		org_document_free(documents->orgs[i]);
}
CLEANUP_DEFINE_IN_PLACE(struct documents, documents_done);

static void must_read(struct documents *documents, const char *mesh, const char *const *orgs,
		      size_t orgs_count)
{
	CLEANUP(free) char *mesh_text = test_registry_text(mesh);
	struct error error = { 0 };

	if (mesh_document_parse(mesh_text, strlen(mesh_text), "mesh 1", &documents->mesh, &error) <
	    0)
		fail_msg("%s: %s", error.place, error.text);
	for (; documents->orgs_count < orgs_count; documents->orgs_count++) {
		CLEANUP(free) char *text = test_registry_text(orgs[documents->orgs_count]);

		if (org_document_parse(text, strlen(text), "org", NULL,
				       &documents->orgs[documents->orgs_count], &error) < 0)
			fail_msg("%s: %s", error.place, error.text);
	}
}

/* @orgs ends with NULL if there are fewer than ORGS_MAX. */
static int assemble(const char *mesh, const char *const orgs[ORGS_MAX], struct warnings *warnings,
		    struct registry **ret, struct error *error)
{
	CLEANUP(documents_done) struct documents documents = { 0 };
	size_t count = 0;
	int result;

	while (count < ORGS_MAX && orgs[count])
		count++;
	must_read(&documents, mesh, orgs, count);
	result = registry_assemble(documents.mesh, documents.orgs, documents.orgs_count, warnings,
				   ret, error);
	for (size_t i = 0; result == 0 && i < documents.orgs_count; i++)
		assert_int_equal(documents.orgs[i]->nodes_count, 0);
	return result;
}

static struct registry *must_assemble(const char *mesh, const char *north, const char *south,
				      struct warnings *warnings)
{
	const char *const orgs[ORGS_MAX] = { north, south };
	struct registry *registry = NULL;
	struct error error = { 0 };

	if (assemble(mesh, orgs, warnings, &registry, &error) < 0)
		fail_msg("%s: %s", error_code_name(error.code), error.text);
	return registry;
}

static void documents_become_one_registry(void **state)
{
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	CLEANUP(registry_free) struct registry *registry = NULL;

	(void)state;
	registry = must_assemble(PLAIN, SOUTH, NORTH, &warnings);
	assert_int_equal(warnings.count, 0);
	assert_true(registry->is_signed);
	assert_string_equal(registry->origin.mesh_name, "fed");
	assert_int_equal(registry->origin.mesh_version, 1);
	assert_int_equal(registry->origin.mesh_id[15], 0xff);
	assert_int_equal(registry->nodes_count, 2);
	assert_string_equal(registry->nodes[0].id.organization, "north");
	assert_string_equal(registry->nodes[1].id.common_name, "sun");
	assert_int_equal(registry->nodes[0].prefixes_count, 2);
}

static void transit_is_what_the_mesh_says_of_the_organization(void **state)
{
	CLEANUP(registry_free)
	struct registry *registry =
		must_assemble(FED(ACTIVE, ACTIVE ", 'transit': false", ""), NORTH, SOUTH, NULL);

	(void)state;
	assert_false(registry->nodes[0].no_transit);
	assert_true(registry->nodes[1].no_transit);
}

static void suspended_organizations_have_no_nodes(void **state)
{
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	CLEANUP(registry_free) struct registry *registry = NULL;

	(void)state;
	/* Not even one that would be refused. */
	registry = must_assemble(FED(ACTIVE, "'state': 'suspended'", ""), NORTH,
				 ORG("south", NODE("sun", SUN_KEYS, "fd66:1::/64", "")), &warnings);
	assert_int_equal(registry->nodes_count, 1);
	assert_string_equal(registry->nodes[0].id.common_name, "moon");
	assert_int_equal(warnings.count, 0);
}

#define HEX_SUN "0dbd920ee625b4eaaeb32c96bfb994f84af26cd8035fb53db6df859f9e463a81"

static void nodes_with_revoked_keys_are_left_out(void **state)
{
	static const struct {
		const char *revoked, *warning;
	} rows[] = {
		{ FED(ACTIVE, ACTIVE, "{'kind': 'wireguard-key', 'key': $2, 'reason': 'stolen'}"),
		  "south/sun is left out: its WireGuard key "
		  "F4HXck+2xZJgWv6h76ROgWdMNIsOpjPOHZ/Zxu2lgH4= is revoked (stolen)" },
		{ FED(ACTIVE, ACTIVE, "{'kind': 'node-key', 'key': '" HEX_SUN "'}"),
		  "south/sun is left out: its public_key 819e-380b-532c-ced2-7e8e-0a57-451c-28d9 "
		  "is revoked" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(warnings_done) struct warnings warnings = { 0 };
		CLEANUP(registry_free)
		struct registry *registry = must_assemble(rows[i].revoked, NORTH, SOUTH, &warnings);

		assert_int_equal(registry->nodes_count, 1);
		assert_string_equal(registry->nodes[0].id.common_name, "moon");
		assert_int_equal(warnings.count, 1);
		assert_string_equal(warnings.items[0].code, "E_KEY_REVOKED");
		assert_string_equal(warnings.items[0].text, rows[i].warning);
	}
}

/* An organization must not hinder a revocation by making its document unacceptable. */
static void a_revoked_node_refuses_nothing(void **state)
{
	CLEANUP(registry_free)
	struct registry *registry = must_assemble(
		FED(ACTIVE, ACTIVE ", 'max_nodes': 0", "{'kind': 'wireguard-key', 'key': $2}"),
		NORTH,
		ORG("south", NODE("sun", "'public_key': $B, 'wireguard': [{'public_key': $2}], ",
				  "fd66:1::/64", "'10.1.2.0/24'")),
		NULL);

	(void)state;
	assert_int_equal(registry->nodes_count, 1);
}

static void a_revoked_org_key_does_not_revoke_nodes(void **state)
{
	CLEANUP(registry_free)
	struct registry *registry =
		must_assemble(FED(ACTIVE, ACTIVE, "{'kind': 'org-key', 'key': '" HEX_SUN "'}"),
			      NORTH, SOUTH, NULL);

	(void)state;
	assert_int_equal(registry->nodes_count, 2);
}

#define EDGE_KEYS(prefix) "'anycast': ['" prefix "'], "

static void anycast_prefixes_are_on_several_nodes(void **state)
{
	static const char *const same[ORGS_MAX] = {
		ORG("north",
		    NODE("moon", MOON_KEYS EDGE_KEYS("10.1.9.0/24"), "fd66:1::/64",
			 "'10.1.9.0/24'") ", " NODE("sun", SUN_KEYS EDGE_KEYS("10.1.9.0/24"),
						    "fd66:1:0:1::/64", "'10.1.9.0/24'")),
		ORG("south", ""),
	};
	static const char *const across[ORGS_MAX] = {
		ORG("north", NODE("moon", MOON_KEYS EDGE_KEYS("10.9.0.0/16"), "fd66:1::/64",
				  "'10.9.0.0/16'")),
		ORG("south",
		    NODE("sun", SUN_KEYS EDGE_KEYS("10.9.0.0/16"), "fd66:2::/64", "'10.9.0.0/16'")),
	};
	struct registry *registry = NULL;
	struct error error = { 0 };

	(void)state;
	if (assemble(PLAIN, same, NULL, &registry, &error) < 0)
		fail_msg("%s", error.text);
	assert_true(registry_node_is_anycast(&registry->nodes[0], &registry->nodes[1].prefixes[1]));
	registry_free(registry);
	if (assemble(MESH(MEMBER("north", NORTH_GRANTS ", " SHARED("10.9.0.0/16", "16"),
				 ACTIVE) ", " MEMBER("south",
						     GRANT("fd66:2::/32",
							   "64") ", " SHARED("10.9.0.0/16", "16"),
						     ACTIVE),
			  ""),
		     across, NULL, &registry, &error) < 0)
		fail_msg("%s", error.text);
	registry_free(registry);
}

/* A default route lies in a grant of its own and takes nothing from the networks of others. */
static void an_exit_is_granted_like_anything_else(void **state)
{
	static const char mesh[] =
		MESH(MEMBER("north", NORTH_GRANTS ", " GRANT("0.0.0.0/0", "0"),
			    ACTIVE) ", " MEMBER("south", GRANT("fd66:2::/32", "64"), ACTIVE),
		     "");
	static const char *const orgs[ORGS_MAX] = {
		ORG("north", MOON("'0.0.0.0/0', '10.1.2.0/24'")), SOUTH
	};
	static const char *const others[ORGS_MAX] = { NORTH, ORG("south", SUN("'0.0.0.0/0'")) };
	struct registry *registry = NULL;
	struct error error = { 0 };

	(void)state;
	if (assemble(mesh, orgs, NULL, &registry, &error) < 0)
		fail_msg("%s", error.text);
	registry_free(registry);
	assert_true(assemble(mesh, others, NULL, &registry, &error) < 0);
	assert_int_equal(error.code, ERROR_GRANT);
}

/* Documents that are right one by one, but must not be put together. */
struct refusal {
	const char *mesh;
	const char *orgs[ORGS_MAX];
	enum error_code code;
	const char *message;
};

static void expect_refusals(const struct refusal *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct registry *registry = NULL;
		struct error error = { 0 };

		if (assemble(rows[i].mesh, rows[i].orgs, NULL, &registry, &error) == 0)
			fail_msg("accepted: %s", rows[i].message);
		assert_null(registry);
		assert_string_equal(error.text, rows[i].message);
		assert_int_equal(error.code, rows[i].code);
	}
}

static void nodes_stay_inside_the_grants_of_their_organization(void **state)
{
	static const struct refusal rows[] = {
		{ PLAIN,
		  { ORG("north", MOON("'10.0.0.0/24'")) },
		  ERROR_GRANT,
		  "north/moon: 10.0.0.0/24 is outside the grants of \"north\"" },
		{ PLAIN,
		  { ORG("north", MOON("'10.1.128.0/25'")) },
		  ERROR_GRANT,
		  "north/moon: 10.1.128.0/25 is longer than max_length 24 of grant 10.1.0.0/16" },
		{ PLAIN,
		  { ORG("north", MOON("'10.0.0.0/15'")) },
		  ERROR_GRANT,
		  "north/moon: 10.0.0.0/15 covers grant 10.1.0.0/16 of \"north\"; it may announce "
		  "only what lies in there" },
		{ PLAIN,
		  { ORG("north", MOON("'0.0.0.0/0'")) },
		  ERROR_GRANT,
		  "north/moon: 0.0.0.0/0 covers grant 10.1.0.0/16 of \"north\"; it may announce "
		  "only what lies in there" },
		{ PLAIN,
		  { NORTH, ORG("south", NODE("sun", SUN_KEYS, "fd66:1:0:7::/64", "")) },
		  ERROR_GRANT,
		  "south/sun: fd66:1:0:7::/64 is outside the grants of \"south\"" },
		{ PLAIN,
		  { NORTH, ORG("south", SUN("'::ffff:10.1.0.0/120'")) },
		  ERROR_GRANT,
		  "south/sun: 10.1.0.0/24 is outside the grants of \"south\"" },
		{ FED(ACTIVE ", 'max_nodes': 1", ACTIVE, ""),
		  { ORG("north", MOON("") ", " NODE("sun", SUN_KEYS, "fd66:1:0:1::/64", "")) },
		  ERROR_GRANT,
		  "\"north\" has 2 nodes; max_nodes is 1" },
	};

	(void)state;
	expect_refusals(rows, ARRAY_SIZE(rows));
}

static void prefixes_of_two_nodes_must_not_overlap(void **state)
{
	static const struct refusal rows[] = {
		{ PLAIN,
		  { ORG("north", MOON("") ", " NODE("sun", SUN_KEYS, "fd66:1::/60", "")) },
		  ERROR_OVERLAP,
		  "fd66:1::/64 of north/moon overlaps fd66:1::/60 of north/sun" },
		{ PLAIN,
		  { ORG("north", MOON("") ", " NODE("sun", SUN_KEYS, "fd66:1::/64", "")) },
		  ERROR_OVERLAP,
		  "fd66:1::/64 is announced by north/moon and north/sun" },
	};

	(void)state;
	expect_refusals(rows, ARRAY_SIZE(rows));
}

static void keys_have_one_owner_and_one_use(void **state)
{
	static const struct refusal rows[] = {
		{ PLAIN,
		  { ORG("north", NODE("moon", "'public_key': $B, ", "fd66:1::/64", "")) },
		  ERROR_KEY_REUSED,
		  "public_key 39f7-13d0-a644-253f-0452-9421-b9f5-1b9b of north/moon is a key that "
		  "signs documents; a node needs another one" },
		{ PLAIN,
		  { ORG("north", NODE("moon", "'public_key': $A, ", "fd66:1::/64", "")) },
		  ERROR_KEY_REUSED,
		  "public_key 21fe-31df-a154-a261-626b-f854-046f-d227 of north/moon is a key that "
		  "signs documents; a node needs another one" },
		{ PLAIN,
		  { "{'type': 'aronet.org', " COMMON ", 'organization': 'north',"
		    " 'public_key': $A, 'nodes': []}" },
		  ERROR_KEY_REUSED,
		  "public_key 21fe-31df-a154-a261-626b-f854-046f-d227 of organization \"north\" is "
		  "a key that signs documents; a node needs another one" },
		{ PLAIN,
		  { NORTH, ORG("south", NODE("sun",
					     "'wireguard': [{'public_key': "
					     "'11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo='}], ",
					     "fd66:2::/64", "")) },
		  ERROR_KEY_REUSED,
		  "WireGuard key 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo= of south/sun is a "
		  "key "
		  "that "
		  "signs documents; a node needs another one" },
		{ PLAIN,
		  { NORTH, ORG("south", NODE("sun", MOON_KEYS, "fd66:2::/64", "")) },
		  ERROR_KEY_REUSED,
		  "WireGuard key Av5sZbS3vEH43ceLOWuP1WMHruZc3Ok3zerxnGVpWWs= is used by "
		  "north/moon "
		  "and south/sun; every node needs a key of its own" },
		{ PLAIN,
		  { NORTH, ORG("south", NODE("sun", "'public_key': $M, ", "fd66:2::/64", "")) },
		  ERROR_KEY_REUSED,
		  "public_key 4f6f-9596-5bc0-b589-8613-9051-7192-8a14 is used by north/moon and "
		  "south/sun; every node needs a key of its own" },
	};

	(void)state;
	expect_refusals(rows, ARRAY_SIZE(rows));
}

static void unknown_organizations_and_addresses_of_each_host_are_refused(void **state)
{
	static const struct refusal rows[] = {
		{ PLAIN,
		  { ORG("west", "") },
		  ERROR_OMITTED,
		  "organization \"west\" is not in mesh \"fed\"" },
		{ MESH(MEMBER("north", GRANT("127.0.0.0/8", "32") ", " NORTH_GRANTS, ACTIVE), ""),
		  { ORG("north", MOON("'127.0.0.0/8'")) },
		  ERROR_LOCAL_POLICY,
		  "north/moon: 127.0.0.0/8 refused by local policy (loopback)" },
	};

	(void)state;
	expect_refusals(rows, ARRAY_SIZE(rows));
}

/* Two documents of 6,000 nodes each are fine, the mesh of them is not. */
static void a_mesh_has_a_limit_of_nodes(void **state)
{
	CLEANUP(strbuf_done) struct strbuf north = { 0 }, south = { 0 };
	const char *orgs[ORGS_MAX] = { 0 };
	struct registry *registry = NULL;
	struct error error = { 0 };

	(void)state;
	strbuf_puts(&north,
		    "{'type': 'aronet.org', " COMMON ", 'organization': 'north', 'nodes': [");
	strbuf_puts(&south,
		    "{'type': 'aronet.org', " COMMON ", 'organization': 'south', 'nodes': [");
	for (unsigned i = 0; i < 6000; i++) {
		strbuf_printf(&north, "%s" NODE("n%u", "", "fd66:1:0:%x::/64", ""), i ? "," : "", i,
			      i);
		strbuf_printf(&south, "%s" NODE("n%u", "", "fd66:2:0:%x::/64", ""), i ? "," : "", i,
			      i);
	}
	strbuf_puts(&north, "]}");
	strbuf_puts(&south, "]}");
	orgs[0] = strbuf_text(&north);
	orgs[1] = strbuf_text(&south);
	assert_true(assemble(PLAIN, orgs, NULL, &registry, &error) < 0);
	assert_int_equal(error.code, ERROR_TOO_BIG);
	assert_string_equal(error.text, "12000 nodes in the mesh; limit 10000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_become_one_registry),
		cmocka_unit_test(transit_is_what_the_mesh_says_of_the_organization),
		cmocka_unit_test(suspended_organizations_have_no_nodes),
		cmocka_unit_test(nodes_with_revoked_keys_are_left_out),
		cmocka_unit_test(a_revoked_node_refuses_nothing),
		cmocka_unit_test(a_revoked_org_key_does_not_revoke_nodes),
		cmocka_unit_test(anycast_prefixes_are_on_several_nodes),
		cmocka_unit_test(an_exit_is_granted_like_anything_else),
		cmocka_unit_test(nodes_stay_inside_the_grants_of_their_organization),
		cmocka_unit_test(prefixes_of_two_nodes_must_not_overlap),
		cmocka_unit_test(keys_have_one_owner_and_one_use),
		cmocka_unit_test(unknown_organizations_and_addresses_of_each_host_are_refused),
		cmocka_unit_test(a_mesh_has_a_limit_of_nodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
