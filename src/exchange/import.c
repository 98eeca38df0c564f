// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/import_private.h"

#include "exchange/format.h"
#include "exchange/hcl.h"
#include "exchange/toml.h"
#include "registry/check.h"
#include "registry/legacy.h"
#include "registry/name.h"
#include "json/sniff.h"

#include "base/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void exchange_result_done(struct exchange_result *result)
{
	for (size_t i = 0; i < result->count; i++) {
		json_object_put(result->organizations[i].body);
		free(result->organizations[i].grants);
	}
	free(result->organizations);
}

/* ranet before 0.6 has peers where the later formats have organizations. */
static int read_json(struct import *import, const struct json_cursor *root, struct error *error)
{
	struct json_cursor first = json_cursor_item(root, 0), member;

	if (json_cursor_member(&first, "endpoints", &member) == 0 &&
	    json_cursor_member(&first, "nodes", &member) < 0)
		return import_read_json_peers(import, root, error);
	return import_read_array(import, root, error);
}

static int json_parse(const char *text, size_t size, const char *name, struct json_document **ret,
		      struct error *error)
{
	return json_document_parse(text, size, JSON_STRICT, name, ret, error);
}

static const struct {
	enum exchange_format format;
	int (*parse)(const char *text, size_t size, const char *name, struct json_document **ret,
		     struct error *error);
	int (*read)(struct import *import, const struct json_cursor *root, struct error *error);
} readers[] = {
	{ FORMAT_JSON_ARRAY, json_parse, read_json },
	{ FORMAT_HCL, hcl_parse, import_read_hcl },
	{ FORMAT_TOML, toml_parse, import_read_toml },
};

static int read_text(struct import *import, const struct exchange_text *text, struct error *error)
{
	enum exchange_format format = exchange_format_detect(text->text, text->size);
	const char *kind = sniff_wrong_kind(text->text, text->size);

	if (kind)
		return error_set(error, -EINVAL, ERROR_SYNTAX, text->name, "%s", kind);
	for (size_t i = 0; i < ARRAY_SIZE(readers); i++) {
		struct json_document *document = NULL;
		struct json_cursor root;
		int result;

		if (readers[i].format != format)
			continue;
		result = readers[i].parse(text->text, text->size, text->name, &document, error);
		if (result < 0)
			return result;
		*ARRAY_APPEND(import->documents, import->documents_count) = document;
		root = json_document_root(document);
		return readers[i].read(import, &root, error);
	}
	return error_set(error, -EINVAL, ERROR_UNSUPPORTED, text->name,
			 format == FORMAT_JSON_OBJECT
				 ? "a JSON object, but registries of other programs are arrays; a "
				   "signed bundle needs no import"
				 : "no registry of aronet, ranet or RAIT");
}

/* Organizations that only peers name. */
static void add_peer_organizations(struct import *import)
{
	for (size_t i = 0; i < import->nodes_count; i++) {
		const struct import_node *node = &import->nodes[i];
		struct import_organization *added;
		bool found = false;

		for (size_t j = 0; j < import->organizations_count && !found; j++)
			found = !strcmp(import->organizations[j].name, node->node.id.organization);
		if (found)
			continue;
		added = ARRAY_APPEND(import->organizations, import->organizations_count);
		strcpy(added->name, node->node.id.organization);
		added->cursor = cursor_keep(node->cursor);
	}
}

static int check_organization_names(const struct import *import, struct error *error)
{
	size_t count = import->organizations_count;
	CLEANUP(free) struct named *names = NEW_ARRAY(struct named, count);
	const struct import_organization *all = import->organizations;
	char place[ERROR_PLACE_SIZE], other[ERROR_PLACE_SIZE];
	size_t first, second;

	for (size_t i = 0; i < count; i++)
		names[i] = (struct named) { all[i].name, i };
	if (!name_find_duplicate(names, count, &first, &second))
		return 0;
	return error_set(error, -EEXIST, ERROR_NAME, json_cursor_place(all[second].cursor, place),
			 "organization \"%s\" stands at %s already (\"%s\"); names must differ in "
			 "more than case",
			 all[second].name, json_cursor_place(all[first].cursor, other),
			 all[first].name);
}

static int check_node_names(const struct import *import, const char *organization,
			    struct error *error)
{
	CLEANUP(free) struct named *names = NULL;
	const struct import_node *all = import->nodes;
	char place[ERROR_PLACE_SIZE], other[ERROR_PLACE_SIZE];
	size_t count = 0, first, second;

