// SPDX-License-Identifier: GPL-2.0-or-later
#include "process/child.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <paths.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* The report pipe of the new process; descriptors above it are closed before execve(). */
#define REPORT_FD 3

/* What the new process does, in order; a failure names the step. */
enum step {
	STEP_FORK,
	STEP_SESSION,
	STEP_NAMESPACE,
	STEP_DIRECTORY,
	STEP_DESCRIPTORS,
	STEP_LIMIT,
	STEP_EXEC,
};

static const char *const step_texts[] = {
	[STEP_FORK] = "cannot fork: ",
	[STEP_SESSION] = "cannot make a session: ",
	[STEP_NAMESPACE] = "cannot enter the network namespace: ",
	[STEP_DIRECTORY] = "cannot change to /: ",
	[STEP_DESCRIPTORS] = "cannot set up standard input and output: ",
	[STEP_LIMIT] = "cannot limit the size of its files: ",
	[STEP_EXEC] = "",
};

/* Shorter than PIPE_BUF: written as one piece. */
struct report {
	pid_t pid;
	enum step step;
	int error; /* errno; 0: about to call execve() */
};

/* All that the new process needs, made before fork() because it must not allocate. */
struct launch {
	char path[PATH_MAX];
	char *const *argv;
	char **environment;
	size_t file_max;
	int netns_fd;
	int input_fd;
	int log_fd;
	int report_fd;
};

static void launch_done(struct launch *launch)
{
	free(launch->environment);
	close_cleanup(&launch->input_fd);
	close_cleanup(&launch->log_fd);
	close_cleanup(&launch->report_fd);
}
CLEANUP_DEFINE_IN_PLACE(struct launch, launch_done);

/* execvp()'s rules; that one may allocate, so the search is done before fork(). */
static int find_program(const char *name, char ret[PATH_MAX])
{
	const char *path = getenv("PATH");
	const char *end;

	if (strchr(name, '/'))
		return snprintf(ret, PATH_MAX, "%s", name) < PATH_MAX ? 0 : -ENAMETOOLONG;
	for (path = path ? path : _PATH_DEFPATH; *path; path = *end ? end + 1 : end) {
		struct stat status;
		int length;

		end = strchrnul(path, ':');
		length = snprintf(ret, PATH_MAX, "%.*s/%s", (int)(end - path), path, name);
		if (length < PATH_MAX && stat(ret, &status) == 0 && S_ISREG(status.st_mode) &&
		    access(ret, X_OK) == 0)
			return 0;
	}
	return -ENOENT;
}

static bool same_variable(const char *a, const char *b)
{
	size_t length = (size_t)(strchrnul(a, '=') - a);

	return strncmp(a, b, length) == 0 && b[length] == '=';
}

/*
 * How systemd and the daemon talk (sd_notify(3)): a helper that knows how, as charon-systemd does,
 * would talk in its place.
 */
static bool is_between_systemd_and_us(const char *variable)
{
	static const char *const names[] = { "NOTIFY_SOCKET=", "WATCHDOG_PID=", "WATCHDOG_USEC=" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (same_variable(names[i], variable))
			return true;
	return false;
}

/* @added first, then those of ours that it does not replace. Pointers are not copied. */
static char **make_environment(const char *const *added)
{
	char **environment = NULL;
	size_t count = 0;
	size_t added_count;

	for (size_t i = 0; added && added[i]; i++)
		*ARRAY_APPEND(environment, count) = (char *)(uintptr_t)added[i];
	added_count = count;
	for (char **ours = environ; ours && *ours; ours++) {
		bool is_left_out = is_between_systemd_and_us(*ours);

		for (size_t i = 0; i < added_count; i++)
			is_left_out |= same_variable(environment[i], *ours);
		if (!is_left_out)
			*ARRAY_APPEND(environment, count) = *ours;
	}
	*ARRAY_APPEND(environment, count) = NULL;
	return environment;
}

/* Away from the numbers that the new process fills. */
static int move_up(int fd)
{
	CLEANUP(close) int low = fd;
	int high = fcntl(low, F_DUPFD_CLOEXEC, REPORT_FD + 1);

	return high < 0 ? -errno : high;
}

static int open_up(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC | O_NOCTTY, 0600);

	return fd < 0 ? -errno : move_up(fd);
}

static int open_input(int fd)
{
	int input_fd;

	if (fd == 0)
		return open_up("/dev/null", O_RDONLY);
	input_fd = fcntl(fd, F_DUPFD_CLOEXEC, REPORT_FD + 1);
	return input_fd < 0 ? -errno : input_fd;
}

static int launch_prepare(struct launch *launch, const struct child_options *options,
			  struct error *error)
{
	const char *program = options->argv[0];
	int result = find_program(program, launch->path);

	if (result == -ENOENT)
		return error_set(error, result, ERROR_APPLY, program, "%s; install the package %s",
				 strerror(ENOENT), program);
	if (result < 0)
		return error_set(error, result, ERROR_APPLY, program, "%s", strerror(-result));
	launch->argv = (char *const *)(uintptr_t)options->argv;
	launch->environment = make_environment(options->environment);
	launch->netns_fd = options->netns_fd;
	launch->file_max = options->file_max;
	launch->input_fd = open_input(options->input_fd);
	if (launch->input_fd < 0)
		return error_set(error, launch->input_fd, ERROR_FILE, program,
				 "cannot open its standard input: %s", strerror(-launch->input_fd));
	launch->log_fd =
		open_up(options->log_path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW);
	if (launch->log_fd < 0)
		return error_set(error, launch->log_fd, ERROR_FILE, options->log_path,
				 "cannot write the log of %s: %s", program,
				 strerror(-launch->log_fd));
	return 0;
}

