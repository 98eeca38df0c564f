// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/server.h"

#include "base/memory.h"
#include "control/client.h"
#include "control/payload.h"
#include "control/test_server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <cmocka.h>

static void check_refused(struct test_server *fixture, const void *bytes, size_t size,
			  const int *fds, unsigned count, const char *code)
{
	char buffer[4096];
	int socket = test_client_connect(fixture->path);
	const char *answer;

	assert_true(socket >= 0);
	assert_int_equal(test_client_send(socket, bytes, size, fds, count), 0);
	answer = test_client_answer(socket, buffer);
	assert_non_null(answer);
	assert_string_equal(answer, code);
	assert_true(test_client_is_closed(socket));
	(void)close(socket);
}

static void answers_requests(void **state)
{
	struct test_server *fixture = *state;
	const struct control_arguments arguments = { .op = CONTROL_LOAD, .allow_unsigned = true };
	CLEANUP(close) int sealed = -1;
	CLEANUP(control_client_close) struct control_client *client = NULL;
	struct json_object *reply = NULL, *bytes;
	struct error error = { 0 };

	test_server_check_served(fixture);
	assert_int_equal(control_payload_make("[]", 2, &sealed), 0);
	assert_int_equal(control_client_open(fixture->path, &client, &error), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(
			control_client_call(client, &arguments, sealed, 5000, &reply, &error), 0);
		assert_true(json_object_object_get_ex(reply, "bytes", &bytes));
		assert_int_equal(json_object_get_int(bytes), 2);
		json_object_put(reply);
	}
}

static void refused_reload_is_a_configuration_error(void **state)
{
	struct test_server *fixture = *state;
	const struct control_arguments arguments = { .op = CONTROL_RELOAD };
	CLEANUP(control_client_close) struct control_client *client = NULL;
	struct json_object *reply = NULL;
	struct error error = { 0 };

	assert_int_equal(control_client_open(fixture->path, &client, &error), 0);
	assert_int_equal(control_client_call(client, &arguments, -1, 5000, &reply, &error),
			 -EREMOTEIO);
	assert_int_equal(error.code, ERROR_VALUE);
	assert_string_equal(error.place, "config.json:1:2");
	assert_int_equal(control_client_exit_code(client, &error), EXIT_CONFIG);
}

static void broken_packets_are_refused(void **state)
{
	struct test_server *fixture = *state;
	CLEANUP(free) char *big = NEW_ARRAY(char, 65 * 1024);
	static const char unknown[] = "{\"aronet\":1,\"op\":\"format\"}";
	static const char nul[] = "{\"aronet\":1,\"op\":\"status\"}\0{}";

	memset(big, ' ', 65 * 1024);
	check_refused(fixture, big, 65 * 1024, NULL, 0, "E_TOO_BIG");
	check_refused(fixture, "", 0, NULL, 0, "E_SYNTAX");
	check_refused(fixture, "{\"aronet\":", 10, NULL, 0, "E_SYNTAX");
	check_refused(fixture, big, 64 * 1024, NULL, 0, "E_SYNTAX");
	check_refused(fixture, unknown, strlen(unknown), NULL, 0, "E_VALUE");
	check_refused(fixture, nul, sizeof(nul) - 1, NULL, 0, "E_SYNTAX");
	test_server_check_served(fixture);
}

