/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "babel/status.h"
#include "core/model.h"
#include "core/state.h"
#include "netlink/spaces.h"

/*
 * Tunnels that the registry does not want any more stay until what it wants instead works: when two
 * endpoints move from one transport to the other, each end learns of it at another time, and
 * nothing shall be lost meanwhile.
 *
 * When Babel hears the peer in the new tunnel, the old one leaves: it becomes so dear that both
 * ends move their traffic away from it, and KEEPING_LEAVES_SEC later it is removed.
 *
 * Nothing of it is on record: a daemon that is started anew finds the tunnel, and that it is not
 * wanted, and keeps it in the same way.
 */
struct keeping;

/*
 * A babeld with the new cost reads its filters, and the routes of the one before are in use for up to
 * LEFTOVERS_WAIT_MS after that (babel/leftovers.h), at the other end a little later than here.
 */
#define KEEPING_LEAVES_SEC 30

struct keeping *keeping_new(void);
void keeping_free(struct keeping *keeping);

/*
 * Choose from the tunnels that exist, and are not in @state (which was intended without any kept
 * ones), those that shall stay: into *ret, sorted, owned by the caller. @babel may be without
 * neighbours. To be called again every second while *ret_count is not 0.
 */
void keeping_choose(struct keeping *keeping, struct spaces *spaces, const struct config *config,
		    const struct registry *registry, const struct facts *facts,
		    const struct state *state, const struct babel_status *babel, uint64_t now_usec,
		    struct kept_tunnel **ret, size_t *ret_count);
