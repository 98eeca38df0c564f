/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/warning.h"
#include "registry/bundle.h"
#include "registry/verify.h"
#include "source/base.h"
#include "source/seal.h"

/*
 * From the folder to the file that nodes load: every document that is not signed yet and that the
 * given keys may sign is signed, the next manifest names them all, and the result is verified by
 * the code that nodes run, with the last published state as what they hold. All in memory.
 *
 * A document that is signed but has less than half of its life left is signed anew, with the next
 * version, where the keys suffice.
 */
struct publish_options {
	struct signing_keys keys;
	int64_t now;
	int64_t build_date;
	unsigned days; /* of the manifest; 0: what the mesh says, else MANIFEST_DAYS_DEFAULT */
	bool allow_empty;
};

#define MANIFEST_DAYS_DEFAULT 14

struct publication {
	struct sealed mesh;  /* the newest; its path is that of a signed version */
	bool mesh_is_new;    /* it was a draft, or is renewed */
	struct sealed *orgs; /* in the order of the manifest */
	size_t orgs_count;
	struct sealed manifest;
	struct strbuf notes; /* lines that a person should see */
	/* Only if the manifest has all its signatures: */
	bool is_complete;
	struct strbuf bundle; /* text of the file */
	struct verified verified;
	struct warnings warnings;
};

void publication_done(struct publication *publication);
CLEANUP_DEFINE_IN_PLACE(struct publication, publication_done);

/*
 * E_KEY_ROLE if no key may sign the manifest; E_SIG_THRESHOLD for a document that lacks signatures
 * which the keys cannot give; E_OMITTED for an active organization without a document; and those of
 * registry_verify().
 */
int publish(const struct source *source, const struct base *base,
	    const struct publish_options *options, struct publication *ret, struct error *error);

/* What is written into the folder; the bundle is not in it. */
void publication_changes(const struct source *source, const struct publication *publication,
			 struct source_changes *changes);

/* The outline of what is published. Not finished. */
int publication_outline(const struct publication *publication, struct outline *outline,
			struct error *error);

/*
 * Which mesh documents belong into a bundle (registry specification, section 2.1): the newest,
 * version 1, each that changed the mesh keys, and of the others the newest ones as long as all
 * together stay under PUBLISH_MESHES_SIZE. @newest stands behind those of the folder, or is the
 * last of them. Sets @ret[i] for source->meshes[i].
 */
#define PUBLISH_MESHES_SIZE (1u << 20)
int publish_choose_meshes(const struct source *source, const struct envelope *newest, bool *ret,
			  struct error *error);
