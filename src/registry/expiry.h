/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/model.h"

/*
 * What becomes of a registry that is in force when it expires and no newer one is loaded (registry
 * specification, section 5.6): nothing, because the administrator, or the time server, may be
 * reachable only through the mesh; and where the configuration says so, the tunnels go down some
 * time later. New loads must be fresh in any case.
 */
enum expiry_state {
	EXPIRY_FRESH,
	EXPIRY_STALE,
	EXPIRY_OVER, /* to be treated as if there were no registry */
};

#define EXPIRY_WARNING_SEC 3600 /* a stale registry is told this often */

struct expiry {
	enum expiry_state state;
	int64_t told; /* when it was told last; 0: never */
};

/*
 * Judge @registry (NULL: none) by @policy at @now, seconds since the epoch. Returns whether a
 * person is to be told: the state is another one, or stale for another hour. The clock may jump.
 */
bool expiry_judge(struct expiry *expiry, const struct registry *registry,
		  const struct registry_policy *policy, int64_t now);

/* Seconds from @now until the state would be another one if the clock goes on; 0: never. */
int64_t expiry_next_sec(const struct registry *registry, const struct registry_policy *policy,
			int64_t now);