static void wrong_descriptors_are_refused(void **state)
{
	struct test_server *fixture = *state;
	CLEANUP(close) int sealed = -1;
	CLEANUP(close) int unsealed = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	CLEANUP(close) int file = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	CLEANUP(close) int write_only = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int ends[2], many[100];
	unsigned before;

	assert_int_equal(control_payload_make("[]", 2, &sealed), 0);
	assert_int_equal(write(unsealed, "[]", 2), 2);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(many); i++)
		many[i] = sealed;
	before = test_count_descriptors();
	check_refused(fixture, test_load_request, strlen(test_load_request), NULL, 0, "E_CTL_FD");
	check_refused(fixture, test_load_request, strlen(test_load_request), many, 2, "E_CTL_FD");
	check_refused(fixture, test_load_request, strlen(test_load_request), many, 100, "E_CTL_FD");
	check_refused(fixture, test_load_request, strlen(test_load_request), &ends[0], 1,
		      "E_CTL_FD");
	check_refused(fixture, test_load_request, strlen(test_load_request), &unsealed, 1,
		      "E_CTL_FD");
	check_refused(fixture, test_load_request, strlen(test_load_request), &file, 1, "E_CTL_FD");
	check_refused(fixture, test_load_request, strlen(test_load_request), &write_only, 1,
		      "E_CTL_FD");
	check_refused(fixture, test_status_request, strlen(test_status_request), &sealed, 1,
		      "E_CTL_FD");
	check_refused(fixture, "{", 1, many, 100, "E_CTL_FD");
	check_refused(fixture, "{", 1, many, 3, "E_SYNTAX");
	test_server_check_served(fixture);
	test_check_descriptors(before);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void no_descriptor_leaks_in_10000_tries(void **state)
{
	struct test_server *fixture = *state;
	CLEANUP(close) int unsealed = memfd_create("test", MFD_CLOEXEC);
	const int fds[100] = { unsealed, unsealed, unsealed, unsealed, unsealed };
	static const unsigned counts[] = { 0, 1, 2, 4, 5, 100 };
	unsigned before;

	before = test_count_descriptors();
	for (unsigned i = 0; i < 10000; i++)
		check_refused(fixture, test_load_request, strlen(test_load_request), fds,
			      counts[i % ARRAY_SIZE(counts)], "E_CTL_FD");
	test_server_check_served(fixture);
	test_check_descriptors(before);
}

static void loads_run_one_after_the_other(void **state)
{
	struct test_server *fixture = *state;
	CLEANUP(close) int sealed = -1;
	int sockets[CONTROL_CONNECTIONS_USER_MAX - 1];
	char buffer[4096], expected[32];

	assert_int_equal(control_payload_make("[]", 2, &sealed), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(sockets); i++) {
		sockets[i] = test_client_connect(fixture->path);
		assert_int_equal(test_client_send(sockets[i], test_load_request,
						  strlen(test_load_request), &sealed, 1),
				 0);
		/* Sockets have no order among each other; let this one arrive. */
		test_sleep_msec(2);
	}
	test_server_check_served(fixture); /* reading does not wait for them */
	assert_true(fixture->loads_ended < ARRAY_SIZE(sockets));
	for (unsigned i = 0; i < ARRAY_SIZE(sockets); i++) {
		assert_string_equal(test_client_answer(sockets[i], buffer), "ok");
		(void)snprintf(expected, sizeof(expected), "\"turn\":%u", i);
		assert_non_null(strstr(buffer, expected));
		(void)close(sockets[i]);
	}
	assert_int_equal(fixture->loads_at_once_max, 1);
}

static void full_queue_answers_busy(void **state)
{
	struct test_server *fixture = *state;
	CLEANUP(close) int sealed = -1;
	int sockets[CONTROL_QUEUE_MAX + 2];
	char buffer[4096];
	unsigned busy = 0, done = 0;

	if (geteuid() != 0)
		test_skip_or_fail("more connections than one user may have");
	assert_int_equal(control_payload_make("[]", 2, &sealed), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(sockets); i++) {
		sockets[i] = test_client_connect(fixture->path);
		assert_int_equal(test_client_send(sockets[i], test_load_request,
						  strlen(test_load_request), &sealed, 1),
				 0);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(sockets); i++) {
		const char *answer = test_client_answer(sockets[i], buffer);

		busy += !strcmp(answer, "E_BUSY");
		done += !strcmp(answer, "ok");
		(void)close(sockets[i]);
	}
	assert_int_equal(busy, 1);
	assert_int_equal(done, CONTROL_QUEUE_MAX + 1);
}

static void load_completes_without_its_client(void **state)
{
	struct test_server *fixture = *state;
	CLEANUP(close) int sealed = -1;
	uint64_t deadline = test_now_msec() + 5000;

	assert_int_equal(control_payload_make("1234567", 7, &sealed), 0);
	for (unsigned i = 0; i < 3; i++) {
		int socket = test_client_connect(fixture->path);

		assert_int_equal(test_client_send(socket, test_load_request,
						  strlen(test_load_request), &sealed, 1),
				 0);
		(void)close(socket);
	}
	while (fixture->loads_ended < 3 && test_now_msec() < deadline)
		test_sleep_msec(5);
	assert_int_equal(fixture->loads_ended, 3);
	assert_int_equal(fixture->payload_total, 21);
	test_server_check_served(fixture);
}

