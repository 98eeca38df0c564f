/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/backend.h"
#include "netlink/spaces.h"

#include <uv.h>

/*
 * The back end of IPsec: the IKE daemon (a charon of our own, or one that the operator runs), its
 * PPKs and its connections. The xfrm interfaces are links like others (netlink/link.h).
 *
 * What is there is what charon lists: its connections by their names, when the client of its socket
 * has connected, and its SAs a moment after each event, and every IPSEC_LIST_INTERVAL_MS. From that
 * it follows which peers are dialled (dial.h), which SAs are too many (reap.h), and which are of
 * nobody that the registry names any more.
 *
 * charon and its SAs outlive the daemon. Those of a charon that was killed are left in the kernel,
 * and carry packets for as long as its port is open (charon.h); when the next one has made others,
 * they are taken away.
 */
struct ipsec;

#define IPSEC_LIST_INTERVAL_MS 10000
/* A charon that runs, and says nothing for so long, is killed: the next one will do better. One of
 * the operator is let go of. */
#define IPSEC_MUTE_MS 30000

struct ipsec_options {
	uv_loop_t *loop;
	struct spaces *spaces;
	const char *runtime_dir;
	struct backend_events events;
	unsigned deadline_ms; /* of vici_client_options, for tests; 0: its own */
};

/*
 * Finds what an earlier daemon has left running and takes it over. All in @options must outlive it,
 * but for @runtime_dir.
 */
int ipsec_new(const struct ipsec_options *options, struct ipsec **ret, struct error *error);

/* Leaves charon alone. Operations in progress are not reported any more. */
void ipsec_free(struct ipsec *ipsec);
CLEANUP_DEFINE(struct ipsec *, ipsec_free);

/* @ipsec must outlive it. */
struct backend ipsec_backend(struct ipsec *ipsec);

/* What @intended wants of IKE is what peers are dialled for from now on. Nothing is kept of it. */
void ipsec_set_intended(struct ipsec *ipsec, const struct state *intended);

/* Connections and PPKs that charon was told, or told to forget, so far. */
uint64_t ipsec_writes(const struct ipsec *ipsec);
