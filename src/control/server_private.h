/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "control/server.h"
#include "control/socket.h"

/*
 * Inside of the server, in three files: server.c listens and looks after the socket file,
 * connection.c receives and sends packets, request.c keeps the order of changes.
 */
struct connection {
	struct control_server *server;
	struct connection *next;
	uv_poll_t poll;
	int fd;
	struct control_peer peer;
	struct control_request *request; /* without an answer yet */
	struct control_message answer;	 /* not sent yet, if it has a text */
	bool ends_after_answer;
	uint64_t deadline_msec; /* of uv_now(); does not count while there is a request */
};

struct control_request {
	struct control_server *server; /* NULL: closed, or no longer concerned */
	struct connection *connection; /* NULL: the client has gone away */
	struct control_request *next;  /* in the server's queue */
	struct control_arguments arguments;
	struct control_peer peer;
	int payload_fd; /* -1: none, or read already */
	char *payload;
	size_t payload_size;
};

struct listener {
	struct control_server *server;
	struct control_listener socket;
	uv_poll_t poll;
};

struct control_server {
	struct control_server_options options;
	char *runtime_dir; /* options hold the caller's pointers, not to be used later */
	char *group_name;  /* NULL: none */
	gid_t group;
	struct listener *listener; /* NULL: could not be made anew; tried again at each check */
	bool is_saturated;	   /* out of descriptors; accepts again at the next check */
	bool repair_failed;	   /* said once */
	bool is_closing;
	unsigned handles; /* open in the loop; the last one frees the server */
	uv_timer_t timer;
	struct connection *connections;
	struct control_request *running; /* the one change that is being made */
	struct control_request *queue;
	struct control_packet packet; /* the one that is being looked at */
};

/* request.c */

/*
 * Hand a request of @connection to the handler: at once, or after the changes before it. Takes
 * *payload_fd. An error is left to the caller to send.
 */
int request_submit(struct connection *connection, const struct control_arguments *arguments,
		   int *payload_fd, struct error *error);

/* The client has gone; the request goes on. */
void request_detach(struct control_request *request);

/* The server goes: forget what waits, let go of what runs. */
void requests_drop(struct control_server *server);

/* connection.c */
void connection_open(struct control_server *server, int fd, const struct control_peer *peer);
void connection_close(struct connection *connection);

/* Send @reply (borrowed) and go on, or end if @ends. The connection may be closed afterwards. */
void connection_answer(struct connection *connection, struct json_object *reply, bool ends);

/* server.c */
void server_release_handle(struct control_server *server);
