/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "registry/keyset.h"
#include "registry/mesh.h"

/*
 * Signatures by revoked keys of organizations (registry specification, section 4, notes on step 6),
 * whether the organization still lists the key or not. Asked only after a threshold was missed.
 */

/*
 * If @envelope would meet the threshold of @keyset had no key been revoked: true, and E_KEY_REVOKED
 * in @error (may be NULL): `org "example" is signed by revoked key 81d0... (lost laptop)`.
 */
bool revoked_explains(const struct mesh_document *mesh, const struct keyset *keyset,
		      const struct envelope *envelope, const char *organization,
		      struct error *error);
