// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/timestamp.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#define TIMESTAMP_SHAPE "0000-00-00T00:00:00Z"
#define TIMESTAMP_MAX 253402300799 /* 9999-12-31T23:59:59Z */

static bool has_shape(const char *text)
{
	const char *shape = TIMESTAMP_SHAPE;

	for (; *shape; shape++, text++)
		if (*shape == '0' ? *text < '0' || *text > '9' : *text != *shape)
			return false;
	return *text == '\0';
}

static int number_at(const char *text, size_t digits)
{
	int number = 0;

	for (size_t i = 0; i < digits; i++)
		number = number * 10 + (text[i] - '0');
	return number;
}

int timestamp_parse(const char *text, int64_t *ret)
{
	char again[TIMESTAMP_TEXT_SIZE];
	struct tm tm = { 0 };
	int64_t seconds;

	if (!has_shape(text))
		return -EINVAL;
	tm.tm_year = number_at(text, 4) - 1900;
	tm.tm_mon = number_at(text + 5, 2) - 1;
	tm.tm_mday = number_at(text + 8, 2);
	tm.tm_hour = number_at(text + 11, 2);
	tm.tm_min = number_at(text + 14, 2);
	tm.tm_sec = number_at(text + 17, 2);
	seconds = timegm(&tm);
	/* timegm() carries 30 February over to March; what is real is written back as it was. */
	if (seconds < 0 || strcmp(timestamp_format(seconds, again), text) != 0)
		return -EINVAL;
	*ret = seconds;
	return 0;
}

const char *timestamp_format(int64_t seconds, char buffer[TIMESTAMP_TEXT_SIZE])
{
	time_t time = seconds < 0 ? 0 : seconds > TIMESTAMP_MAX ? TIMESTAMP_MAX : seconds;
	struct tm tm;

	(void)gmtime_r(&time, &tm);
	(void)strftime(buffer, TIMESTAMP_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return buffer;
}
