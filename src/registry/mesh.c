// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/mesh.h"

#include "registry/grants.h"
#include "registry/mesh_parts.h"
#include "registry/name.h"
#include "registry/overlap.h"

#include "base/hex.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct mesh_reader {
	struct mesh_document *mesh;
	struct keyset keys;  /* of both roles */
	struct keyset *role; /* the one being read */
};

void mesh_document_free(struct mesh_document *mesh)
{
	if (!mesh)
		return;
	for (size_t i = 0; i < mesh->organizations_count; i++)
		free(mesh->organizations[i].grants);
	free(mesh->organizations);
	free(mesh->pool);
	free(mesh->revoked);
	free(mesh);
}

static int read_name(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct mesh_reader *reader = target;

	return name_read(cursor, "mesh", reader->mesh->name, error);
}

/* The first version has no predecessor, and only the first. */
static int read_prev(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct mesh_reader *reader = target;
	struct mesh_document *mesh = reader->mesh;
	bool is_first = mesh->header.version == 1;
	int result;

	if (!cursor->value) {
		if (!is_first)
			return json_cursor_fail(
				cursor, error, ERROR_MESH_CHAIN,
				"prev is null; expected the sha256 of mesh %" PRIu64,
				mesh->header.version - 1);
		return 0;
	}
	result = document_read_digest(cursor, mesh->prev, error);
	if (result < 0)
		return result;
	if (is_first)
		return json_cursor_fail(cursor, error, ERROR_MESH_CHAIN,
					"prev must be null in version 1, which has no predecessor");
	mesh->has_prev = true;
	return 0;
}

static int read_keys(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct mesh_reader *reader = target;

	return document_read_keys(cursor, true, &reader->keys, error);
}

/* The key with that id, or NULL. */
static const uint8_t *find_key(const struct keyset *keys, const char *keyid)
{
	char own[CRYPTO_KEYID_SIZE];

	for (unsigned i = 0; i < keys->count; i++)
		if (!strcmp(crypto_keyid(keys->keys[i], own), keyid))
			return keys->keys[i];
	return NULL;
}

static int read_role_key(const struct json_cursor *cursor, const struct keyset *keys,
			 struct keyset *role, struct error *error)
{
	char keyid[CRYPTO_KEYID_SIZE];
	const uint8_t *key;
	int result = document_read_keyid(cursor, keyid, error);

	if (result < 0)
		return result;
	key = find_key(keys, keyid);
	if (!key)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"key %.8s... is not in \"keys\" of this document", keyid);
	if (keyset_has(role, key))
		return json_cursor_fail(cursor, error, ERROR_KEY_DUP, "key %.8s... is listed twice",
					keyid);
	memcpy(role->keys[role->count++], key, KEY_SIZE);
	return 0;
}

static int read_role_keys(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct mesh_reader *reader = target;
	size_t count;
	int result = json_expect_array(cursor, KEYSET_KEYS_MAX, &count, error);

	if (result == 0 && count == 0)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"lists no key; expected 1 to %d", KEYSET_KEYS_MAX);
	for (size_t i = 0; result == 0 && i < count; i++) {
		struct json_cursor item = json_cursor_item(cursor, i);

		result = read_role_key(&item, &reader->keys, reader->role, error);
	}
	return result;
}

static int read_role_threshold(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct mesh_reader *reader = target;
	char what[NAME_SIZE];

	(void)snprintf(what, sizeof(what), "role \"%s\"", cursor->parent->member);
	return document_read_threshold(cursor, what, reader->role, error);
}

/* The threshold is compared with the number of keys. */
static const struct json_member role_members[] = {
	{ "keys", true, read_role_keys },
	{ "threshold", true, read_role_threshold },
};

static const struct member_table role_table = { "role", role_members, ARRAY_SIZE(role_members),
						false };

static int read_role(const struct json_cursor *cursor, struct mesh_reader *reader,
		     struct keyset *role, struct error *error)
{
	reader->role = role;
	return json_read_object(cursor, role_members, ARRAY_SIZE(role_members), false, reader,
				error);
}

static int read_mesh_role(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct mesh_reader *reader = target;

	return read_role(cursor, reader, &reader->mesh->mesh_role, error);
}

static int read_manifest_role(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct mesh_reader *reader = target;

	return read_role(cursor, reader, &reader->mesh->manifest_role, error);
}

static const struct json_member roles_members[] = {
	{ "mesh", true, read_mesh_role },
	{ "manifest", true, read_manifest_role },
};

static const struct member_table roles_table = { "roles", roles_members, ARRAY_SIZE(roles_members),
						 false };

static int read_roles(const struct json_cursor *cursor, void *target, struct error *error)
{
	return json_read_object(cursor, roles_members, ARRAY_SIZE(roles_members), false, target,
				error);
}

static int read_manifest_days(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct mesh_reader *reader = target;
	int64_t days;
	int result = json_read_integer(cursor, 1, DOCUMENT_DAYS_MAX, &days, error);

	if (result == 0)
		reader->mesh->manifest_max_days = (unsigned)days;
	return result;
}

int mesh_read_prefix(const struct json_cursor *cursor, struct ip_prefix *ret,
		     uint8_t *ret_shortened, struct error *error)
{
	char quoted[JSON_QUOTE_SIZE], text[IP_PREFIX_TEXT_SIZE];
	struct ip_prefix prefix, masked;
	const char *string;
	int result = json_read_string(cursor, &string, error);

	if (result < 0)
		return result;
	if (ip_prefix_parse(string, &prefix) < 0)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"%s is not a prefix; expected ADDRESS/LENGTH",
					json_quote(string, quoted));
	masked = ip_prefix_masked(&prefix);
	if (ip_prefix_has_host_bits(&prefix))
		return json_cursor_fail(
			cursor, error, ERROR_VALUE, "%s has host bits; write %s or another length",
			json_quote(string, quoted), ip_prefix_format(&masked, text));
	*ret = prefix_unmapped(&masked);
	*ret_shortened = masked.length - ret->length;
	return 0;
}

