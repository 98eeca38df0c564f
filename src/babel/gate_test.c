// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/gate.h"

#include "base/file.h"
#include "process/child.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Seconds that a slow machine may need; nothing that succeeds waits as long. */
#define WAIT_MS 20000

/* A real babeld before its gate, in a network namespace of its own. */
struct fixture {
	uv_loop_t loop;
	char directory[64];
	char config[80], socket[80], seqno[80], log[80];
	struct gate *gate;
	pid_t pid;
	unsigned reached;
	int result;
};

static void on_reached(void *userdata, int result)
{
	struct fixture *fixture = userdata;

	fixture->reached++;
	fixture->result = result;
}

static void path_of(const struct fixture *fixture, const char *name, char ret[80])
{
	(void)snprintf(ret, 80, "%s/%s", fixture->directory, name);
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_int_equal(uv_loop_init(&fixture->loop), 0);
	(void)snprintf(fixture->directory, sizeof(fixture->directory), "/tmp/aronet-t-XXXXXX");
	assert_non_null(mkdtemp(fixture->directory));
	path_of(fixture, "config", fixture->config);
	path_of(fixture, "socket", fixture->socket);
	path_of(fixture, "seqno", fixture->seqno);
	path_of(fixture, "log", fixture->log);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	if (fixture->pid > 0)
		child_stop(fixture->pid, 0);
	gate_free(fixture->gate);
	(void)uv_run(&fixture->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&fixture->loop), 0);
	(void)unlink(fixture->config);
	(void)unlink(fixture->socket);
	(void)unlink(fixture->seqno);
	(void)unlink(fixture->log);
	assert_int_equal(rmdir(fixture->directory), 0);
	free(fixture);
	return 0;
}

static void start_babeld(struct fixture *fixture, const char *config)
{
	const char *const argv[] = {
		"babeld", "-c", fixture->config, "-c", "/proc/self/fd/0", "-I",
		"",	  "-S", fixture->seqno,	 "-G", fixture->socket,	  NULL
	};
	struct child_options options = { .argv = argv, .netns_fd = -1, .log_path = fixture->log };

	assert_int_equal(file_replace(fixture->config, config, strlen(config), 0600, NULL), 0);
	assert_int_equal(gate_new(&fixture->loop, on_reached, fixture, &options.input_fd,
				  &fixture->gate, NULL),
			 0);
	assert_int_equal(child_spawn(&options, &fixture->pid, NULL), 0);
	assert_int_equal(close(options.input_fd), 0);
}

/* One turn of the loop, and a moment. */
static void turn(struct fixture *fixture)
{
	(void)uv_run(&fixture->loop, UV_RUN_NOWAIT);
	(void)usleep(1000);
}

static void wait_at_gate(struct fixture *fixture)
{
	for (int i = 0; i < WAIT_MS && fixture->reached == 0; i++)
		turn(fixture);
	assert_int_equal(fixture->reached, 1);
	assert_int_equal(fixture->result, 0);
}

static bool has_socket(struct fixture *fixture, int wait_ms)
{
	for (int i = 0; i < wait_ms && access(fixture->socket, F_OK) < 0; i++)
		turn(fixture);
	return access(fixture->socket, F_OK) == 0;
}

static bool has_ended(struct fixture *fixture)
{
	for (int i = 0; i < WAIT_MS && child_is(fixture->pid, "babeld"); i++)
		turn(fixture);
	return !child_is(fixture->pid, "babeld");
}

static void babeld_opens_nothing_before_its_gate_opens(void **state)
{
	struct fixture *fixture = *state;

	start_babeld(fixture, "skip-kernel-setup true\nin deny\n");
	wait_at_gate(fixture);
	assert_false(has_socket(fixture, 300));
	assert_int_equal(fixture->reached, 1);
	assert_int_equal(gate_open(fixture->gate, "interface aro-none\n"), 0);
	fixture->gate = NULL;
	assert_true(has_socket(fixture, WAIT_MS));
	assert_true(child_is(fixture->pid, "babeld"));
}

/* As the kernel does when the daemon dies. */
static void babeld_ends_when_its_gate_is_closed(void **state)
{
	struct fixture *fixture = *state;

	start_babeld(fixture, "skip-kernel-setup true\nin deny\n");
	wait_at_gate(fixture);
	gate_free(fixture->gate);
	fixture->gate = NULL;
	assert_true(has_ended(fixture));
	assert_false(has_socket(fixture, 0));
}

static void babeld_that_refuses_its_filters_is_never_at_the_gate(void **state)
{
	struct fixture *fixture = *state;

	start_babeld(fixture, "in perhaps\n");
	assert_true(has_ended(fixture));
	for (int i = 0; i < 50; i++)
		turn(fixture);
	assert_int_equal(fixture->reached, 0);
	assert_int_equal(gate_open(fixture->gate, "interface aro-none\n"), -EPIPE);
	fixture->gate = NULL;
}

int main(void)
{
#define GATE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		GATE_TEST(babeld_opens_nothing_before_its_gate_opens),
		GATE_TEST(babeld_ends_when_its_gate_is_closed),
		GATE_TEST(babeld_that_refuses_its_filters_is_never_at_the_gate),
	};
	const char *must_run = getenv("ARONET_TESTS_MUST_RUN");

	(void)signal(SIGPIPE, SIG_IGN);
	if (system("command -v babeld >/dev/null") != 0 || unshare(CLONE_NEWNET) < 0) {
		print_message("1..0 # SKIP needs root and babeld\n");
		return must_run && !strcmp(must_run, "1") ? 1 : 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
