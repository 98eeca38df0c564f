// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/charon_find.h"

#include "base/cleanup.h"
#include "process/child.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define ENVIRONMENT_MAX 131072 /* of what was given to execve(); ours is a few KB */

static void close_directory_cleanup(DIR **directory)
{
	if (*directory)
		(void)closedir(*directory);
}

/* -ECONNREFUSED or -ENOENT: nobody. -EAGAIN: somebody who has no time. */
static int connect_to(const char *path)
{
	CLEANUP(close) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (fd < 0)
		return -errno;
	if (snprintf(address.sun_path, sizeof(address.sun_path), "%s", path) >=
	    (int)sizeof(address.sun_path))
		return -ENAMETOOLONG;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	return take_fd(&fd);
}

bool charon_socket_accepts(const char *socket)
{
	CLEANUP(close) int fd = connect_to(socket);

	return fd >= 0 || fd == -EAGAIN;
}

pid_t charon_listener(const char *socket)
{
	CLEANUP(close) int fd = connect_to(socket);

	return fd < 0 ? fd : child_of_socket(fd);
}

enum sameness {
	SAME,
	DIFFERENT,
	UNKNOWN
};

static enum sameness compare_files(const char *a, const char *b)
{
	struct stat one, other;

	if (stat(a, &one) < 0 || stat(b, &other) < 0)
		return UNKNOWN;
	return one.st_dev == other.st_dev && one.st_ino == other.st_ino ? SAME : DIFFERENT;
}

static enum sameness compare_networks(pid_t pid)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	return compare_files(path, "/proc/thread-self/ns/net");
}

bool charon_is_elsewhere(pid_t pid)
{
	return compare_networks(pid) == DIFFERENT;
}

/* In a container the same paths mean other files. */
static bool shares_our_files(pid_t pid)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/root/run", (int)pid);
	return compare_files(path, "/run") == SAME;
}

/* Is "STRONGSWAN_CONF=@config" in its environment? */
static bool has_config(pid_t pid, const char *config)
{
	CLEANUP(free) char *environment = malloc(ENVIRONMENT_MAX);
	CLEANUP(close) int fd = -1;
	char path[64], wanted[128];
	ssize_t length, total = 0;

	(void)snprintf(wanted, sizeof(wanted), CHARON_CONFIG_VARIABLE "=%s", config);
	(void)snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && environment && total < ENVIRONMENT_MAX &&
	       (length = read(fd, environment + total, (size_t)(ENVIRONMENT_MAX - total))) > 0)
		total += length;
	return total > 0 && memmem(environment, (size_t)total, wanted, strlen(wanted) + 1);
}

static bool is_ours(pid_t pid, const char *config)
{
	return child_is(pid, CHARON_PROGRAM) && shares_our_files(pid) && has_config(pid, config);
}

/* The next one after @directory's position, or 0. */
static pid_t next_of_ours(DIR *proc, const char *config)
{
	struct dirent *entry;

	while ((entry = readdir(proc))) {
		pid_t pid = isdigit((unsigned char)entry->d_name[0])
				    ? (pid_t)strtol(entry->d_name, NULL, 10)
				    : 0;

		if (pid > 1 && is_ours(pid, config))
			return pid;
	}
	return 0;
}

pid_t charon_find(const char *config, const char *socket)
{
	pid_t pid = charon_listener(socket);

	/* All that it can take at once are waiting for it: it is asked in another way. */
	if (pid == -EAGAIN) {
		CLEANUP(close_directory) DIR *proc = opendir("/proc");

		pid = proc ? next_of_ours(proc, config) : 0;
	}
	return pid > 0 && child_is(pid, CHARON_PROGRAM) && compare_networks(pid) == SAME ? pid : 0;
}

int charon_end_strays(const char *config, const char *socket, unsigned timeout_ms,
		      struct error *error)
{
	CLEANUP(close_directory) DIR *proc = opendir("/proc");
	pid_t pid;

	while (proc && (pid = next_of_ours(proc, config)))
		child_stop(pid, timeout_ms);
	if (!charon_socket_accepts(socket))
		return 0;
	pid = charon_listener(socket);
	return error_set(error, -EADDRINUSE, ERROR_APPLY, socket,
			 "process %d serves this socket and was not started by aronet; end it",
			 (int)pid);
}
