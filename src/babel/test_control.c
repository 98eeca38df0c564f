// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/test_control.h"

#include "base/cleanup.h"
#include "base/memory.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cmocka.h>

#define LONG_LINE_BYTES (1 << 20)
/* Far more than anything takes, even beside much other work: only what fails waits as long. */
#define WAIT_MS 60000

static void send_bytes(const struct control_connection *connection, const char *bytes, size_t size)
{
	(void)!send(connection->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void send_long_line(const struct control_connection *connection)
{
	CLEANUP(free) char *line = memory_zalloc(1, LONG_LINE_BYTES);

	memset(line, 'x', LONG_LINE_BYTES);
	send_bytes(connection, line, LONG_LINE_BYTES);
}

static void on_drip(uv_idle_t *idle)
{
	struct control_server *server = idle->data;
	bool is_more = false;

	for (unsigned i = 0; i < server->connections_count; i++) {
		struct control_connection *connection = &server->connections[i];

		if (connection->due && *connection->due)
			send_bytes(connection, connection->due++, 1);
		is_more = is_more || (connection->due && *connection->due);
	}
	if (!is_more)
		(void)uv_idle_stop(idle);
}

static void say(struct control_connection *connection, const char *text)
{
	struct control_server *server = connection->server;

	if (server->behaviour != CONTROL_DRIPPING) {
		send_bytes(connection, text, strlen(text));
		return;
	}
	assert_true(!connection->due || !*connection->due);
	connection->due = text;
	(void)uv_idle_start(&server->drip, on_drip);
}

static void be_greeted(struct control_connection *connection)
{
	if (connection->server->behaviour == CONTROL_BABBLING_LATER)
		say(connection, connection->server->script->babble);
}

static void greet(struct control_connection *connection)
{
	const struct control_server *server = connection->server;

	switch (server->behaviour) {
	case CONTROL_HANGING:
		if (server->commands > 0)
			return;
		break;
	case CONTROL_HONEST:
	case CONTROL_CLOSING_ONCE:
	case CONTROL_DRIPPING:
	case CONTROL_BABBLING_LATER:
		break;
	case CONTROL_STRANGE:
		say(connection, server->script->strange);
		return;
	case CONTROL_BABBLING:
		say(connection, "\x80<html>\n");
		return;
	case CONTROL_ENDLESS:
		send_long_line(connection);
		return;
	case CONTROL_CUTTING:
		send_bytes(connection, server->script->greeting, 4);
		(void)shutdown(connection->fd, SHUT_RDWR);
		return;
	case CONTROL_ABSENT:
	case CONTROL_SILENT:
		return;
	}
	say(connection, server->script->greeting);
	if (!server->script->last_question)
		be_greeted(connection);
}

static void answer(struct control_connection *connection, const char *line)
{
	struct control_server *server = connection->server;

	if (server->script->last_question && strcmp(line, server->script->last_question) == 0) {
		say(connection, server->script->answer(line));
		be_greeted(connection);
		return;
	}
	server->commands++;
	if (server->behaviour == CONTROL_HANGING)
		return;
	if (server->behaviour == CONTROL_CLOSING_ONCE && connection == server->connections) {
		say(connection, server->script->cut);
		(void)shutdown(connection->fd, SHUT_RDWR);
		return;
	}
	say(connection, server->script->answer(line));
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct control_connection *connection = poll->data;
	struct control_server *server = connection->server;
	char buffer[1024];
	ssize_t size = recv(connection->fd, buffer, sizeof(buffer) - 1, MSG_DONTWAIT);

	(void)status, (void)events;
	if (size <= 0) {
		(void)uv_poll_stop(poll);
		return;
	}
	buffer[size] = '\0';
	for (char *rest = buffer, *line; (line = strsep(&rest, "\n")) && *line;) {
		(void)snprintf(server->heard, sizeof(server->heard), "%s", line);
		answer(connection, line);
	}
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
	struct control_server *server = poll->data;
	struct control_connection *connection = &server->connections[server->connections_count];
	int fd = accept(server->listener_fd, NULL, NULL);

	(void)status, (void)events;
	assert_true(fd >= 0 && server->connections_count < CONTROL_CONNECTIONS_MAX);
	server->connections_count++;
	connection->server = server;
	connection->fd = fd;
	(void)uv_poll_init(&server->rig->loop, &connection->poll, fd);
	connection->poll.data = connection;
	(void)uv_poll_start(&connection->poll, UV_READABLE, on_readable);
	greet(connection);
}

static void listen_at(struct control_server *server)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", server->path);
	server->listener_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server->listener_fd, (struct sockaddr *)&address, sizeof(address)),
			 0);
	assert_int_equal(listen(server->listener_fd, 16), 0);
	(void)uv_poll_init(&server->rig->loop, &server->listener, server->listener_fd);
	server->listener.data = server;
	(void)uv_poll_start(&server->listener, UV_READABLE, on_connection);
	(void)uv_idle_init(&server->rig->loop, &server->drip);
	server->drip.data = server;
}

