/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "babel/audit.h"
#include "netlink/spaces.h"

#include <uv.h>

/*
 * Hands what neighbours send to the audit: one packet socket in the overlay sees the Babel packets
 * of all its interfaces, also of those that appear later, before the firewall and beside babeld.
 *
 * What it may cost is bounded: LISTENER_PACKETS_PER_TURN in a turn of the loop, and
 * LISTENER_BUDGET_USEC of the processor's time in each second; when that is used up, it does not
 * listen until the next second begins. What comes meanwhile is counted as missed.
 */
#define LISTENER_PACKETS_PER_TURN 64
#define LISTENER_BUDGET_USEC 50000
#define LISTENER_QUEUE_BYTES (1 << 20)

struct listener;

/* @spaces and @audit must outlive it. To be called in the underlay. */
struct listener *listener_new(uv_loop_t *loop, struct spaces *spaces, struct audit *audit);
void listener_free(struct listener *listener); /* the loop has to run once more */
CLEANUP_DEFINE(struct listener *, listener_free);

/*
 * Listen in the namespace that is the overlay now, if that is another one than before. To be called
 * whenever it may have changed; costs nothing otherwise. Without a namespace it listens nowhere.
 * -errno: it cannot listen, mostly EAFNOSUPPORT or EPERM of a sandbox.
 */
int listener_follow(struct listener *listener);

struct listener_stats {
	bool is_listening;
	uint64_t packets; /* that were looked at */
	uint64_t missed;
};

void listener_stats(const struct listener *listener, struct listener_stats *ret);
