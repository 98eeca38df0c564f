// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/manifest.h"

#include "registry/bundle.h"
#include "registry/name.h"

#include "base/hex.h"
#include "base/memory.h"
#include "base/timestamp.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void manifest_document_free(struct manifest_document *manifest)
{
	if (!manifest)
		return;
	free(manifest->organizations);
	free(manifest);
}

static int read_name(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct manifest_entry *entry = target;

	return name_read(cursor, "organization", entry->name, error);
}

static int read_version(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct manifest_entry *entry = target;

	return document_read_version(cursor, &entry->version, error);
}

static int read_size(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct manifest_entry *entry = target;
	int64_t size;
	int result = json_read_integer(cursor, 1, DOCUMENT_SIZE_MAX, &size, error);

	if (result == 0)
		entry->size = (uint64_t)size;
	return result;
}

static int read_sha256(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct manifest_entry *entry = target;

	return document_read_digest(cursor, entry->digest, error);
}

/* The mesh's entry has no name; its row is the first. */
static const struct json_member entry_members[] = {
	{ "organization", true, read_name },
	{ "version", true, read_version },
	{ "size", true, read_size },
	{ "sha256", true, read_sha256 },
};

static const struct member_table organization_table = { "organization", entry_members,
							ARRAY_SIZE(entry_members), false };
static const struct member_table mesh_table = { "mesh", entry_members + 1,
						ARRAY_SIZE(entry_members) - 1, false };

static int read_entry(const struct json_cursor *cursor, const struct member_table *table,
		      struct manifest_entry *entry, struct error *error)
{
	return json_read_object(cursor, table->members, table->members_count, false, entry, error);
}

static int read_mesh(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct manifest_document *manifest = target;

	return read_entry(cursor, &mesh_table, &manifest->mesh, error);
}

static int check_order(const struct json_cursor *cursor, const char *before, const char *name,
		       struct error *error)
{
	int order = strcmp(before, name);

	if (order < 0)
		return 0;
	return json_cursor_fail(cursor, error, ERROR_VALUE,
				order ? "\"%s\" must not stand behind \"%s\"; organizations are "
					"sorted bytewise by name"
				      : "\"%s\" stands twice in the list",
				name, before);
}

static int read_organizations(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct manifest_document *manifest = target;
	size_t count;
	int result = json_expect_array(cursor, BUNDLE_ORGANIZATIONS_MAX, &count, error);

	if (result < 0 || count == 0)
		return result;
	manifest->organizations = NEW_ARRAY(struct manifest_entry, count);
	manifest->organizations_count = count;
	for (size_t i = 0; result == 0 && i < count; i++) {
		struct manifest_entry *entry = &manifest->organizations[i];
		struct json_cursor item = json_cursor_item(cursor, i);

		result = read_entry(&item, &organization_table, entry, error);
		if (result == 0 && i > 0)
			result = check_order(&item, entry[-1].name, entry->name, error);
	}
	return result;
}

static const struct json_member manifest_members[] = {
	DOCUMENT_HEADER_MEMBERS,
	{ "mesh", true, read_mesh },
	{ "organizations", true, read_organizations },
};

static const struct member_table manifest_table = { "manifest", manifest_members,
						    ARRAY_SIZE(manifest_members), false };

const struct member_table *const manifest_tables[MANIFEST_TABLES] = {
	&manifest_table,
	&mesh_table,
	&organization_table,
};

int manifest_document_parse(const void *payload, size_t size, const char *name,
			    struct manifest_document **ret, struct error *error)
{
	CLEANUP(manifest_document_free)
	struct manifest_document *manifest = NEW(struct manifest_document);
	CLEANUP(json_document_free) struct json_document *document = NULL;
	struct json_cursor root;
	int result;

	result = document_open(payload, size, name, DOCUMENT_MANIFEST, &document, &manifest->header,
			       error);
	if (result < 0)
		return result;
	root = json_document_root(document);
	result = json_read_object(&root, manifest_members, ARRAY_SIZE(manifest_members), false,
				  manifest, error);
	if (result < 0)
		return result;
	*ret = TAKE(manifest);
	return 0;
}

static void format_header(const struct document_header *header, struct strbuf *ret)
{
	char mesh_id[2 * MESH_ID_SIZE + 1];
	char issued[TIMESTAMP_TEXT_SIZE], expires[TIMESTAMP_TEXT_SIZE];

	strbuf_printf(ret,
		      " \"type\": \"aronet.manifest\", \"spec\": %d, \"mesh_id\": \"%s\",\n"
		      " \"version\": %" PRIu64 ", \"issued\": \"%s\", \"expires\": \"%s\",\n",
		      DOCUMENT_SPEC, hex_format(header->mesh_id, MESH_ID_SIZE, mesh_id),
		      header->version, timestamp_format(header->issued, issued),
		      timestamp_format(header->expires, expires));
}

/* Names consist of characters that JSON does not escape, see name.h. */
void manifest_document_format(const struct manifest_document *manifest, struct strbuf *ret)
{
	char digest[2 * KEY_SIZE + 1];

	strbuf_puts(ret, "{\n");
	format_header(&manifest->header, ret);
	strbuf_printf(ret,
		      " \"mesh\": {\"version\": %" PRIu64 ", \"size\": %" PRIu64
		      ", \"sha256\": \"%s\"},\n \"organizations\": [",
		      manifest->mesh.version, manifest->mesh.size,
		      hex_format(manifest->mesh.digest, KEY_SIZE, digest));
	for (size_t i = 0; i < manifest->organizations_count; i++) {
		const struct manifest_entry *entry = &manifest->organizations[i];

		strbuf_printf(ret,
			      "%s\n  {\"organization\": \"%s\", \"version\": %" PRIu64
			      ", \"size\": %" PRIu64 ",\n   \"sha256\": \"%s\"}",
			      i ? "," : "", entry->name, entry->version, entry->size,
			      hex_format(entry->digest, KEY_SIZE, digest));
	}
	strbuf_puts(ret, manifest->organizations_count ? "\n ]\n}\n" : "]\n}\n");
}
