// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/legacy.h"

#include "registry/name.h"
#include "registry/nodes.h"

#include "base/memory.h"

#include <errno.h>
#include <stdlib.h>

struct organization {
	char name[NAME_SIZE];
	uint8_t key[KEY_SIZE];
	struct registry *registry; /* nodes are appended here */
	struct warnings *warnings;
};

static int read_organization_name(const struct json_cursor *cursor, void *target,
				  struct error *error)
{
	struct organization *organization = target;

	return name_read(cursor, "organization", organization->name, error);
}

static int read_organization_key(const struct json_cursor *cursor, void *target,
				 struct error *error)
{
	struct organization *organization = target;

	return node_read_identity_key(cursor, organization->key, error);
}

static int read_nodes(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct organization *organization = target;
	struct node_context context = {
		.organization = organization->name,
		.organization_key = organization->key,
		.warnings = organization->warnings,
	};

	return nodes_read(cursor, &context, &organization->registry->nodes,
			  &organization->registry->nodes_count, error);
}

/* Name and key are read before the nodes, which need both. */
static const struct json_member organization_members[] = {
	{ "organization", true, read_organization_name },
	{ "public_key", true, read_organization_key },
	{ "nodes", true, read_nodes },
};

const struct member_table legacy_member_table = {
	"organization",
	organization_members,
	ARRAY_SIZE(organization_members),
	false,
};

static int check_organization_names(const struct json_cursor *root,
				    const struct organization *organizations, size_t count,
				    struct error *error)
{
	CLEANUP(free) struct named *names = NEW_ARRAY(struct named, count);
	struct json_cursor item;
	size_t first, second;

	for (size_t i = 0; i < count; i++)
		names[i] = (struct named) { organizations[i].name, i };
	if (!name_find_duplicate(names, count, &first, &second))
		return 0;
	item = json_cursor_item(root, second);
	return json_cursor_fail(&item, error, ERROR_NAME,
				"organization \"%s\" is already in the registry (element %zu, "
				"\"%s\"); names must differ in more than case",
				organizations[second].name, first, organizations[first].name);
}

static int read_organizations(const struct json_cursor *root, struct registry *registry,
			      struct warnings *warnings, struct error *error)
{
	CLEANUP(free) struct organization *organizations = NULL;
	size_t count;
	int result = json_expect_array(root, LEGACY_ORGANIZATIONS_MAX, &count, error);

	if (result < 0 || count == 0)
		return result;
	organizations = NEW_ARRAY(struct organization, count);
	for (size_t i = 0; result == 0 && i < count; i++) {
		struct json_cursor item = json_cursor_item(root, i);

		organizations[i].registry = registry;
		organizations[i].warnings = warnings;
		result = json_read_object(&item, organization_members,
					  ARRAY_SIZE(organization_members), false,
					  &organizations[i], error);
	}
	if (result < 0)
		return result;
	return check_organization_names(root, organizations, count, error);
}

static int compare_nodes(const void *a, const void *b)
{
	const struct registry_node *left = a, *right = b;

	return node_id_compare(&left->id, &right->id);
}

int registry_parse_legacy(const char *text, size_t size, const char *name, bool allow_empty,
			  struct warnings *warnings, struct registry **ret, struct error *error)
{
	CLEANUP(json_document_free) struct json_document *document = NULL;
	CLEANUP(registry_free) struct registry *registry = NULL;
	struct json_cursor root;
	int result;

	if (size > LEGACY_SIZE_MAX)
		return error_set(error, -EFBIG, ERROR_TOO_BIG, name,
				 "registry is %zu bytes; limit %u", size, LEGACY_SIZE_MAX);
	result = json_document_parse(text, size, JSON_STRICT, name, &document, error);
	if (result < 0)
		return result;
	registry = NEW(struct registry);
	root = json_document_root(document);
	result = read_organizations(&root, registry, warnings, error);
	if (result < 0)
		return result;
	if (registry->nodes_count == 0 && !allow_empty)
		return error_set(error, -EINVAL, ERROR_OMITTED, name,
				 "has no node: would remove all nodes; pass --allow-empty if that "
				 "is meant");
	if (registry->nodes_count)
		qsort(registry->nodes, registry->nodes_count, sizeof(registry->nodes[0]),
		      compare_nodes);
	*ret = TAKE(registry);
	return 0;
}
