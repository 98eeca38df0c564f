/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "babel/bird_lines.h"
#include "babel/control_client.h"

/* Client of BIRD's control socket (control_client.h). The deadline is for a line of a reply. */
struct bird_control;

#define BIRD_COMMANDS_MAX 64	      /* in the queue */
#define BIRD_REPLY_LINES_MAX 2000000u /* ways of a full mesh of 1000 nodes */

/* All are called from the loop, never from inside a function of this header. */
struct bird_control_events {
	void *userdata;
	/* Connected. Again after each reconnect. */
	void (*ready)(void *userdata);
	/*
	 * No working connection could be had for the deadline, or what answers is no BIRD
	 * (ERROR_UNSUPPORTED). Connecting has been given up until bird_control_start().
	 */
	void (*failed)(void *userdata, const struct error *error);
};

/* -ENAMETOOLONG if the path does not fit into a socket address. */
int bird_control_new(const struct control_options *options,
		     const struct bird_control_events *events, struct bird_control **ret,
		     struct error *error);

/* Commands under way are answered with -ECONNRESET before this returns. */
void bird_control_free(struct bird_control *control);
CLEANUP_DEFINE(struct bird_control *, bird_control_free);

/* Begin to connect; drops a connection that exists. */
void bird_control_start(struct bird_control *control);

/* Disconnect. Commands under way are answered with -ECONNRESET. */
void bird_control_stop(struct bird_control *control);

bool bird_control_ready(const struct bird_control *control);
const char *bird_control_version(const struct bird_control *control); /* "" if unknown */

/*
 * Send one line, without its newline. @line_fn, if there is one, gets each line of the reply with
 * the code that it has or goes on with; a result below 0 breaks the connection. @done_fn is called
 * once: 0 and the code of the last line, or -ECONNRESET when no reply came.
 *
 * -EAGAIN while not connected or when BIRD_COMMANDS_MAX are waiting; others as
 * control_client_send().
 */
typedef int bird_line_fn(void *userdata, unsigned code, const char *text);
typedef void bird_done_fn(void *userdata, int result, unsigned code, const char *text);
int bird_control_command(struct bird_control *control, const char *line, bird_line_fn *line_fn,
			 bird_done_fn *done_fn, void *userdata, struct error *error);
