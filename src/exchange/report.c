// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/report.h"

#include "base/memory.h"
#include "base/strbuf.h"

#include <stdarg.h>
#include <stdlib.h>

void report_done(struct report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		free(report->lines[i].place);
		free(report->lines[i].text);
	}
	free(report->lines);
}

bool report_has_room(const struct report *report)
{
	return report->count < REPORT_LINES_MAX;
}

__attribute__((format(printf, 3, 0))) static void add_line(struct report *report, const char *place,
							   const char *format, va_list arguments)
{
	struct strbuf text = { 0 };

	strbuf_vprintf(&text, format, arguments);
	*ARRAY_APPEND(report->lines, report->count) = (struct report_line) {
		.place = place ? memory_strdup(place) : NULL,
		.text = strbuf_take(&text),
	};
}

void report_add(struct report *report, const char *place, const char *format, ...)
{
	va_list arguments;

	if (!report_has_room(report)) {
		report->more++;
		return;
	}
	va_start(arguments, format);
	add_line(report, place, format, arguments);
	va_end(arguments);
}

void report_at(struct report *report, const struct json_cursor *cursor, const char *format, ...)
{
	char place[ERROR_PLACE_SIZE];
	va_list arguments;

	if (!report_has_room(report)) {
		report->more++;
		return;
	}
	va_start(arguments, format);
	add_line(report, json_cursor_place(cursor, place), format, arguments);
	va_end(arguments);
}

void report_left_out(struct report *report, const char *what, const struct error *error)
{
	report_add(report, error->place, "%s; %s left out", error->text, what);
}
