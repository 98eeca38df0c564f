/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "core/backend.h"
#include "netlink/spaces.h"

#include <uv.h>

/*
 * The wireguard-go processes, one per tunnel, where the kernel has no WireGuard. Each is started in
 * the underlay, where its UDP socket stays, and its TUN device is then moved to the overlay. They
 * outlive the daemon; the next one finds them by their control sockets.
 */
struct go;

#define GO_START_TIMEOUT_MS 5000
#define GO_STOP_TIMEOUT_MS 1000

/*
 * Logs go to @log_directory/IFNAME.log. @spaces and what @events points to must outlive the
 * result; @events is copied.
 */
int go_new(uv_loop_t *loop, struct spaces *spaces, const char *log_directory,
	   const struct backend_events *events, struct go **ret, struct error *error);

/* Leaves the processes alone that serve; ends those that do not answer yet. */
void go_free(struct go *go);
CLEANUP_DEFINE(struct go *, go_free);

/*
 * Make the TUN device @link in the overlay. Answers -EINPROGRESS and reports the end with @id, or
 * -errno with @error. What a crash has left behind halfway is ended first.
 */
int go_start(struct go *go, const struct link *link, uint64_t id, struct error *error);

/*
 * End the process that serves @link, by which the device goes too, and remove what is left. Answers
 * -EINPROGRESS and reports the end with @id, 0 if there was no process, or -errno with @error.
 */
int go_stop(struct go *go, const char *link, uint64_t id, struct error *error);

/*
 * The process that listens at the other end of @fd, a connected control socket of @link, is ours:
 * tell when it ends. Does nothing if it is watched already.
 */
void go_adopt(struct go *go, const char *link, int fd);

/* Of the process that serves @link as far as it is watched; 0 if it is not. */
pid_t go_pid(const struct go *go, const char *link);
