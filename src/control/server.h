/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "control/protocol.h"

#include <json-c/json.h>
#include <stddef.h>
#include <sys/types.h>
#include <uv.h>

/*
 * The daemon's end of the control socket. Everything is bounded: connections, connections of one
 * user, time to ask and to read the answer, waiting changes. A hostile client costs a descriptor
 * for a few seconds, never the loop.
 */
#define CONTROL_CONNECTIONS_MAX 16     /* the last one is for root */
#define CONTROL_CONNECTIONS_USER_MAX 4 /* of one uid; root is not counted */
#define CONTROL_QUEUE_MAX 8	       /* changes that wait for the running one */
#define CONTROL_TIMEOUT_MSEC 5000      /* to ask, and to read the answer */
#define CONTROL_CHECK_MSEC 1000	       /* between looks at deadlines and at the socket file */

struct control_server;

/*
 * One accepted request, until it is answered. The handler answers exactly once, now or later, with
 * control_request_reply() or control_request_fail(); both free it. A client that has gone away does
 * not stop its request; the answer is dropped then.
 */
struct control_request;

typedef void control_handler_fn(void *userdata, struct control_request *request);
typedef void control_warning_fn(void *userdata, const char *text);

const struct control_arguments *control_request_arguments(const struct control_request *request);

/* The bytes of a load, terminated; NULL and 0 for the other operations. Valid until the answer. */
const char *control_request_payload(const struct control_request *request, size_t *ret_size);
uid_t control_request_uid(const struct control_request *request);
pid_t control_request_pid(const struct control_request *request);

/* Takes @reply. "ok": true is added. */
void control_request_reply(struct control_request *request, struct json_object *reply);

/* The exit code is error_exit_code(), but EXIT_CONFIG where a reload refuses a document. */
void control_request_fail(struct control_request *request, const struct error *error);

struct control_server_options {
	uv_loop_t *loop;
	const char *runtime_dir;
	const char *group; /* its members may use the socket beside root; NULL: nobody */
	control_handler_fn *handler;
	control_warning_fn *warning; /* the socket file was gone, and the like */
	void *userdata;		     /* of both */
	unsigned timeout_msec;	     /* 0: CONTROL_TIMEOUT_MSEC */
	unsigned check_msec;	     /* 0: CONTROL_CHECK_MSEC */
};

/*
 * Listen. The caller holds control_lock(). 0 or -errno with @error; also after a failure the loop
 * has to run once more to free everything.
 */
int control_server_start(const struct control_server_options *options, struct control_server **ret,
			 struct error *error);

/*
 * Remove the socket and end all connections; the memory is freed from the loop. Requests without an
 * answer stay with the handler, who still answers them. NULL is fine.
 */
void control_server_close(struct control_server *server);
