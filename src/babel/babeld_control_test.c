// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/babeld_control.h"

#include "base/memory.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cmocka.h>

#define CONNECTIONS_MAX 64
#define LONG_LINE_BYTES (1 << 20)

/* What listens in the place of babeld; the last of its connections counts. */
enum behaviour {
	HONEST,
	ABSENT,		/* nobody listens */
	SILENT,		/* takes connections and says nothing */
	OLD,		/* a version that cannot be used */
	BABBLING,	/* bytes that mean nothing */
	ENDLESS,	/* a line of a megabyte */
	HANGING,	/* honest at first, then no answer to anything */
	BABBLING_LATER, /* honest until all is told, each time */
	CLOSING_ONCE,	/* one connection is closed, the next is kept */
};

struct server {
	struct fixture *fixture;
	enum behaviour behaviour;
	char path[108];
	uv_poll_t listener;
	int listener_fd;
	uv_poll_t connections[CONNECTIONS_MAX];
	int fds[CONNECTIONS_MAX];
	unsigned connections_count;
	char heard[1024];

	struct babeld_control *control;
	unsigned ready, failed;
	uint64_t failed_after_ms;
	enum error_code code;
};

struct fixture {
	uv_loop_t loop;
	char directory[64];
	struct server *servers[16];
	unsigned servers_count;
	uint64_t begin_ms;
};

static void say(int fd, const char *text)
{
	(void)!send(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void say_long_line(int fd)
{
	CLEANUP(free) char *line = memory_zalloc(1, LONG_LINE_BYTES);

	memset(line, 'x', LONG_LINE_BYTES);
	(void)!send(fd, line, LONG_LINE_BYTES, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void say_header(int fd, const char *version)
{
	say(fd, "BABEL 1.0\nversion ");
	say(fd, version);
	say(fd, "\nhost test\nmy-id 01:02:03:04:05:06:07:08\nok\n");
}

static void greet(const struct server *server, int fd)
{
	switch (server->behaviour) {
	case HONEST:
	case BABBLING_LATER:
	case CLOSING_ONCE:
		say_header(fd, "babeld-1.12.1");
		break;
	case HANGING:
		if (server->connections_count == 1)
			say_header(fd, "babeld-1.12.1");
		break;
	case OLD:
		say_header(fd, "babeld-1.9.2");
		break;
	case BABBLING:
		say(fd, "\x80\xff<html>\n");
		break;
	case ENDLESS:
		say_long_line(fd);
		break;
	case ABSENT:
	case SILENT:
		break;
	}
}

static void answer(struct server *server, unsigned number, const char *line)
{
	int fd = server->fds[number];

	if (strcmp(line, "monitor") != 0) {
		if (server->behaviour != HANGING)
			say(fd, strcmp(line, "refuse") == 0 ? "no such thing\n" : "ok\n");
		return;
	}
	say(fd, "add interface ab up true ipv6 fe80::1\nok\n");
	if (server->behaviour == BABBLING_LATER)
		say(fd, "add interface ab up perhaps\n");
	if (server->behaviour == CLOSING_ONCE && number == 0)
		(void)shutdown(fd, SHUT_RDWR);
}

static void on_line(uv_poll_t *poll, int status, int events)
{
	struct server *server = poll->data;
	unsigned number = (unsigned)(poll - server->connections);
	char buffer[1024];
	ssize_t size = recv(server->fds[number], buffer, sizeof(buffer) - 1, MSG_DONTWAIT);

	(void)status, (void)events;
	if (size <= 0) {
		(void)uv_poll_stop(poll);
		return;
	}
	buffer[size] = '\0';
	for (char *rest = buffer, *line; (line = strsep(&rest, "\n")) && *line;) {
		(void)snprintf(server->heard, sizeof(server->heard), "%s", line);
		answer(server, number, line);
	}
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
	struct server *server = poll->data;
	unsigned number = server->connections_count;
	int fd = accept(server->listener_fd, NULL, NULL);

	(void)status, (void)events;
	assert_true(fd >= 0 && number < CONNECTIONS_MAX);
	server->connections_count++;
	server->fds[number] = fd;
	(void)uv_poll_init(&server->fixture->loop, &server->connections[number], fd);
	server->connections[number].data = server;
	(void)uv_poll_start(&server->connections[number], UV_READABLE, on_line);
	greet(server, fd);
}

static void on_ready(void *userdata)
{
	((struct server *)userdata)->ready++;
}

static void on_failed(void *userdata, const struct error *error)
{
	struct server *server = userdata;

	server->failed++;
	server->failed_after_ms = uv_now(&server->fixture->loop) - server->fixture->begin_ms;
	server->code = error->code;
}

static void listen_at(struct server *server)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", server->path);
	server->listener_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server->listener_fd, (struct sockaddr *)&address, sizeof(address)),
			 0);
	assert_int_equal(listen(server->listener_fd, 16), 0);
	(void)uv_poll_init(&server->fixture->loop, &server->listener, server->listener_fd);
	server->listener.data = server;
	(void)uv_poll_start(&server->listener, UV_READABLE, on_connection);
}

/* A server and the client under test. */
static struct server *add(struct fixture *fixture, enum behaviour behaviour)
{
	struct server *server = NEW(struct server);
	const struct babeld_control_events events = { server, on_ready, on_failed };

	server->fixture = fixture;
	server->behaviour = behaviour;
	fixture->servers[fixture->servers_count] = server;
	(void)snprintf(server->path, sizeof(server->path), "%s/%u", fixture->directory,
		       fixture->servers_count++);
	if (behaviour != ABSENT)
		listen_at(server);
	assert_int_equal(
		babeld_control_new(&fixture->loop, server->path, &events, &server->control, NULL),
		0);
	babeld_control_start(server->control);
	return server;
}

static int set_up(void **state)
{
	struct fixture *fixture = NEW(struct fixture);

	assert_int_equal(uv_loop_init(&fixture->loop), 0);
	fixture->begin_ms = uv_now(&fixture->loop);
	(void)snprintf(fixture->directory, sizeof(fixture->directory), "/tmp/aronet-t-XXXXXX");
	assert_non_null(mkdtemp(fixture->directory));
	*state = fixture;
	return 0;
}

static void close_server(struct server *server)
{
	babeld_control_free(server->control);
	if (server->behaviour != ABSENT)
		uv_close((uv_handle_t *)&server->listener, NULL);
	for (unsigned i = 0; i < server->connections_count; i++)
		uv_close((uv_handle_t *)&server->connections[i], NULL);
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	for (unsigned i = 0; i < fixture->servers_count; i++)
		close_server(fixture->servers[i]);
	(void)uv_run(&fixture->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&fixture->loop), 0);
	for (unsigned i = 0; i < fixture->servers_count; i++) {
		struct server *server = fixture->servers[i];

		for (unsigned j = 0; j < server->connections_count; j++)
			(void)close(server->fds[j]);
		if (server->behaviour != ABSENT)
			(void)close(server->listener_fd);
		(void)unlink(server->path);
		free(server);
	}
	(void)rmdir(fixture->directory);
	free(fixture);
	return 0;
}

