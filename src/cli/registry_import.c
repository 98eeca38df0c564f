// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/file.h"
#include "base/memory.h"
#include "cli/exchange_files.h"
#include "cli/keys.h"
#include "cli/source_edit.h"
#include "exchange/import.h"
#include "registry/name.h"
#include "source/mesh_edit.h"
#include "source/node_edit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define NETWORK_LENGTH 64

/*
 * One import: words and files are read, the folder is looked at for what is taken in there, the
 * files become organizations with nodes, and these are added to the folder as one edit. With --plan
 * the folder has no part in it.
 */
struct importing {
	const struct cli_options *cli;
	struct exchange_files files;
	struct exchange_options options; /* points to pool and taken */
	struct ip_prefix pool;		 /* where nodes without a network get one */
	struct ip_prefix *taken;	 /* by nodes of the folder, and granted to others */
	struct report report;		 /* what was lost, and where */
	struct exchange_result result;

	/* Not with --plan: */
	struct source_edit edit;
	struct mesh_document *mesh;    /* as it is in the folder */
	struct json_object *mesh_json; /* the same, to be changed: */
	bool mesh_changed;
	struct cli_keys keys; /* of organizations that become members */
};

static void importing_done(struct importing *importing)
{
	exchange_files_done(&importing->files);
	free(importing->taken);
	report_done(&importing->report);
	exchange_result_done(&importing->result);
	source_edit_done(&importing->edit);
	mesh_document_free(importing->mesh);
	json_object_put(importing->mesh_json);
	cli_keys_done(&importing->keys);
}
CLEANUP_DEFINE_IN_PLACE(struct importing, importing_done);

static bool can_be_pool(const struct ip_prefix *prefix)
{
	return prefix->address.family == AF_INET6 && prefix->length < NETWORK_LENGTH;
}

/* --org and --pool. */
static int read_words(struct importing *importing, struct error *error)
{
	const struct cli_options *cli = importing->cli;

	if (cli->organization && !name_is_valid(cli->organization))
		return error_set(error, -EINVAL, ERROR_USAGE, "registry import",
				 "--org: only letters, digits, space, \".\", \"_\", \"-\"");
	importing->options.organization = cli->organization;
	if (!cli->pool.count)
		return 0;
	if (cli->pool.count > 1 || ip_prefix_parse(cli->pool.items[0], &importing->pool) < 0 ||
	    !can_be_pool(&importing->pool))
		return error_set(error, -EINVAL, ERROR_USAGE, "registry import",
				 "--pool: one prefix of IPv6, shorter than /%d", NETWORK_LENGTH);
	importing->pool = ip_prefix_masked(&importing->pool);
	importing->options.pool = &importing->pool;
	importing->options.grant_pool = true;
	return 0;
}

static void take(struct importing *importing, const struct ip_prefix *prefix)
{
	*ARRAY_APPEND(importing->taken, importing->options.taken_count) = *prefix;
}

/*
 * Where networks are chosen without --pool: in the first grant that has room for some; for an
 * organization that is to become a member, or several, in the pool of the mesh.
 */
static void choose_pool(struct importing *importing, const struct mesh_organization *own)
{
	const struct mesh_document *mesh = importing->mesh;
	bool found = importing->options.pool != NULL;

	for (size_t i = 0; !found && own && i < own->grants_count; i++) {
		found = can_be_pool(&own->grants[i].prefix);
		importing->pool = own->grants[i].prefix;
	}
	for (size_t i = 0; !found && !own && i < mesh->pool_count; i++) {
		found = can_be_pool(&mesh->pool[i]);
		importing->pool = mesh->pool[i];
	}
	if (found)
		importing->options.pool = &importing->pool;
}

/* What is in the folder: networks are not given twice, and not out of what others are granted. */
static int look_around(struct importing *importing, struct error *error)
{
	CLEANUP(documents_done) struct documents documents = { 0 };
	const char *name = importing->cli->organization;
	const struct mesh_organization *own = NULL;
	int result = documents_from_source(importing->edit.source, &documents, error);

	if (result < 0)
		return result;
	for (size_t i = 0; i < documents.orgs_count; i++)
		for (size_t j = 0; j < documents.orgs[i]->nodes_count; j++)
			for (size_t k = 0; k < documents.orgs[i]->nodes[j].prefixes_count; k++)
				take(importing, &documents.orgs[i]->nodes[j].prefixes[k]);
	if (name)
		own = mesh_find_organization(importing->mesh, name);
	for (size_t i = 0; i < importing->mesh->organizations_count; i++) {
		const struct mesh_organization *member = &importing->mesh->organizations[i];

		for (size_t j = 0; member != own && j < member->grants_count; j++)
			take(importing, &member->grants[j].prefix);
	}
	importing->options.taken = importing->taken;
	choose_pool(importing, own);
	return 0;
}

