/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "registry/mesh.h"

/*
 * What the mesh lets an organization announce (registry specification, section 6.1). All of it is
 * n log n in the number of grants and prefixes.
 */

/*
 * Grants of different organizations that overlap, unless both say that they are shared: E_OVERLAP
 * at @place. A row for the default route alone, 0.0.0.0/0 with max_length 0, gives nothing of what
 * lies in it; it overlaps only another such row.
 */
int grants_check_overlap(const struct mesh_document *mesh, const char *place, struct error *error);

/*
 * Does every prefix of @nodes lie in a grant of their @organization that allows its length? E_GRANT
 * says whether it is outside, too long, or covers a grant.
 */
int grants_check_nodes(const struct mesh_organization *organization,
		       const struct registry_node *nodes, size_t count, struct error *error);
