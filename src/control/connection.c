// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/server_private.h"

#include "base/memory.h"
#include "control/payload.h"

#include <errno.h>

static void on_closed(uv_handle_t *handle)
{
	struct connection *connection = handle->data;
	struct control_server *server = connection->server;

	free(connection);
	server_release_handle(server);
}

void connection_close(struct connection *connection)
{
	struct connection **link = &connection->server->connections;

	while (*link != connection)
		link = &(*link)->next;
	*link = connection->next;
	if (connection->request)
		request_detach(TAKE(connection->request));
	control_message_done(&connection->answer);
	uv_close((uv_handle_t *)&connection->poll, on_closed);
	(void)close(take_fd(&connection->fd));
}

static void on_event(uv_poll_t *poll, int status, int events);

/* Wait for what the connection is due to do: send, be answered, or ask. */
static void connection_wait(struct connection *connection)
{
	int events = UV_READABLE;

	if (connection->answer.text)
		events = UV_WRITABLE;
	else if (connection->request)
		events = UV_DISCONNECT;
	if (uv_poll_start(&connection->poll, events, on_event) < 0)
		connection_close(connection);
}

static void connection_set_deadline(struct connection *connection)
{
	struct control_server *server = connection->server;

	connection->deadline_msec = uv_now(server->options.loop) + server->options.timeout_msec;
}

static void connection_send(struct connection *connection)
{
	int result = control_message_send(connection->fd, &connection->answer);

	if (result == -EAGAIN || result == -ENOBUFS) {
		connection_wait(connection);
		return;
	}
	control_message_done(&connection->answer);
	if (result < 0 || connection->ends_after_answer)
		connection_close(connection);
	else
		connection_wait(connection);
}

void connection_answer(struct connection *connection, struct json_object *reply, bool ends)
{
	connection->ends_after_answer = ends;
	connection_set_deadline(connection);
	if (control_message_make(reply, &connection->answer) < 0)
		connection_close(connection);
	else
		connection_send(connection);
}

/* The client broke the protocol: say how, and end. */
static void connection_refuse(struct connection *connection, const struct error *error)
{
	struct json_object *reply = control_error_to_json(error, EXIT_DAEMON);

	connection_answer(connection, reply, true);
	json_object_put(reply);
}

static int check_envelope(const struct control_packet *packet, struct error *error)
{
	if (packet->is_truncated)
		return error_set(error, -EMSGSIZE, ERROR_TOO_BIG, "request",
				 "larger than the limit of %d bytes", CONTROL_PACKET_MAX);
	if (packet->is_control_truncated)
		return error_set(error, -EINVAL, ERROR_CTL_FD, "request",
				 "expected at most one descriptor, found more than %d",
				 CONTROL_DESCRIPTORS_MAX);
	if (packet->size == 0)
		return error_set(error, -EINVAL, ERROR_SYNTAX, "request", "empty packet");
	return 0;
}

static int check_descriptors(const struct control_packet *packet, enum control_op op,
			     struct error *error)
{
	const struct control_operation *operation = control_operation_get(op);
	size_t size;

	if (!operation->takes_payload && packet->fds_count)
		return error_set(error, -EINVAL, ERROR_CTL_FD, NULL,
				 "%s: expected no descriptor, found %u", operation->name,
				 packet->fds_count);
	if (!operation->takes_payload)
		return 0;
	if (packet->fds_count != 1)
		return error_set(error, -EINVAL, ERROR_CTL_FD, NULL,
				 "%s: expected one sealed memfd, found %u descriptors",
				 operation->name, packet->fds_count);
	return control_payload_check(packet->fds[0], operation->name, &size, error);
}

static void connection_handle_packet(struct connection *connection, struct control_packet *packet)
{
	struct control_arguments arguments;
	struct error error = { 0 };
	int payload_fd = -1;

	if (check_envelope(packet, &error) < 0 ||
	    control_arguments_parse(packet->bytes, packet->size, &arguments, &error) < 0 ||
	    check_descriptors(packet, arguments.op, &error) < 0) {
		connection_refuse(connection, &error);
		return;
	}
	if (packet->fds_count)
		payload_fd = packet->fds[--packet->fds_count];
	if (request_submit(connection, &arguments, &payload_fd, &error) < 0)
		connection_refuse(connection, &error);
	/* Otherwise answered already, and maybe closed; or it waits for its answer, see below. */
}

static void connection_receive(struct connection *connection)
{
	struct control_server *server = connection->server;
	int result = control_packet_receive(connection->fd, &server->packet);

	if (result == -EAGAIN)
		return;
	if (result < 0) {
		connection_close(connection);
		return;
	}
	/*
	 * Until the answer only the end of the connection is of interest. Set before the handler
	 * runs, because an immediate answer decides anew or closes.
	 */
	if (uv_poll_start(&connection->poll, UV_DISCONNECT, on_event) < 0)
		connection_close(connection);
	else
		connection_handle_packet(connection, &server->packet);
	control_packet_done(&server->packet);
}

static void on_event(uv_poll_t *poll, int status, int events)
{
	struct connection *connection = poll->data;

	if (status < 0 || (events & UV_DISCONNECT))
		connection_close(connection);
	else if (events & UV_WRITABLE)
		connection_send(connection);
	else if (events & UV_READABLE)
		connection_receive(connection);
}

void connection_open(struct control_server *server, int fd, const struct control_peer *peer)
{
	struct connection *connection = NEW(struct connection);

	*connection = (struct connection) {
		.server = server,
		.next = server->connections,
		.fd = fd,
		.peer = *peer,
		.answer = { .fd = -1 },
	};
	connection->poll.data = connection;
	if (uv_poll_init(server->options.loop, &connection->poll, fd) < 0) {
		(void)close(fd);
		free(connection);
		return;
	}
	server->handles++;
	server->connections = connection;
	connection_set_deadline(connection);
	connection_wait(connection);
}
