/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"
#include "core/model.h"
#include "registry/envelope.h"

#include <json-c/json.h>
#include <limits.h>

/*
 * The source of a registry: a folder of readable files, at home in git (registry specification,
 * section 10). The bytes of a file are the payload of its document; FILE.sig is the envelope
 *without them.
 *
 *	mesh.N.json      version N of the mesh document, signed, never edited
 *	mesh.json        the next version, while there is one
 *	org/NAME.json    the nodes of an organization
 *	manifest.json    which versions were published last
 *	.signed/         documents as they were last signed here, to tell what was changed since;
 *	                 nothing depends on it
 */
#define SOURCE_PATH_SIZE (NAME_SIZE + 32)
#define SOURCE_SIGNATURES_MAX (64u << 10) /* bytes of a .sig: 16 signatures have 3 KiB */

#define SOURCE_DRAFT "mesh.json"
#define SOURCE_MANIFEST "manifest.json"
#define SOURCE_ORGANIZATIONS "org"
#define SOURCE_SIGNED ".signed"

struct source_document {
	char path[SOURCE_PATH_SIZE]; /* in the folder */
	char name[NAME_SIZE];	     /* of the organization; else empty */
	uint64_t number;	     /* N of mesh.N.json; else 0 */
	struct envelope envelope;    /* without signatures if there is no .sig */
	bool has_signatures;	     /* there is a .sig, though perhaps of another text */
};

struct source {
	char *directory;
	int directory_fd;		/* holds the lock of a command that writes */
	struct source_document *meshes; /* signed versions, ascending */
	size_t meshes_count;
	struct source_document *draft;	       /* NULL: none */
	bool has_leftover;		       /* mesh.json says nothing new: remove it */
	struct source_document *organizations; /* sorted by name, bytewise */
	size_t organizations_count;
	struct source_document *manifest; /* NULL: nothing was published */
};

void source_free(struct source *source);
CLEANUP_DEFINE(struct source *, source_free);

/*
 * Read all documents; nothing of them is parsed but signatures. E_FILE if there is no registry in
 * @directory or a file cannot be read, E_NAME for org/NAME.json whose name is none, E_ENVELOPE and
 * those of the scanner for a damaged .sig; E_BUSY if @for_writing and another command is at work in
 * it.
 */
int source_read(const char *directory, bool for_writing, struct source **ret, struct error *error);

/* The newest signed mesh document, NULL before the first. */
const struct source_document *source_newest_mesh(const struct source *source);

/* What is being edited, else the newest: what documents of organizations have to agree with. */
const struct source_document *source_current_mesh(const struct source *source);

/* NULL if there is none. */
struct source_document *source_find_organization(const struct source *source, const char *name);

/*
 * A command's word for a document: "mesh" or "mesh.json" is the draft, else the newest mesh
 * document; "org/north.json", "org/north"; "manifest", "manifest.json". E_USAGE if it is none of
 * them or is not there.
 */
int source_find(struct source *source, const char *word, struct source_document **ret,
		struct error *error);

/*
 * The JSON of a document, for editing: a copy that is the caller's. Errors of
 * json_document_parse().
 */
int source_document_json(const struct source *source, const struct source_document *document,
			 struct json_object **ret, struct error *error);

/* The text of @path as it was last signed here, without signatures; -ENOENT. */
int source_recall(const struct source *source, const char *path, enum document_type type,
		  struct envelope *ret);

/* "home/mesh.json": for messages and for opening. Returns @buffer. */
const char *source_path(const char *directory, const char *path, char buffer[PATH_MAX]);
