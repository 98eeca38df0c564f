/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/state.h"

/*
 * What follows from the secret of the mesh at facts->changed_at (registry/secrets.h): WireGuard's
 * pre-shared key of each pair of nodes. Pure. @registry may be NULL.
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
