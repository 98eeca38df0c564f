// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/memory.h"
#include "cli/keys.h"
#include "cli/source_edit.h"
#include "source/mesh_edit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* What stands on the command line, read. */
struct member_words {
	const struct cli_options *options;
	const char *name;
	struct cli_keys keys;
	struct named_key *named;
	struct grant *grants;
};

static void member_words_done(struct member_words *words)
{
	cli_keys_done(&words->keys);
	free(words->named);
	free(words->grants);
}
CLEANUP_DEFINE_IN_PLACE(struct member_words, member_words_done);

static int read_words(struct member_words *words, struct error *error)
{
	const struct cli_options *options = words->options;
	int result = cli_keys_read(options, &options->keys, CLI_KEY_PUBLIC, &words->keys, error);

	if (result < 0)
		return result;
	words->named = NEW_ARRAY(struct named_key, words->keys.count);
	for (size_t i = 0; i < words->keys.count; i++)
		memcpy(words->named[i].public_key, words->keys.items[i].key.public_key, KEY_SIZE);
	words->grants = NEW_ARRAY(struct grant, options->grants.count);
	for (size_t i = 0; result == 0 && i < options->grants.count; i++)
		result = grant_parse(options->grants.items[i], options->shared, &words->grants[i],
				     error);
	return result;
}

static int add(struct json_object *mesh, const struct member_words *words, struct error *error)
{
	const struct cli_options *options = words->options;
	const struct member_plan plan = {
		.name = words->name,
		.keys = { words->named, words->keys.count },
		.threshold = options->threshold ? options->threshold : 1,
		.grants = words->grants,
		.grants_count = options->grants.count,
		.has_no_transit = options->transit == ANSWER_NO,
		.max_nodes = options->max_nodes,
	};

	return mesh_edit_add_member(mesh, &plan, error);
}

/* What is given is changed, the rest stays. */
static int set(struct json_object *mesh, const struct member_words *words, struct error *error)
{
	const struct cli_options *options = words->options;
	int result = 0;

	if (words->keys.count)
		result = mesh_edit_set_keys(mesh, words->name,
					    &(struct key_list) { words->named, words->keys.count },
					    options->threshold ? options->threshold : 1, error);
	if (result == 0 && options->max_nodes)
		result = mesh_edit_set_member(mesh, words->name, "max_nodes",
					      json_object_new_int((int)options->max_nodes), error);
	if (result == 0 && options->transit != ANSWER_NOT_GIVEN)
		result = mesh_edit_set_member(
			mesh, words->name, "transit",
			json_object_new_boolean(options->transit == ANSWER_YES), error);
	return result;
}

static int grant(struct json_object *mesh, const struct member_words *words, struct error *error)
{
	return mesh_edit_add_grants(mesh, words->name, words->grants, words->options->grants.count,
				    error);
}

static int ungrant(struct json_object *mesh, const struct member_words *words, struct error *error)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < words->options->grants.count; i++)
		result = mesh_edit_remove_grant(mesh, words->name, &words->grants[i].prefix, error);
	return result;
}

static int suspend(struct json_object *mesh, const struct member_words *words, struct error *error)
{
	return mesh_edit_set_member(mesh, words->name, "state", json_object_new_string("suspended"),
				    error);
}

static int resume(struct json_object *mesh, const struct member_words *words, struct error *error)
{
	return mesh_edit_set_member(mesh, words->name, "state", json_object_new_string("active"),
				    error);
}

static int leave(struct json_object *mesh, const struct member_words *words, struct error *error)
{
	return mesh_edit_remove_member(mesh, words->name, error);
}

/* Keys of an organization: they are taken from it, and listed as revoked for ever. */
static int revoke_keys(struct json_object *mesh, const struct member_words *words,
		       struct error *error)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < words->keys.count; i++) {
		result = mesh_edit_remove_key(mesh, words->name, words->named[i].public_key, error);
		mesh_edit_revoke(mesh, REVOCATION_ORG_KEY, words->named[i].public_key, time(NULL),
				 words->options->reason);
	}
	return result;
}

typedef int member_fn(struct json_object *mesh, const struct member_words *words,
		      struct error *error);

static int edit_mesh(const struct cli_options *options, member_fn *change, struct error *error)
{
	CLEANUP(member_words_done)
	struct member_words words = { .options = options, .name = options->operand };
	CLEANUP(source_edit_done) struct source_edit edit = { 0 };
	CLEANUP(mesh_document_free) struct mesh_document *mesh = NULL;
	struct json_object *json = NULL;
	bool done = false;
	int result = read_words(&words, error);

	if (result == 0)
		result = source_edit_begin(options, &edit, error);
	if (result == 0)
		result = source_edit_mesh(&edit, &mesh, &json, error);
	if (result == 0)
		result = change(json, &words, error);
	if (result == 0)
		source_edit_put_mesh(&edit, json);
	if (result == 0 && change == leave)
		source_edit_drop_organization(&edit, words.name);
	json_object_put(json);
	if (result == 0)
		result = source_edit_finish(&edit, options, "Change the mesh so?", &done, error);
	if (done)
		(void)puts("mesh.json is changed; next: aronet registry sign mesh --key FILE, or "
			   "publish");
	return result;
}

static int run(const struct cli_context *context, member_fn *change)
{
	struct error error = { 0 };

	return edit_mesh(&context->options, change, &error) == 0
		       ? EXIT_DONE
		       : cli_fail(&context->options, &error, error_exit_code(error.code));
}

int command_registry_member_add(const struct cli_context *context)
{
	return run(context, add);
}

int command_registry_member_set(const struct cli_context *context)
{
	return run(context, set);
}

int command_registry_member_grant(const struct cli_context *context)
{
	return run(context, grant);
}

int command_registry_member_ungrant(const struct cli_context *context)
{
	return run(context, ungrant);
}

int command_registry_member_suspend(const struct cli_context *context)
{
	return run(context, suspend);
}

int command_registry_member_resume(const struct cli_context *context)
{
	return run(context, resume);
}

int command_registry_member_remove(const struct cli_context *context)
{
	return run(context, leave);
}

int command_registry_member_revoke(const struct cli_context *context)
{
	return run(context, revoke_keys);
}