/* From here to execve() only async-signal-safe calls: other threads may hold any lock. */
static void report(const struct launch *launch, enum step step, int number)
{
	struct report message = { .pid = getpid(), .step = step, .error = number };

	(void)!write(launch->report_fd, &message, sizeof(message));
}

static _Noreturn void fail(const struct launch *launch, enum step step)
{
	report(launch, step, errno);
	_exit(127);
}

/* A handler of ours would be gone after execve() anyway, but what we ignore stays ignored. */
static void reset_signals(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int signal = 1; signal < NSIG; signal++)
		(void)sigaction(signal, &action, NULL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static int set_descriptors(struct launch *launch)
{
	if (dup2(launch->input_fd, STDIN_FILENO) < 0 || dup2(launch->log_fd, STDOUT_FILENO) < 0 ||
	    dup2(launch->log_fd, STDERR_FILENO) < 0 ||
	    dup3(launch->report_fd, REPORT_FD, O_CLOEXEC) < 0)
		return -1;
	launch->report_fd = REPORT_FD;
	/* Linux 5.9; before, O_CLOEXEC on each descriptor has to do. */
	(void)syscall(SYS_close_range, REPORT_FD + 1, ~0U, 0);
	return 0;
}

/* A write beyond the limit then fails with EFBIG. */
static int limit_files(size_t file_max)
{
	const struct rlimit limit = { file_max, file_max };
	const struct sigaction action = { .sa_handler = SIG_IGN };

	if (!file_max)
		return 0;
	(void)sigaction(SIGXFSZ, &action, NULL);
	return setrlimit(RLIMIT_FSIZE, &limit);
}

/*
 * At execve() root gets what its bounding set has. In a sandbox that is little already, and may not
 * be changed.
 */
static void drop_capabilities(void)
{
	const uint64_t kept = UINT64_C(1) << CAP_NET_ADMIN | UINT64_C(1) << CAP_NET_RAW |
			      UINT64_C(1) << CAP_NET_BIND_SERVICE | UINT64_C(1) << CAP_SETUID |
			      UINT64_C(1) << CAP_SETGID;

	for (unsigned capability = 0; capability < 64; capability++)
		if (!(kept >> capability & 1))
			(void)prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
}

static _Noreturn void run_program(struct launch *launch)
{
	if (setsid() < 0)
		fail(launch, STEP_SESSION);
	if (launch->netns_fd >= 0 && setns(launch->netns_fd, CLONE_NEWNET) < 0)
		fail(launch, STEP_NAMESPACE);
	if (chdir("/") < 0)
		fail(launch, STEP_DIRECTORY);
	if (set_descriptors(launch) < 0)
		fail(launch, STEP_DESCRIPTORS);
	reset_signals();
	if (limit_files(launch->file_max) < 0)
		fail(launch, STEP_LIMIT);
	drop_capabilities();
	report(launch, STEP_EXEC, 0);
	(void)execve(launch->path, launch->argv, launch->environment);
	fail(launch, STEP_EXEC);
}

/* Ends at once, so that the program becomes a child of init or of the nearest subreaper. */
static _Noreturn void run_middle(struct launch *launch)
{
	pid_t pid = _Fork(); /* unlike fork(), async-signal-safe */

	if (pid < 0)
		fail(launch, STEP_FORK);
	if (pid == 0)
		run_program(launch);
	_exit(0);
}

/* With all signals blocked: no handler of ours may run in the new processes. */
static int fork_twice(struct launch *launch)
{
	sigset_t all, old;
	pid_t middle;
	int result = 0;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	middle = fork();
	if (middle == 0)
		run_middle(launch);
	if (middle < 0)
		result = -errno;
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	while (middle > 0 && waitpid(middle, NULL, 0) < 0 && errno == EINTR)
		;
	return result;
}

/* The last report counts. The pipe ends with execve() or with the process. */
static bool read_reports(int fd, struct report *ret)
{
	struct report message;
	bool any = false;

	for (;;) {
		ssize_t length = read(fd, &message, sizeof(message));

		if (length < 0 && errno == EINTR)
			continue;
		if (length != sizeof(message))
			return any;
		*ret = message;
		any = true;
	}
}

int child_spawn(const struct child_options *options, pid_t *ret, struct error *error)
{
	CLEANUP(launch_done)
	struct launch launch = { .netns_fd = -1, .input_fd = -1, .log_fd = -1, .report_fd = -1 };
	const char *program = options->argv[0];
	CLEANUP(close) int reports = -1;
	struct report message;
	int pipe_fds[2];
	int result;

	result = launch_prepare(&launch, options, error);
	if (result < 0)
		return result;
	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return error_set(error, -errno, ERROR_APPLY, program, "cannot make a pipe: %m");
	reports = pipe_fds[0];
	launch.report_fd = move_up(pipe_fds[1]);
	result = launch.report_fd < 0 ? launch.report_fd : fork_twice(&launch);
	if (result < 0)
		return error_set(error, result, ERROR_APPLY, program, "%s%s", step_texts[STEP_FORK],
				 strerror(-result));
	(void)close(take_fd(&launch.report_fd));
	if (!read_reports(reports, &message))
		return error_set(error, -ECHILD, ERROR_APPLY, program,
				 "was killed before it could start");
	if (message.error)
		return error_set(error, -message.error, ERROR_APPLY, program, "%s%s",
				 step_texts[message.step], strerror(message.error));
	*ret = message.pid;
	return 0;
}
