// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/log.h"

#include "base/error.h"
#include "base/warning.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static enum log_level log_threshold = LOG_LEVEL_INFO;

void log_set_level(enum log_level level)
{
	log_threshold = level;
}

bool log_is_wanted(enum log_level level)
{
	return level <= log_threshold;
}

/* sd-daemon(3): $JOURNAL_STREAM is "device:inode" of the journal's socket. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat status;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &status) == 0 && status.st_dev == device &&
	       status.st_ino == inode;
}

void log_line(enum log_level level, const char *format, ...)
{
	char line[1024];
	struct timespec now;
	struct tm local;
	va_list arguments;
	size_t length;

	if (!log_is_wanted(level))
		return;
	if (stderr_is_journal()) {
		length = (size_t)snprintf(line, sizeof(line), "<%d>", level);
	} else {
		(void)clock_gettime(CLOCK_REALTIME, &now);
		(void)localtime_r(&now.tv_sec, &local);
		length = strftime(line, sizeof(line), "%H:%M:%S", &local);
		length += (size_t)snprintf(line + length, sizeof(line) - length, ".%03ld ",
					   now.tv_nsec / 1000000);
	}
	va_start(arguments, format);
	(void)vsnprintf(line + length, sizeof(line) - length - 1, format, arguments);
	va_end(arguments);
	(void)fprintf(stderr, "%s\n", line);
}

void log_warnings(const struct warnings *warnings)
{
	for (size_t i = 0; i < warnings->count; i++)
		log_warning("code=%s text=\"%s\"", warnings->items[i].code,
			    warnings->items[i].text);
}

void log_failure(const char *event, const struct error *error)
{
	char line[ERROR_LINE_SIZE];

	log_warning("event=%s error=\"%s\"", event, error_format(error, line, sizeof(line)));
}
