// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/trust.h"

#include "registry/bundle.h"
#include "registry/name.h"

#include "base/hex.h"
#include "base/memory.h"
#include "base/timestamp.h"
#include "crypto/crypto.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define TRUST_DIGITS 6 /* bytes of a digest that a message shows */

void trust_free(struct trust *trust)
{
	if (!trust)
		return;
	free(trust->organizations);
	free(trust);
}

static int compare_name(const void *name, const void *organization)
{
	return strcmp(name, ((const struct trust_organization *)organization)->name);
}

const struct trust_organization *trust_find_organization(const struct trust *trust,
							 const char *name)
{
	if (!trust->organizations_count)
		return NULL;
	return bsearch(name, trust->organizations, trust->organizations_count,
		       sizeof(trust->organizations[0]), compare_name);
}

int trust_check_floor(const struct trust_floor *floor, const uint8_t keyset[KEY_SIZE],
		      uint64_t version, const uint8_t digest[KEY_SIZE], const char *what,
		      struct error *error)
{
	char accepted[2 * TRUST_DIGITS + 1], found[2 * TRUST_DIGITS + 1];

	if (!floor->version || memcmp(floor->keyset, keyset, KEY_SIZE) != 0)
		return 0;
	if (version < floor->version)
		return error_set(error, -ESTALE, ERROR_ROLLBACK, NULL,
				 "%s %" PRIu64 " is older than %" PRIu64
				 ", which this node already accepted",
				 what, version, floor->version);
	if (version > floor->version || !memcmp(floor->digest, digest, KEY_SIZE))
		return 0;
	return error_set(error, -ESTALE, ERROR_EQUIVOCATION, NULL,
			 "%s %" PRIu64 " differs from the %s %" PRIu64
			 " this node accepted (sha256 %s... / %s...); two registries are in "
			 "circulation",
			 what, version, what, version, hex_format(digest, TRUST_DIGITS, found),
			 hex_format(floor->digest, TRUST_DIGITS, accepted));
}

static int read_spec(const struct json_cursor *root, struct error *error)
{
	struct json_cursor cursor;
	int64_t spec;
	int result;

	if (json_cursor_member(root, "spec", &cursor) < 0)
		return json_cursor_fail(root, error, ERROR_MISSING, "missing member \"spec\"");
	result = json_read_integer(&cursor, 1, DOCUMENT_VERSION_MAX, &spec, error);
	if (result < 0 || spec <= TRUST_SPEC)
		return result;
	return json_cursor_fail(&cursor, error, ERROR_STATE_CORRUPT,
				"was written by a newer aronet (spec %" PRId64
				", this one knows %d); use that version again",
				spec, TRUST_SPEC);
}

static int read_hex(const struct json_cursor *cursor, uint8_t *ret, size_t size,
		    struct error *error)
{
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result == 0 && hex_parse(text, ret, size) < 0)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"expected %zu lower-case hex digits", 2 * size);
	return result;
}

static int read_version(const struct json_cursor *cursor, uint64_t *ret, struct error *error)
{
	int64_t version;
	int result = json_read_integer(cursor, 1, DOCUMENT_VERSION_MAX, &version, error);

	if (result == 0)
		*ret = (uint64_t)version;
	return result;
}

static int read_mesh_id(const struct json_cursor *cursor, void *target, struct error *error)
{
	return read_hex(cursor, ((struct trust *)target)->mesh_id, MESH_ID_SIZE, error);
}

static int read_mesh_version(const struct json_cursor *cursor, void *target, struct error *error)
{
	return read_version(cursor, &((struct trust *)target)->mesh_version, error);
}

static int read_mesh_sha256(const struct json_cursor *cursor, void *target, struct error *error)
{
	return read_hex(cursor, ((struct trust *)target)->mesh_digest, KEY_SIZE, error);
}

/* What no accepted mesh document can have had is damage, too. */
static int read_mesh_keys(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct keyset *keyset = &((struct trust *)target)->mesh_keys;
	size_t count;
	int result = json_expect_array(cursor, KEYSET_KEYS_MAX, &count, error);

	for (size_t i = 0; result == 0 && i < count; i++) {
		struct json_cursor item = json_cursor_item(cursor, i);
		uint8_t key[KEY_SIZE];

		result = read_hex(&item, key, KEY_SIZE, error);
		if (result < 0)
			return result;
		if (crypto_ed25519_is_weak(key) || keyset_has(keyset, key))
			return json_cursor_fail(&item, error, ERROR_VALUE,
						"a weak key, or one that is there twice");
		memcpy(keyset->keys[keyset->count++], key, KEY_SIZE);
	}
	return result;
}

