// SPDX-License-Identifier: GPL-2.0-or-later
/* Points in time: what is accepted is written back the same, and the C library agrees. */
#include "base/cleanup.h"
#include "base/timestamp.h"
#include "fuzz.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define YEAR_10000 253402300800

/* The time that the C library makes of the numbers in @text; -1 if it is no real date. */
static int64_t library_time(const char *text)
{
	struct tm parts = { 0 }, again;
	char end;
	time_t seconds;

	if (strlen(text) != TIMESTAMP_TEXT_SIZE - 1 ||
	    sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%c", &parts.tm_year, &parts.tm_mon, &parts.tm_mday,
		   &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &end) != 7 ||
	    end != 'Z' || parts.tm_year < 1970)
		return -1;
	parts.tm_year -= 1900;
	parts.tm_mon -= 1;
	again = parts;
	seconds = timegm(&again);
	/* timegm() makes 2 March of 30 February. */
	if (again.tm_mday != parts.tm_mday || again.tm_mon != parts.tm_mon ||
	    again.tm_hour != parts.tm_hour || again.tm_min != parts.tm_min ||
	    again.tm_sec != parts.tm_sec)
		return -1;
	return seconds;
}

static void check_text(const char *text)
{
	int64_t seconds = 0x5a5a;
	char again[TIMESTAMP_TEXT_SIZE];

	if (timestamp_parse(text, &seconds) < 0) {
		FUZZ_CHECK(seconds == 0x5a5a);
		return;
	}
	FUZZ_CHECK(seconds == library_time(text));
	FUZZ_CHECK(!strcmp(timestamp_format(seconds, again), text));
}

static void check_number(int64_t seconds)
{
	int64_t bound = seconds < 0 ? 0 : seconds >= YEAR_10000 ? YEAR_10000 - 1 : seconds;
	char text[TIMESTAMP_TEXT_SIZE];
	int64_t again;

	FUZZ_CHECK(strlen(timestamp_format(seconds, text)) == TIMESTAMP_TEXT_SIZE - 1);
	FUZZ_CHECK(timestamp_parse(text, &again) == 0);
	FUZZ_CHECK(again == bound);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	CLEANUP(free) char *text = fuzz_take_rest(&input);
	int64_t seconds;

	check_text(text);
	input = (struct fuzz_input) { data, size };
	fuzz_take(&input, &seconds, sizeof(seconds));
	check_number(seconds);
	check_number(seconds % YEAR_10000);
	return 0;
}
