/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "babel/babeld_tables.h"
#include "base/error.h"

#include <uv.h>

/*
 * Client of babeld's control socket. Connects, checks the version, reads everything, and from then
 * on keeps the tables current. A connection that breaks is made anew, with back-off.
 *
 * babeld 1.12.1 carries a "no" or "bad" over to the next line that it reads in the same go, so
 * commands are sent one by one, each after the reply to the one before.
 */
struct babeld_control;

#define BABELD_VERSION_MAJOR 1
#define BABELD_VERSION_MINOR 12
#define BABELD_DEADLINE_MS 5000
#define BABELD_QUIET_MS 5000	  /* then it is asked whether it still answers */
#define BABELD_COMMAND_MAX 512	  /* babeld reads at most 1024 bytes at a time */
#define BABELD_COMMANDS_MAX 32768 /* in the queue: all interfaces of a large mesh */

/* All are called from the loop, never from inside a function of this header. */
struct babeld_control_events {
	void *userdata;
	/* Connected, and the tables hold all that babeld knows. Again after each reconnect. */
	void (*ready)(void *userdata);
	/*
	 * No working connection could be had for BABELD_DEADLINE_MS, or what answers cannot be used
	 * (ERROR_UNSUPPORTED). A babeld that hangs is noticed after BABELD_QUIET_MS and twice
	 * BABELD_DEADLINE_MS at most: no answer, and none to a new connection. Connecting has been
	 * given up until babeld_control_start().
	 */
	void (*failed)(void *userdata, const struct error *error);
};

/* @path is copied. -ENAMETOOLONG if it does not fit into a socket address. */
int babeld_control_new(uv_loop_t *loop, const char *path,
		       const struct babeld_control_events *events, struct babeld_control **ret,
		       struct error *error);

/* Commands under way are answered with -ECONNRESET before this returns. */
void babeld_control_free(struct babeld_control *control);
CLEANUP_DEFINE(struct babeld_control *, babeld_control_free);

/* Begin to connect; drops a connection that exists. */
void babeld_control_start(struct babeld_control *control);

/* Disconnect and forget the tables. Commands under way are answered with -ECONNRESET. */
void babeld_control_stop(struct babeld_control *control);

bool babeld_control_ready(const struct babeld_control *control);
const struct babeld_tables *babeld_control_tables(const struct babeld_control *control);
const char *babeld_control_version(const struct babeld_control *control); /* "" if unknown */

/*
 * Send one line, without its newline. @reply is called once: 0 for "ok", -EREMOTEIO with babeld's
 * words for "no" and "bad", -ECONNRESET or -ETIMEDOUT when no reply came.
 *
 * -EAGAIN while not connected or when BABELD_COMMANDS_MAX are waiting.
 */
typedef void babeld_reply_fn(void *userdata, int result, const struct error *error);
int babeld_control_command(struct babeld_control *control, const char *line, babeld_reply_fn *reply,
			   void *userdata, struct error *error);

/* The process that listens at @path, or -errno: -ENOENT, -ECONNREFUSED if there is none. */
pid_t babeld_control_owner(const char *path);
