/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <uv.h>

/*
 * Asynchronous client of a control socket on which a routing daemon answers line by line: what
 * babeld_control.c and bird_control.c have in common. It connects, puts lines together, sends
 * commands one by one, each after the reply to the one before, and watches the time. Whatever is
 * not as expected breaks the connection, and another one is made, with back-off: that is how it
 * gets in step again.
 *
 * What lines mean is the protocol's: it says when the greeting is complete and when a reply is.
 */
struct control_client;

#define CONTROL_DEADLINE_MS 5000 /* for what is due, and to get a connection that works */
#define CONTROL_COMMAND_MAX 512	 /* bytes; babeld and BIRD read at most 1024 at a time */
#define CONTROL_LINE_MAX 1023	 /* bytes; both write shorter ones */

/* First member of what a protocol remembers of a command; made by memory_zalloc(). */
struct control_command {
	char line[CONTROL_COMMAND_MAX + 1]; /* without its newline */
};

/*
 * Called from the loop, never from inside a function of this header, but for dropped() and
 * disconnected(). Every one may start, stop or free the client.
 */
struct control_protocol {
	const char *program; /* who is spoken to: the place of errors */
	size_t line_max; /* bytes, CONTROL_LINE_MAX at most; longer lines break the connection */
	unsigned commands_max; /* in the queue */

	/* A line without its newline, terminated by a zero. Below 0: break the connection. */
	int (*line)(void *userdata, const char *text, size_t length);
	/* What was read is of no use any more, nor is what comes next its continuation. */
	void (*disconnected)(void *userdata);
	/* No reply came; @command is the callee's. After disconnected(). */
	void (*dropped)(void *userdata, struct control_command *command);
	/* Nothing was under way for quiet_ms. NULL: nobody wants to know. */
	void (*quiet)(void *userdata);
	/*
	 * No working connection could be had for the deadline, or control_client_fail() was called.
	 * Connecting has been given up until control_client_start(). The error tells one who says
	 * nothing from one who says what breaks the connection, and what that is.
	 */
	void (*failed)(void *userdata, const struct error *error);
	/* Last call; @userdata may be freed. */
	void (*destroy)(void *userdata);
};

struct control_options {
	uv_loop_t *loop;
	const char *path;     /* copied */
	unsigned deadline_ms; /* 0: CONTROL_DEADLINE_MS */
	unsigned quiet_ms;    /* if the protocol has quiet() */
};

/*
 * @protocol must outlive it. -ENAMETOOLONG if the path does not fit into a socket address; then
 * destroy() is not called.
 */
int control_client_new(const struct control_options *options,
		       const struct control_protocol *protocol, void *userdata,
		       struct control_client **ret, struct error *error);

/* Commands under way are dropped before this returns; destroy() is called later, by the loop. */
void control_client_free(struct control_client *client);
CLEANUP_DEFINE(struct control_client *, control_client_free);

/* Begin to connect; drops a connection that exists. */
void control_client_start(struct control_client *client);

/* Disconnect. Commands under way are dropped later, by the loop. */
void control_client_stop(struct control_client *client);

bool control_client_ready(const struct control_client *client);

/*
 * Send @command or put it into the queue; it belongs to the client until it is answered or dropped.
 * -EAGAIN while not ready or when commands_max are waiting, -E2BIG if @line is longer than
 * CONTROL_COMMAND_MAX; @command is left alone then.
 */
int control_client_send(struct control_client *client, const char *line,
			struct control_command *command, struct error *error);

/* For protocols, from inside line(). */

/* The other side has said who it is, and commands may be sent. */
void control_client_greeted(struct control_client *client);

/* Send a line before that. 0 or -errno, for line() to return. */
int control_client_say(struct control_client *client, const char *line);

/* More of what is due has come: the time begins anew. */
void control_client_prolong(struct control_client *client);

/* The command that is being answered, NULL if none is. */
struct control_command *control_client_current(const struct control_client *client);

/*
 * The reply to the current command is complete: the next one is sent. The command is the caller's
 * in *@ret. 0 or -errno, for line() to return.
 */
int control_client_answered(struct control_client *client, struct control_command **ret);

/* This is nobody to talk to: give up, with @error. */
void control_client_fail(struct control_client *client, const struct error *error);

/* The process that listens at @path, or -errno: -ENOENT, -ECONNREFUSED if there is none. */
pid_t control_client_owner(const char *path);
