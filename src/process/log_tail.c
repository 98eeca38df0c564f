// SPDX-License-Identifier: GPL-2.0-or-later
#include "process/log_tail.h"

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/printable.h"

#include <fcntl.h>
#include <string.h>

void log_tail_read(const char *path, char *ret, size_t size)
{
	CLEANUP(free) char *tail = NEW_ARRAY(char, size);
	CLEANUP(close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t end = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	off_t start = end < (off_t)size ? 0 : end - (off_t)size + 1;
	ssize_t length = fd < 0 ? 0 : pread(fd, tail, size - 1, start);
	const char *line;

	tail[length > 0 ? length : 0] = '\0';
	while (length > 0 && tail[length - 1] == '\n')
		tail[--length] = '\0';
	line = strrchr(tail, '\n');
	printable_keep_ascii(line ? line + 1 : tail, ret, size);
}
