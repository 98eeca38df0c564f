/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/*
 * For tests of what speaks to a control socket: servers that stand in the place of a routing daemon
 * and behave well or not, in the loop of the clients under test.
 */
enum control_behaviour {
	CONTROL_HONEST,
	CONTROL_ABSENT,		/* nobody listens */
	CONTROL_SILENT,		/* takes connections and says nothing */
	CONTROL_STRANGE,	/* greets as one that cannot be used */
	CONTROL_BABBLING,	/* bytes that mean nothing */
	CONTROL_ENDLESS,	/* a line of a megabyte */
	CONTROL_CUTTING,	/* each connection ends within its first line */
	CONTROL_HANGING,	/* greets, and after the first command says nothing to anybody */
	CONTROL_BABBLING_LATER, /* greets, then talks unasked, each time */
	CONTROL_CLOSING_ONCE,	/* the first connection ends within a line of a reply */
	CONTROL_DRIPPING,	/* honest, a byte in each turn of the loop */
};

/* What the imitated program says. */
struct control_script {
	const char *greeting;
	const char *strange;	   /* greeting of one that cannot be used */
	const char *last_question; /* after the greeting, before commands; NULL: none */
	const char *babble;	   /* unasked */
	const char *cut;	   /* beginning of a reply, ends within a line */
	const char *(*answer)(const char *line);
};

#define CONTROL_CONNECTIONS_MAX 64
#define CONTROL_SERVERS_MAX 16

struct control_server;

struct control_connection {
	struct control_server *server;
	uv_poll_t poll;
	int fd;
	const char *due; /* what is still to be said, byte by byte */
};

struct control_server {
	struct control_rig *rig;
	enum control_behaviour behaviour;
	const struct control_script *script;
	char path[108];
	uv_poll_t listener;
	int listener_fd;
	uv_idle_t drip;
	struct control_connection connections[CONTROL_CONNECTIONS_MAX];
	unsigned connections_count;
	unsigned commands; /* heard */
	char heard[1024];  /* the last line */

	/* Its client, freed before the server. */
	void *client;
	void (*client_free)(void *client);
	unsigned ready, failed;
	uint64_t begin_ms, failed_after_ms;
	struct error error; /* of the last failure */
};

struct control_rig {
	uv_loop_t loop;
	char directory[64];
	struct control_server *servers[CONTROL_SERVERS_MAX];
	unsigned servers_count;
};

/* Set-up and tear-down of a case: *state is a struct control_rig. */
int control_rig_set_up(void **state);
int control_rig_tear_down(void **state);

/* The caller makes a client for its path. Time counts from here. */
struct control_server *control_server_new(struct control_rig *rig, enum control_behaviour behaviour,
					  const struct control_script *script);

/* The client's ready() and failed(); @userdata is the server. */
void control_server_on_ready(void *userdata);
void control_server_on_failed(void *userdata, const struct error *error);

void control_rig_run_for(struct control_rig *rig, uint64_t milliseconds);

/* Until what something in the loop counts up has come to @value: fails if that takes very long. */
void control_rig_wait(struct control_rig *rig, const unsigned *count, unsigned value);

/* As reading a large registry keeps it. */
void control_rig_keep_busy(unsigned milliseconds);