static int open_folder(struct importing *importing, struct error *error)
{
	const struct cli_options *cli = importing->cli;
	int result = cli_keys_read(cli, &cli->keys, CLI_KEY_PUBLIC, &importing->keys, error);

	if (result == 0)
		result = source_edit_begin(cli, &importing->edit, error);
	if (result == 0)
		result = source_edit_mesh(&importing->edit, &importing->mesh, &importing->mesh_json,
					  error);
	return result < 0 ? result : look_around(importing, error);
}

/* An organization with the keys of --key, and grants for what its nodes announce. */
static int add_member(struct importing *importing, const struct exchange_organization *from,
		      struct error *error)
{
	const struct cli_keys *keys = &importing->keys;
	CLEANUP(free) struct named_key *named = NEW_ARRAY(struct named_key, keys->count);
	const struct member_plan plan = {
		.name = from->name,
		.keys = { named, keys->count },
		.threshold = 1,
		.grants = from->grants,
		.grants_count = from->grants_count,
		.max_nodes = exchange_max_nodes(from),
	};

	if (!keys->count)
		return error_set(
			error, -ENOENT, ERROR_NAME, NULL,
			"organization \"%s\" is no member of this mesh; with --key FILE.pub "
			"it becomes one, and --plan tells which grants it needs",
			from->name);
	for (size_t i = 0; i < keys->count; i++) {
		memcpy(named[i].public_key, keys->items[i].key.public_key, KEY_SIZE);
		named[i].holder = keys->items[i].holder;
	}
	importing->mesh_changed = true;
	return mesh_edit_add_member(importing->mesh_json, &plan, error);
}

/* Its nodes join those that the folder has of it; that none is there twice is org_edit's to tell.
 */
static int add_organization(struct importing *importing, const struct exchange_organization *from,
			    struct error *error)
{
	const struct source_document *document =
		source_find_organization(importing->edit.source, from->name);
	struct json_object *org = NULL;
	int result = 0;

	if (!mesh_find_organization(importing->mesh, from->name))
		result = add_member(importing, from, error);
	if (result == 0 && document)
		result = source_document_json(importing->edit.source, document, &org, error);
	else if (result == 0)
		org = org_edit_new(importing->mesh->header.mesh_id, from->name, time(NULL));
	if (result == 0)
		result = org_edit_add_body(org, from->body, error);
	if (result == 0)
		source_edit_put_organization(&importing->edit, from->name, org);
	json_object_put(org);
	return result;
}

static int change_folder(struct importing *importing, enum edit_outcome *ret, struct error *error)
{
	const struct exchange_result *from = &importing->result;
	int result = 0;

	for (size_t i = 0; result == 0 && i < from->count; i++)
		result = add_organization(importing, &from->organizations[i], error);
	if (result < 0)
		return result;
	if (importing->mesh_changed)
		source_edit_put_mesh(&importing->edit, importing->mesh_json);
	return source_edit_finish(&importing->edit, importing->cli, "Import this?", ret, error);
}

static int import_all(struct importing *importing, enum edit_outcome *ret, struct error *error)
{
	const struct cli_options *cli = importing->cli;
	int result = read_words(importing, error);

	if (result == 0)
		result = exchange_files_read(&cli->operands, &importing->files, error);
	if (result == 0 && !cli->plan)
		result = open_folder(importing, error);
	if (result < 0)
		return result;
	result =
		exchange_import(importing->files.items, importing->files.count, &importing->options,
				&importing->report, &importing->result, error);
	exchange_print_report(&importing->report);
	if (result < 0)
		return result;
	if (!cli->plan)
		return change_folder(importing, ret, error);
	exchange_print_plan(&importing->result);
	return 0;
}

int command_registry_import(const struct cli_context *context)
{
	CLEANUP(importing_done) struct importing importing = { .cli = &context->options };
	enum edit_outcome outcome = EDIT_NO_CHANGE;
	struct error error = { 0 };
	int result = import_all(&importing, &outcome, &error);

	if (result == 0 && outcome == EDIT_WRITTEN)
		(void)puts("next: aronet registry publish, or sign what is changed");
	return source_exit(&context->options, result, outcome == EDIT_DECLINED, &error);
}
