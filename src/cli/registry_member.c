// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/hex.h"
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
	const struct source *source;
	const char *name; /* the operand */
	int64_t now;
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
	for (size_t i = 0; i < words->keys.count; i++) {
		memcpy(words->named[i].public_key, words->keys.items[i].key.public_key, KEY_SIZE);
		words->named[i].holder = words->keys.items[i].holder;
	}
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
					    options->threshold, error);
	else if (options->threshold)
		result = mesh_edit_set_member(mesh, words->name, "threshold",
					      json_object_new_int((int)options->threshold), error);
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
static int revoke_organization(struct json_object *mesh, const struct member_words *words,
			       struct error *error)
{
	int result = 0;

	if (!words->keys.count)
		return error_set(
			error, -EINVAL, ERROR_USAGE, "registry member revoke",
			"expected ORGANIZATION --key FILE.pub, ORGANIZATION/NODE, or a key "
			"of a node");
	for (size_t i = 0; result == 0 && i < words->keys.count; i++) {
		result = mesh_edit_remove_key(mesh, words->name, words->named[i].public_key, error);
		mesh_edit_revoke(mesh, REVOCATION_ORG_KEY, words->named[i].public_key, words->now,
				 words->options->reason);
	}
	return result;
}

static void revoke_node(struct json_object *mesh, const struct member_words *words,
			const struct registry_node *node)
{
	if (node->has_identity)
		mesh_edit_revoke(mesh, REVOCATION_NODE_KEY, node->identity_key, words->now,
				 words->options->reason);
	if (node->has_wireguard)
		mesh_edit_revoke(mesh, REVOCATION_WIREGUARD_KEY, node->wireguard_key, words->now,
				 words->options->reason);
}

/* ORGANIZATION/NODE, whose keys stand in the folder. */
static int revoke_named_node(struct json_object *mesh, const struct member_words *words,
			     struct error *error)
{
	CLEANUP(documents_done) struct documents documents = { 0 };
	char id[NODE_ID_TEXT_SIZE];
	int result = documents_from_source(words->source, &documents, error);

	if (result < 0)
		return result;
	for (size_t i = 0; i < documents.orgs_count; i++)
		for (size_t j = 0; j < documents.orgs[i]->nodes_count; j++) {
			const struct registry_node *node = &documents.orgs[i]->nodes[j];

			if (strcmp(node_id_format(&node->id, id), words->name) != 0)
				continue;
			revoke_node(mesh, words, node);
			return 0;
		}
	return error_set(error, -ENOENT, ERROR_NAME, NULL,
			 "there is no node \"%.120s\" in this "
			 "registry",
			 words->name);
}

/* A key itself first: base64 has slashes, too. */
static int revoke_key(struct json_object *mesh, const struct member_words *words,
		      struct error *error)
{
	uint8_t key[KEY_SIZE];

	if (crypto_key_from_base64(words->name, key) == 0) {
		mesh_edit_revoke(mesh, REVOCATION_WIREGUARD_KEY, key, words->now,
				 words->options->reason);
		return 0;
	}
	if (hex_parse(words->name, key, sizeof(key)) == 0) {
		mesh_edit_revoke(mesh, REVOCATION_NODE_KEY, key, words->now,
				 words->options->reason);
		return 0;
	}
	if (strchr(words->name, '/'))
		return revoke_named_node(mesh, words, error);
	return revoke_organization(mesh, words, error);
}

/* Who signs mesh documents or manifests from the next version of the mesh document on. */
static int set_role(struct json_object *mesh, const struct member_words *words, struct error *error)
{
	static const struct {
		const char *name;
		enum mesh_role role;
	} roles[] = { { "mesh", MESH_ROLE_MESH }, { "manifest", MESH_ROLE_MANIFEST } };
	const struct key_list keys = { words->named, words->keys.count };

	for (size_t i = 0; i < ARRAY_SIZE(roles); i++) {
		if (strcmp(roles[i].name, words->name) != 0)
			continue;
		mesh_edit_set_role(mesh, roles[i].role, &keys, words->options->threshold);
		return 0;
	}
	return error_set(error, -EINVAL, ERROR_USAGE, "registry role",
			 "expected mesh or manifest, found \"%.40s\"", words->name);
}

