// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/timestamp.h"

#include <errno.h>
#include <stdarg.h>

/* The order matters to cmocka. */
#include <setjmp.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
	const char *text;
	int64_t seconds;
} moments[] = {
	{ "1970-01-01T00:00:00Z", 0 },		{ "1970-01-01T00:00:59Z", 59 },
	{ "2000-02-29T12:00:00Z", 951825600 },	{ "2026-11-21T00:00:00Z", 1795219200 },
	{ "2038-01-19T03:14:08Z", 2147483648 }, { "9999-12-31T23:59:59Z", 253402300799 },
};

static void moments_are_read_and_written(void **state)
{
	char text[TIMESTAMP_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
		int64_t seconds = -1;

		assert_int_equal(timestamp_parse(moments[i].text, &seconds), 0);
		assert_true(seconds == moments[i].seconds);
		assert_string_equal(timestamp_format(seconds, text), moments[i].text);
	}
}

static void what_is_no_moment_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"2026-11-21",
		"2026-11-21T00:00:00",
		"2026-11-21T00:00:00z",
		"2026-11-21 00:00:00Z",
		"2026-11-21T00:00:00+0",
		"2026-11-21T00:00:00Z ",
		" 2026-11-21T00:00:00Z",
		"2026-11-21T00:00:60Z",
		"2026-11-21T24:00:00Z",
		"2026-11-21T00:60:00Z",
		"2026-13-01T00:00:00Z",
		"2026-00-01T00:00:00Z",
		"2026-02-29T00:00:00Z",
		"2026-04-31T00:00:00Z",
		"2026-04-00T00:00:00Z",
		"1969-12-31T23:59:59Z",
		"-026-11-21T00:00:00Z",
		"2026-11-21T00:00:0xZ",
		"02026-11-21T00:00:0Z",
	};
	int64_t seconds = 77;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (timestamp_parse(texts[i], &seconds) != -EINVAL || seconds != 77)
			fail_msg("accepted: %s", texts[i]);
}

static void moments_outside_are_written_as_the_nearest(void **state)
{
	char text[TIMESTAMP_TEXT_SIZE];

	(void)state;
	assert_string_equal(timestamp_format(-1, text), "1970-01-01T00:00:00Z");
	assert_string_equal(timestamp_format(INT64_MIN, text), "1970-01-01T00:00:00Z");
	assert_string_equal(timestamp_format(INT64_MAX, text), "9999-12-31T23:59:59Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moments_are_read_and_written),
		cmocka_unit_test(what_is_no_moment_is_refused),
		cmocka_unit_test(moments_outside_are_written_as_the_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