/* After the keys, see mesh_members. */
static int read_mesh_threshold(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct keyset *keyset = &((struct trust *)target)->mesh_keys;
	int64_t threshold;
	int result = json_read_integer(cursor, 1, keyset->count, &threshold, error);

	if (result == 0)
		keyset->threshold = (unsigned)threshold;
	return result;
}

static const struct json_member mesh_members[] = {
	{ "version", true, read_mesh_version },
	{ "sha256", true, read_mesh_sha256 },
	{ "keys", true, read_mesh_keys },
	{ "threshold", true, read_mesh_threshold },
};

static int read_mesh(const struct json_cursor *cursor, void *target, struct error *error)
{
	return json_read_object(cursor, mesh_members, ARRAY_SIZE(mesh_members), false, target,
				error);
}

static int read_floor_version(const struct json_cursor *cursor, void *target, struct error *error)
{
	return read_version(cursor, &((struct trust_floor *)target)->version, error);
}

static int read_floor_sha256(const struct json_cursor *cursor, void *target, struct error *error)
{
	return read_hex(cursor, ((struct trust_floor *)target)->digest, KEY_SIZE, error);
}

static int read_floor_keyset(const struct json_cursor *cursor, void *target, struct error *error)
{
	return read_hex(cursor, ((struct trust_floor *)target)->keyset, KEY_SIZE, error);
}

static const struct json_member manifest_members[] = {
	{ "version", true, read_floor_version },
	{ "sha256", true, read_floor_sha256 },
	{ "keyset", true, read_floor_keyset },
};

static int read_manifest(const struct json_cursor *cursor, void *target, struct error *error)
{
	return json_read_object(cursor, manifest_members, ARRAY_SIZE(manifest_members), false,
				&((struct trust *)target)->manifest, error);
}

static int read_name(const struct json_cursor *cursor, void *target, struct error *error)
{
	return name_read(cursor, "organization", ((struct trust_organization *)target)->name,
			 error);
}

static int read_org_version(const struct json_cursor *cursor, void *target, struct error *error)
{
	return read_floor_version(cursor, &((struct trust_organization *)target)->floor, error);
}

static int read_org_sha256(const struct json_cursor *cursor, void *target, struct error *error)
{
	return read_floor_sha256(cursor, &((struct trust_organization *)target)->floor, error);
}

static int read_org_keyset(const struct json_cursor *cursor, void *target, struct error *error)
{
	return read_floor_keyset(cursor, &((struct trust_organization *)target)->floor, error);
}

static int read_verified(const struct json_cursor *cursor, void *target, struct error *error)
{
	return read_hex(cursor, ((struct trust_organization *)target)->verified, KEY_SIZE, error);
}

static const struct json_member organization_members[] = {
	{ "organization", true, read_name }, { "version", true, read_org_version },
	{ "sha256", true, read_org_sha256 }, { "keyset", true, read_org_keyset },
	{ "verified", true, read_verified },
};

static int read_organizations(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct trust *trust = target;
	size_t count;
	int result = json_expect_array(cursor, BUNDLE_ORGANIZATIONS_MAX, &count, error);

	for (size_t i = 0; result == 0 && i < count; i++) {
		struct json_cursor item = json_cursor_item(cursor, i);
		struct trust_organization *organization =
			ARRAY_APPEND(trust->organizations, trust->organizations_count);

		result = json_read_object(&item, organization_members,
					  ARRAY_SIZE(organization_members), false, organization,
					  error);
		if (result == 0 && i > 0 && strcmp(organization[-1].name, organization->name) >= 0)
			result = json_cursor_fail(&item, error, ERROR_VALUE,
						  "organizations are not sorted by name");
	}
	return result;
}

static int read_last_seen(const struct json_cursor *cursor, void *target, struct error *error)
{
	return document_read_timestamp(cursor, &((struct trust *)target)->last_seen, error);
}

