// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/freshness.h"

#include "base/timestamp.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

static const char *clock_fault(const struct verify_options *options, int64_t last_seen)
{
	if (last_seen >= options->build_date && options->clock < last_seen)
		return "last_seen";
	if (options->clock < options->build_date)
		return "this program's build date";
	return NULL;
}

int64_t freshness_now(int64_t clock, int64_t last_seen, int64_t build_date)
{
	int64_t earliest = last_seen > build_date ? last_seen : build_date;

	return clock > earliest ? clock : earliest;
}

struct freshness freshness_make(const struct verify_options *options, struct warnings *warnings)
{
	int64_t last_seen = options->trust ? options->trust->last_seen : 0;
	int64_t now = freshness_now(options->clock, last_seen, options->build_date);
	const char *fault = options->clock_is_given ? NULL : clock_fault(options, last_seen);
	char clock[TIMESTAMP_TEXT_SIZE], used[TIMESTAMP_TEXT_SIZE];

	if (fault && now - options->clock > FRESHNESS_CLOCK_TOLERANCE_SEC)
		warnings_add(warnings, "W06", "clock %s is before %s; using %s",
			     timestamp_format(options->clock, clock), fault,
			     timestamp_format(now, used));
	return (struct freshness) {
		.now = options->clock_is_given ? options->clock : now,
		.is_plausible = !fault,
		.is_asked_for = !options->was_accepted,
	};
}

const char *freshness_duration(int64_t seconds, char buffer[FRESHNESS_DURATION_SIZE])
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = {
		{ 365 * DAY_SEC, "year" }, { DAY_SEC, "day" }, { 3600, "hour" }, { 60, "minute" }
	};

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		int64_t count = seconds / units[i].seconds;

		if (!count)
			continue;
		(void)snprintf(buffer, FRESHNESS_DURATION_SIZE, "%" PRId64 " %s%s", count,
			       units[i].name, count == 1 ? "" : "s");
		return buffer;
	}
	(void)snprintf(buffer, FRESHNESS_DURATION_SIZE, "less than a minute");
	return buffer;
}

int freshness_check(const struct freshness *freshness, const struct document_header *header,
		    const char *what, struct error *error)
{
	char then[TIMESTAMP_TEXT_SIZE], now[TIMESTAMP_TEXT_SIZE];
	char duration[FRESHNESS_DURATION_SIZE];

	if (!freshness->is_asked_for)
		return 0;
	if (freshness->is_plausible && header->issued > freshness->now + FRESHNESS_FUTURE_MAX_SEC)
		return error_set(error, -ESTALE, ERROR_FUTURE, NULL,
				 "%s was issued %s, %s from now; check this node's clock", what,
				 timestamp_format(header->issued, then),
				 freshness_duration(header->issued - freshness->now, duration));
	if (header->expires > freshness->now)
		return 0;
	return error_set(error, -ESTALE, ERROR_EXPIRED, NULL,
			 "%s expired %s (now %s); possible freeze attack or late publisher", what,
			 timestamp_format(header->expires, then),
			 timestamp_format(freshness->now, now));
}
