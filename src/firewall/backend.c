// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewall/backend.h"

#include "base/file.h"
#include "base/memory.h"
#include "firewall/change.h"
#include "firewall/private.h"
#include "firewall/record.h"
#include "firewall/table.h"
#include "firewall/text.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* The kernel keeps 128 bytes: prefix, and an instance of at most 15 bytes. */
#define COMMENT_SIZE 128

/* What marks a table as ours. */
static void format_mark(const struct firewall *firewall, char ret[COMMENT_SIZE])
{
	(void)snprintf(ret, COMMENT_SIZE, LINK_ALIAS_PREFIX "%s",
		       spaces_instance(firewall->spaces));
}

static void record_path(const struct firewall *firewall, enum space space, char ret[PATH_MAX])
{
	(void)snprintf(ret, PATH_MAX, "%s/ruleset.%s", firewall->private_dir, space_name(space));
}

/* The table as it is, into @seen. */
static int look_at_table(struct firewall *firewall, enum space space, const char *name,
			 struct seen *seen, struct error *error)
{
	CLEANUP(record_done) struct record record = { 0 };
	struct ruleset *ruleset = &seen->object.ruleset;
	char path[PATH_MAX], mark[COMMENT_SIZE];
	struct table table;
	int result;

	seen->object = (struct object) { .kind = OBJECT_RULESET, .ruleset = { .space = space } };
	(void)snprintf(ruleset->name, sizeof(ruleset->name), "%s", name);
	result = table_read(firewall->nft, space, name, &table, error);
	if (result < 0)
		return result;
	seen->exists = table.exists;
	format_mark(firewall, mark);
	seen->object.foreign = strcmp(table.comment, mark) != 0;
	if (!table.exists || seen->object.foreign)
		return 0;
	record_path(firewall, space, path);
	result = record_read(path, &record, error);
	seen->is_as_made = record.body && !memcmp(table.fingerprint, record.fingerprint, KEY_SIZE);
	memcpy(ruleset->digest, seen->is_as_made ? record.digest : table.fingerprint, KEY_SIZE);
	return result;
}

static bool seen_is_fresh(const struct seen *seen, const char *name, uint32_t generation,
			  uint64_t namespace)
{
	return seen->is_valid && seen->generation == generation && seen->namespace == namespace &&
	       !strcmp(seen->object.ruleset.name, name);
}

/* What is read counts for the generation before it, and is kept if that one still lasts. */
static int see_table(struct firewall *firewall, enum space space, const char *name,
		     const struct seen **ret, struct error *error)
{
	struct seen *seen = &firewall->seen[space];
	uint64_t namespace, namespace_after;
	uint32_t generation, after;
	int result;

	*ret = seen;
	result = nft_spaces_generation(firewall->nft, space, &generation, &namespace, error);
	if (result < 0 || seen_is_fresh(seen, name, generation, namespace))
		return result;
	*seen = (struct seen) { 0 };
	result = look_at_table(firewall, space, name, seen, error);
	if (result == 0)
		result = nft_spaces_generation(firewall->nft, space, &after, &namespace_after,
					       error);
	if (result < 0)
		return result;
	seen->is_valid = after == generation && namespace_after == namespace;
	seen->generation = generation;
	seen->namespace = namespace;
	return 0;
}

static int observe_table(struct firewall *firewall, enum space space, const char *name,
			 bool is_intended, struct state *operational, struct error *error)
{
	const struct seen *seen;
	int result = see_table(firewall, space, name, &seen, error);

	if (result == 0 && seen->exists && (!seen->object.foreign || is_intended))
		(void)state_add(operational, &seen->object);
	return result;
}

/* Our table has the instance's name; what is intended may in principle have another. */
static int observe_space(struct firewall *firewall, enum space space, const struct state *intended,
			 struct state *operational, struct error *error)
{
	const char *instance = spaces_instance(firewall->spaces);
	bool seen = false;
	int result = 0;

