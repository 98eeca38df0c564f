// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/mesh_edit.h"

#include "base/cleanup.h"
#include "registry/test_bundle.h"
#include "source/json_edit.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct named_key key(unsigned number, const char *holder)
{
	struct named_key key = { .holder = holder };

	(void)test_public_key(number, key.public_key);
	return key;
}

/* A mesh of two holders, and north with the keys 20 and 21, both of which have to sign. */
static struct json_object *mesh_new(void)
{
	static const char *const pool[] = { "fd66::/16" };
	const struct named_key holders[] = { key(1, "alice"), key(2, "bob") };
	const struct named_key members[] = { key(20, NULL), key(21, NULL) };
	struct grant grants[2];
	const struct mesh_plan plan = {
		.name = "test",
		.keys = { holders, 2 },
		.threshold = 2,
		.manifest_threshold = 1,
		.pool = pool,
		.pool_count = 1,
	};
	const struct member_plan member = {
		.name = "north",
		.keys = { members, 2 },
		.threshold = 2,
		.grants = grants,
		.grants_count = 2,
	};
	struct json_object *mesh = mesh_edit_new(&plan);

	assert_int_equal(grant_parse("fd66:1::/32", false, &grants[0], NULL), 0);
	assert_int_equal(grant_parse("fd66:2::/32-48", true, &grants[1], NULL), 0);
	assert_int_equal(mesh_edit_add_member(mesh, &member, NULL), 0);
	json_set_time(mesh, "issued", 1795219200);
	json_set_time(mesh, "expires", 1795219200 + DAY_SEC);
	return mesh;
}

/* It is a mesh document, whatever was changed. */
static struct mesh_document *must_parse(struct json_object *mesh)
{
	const char *text = json_object_to_json_string(mesh);
	struct mesh_document *document = NULL;
	struct error error = { 0 };

