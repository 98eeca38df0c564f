// SPDX-License-Identifier: GPL-2.0-or-later
#include "process/child.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define TEST_SKIPPED 77

/* A second namespace while we stay in ours. It lives as long as the descriptor. */
static int make_namespace(void)
{
	CLEANUP(close) int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int other;

	if (unshare(CLONE_NEWNET) < 0)
		return -errno;
	other = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (setns(home, CLONE_NEWNET) < 0)
		abort();
	return other;
}

static bool runs_in(pid_t pid, int netns_fd)
{
	struct stat wanted, found;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	return fstat(netns_fd, &wanted) == 0 && stat(path, &found) == 0 &&
	       wanted.st_dev == found.st_dev && wanted.st_ino == found.st_ino;
}

int main(void)
{
	static const char *const argv[] = { "sleep", "60", NULL };
	struct child_options options = { .argv = argv, .log_path = "/dev/null" };
	CLEANUP(close) int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	CLEANUP(close) int other = make_namespace();
	bool inside, outside, stayed;
	struct error error;
	pid_t pid;

	if (other == -EPERM) {
		(void)fprintf(stderr, "skipped: unshare(CLONE_NEWNET) needs CAP_SYS_ADMIN\n");
		return getenv("ARONET_TESTS_MUST_RUN") ? 1 : TEST_SKIPPED;
	}
	options.netns_fd = other;
	if (child_spawn(&options, &pid, &error) < 0) {
		(void)fprintf(stderr, "%s: %s\n", error.place, error.text);
		return 1;
	}
	inside = runs_in(pid, other);
	stayed = runs_in(getpid(), home);
	child_stop(pid, 1000);

	options.netns_fd = -1;
	if (child_spawn(&options, &pid, &error) < 0)
		return 1;
	outside = runs_in(pid, home);
	child_stop(pid, 1000);
	(void)fprintf(stderr, "inside %d, starter stayed %d, without a namespace %d\n", inside,
		      stayed, outside);
	return inside && stayed && outside ? 0 : 1;
}
