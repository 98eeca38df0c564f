// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/command.h"

#include "base/file.h"
#include "base/hex.h"
#include "base/memory.h"
#include "cli/keys.h"
#include "registry/name.h"
#include "source/changes.h"
#include "source/format.h"
#include "source/mesh_edit.h"
#include "source/node_edit.h"
#include "source/seal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct init {
	const struct cli_options *options;
	struct cli_keys keys, manifest_keys;
	struct json_object *mesh, *org; /* org: NULL if there is no first organization */
	int64_t now;
};

static void init_done(struct init *init)
{
	cli_keys_done(&init->keys);
	cli_keys_done(&init->manifest_keys);
	json_object_put(init->mesh);
	json_object_put(init->org);
}
CLEANUP_DEFINE_IN_PLACE(struct init, init_done);

static struct key_list list_keys(const struct cli_keys *keys, bool only_private,
				 struct named_key **ret)
{
	struct key_list list = { 0 };

	*ret = NEW_ARRAY(struct named_key, keys->count);
	for (size_t i = 0; i < keys->count; i++) {
		struct named_key *key = &(*ret)[list.count];

		if (only_private && !keys->items[i].is_private)
			continue;
		memcpy(key->public_key, keys->items[i].key.public_key, KEY_SIZE);
		key->holder = keys->items[i].holder;
		list.count++;
	}
	list.items = *ret;
	return list;
}

/*
 * Whose the first organization is. Somebody alone has a spare key in the list, for everything. Of
 * several holders it is the one who makes it.
 */
static struct key_list list_organization_keys(const struct init *init, struct named_key **ret)
{
	struct key_list list = list_keys(&init->keys, init->options->threshold > 1, ret);

	if (list.count)
		return list;
	free(*ret);
	return list_keys(&init->keys, false, ret);
}

/* All of the pool, for the first organization. */
static int make_grants(const struct cli_list *pool, struct grant **ret, struct error *error)
{
	CLEANUP(free) struct grant *grants = NEW_ARRAY(struct grant, pool->count);

	for (size_t i = 0; i < pool->count; i++) {
		int result = grant_parse(pool->items[i], false, &grants[i], error);

		if (result < 0)
			return result;
	}
	*ret = TAKE(grants);
	return 0;
}

static int add_organization(struct init *init, const uint8_t mesh_id[MESH_ID_SIZE],
			    struct error *error)
{
	const struct cli_options *options = init->options;
	CLEANUP(free) struct named_key *keys = NULL;
	CLEANUP(free) struct grant *grants = NULL;
	struct member_plan plan = {
		.name = options->organization,
		.keys = list_organization_keys(init, &keys),
		.threshold = 1,
		.max_nodes = options->max_nodes,
	};
	int result = make_grants(&options->pool, &grants, error);

	if (result < 0)
		return result;
	plan.grants = grants;
	plan.grants_count = options->pool.count;
	init->org = org_edit_new(mesh_id, options->organization, init->now);
	return mesh_edit_add_member(init->mesh, &plan, error);
}

static int make_mesh(struct init *init, struct error *error)
{
	const struct cli_options *options = init->options;
	CLEANUP(free) struct named_key *keys = NULL;
	CLEANUP(free) struct named_key *manifest_keys = NULL;
	struct mesh_plan plan = {
		.name = options->mesh_name,
		.keys = list_keys(&init->keys, false, &keys),
		.threshold = options->threshold ? options->threshold : 1,
		.manifest_keys = list_keys(&init->manifest_keys, false, &manifest_keys),
		.manifest_threshold = options->manifest_threshold ? options->manifest_threshold : 1,
		.pool = options->pool.items,
		.pool_count = options->pool.count,
	};

	if (options->expiry_days > MESH_MANIFEST_DAYS_DEFAULT)
		plan.manifest_max_days = options->expiry_days;
	crypto_random(plan.mesh_id, sizeof(plan.mesh_id));
	init->mesh = mesh_edit_new(&plan);
	return options->organization ? add_organization(init, plan.mesh_id, error) : 0;
}

/* The folder in memory, as if it had been read. */
static void make_source(const struct init *init, struct source *source,
			struct source_document *draft)
{
	const struct stamp stamp = {
		.version = 1,
		.issued = init->now,
		.expires = init->now + (int64_t)DOCUMENT_DAYS_MAX * DAY_SEC,
	};
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	strcpy(draft->path, SOURCE_DRAFT);
	signing_stamp(init->mesh, DOCUMENT_MESH, &stamp, &text);
	envelope_make(DOCUMENT_MESH, text.bytes, text.length, &draft->envelope);
	source->draft = draft;
}

