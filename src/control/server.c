// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/server_private.h"

#include "base/memory.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>

/* Accepted per turn of the loop, so that a flood of connections does not hold up the rest. */
#define ACCEPTS_PER_TURN 32

void server_release_handle(struct control_server *server)
{
	if (--server->handles || !server->is_closing)
		return;
	free(server->runtime_dir);
	free(server->group_name);
	free(server);
}

static void __attribute__((format(printf, 2, 3)))
server_warn(struct control_server *server, const char *format, ...)
{
	char text[ERROR_LINE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (server->options.warning)
		server->options.warning(server->options.userdata, text);
}

/*
 * May @peer have one more connection? Others than root leave the last place to root, so that an
 * administrator can always get in.
 */
static int check_room(const struct control_server *server, const struct control_peer *peer,
		      struct error *error)
{
	unsigned total = 0, same_user = 0;

	for (const struct connection *other = server->connections; other; other = other->next) {
		total++;
		same_user += other->peer.uid == peer->uid;
	}
	if (total >= (peer->uid == 0 ? CONTROL_CONNECTIONS_MAX : CONTROL_CONNECTIONS_MAX - 1))
		return error_set(error, -EBUSY, ERROR_BUSY, NULL, "too many connections");
	if (peer->uid != 0 && same_user >= CONTROL_CONNECTIONS_USER_MAX)
		return error_set(error, -EBUSY, ERROR_BUSY, NULL,
				 "too many connections of uid %u; limit %d", peer->uid,
				 CONTROL_CONNECTIONS_USER_MAX);
	return 0;
}

static int check_peer(const struct control_server *server, int fd, const struct control_peer *peer,
		      struct error *error)
{
	if (control_peer_is_admin(fd, peer, server->group))
		return 0;
	if (server->group_name)
		return error_set(error, -EACCES, ERROR_CTL_PERM, NULL,
				 "permission denied: the control socket needs root or group %s",
				 server->group_name);
	return error_set(error, -EACCES, ERROR_CTL_PERM, NULL,
			 "permission denied: the control socket needs root");
}

/* One packet into an empty socket buffer: it fits, or the client is of no interest. */
static void turn_away(int fd, const struct error *error)
{
	CLEANUP(control_message_done) struct control_message message = { .fd = -1 };
	struct json_object *reply = control_error_to_json(error, error_exit_code(error->code));

	if (control_message_make(reply, &message) == 0)
		(void)control_message_send(fd, &message);
	json_object_put(reply);
}

static void server_greet(struct control_server *server, int new_fd)
{
	CLEANUP(close) int fd = new_fd;
	struct control_peer peer;
	struct error error = { 0 };

	if (control_peer_get(fd, &peer) < 0)
		return;
	if (check_peer(server, fd, &peer, &error) < 0 || check_room(server, &peer, &error) < 0)
		turn_away(fd, &error);
	else
		connection_open(server, take_fd(&fd), &peer);
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
	struct listener *listener = poll->data;
	struct control_server *server = listener->server;

	(void)status;
	(void)events;
	for (unsigned i = 0; i < ACCEPTS_PER_TURN; i++) {
		int fd = accept4(listener->socket.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0) {
			server_greet(server, fd);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
			/* Still readable: without a pause this would be a busy loop. */
			server->is_saturated = true;
			(void)uv_poll_stop(poll);
			server_warn(server, "control socket cannot accept: %m");
		}
		return;
	}
}

static void on_listener_closed(uv_handle_t *handle)
{
	struct listener *listener = handle->data;
	struct control_server *server = listener->server;

	free(listener);
	server_release_handle(server);
}

static void server_stop_listening(struct control_server *server)
{
	struct listener *listener = TAKE(server->listener);

	if (!listener)
		return;
	uv_close((uv_handle_t *)&listener->poll, on_listener_closed);
	control_listener_close(&listener->socket, server->runtime_dir);
}

static int server_listen(struct control_server *server, struct error *error)
{
	struct listener *listener = NEW(struct listener);
	int result =
		control_listener_open(server->runtime_dir, server->group, &listener->socket, error);

	if (result < 0) {
		free(listener);
		return result;
	}
	listener->server = server;
	listener->poll.data = listener;
	result = uv_poll_init(server->options.loop, &listener->poll, listener->socket.fd);
	if (result < 0) {
		control_listener_close(&listener->socket, server->runtime_dir);
		free(listener);
		return error_set(error, result, ERROR_CTL_DOWN, NULL,
				 "cannot watch the control socket: %s", uv_strerror(result));
	}
	server->handles++;
	server->listener = listener;
	(void)uv_poll_start(&listener->poll, UV_READABLE, on_connection);
	return 0;
}

/* Somebody removed or replaced the socket file, or cleaned up the whole runtime directory. */
static void server_repair_socket(struct control_server *server)
{
	struct error error = { 0 };
	char line[ERROR_LINE_SIZE];

	if (server->listener &&
	    control_listener_in_place(&server->listener->socket, server->runtime_dir))
		return;
	server_stop_listening(server);
	if (server_listen(server, &error) == 0) {
		server->repair_failed = false;
		server_warn(server,
			    "control socket %s/" CONTROL_SOCKET_NAME
			    " was removed or replaced; made anew",
			    server->runtime_dir);
	} else if (!server->repair_failed) {
		server->repair_failed = true;
		server_warn(server, "control socket cannot be made anew, will try again: %s",
			    error_format(&error, line, sizeof(line)));
	}
}

static void server_end_late(struct control_server *server)
{
	uint64_t now = uv_now(server->options.loop);
	struct connection *next;

	for (struct connection *connection = server->connections; connection; connection = next) {
		next = connection->next;
		if (!connection->request && now >= connection->deadline_msec)
			connection_close(connection);
	}
}

static void on_check(uv_timer_t *timer)
{
	struct control_server *server = timer->data;

	server_end_late(server);
	server_repair_socket(server);
	if (server->is_saturated && server->listener) {
		server->is_saturated = false;
		(void)uv_poll_start(&server->listener->poll, UV_READABLE, on_connection);
	}
}

static void on_timer_closed(uv_handle_t *handle)
{
	server_release_handle(handle->data);
}

static void server_start_timer(struct control_server *server)
{
	unsigned interval = server->options.check_msec;

	(void)uv_timer_init(server->options.loop, &server->timer);
	server->timer.data = server;
	server->handles++;
	(void)uv_timer_start(&server->timer, on_check, interval, interval);
}

int control_server_start(const struct control_server_options *options, struct control_server **ret,
			 struct error *error)
{
	struct control_server *server;
	gid_t group;
	int result = control_group_find(options->group, &group, error);

	if (result < 0)
		return result;
	server = NEW(struct control_server);
	server->options = *options;
	if (!server->options.timeout_msec)
		server->options.timeout_msec = CONTROL_TIMEOUT_MSEC;
	if (!server->options.check_msec)
		server->options.check_msec = CONTROL_CHECK_MSEC;
	server->runtime_dir = memory_strdup(options->runtime_dir);
	server->group_name = options->group ? memory_strdup(options->group) : NULL;
	server->group = group;
	server_start_timer(server);
	result = server_listen(server, error);
	if (result < 0) {
		control_server_close(server);
		return result;
	}
	*ret = server;
	return 0;
}

void control_server_close(struct control_server *server)
{
	if (!server)
		return;
	server->is_closing = true;
	requests_drop(server);
	while (server->connections)
		connection_close(server->connections);
	server_stop_listening(server);
	uv_close((uv_handle_t *)&server->timer, on_timer_closed);
}