static void run_for(struct fixture *fixture, uint64_t milliseconds)
{
	uint64_t end = uv_hrtime() / 1000000 + milliseconds;

	while (uv_hrtime() / 1000000 < end) {
		(void)uv_run(&fixture->loop, UV_RUN_NOWAIT);
		(void)usleep(1000);
	}
}

static void honest_babeld_is_read(void **state)
{
	struct server *server = add(*state, HONEST);

	run_for(*state, 300);
	assert_int_equal(server->ready, 1);
	assert_true(babeld_control_ready(server->control));
	assert_string_equal(babeld_control_version(server->control), "babeld-1.12.1");
	assert_non_null(babeld_tables_find_link(babeld_control_tables(server->control), "ab"));
}

struct reply {
	unsigned count;
	int result;
	char text[ERROR_TEXT_SIZE];
};

static void on_reply(void *userdata, int result, const struct error *error)
{
	struct reply *reply = userdata;

	reply->count++;
	reply->result = result;
	(void)snprintf(reply->text, sizeof(reply->text), "%s", result < 0 ? error->text : "");
}

static void commands_are_answered_in_their_order(void **state)
{
	struct server *server = add(*state, HONEST);
	struct reply replies[3] = { 0 };
	const char *const lines[] = { "interface ab", "refuse", "interface ac" };

	assert_int_equal(
		babeld_control_command(server->control, "early", on_reply, &replies[0], NULL),
		-EAGAIN);
	run_for(*state, 200);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		assert_int_equal(babeld_control_command(server->control, lines[i], on_reply,
							&replies[i], NULL),
				 0);
	run_for(*state, 200);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		assert_int_equal(replies[i].count, 1);
	assert_int_equal(replies[0].result, 0);
	assert_int_equal(replies[1].result, -EREMOTEIO);
	assert_string_equal(replies[1].text, "refused \"refuse\": such thing");
	assert_int_equal(replies[2].result, 0);
	assert_string_equal(server->heard, "interface ac");
}

