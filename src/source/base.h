/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/strbuf.h"
#include "registry/bundle.h"
#include "registry/manifest.h"
#include "registry/mesh.h"
#include "registry/trust.h"
#include "source/folder.h"
#include "source/outline.h"
#include "source/seal.h"

/*
 * What was there before: the last published state, which is what a node may hold, and the texts
 * that were signed last, to tell people what is new.
 */
struct base {
	struct manifest_document *manifest; /* NULL: nothing was published yet */
	struct envelope manifest_envelope;
	const struct source_document *mesh_file; /* that it names */
	struct mesh_document *mesh;
};

void base_done(struct base *base);
CLEANUP_DEFINE_IN_PLACE(struct base, base_done);

/*
 * The newest manifest of the folder that has all its signatures. E_HASH if the mesh document that
 * it names is not that of the folder: somebody edited mesh.N.json, or two registries were mixed.
 */
int base_read(const struct source *source, struct base *ret, struct error *error);

/* What a node holds that has accepted it; NULL if nothing was published. */
struct trust *base_trust(const struct base *base);

/* What was published of an organization; NULL if it was not. */
const struct manifest_entry *base_find_entry(const struct base *base, const char *organization);

/*
 * The outline of what was published, from the texts that can be found: those of the folder, copies
 * in .signed, and @previous, the bundle that is about to be replaced (may be NULL). One line into
 * @notes for each document that is found nowhere. Not finished.
 */
int base_outline(const struct source *source, const struct base *base,
		 const struct bundle *previous, struct outline *outline, struct strbuf *notes,
		 struct error *error);

/*
 * The version of a document that was signed before @sealed: of the mesh the one before it, of an
 * organization the copy in .signed, else what was published. -ENOENT if its text is nowhere.
 */
int base_last_signed(const struct source *source, const struct base *base,
		     const struct sealed *sealed, struct envelope *ret);
