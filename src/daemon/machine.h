/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "babel/backend.h"
#include "config/config.h"
#include "core/reconcile.h"
#include "firewall/backend.h"
#include "ipsec/ipsec.h"
#include "netlink/spaces.h"
#include "netlink/sysctl.h"
#include "wireguard/wireguard.h"

#include <uv.h>

/*
 * The machine as a node reaches it: its network namespaces, every back end, and the reconciler that
 * holds it to what is intended. The only place that knows every back end.
 *
 * All members are there from machine_make() to machine_done(); before it, only the first two.
 */
struct machine {
	struct spaces *spaces;
	struct sysctls *sysctls;
	struct wireguard_tunnels *wireguard;
	struct firewall *firewall;
	struct ipsec *ipsec;
	struct babel *babel;
	struct reconciler *reconciler;
	uint64_t writes_before; /* of probes, which the kernel refused */
};

/* What to tell about a foreign object in the place of one of ours. */
#define MACHINE_CONFLICT_TEXT                                                                      \
	"something that is not aronet's has this place; remove it or choose another name"

/*
 * Opens the namespaces by which everything else reaches the kernel. Changes nothing. On failure
 * what there is remains for machine_done().
 */
int machine_open(const struct config *config, struct machine *machine, struct error *error);

/*
 * Makes the back ends and the reconciler; @events are theirs, called from @loop. Finds what an
 * earlier daemon left, and changes nothing. On failure as machine_open().
 */
int machine_make(const struct config *config, uv_loop_t *loop, const struct backend_events *events,
		 struct machine *machine, struct error *error);

/* Leaves everything on the machine. Fine after a failure, and with all members 0. */
void machine_done(struct machine *machine);

/* Requests to the kernel and to helpers that could change something, since machine_make(). */
uint64_t machine_writes(const struct machine *machine);
