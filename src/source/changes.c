// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/changes.h"

#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>

#define FILE_MODE 0644 /* public: what is in there is published */
#define DIRECTORY_MODE 0755

void source_changes_done(struct source_changes *changes)
{
	for (size_t i = 0; i < changes->count; i++) {
		free(changes->items[i].path);
		free(changes->items[i].bytes);
	}
	free(changes->items);
	*changes = (struct source_changes) { 0 };
}

/* The change to @path, without its bytes: a new one, or what was said of it before is forgotten. */
static struct source_change *change_of(struct source_changes *changes, const char *path)
{
	struct source_change *change;

	for (size_t i = 0; i < changes->count; i++) {
		change = &changes->items[i];
		if (strcmp(change->path, path) != 0)
			continue;
		free(TAKE(change->bytes));
		change->size = 0;
		return change;
	}
	change = ARRAY_APPEND(changes->items, changes->count);
	change->path = memory_strdup(path);
	return change;
}

void source_put(struct source_changes *changes, const char *path, const void *bytes, size_t size)
{
	struct source_change *change = change_of(changes, path);

	change->bytes = memory_dup(bytes, size);
	change->size = size;
}

void source_put_text(struct source_changes *changes, const char *path, const char *text)
{
	source_put(changes, path, text, strlen(text));
}

void source_remove(struct source_changes *changes, const char *path)
{
	(void)change_of(changes, path);
}

void source_put_envelope(struct source_changes *changes, const char *path,
			 const struct envelope *envelope)
{
	CLEANUP(strbuf_done) struct strbuf signatures = { 0 };
	char signatures_path[SOURCE_PATH_SIZE + 8];

	(void)snprintf(signatures_path, sizeof(signatures_path), "%s.sig", path);
	if (envelope->signatures_count) {
		envelope_format(envelope, false, &signatures);
		source_put(changes, signatures_path, signatures.bytes, signatures.length);
	} else {
		source_remove(changes, signatures_path);
	}
	source_put(changes, path, envelope->payload, envelope->payload_size);
}

void source_remember(struct source_changes *changes, const char *path,
		     const struct envelope *envelope)
{
	char copy[SOURCE_PATH_SIZE + 16];

	(void)snprintf(copy, sizeof(copy), SOURCE_SIGNED "/%s", path);
	source_put(changes, copy, envelope->payload, envelope->payload_size);
}

/* Writes beside the old files, which still stand. *ret_staged counts what is to be undone. */
static int stage(const char *directory, const struct source_changes *changes, size_t *ret_staged,
		 struct error *error)
{
	for (size_t i = 0; i < changes->count; i++, (*ret_staged)++) {
		const struct source_change *change = &changes->items[i];
		CLEANUP(free) char *copy = NULL;
		char path[PATH_MAX];
		int result;

		if (!change->bytes)
			continue;
		copy = memory_strdup(source_path(directory, change->path, path));
		result = file_make_directory(dirname(copy), DIRECTORY_MODE, error);
		if (result == 0)
			result = file_stage(path, change->bytes, change->size, FILE_MODE, error);
		if (result < 0)
			return result;
	}
	return 0;
}

static int finish_one(const char *directory, const struct source_change *change,
		      struct error *error)
{
	char path[PATH_MAX];

	source_path(directory, change->path, path);
	if (change->bytes)
		return file_publish(path, error);
	if (unlink(path) < 0 && errno != ENOENT)
		return error_set(error, -errno, ERROR_STATE_WRITE, path, "cannot remove: %m");
	return 0;
}

int source_apply(const char *directory, const struct source_changes *changes, struct error *error)
{
	size_t staged = 0, finished = 0;
	int result = stage(directory, changes, &staged, error);

	while (result == 0 && finished < changes->count)
		result = finish_one(directory, &changes->items[finished++], error);
	for (size_t i = finished; i < staged; i++) {
		char path[PATH_MAX];

		if (changes->items[i].bytes)
			file_unstage(source_path(directory, changes->items[i].path, path));
	}
	return result;
}
