/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/backend.h"
#include "netlink/spaces.h"

#include <uv.h>

/*
 * Watches the kernel for changes by others: links, addresses, routes and nftables in both spaces,
 * and the name of the overlay's namespace. Says only *that* something changed, backend_dirty_fn
 * with a few words; observing finds out what. Our own changes are reported too, and routes of the
 * routing daemon are not: a mesh that converges would otherwise keep us observing.
 */
struct monitor;

/* To be called in the underlay. @spaces and @userdata must outlive the monitor. */
int monitor_new(uv_loop_t *loop, struct spaces *spaces, backend_dirty_fn *dirty, void *userdata,
		struct monitor **ret, struct error *error);

/*
 * Watch the namespace that is bound at the overlay's name now, if that is another one than before.
 * To be called after operations; the monitor does so itself when the name appears or vanishes.
 */
int monitor_follow_overlay(struct monitor *monitor, struct error *error);

/* The loop has to run once more for the handles to be closed. */
void monitor_free(struct monitor *monitor);
CLEANUP_DEFINE(struct monitor *, monitor_free);
