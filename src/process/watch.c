// SPDX-License-Identifier: GPL-2.0-or-later
#include "process/child.h"

#include "base/memory.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

struct child_watch {
	uv_poll_t poll;
	int pidfd;
	pid_t pid;
	child_ended_fn *ended;
	void *userdata;
};

/* By number: musl has no wrapper. O_CLOEXEC is implied. */
static int pidfd_open_process(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : fd;
}

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool child_is(pid_t pid, const char *program)
{
	static const char deleted[] = " (deleted)"; /* the package was upgraded under it */
	char link[64], path[PATH_MAX];
	ssize_t length;
	char *mark;

	(void)snprintf(link, sizeof(link), "/proc/%d/exe", (int)pid);
	length = readlink(link, path, sizeof(path) - 1);
	if (length < 0)
		return false;
	path[length] = '\0';
	mark = path + length - (sizeof(deleted) - 1);
	if (mark > path && !strcmp(mark, deleted))
		*mark = '\0';
	return !strcmp(file_name(path), file_name(program));
}

pid_t child_of_socket(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return -errno;
	/* 0: the peer lives outside our pid namespace; -ESRCH says that we cannot name it. */
	return peer.pid > 0 ? peer.pid : -ESRCH;
}

int child_signal(pid_t pid, int signal)
{
	/* kill() takes 0 and negative numbers for whole groups; 1 is init. */
	if (pid <= 1)
		return -EINVAL;
	return kill(pid, signal) < 0 && errno != ESRCH ? -errno : 0;
}

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* @timeout_ms of -1 waits for ever. */
static bool wait_for_end(int pidfd, int64_t timeout_ms)
{
	struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };
	int64_t deadline = now_ms() + timeout_ms;
	int64_t left = timeout_ms;
	int result;

	do {
		result = poll(&poll_fd, 1, left > INT_MAX ? INT_MAX : (int)left);
		if (timeout_ms >= 0)
			left = deadline > now_ms() ? deadline - now_ms() : 0;
	} while (result < 0 && errno == EINTR);
	return result > 0;
}

/* By descriptor: unlike a number it cannot come to mean another process while we wait. */
static void pidfd_signal(int pidfd, int signal)
{
	(void)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

void child_stop(pid_t pid, unsigned timeout_ms)
{
	CLEANUP(close) int pidfd = pid > 1 ? pidfd_open_process(pid) : -1;

	if (pidfd < 0)
		return;
	pidfd_signal(pidfd, SIGTERM);
	if (wait_for_end(pidfd, timeout_ms))
		return;
	pidfd_signal(pidfd, SIGKILL);
	(void)wait_for_end(pidfd, -1);
}

static void watch_readable(uv_poll_t *poll, int status, int events)
{
	struct child_watch *watch = poll->data;

	(void)status;
	(void)events;
	(void)uv_poll_stop(poll);
	watch->ended(watch->userdata, watch->pid); /* may free the watch */
}

static void watch_closed(uv_handle_t *handle)
{
	struct child_watch *watch = handle->data;

	(void)close(watch->pidfd);
	free(watch);
}

int child_watch_new(uv_loop_t *loop, pid_t pid, child_ended_fn *ended, void *userdata,
		    struct child_watch **ret, struct error *error)
{
	CLEANUP(close) int pidfd = pidfd_open_process(pid);
	CLEANUP(free) struct child_watch *watch = NEW(struct child_watch);
	char place[32];
	int result;

	(void)snprintf(place, sizeof(place), "process %d", (int)pid);
	if (pidfd < 0)
		return error_set(error, pidfd, ERROR_APPLY, place, "cannot watch: %s",
				 strerror(-pidfd));
	result = uv_poll_init(loop, &watch->poll, pidfd);
	if (result < 0)
		return error_set(error, result, ERROR_APPLY, place, "cannot watch: %s",
				 uv_strerror(result));
	watch->poll.data = watch;
	watch->pidfd = take_fd(&pidfd);
	watch->pid = pid;
	watch->ended = ended;
	watch->userdata = userdata;
	/* Fails only for a closing handle. */
	(void)uv_poll_start(&watch->poll, UV_READABLE, watch_readable);
	*ret = TAKE(watch);
	return 0;
}

void child_watch_free(struct child_watch *watch)
{
	if (watch)
		uv_close((uv_handle_t *)&watch->poll, watch_closed);
}