	if (mesh_document_parse(text, strlen(text), "mesh", &document, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
	return document;
}

static void a_new_mesh_is_a_mesh_document(void **state)
{
	struct json_object *mesh = mesh_new();
	CLEANUP(mesh_document_free) struct mesh_document *document = must_parse(mesh);

	(void)state;
	assert_string_equal(document->name, "test");
	assert_int_equal(document->mesh_role.threshold, 2);
	assert_int_equal(document->mesh_role.count, 2);
	/* Without keys of their own manifests are signed by those of the mesh. */
	assert_int_equal(document->manifest_role.count, 2);
	assert_int_equal(document->manifest_role.threshold, 1);
	assert_int_equal(document->manifest_max_days, MESH_MANIFEST_DAYS_DEFAULT);
	assert_int_equal(document->organizations_count, 1);
	assert_int_equal(document->organizations[0].grants[0].max_length, 64);
	assert_int_equal(document->organizations[0].grants[1].max_length, 48);
	assert_true(document->organizations[0].grants[1].shared);
	assert_true(document->organizations[0].is_transit);
	json_object_put(mesh);
}

static void a_member_is_added_once_whatever_the_case(void **state)
{
	const struct named_key keys[] = { key(22, NULL) };
	const struct member_plan again = { .name = "NORTH", .keys = { keys, 1 }, .threshold = 1 };
	struct json_object *mesh = mesh_new();
	struct error error = { 0 };

	(void)state;
	assert_int_equal(mesh_edit_add_member(mesh, &again, &error), -EEXIST);
	assert_int_equal(error.code, ERROR_NAME);
	assert_int_equal(json_object_array_length(json_array(mesh, "organizations")), 1);
	json_object_put(mesh);
}

static void grants_are_read_with_their_longest_prefix(void **state)
{
	static const struct {
		const char *text;
		int length; /* -1: refused */
	} rows[] = {
		{ "fd66:1::/48", 64 },
		{ "fd66:1::/48-64", 64 },
		{ "fd66:1::/48-128", 128 },
		{ "fd66:1::/80", 80 },
		{ "192.168.0.0/16", 24 },
		{ "192.168.0.0/16-32", 32 },
		{ "192.168.0.128/25", 25 },
		{ "fd66:1::/48-47", -1 },
		{ "fd66:1::/48-129", -1 },
		{ "192.168.0.0/16-33", -1 },
		{ "fd66:1::/48-", -1 },
		{ "fd66:1::/48-6x", -1 },
		{ "fd66:1::", 128 },
		{ "fd66:1::/-64", -1 },
		{ "", -1 },
		{ "north", -1 },
		{ "fd66:1::/48-064", -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error error = { 0 };
		struct grant grant = { 0 };
		int result = grant_parse(rows[i].text, false, &grant, &error);

		if ((result == 0) != (rows[i].length >= 0) ||
		    (result == 0 && grant.max_length != rows[i].length))
			fail_msg("%s: %d, /%u", rows[i].text, result, grant.max_length);
		if (result < 0)
			assert_int_equal(error.code, ERROR_USAGE);
	}
}

static void grants_are_taken_by_their_prefix(void **state)
{
	struct json_object *mesh = mesh_new();
	CLEANUP(mesh_document_free) struct mesh_document *document = NULL;
	struct ip_prefix prefix;
	struct error error = { 0 };

	(void)state;
	assert_int_equal(ip_prefix_parse("fd66:0001:0::/32", &prefix), 0);
	assert_int_equal(mesh_edit_remove_grant(mesh, "north", &prefix, &error), 0);
	assert_int_equal(mesh_edit_remove_grant(mesh, "north", &prefix, &error), -ENOENT);
	assert_string_equal(error.text, "\"north\" has no grant fd66:1::/32");
	assert_int_equal(mesh_edit_remove_grant(mesh, "west", &prefix, &error), -ENOENT);
	assert_string_equal(error.text, "organization \"west\" is no member of this mesh");
	document = must_parse(mesh);
	assert_int_equal(document->organizations[0].grants_count, 1);
	json_object_put(mesh);
}

static void a_threshold_never_exceeds_the_keys(void **state)
{
	const struct named_key one[] = { key(22, NULL) };
	const struct named_key three[] = { key(22, NULL), key(23, NULL), key(24, NULL) };
	struct json_object *mesh = mesh_new();
	CLEANUP(mesh_document_free) struct mesh_document *document = NULL;
	struct error error = { 0 };

	(void)state;
	assert_int_equal(
		mesh_edit_set_keys(mesh, "north", &(struct key_list) { three, 3 }, 0, &error), 0);
	document = must_parse(mesh);
	assert_int_equal(document->organizations[0].keys.threshold, 2); /* as before */
	mesh_document_free(document);
	assert_int_equal(
		mesh_edit_set_keys(mesh, "north", &(struct key_list) { one, 1 }, 0, &error), 0);
	document = must_parse(mesh);
	assert_int_equal(document->organizations[0].keys.threshold, 1);
	assert_int_equal(document->organizations[0].keys.count, 1);
	json_object_put(mesh);
}

static void the_last_key_of_a_member_stays(void **state)
{
	struct json_object *mesh = mesh_new();
	CLEANUP(mesh_document_free) struct mesh_document *document = NULL;
	struct error error = { 0 };

	(void)state;
	assert_int_equal(mesh_edit_remove_key(mesh, "north", key(20, NULL).public_key, &error), 0);
	document = must_parse(mesh);
	assert_int_equal(document->organizations[0].keys.threshold, 1);
	assert_int_equal(mesh_edit_remove_key(mesh, "north", key(21, NULL).public_key, &error),
			 -EPERM);
	assert_int_equal(error.code, ERROR_KEY_ROLE);
	/* What it does not have is no error: it may have been replaced before. */
	assert_int_equal(mesh_edit_remove_key(mesh, "north", key(99, NULL).public_key, &error), 0);
	json_object_put(mesh);
}

static void keys_without_a_role_leave_the_document(void **state)
{
	const struct named_key keys[] = { key(2, "bob"), key(3, "carol") };
	const struct named_key manifest[] = { key(10, "ci") };
	struct json_object *mesh = mesh_new();
	CLEANUP(mesh_document_free) struct mesh_document *document = NULL;

	(void)state;
	mesh_edit_set_role(mesh, MESH_ROLE_MESH, &(struct key_list) { keys, 2 }, 0);
	/* alice may still sign manifests */
	assert_int_equal(json_object_array_length(json_array(mesh, "keys")), 3);
	mesh_edit_set_role(mesh, MESH_ROLE_MANIFEST, &(struct key_list) { manifest, 1 }, 0);
	assert_int_equal(json_object_array_length(json_array(mesh, "keys")), 3);
	document = must_parse(mesh);
	assert_int_equal(document->mesh_role.threshold, 2);
	assert_true(keyset_has(&document->mesh_role, key(3, NULL).public_key));
	assert_false(keyset_has(&document->mesh_role, key(1, NULL).public_key));
	assert_int_equal(document->manifest_role.count, 1);
	assert_string_equal(
		json_text(json_object_array_get_idx(json_array(mesh, "keys"), 0), "holder"), "bob");
	json_object_put(mesh);
}

static void revocations_are_listed_once(void **state)
{
	struct json_object *mesh = mesh_new();
	CLEANUP(mesh_document_free) struct mesh_document *document = NULL;
	uint8_t wireguard[KEY_SIZE];

	(void)state;
	test_wireguard_key(0, 0, wireguard);
	for (int i = 0; i < 2; i++) {
		mesh_edit_revoke(mesh, REVOCATION_ORG_KEY, key(20, NULL).public_key, 1795219200,
				 "lost laptop");
		mesh_edit_revoke(mesh, REVOCATION_WIREGUARD_KEY, wireguard, 1795219200, NULL);
	}
	document = must_parse(mesh);
	assert_int_equal(document->revoked_count, 2);
	assert_non_null(mesh_find_revocation(document, REVOCATION_WIREGUARD_KEY, wireguard));
	assert_string_equal(
		mesh_find_revocation(document, REVOCATION_ORG_KEY, key(20, NULL).public_key)
			->reason,
		"lost laptop");
	json_object_put(mesh);
}

static void unknown_members_stay_where_they_are(void **state)
{
	struct json_object *mesh = mesh_new(), *north;
	const char *text;

	(void)state;
	north = json_object_array_get_idx(json_array(mesh, "organizations"), 0);
	json_set_text(mesh, "x-contact", "noc@example.net");
	json_set_text(north, "x-ticket", "4711");
	assert_int_equal(
		mesh_edit_set_member(mesh, "north", "max_nodes", json_object_new_int(7), NULL), 0);
	text = json_object_to_json_string_ext(mesh, JSON_C_TO_STRING_PLAIN);
	assert_non_null(strstr(text, "\"x-contact\":\"noc@example.net\""));
	assert_non_null(strstr(text, "\"x-ticket\":\"4711\",\"max_nodes\":7"));
	mesh_document_free(must_parse(mesh));
	json_object_put(mesh);
}

static void secrets_follow_each_other(void **state)
{
	static const uint8_t first[SECRET_ID_SIZE] = { 1 }, second[SECRET_ID_SIZE] = { 2 },
			     third[SECRET_ID_SIZE] = { 3 };
	struct json_object *mesh = mesh_new();
	CLEANUP(mesh_document_free) struct mesh_document *document = NULL;
	CLEANUP(mesh_document_free) struct mesh_document *after = NULL;
	struct error error = { 0 };

	(void)state;
	assert_int_equal(mesh_edit_add_secret(mesh, first, 1795219200, &error), -EINVAL);
	assert_int_equal(mesh_edit_add_secret(mesh, first, 0, NULL), 0);
	assert_int_equal(mesh_edit_add_secret(mesh, first, 1795219200, &error), -EEXIST);
	assert_int_equal(mesh_edit_add_secret(mesh, second, 0, &error), -EINVAL);
	assert_non_null(strstr(error.text, "--from TIME"));
	assert_int_equal(mesh_edit_add_secret(mesh, second, 1795219200, NULL), 0);
	assert_int_equal(mesh_edit_add_secret(mesh, third, 1795219300, &error), -EEXIST);
	document = must_parse(mesh);
	assert_int_equal(document->secrets_count, 2);
	assert_int_equal(document->secrets[1].from, 1795219200);

	assert_int_equal(mesh_edit_remove_secret(mesh, third, 1795219200, &error), -ENOENT);
	assert_int_equal(mesh_edit_remove_secret(mesh, first, 1795219199, &error), -EBUSY);
	assert_string_equal(error.text, "the secret 0100000000000000 is in use until "
					"2026-11-21T00:00:00Z; remove it then");
	assert_int_equal(mesh_edit_remove_secret(mesh, first, 1795219200, NULL), 0);
	after = must_parse(mesh);
	assert_int_equal(after->secrets_count, 1);
	assert_memory_equal(after->secrets[0].id, second, SECRET_ID_SIZE);
	assert_int_equal(mesh_edit_remove_secret(mesh, second, 0, NULL), 0);
	json_object_put(mesh);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secrets_follow_each_other),
		cmocka_unit_test(a_new_mesh_is_a_mesh_document),
		cmocka_unit_test(a_member_is_added_once_whatever_the_case),
		cmocka_unit_test(grants_are_read_with_their_longest_prefix),
		cmocka_unit_test(grants_are_taken_by_their_prefix),
		cmocka_unit_test(a_threshold_never_exceeds_the_keys),
		cmocka_unit_test(the_last_key_of_a_member_stays),
		cmocka_unit_test(keys_without_a_role_leave_the_document),
		cmocka_unit_test(revocations_are_listed_once),
		cmocka_unit_test(unknown_members_stay_where_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
