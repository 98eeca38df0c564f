// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireguard/port.h"

#include "base/cleanup.h"
#include "base/file.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

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

static bool find_process(uint64_t inode, char *buffer, size_t size)
{
	CLEANUP(close_directory) DIR *proc = opendir("/proc");
	char wanted[64], path[64], name[64] = "?";
	struct dirent *entry;

	(void)snprintf(wanted, sizeof(wanted), "socket:[%" PRIu64 "]", inode);
	while (proc && (entry = readdir(proc))) {
		if (!isdigit((unsigned char)entry->d_name[0]) ||
		    !process_holds(dirfd(proc), entry->d_name, wanted))
			continue;
		(void)snprintf(path, sizeof(path), "%.20s/comm", entry->d_name);
		(void)file_read_value(dirfd(proc), path, name, sizeof(name));
		(void)snprintf(buffer, size, "%s (process %.20s)", name, entry->d_name);
		return true;
	}
	return false;
}

const char *port_describe_holder(uint16_t port, char *buffer, size_t size)
{
	uint64_t inode;

	(void)snprintf(buffer, size, "%s", "");
	/* Not /proc/net: that is the main thread's view. */
	if (!find_in_table("/proc/thread-self/net/udp", port, &inode) &&
	    !find_in_table("/proc/thread-self/net/udp6", port, &inode))
		return buffer;
	if (!find_process(inode, buffer, size))
		(void)snprintf(buffer, size, "the kernel or a process that cannot be seen");
	return buffer;
}
