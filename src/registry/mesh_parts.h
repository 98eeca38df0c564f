/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "registry/mesh.h"

/*
 * The larger members of a mesh document. Private to mesh.c; each reads the array at @cursor and
 * appends to @mesh.
 */

/* `organizations` with their keys and grants, sorted by name. `pool` was read before. */
int mesh_read_organizations(const struct json_cursor *cursor, struct mesh_document *mesh,
			    struct error *error);

/* `revoked`, sorted by kind and key. */
int mesh_read_revocations(const struct json_cursor *cursor, struct mesh_document *mesh,
			  struct error *error);

/*
 * A prefix of the pool or of a grant. Host bits are refused: what is signed is what is meant. An
 * IPv4-mapped prefix is read as the IPv4 prefix that it is, *ret_shortened is by how many bits.
 */
int mesh_read_prefix(const struct json_cursor *cursor, struct ip_prefix *ret,
		     uint8_t *ret_shortened, struct error *error);

extern const struct member_table mesh_organization_table, mesh_grant_table, mesh_revocation_table;
