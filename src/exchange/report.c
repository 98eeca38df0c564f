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

void report_add(struct report *report, const char *place, const char *format, ...)
{
	struct strbuf text = { 0 };
	va_list arguments;

	if (report->count >= REPORT_LINES_MAX) {
		report->more++;
		return;
	}
	va_start(arguments, format);
	strbuf_vprintf(&text, format, arguments);
	va_end(arguments);
	*ARRAY_APPEND(report->lines, report->count) = (struct report_line) {
		.place = place ? memory_strdup(place) : NULL,
		.text = strbuf_take(&text),
	};
}

void report_left_out(struct report *report, const char *what, const struct error *error)
{
	report_add(report, error->place, "%s; %s left out", error->text, what);
}
