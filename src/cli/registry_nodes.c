// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/file.h"
#include "base/memory.h"
#include "cli/source_edit.h"
#include "registry/request.h"
#include "source/node_edit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Files of --request, and those that stand behind them: `--request moon.req sun.req`. */
static int read_request(const char *path, struct warnings *warnings, struct join_request **ret,
			struct error *error)
{
	CLEANUP(free) char *text = NULL;
	size_t size;
	int result = file_read(path, JOIN_REQUEST_SIZE_MAX, &text, &size, error);

	return result < 0 ? result : join_request_parse(text, size, path, warnings, ret, error);
}

struct adding {
	struct source_edit edit;
	struct mesh_document *mesh;
	struct port_set ports;
};

static void adding_done(struct adding *adding)
{
	source_edit_done(&adding->edit);
	mesh_document_free(adding->mesh);
}
CLEANUP_DEFINE_IN_PLACE(struct adding, adding_done);

static int begin(const struct cli_options *options, struct adding *adding, struct error *error)
{
	CLEANUP(documents_done) struct documents documents = { 0 };
	int result = source_edit_begin(options, &adding->edit, error);

	if (result == 0)
		result = documents_from_source(adding->edit.source, &documents, error);
	if (result < 0)
		return result;
	adding->mesh = TAKE(documents.mesh);
	for (size_t i = 0; i < documents.orgs_count; i++)
		for (size_t j = 0; j < documents.orgs[i]->nodes_count; j++)
			port_set_add_node(&adding->ports, &documents.orgs[i]->nodes[j]);
	return 0;
}

static int organization_json(const struct adding *adding, const char *name,
			     struct json_object **ret, struct error *error)
{
	const struct source_document *document =
		source_find_organization(adding->edit.source, name);

	if (!mesh_find_organization(adding->mesh, name))
		return error_set(error, -ENOENT, ERROR_NAME, NULL,
				 "organization \"%s\" is no member of this mesh; aronet registry "
				 "member add \"%s\" makes it one",
				 name, name);
	if (document)
		return source_document_json(adding->edit.source, document, ret, error);
	*ret = org_edit_new(adding->mesh->header.mesh_id, name, time(NULL));
	return 0;
}

static int check_mesh(const struct adding *adding, const struct join_request *request,
		      const char *path, struct error *error)
{
	if (request->has_mesh_id &&
	    memcmp(request->mesh_id, adding->mesh->header.mesh_id, MESH_ID_SIZE) != 0)
		return error_set(error, -EINVAL, ERROR_MESH, path,
				 "is a request to join another mesh than \"%s\"",
				 adding->mesh->name);
	return 0;
}

static int add_one(struct adding *adding, const char *path, struct error *error)
{
	CLEANUP(join_request_free) struct join_request *request = NULL;
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	struct json_object *org = NULL;
	int result = read_request(path, &warnings, &request, error);

	if (result == 0)
		result = check_mesh(adding, request, path, error);
	if (result == 0)
		result = organization_json(adding, request->node.id.organization, &org, error);
	if (result < 0)
		return result;
	cli_print_warnings(&warnings);
	result = org_edit_add_node(org, request, &adding->ports, error);
	if (result == 0)
		source_edit_put_organization(&adding->edit, request->node.id.organization, org);
	else if (!error->place[0])
		error_prefix_place(error, path);
	json_object_put(org);
	return result;
}

static int add_all(struct adding *adding, const struct cli_list *paths, struct error *error)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < paths->count; i++)
		result = add_one(adding, paths->items[i], error);
	return result;
}

int command_registry_add(const struct cli_context *context)
{
	const struct cli_options *options = &context->options;
	CLEANUP(adding_done) struct adding adding = { 0 };
	struct error error = { 0 };
	enum edit_outcome outcome = EDIT_NO_CHANGE;
	int result = begin(options, &adding, &error);

	if (result == 0)
		result = add_all(&adding, &options->requests, &error);
	if (result == 0)
		result = add_all(&adding, &options->operands, &error);
	if (result == 0)
		result = source_edit_finish(&adding.edit, options, "Add this?", &outcome, &error);
	return source_exit(options, result, outcome == EDIT_DECLINED, &error);
}

/* "home/moon" */
static int split_node(const char *text, struct node_id *ret, struct error *error)
{
	const char *slash = strchr(text, '/');

	if (!slash || (size_t)(slash - text) >= NAME_SIZE || strlen(slash + 1) >= NAME_SIZE)
		return error_set(error, -EINVAL, ERROR_USAGE, "registry remove",
				 "expected ORGANIZATION/NODE, found \"%.60s\"", text);
	(void)snprintf(ret->organization, NAME_SIZE, "%.*s", (int)(slash - text), text);
	(void)snprintf(ret->common_name, NAME_SIZE, "%s", slash + 1);
	return 0;
}

static int remove_one(struct source_edit *edit, const char *text, struct error *error)
{
	struct source_document *document;
	struct json_object *org = NULL;
	struct node_id id;
	int result = split_node(text, &id, error);

	if (result < 0)
		return result;
	document = source_find_organization(edit->source, id.organization);
	if (!document)
		return error_set(error, -ENOENT, ERROR_NAME, NULL,
				 "there is no " SOURCE_ORGANIZATIONS "/%s.json", id.organization);
	result = source_document_json(edit->source, document, &org, error);
	if (result == 0)
		result = org_edit_remove_node(org, id.common_name, error);
	if (result == 0)
		source_edit_put_organization(edit, id.organization, org);
	json_object_put(org);
	return result;
}

int command_registry_remove(const struct cli_context *context)
{
	const struct cli_options *options = &context->options;
	CLEANUP(source_edit_done) struct source_edit edit = { 0 };
	struct error error = { 0 };
	enum edit_outcome outcome = EDIT_NO_CHANGE;
	int result = source_edit_begin(options, &edit, &error);

	for (size_t i = 0; result == 0 && i < options->operands.count; i++)
		result = remove_one(&edit, options->operands.items[i], &error);
	if (result == 0)
		result = source_edit_finish(&edit, options, "Remove this?", &outcome, &error);
	return source_exit(options, result, outcome == EDIT_DECLINED, &error);
}
