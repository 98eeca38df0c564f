/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/state.h"

/*
 * What follows from the secret of the mesh at facts->changed_at (registry/secrets.h): WireGuard's
 * pre-shared key of each pair of nodes, and those of the whole mesh for IKE. Pure. @registry may be
 * NULL.
 */

/*
 * The pre-shared key towards the node with that WireGuard key; zero if the mesh has no secret, or
 * this node shall not use it.
 *
 * A node that should use a secret which it does not have gets a key that nobody else has: its
 * tunnels do not come up until it has the secret, rather than come up without.
 */
void psk_make(const struct config *config, const struct registry *registry,
	      const struct facts *facts, const uint8_t peer_key[KEY_SIZE], uint8_t ret[KEY_SIZE]);

/*
 * The keys that the IKE daemon shall know: of every secret of the mesh that this node has, for
 * yesterday, today and tomorrow, because peers' clocks differ. Today's of the secret in use is what
 * this node offers.
 */
void psk_add_ppks(const struct config *config, const struct registry *registry,
		  const struct facts *facts, struct state *state);

/* What a connection shall do about them. */
enum ike_ppk_use psk_ppk_use(const struct config *config, const struct registry *registry);
