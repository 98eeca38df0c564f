/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "babel/babeld_tables.h"
#include "babel/control_client.h"

/*
 * Client of babeld's control socket (control_client.h). Connects, checks the version, reads
 * everything, and from then on keeps the tables current.
 *
 * Commands must go one by one, too, because babeld 1.12.1 carries a "no" or "bad" over to the next
 * line that it reads in the same go.
 */
struct babeld_control;

#define BABELD_VERSION_MAJOR 1
#define BABELD_VERSION_MINOR 12
#define BABELD_QUIET_MS 5000	  /* then it is asked whether it still answers */
#define BABELD_COMMANDS_MAX 32768 /* in the queue: all interfaces of a large mesh */

/* All are called from the loop, never from inside a function of this header. */
struct babeld_control_events {
	void *userdata;
	/* Connected, and the tables hold all that babeld knows. Again after each reconnect. */
	void (*ready)(void *userdata);
	/*
	 * No working connection could be had for the deadline, or what answers cannot be used
	 * (ERROR_UNSUPPORTED). A babeld that hangs is noticed after the time that it may be quiet
	 * and twice the deadline at most: no answer, and none to a new connection. Connecting has
	 * been given up until babeld_control_start().
	 */
	void (*failed)(void *userdata, const struct error *error);
};

/*
 * @options->quiet_ms 0: BABELD_QUIET_MS. -ENAMETOOLONG if the path does not fit into a socket
 * address.
 */
int babeld_control_new(const struct control_options *options,
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
 * words for "no" and "bad", -ECONNRESET when no reply came.
 *
 * -EAGAIN while not connected or when BABELD_COMMANDS_MAX are waiting; others as
 * control_client_send().
 */
typedef void babeld_reply_fn(void *userdata, int result, const struct error *error);
int babeld_control_command(struct babeld_control *control, const char *line, babeld_reply_fn *reply,
			   void *userdata, struct error *error);
