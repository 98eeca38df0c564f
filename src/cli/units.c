// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/units.h"

#include "base/cleanup.h"

#include <inttypes.h>
#include <stdio.h>

#define MINUTE 60
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

const char *units_format_age(int64_t seconds, char buffer[UNITS_TEXT_SIZE])
{
	if (seconds < MINUTE)
		(void)snprintf(buffer, UNITS_TEXT_SIZE, "%" PRId64 "s", seconds);
	else if (seconds < HOUR)
		(void)snprintf(buffer, UNITS_TEXT_SIZE, "%" PRId64 "m%02" PRId64 "s",
			       seconds / MINUTE, seconds % MINUTE);
	else if (seconds < DAY)
		(void)snprintf(buffer, UNITS_TEXT_SIZE, "%" PRId64 "h%02" PRId64 "m",
			       seconds / HOUR, seconds % HOUR / MINUTE);
	else
		(void)snprintf(buffer, UNITS_TEXT_SIZE, "%" PRId64 "d%02" PRId64 "h", seconds / DAY,
			       seconds % DAY / HOUR);
	return buffer;
}

const char *units_format_bytes(int64_t bytes, char buffer[UNITS_TEXT_SIZE])
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double value = (double)bytes;
	size_t unit = 0;

	/* From 1023.95 on it would be printed as 1024.0. */
	while (value >= 1023.95 && unit + 1 < ARRAY_SIZE(units)) {
		value /= 1024;
		unit++;
	}
	(void)snprintf(buffer, UNITS_TEXT_SIZE, "%.*f %s", unit ? 1 : 0, value, units[unit]);
	return buffer;
}
