// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/edition.h"

#include "base/file.h"
#include "base/memory.h"
#include "registry/node_write.h"
#include "registry/registry.h"
#include "source/json_edit.h"

#include <string.h>
#include <sys/stat.h>

void edition_done(struct edition *edition)
{
	documents_done(&edition->documents);
	manifest_document_free(edition->manifest);
	json_object_put(edition->manifest_json);
	registry_free(edition->array);
	*edition = (struct edition) { 0 };
}

static int read_manifest(struct edition *edition, const struct envelope *envelope, const char *name,
			 struct error *error)
{
	CLEANUP(json_document_free) struct json_document *parsed = NULL;
	int result = manifest_document_parse(envelope->payload, envelope->payload_size, name,
					     &edition->manifest, error);

	if (result == 0)
		result = json_document_parse(envelope->payload, envelope->payload_size, JSON_STRICT,
					     name, &parsed, error);
	if (result == 0)
		edition->manifest_json = json_object_get(json_document_root(parsed).value);
	return result;
}

static int read_folder(const char *path, struct edition *edition, struct error *error)
{
	CLEANUP(source_free) struct source *source = NULL;
	char name[PATH_MAX];
	int result = source_read(path, false, &source, error);

	if (result == 0)
		result = documents_from_source(source, &edition->documents, error);
	if (result == 0 && source->manifest)
		result = read_manifest(edition, &source->manifest->envelope,
				       source_path(path, SOURCE_MANIFEST, name), error);
	return result;
}

static int read_unsigned(const char *text, size_t size, const char *path, struct edition *edition,
			 struct error *error)
{
	const struct registry_options options = {
		.allow_unsigned_config = true,
		.allow_unsigned_flag = true,
		.allow_empty = true,
	};

	edition->is_signed = false;
	return registry_load(text, size, path, &options, NULL, &edition->array, error);
}

static int read_file(const char *path, struct edition *edition, struct error *error)
{
	CLEANUP(bundle_free) struct bundle *bundle = NULL;
	CLEANUP(free) char *text = NULL;
	size_t size;
	int result = file_read(path, BUNDLE_SIZE_MAX, &text, &size, error);

	if (result < 0)
		return result;
	if (!registry_is_bundle(text, size))
		return read_unsigned(text, size, path, edition, error);
	result = bundle_parse(text, size, path, &bundle, error);
	if (result == 0)
		result = documents_from_bundle(bundle, &edition->documents, error);
	if (result == 0)
		result = read_manifest(edition, &bundle->envelopes[bundle->meshes_count],
				       "the manifest", error);
	return result;
}

int edition_read(const char *path, struct edition *ret, struct error *error)
{
	CLEANUP(edition_done) struct edition edition = { .is_signed = true };
	bool is_file = !strcmp(path, "-");
	struct stat status;
	int result;

	is_file = is_file || stat(path, &status) < 0 || !S_ISDIR(status.st_mode);
	result = is_file ? read_file(path, &edition, error) : read_folder(path, &edition, error);
	if (result < 0)
		return result;
	*ret = edition;
	edition = (struct edition) { 0 };
	return 0;
}

void edition_outline(const struct edition *edition, struct outline *outline)
{
	if (edition->is_signed) {
		documents_outline(&edition->documents, outline);
		return;
	}
	for (size_t i = 0; i < edition->array->nodes_count; i++)
		outline_add_node(outline, &edition->array->nodes[i]);
}

int edition_registry(struct edition *edition, struct registry **ret, struct error *error)
{
	if (edition->is_signed)
		return documents_assemble(&edition->documents, ret, error);
	*ret = TAKE(edition->array);
	return 0;
}

static struct json_object *nodes_to_json(const struct registry *registry)
{
	struct json_object *nodes = json_object_new_array();

	for (size_t i = 0; i < registry->nodes_count; i++) {
		struct json_object *node = node_to_json(&registry->nodes[i]);

		json_set_text(node, "organization", registry->nodes[i].id.organization);
		json_object_array_add(nodes, node);
	}
	return nodes;
}

struct json_object *edition_to_json(const struct edition *edition)
{
	struct json_object *object = json_object_new_object();
	struct json_object *organizations;

	if (!edition->is_signed) {
		json_set(object, "nodes", nodes_to_json(edition->array));
		return object;
	}
	json_set(object, "mesh", json_object_get(edition->documents.mesh_json));
	if (edition->manifest_json)
		json_set(object, "manifest", json_object_get(edition->manifest_json));
	organizations = json_array(object, "organizations");
	for (size_t i = 0; i < edition->documents.orgs_count; i++)
		json_object_array_add(organizations,
				      json_object_get(edition->documents.orgs_json[i]));
	return object;
}