static void broken_connection_is_made_anew(void **state)
{
	struct server *server = add(*state, CLOSING_ONCE);

	run_for(*state, 500);
	assert_int_equal(server->ready, 2);
	assert_int_equal(server->failed, 0);
	assert_true(babeld_control_ready(server->control));
}

/* All at the same time: this is mostly waiting. */
static void what_cannot_be_used_is_given_up(void **state)
{
	static const struct {
		enum behaviour behaviour;
		unsigned ready_max;
		enum error_code code;
		unsigned after_min_ms, after_max_ms;
	} cases[] = {
		{ ABSENT, 0, ERROR_APPLY, 4900, 6500 },
		{ SILENT, 0, ERROR_APPLY, 4900, 6500 },
		{ OLD, 0, ERROR_UNSUPPORTED, 0, 1000 },
		{ BABBLING, 0, ERROR_APPLY, 4900, 6500 },
		{ ENDLESS, 0, ERROR_APPLY, 4900, 6500 },
		{ BABBLING_LATER, 40, ERROR_APPLY, 4900, 6500 },
		/* Quiet, no answer, no header on the next connection. */
		{ HANGING, 1, ERROR_APPLY, 14900, 16500 },
	};
	struct server *honest = add(*state, HONEST);
	struct server *servers[ARRAY_SIZE(cases)];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		servers[i] = add(*state, cases[i].behaviour);
	run_for(*state, 16500);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (servers[i]->failed != 1 || servers[i]->ready > cases[i].ready_max)
			fail_msg("case %zu: %u times ready, %u times failed, %u connections", i,
				 servers[i]->ready, servers[i]->failed,
				 servers[i]->connections_count);
		assert_int_equal(servers[i]->code, cases[i].code);
		assert_in_range(servers[i]->failed_after_ms, cases[i].after_min_ms,
				cases[i].after_max_ms);
		assert_false(babeld_control_ready(servers[i]->control));
	}
	/* Asked now and then, it is none of these. */
	assert_int_equal(honest->ready, 1);
	assert_int_equal(honest->failed, 0);
	assert_string_equal(honest->heard, "# still there?");
}

/* As reading a large registry does. */
static void keep_loop_busy(void)
{
	(void)usleep((BABELD_DEADLINE_MS + 500) * 1000);
}

static void deadlines_do_not_pass_while_the_loop_is_busy(void **state)
{
	struct fixture *fixture = *state;
	struct reply reply = { 0 };
	struct server *server = add(fixture, HONEST);

	/* Before it has tried to connect, */
	keep_loop_busy();
	run_for(fixture, 300);
	assert_int_equal(server->ready, 1);
	/* and after a command. Its answer is here in time, but nobody reads it. */
	assert_int_equal(
		babeld_control_command(server->control, "interface ab", on_reply, &reply, NULL), 0);
	while (strcmp(server->heard, "interface ab") != 0)
		(void)uv_run(&fixture->loop, UV_RUN_ONCE);
	assert_int_equal(reply.count, 0);
	keep_loop_busy();
	run_for(fixture, 300);
	assert_int_equal(reply.count, 1);
	assert_int_equal(reply.result, 0);
	assert_int_equal(server->failed, 0);
	assert_int_equal(server->ready, 1);
}

int main(void)
{
#define CONTROL_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		CONTROL_TEST(honest_babeld_is_read),
		CONTROL_TEST(commands_are_answered_in_their_order),
		CONTROL_TEST(broken_connection_is_made_anew),
		CONTROL_TEST(what_cannot_be_used_is_given_up),
		CONTROL_TEST(deadlines_do_not_pass_while_the_loop_is_busy),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
