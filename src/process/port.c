// SPDX-License-Identifier: GPL-2.0-or-later
#include "process/port.h"

#include "base/cleanup.h"
#include "base/file.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static void close_file_cleanup(FILE **file)
{
	if (*file)
		(void)fclose(*file);
}

static void close_directory_cleanup(DIR **directory)
{
	if (*directory)
		(void)closedir(*directory);
}

/*
 * A row of /proc/net/udp: "  12: 00000000:4E21 00000000:0000 07 ... inode ...", with the inode as
 * tenth word.
 */
static bool find_in_table(const char *path, uint16_t port, uint64_t *ret_inode)
{
	CLEANUP(close_file) FILE *file = fopen(path, "re");
	char line[512];

	while (file && fgets(line, sizeof(line), file)) {
		unsigned local;
		uint64_t inode;

		if (sscanf(line, " %*d: %*[0-9A-Fa-f]:%x %*s %*s %*s %*s %*s %*s %*s %" SCNu64,
			   &local, &inode) == 2 &&
		    local == port) {
			*ret_inode = inode;
			return true;
		}
	}
	return false;
}

static bool process_holds(int proc_fd, const char *pid, const char *wanted)
{
	CLEANUP(close_directory) DIR *directory = NULL;
	char path[64], target[64];
	struct dirent *entry;
	int fd;

	(void)snprintf(path, sizeof(path), "%.20s/fd", pid);
	fd = openat(proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	directory = fd < 0 ? NULL : fdopendir(fd);
	while (directory && (entry = readdir(directory))) {
		ssize_t length =
			readlinkat(dirfd(directory), entry->d_name, target, sizeof(target) - 1);

		if (length < 0)
			continue;
		target[length] = '\0';
		if (!strcmp(target, wanted))
			return true;
	}
	return false;
}

/* 0 if there is none to be seen. */
static pid_t find_process(uint64_t inode)
{
	CLEANUP(close_directory) DIR *proc = opendir("/proc");
	char wanted[64];
	struct dirent *entry;

	(void)snprintf(wanted, sizeof(wanted), "socket:[%" PRIu64 "]", inode);
	while (proc && (entry = readdir(proc)))
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    process_holds(dirfd(proc), entry->d_name, wanted))
			return (pid_t)strtol(entry->d_name, NULL, 10);
	return 0;
}

pid_t port_holder(int family, uint16_t port)
{
	/* Not /proc/net: that is the main thread's view. */
	const char *table =
		family == AF_INET6 ? "/proc/thread-self/net/udp6" : "/proc/thread-self/net/udp";
	uint64_t inode;
	pid_t pid;

	if (!find_in_table(table, port, &inode))
		return 0;
	pid = find_process(inode);
	return pid ? pid : -ESRCH;
}

const char *port_describe_holder(uint16_t port, char *buffer, size_t size)
{
	pid_t pid = port_holder(AF_INET, port);
	char path[64], name[64] = "?";

	if (pid == 0)
		pid = port_holder(AF_INET6, port);
	if (pid > 0) {
		(void)snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
		(void)file_read_value(AT_FDCWD, path, name, sizeof(name));
		(void)snprintf(buffer, size, "%s (process %d)", name, (int)pid);
	} else {
		(void)snprintf(buffer, size, "%s",
			       pid < 0 ? "the kernel or a process that cannot be seen" : "");
	}
	return buffer;
}
