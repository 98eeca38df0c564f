// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/document.h"

#include "registry/keyset.h"
#include "registry/node.h"

#include "base/hex.h"
#include "base/timestamp.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const char *const type_names[] = {
	[DOCUMENT_MESH] = "aronet.mesh",
	[DOCUMENT_MANIFEST] = "aronet.manifest",
	[DOCUMENT_ORG] = "aronet.org",
	[DOCUMENT_REQUEST] = "aronet.request",
};

struct header_reader {
	enum document_type type;
	struct document_header *header;
};

static int read_type(const struct json_cursor *cursor, void *target, struct error *error)
{
	const struct header_reader *reader = target;
	const char *expected = type_names[reader->type];
	char quoted[JSON_QUOTE_SIZE];
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	if (strcmp(text, expected) != 0)
		return json_cursor_fail(cursor, error, ERROR_ENVELOPE, "expected \"%s\", found %s",
					expected, json_quote(text, quoted));
	return 0;
}

static int read_spec(const struct json_cursor *cursor, void *target, struct error *error)
{
	int64_t spec;
	int result = json_read_integer(cursor, 1, DOCUMENT_VERSION_MAX, &spec, error);

	(void)target;
	if (result == 0 && spec != DOCUMENT_SPEC)
		return json_cursor_fail(cursor, error, ERROR_TYPE,
					"expected %d, found %" PRId64
					"; a later version of aronet may know it",
					DOCUMENT_SPEC, spec);
	return result;
}

static int read_mesh_id(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct header_reader *reader = target;
	char quoted[JSON_QUOTE_SIZE];
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	if (hex_parse(text, reader->header->mesh_id, MESH_ID_SIZE) < 0)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"expected %d lower-case hex digits, found %s",
					2 * MESH_ID_SIZE, json_quote(text, quoted));
	return 0;
}

static int read_nullable_mesh_id(const struct json_cursor *cursor, void *target,
				 struct error *error)
{
	return cursor->value ? read_mesh_id(cursor, target, error) : 0;
}

static int read_version(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct header_reader *reader = target;

	return document_read_version(cursor, &reader->header->version, error);
}

static int read_issued(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct header_reader *reader = target;

	return document_read_timestamp(cursor, &reader->header->issued, error);
}

static int read_expires(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct header_reader *reader = target;
	char issued[TIMESTAMP_TEXT_SIZE];
	int result = document_read_timestamp(cursor, &reader->header->expires, error);

	if (result == 0 && reader->header->expires <= reader->header->issued)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"is not after \"issued\", which is %s",
					timestamp_format(reader->header->issued, issued));
	return result;
}

static const struct json_member header_members[] = {
	{ "type", true, read_type },	   { "spec", true, read_spec },
	{ "mesh_id", true, read_mesh_id }, { "version", true, read_version },
	{ "issued", true, read_issued },   { "expires", true, read_expires },
};

/* A request is made before there is a mesh to speak of, and no later one replaces it. */
static const struct json_member request_header_members[] = {
	{ "type", true, read_type },
	{ "spec", true, read_spec },
	{ "mesh_id", true, read_nullable_mesh_id },
	{ "issued", true, read_issued },
};

int document_read_header(const struct json_cursor *root, enum document_type type,
			 struct document_header *ret, struct error *error)
{
	struct document_header header = { 0 };
	struct header_reader reader = { type, &header };
	bool is_request = type == DOCUMENT_REQUEST;
	int result = json_read_object(root, is_request ? request_header_members : header_members,
				      is_request ? ARRAY_SIZE(request_header_members)
						 : ARRAY_SIZE(header_members),
				      true, &reader, error);

	if (result == 0)
		*ret = header;
	return result;
}

static int check_lifetime(const struct json_cursor *root, const struct document_header *header,
			  struct error *error)
{
	int64_t lifetime = header->expires - header->issued;
	struct json_cursor expires;

	if (lifetime <= (int64_t)DOCUMENT_DAYS_MAX * DAY_SEC)
		return 0;
	(void)json_cursor_member(root, "expires", &expires);
	return json_cursor_fail(&expires, error, ERROR_EXPIRED,
				"is valid for %" PRId64 " days; at most %d are allowed",
				(lifetime + DAY_SEC - 1) / DAY_SEC, DOCUMENT_DAYS_MAX);
}

int document_open(const void *payload, size_t size, const char *name, enum document_type type,
		  struct json_document **ret, struct document_header *ret_header,
		  struct error *error)
{
	CLEANUP(json_document_free) struct json_document *document = NULL;
	struct document_header header;
	struct json_cursor root;
	int result;

	if (size > DOCUMENT_SIZE_MAX)
		return error_set(error, -EFBIG, ERROR_TOO_BIG, name,
				 "document is %zu bytes; limit %u", size, DOCUMENT_SIZE_MAX);
	result = json_document_parse(payload, size, JSON_STRICT, name, &document, error);
	if (result < 0)
		return result;
	root = json_document_root(document);
	result = document_read_header(&root, type, &header, error);
	if (result == 0 && (type == DOCUMENT_MESH || type == DOCUMENT_ORG))
		result = check_lifetime(&root, &header, error);
	if (result < 0)
		return result;
	*ret = TAKE(document);
	*ret_header = header;
	return 0;
}

int document_peek(const struct envelope *envelope, struct document_header *ret)
{
	static const struct json_member members[] = {
		{ "mesh_id", true, read_mesh_id },
		{ "version", true, read_version },
	};
	CLEANUP(json_document_free) struct json_document *document = NULL;
	struct document_header header = { 0 };
	struct header_reader reader = { envelope->type, &header };
	struct json_cursor root;

	if (json_document_parse(envelope->payload, envelope->payload_size, JSON_STRICT, "",
				&document, NULL) < 0)
		return -EINVAL;
	root = json_document_root(document);
	if (json_read_object(&root, members, ARRAY_SIZE(members), true, &reader, NULL) < 0)
		return -EINVAL;
	*ret = header;
	return 0;
}

int document_skip(const struct json_cursor *cursor, void *target, struct error *error)
{
	(void)cursor;
	(void)target;
	(void)error;
	return 0;
}

int document_read_timestamp(const struct json_cursor *cursor, int64_t *ret, struct error *error)
{
	char quoted[JSON_QUOTE_SIZE];
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	if (timestamp_parse(text, ret) < 0)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"expected a time in UTC such as \"2026-11-21T00:00:00Z\", "
					"found %s",
					json_quote(text, quoted));
	return 0;
}

int document_read_version(const struct json_cursor *cursor, uint64_t *ret, struct error *error)
{
	int64_t version;
	int result = json_read_integer(cursor, 1, DOCUMENT_VERSION_MAX, &version, error);

	if (result == 0)
		*ret = (uint64_t)version;
	return result;
}

int document_read_digest(const struct json_cursor *cursor, uint8_t ret[KEY_SIZE],
			 struct error *error)
{
	char quoted[JSON_QUOTE_SIZE];
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	if (hex_parse(text, ret, KEY_SIZE) < 0)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"expected a sha256 as %d lower-case hex digits, found %s",
					2 * KEY_SIZE, json_quote(text, quoted));
	return 0;
}
