// SPDX-License-Identifier: GPL-2.0-or-later
#include "process/child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

/* The order matters to cmocka. */
#include <setjmp.h>
#include <stddef.h>

#include <cmocka.h>

static const char *const sleep_argv[] = { "sleep", "60", NULL };

/* A directory of its own for each test; the log is "log" in it. */
struct fixture {
	char directory[64];
	char log[96];
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	(void)snprintf(fixture->directory, sizeof(fixture->directory), "/tmp/aronet-t-XXXXXX");
	if (!mkdtemp(fixture->directory))
		return -1;
	(void)snprintf(fixture->log, sizeof(fixture->log), "%s/log", fixture->directory);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	(void)unlink(fixture->log);
	(void)rmdir(fixture->directory);
	free(fixture);
	return 0;
}

static pid_t spawn(const struct fixture *fixture, const char *const *argv,
		   const char *const *environment)
{
	struct child_options options = {
		.argv = argv,
		.environment = environment,
		.netns_fd = -1,
		.log_path = fixture->log,
	};
	struct error error = { 0 };
	pid_t pid = -1;

	if (child_spawn(&options, &pid, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
	return pid;
}

static void nap(void)
{
	(void)nanosleep(&(struct timespec) { .tv_nsec = 10000000 }, NULL);
}

/* The program may still be on its way: up to two seconds. */
static bool log_becomes(const struct fixture *fixture, const char *expected)
{
	char text[512];

	for (int i = 0; i < 200; i++, nap()) {
		FILE *file = fopen(fixture->log, "re");
		size_t length = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

		if (file)
			(void)fclose(file);
		text[length] = '\0';
		if (!strcmp(text, expected))
			return true;
	}
	print_error("log is \"%s\"\n", text);
	return false;
}

static void missing_program_names_the_package(void **state)
{
	const char *const argv[] = { "aronet-no-such-program", NULL };
	struct child_options options = { .argv = argv, .netns_fd = -1, .log_path = "/dev/null" };
	struct error error;
	pid_t pid = 42;

	(void)state;
	assert_int_equal(child_spawn(&options, &pid, &error), -ENOENT);
	assert_int_equal(pid, 42);
	assert_string_equal(error.place, "aronet-no-such-program");
	assert_string_equal(error.text, "No such file or directory; install the package "
					"aronet-no-such-program");
}

static void exec_failure_comes_back(void **state)
{
	struct fixture *fixture = *state;
	const char *const argv[] = { fixture->directory, NULL };
	struct child_options options = { .argv = argv, .netns_fd = -1, .log_path = fixture->log };
	struct error error;
	pid_t pid = 42;

	assert_int_equal(child_spawn(&options, &pid, &error), -EACCES);
	assert_int_equal(pid, 42);
	assert_string_equal(error.place, fixture->directory);
	assert_string_equal(error.text, "Permission denied");
}

static void bad_namespace_is_named(void **state)
{
	struct fixture *fixture = *state;
	struct child_options options = { .argv = sleep_argv, .log_path = fixture->log };
	CLEANUP(close) int no_namespace = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct error error;
	pid_t pid;

	options.netns_fd = no_namespace;
	assert_int_equal(child_spawn(&options, &pid, &error), -EINVAL);
	assert_string_equal(error.text, "cannot enter the network namespace: Invalid argument");
}

static void unwritable_log_is_refused(void **state)
{
	struct child_options options = { .argv = sleep_argv, .netns_fd = -1 };
	struct error error;
	pid_t pid;

	(void)state;
	options.log_path = "/nonexistent/log";
	assert_int_equal(child_spawn(&options, &pid, &error), -ENOENT);
	assert_string_equal(error.place, "/nonexistent/log");
}

static void output_goes_to_a_private_truncated_log(void **state)
{
	struct fixture *fixture = *state;
	const char *const argv[] = { "sh", "-c", "echo out; echo error >&2", NULL };
	struct stat status;

	(void)spawn(fixture, argv, NULL);
	assert_true(log_becomes(fixture, "out\nerror\n"));
	(void)spawn(fixture, argv, NULL);
	assert_true(log_becomes(fixture, "out\nerror\n"));
	assert_int_equal(stat(fixture->log, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void input_comes_from_the_given_descriptor(void **state)
{
	struct fixture *fixture = *state;
	const char *const argv[] = { "cat", NULL };
	struct child_options options = { .argv = argv, .netns_fd = -1, .log_path = fixture->log };
	int ends[2];
	pid_t pid;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	options.input_fd = ends[0];
	assert_int_equal(child_spawn(&options, &pid, NULL), 0);
	assert_int_equal(write(ends[1], "through a pipe\n", 15), 15);
	assert_true(log_becomes(fixture, "through a pipe\n"));
	/* Nothing but our ends keeps it open. */
	assert_int_equal(close(ends[1]), 0);
	assert_int_equal(close(ends[0]), 0);
	for (int i = 0; i < 200 && child_is(pid, "cat"); i++)
		nap();
	assert_false(child_is(pid, "cat"));
}

/* It writes more than it may, does not die of it, and may write other files. */
static void log_does_not_grow_beyond_its_limit(void **state)
{
	struct fixture *fixture = *state;
	const char *const argv[] = { "sh", "-c", "yes | head -c 20000; echo lives >$0.other",
				     fixture->log, NULL };
	struct child_options options = {
		.argv = argv,
		.netns_fd = -1,
		.log_path = fixture->log,
		.file_max = 8192,
	};
	char other[128];
	struct stat status = { 0 };
	pid_t pid;

	(void)snprintf(other, sizeof(other), "%s.other", fixture->log);
	assert_int_equal(child_spawn(&options, &pid, NULL), 0);
	for (int i = 0; i < 200 && (stat(other, &status) < 0 || status.st_size == 0); i++)
		nap();
	assert_int_equal(status.st_size, 6);
	assert_int_equal(stat(fixture->log, &status), 0);
	assert_in_range(status.st_size, 8192 - 100, 8192);
	assert_int_equal(unlink(other), 0);
}

static void environment_is_added_and_replaced(void **state)
{
	const char *const argv[] = { "sh", "-c", "echo $ARONET_KEPT $ARONET_A $ARONET_B", NULL };
	const char *const added[] = { "ARONET_A=new", "ARONET_B=b", NULL };

	(void)setenv("ARONET_KEPT", "kept", 1);
	(void)setenv("ARONET_A", "old", 1);
	(void)spawn(*state, argv, added);
	assert_true(log_becomes(*state, "kept new b\n"));
}

static void what_systemd_asks_of_the_daemon_is_not_passed_on(void **state)
{
	const char *const argv[] = {
		"sh", "-c", "echo [$NOTIFY_SOCKET$WATCHDOG_PID$WATCHDOG_USEC] $NOTIFY_SOCKET_OTHER",
		NULL
	};

	(void)setenv("NOTIFY_SOCKET", "/nonexistent", 1);
	(void)setenv("WATCHDOG_PID", "1", 1);
	(void)setenv("WATCHDOG_USEC", "1", 1);
	(void)setenv("NOTIFY_SOCKET_OTHER", "kept", 1);
	(void)spawn(*state, argv, NULL);
	assert_true(log_becomes(*state, "[] kept\n"));
}

/* But 32 and 33: they are the C library's own, which lets nobody set them; GNU make ignores them.
 */
static void signals_are_as_after_boot(void **state)
{
	const char *const argv[] = {
		"sh", "-c",
		"for set in SigBlk SigIgn; do "
		"bits=$(sed -n \"s/^$set://p\" /proc/self/status | tr -d '\\t'); "
		"echo $set $((0x$bits & ~0x180000000)); done",
		NULL
	};
	sigset_t blocked, old;

	(void)sigemptyset(&blocked);
	(void)sigaddset(&blocked, SIGUSR1);
	(void)sigprocmask(SIG_BLOCK, &blocked, &old);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)spawn(*state, argv, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	assert_true(log_becomes(*state, "SigBlk 0\nSigIgn 0\n"));
}

static unsigned count_descriptors(pid_t pid, bool *ret_only_standard)
{
	char path[64];
	unsigned count = 0;
	DIR *directory;

	(void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	directory = opendir(path);
	*ret_only_standard = true;
	for (struct dirent *entry; directory && (entry = readdir(directory));) {
		if (entry->d_name[0] == '.')
			continue;
		count++;
		*ret_only_standard &= strchr("012", entry->d_name[0]) && !entry->d_name[1];
	}
	if (directory)
		(void)closedir(directory);
	return count;
}

static void no_descriptor_is_inherited(void **state)
{
	CLEANUP(close) int leaky = open("/dev/zero", O_RDONLY); /* without O_CLOEXEC */
	bool only_standard = false;
	unsigned count = 0;
	pid_t pid = spawn(*state, sleep_argv, NULL);

	assert_true(leaky >= 0);
	/* The dynamic loader opens and closes some of its own at first. */
	for (int i = 0; i < 200 && !(count == 3 && only_standard); i++, nap())
		count = count_descriptors(pid, &only_standard);
	child_stop(pid, 1000);
	assert_int_equal(count, 3);
	assert_true(only_standard);
}

static pid_t parent_of(pid_t pid)
{
	char path[64];
	int parent = -1;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return -1;
	if (fscanf(file, "%*d %*s %*c %d", &parent) != 1)
		parent = -1;
	(void)fclose(file);
	return parent;
}

static void helper_has_its_own_session_and_is_not_our_child(void **state)
{
	pid_t pid = spawn(*state, sleep_argv, NULL);

	assert_int_equal(getsid(pid), pid);
	assert_int_not_equal(parent_of(pid), getpid());
	assert_int_equal(waitpid(pid, NULL, WNOHANG), -1);
	child_stop(pid, 1000);
}

static void helper_survives_the_end_of_its_starter(void **state)
{
	int pipe_fds[2], status;
	pid_t starter, pid = -1;

	assert_int_equal(pipe(pipe_fds), 0);
	starter = fork();
	if (starter == 0) {
		pid = spawn(*state, sleep_argv, NULL);
		(void)!write(pipe_fds[1], &pid, sizeof(pid));
		_exit(0);
	}
	assert_int_equal(read(pipe_fds[0], &pid, sizeof(pid)), sizeof(pid));
	assert_int_equal(waitpid(starter, &status, 0), starter);
	assert_true(WIFEXITED(status));
	for (int i = 0; i < 10; i++, nap())
		assert_true(child_is(pid, "sleep"));
	child_stop(pid, 1000);
	assert_false(child_is(pid, "sleep"));
	(void)close(pipe_fds[0]);
	(void)close(pipe_fds[1]);
}

static void child_is_compares_the_executable(void **state)
{
	pid_t pid = spawn(*state, sleep_argv, NULL);

	assert_true(child_is(pid, "sleep"));
	assert_true(child_is(pid, "/elsewhere/sleep"));
	assert_false(child_is(pid, "babeld"));
	child_stop(pid, 1000);
	assert_false(child_is(pid, "sleep"));
	assert_false(child_is(-1, "sleep"));
}

static void child_is_knows_a_replaced_executable(void **state)
{
	struct fixture *fixture = *state;
	char program[96];
	const char *const copy_argv[] = { "sh", "-c", "cp \"$(command -v sleep)\" \"$0\"; echo ok",
					  program, NULL };
	const char *const argv[] = { program, "60", NULL };
	pid_t pid;

	(void)snprintf(program, sizeof(program), "%s/helper", fixture->directory);
	(void)spawn(fixture, copy_argv, NULL);
	assert_true(log_becomes(fixture, "ok\n"));
	pid = spawn(fixture, argv, NULL);
	assert_int_equal(unlink(program), 0);
	assert_true(child_is(pid, "helper"));
	child_stop(pid, 1000);
}

/* A process that has ended has no executable, even before somebody has reaped it. */
static bool is_running(pid_t pid)
{
	char path[64], target[8];

	(void)snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	return readlink(path, target, sizeof(target)) > 0;
}

static void child_stop_escalates_to_kill(void **state)
{
	const char *const argv[] = { "sh", "-c",
				     "trap '' TERM; echo ready; while :; do sleep 1; done", NULL };
	pid_t pid = spawn(*state, argv, NULL);
	struct timespec start, end;
	int64_t took_ms;

	assert_true(log_becomes(*state, "ready\n"));
	assert_true(is_running(pid));
	(void)clock_gettime(CLOCK_MONOTONIC, &start);
	child_stop(pid, 200);
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	took_ms = (end.tv_sec - start.tv_sec) * 1000 + (end.tv_nsec - start.tv_nsec) / 1000000;
	assert_true(took_ms >= 200);
	assert_false(is_running(pid));
}

static void child_stop_does_not_wait_for_a_polite_helper(void **state)
{
	pid_t pid = spawn(*state, sleep_argv, NULL);
	time_t start = time(NULL);

	child_stop(pid, 60000);
	assert_true(time(NULL) - start < 30);
	child_stop(pid, 60000); /* gone already */
	assert_true(time(NULL) - start < 30);
}

static void signal_to_a_gone_process_is_no_error(void **state)
{
	pid_t pid = spawn(*state, sleep_argv, NULL);

	assert_int_equal(child_signal(pid, 0), 0);
	child_stop(pid, 1000);
	assert_int_equal(child_signal(pid, SIGTERM), 0);
}

static void signals_to_groups_and_init_are_refused(void **state)
{
	(void)state;
	assert_int_equal(child_signal(0, 0), -EINVAL);
	assert_int_equal(child_signal(-1, 0), -EINVAL);
	assert_int_equal(child_signal(1, 0), -EINVAL);
}

static void socket_tells_who_listens(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	CLEANUP(close) int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CLEANUP(close) int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t size = sizeof(address.sun_family);

	(void)state;
	assert_int_equal(bind(server, (struct sockaddr *)&address, size), 0); /* autobind */
	assert_int_equal(listen(server, 1), 0);
	size = sizeof(address);
	assert_int_equal(getsockname(server, (struct sockaddr *)&address, &size), 0);
	assert_int_equal(connect(client, (struct sockaddr *)&address, size), 0);
	assert_int_equal(child_of_socket(client), getpid());
	assert_int_equal(child_of_socket(-1), -EBADF);
}

struct ended {
	struct child_watch *watch;
	unsigned calls;
	pid_t pid;
};

static void on_ended(void *userdata, pid_t pid)
{
	struct ended *ended = userdata;

	ended->calls++;
	ended->pid = pid;
	child_watch_free(TAKE(ended->watch));
}

static void watch_tells_the_end_once(void **state)
{
	pid_t pid = spawn(*state, sleep_argv, NULL);
	struct ended ended = { 0 };
	struct error error;
	uv_loop_t loop;

	assert_int_equal(uv_loop_init(&loop), 0);
	assert_int_equal(child_watch_new(&loop, pid, on_ended, &ended, &ended.watch, &error), 0);
	(void)uv_run(&loop, UV_RUN_NOWAIT);
	assert_int_equal(ended.calls, 0);
	assert_int_equal(child_signal(pid, SIGKILL), 0);
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(ended.calls, 1);
	assert_int_equal(ended.pid, pid);
	assert_int_equal(uv_loop_close(&loop), 0);
}

static void freed_watch_is_silent(void **state)
{
	pid_t pid = spawn(*state, sleep_argv, NULL);
	struct ended ended = { 0 };
	struct error error;
	uv_loop_t loop;

	assert_int_equal(uv_loop_init(&loop), 0);
	assert_int_equal(child_watch_new(&loop, pid, on_ended, &ended, &ended.watch, &error), 0);
	child_watch_free(TAKE(ended.watch));
	child_stop(pid, 1000);
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(ended.calls, 0);
	assert_int_equal(uv_loop_close(&loop), 0);
}

static void watch_of_a_gone_process_is_refused(void **state)
{
	pid_t pid = spawn(*state, sleep_argv, NULL);
	struct ended ended = { 0 };
	struct error error;
	uv_loop_t loop;
	int result = 0;

	child_stop(pid, 1000);
	assert_int_equal(uv_loop_init(&loop), 0);
	/* Until it is reaped by whoever adopted it, it can be watched and is readable at once. */
	for (int i = 0; i < 200 && result == 0; i++, nap()) {
		result = child_watch_new(&loop, pid, on_ended, &ended, &ended.watch, &error);
		if (result == 0)
			(void)uv_run(&loop, UV_RUN_DEFAULT);
	}
	if (result < 0)
		assert_non_null(strstr(error.text, "No such process"));
	else
		assert_true(ended.calls > 0);
	assert_int_equal(uv_loop_close(&loop), 0);
}

/* CAP_SETGID, CAP_SETUID, CAP_NET_BIND_SERVICE, CAP_NET_ADMIN, CAP_NET_RAW. None if we are not
 * root. */
static void helper_has_few_of_roots_capabilities(void **state)
{
	static const char *const argv[] = { "grep", "CapPrm", "/proc/self/status", NULL };
	const struct fixture *fixture = *state;

	(void)spawn(fixture, argv, NULL);
	assert_true(log_becomes(fixture, geteuid() == 0 ? "CapPrm:\t00000000000034c0\n"
							: "CapPrm:\t0000000000000000\n"));
}

int main(void)
{
#define CHILD_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CHILD_TEST(missing_program_names_the_package),
		CHILD_TEST(exec_failure_comes_back),
		CHILD_TEST(bad_namespace_is_named),
		CHILD_TEST(unwritable_log_is_refused),
		CHILD_TEST(output_goes_to_a_private_truncated_log),
		CHILD_TEST(input_comes_from_the_given_descriptor),
		CHILD_TEST(log_does_not_grow_beyond_its_limit),
		CHILD_TEST(environment_is_added_and_replaced),
		CHILD_TEST(what_systemd_asks_of_the_daemon_is_not_passed_on),
		CHILD_TEST(signals_are_as_after_boot),
		CHILD_TEST(no_descriptor_is_inherited),
		CHILD_TEST(helper_has_few_of_roots_capabilities),
		CHILD_TEST(helper_has_its_own_session_and_is_not_our_child),
		CHILD_TEST(helper_survives_the_end_of_its_starter),
		CHILD_TEST(child_is_compares_the_executable),
		CHILD_TEST(child_is_knows_a_replaced_executable),
		CHILD_TEST(child_stop_escalates_to_kill),
		CHILD_TEST(child_stop_does_not_wait_for_a_polite_helper),
		CHILD_TEST(signal_to_a_gone_process_is_no_error),
		CHILD_TEST(signals_to_groups_and_init_are_refused),
		CHILD_TEST(socket_tells_who_listens),
		CHILD_TEST(watch_tells_the_end_once),
		CHILD_TEST(freed_watch_is_silent),
		CHILD_TEST(watch_of_a_gone_process_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
