/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/warning.h"
#include "registry/freshness.h"
#include "registry/manifest.h"
#include "registry/mesh.h"
#include "registry/org.h"

/*
 * The documents of the organizations that a manifest names (registry specification, section 4 step
 * 6). Both documents are verified; what is asked here is whether the bundle has what they say.
 */
struct members_context {
	const struct mesh_document *mesh;
	const struct manifest_document *manifest;
	const struct trust *trust; /* NULL: nothing was accepted before */
	const struct freshness *freshness;
	struct warnings *warnings;
	unsigned *signatures_checked;
};

/* One row per entry of the manifest, in its order. */
struct member {
	const struct mesh_organization *organization;
	const struct envelope *envelope; /* of the bundle */
	struct org_document *org;
	struct trust_organization trust; /* to be recorded */
};

struct members {
	struct member *items;
	size_t count;
};

void members_done(struct members *members);
CLEANUP_DEFINE_IN_PLACE(struct members, members_done);

/*
 * @envelopes: the organization envelopes of the bundle. @members is zeroed before and filled in
 * part on failure.
 *
 * E_OMITTED, E_HASH, E_SIG_THRESHOLD, E_KEY_REVOKED, E_MESH, E_ROLLBACK, E_EQUIVOCATION, E_EXPIRED,
 * E_FUTURE, and those of org_document_parse().
 */
int members_verify(const struct members_context *context, const struct envelope *envelopes,
		   size_t count, struct members *members, struct error *error);
