// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/start.h"

#include "base/memory.h"
#include "crypto/crypto.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RESET "see aronet registry reset-trust"
#define ALONE "running without peers"
#define LOAD_AGAIN ALONE "; load a registry again: aronet load -r FILE"

/* The two files as they were found. */
struct found {
	struct trust *trust; /* NULL: missing or damaged */
	uint8_t trust_digest[KEY_SIZE];
	int trust_result; /* 0, -ENOENT, or why it is damaged */
	struct error trust_error;
	struct verified verified; /* of last-good.json */
	int registry_result;	  /* 0, -ENOENT, or why it is of no use */
	struct error registry_error;
};

static void found_done(struct found *found)
{
	trust_free(found->trust);
	verified_done(&found->verified);
}
CLEANUP_DEFINE_IN_PLACE(struct found, found_done);

void start_done(struct start *start)
{
	registry_free(start->registry);
	*start = (struct start) { 0 };
}

static void look(const struct store_rules *rules, struct warnings *warnings, struct found *found,
		 uint8_t digest[KEY_SIZE])
{
	CLEANUP(free) char *bytes = NULL;
	size_t size;

	found->trust_result = registry_store_read_trust(rules->state_dir, &found->trust,
							found->trust_digest, &found->trust_error);
	found->registry_result =
		registry_store_read(rules->state_dir, &bytes, &size, &found->registry_error);
	if (found->registry_result < 0)
		return;
	crypto_sha256(bytes, size, digest);
	found->registry_result = registry_store_verify(rules, found->trust, bytes, size, warnings,
						       &found->verified, &found->registry_error);
}

/* With damaged trust state an unsigned registry may be what an attacker wants to go back to. */
static bool is_usable(const struct found *found)
{
	bool is_damaged = found->trust_result < 0 && found->trust_result != -ENOENT;

	return found->registry_result == 0 && (found->verified.trust || !is_damaged);
}

static enum start_row find_row(const struct found *found)
{
	if (found->trust_result < 0 && found->trust_result != -ENOENT)
		return is_usable(found) ? START_CORRUPT : START_CORRUPT_ALONE;
	if (found->registry_result == -ENOENT && found->trust_result == -ENOENT)
		return START_FIRST_USE;
	if (!is_usable(found))
		return START_ALONE;
	if (!found->verified.trust)
		return START_UNSIGNED;
	return found->trust ? START_GOOD : START_REBUILT;
}

static void tell_corrupt(const struct found *found, bool runs, struct error *error)
{
	const struct registry *registry = found->verified.registry;
	char running[64] = ALONE;

	if (runs)
		(void)snprintf(running, sizeof(running), "running on last good manifest %" PRIu64,
			       registry->origin.manifest_version);
	(void)error_set(error, 0, ERROR_STATE_CORRUPT, found->trust_error.place, "%.300s; %s; %s",
			found->trust_error.text, running, RESET);
}

/* The configuration took its switch back, or a signed registry came between: nothing is damaged. */
static bool is_refused_by_intent(enum error_code code)
{
	return code == ERROR_UNSIGNED || code == ERROR_UNSIGNED_DOWNGRADE;
}

static void tell_alone(const struct store_rules *rules, const struct found *found,
		       struct error *error)
{
	const struct error *cause = &found->registry_error;

	if (found->registry_result == -ENOENT)
		(void)error_set(error, 0, ERROR_STATE_CORRUPT, rules->state_dir,
				"no " REGISTRY_STORE_FILE
				", though a mesh is trusted; " LOAD_AGAIN);
	else if (is_refused_by_intent(cause->code))
		*error = *cause;
	else
		(void)error_set(error, 0, ERROR_STATE_CORRUPT,
				cause->place[0] ? cause->place : REGISTRY_STORE_FILE,
				"%.300s; " LOAD_AGAIN, cause->text);
}

static void tell(const struct store_rules *rules, const struct found *found, enum start_row row,
		 struct warnings *warnings, struct error *error)
{
	switch (row) {
	case START_CORRUPT:
	case START_CORRUPT_ALONE:
		tell_corrupt(found, row == START_CORRUPT, error);
		return;
	case START_ALONE:
		tell_alone(rules, found, error);
		return;
	case START_REBUILT:
		warnings_add(warnings, "W05", "trust state rebuilt from last-good");
		return;
	case START_FIRST_USE:
	case START_GOOD:
	case START_UNSIGNED:
		return;
	}
}

/* After a crash between the two files, trust.json is behind. */
static bool is_behind(const struct found *found)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	uint8_t digest[KEY_SIZE];

	trust_format(found->verified.trust, &text);
	crypto_sha256(strbuf_text(&text), text.length, digest);
	return memcmp(digest, found->trust_digest, KEY_SIZE) != 0;
}

static void catch_up(const struct store_rules *rules, const struct found *found, enum start_row row,
		     struct warnings *warnings)
{
	char line[ERROR_LINE_SIZE];
	struct error error = { 0 };

	if (row != START_REBUILT && !(row == START_GOOD && is_behind(found)))
		return;
	if (registry_store_write_trust(rules->state_dir, found->verified.trust, &error) < 0)
		warnings_add(warnings, "E_STATE_WRITE", "%s",
			     error_format(&error, line, sizeof(line)));
}

void registry_start(const struct store_rules *rules, struct warnings *warnings, struct start *ret)
{
	CLEANUP(found_done) struct found found = { 0 };

	*ret = (struct start) { 0 };
	look(rules, warnings, &found, ret->digest);
	ret->row = find_row(&found);
	tell(rules, &found, ret->row, warnings, &ret->error);
	catch_up(rules, &found, ret->row, warnings);
	if (found.verified.trust)
		ret->last_seen = found.verified.trust->last_seen;
	else if (found.trust)
		ret->last_seen = found.trust->last_seen;
	if (is_usable(&found))
		ret->registry = TAKE(found.verified.registry);
}
