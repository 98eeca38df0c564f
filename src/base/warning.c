// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/warning.h"

#include "base/memory.h"
#include "base/printable.h"

#include <stdarg.h>
#include <stdio.h>

void warnings_done(struct warnings *warnings)
{
	free(warnings->items);
	*warnings = (struct warnings) { 0 };
}

void warnings_add(struct warnings *warnings, const char *code, const char *format, ...)
{
	struct warning *warning;
	va_list arguments;

	if (!warnings || warnings->count >= WARNINGS_MAX)
		return;
	warning = ARRAY_APPEND(warnings->items, warnings->count);
	(void)snprintf(warning->code, sizeof(warning->code), "%s", code);
	va_start(arguments, format);
	(void)vsnprintf(warning->text, sizeof(warning->text), format, arguments);
	va_end(arguments);
	printable_make(warning->text);
}