static uint64_t now_ms(void)
{
	return uv_hrtime() / 1000000;
}

struct control_server *control_server_new(struct control_rig *rig, enum control_behaviour behaviour,
					  const struct control_script *script)
{
	struct control_server *server = NEW(struct control_server);

	assert_true(rig->servers_count < CONTROL_SERVERS_MAX);
	server->rig = rig;
	server->behaviour = behaviour;
	server->script = script;
	server->begin_ms = now_ms();
	(void)snprintf(server->path, sizeof(server->path), "%s/%u", rig->directory,
		       rig->servers_count);
	rig->servers[rig->servers_count++] = server;
	if (behaviour != CONTROL_ABSENT)
		listen_at(server);
	return server;
}

void control_server_on_ready(void *userdata)
{
	((struct control_server *)userdata)->ready++;
}

void control_server_on_failed(void *userdata, const struct error *error)
{
	struct control_server *server = userdata;

	server->failed++;
	server->failed_after_ms = now_ms() - server->begin_ms;
	server->error = *error;
}

int control_rig_set_up(void **state)
{
	struct control_rig *rig = NEW(struct control_rig);

	assert_int_equal(uv_loop_init(&rig->loop), 0);
	(void)snprintf(rig->directory, sizeof(rig->directory), "/tmp/aronet-t-XXXXXX");
	assert_non_null(mkdtemp(rig->directory));
	*state = rig;
	return 0;
}

static void close_handles(struct control_server *server)
{
	if (server->client)
		server->client_free(server->client);
	if (server->behaviour == CONTROL_ABSENT)
		return;
	uv_close((uv_handle_t *)&server->listener, NULL);
	uv_close((uv_handle_t *)&server->drip, NULL);
	for (unsigned i = 0; i < server->connections_count; i++)
		uv_close((uv_handle_t *)&server->connections[i].poll, NULL);
}

static void free_server(struct control_server *server)
{
	for (unsigned i = 0; i < server->connections_count; i++)
		(void)close(server->connections[i].fd);
	if (server->behaviour != CONTROL_ABSENT)
		(void)close(server->listener_fd);
	(void)unlink(server->path);
	free(server);
}

int control_rig_tear_down(void **state)
{
	struct control_rig *rig = *state;

	for (unsigned i = 0; i < rig->servers_count; i++)
		close_handles(rig->servers[i]);
	(void)uv_run(&rig->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&rig->loop), 0);
	for (unsigned i = 0; i < rig->servers_count; i++)
		free_server(rig->servers[i]);
	(void)rmdir(rig->directory);
	free(rig);
	return 0;
}

static void turn(struct control_rig *rig)
{
	(void)uv_run(&rig->loop, UV_RUN_NOWAIT);
	(void)usleep(200);
}

void control_rig_run_for(struct control_rig *rig, uint64_t milliseconds)
{
	uint64_t end = now_ms() + milliseconds;

	while (now_ms() < end)
		turn(rig);
}

void control_rig_wait(struct control_rig *rig, const unsigned *count, unsigned value)
{
	uint64_t end = now_ms() + WAIT_MS;

	while (*count < value && now_ms() < end)
		turn(rig);
	assert_in_range(*count, value, UINT_MAX);
}

void control_rig_keep_busy(unsigned milliseconds)
{
	(void)usleep(milliseconds * 1000);
}
