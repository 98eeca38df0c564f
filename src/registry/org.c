// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/org.h"

#include "registry/name.h"
#include "registry/nodes.h"

#include "base/memory.h"

#include <stdlib.h>

struct org_reader {
	struct org_document *org;
	struct warnings *warnings;
};

void org_document_free(struct org_document *org)
{
	if (!org)
		return;
	for (size_t i = 0; i < org->nodes_count; i++)
		registry_node_done(&org->nodes[i]);
	free(org->nodes);
	free(org);
}

static int read_name(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct org_reader *reader = target;

	return name_read(cursor, "organization", reader->org->name, error);
}

static int read_public_key(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct org_reader *reader = target;
	int result = node_read_identity_key(cursor, reader->org->public_key, error);

	if (result == 0)
		reader->org->has_public_key = true;
	return result;
}

static int read_nodes(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct org_reader *reader = target;
	struct org_document *org = reader->org;
	struct node_context context = {
		.organization = org->name,
		.organization_key = org->has_public_key ? org->public_key : NULL,
		.warnings = reader->warnings,
	};

	return nodes_read(cursor, &context, &org->nodes, &org->nodes_count, error);
}

/* Name and key are read before the nodes, which need both. */
static const struct json_member org_members[] = {
	DOCUMENT_HEADER_MEMBERS,
	{ "organization", true, read_name },
	{ "public_key", false, read_public_key },
	{ "nodes", true, read_nodes },
};

static const struct member_table org_table = { "org", org_members, ARRAY_SIZE(org_members), false };

const struct member_table *const org_tables[ORG_TABLES] = { &org_table };

int org_document_parse(const void *payload, size_t size, const char *name,
		       struct warnings *warnings, struct org_document **ret, struct error *error)
{
	CLEANUP(org_document_free) struct org_document *org = NEW(struct org_document);
	CLEANUP(json_document_free) struct json_document *document = NULL;
	struct org_reader reader = { org, warnings };
	struct json_cursor root;
	int result;

	result = document_open(payload, size, name, DOCUMENT_ORG, &document, &org->header, error);
	if (result < 0)
		return result;
	root = json_document_root(document);
	result = json_read_object(&root, org_members, ARRAY_SIZE(org_members), false, &reader,
				  error);
	if (result < 0)
		return result;
	*ret = TAKE(org);
	return 0;
}
