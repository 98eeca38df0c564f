/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "babel/kernel_routes.h"
#include "babel/policy.h"
#include "netlink/spaces.h"

#include <stdbool.h>
#include <uv.h>

/*
 * Kernel routes that earlier generations of a routing daemon have left behind. They have lower
 * metrics than those of the new one and carry the traffic until that has settled: for all that they
 * reach and that the policy still accepts it uses the same tunnels, or LEFTOVERS_WAIT_MS have
 * passed. Then they are deleted.
 *
 * A new babeld takes the first route that it hears of, often one through a third node, and comes
 * back to the direct one when it has heard its neighbour's next full update. If nodes that change
 * at the same time used such routes at once, beside others that still use their old ones, packets
 * would go in circles.
 */
struct leftovers;

/*
 * The neighbours' next full update comes after 8 hello intervals and a quarter of jitter at most
 * (10 s with hellos of a second; 1.12.1 does not answer the wildcard request of a new neighbour
 * within 10 hello intervals after its last update), and babeld hesitates before it changes a route.
 */
#define LEFTOVERS_WAIT_MS 15000

struct leftovers *leftovers_new(uv_loop_t *loop, struct spaces *spaces);
void leftovers_free(struct leftovers *leftovers);
CLEANUP_DEFINE(struct leftovers *, leftovers_free);

/*
 * What does not wait for a successor because it is not accepted any more, from anybody or by way of
 * that neighbour. NULL: all waits.
 */
void leftovers_set_policy(struct leftovers *leftovers, const struct babel_policy *policy);

/* Begin to wait for the generation that uses @metric in @place; others there are leftovers. */
void leftovers_begin(struct leftovers *leftovers, const struct kernel_route_place *place,
		     uint32_t metric);
void leftovers_cancel(struct leftovers *leftovers);

/*
 * Another generation is about to begin while the last one has not settled: delete what the last one
 * has replaced already, so that generations in quick succession do not keep the oldest routes
 * alive.
 */
void leftovers_delete_replaced(struct leftovers *leftovers);
bool leftovers_pending(const struct leftovers *leftovers);