static int read_secret_file(const char *path, uint8_t ret[SECRET_ID_SIZE], struct error *error)
{
	uint8_t secret[KEY_SIZE];
	char *text;
	int result = crypto_key_file_read(path, &text, error);

	if (result < 0)
		return result;
	result = crypto_mesh_secret_parse(text, path, secret, error);
	if (result == 0)
		crypto_mesh_secret_id(secret, ret);
	crypto_wipe(secret, sizeof(secret));
	crypto_wipe(text, strlen(text));
	free(text);
	return result;
}

/* Who signs a mesh need not have its secret. */
static int read_secret_id(const char *word, uint8_t ret[SECRET_ID_SIZE], struct error *error)
{
	return hex_parse(word, ret, SECRET_ID_SIZE) == 0 ? 0 : read_secret_file(word, ret, error);
}

static int add_secret(struct json_object *mesh, const struct member_words *words,
		      struct error *error)
{
	uint8_t id[SECRET_ID_SIZE];
	int result = read_secret_id(words->name, id, error);

	return result < 0 ? result : mesh_edit_add_secret(mesh, id, words->options->from, error);
}

static int remove_secret(struct json_object *mesh, const struct member_words *words,
			 struct error *error)
{
	uint8_t id[SECRET_ID_SIZE];
	int result = read_secret_id(words->name, id, error);

	return result < 0 ? result : mesh_edit_remove_secret(mesh, id, words->now, error);
}

typedef int member_fn(struct json_object *mesh, const struct member_words *words,
		      struct error *error);

static int edit_mesh(const struct cli_options *options, member_fn *change, enum edit_outcome *ret,
		     struct error *error)
{
	CLEANUP(member_words_done)
	struct member_words words = {
		.options = options,
		.name = options->operand,
		.now = time(NULL),
	};
	CLEANUP(source_edit_done) struct source_edit edit = { 0 };
	CLEANUP(mesh_document_free) struct mesh_document *mesh = NULL;
	struct json_object *json = NULL;
	int result = read_words(&words, error);

	if (result == 0)
		result = source_edit_begin(options, &edit, error);
	if (result == 0)
		result = source_edit_mesh(&edit, &mesh, &json, error);
	words.source = edit.source;
	if (result == 0)
		result = change(json, &words, error);
	if (result == 0 && edit.source->draft && edit.source->draft->has_signatures)
		(void)puts("note: mesh.json has signatures; they are of the text before and have "
			   "to be given again");
	if (result == 0)
		source_edit_put_mesh(&edit, json);
	if (result == 0 && change == leave)
		source_edit_drop_organization(&edit, words.name);
	json_object_put(json);
	return result < 0 ? result
			  : source_edit_finish(&edit, options, "Change the mesh so?", ret, error);
}

static int run(const struct cli_context *context, member_fn *change)
{
	struct error error = { 0 };
	enum edit_outcome outcome = EDIT_NO_CHANGE;
	int result = edit_mesh(&context->options, change, &outcome, &error);

	if (result == 0 && outcome == EDIT_WRITTEN)
		(void)puts("mesh.json is changed; next: aronet registry sign mesh --key FILE, or "
			   "publish");
	return source_exit(&context->options, result, outcome == EDIT_DECLINED, &error);
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
	return run(context, revoke_key);
}

int command_registry_role(const struct cli_context *context)
{
	return run(context, set_role);
}

int command_registry_secret_add(const struct cli_context *context)
{
	return run(context, add_secret);
}

int command_registry_secret_remove(const struct cli_context *context)
{
	return run(context, remove_secret);
}

int command_registry_secret_id(const struct cli_context *context)
{
	const struct cli_list *files = &context->options.operands;

	for (size_t i = 0; i < files->count; i++) {
		char text[2 * SECRET_ID_SIZE + 1];
		uint8_t id[SECRET_ID_SIZE];
		struct error error = { 0 };

		if (read_secret_file(files->items[i], id, &error) < 0)
			return cli_fail(&context->options, &error, EXIT_CONFIG);
		(void)puts(hex_format(id, sizeof(id), text));
	}
	return EXIT_DONE;
}