	for (size_t i = 0; i < import->nodes_count; i++)
		if (!strcmp(all[i].node.id.organization, organization))
			*ARRAY_APPEND(names, count) = (struct named) {
				all[i].node.id.common_name,
				i,
			};
	if (!count || !name_find_duplicate(names, count, &first, &second))
		return 0;
	return error_set(error, -EEXIST, ERROR_NAME, json_cursor_place(all[second].cursor, place),
			 "common_name \"%s\" of \"%s\" stands at %s already (\"%s\"); names must "
			 "differ in more than case",
			 all[second].node.id.common_name, organization,
			 json_cursor_place(all[first].cursor, other),
			 all[first].node.id.common_name);
}

static int check_names(const struct import *import, struct error *error)
{
	int result = check_organization_names(import, error);

	for (size_t i = 0; result == 0 && i < import->organizations_count; i++)
		result = check_node_names(import, import->organizations[i].name, error);
	return result;
}

static int compare_nodes(const void *a, const void *b)
{
	const struct registry_node *left = a, *right = b;

	return node_id_compare(&left->id, &right->id);
}

/* What a daemon would say to these nodes. */
static int check_registry(const struct import *import, struct error *error)
{
	/* The nodes' arrays stay those of the import. */
	CLEANUP(free)
	struct registry_node *nodes = NEW_ARRAY(struct registry_node, import->nodes_count);
	const struct registry registry = { .nodes = nodes, .nodes_count = import->nodes_count };

	for (size_t i = 0; i < import->nodes_count; i++)
		nodes[i] = import->nodes[i].node;
	qsort(nodes, import->nodes_count, sizeof(nodes[0]), compare_nodes);
	return registry_check(&registry, error);
}

static int complete(struct import *import, const struct exchange_text *texts, struct error *error)
{
	int result;

	import_merge_peers(import);
	import_name_peers(import);
	add_peer_organizations(import);
	result = check_names(import, error);
	if (result == 0)
		result = import_assign_networks(import, error);
	if (result < 0)
		return result;
	if (!import->nodes_count)
		return error_set(error, -EINVAL, ERROR_OMITTED, texts[0].name,
				 "no node could be taken over");
	return check_registry(import, error);
}

static void summarize(const struct import *import)
{
	size_t without_wireguard = 0, without_identity = 0;

	for (size_t i = 0; i < import->nodes_count; i++) {
		const struct registry_node *node = &import->nodes[i].node;

		without_wireguard += !node->has_wireguard;
		without_identity += !node->has_identity && !node->identity_is_shared;
	}
	if (import->networks_from_prefix)
		report_add(import->report, NULL,
			   "nodes whose network is \"prefix\" in their remarks: %zu",
			   import->networks_from_prefix);
	if (without_wireguard)
		report_add(
			import->report, NULL,
			"nodes without a WireGuard key: %zu; they get no tunnels until a request "
			"(aronet request, aronet registry add) gives them one",
			without_wireguard);
	if (without_identity)
		report_add(import->report, NULL,
			   "nodes without public_key: %zu; they can use WireGuard only",
			   without_identity);
}

static int compare_organizations(const void *a, const void *b)
{
	const struct exchange_organization *left = a, *right = b;

	return strcmp(left->name, right->name);
}

static void make_result(const struct import *import, struct exchange_result *ret)
{
	struct exchange_result result = { .nodes_count = import->nodes_count };

	for (size_t i = 0; i < import->organizations_count; i++) {
		struct exchange_organization *organization =
			ARRAY_APPEND(result.organizations, result.count);
		struct json_object *nodes;

		strcpy(organization->name, import->organizations[i].name);
		organization->body = import_make_body(import, &import->organizations[i]);
		nodes = json_object_object_get(organization->body, "nodes");
		organization->nodes_count = json_object_array_length(nodes);
		import_propose_grants(import, organization);
		if (organization->grants_count > MESH_GRANTS_MAX)
			report_add(import->report, NULL,
				   "organization \"%s\" would need %zu grants; limit %d. Grant it "
				   "whole prefixes, see aronet registry member grant",
				   organization->name, organization->grants_count, MESH_GRANTS_MAX);
	}
	qsort(result.organizations, result.count, sizeof(result.organizations[0]),
	      compare_organizations);
	*ret = result;
}

int exchange_import(const struct exchange_text *texts, size_t count,
		    const struct exchange_options *options, struct report *report,
		    struct exchange_result *ret, struct error *error)
{
	CLEANUP(import_done) struct import import = { .options = options, .report = report };
	int result = 0;

	for (size_t i = 0; result == 0 && i < count; i++) {
		result = read_text(&import, &texts[i], error);
		if (result < 0 && error && !error->place[0])
			error_prefix_place(error, texts[i].name);
	}
	if (result == 0 && options->organization && import.nodes_count &&
	    !import.used_option_organization)
		result = error_set(error, -EINVAL, ERROR_USAGE, texts[0].name,
				   "has organizations of its own; leave out --org");
	if (result == 0)
		result = complete(&import, texts, error);
	if (result < 0)
		return result;
	summarize(&import);
	make_result(&import, ret);
	return 0;
}
