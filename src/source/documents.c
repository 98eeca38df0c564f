// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/documents.h"

#include "base/memory.h"
#include "registry/assemble.h"
#include "json/json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void documents_done(struct documents *documents)
{
	for (size_t i = 0; i < documents->orgs_count; i++) {
		org_document_free(documents->orgs[i]);
		json_object_put(documents->orgs_json[i]);
	}
	free(documents->orgs);
	free(documents->orgs_json);
	mesh_document_free(documents->mesh);
	json_object_put(documents->mesh_json);
	warnings_done(&documents->warnings);
	*documents = (struct documents) { 0 };
}

/* The JSON beside the parsed document, for what only people care about. */
static int read_json(const struct envelope *envelope, const char *name, struct json_object **ret,
		     struct error *error)
{
	CLEANUP(json_document_free) struct json_document *parsed = NULL;
	int result = json_document_parse(envelope->payload, envelope->payload_size, JSON_STRICT,
					 name, &parsed, error);

	if (result == 0)
		*ret = json_object_get(json_document_root(parsed).value);
	return result;
}

int documents_set_mesh(struct documents *documents, const struct envelope *envelope,
		       const char *name, struct error *error)
{
	int result = mesh_document_parse(envelope->payload, envelope->payload_size, name,
					 &documents->mesh, error);

	return result < 0 ? result : read_json(envelope, name, &documents->mesh_json, error);
}

static int check_org(const struct documents *documents, const struct org_document *org,
		     const char *organization, const char *name, struct error *error)
{
	if (organization && strcmp(org->name, organization) != 0)
		return error_set(error, -EINVAL, ERROR_NAME, name,
				 "is the document of organization \"%s\"; expected \"%s\"",
				 org->name, organization);
	if (memcmp(org->header.mesh_id, documents->mesh->header.mesh_id, MESH_ID_SIZE) != 0)
		return error_set(error, -EINVAL, ERROR_MESH, name,
				 "belongs to another mesh; expected mesh_id of \"%s\"",
				 documents->mesh->name);
	if (!mesh_find_organization(documents->mesh, org->name))
		return error_set(error, -ENOENT, ERROR_NAME, name,
				 "organization \"%s\" is no member of the mesh; add it with aronet "
				 "registry member add, or remove this document",
				 org->name);
	return 0;
}

int documents_add_org(struct documents *documents, const struct envelope *envelope,
		      const char *organization, const char *name, struct error *error)
{
	CLEANUP(org_document_free) struct org_document *org = NULL;
	struct json_object *json = NULL;
	size_t json_count = documents->orgs_count;
	int result = org_document_parse(envelope->payload, envelope->payload_size, name,
					&documents->warnings, &org, error);

	if (result == 0)
		result = check_org(documents, org, organization, name, error);
	if (result == 0)
		result = read_json(envelope, name, &json, error);
	if (result < 0)
		return result;
	*ARRAY_APPEND(documents->orgs_json, json_count) = json;
	*ARRAY_APPEND(documents->orgs, documents->orgs_count) = TAKE(org);
	return 0;
}

int documents_from_source(const struct source *source, struct documents *ret, struct error *error)
{
	const struct source_document *mesh = source_current_mesh(source);
	char path[PATH_MAX];
	int result = documents_set_mesh(ret, &mesh->envelope,
					source_path(source->directory, mesh->path, path), error);

	for (size_t i = 0; result == 0 && i < source->organizations_count; i++) {
		const struct source_document *org = &source->organizations[i];

		result = documents_add_org(ret, &org->envelope, org->name,
					   source_path(source->directory, org->path, path), error);
	}
	return result;
}

int documents_from_bundle(const struct bundle *bundle, struct documents *ret, struct error *error)
{
	char name[DOCUMENT_NAME_SIZE];
	int result = documents_set_mesh(ret, &bundle->envelopes[bundle->meshes_count - 1],
					"the newest mesh document", error);

	for (size_t i = bundle->meshes_count + 1; result == 0 && i < bundle->count; i++) {
		(void)snprintf(name, sizeof(name), "envelope %zu", i);
		result = documents_add_org(ret, &bundle->envelopes[i], NULL, name, error);
	}
	return result;
}

static void outline_org(const struct org_document *org, struct json_object *json,
			struct outline *outline)
{
	struct json_object *nodes = json_object_object_get(json, "nodes");

	outline_add_org_members(outline, org, json);
	for (size_t i = 0; i < org->nodes_count; i++) {
		outline_add_node(outline, &org->nodes[i]);
		outline_add_node_members(outline, &org->nodes[i].id,
					 json_object_array_get_idx(nodes, i));
	}
}

void documents_outline(const struct documents *documents, struct outline *outline)
{
	outline_add_mesh(outline, documents->mesh, documents->mesh_json);
	for (size_t i = 0; i < documents->orgs_count; i++)
		outline_org(documents->orgs[i], documents->orgs_json[i], outline);
}

int outline_add_envelope(struct outline *outline, const struct envelope *envelope, const char *name,
			 struct error *error)
{
	CLEANUP(mesh_document_free) struct mesh_document *mesh = NULL;
	CLEANUP(org_document_free) struct org_document *org = NULL;
	struct json_object *json = NULL;
	int result = read_json(envelope, name, &json, error);

	if (result == 0 && envelope->type == DOCUMENT_MESH)
		result = mesh_document_parse(envelope->payload, envelope->payload_size, name, &mesh,
					     error);
	else if (result == 0)
		result = org_document_parse(envelope->payload, envelope->payload_size, name, NULL,
					    &org, error);
	if (result == 0 && mesh)
		outline_add_mesh(outline, mesh, json);
	else if (result == 0)
		outline_org(org, json, outline);
	json_object_put(json);
	return result;
}

int documents_assemble(struct documents *documents, struct registry **ret, struct error *error)
{
	return registry_assemble(documents->mesh, documents->orgs, documents->orgs_count,
				 &documents->warnings, ret, error);
}
