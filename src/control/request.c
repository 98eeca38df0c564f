// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/server_private.h"

#include "base/memory.h"
#include "control/payload.h"

#include <errno.h>

static void request_free(struct control_request *request)
{
	if (request->payload_fd >= 0)
		(void)close(request->payload_fd);
	free(request->payload);
	free(request);
}

const struct control_arguments *control_request_arguments(const struct control_request *request)
{
	return &request->arguments;
}

const char *control_request_payload(const struct control_request *request, size_t *ret_size)
{
	*ret_size = request->payload_size;
	return request->payload;
}

uid_t control_request_uid(const struct control_request *request)
{
	return request->peer.uid;
}

pid_t control_request_pid(const struct control_request *request)
{
	return request->peer.pid;
}

static bool request_is_mutating(const struct control_request *request)
{
	return control_operation_get(request->arguments.op)->is_mutating;
}

/* The payload is read when its turn comes, so that a full queue holds descriptors, not memory. */
static int request_read_payload(struct control_request *request, struct error *error)
{
	int result;

	if (request->payload_fd < 0)
		return 0;
	result = control_payload_read(request->payload_fd,
				      control_operation_get(request->arguments.op)->name,
				      &request->payload, &request->payload_size, error);
	(void)close(take_fd(&request->payload_fd));
	return result;
}

/* Afterwards the request may have been answered and freed. */
static void request_run(struct control_server *server, struct control_request *request)
{
	struct error error = { 0 };

	if (request_is_mutating(request))
		server->running = request;
	if (request_read_payload(request, &error) < 0)
		control_request_fail(request, &error);
	else
		server->options.handler(server->options.userdata, request);
}

static void run_next(struct control_server *server)
{
	struct control_request *request = server->queue;

	server->running = NULL;
	if (!request)
		return;
	server->queue = TAKE(request->next);
	request_run(server, request);
}

static int queue_append(struct control_server *server, struct control_request *request,
			struct error *error)
{
	struct control_request **end = &server->queue;
	unsigned length = 0;

	for (; *end; end = &(*end)->next)
		length++;
	if (length >= CONTROL_QUEUE_MAX)
		return error_set(error, -EBUSY, ERROR_BUSY, NULL,
				 "another %s is running (pid %d) and %u wait; try again later",
				 control_operation_get(server->running->arguments.op)->name,
				 (int)server->running->peer.pid, length);
	*end = request;
	return 0;
}

int request_submit(struct connection *connection, const struct control_arguments *arguments,
		   int *payload_fd, struct error *error)
{
	struct control_server *server = connection->server;
	struct control_request *request = NEW(struct control_request);

	*request = (struct control_request) {
		.server = server,
		.connection = connection,
		.arguments = *arguments,
		.peer = connection->peer,
		.payload_fd = take_fd(payload_fd),
	};
	if (server->running && request_is_mutating(request)) {
		int result = queue_append(server, request, error);

		if (result < 0) {
			request_free(request);
			return result;
		}
		connection->request = request;
		return 0;
	}
	connection->request = request;
	request_run(server, request);
	return 0;
}

void request_detach(struct control_request *request)
{
	request->connection = NULL;
	if (!request_is_mutating(request))
		request->server = NULL;
}

void requests_drop(struct control_server *server)
{
	if (server->running)
		TAKE(server->running)->server = NULL;
	while (server->queue) {
		struct control_request *request = server->queue;

		server->queue = request->next;
		if (request->connection)
			request->connection->request = NULL;
		request_free(request);
	}
}

static void request_answer(struct control_request *request, struct json_object *reply)
{
	struct control_server *server = request->server;
	struct connection *connection = request->connection;
	bool was_running = server && server->running == request;

	if (connection) {
		connection->request = NULL;
		connection_answer(connection, reply, false);
	}
	json_object_put(reply);
	request_free(request);
	if (was_running)
		run_next(server);
}

void control_request_reply(struct control_request *request, struct json_object *reply)
{
	json_object_object_add(reply, "ok", json_object_new_boolean(true));
	request_answer(request, reply);
}

void control_request_fail(struct control_request *request, const struct error *error)
{
	enum exit_code exit = error_exit_code(error->code);

	if (request->arguments.op == CONTROL_RELOAD && exit == EXIT_REGISTRY)
		exit = EXIT_CONFIG;
	request_answer(request, control_error_to_json(error, exit));
}