static void put_files(const struct init *init, const struct sealed *mesh,
		      struct source_changes *changes)
{
	char path[SOURCE_PATH_SIZE];
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	/* A conversion of line ends would break every signature. */
	source_put_text(changes, ".gitattributes", "* -text\n");
	source_put_text(changes, ".gitignore", "/" SOURCE_SIGNED "/\n*.key\n");
	if (init->org) {
		(void)snprintf(path, sizeof(path), SOURCE_ORGANIZATIONS "/%s.json",
			       init->options->organization);
		source_format(init->org, &text);
		source_put(changes, path, text.bytes, text.length);
	}
	source_put_envelope(changes,
			    mesh->signing.state == SIGNING_COMPLETE ? mesh->path : SOURCE_DRAFT,
			    &mesh->envelope);
}

static void print_result(const struct init *init, const struct sealed *mesh)
{
	char digest[2 * KEY_SIZE + 1], state[SIGNING_TEXT_SIZE];
	const struct cli_options *options = init->options;

	if (options->expiry_days > MESH_MANIFEST_DAYS_DEFAULT)
		(void)printf("note: manifests may be valid for %u days: a mirror that keeps an old "
			     "one can hide changes that long\n",
			     options->expiry_days);
	if (options->threshold <= 1)
		(void)printf("note: threshold 1: whoever has %s owns this mesh. Keep a copy "
			     "offline.\n",
			     init->keys.count == 1 ? options->keys.items[0] : "one of the keys");
	if (mesh->signing.state != SIGNING_COMPLETE) {
		(void)printf("mesh 1 is a draft: %s. Next: aronet registry -C %s sign mesh --key "
			     "FILE\n",
			     signing_format(&mesh->signing, state), options->operand);
		return;
	}
	(void)printf("pin this: mesh_sha256 %s\n",
		     hex_format(mesh->envelope.digest, KEY_SIZE, digest));
}

static int check_absent(const char *directory, struct error *error)
{
	struct source *source = NULL;
	int result = source_read(directory, false, &source, NULL);

	source_free(source);
	if (result == 0)
		return error_set(error, -EEXIST, ERROR_FILE, directory,
				 "holds a registry already; nothing was changed");
	return 0;
}

static int private_keys(const struct cli_keys *keys, const struct crypto_signing_key **ret)
{
	int count = 0;

	for (size_t i = 0; i < keys->count; i++)
		if (keys->items[i].is_private)
			ret[count++] = &keys->items[i].key;
	return count;
}

static int run(struct init *init, struct error *error)
{
	const struct cli_options *options = init->options;
	CLEANUP(source_changes_done) struct source_changes changes = { 0 };
	CLEANUP(sealed_done) struct sealed mesh = { 0 };
	struct source source = { .directory = (char *)(uintptr_t)options->operand };
	const struct crypto_signing_key *keys[KEYSET_KEYS_MAX];
	struct source_document draft = { 0 };
	struct seal_options seal = { .keys.items = keys, .now = init->now };
	int result = check_absent(options->operand, error);

	if (result == 0)
		result = cli_keys_read(options, &options->keys, CLI_KEY_EITHER, &init->keys, error);
	if (result == 0)
		result = cli_keys_read(options, &options->manifest_keys, CLI_KEY_PUBLIC,
				       &init->manifest_keys, error);
	if (result == 0 && init->keys.count > KEYSET_KEYS_MAX)
		result = error_set(error, -E2BIG, ERROR_USAGE, "registry init",
				   "%zu keys; at most %d", init->keys.count, KEYSET_KEYS_MAX);
	if (result == 0)
		result = make_mesh(init, error);
	if (result < 0)
		return result;
	seal.keys.count = (size_t)private_keys(&init->keys, keys);
	seal.days = options->expiry_days;
	make_source(init, &source, &draft);
	result = seal_mesh(&source, &seal, &mesh, error);
	envelope_done(&draft.envelope);
	if (result < 0)
		return result;
	put_files(init, &mesh, &changes);
	result = file_make_directory(options->operand, 0755, error);
	if (result == 0)
		result = source_apply(options->operand, &changes, error);
	if (result == 0)
		print_result(init, &mesh);
	return result;
}

int command_registry_init(const struct cli_context *context)
{
	CLEANUP(init_done) struct init init = { .options = &context->options, .now = time(NULL) };
	struct error error = { 0 };

	return run(&init, &error) == 0
		       ? EXIT_DONE
		       : cli_fail(init.options, &error, error_exit_code(error.code));
}
