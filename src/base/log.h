/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

/*
 * Log lines of the daemon, on stderr: `key=value` pairs, not prose, one line each. Under systemd
 * (JOURNAL_STREAM is our stderr) lines carry "<3>"-style priorities, else a time stamp.
 *
 * error: this operation is lost. warning: unexpected, handled. notice: a state change that an
 * operator wants to see. info: start, stop, reload. debug: free.
 *
 * Library folders do not log; the daemon does, once, where it gives up. The level is the one
 * mutable variable of file scope in the program.
 */
enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

void log_set_level(enum log_level level);
bool log_is_wanted(enum log_level level); /* before a text that is expensive to make */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

struct warnings;
void log_warnings(const struct warnings *warnings); /* a line each */

struct error;
/* A warning: the daemon goes on without what @event stands for. */
void log_failure(const char *event, const struct error *error);

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...) log_line(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)
