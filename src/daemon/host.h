/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/model.h"
#include "firewall/backend.h"

/*
 * Warnings about settings of the host that keep packets of the overlay from their way though all
 * that is ours is in place: W07, see firewall/forward.h. What cannot be read is no warning; the
 * reconciler tells of that.
 */
void host_warn(struct firewall *firewall, const struct config *config,
	       const struct registry *registry, struct warnings *warnings);
