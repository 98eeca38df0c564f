/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/model.h"
#include "firewall/backend.h"
#include "netlink/sysctl.h"

/*
 * Warnings about settings of the host that keep packets of the overlay from their way though all
 * that is ours is in place. What cannot be read is no warning; the reconciler tells of that.
 *
 * W07: firewall/forward.h.
 *
 * W08: a reverse path filter for all links, in VRF mode (netlink/sysctl.h). Ways out and back
 * differ in a mesh. It is the host's own protection, so we do not lower it. The overlay's own
 * namespace has no filter, and the host reaches all of the overlay by one link there.
 *
 * W10: the host has got an address, a gateway or a resolver within a prefix of another node since
 * the registry was accepted (registry/guard.h).
 */
void host_warn(struct firewall *firewall, const struct sysctls *sysctls, const struct facts *facts,
	       const struct config *config, const struct registry *registry,
	       struct warnings *warnings);
