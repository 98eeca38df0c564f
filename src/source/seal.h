/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "registry/mesh.h"
#include "source/changes.h"
#include "source/sign.h"

/*
 * One document of the folder signed, in memory: a text that nobody has signed gets its version and
 * dates, one that somebody has signed stays as it is and gets another signature.
 */
struct seal_options {
	struct signing_keys keys;
	int64_t now;
	unsigned days; /* how long it is valid; 0: a year */
	bool renew;    /* a new version even of a text that is signed already */
};

struct sealed {
	char path[SOURCE_PATH_SIZE];   /* where it belongs: mesh.3.json when complete */
	char what[DOCUMENT_NAME_SIZE]; /* `mesh 3`, `org "north"` */
	char organization[NAME_SIZE];  /* empty for the mesh and for manifests */
	uint64_t version;
	int64_t issued;
	int64_t expires;
	struct envelope envelope;
	struct signing signing; /* afterwards */
	bool is_new_text;
	unsigned added; /* signatures; 0: no key has a say */
};

void sealed_done(struct sealed *sealed);
CLEANUP_DEFINE_IN_PLACE(struct sealed, sealed_done);

/*
 * The draft, or where there is none the newest mesh document. Errors of mesh_document_parse() and
 * signing_add(). That no key has a say is no error here: @added tells.
 */
int seal_mesh(const struct source *source, const struct seal_options *options, struct sealed *ret,
	      struct error *error);

/* The document of an organization, whose keys stand in @mesh. */
int seal_organization(const struct source *source, const struct source_document *document,
		      const struct mesh_document *mesh, const struct seal_options *options,
		      struct sealed *ret, struct error *error);

/*
 * What is written of @sealed: a complete mesh document gets its number, and the draft goes; one
 * that lacks signatures stays the draft.
 */
void seal_changes(const struct source *source, const struct sealed *sealed,
		  struct source_changes *changes);

/* A copy, for free() of its parts by envelope_done(). */
void envelope_copy(const struct envelope *envelope, struct envelope *ret);
