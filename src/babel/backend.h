/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "babel/status.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "core/backend.h"
#include "netlink/spaces.h"

#include <uv.h>

/*
 * The routing daemon as a back end: it claims the speaker and the interfaces it speaks on. Behind
 * it runs what the speaker names: babeld 1.12 or later in the overlay's network namespace (babeld
 * cannot work in a VRF), or BIRD 2.14 or later there or in a VRF. When the speaker names the other
 * one, the present one is stopped first.
 *
 * Both outlive the daemon. A change of the policy starts a new generation of babeld while the
 * routes of the old one stay in the kernel; they are removed when the new one has its own. BIRD
 * reads a changed policy while it runs.
 */
struct babel;

struct babel_options {
	uv_loop_t *loop;
	struct spaces *spaces;
	const char *directory; /* exists, 0700: configuration, socket, record and log go here */
	struct backend_events events;
	/*
	 * For babeld: drop what is sent from its port in the overlay for so long. NULL: without it,
	 * those who reach each other through this node only lose packets for a second or two
	 * whenever the policy changes.
	 */
	void (*silence)(void *userdata, unsigned milliseconds);
	void *silence_userdata;
	/* Of the control socket, for tests; 0: CONTROL_DEADLINE_MS, BABELD_QUIET_MS. */
	unsigned deadline_ms, quiet_ms;
	/* Added to the clock that sequence numbers go with (seqno.h), for tests. */
	int64_t clock_shift_ms;
};

/*
 * Finds what an earlier daemon has left running and takes it over. Everything in @options
 * must outlive it; @directory is copied.
 */
int babel_new(const struct babel_options *options, struct babel **ret, struct error *error);

/* Leaves the routing daemon alone. Operations in progress are not reported any more. */
void babel_free(struct babel *babel);
CLEANUP_DEFINE(struct babel *, babel_free);

/* @babel must outlive it. */
struct backend babel_backend(struct babel *babel);

void babel_status(const struct babel *babel, struct babel_status *ret);