static bool is_hung_up(int socket)
{
	struct pollfd poll_fd = { .fd = socket };

	assert_true(poll(&poll_fd, 1, 0) >= 0);
	return poll_fd.revents & POLLHUP;
}

/* Nor do others wait until it is: slow answers are the machine's while it is still there. */
static void client_that_does_not_read_is_dropped(void **state)
{
	struct test_server *fixture = *state;
	CLEANUP(close) int socket = test_client_connect(fixture->path);
	struct pollfd poll_fd = { .fd = socket };
	uint64_t start, now;
	unsigned sent = 0;

	while (send(socket, test_status_request, strlen(test_status_request),
		    MSG_DONTWAIT | MSG_NOSIGNAL) > 0 ||
	       sent < 1000) {
		uint64_t asked = test_now_msec();

		test_server_check_served(fixture);
		assert_true(test_now_msec() - asked < TEST_TIMEOUT_MSEC / 2 || !is_hung_up(socket));
		if (++sent > 5000)
			break;
	}
	start = test_now_msec();
	do {
		assert_true(poll(&poll_fd, 1, 100) >= 0);
		test_server_check_served(fixture);
		now = test_now_msec();
	} while (!(poll_fd.revents & POLLHUP) && now - start < 10 * TEST_TIMEOUT_MSEC);
	assert_true(poll_fd.revents & POLLHUP);
}

static void client_that_does_not_ask_is_dropped(void **state)
{
	struct test_server *fixture = *state;
	CLEANUP(close) int socket = test_client_connect(fixture->path);
	uint64_t start = test_now_msec();

	assert_true(test_client_is_closed(socket));
	assert_in_range(test_now_msec() - start, TEST_TIMEOUT_MSEC - TEST_CHECK_MSEC,
			10 * TEST_TIMEOUT_MSEC);
	test_server_check_served(fixture);
}

static void connections_are_limited(void **state)
{
	struct test_server *fixture = *state;
	const unsigned limit =
		geteuid() == 0 ? CONTROL_CONNECTIONS_MAX : CONTROL_CONNECTIONS_USER_MAX;
	unsigned refused = 0, before = test_count_descriptors();
	char buffer[4096];
	int sockets[CONTROL_CONNECTIONS_MAX];

	for (unsigned i = 0; i < limit; i++)
		sockets[i] = test_client_connect(fixture->path);
	for (unsigned i = 0; i < 1000; i++) {
		int socket = test_client_connect(fixture->path);
		const char *answer = test_client_answer(socket, buffer);

		refused += answer && !strcmp(answer, "E_BUSY");
		(void)close(socket);
		if (i % 10 == 0) /* keep the first ones alive */
			for (unsigned j = 0; j < limit; j++) {
				assert_int_equal(test_client_send(sockets[j], test_status_request,
								  strlen(test_status_request), NULL,
								  0),
						 0);
				assert_string_equal(test_client_answer(sockets[j], buffer), "ok");
			}
	}
	assert_int_equal(refused, 1000);
	for (unsigned i = 0; i < limit; i++)
		(void)close(sockets[i]);
	test_sleep_msec(3 * TEST_CHECK_MSEC);
	test_server_check_served(fixture);
	test_check_descriptors(before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SERVER(answers_requests),
		WITH_SERVER(refused_reload_is_a_configuration_error),
		WITH_SERVER(broken_packets_are_refused),
		WITH_SERVER(wrong_descriptors_are_refused),
		WITH_SERVER(no_descriptor_leaks_in_10000_tries),
		WITH_SERVER(loads_run_one_after_the_other),
		WITH_SERVER(full_queue_answers_busy),
		WITH_SERVER(load_completes_without_its_client),
		WITH_SERVER(client_that_does_not_read_is_dropped),
		WITH_SERVER(client_that_does_not_ask_is_dropped),
		WITH_SERVER(connections_are_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
