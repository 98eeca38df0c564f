// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/mesh_parts.h"

#include "base/hex.h"
#include "base/memory.h"
#include "base/printable.h"

#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = {
	[REVOCATION_ORG_KEY] = "org-key",
	[REVOCATION_NODE_KEY] = "node-key",
	[REVOCATION_WIREGUARD_KEY] = "wireguard-key",
};

static int read_kind(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct revocation *revocation = target;
	size_t kind;
	int result = json_read_choice(cursor, kind_names, ARRAY_SIZE(kind_names), &kind, error);

	if (result == 0)
		revocation->kind = (enum revocation_kind)kind;
	return result;
}

/*
 * Each as it is written elsewhere: WireGuard's in base64, Ed25519's as in messages. A wrong text is
 * not shown: it may be the private key.
 */
static int read_key(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct revocation *revocation = target;
	bool is_base64 = revocation->kind == REVOCATION_WIREGUARD_KEY;
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	result = is_base64 ? crypto_key_from_base64(text, revocation->key)
			   : hex_parse(text, revocation->key, KEY_SIZE);
	if (result < 0)
		return json_cursor_fail(cursor, error, ERROR_KEY_FORMAT,
					"the public key of a \"%s\" is written as %s",
					kind_names[revocation->kind],
					is_base64 ? "44 characters of base64 (32 bytes)"
						  : "64 lower-case hex digits");
	return 0;
}

static int read_at(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct revocation *revocation = target;

	return document_read_timestamp(cursor, &revocation->at, error);
}

/* It is shown in messages, hence nothing in it that a terminal would obey. */
static int read_reason(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct revocation *revocation = target;
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	if (strlen(text) >= MESH_REASON_SIZE)
		return json_cursor_fail(cursor, error, ERROR_TOO_BIG, "%zu bytes; limit %d",
					strlen(text), MESH_REASON_SIZE - 1);
	strcpy(revocation->reason, text);
	printable_make(revocation->reason);
	if (strcmp(revocation->reason, text) != 0)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"has control characters; only text is allowed");
	return 0;
}

/* How a key is written depends on its kind. */
static const struct json_member revocation_members[] = {
	{ "kind", true, read_kind },
	{ "key", true, read_key },
	{ "at", false, read_at },
	{ "reason", false, read_reason },
};

const struct member_table mesh_revocation_table = { "revocation", revocation_members,
						    ARRAY_SIZE(revocation_members), false };

static int compare_revoked_keys(const struct revocation *left, const struct revocation *right)
{
	if (left->kind != right->kind)
		return left->kind < right->kind ? -1 : 1;
	return memcmp(left->key, right->key, KEY_SIZE);
}

/* A total order, so that the document's order does not decide which of two reasons is told. */
static int compare_revocations(const void *a, const void *b)
{
	const struct revocation *left = a, *right = b;
	int order = compare_revoked_keys(left, right);

	if (!order && left->at != right->at)
		order = left->at < right->at ? -1 : 1;
	return order ? order : strcmp(left->reason, right->reason);
}

static void sort_revocations(struct mesh_document *mesh)
{
	size_t kept = 0;

	if (mesh->revoked_count == 0)
		return;
	qsort(mesh->revoked, mesh->revoked_count, sizeof(mesh->revoked[0]), compare_revocations);
	for (size_t i = 1; i < mesh->revoked_count; i++)
		if (compare_revoked_keys(&mesh->revoked[kept], &mesh->revoked[i]) != 0)
			mesh->revoked[++kept] = mesh->revoked[i];
	mesh->revoked_count = kept + 1;
}

int mesh_read_revocations(const struct json_cursor *cursor, struct mesh_document *mesh,
			  struct error *error)
{
	size_t count;
	int result = json_expect_array(cursor, MESH_REVOCATIONS_MAX, &count, error);

	for (size_t i = 0; result == 0 && i < count; i++) {
		struct json_cursor item = json_cursor_item(cursor, i);

		result = json_read_object(&item, revocation_members, ARRAY_SIZE(revocation_members),
					  false, ARRAY_APPEND(mesh->revoked, mesh->revoked_count),
					  error);
	}
	sort_revocations(mesh);
	return result;
}

static int compare_revocation_with(const void *wanted, const void *revocation)
{
	return compare_revoked_keys(wanted, revocation);
}

const struct revocation *mesh_find_revocation(const struct mesh_document *mesh,
					      enum revocation_kind kind,
					      const uint8_t key[KEY_SIZE])
{
	struct revocation wanted = { .kind = kind };

	if (mesh->revoked_count == 0)
		return NULL;
	memcpy(wanted.key, key, KEY_SIZE);
	return bsearch(&wanted, mesh->revoked, mesh->revoked_count, sizeof(mesh->revoked[0]),
		       compare_revocation_with);
}