	STATE_FOR_EACH(intended, OBJECT_RULESET, object)
	{
		if (object->ruleset.space != space || result < 0)
			continue;
		seen |= !strcmp(object->ruleset.name, instance);
		result = observe_table(firewall, space, object->ruleset.name, true, operational,
				       error);
	}
	if (result < 0 || seen)
		return result;
	return observe_table(firewall, space, instance, false, operational, error);
}

static int firewall_observe(void *userdata, const struct state *intended, struct state *operational,
			    struct error *error)
{
	struct firewall *firewall = userdata;
	int result;

	result = observe_space(firewall, SPACE_UNDERLAY, intended, operational, error);
	/* Without a namespace of its own (VRF mode) the overlay has the underlay's tables. */
	if (result < 0 || !spaces_netns_name(firewall->spaces) ||
	    spaces_fd(firewall->spaces, SPACE_OVERLAY) == -ENOENT)
		return result;
	return observe_space(firewall, SPACE_OVERLAY, intended, operational, error);
}

static int change(struct firewall *firewall, enum space space, const char *script,
		  struct error *error)
{
	firewall->writes++;
	return nft_spaces_run(firewall->nft, space, 0, script, NULL, error);
}

uint64_t firewall_writes(const struct firewall *firewall)
{
	return firewall->writes;
}

/* Remember how the table is that we have just made. */
static int write_record(struct firewall *firewall, const struct ruleset *ruleset,
			struct error *error)
{
	char path[PATH_MAX];
	struct table table;
	int result = table_read(firewall->nft, ruleset->space, ruleset->name, &table, error);

	if (result == 0)
		result = file_make_directory(firewall->private_dir, 0700, error);
	if (result < 0)
		return result;
	record_path(firewall, ruleset->space, path);
	return record_write(path, table.fingerprint, ruleset, error);
}

/*
 * Reading it for the record is looking at it; the next observation does not need to again. Not if
 * the generation is another than @ours, which our last transaction made: what was read may not be
 * what we have made, and is looked at again.
 */
static int record_table(struct firewall *firewall, const struct ruleset *ruleset, uint32_t ours,
			struct error *error)
{
	struct seen *seen = &firewall->seen[ruleset->space];
	uint64_t namespace;
	uint32_t generation;
	int result;

	seen->is_valid = false;
	result = write_record(firewall, ruleset, error);
	if (result == 0)
		result = nft_spaces_generation(firewall->nft, ruleset->space, &generation,
					       &namespace, error);
	if (result < 0)
		return result;
	*seen = (struct seen) {
		.is_valid = generation == ours,
		.generation = generation,
		.namespace = namespace,
		.exists = true,
		.is_as_made = true,
		.object = { .kind = OBJECT_RULESET, .ruleset = *ruleset },
	};
	seen->object.ruleset.body = NULL;
	return 0;
}

static int replace_table(struct firewall *firewall, const struct ruleset *ruleset,
			 struct error *error)
{
	CLEANUP(strbuf_done) struct strbuf script = { 0 };
	char mark[COMMENT_SIZE];
	uint64_t namespace;
	uint32_t before;
	int result;

	format_mark(firewall, mark);
	firewall_format_replace(ruleset->name, mark, ruleset->body, &script);
	result = nft_spaces_generation(firewall->nft, ruleset->space, &before, &namespace, error);
	if (result == 0)
		result = change(firewall, ruleset->space, strbuf_text(&script), error);
	return result < 0 ? result : record_table(firewall, ruleset, before + 1, error);
}

/* 1 if the table is as we made it; then *ret is its body. */
static int read_made(struct firewall *firewall, const struct ruleset *ruleset, struct record *ret,
		     struct error *error)
{
	const struct seen *seen;
	char path[PATH_MAX];
	int result = see_table(firewall, ruleset->space, ruleset->name, &seen, error);

	if (result < 0 || !seen->is_as_made)
		return result;
	record_path(firewall, ruleset->space, path);
	result = record_read(path, ret, error);
	return result < 0 ? result : ret->body != NULL;
}

