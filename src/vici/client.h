/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "vici/message.h"

#include <stdbool.h>
#include <uv.h>

/*
 * Asynchronous client of charon's VICI socket. It connects, registers for events, sends commands
 * without waiting for the answers to those before (charon answers in order), and makes another
 * connection, with back-off, whenever this one cannot be used any more: charon has ended, says what
 * is not understood, or does not answer in time. There is no way to take a command back, so what
 * has not been answered then may have been carried out or not; list-sas tells.
 *
 * charon carries the commands of one connection out one after the other. A command that waits in
 * charon (initiate with a timeout of 0 or more) holds up all behind it, and one of its few threads.
 */
struct vici_client;

/* Without a sign of life while something is due. */
#define VICI_DEADLINE_MS 10000
#define VICI_PENDING_MAX 4096		   /* commands under way */
#define VICI_UNSENT_MAX (16 * 1024 * 1024) /* bytes that charon has not taken yet */

/* An event to register for, on each connection before anything else. */
struct vici_event_name {
	const char *name; /* NULL behind the last */
	bool is_optional; /* a charon that does not know it will do */
};

struct vici_client_options {
	uv_loop_t *loop;
	const char *path;		      /* of the socket; copied */
	const struct vici_event_name *events; /* must outlive the client */
	unsigned deadline_ms;		      /* 0: VICI_DEADLINE_MS */
};

/* From the loop, never from inside a function of this header. Each may free the client. */
struct vici_client_callbacks {
	void *userdata;
	/* There is a connection, and its events are registered. */
	void (*up)(void *userdata);
	/* It is gone, for this reason; all commands have been answered with -ECONNRESET. */
	void (*down)(void *userdata, const struct error *error);
	void (*event)(void *userdata, const char *name, const struct vici_section *message);
};

/*
 * The answer to a command, once for each: from the loop, before down(), or from inside
 * vici_client_stop() and vici_client_free().
 *
 *	0: @reply is what charon says, valid until the return; empty if it says nothing
 *	-EREMOTEIO: charon has refused, and @error has its words
 *	-ENOTSUP: charon does not know this command
 *	-ECONNRESET: there will be no answer
 *	-ECANCELED: the client is being freed
 */
typedef void vici_done_fn(void *userdata, uint64_t id, int result, const struct vici_section *reply,
			  const struct error *error);

/* A part of the answer that comes before its end. */
typedef void vici_part_fn(void *userdata, uint64_t id, const struct vici_section *part);

struct vici_call {
	const char *command;		   /* of static life */
	const struct vici_writer *message; /* NULL: empty. Not needed after the call. */
	const char *stream; /* the event that brings parts, one of those registered; or NULL */
	vici_part_fn *part; /* if there is a stream */
	vici_done_fn *done; /* NULL: nobody wants to know */
	void *userdata;
	uint64_t id;
};

/* -ENAMETOOLONG with an error if the path does not fit into a socket address. */
int vici_client_new(const struct vici_client_options *options,
		    const struct vici_client_callbacks *callbacks, struct vici_client **ret,
		    struct error *error);
void vici_client_free(struct vici_client *client); /* the loop has to run once more */
CLEANUP_DEFINE(struct vici_client *, vici_client_free);

/* Begin to connect, at once. Without effect if it has begun. */
void vici_client_start(struct vici_client *client);

/* Disconnect and stay so: nobody is there to talk to. No down(); commands end as when it breaks. */
void vici_client_stop(struct vici_client *client);

bool vici_client_is_up(const struct vici_client *client);

/* Why the last try failed, or the last connection broke; "" as long as all is well. */
const char *vici_client_trouble(const struct vici_client *client);

/*
 * Send a command. -EAGAIN while not up, or when too much is under way; -E2BIG if it does not fit
 * into a packet. Then done() is not called.
 */
int vici_client_call(struct vici_client *client, const struct vici_call *call, struct error *error);
