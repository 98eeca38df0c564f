/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/warning.h"
#include "registry/mesh.h"
#include "registry/org.h"

/*
 * What verified documents mean together (registry specification, section 4 step 8, sections 6.1
 * and 9): one registry for all that comes behind. Its origin says which mesh it is; what the
 * manifest says of it is left to the verifier.
 *
 * Takes the nodes of @orgs (their arrays are empty afterwards, also on failure). Organizations that
 * the mesh says are suspended have none. A node whose key the mesh has revoked is left out before
 * anything else is asked of it, with a warning E_KEY_REVOKED, so that an organization cannot hinder
 * a revocation by not signing.
 *
 *	E_GRANT        a prefix outside the grants of its organization, longer than max_length, or
 *	               covering a grant; more nodes than max_nodes
 *	E_KEY_REUSED   a key of a node that may also sign documents
 *	E_OMITTED      an organization that the mesh does not know
 *	E_TOO_BIG      more than REGISTRY_NODES_MAX nodes
 *	and those of registry_check(), which is applied to the result
 */
int registry_assemble(const struct mesh_document *mesh, struct org_document *const *orgs,
		      size_t orgs_count, struct warnings *warnings, struct registry **ret,
		      struct error *error);
