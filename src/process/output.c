// SPDX-License-Identifier: GPL-2.0-or-later
#include "process/output.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <paths.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

bool program_is_installed(const char *program)
{
	const char *path = getenv("PATH");
	const char *end;

	for (path = path ? path : _PATH_DEFPATH; *path; path = *end ? end + 1 : end) {
		struct stat status;
		char file[PATH_MAX];
		int length;

		end = strchrnul(path, ':');
		length = snprintf(file, sizeof(file), "%.*s/%s", (int)(end - path), path, program);
		if (length < PATH_MAX && stat(file, &status) == 0 && S_ISREG(status.st_mode) &&
		    access(file, X_OK) == 0)
			return true;
	}
	return false;
}

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int start(const char *const *argv, int output_fd, pid_t *ret)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int result;

	(void)sigemptyset(&none);
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawnattr_init(&attributes);
	(void)posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&actions, output_fd, 1);
	(void)posix_spawn_file_actions_adddup2(&actions, output_fd, 2);
	(void)posix_spawnattr_setsigmask(&attributes, &none);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	result = posix_spawnp(ret, argv[0], &actions, &attributes, (char *const *)(uintptr_t)argv,
			      environ);
	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&actions);
	return -result;
}

/* Until the end of the output, of which what does not fit is read all the same. */
static int read_all(int fd, int64_t deadline_ms, char *ret, size_t size)
{
	size_t length = 0;

	for (;;) {
		struct pollfd input = { .fd = fd, .events = POLLIN };
		int64_t left = deadline_ms - now_ms();
		char bytes[256];
		ssize_t count;

		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&input, 1, (int)left) <= 0)
			continue;
		count = read(fd, bytes, sizeof(bytes));
		if (count == 0 || (count < 0 && errno != EINTR))
			break;
		for (ssize_t i = 0; i < count && length + 1 < size; i++)
			ret[length++] = bytes[i];
	}
	ret[length] = '\0';
	return 0;
}

/* It has closed its output and is about to end, or is killed. */
static int wait_for_end(pid_t pid, int64_t deadline_ms, int *ret)
{
	static const struct timespec moment = { .tv_nsec = 2000000 };

	for (;;) {
		pid_t ended = waitpid(pid, ret, WNOHANG);

		if (ended == pid)
			return 0;
		if (ended < 0 && errno != EINTR)
			return -errno;
		if (now_ms() >= deadline_ms)
			return -ETIMEDOUT;
		(void)nanosleep(&moment, NULL);
	}
}

int program_output(const char *const *argv, unsigned timeout_ms, char *ret, size_t size)
{
	int64_t deadline_ms = now_ms() + timeout_ms;
	CLEANUP(close) int input = -1;
	CLEANUP(close) int output = -1;
	int pipe_fds[2];
	int status = 0;
	int result;
	pid_t pid;

	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return -errno;
	input = pipe_fds[0];
	output = pipe_fds[1];
	result = start(argv, output, &pid);
	if (result < 0)
		return result;
	(void)close(take_fd(&output));
	result = read_all(input, deadline_ms, ret, size);
	if (result == 0)
		result = wait_for_end(pid, deadline_ms, &status);
	if (result < 0) {
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, &status, 0);
		return result;
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EPROTO;
}
