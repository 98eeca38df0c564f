// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/mesh_parts.h"

#include "registry/bundle.h"
#include "registry/name.h"

#include "base/memory.h"
#include "base/prefix_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct organizations_reader {
	struct mesh_organization *organization; /* the one being read */
	struct prefix_set pool;
};

struct grant_reader {
	struct grant *grant;
	uint8_t shortened; /* see mesh_read_prefix() */
};

static int read_grant_prefix(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct grant_reader *reader = target;

	return mesh_read_prefix(cursor, &reader->grant->prefix, &reader->shortened, error);
}

static int read_max_length(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct grant_reader *reader = target;
	struct grant *grant = reader->grant;
	int64_t least = grant->prefix.length + reader->shortened;
	int64_t most = ip_address_bits(&grant->prefix.address) + reader->shortened;
	int64_t length;
	int result = json_read_integer(cursor, least, most, &length, error);

	if (result == 0)
		grant->max_length = (uint8_t)(length - reader->shortened);
	return result;
}

static int read_shared(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct grant_reader *reader = target;

	return json_read_boolean(cursor, &reader->grant->shared, error);
}

/* max_length is compared with the prefix. */
static const struct json_member grant_members[] = {
	{ "prefix", true, read_grant_prefix },
	{ "max_length", true, read_max_length },
	{ "shared", false, read_shared },
};

const struct member_table mesh_grant_table = { "grant", grant_members, ARRAY_SIZE(grant_members),
					       false };

static int read_grant(const struct json_cursor *cursor, const struct organizations_reader *reader,
		      struct error *error)
{
	struct mesh_organization *organization = reader->organization;
	struct grant *grant = ARRAY_APPEND(organization->grants, organization->grants_count);
	struct grant_reader grant_reader = { .grant = grant };
	char text[IP_PREFIX_TEXT_SIZE];
	int result = json_read_object(cursor, grant_members, ARRAY_SIZE(grant_members), false,
				      &grant_reader, error);

	if (result == 0 && !prefix_set_around(&reader->pool, &grant->prefix))
		return json_cursor_fail(cursor, error, ERROR_GRANT,
					"grant %s of \"%s\" is outside the pool of the mesh",
					ip_prefix_format(&grant->prefix, text), organization->name);
	return result;
}

static int compare_grants(const void *a, const void *b)
{
	const struct grant *left = a, *right = b;
	int order = ip_prefix_compare(&left->prefix, &right->prefix);

	return order ? order : (int)left->max_length - (int)right->max_length;
}

static int read_grants(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct organizations_reader *reader = target;
	struct mesh_organization *organization = reader->organization;
	size_t count;
	int result = json_expect_array(cursor, MESH_GRANTS_MAX, &count, error);

	for (size_t i = 0; result == 0 && i < count; i++) {
		struct json_cursor item = json_cursor_item(cursor, i);

		result = read_grant(&item, reader, error);
	}
	if (organization->grants_count)
		qsort(organization->grants, organization->grants_count,
		      sizeof(organization->grants[0]), compare_grants);
	return result;
}

static int read_name(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct organizations_reader *reader = target;

	return name_read(cursor, "organization", reader->organization->name, error);
}

static int read_keys(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct organizations_reader *reader = target;

	return document_read_keys(cursor, false, &reader->organization->keys, error);
}

static int read_threshold(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct organizations_reader *reader = target;
	char what[DOCUMENT_NAME_SIZE];

	(void)snprintf(what, sizeof(what), "organization \"%s\"", reader->organization->name);
	return document_read_threshold(cursor, what, &reader->organization->keys, error);
}

static int read_state(const struct json_cursor *cursor, void *target, struct error *error)
{
	static const char *const states[] = { "active", "suspended" };
	struct organizations_reader *reader = target;
	size_t chosen;
	int result = json_read_choice(cursor, states, ARRAY_SIZE(states), &chosen, error);

	if (result == 0)
		reader->organization->is_suspended = chosen == 1;
	return result;
}

static int read_transit(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct organizations_reader *reader = target;

	return json_read_boolean(cursor, &reader->organization->is_transit, error);
}

static int read_max_nodes(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct organizations_reader *reader = target;
	int64_t number;
	int result = json_read_integer(cursor, 0, REGISTRY_NODES_MAX, &number, error);

	if (result == 0)
		reader->organization->max_nodes = (unsigned)number;
	return result;
}

/* The name comes first, for the texts; keys before the threshold, which is compared with them. */
static const struct json_member organization_members[] = {
	{ "organization", true, read_name },	{ "keys", true, read_keys },
	{ "threshold", true, read_threshold },	{ "state", true, read_state },
	{ "grants", true, read_grants },	{ "transit", false, read_transit },
	{ "max_nodes", false, read_max_nodes },
};

const struct member_table mesh_organization_table = { "organization", organization_members,
						      ARRAY_SIZE(organization_members), false };

static int check_names(const struct json_cursor *cursor, const struct mesh_document *mesh,
		       struct error *error)
{
	size_t count = mesh->organizations_count, first, second;
	CLEANUP(free) struct named *names = NEW_ARRAY(struct named, count);
	struct json_cursor item;

	for (size_t i = 0; i < count; i++)
		names[i] = (struct named) { mesh->organizations[i].name, i };
	if (!name_find_duplicate(names, count, &first, &second))
		return 0;
	item = json_cursor_item(cursor, second);
	return json_cursor_fail(&item, error, ERROR_NAME,
				"organization \"%s\" is already in the mesh (element %zu, "
				"\"%s\"); names must differ in more than case",
				mesh->organizations[second].name, first,
				mesh->organizations[first].name);
}

static int compare_organizations(const void *a, const void *b)
{
	const struct mesh_organization *left = a, *right = b;

	return strcmp(left->name, right->name);
}

static int read_elements(const struct json_cursor *cursor, struct mesh_document *mesh,
			 struct organizations_reader *reader, struct error *error)
{
	size_t count;
	int result = json_expect_array(cursor, BUNDLE_ORGANIZATIONS_MAX, &count, error);

	for (size_t i = 0; result == 0 && i < count; i++) {
		struct json_cursor item = json_cursor_item(cursor, i);

		reader->organization = ARRAY_APPEND(mesh->organizations, mesh->organizations_count);
		reader->organization->is_transit = true;
		reader->organization->max_nodes = MESH_NODES_DEFAULT;
		result = json_read_object(&item, organization_members,
					  ARRAY_SIZE(organization_members), false, reader, error);
	}
	return result;
}

int mesh_read_organizations(const struct json_cursor *cursor, struct mesh_document *mesh,
			    struct error *error)
{
	struct organizations_reader reader = { 0 };
	int result;

	for (size_t i = 0; i < mesh->pool_count; i++)
		prefix_set_add(&reader.pool, &mesh->pool[i]);
	prefix_set_close(&reader.pool);
	result = read_elements(cursor, mesh, &reader, error);
	prefix_set_done(&reader.pool);
	if (result < 0 || mesh->organizations_count == 0)
		return result;
	result = check_names(cursor, mesh, error);
	qsort(mesh->organizations, mesh->organizations_count, sizeof(mesh->organizations[0]),
	      compare_organizations);
	return result;
}
