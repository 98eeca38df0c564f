/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "registry/mesh.h"
#include "registry/verify.h"

/*
 * From the mesh document that is trusted to the newest of a bundle (registry specification,
 * sections 3.2 and 4 step 3). A step may skip versions, as long as the keys of the document before
 * signed the one behind: who can sign for their threshold could sign the versions between, too.
 */
struct chain_end {
	struct mesh_document *mesh;	 /* the caller's, for mesh_document_free() */
	const struct envelope *envelope; /* of the bundle */
};

/*
 * @trust: where to start; NULL: from the document with digest @pin, which may be NULL.
 * @signatures_checked is added to.
 *
 * E_MESH_PIN, E_MESH_CHAIN, E_MESH, E_ROLLBACK, E_EQUIVOCATION, E_SIG_THRESHOLD, E_STATE_CORRUPT
 * for a @trust that contradicts the document it names, and those of mesh_document_parse().
 */
int chain_walk(const struct bundle *bundle, const struct trust *trust, const uint8_t *pin,
	       unsigned *signatures_checked, struct chain_end *ret, struct error *error);

/* keyset_verify() that counts what it cost. */
int chain_verify(const struct keyset *keyset, const struct envelope *envelope, const char *what,
		 unsigned *signatures_checked, struct error *error);