static int read_pool(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct mesh_reader *reader = target;
	struct mesh_document *mesh = reader->mesh;
	size_t count;
	int result = json_expect_array(cursor, MESH_POOL_MAX, &count, error);

	for (size_t i = 0; result == 0 && i < count; i++) {
		struct json_cursor item = json_cursor_item(cursor, i);
		uint8_t shortened;

		result = mesh_read_prefix(&item, ARRAY_APPEND(mesh->pool, mesh->pool_count),
					  &shortened, error);
	}
	return result;
}

static int read_organizations(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct mesh_reader *reader = target;

	return mesh_read_organizations(cursor, reader->mesh, error);
}

static int read_revoked(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct mesh_reader *reader = target;

	return mesh_read_revocations(cursor, reader->mesh, error);
}

/* The text is not shown: somebody may have put the secret there. */
static int read_secret_id(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct secret_use *use = target;
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result == 0 && hex_parse(text, use->id, sizeof(use->id)) < 0)
		return json_cursor_fail(
			cursor, error, ERROR_VALUE,
			"expected the id of a secret, %d lower-case hex digits; the "
			"secret itself is in no document",
			2 * SECRET_ID_SIZE);
	return result;
}

static int read_secret_from(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct secret_use *use = target;

	if (cursor->parent->index == 0)
		return json_cursor_fail_name(cursor, error, ERROR_VALUE,
					     "the first secret is used from the beginning and has "
					     "no \"from\"");
	return document_read_timestamp(cursor, &use->from, error);
}

static const struct json_member secret_members[] = {
	{ "id", true, read_secret_id },
	{ "from", false, read_secret_from },
};

static const struct member_table secret_table = { "pskSecret", secret_members,
						  ARRAY_SIZE(secret_members), false };

static int read_psk_secrets(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct mesh_document *mesh = ((struct mesh_reader *)target)->mesh;
	size_t count;
	int result = json_expect_array(cursor, MESH_SECRETS_MAX, &count, error);

	for (size_t i = 0; result == 0 && i < count; i++) {
		struct json_cursor item = json_cursor_item(cursor, i), from;

		result = json_read_object(&item, secret_members, ARRAY_SIZE(secret_members), false,
					  &mesh->secrets[i], error);
		if (result == 0 && i > 0 && json_cursor_member(&item, "from", &from) < 0)
			return json_cursor_fail(&item, error, ERROR_MISSING,
						"missing member \"from\": when the second secret "
						"comes into use");
		mesh->secrets_count++;
	}
	return result;
}

/* keys come before the roles that name them, the pool before the grants that lie in it. */
static const struct json_member mesh_members[] = {
	DOCUMENT_HEADER_MEMBERS,
	{ "name", true, read_name },
	{ "prev", true, read_prev },
	{ "keys", true, read_keys },
	{ "roles", true, read_roles },
	{ "manifest_max_days", false, read_manifest_days },
	{ "pool", true, read_pool },
	{ "organizations", true, read_organizations },
	{ "psk_secrets", false, read_psk_secrets },
	{ "revoked", true, read_revoked },
};

static const struct member_table mesh_table = { "mesh", mesh_members, ARRAY_SIZE(mesh_members),
						false };

const struct member_table *const mesh_tables[MESH_TABLES] = {
	&mesh_table,	   &roles_table,	   &role_table,	  &mesh_organization_table,
	&mesh_grant_table, &mesh_revocation_table, &secret_table,
};

int mesh_document_parse(const void *payload, size_t size, const char *name,
			struct mesh_document **ret, struct error *error)
{
	CLEANUP(mesh_document_free) struct mesh_document *mesh = NEW(struct mesh_document);
	CLEANUP(json_document_free) struct json_document *document = NULL;
	struct mesh_reader reader = { .mesh = mesh };
	struct json_cursor root;
	int result;

	mesh->manifest_max_days = MESH_MANIFEST_DAYS_DEFAULT;
	result = document_open(payload, size, name, DOCUMENT_MESH, &document, &mesh->header, error);
	if (result < 0)
		return result;
	root = json_document_root(document);
	result = json_read_object(&root, mesh_members, ARRAY_SIZE(mesh_members), false, &reader,
				  error);
	if (result == 0)
		result = grants_check_overlap(mesh, name, error);
	if (result < 0)
		return result;
	*ret = TAKE(mesh);
	return 0;
}

static int compare_name_with_organization(const void *name, const void *organization)
{
	return strcmp(name, ((const struct mesh_organization *)organization)->name);
}

const struct mesh_organization *mesh_find_organization(const struct mesh_document *mesh,
						       const char *name)
{
	if (mesh->organizations_count == 0)
		return NULL;
	return bsearch(name, mesh->organizations, mesh->organizations_count,
		       sizeof(mesh->organizations[0]), compare_name_with_organization);
}

struct keyset mesh_organization_keyset(const struct mesh_document *mesh,
				       const struct mesh_organization *organization)
{
	struct keyset keyset = { .threshold = organization->keys.threshold };

	for (unsigned i = 0; i < organization->keys.count; i++) {
		const uint8_t *key = organization->keys.keys[i];

		if (!mesh_find_revocation(mesh, REVOCATION_ORG_KEY, key))
			memcpy(keyset.keys[keyset.count++], key, KEY_SIZE);
	}
	return keyset;
}