/* Without `manifest` after aronet registry reset-trust: then there is only a mesh to start from. */
static const struct json_member trust_members[] = {
	{ "spec", true, document_skip }, /* read first of all */
	{ "mesh_id", true, read_mesh_id },     { "mesh", true, read_mesh },
	{ "manifest", false, read_manifest },  { "organizations", true, read_organizations },
	{ "last_seen", true, read_last_seen },
};

static int parse(const char *text, size_t size, const char *name, struct trust *trust,
		 struct error *error)
{
	CLEANUP(json_document_free) struct json_document *document = NULL;
	struct json_cursor root;
	int result = json_document_parse(text, size, JSON_STRICT, name, &document, error);

	if (result < 0)
		return result;
	root = json_document_root(document);
	result = read_spec(&root, error);
	if (result < 0)
		return result;
	return json_read_object(&root, trust_members, ARRAY_SIZE(trust_members), false, trust,
				error);
}

int trust_parse(const char *text, size_t size, const char *name, struct trust **ret,
		struct error *error)
{
	CLEANUP(trust_free) struct trust *trust = NEW(struct trust);
	struct error cause = { 0 };
	int result = parse(text, size, name, trust, &cause);

	if (result == 0) {
		*ret = TAKE(trust);
		return 0;
	}
	if (cause.code == ERROR_STATE_CORRUPT)
		return error_set(error, result, cause.code, cause.place, "%s", cause.text);
	return error_set(error, result, ERROR_STATE_CORRUPT, cause.place, "is damaged: %.400s",
			 cause.text);
}

static void format_member(struct strbuf *text, const char *name, const uint8_t *bytes, size_t size)
{
	char hex[2 * KEY_SIZE + 1];

	strbuf_printf(text, "\"%s\":\"%s\"", name, hex_format(bytes, size, hex));
}

static void format_floor(struct strbuf *text, const struct trust_floor *floor)
{
	strbuf_printf(text, "\"version\":%" PRIu64 ",", floor->version);
	format_member(text, "sha256", floor->digest, KEY_SIZE);
	strbuf_puts(text, ",");
	format_member(text, "keyset", floor->keyset, KEY_SIZE);
}

static void format_mesh(struct strbuf *text, const struct trust *trust)
{
	char hex[2 * KEY_SIZE + 1];

	strbuf_printf(text, "\"mesh\":{\"version\":%" PRIu64 ",", trust->mesh_version);
	format_member(text, "sha256", trust->mesh_digest, KEY_SIZE);
	strbuf_printf(text, ",\"threshold\":%u,\"keys\":[", trust->mesh_keys.threshold);
	for (unsigned i = 0; i < trust->mesh_keys.count; i++)
		strbuf_printf(text, "%s\"%s\"", i ? "," : "",
			      hex_format(trust->mesh_keys.keys[i], KEY_SIZE, hex));
	strbuf_puts(text, "]}");
}

/* Names need no escape, see name_read(). A line each, for who looks into it. */
void trust_format(const struct trust *trust, struct strbuf *ret)
{
	char time[TIMESTAMP_TEXT_SIZE];

	strbuf_printf(ret, "{\"spec\":%d,", TRUST_SPEC);
	format_member(ret, "mesh_id", trust->mesh_id, MESH_ID_SIZE);
	strbuf_puts(ret, ",\n ");
	format_mesh(ret, trust);
	if (trust->manifest.version) {
		strbuf_puts(ret, ",\n \"manifest\":{");
		format_floor(ret, &trust->manifest);
		strbuf_puts(ret, "}");
	}
	strbuf_puts(ret, ",\n \"organizations\":[");
	for (size_t i = 0; i < trust->organizations_count; i++) {
		const struct trust_organization *organization = &trust->organizations[i];

		strbuf_printf(ret, "%s\n  {\"organization\":\"%s\",", i ? "," : "",
			      organization->name);
		format_floor(ret, &organization->floor);
		strbuf_puts(ret, ",");
		format_member(ret, "verified", organization->verified, KEY_SIZE);
		strbuf_puts(ret, "}");
	}
	strbuf_printf(ret, "],\n \"last_seen\":\"%s\"}\n",
		      timestamp_format(trust->last_seen, time));
}
