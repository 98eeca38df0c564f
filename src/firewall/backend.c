// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewall/backend.h"

#include "base/file.h"
#include "base/hex.h"
#include "base/memory.h"
#include "crypto/crypto.h"
#include "firewall/private.h"
#include "firewall/table.h"
#include "firewall/text.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define DIGEST_TEXT_SIZE (2 * KEY_SIZE + 1)
/* The kernel keeps 128 bytes: prefix, instance of at most 15 bytes, digest. */
#define COMMENT_SIZE 128

/* The digest that the table's comment claims; false if the table is not ours. */
static bool parse_mark(const char *comment, const char *instance, uint8_t ret[KEY_SIZE])
{
	size_t prefix = strlen(LINK_ALIAS_PREFIX), length = strlen(instance);

	return !strncmp(comment, LINK_ALIAS_PREFIX, prefix) &&
	       !strncmp(comment + prefix, instance, length) && comment[prefix + length] == ':' &&
	       hex_parse(comment + prefix + length + 1, ret, KEY_SIZE) == 0;
}

static void record_path(const struct firewall *firewall, enum space space, char ret[PATH_MAX])
{
	(void)snprintf(ret, PATH_MAX, "%s/ruleset.%s", firewall->private_dir, space_name(space));
}

/* Remember how the table is that we have just made. */
static int record_write(struct firewall *firewall, enum space space, const char *name,
			struct error *error)
{
	char path[PATH_MAX], text[DIGEST_TEXT_SIZE + 1];
	struct table table;
	int result = table_read(firewall->nft, space, name, &table, error);

	if (result < 0)
		return result;
	(void)hex_format(table.fingerprint, KEY_SIZE, text);
	(void)strcat(text, "\n");
	record_path(firewall, space, path);
	result = file_make_directory(firewall->private_dir, 0700, error);
	return result < 0 ? result : file_replace(path, text, strlen(text), 0600, error);
}

/* Any other content, and no file at all, is a fingerprint that no table has. */
static int record_read(struct firewall *firewall, enum space space, uint8_t ret[KEY_SIZE],
		       struct error *error)
{
	CLEANUP(free) char *text = NULL;
	char path[PATH_MAX];
	size_t size;
	int result;

	memset(ret, 0, KEY_SIZE);
	record_path(firewall, space, path);
	result = file_read(path, DIGEST_TEXT_SIZE, &text, &size, error);
	if (result == 0) {
		text[strcspn(text, "\n")] = '\0';
		(void)hex_parse(text, ret, KEY_SIZE);
	}
	return result == -ENOENT || result == -EFBIG ? 0 : result;
}

/* The table as it is, into @seen. */
static int look_at_table(struct firewall *firewall, enum space space, const char *name,
			 struct seen *seen, struct error *error)
{
	struct ruleset *ruleset = &seen->object.ruleset;
	uint8_t recorded[KEY_SIZE];
	struct table table;
	int result;

	seen->object = (struct object) { .kind = OBJECT_RULESET, .ruleset = { .space = space } };
	(void)snprintf(ruleset->name, sizeof(ruleset->name), "%s", name);
	result = table_read(firewall->nft, space, name, &table, error);
	if (result < 0)
		return result;
	seen->exists = table.exists;
	seen->object.foreign =
		!parse_mark(table.comment, spaces_instance(firewall->spaces), ruleset->digest);
	if (!table.exists || seen->object.foreign)
		return 0;
	result = record_read(firewall, space, recorded, error);
	if (result == 0 && memcmp(table.fingerprint, recorded, KEY_SIZE) != 0)
		memcpy(ruleset->digest, table.fingerprint, KEY_SIZE);
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
	seen->is_valid = false;
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

/*
 * Reading it for the record is looking at it; the next observation does not need to again. Not if
 * anybody else has changed something since @before, the generation that ours followed: what was
 * read may not be what we have made, and is looked at again.
 */
static int record_table(struct firewall *firewall, const struct ruleset *ruleset, uint32_t before,
			struct error *error)
{
	struct seen *seen = &firewall->seen[ruleset->space];
	uint64_t namespace;
	uint32_t generation;
	int result;

	seen->is_valid = false;
	result = record_write(firewall, ruleset->space, ruleset->name, error);
	if (result == 0)
		result = nft_spaces_generation(firewall->nft, ruleset->space, &generation,
					       &namespace, error);
	if (result < 0)
		return result;
	*seen = (struct seen) {
		.is_valid = generation == before + 1,
		.generation = generation,
		.namespace = namespace,
		.exists = true,
		.object = { .kind = OBJECT_RULESET, .ruleset = *ruleset },
	};
	seen->object.ruleset.body = NULL;
	return 0;
}

static int replace_table(struct firewall *firewall, const struct ruleset *ruleset,
			 struct error *error)
{
	CLEANUP(strbuf_done) struct strbuf script = { 0 };
	char comment[COMMENT_SIZE], digest[DIGEST_TEXT_SIZE];
	uint64_t namespace;
	uint32_t before;
	int result;

	(void)hex_format(ruleset->digest, KEY_SIZE, digest);
	(void)snprintf(comment, sizeof(comment), LINK_ALIAS_PREFIX "%s:%s",
		       spaces_instance(firewall->spaces), digest);
	firewall_format_replace(ruleset->name, comment, ruleset->body, &script);
	result = nft_spaces_generation(firewall->nft, ruleset->space, &before, &namespace, error);
	if (result == 0)
		result = change(firewall, ruleset->space, strbuf_text(&script), error);
	return result < 0 ? result : record_table(firewall, ruleset, before, error);
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
		return replace_table(userdata, &operation->to->ruleset, error);
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

void firewall_free(struct firewall *firewall)
{
	if (!firewall)
		return;
	nft_spaces_free(firewall->nft);
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
