/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"
#include "source/folder.h"

/*
 * What a command is going to write, collected before anything is written. All of it is written
 * beside the old files, and then they are replaced one by one, each atomically, in the order in
 * which they were put here: a full disk changes nothing, and what a crash leaves undone, the same
 * command does when it is run again.
 */
struct source_change {
	char *path;  /* in the folder */
	char *bytes; /* NULL: remove the file */
	size_t size;
};

struct source_changes {
	struct source_change *items;
	size_t count;
};

void source_changes_done(struct source_changes *changes);
CLEANUP_DEFINE_IN_PLACE(struct source_changes, source_changes_done);

/* What is put or removed under a path replaces what was said of it before. */
void source_put(struct source_changes *changes, const char *path, const void *bytes, size_t size);
void source_put_text(struct source_changes *changes, const char *path, const char *text);
void source_remove(struct source_changes *changes, const char *path);

/*
 * A document and, before it, its signatures: a crash in between leaves signatures of another text,
 * and the document is what it was and has to be signed again. Those of a document without any are
 * removed.
 */
void source_put_envelope(struct source_changes *changes, const char *path,
			 const struct envelope *envelope);

/* Keeps a copy of a document that was signed here in .signed, see source_recall(). */
void source_remember(struct source_changes *changes, const char *path,
		     const struct envelope *envelope);

/* Makes missing folders. E_STATE_WRITE. */
int source_apply(const char *directory, const struct source_changes *changes, struct error *error);
