/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"
#include "json/json.h"

#include <stddef.h>

/*
 * What could not be carried from one format to another, or was carried in another way: one line for
 * the person who asked for it, with the place in the text that it is about.
 */
struct report_line {
	char *place; /* "peers.conf:12:1"; NULL: the line is about all of it */
	char *text;
};

struct report {
	struct report_line *lines;
	size_t count;
	size_t more; /* beyond REPORT_LINES_MAX, counted only */
};
#define REPORT_LINES_MAX 200 /* more nobody reads */

void report_done(struct report *report);
CLEANUP_DEFINE_IN_PLACE(struct report, report_done);

void report_add(struct report *report, const char *place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same at the place of @cursor, which costs a look at the text before it. */
void report_at(struct report *report, const struct json_cursor *cursor, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Would a line be kept? If not, it is only counted. */
bool report_has_room(const struct report *report);

/* Why something was left out, as the reader that refused it said. */
void report_left_out(struct report *report, const char *what, const struct error *error);