/* 1 if the table has become what @ruleset says. */
static int change_table(struct firewall *firewall, const struct ruleset *ruleset,
			struct error *error)
{
	CLEANUP(firewall_change_done) struct firewall_change steps = { 0 };
	const struct strbuf *const scripts[] = { &steps.sets, &steps.rules, &steps.rest };
	CLEANUP(record_done) struct record made = { 0 };
	uint32_t generation = 0;
	uint64_t namespace;
	int result = read_made(firewall, ruleset, &made, error);

	if (result <= 0 || !firewall_format_change(ruleset->name, made.body, ruleset->body, &steps))
		return result < 0 ? result : 0;
	result = nft_spaces_generation(firewall->nft, ruleset->space, &generation, &namespace,
				       error);
	for (size_t i = 0; result == 0 && i < ARRAY_SIZE(scripts); i++)
		if (scripts[i]->length) {
			result = change(firewall, ruleset->space, strbuf_text(scripts[i]), error);
			generation++;
		}
	if (result == 0)
		result = record_table(firewall, ruleset, generation, error);
	return result < 0 ? result : 1;
}

/* What cannot be changed is replaced, also if nftables refuses a step on the way. */
static int make_table(struct firewall *firewall, const struct ruleset *ruleset, struct error *error)
{
	struct error refusal = { 0 };
	int changed = change_table(firewall, ruleset, &refusal);
	int result = changed > 0 ? 0 : replace_table(firewall, ruleset, error);

	if (changed < 0 && result == 0 && firewall->replaced)
		firewall->replaced(firewall->replaced_userdata, &refusal);
	return result;
}

static int delete_table(struct firewall *firewall, const struct ruleset *ruleset,
			struct error *error)
{
	char path[PATH_MAX], script[64];
	int result;

	record_path(firewall, ruleset->space, path);
	if (unlink(path) < 0 && errno != ENOENT)
		return error_set(error, -errno, ERROR_FILE, path, "cannot remove: %m");
	if (spaces_fd(firewall->spaces, ruleset->space) == -ENOENT)
		return 0; /* gone with its namespace */
	result = table_exists(firewall->nft, ruleset->space, ruleset->name, error);
	if (result <= 0)
		return result;
	(void)snprintf(script, sizeof(script), "delete table inet %s", ruleset->name);
	return change(firewall, ruleset->space, script, error);
}

static bool firewall_claims(void *userdata, const struct object *object)
{
	(void)userdata;
	return object->kind == OBJECT_RULESET;
}

static int firewall_apply(void *userdata, const struct operation *operation,
			  const struct state *intended, uint64_t id, struct error *error)
{
	(void)intended;
	(void)id;
	switch (operation->type) {
	case OPERATION_CREATE:
	case OPERATION_UPDATE:
		return make_table(userdata, &operation->to->ruleset, error);
	case OPERATION_DELETE:
		return delete_table(userdata, &operation->from->ruleset, error);
	}
	return -EINVAL;
}

struct firewall *firewall_new(struct spaces *spaces, const char *runtime_dir)
{
	struct firewall *firewall = NEW(struct firewall);
	struct strbuf directory = { 0 };

	strbuf_printf(&directory, "%s/private", runtime_dir);
	firewall->spaces = spaces;
	firewall->nft = nft_spaces_new(spaces);
	firewall->private_dir = strbuf_take(&directory);
	return firewall;
}

void firewall_tell_replaced(struct firewall *firewall, firewall_replaced_fn *replaced,
			    void *userdata)
{
	firewall->replaced = replaced;
	firewall->replaced_userdata = userdata;
}

void firewall_free(struct firewall *firewall)
{
	if (!firewall)
		return;
	nft_spaces_free(firewall->nft);
	forward_chains_done(&firewall->forward.chains);
	free(firewall->private_dir);
	free(firewall);
}

struct backend firewall_backend(struct firewall *firewall)
{
	return (struct backend) {
		.name = "nftables",
		.userdata = firewall,
		.claims = firewall_claims,
		.observe = firewall_observe,
		.apply = firewall_apply,
	};
}
