// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/server.h"

#include "control/client.h"
#include "control/socket.h"
#include "control/test_server.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

static void wait_for_warning(struct test_server *fixture, unsigned count)
{
	uint64_t deadline = test_now_msec() + 5000;

	while (fixture->warnings < count && test_now_msec() < deadline)
		test_sleep_msec(5);
	assert_int_equal(fixture->warnings, count);
}

static void lost_socket_is_made_anew(void **state)
{
	struct test_server *fixture = *state;
	int fd;

	assert_int_equal(unlink(fixture->path), 0);
	wait_for_warning(fixture, 1);
	test_server_check_served(fixture);
	/* A file in its place is somebody's; said once, tried again until it goes. */
	assert_int_equal(unlink(fixture->path), 0);
	fd = open(fixture->path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	(void)close(fd);
	wait_for_warning(fixture, 2);
	test_sleep_msec(5 * TEST_CHECK_MSEC);
	assert_int_equal(fixture->warnings, 2);
	assert_int_equal(unlink(fixture->path), 0);
	wait_for_warning(fixture, 3);
	test_server_check_served(fixture);
}

static struct control_server *try_start(struct test_server *fixture, struct error *error)
{
	const struct control_server_options options = {
		.loop = &fixture->loop,
		.runtime_dir = fixture->runtime_dir,
		.group = fixture->group,
		.handler = test_server_handle,
		.userdata = fixture,
	};
	struct control_server *server = NULL;

	(void)uv_loop_init(&fixture->loop);
	(void)control_server_start(&options, &server, error);
	return server;
}

static void end_try(struct test_server *fixture, struct control_server *server)
{
	control_server_close(server);
	(void)uv_run(&fixture->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&fixture->loop), 0);
}

static void symlink_in_place_refuses_the_start(void **state)
{
	struct test_server *fixture = *state;
	struct error error = { 0 };

	assert_int_equal(symlink("/tmp/aronet-t-nowhere", fixture->path), 0);
	assert_null(try_start(fixture, &error));
	assert_non_null(strstr(error.text, "symbolic link"));
	assert_string_equal(error.place, fixture->path);
	end_try(fixture, NULL);
	assert_int_equal(access("/tmp/aronet-t-nowhere", F_OK), -1);
}

static void stale_socket_is_replaced(void **state)
{
	struct test_server *fixture = *state;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct error error = { 0 };
	struct control_server *server;
	int stale = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), client;

	(void)strcpy(address.sun_path, fixture->path);
	assert_int_equal(bind(stale, (struct sockaddr *)&address, sizeof(address)), 0);
	(void)close(stale);
	assert_int_equal(test_client_connect(fixture->path), -ECONNREFUSED);
	server = try_start(fixture, &error);
	assert_non_null(server);
	client = test_client_connect(fixture->path);
	assert_true(client >= 0);
	(void)close(client);
	end_try(fixture, server);
}

static void second_daemon_is_refused_by_the_lock(void **state)
{
	struct test_server *fixture = *state;
	struct error error = { 0 };
	char expected[64];
	int fd = -1;

	(void)snprintf(expected, sizeof(expected), "already running (pid %d)", (int)getpid());
	assert_int_equal(control_lock(fixture->runtime_dir, &fd, &error), -EBUSY);
	assert_int_equal(error.code, ERROR_RUNNING);
	assert_string_equal(error.text, expected);
	/* The pid in the file decides nothing: without the lock the next one starts. */
	(void)close(fixture->lock);
	assert_int_equal(control_lock(fixture->runtime_dir, &fixture->lock, &error), 0);
}

static void missing_daemon_is_told(void **state)
{
	struct test_server *fixture = *state;
	struct control_client *client = NULL;
	struct error error = { 0 };

	assert_int_equal(control_client_open(fixture->path, &client, &error), -ENOENT);
	assert_int_equal(error.code, ERROR_CTL_DOWN);
	assert_non_null(strstr(error.text, "no daemon at "));
	assert_non_null(strstr(error.text, "aronet daemon run"));
	assert_int_equal(control_client_exit_code(NULL, &error), EXIT_DAEMON);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SERVER(lost_socket_is_made_anew),
		WITH_DIRECTORY(symlink_in_place_refuses_the_start),
		WITH_DIRECTORY(stale_socket_is_replaced),
		WITH_DIRECTORY(second_daemon_is_refused_by_the_lock),
		WITH_DIRECTORY(missing_daemon_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
