// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/freshness.h"

#include "registry/test_bundle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define LAST_SEEN (TEST_NOW - 3600)
#define YEAR (365 * DAY_SEC)

static struct freshness make(int64_t clock, bool is_given, struct warnings *warnings)
{
	const struct trust trust = { .last_seen = LAST_SEEN };
	const struct verify_options options = {
		.trust = &trust,
		.clock = clock,
		.build_date = TEST_BUILD_DATE,
		.clock_is_given = is_given,
	};

	return freshness_make(&options, warnings);
}

static void clock_is_never_before_last_seen_and_build_date(void **state)
{
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	struct freshness freshness = make(0, false, &warnings);
	const struct verify_options first = { .clock = 86400, .build_date = TEST_BUILD_DATE };

	(void)state;
	assert_int_equal(freshness.now, LAST_SEEN);
	assert_false(freshness.is_plausible);
	assert_int_equal(warnings.count, 1);
	assert_string_equal(warnings.items[0].code, "W06");
	assert_string_equal(warnings.items[0].text,
			    "clock 1970-01-01T00:00:00Z is before last_seen; using "
			    "2026-11-21T23:00:00Z");
	freshness = freshness_make(&first, &warnings);
	assert_int_equal(freshness.now, TEST_BUILD_DATE);
	assert_string_equal(warnings.items[1].text,
			    "clock 1970-01-02T00:00:00Z is before this program's build date; "
			    "using 2026-11-01T00:00:00Z");
}

static void right_clock_is_taken_as_it_is(void **state)
{
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	struct freshness freshness = make(TEST_NOW, false, &warnings);

	(void)state;
	assert_int_equal(freshness.now, TEST_NOW);
	assert_true(freshness.is_plausible);
	/* Clocks of publisher and node differ a little. */
	freshness = make(LAST_SEEN - 10, false, &warnings);
	assert_int_equal(freshness.now, LAST_SEEN);
	assert_int_equal(warnings.count, 0);
}

static void given_clock_is_taken_as_it_is(void **state)
{
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	struct freshness freshness = make(86400, true, &warnings);

	(void)state;
	assert_int_equal(freshness.now, 86400);
	assert_true(freshness.is_plausible);
	assert_int_equal(warnings.count, 0);
}

static int check(struct freshness freshness, int64_t issued, int64_t expires, struct error *error)
{
	const struct document_header header = { .issued = issued, .expires = expires };

	*error = (struct error) { 0 };
	return freshness_check(&freshness, &header, "manifest 482", error);
}

static void document_is_good_until_the_second_it_expires(void **state)
{
	struct freshness freshness = make(TEST_NOW, false, NULL);
	struct error error;

	(void)state;
	assert_int_equal(check(freshness, TEST_NOW - 1, TEST_NOW + 1, &error), 0);
	assert_true(check(freshness, TEST_NOW - DAY_SEC, TEST_NOW, &error) < 0);
	assert_int_equal(error.code, ERROR_EXPIRED);
	assert_string_equal(error.text,
			    "manifest 482 expired 2026-11-22T00:00:00Z (now "
			    "2026-11-22T00:00:00Z); possible freeze attack or late publisher");
}

static void document_may_be_a_day_ahead(void **state)
{
	struct freshness freshness = make(TEST_NOW, false, NULL);
	struct error error;

	(void)state;
	assert_int_equal(check(freshness, TEST_NOW + DAY_SEC, TEST_NOW + YEAR, &error), 0);
	assert_true(check(freshness, TEST_NOW + DAY_SEC + 1, TEST_NOW + YEAR, &error) < 0);
	assert_int_equal(error.code, ERROR_FUTURE);
	assert_true(check(freshness, TEST_NOW + 10 * YEAR, TEST_NOW + 11 * YEAR, &error) < 0);
	assert_string_equal(error.text, "manifest 482 was issued 2036-11-19T00:00:00Z, 10 years "
					"from now; check this node's clock");
}

static void wrong_clock_says_nothing_about_the_future(void **state)
{
	struct freshness freshness = make(0, false, NULL);
	struct error error;

	(void)state;
	assert_int_equal(check(freshness, TEST_NOW + 10 * YEAR, TEST_NOW + 11 * YEAR, &error), 0);
}

static void dates_do_not_count_for_what_was_accepted(void **state)
{
	const struct verify_options options = { .clock = TEST_NOW, .was_accepted = true };
	struct freshness freshness = freshness_make(&options, NULL);
	struct error error;

	(void)state;
	assert_int_equal(check(freshness, 1, 2, &error), 0);
	assert_int_equal(check(freshness, TEST_NOW + YEAR, TEST_NOW + 2 * YEAR, &error), 0);
}

static void durations_are_told_in_their_largest_unit(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} cases[] = {
		{ 0, "less than a minute" },
		{ 60, "1 minute" },
		{ 7199, "1 hour" },
		{ 2 * DAY_SEC - 1, "1 day" },
		{ 364 * DAY_SEC, "364 days" },
		{ 2 * YEAR + DAY_SEC, "2 years" },
	};
	char text[FRESHNESS_DURATION_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(freshness_duration(cases[i].seconds, text), cases[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clock_is_never_before_last_seen_and_build_date),
		cmocka_unit_test(right_clock_is_taken_as_it_is),
		cmocka_unit_test(given_clock_is_taken_as_it_is),
		cmocka_unit_test(document_is_good_until_the_second_it_expires),
		cmocka_unit_test(document_may_be_a_day_ahead),
		cmocka_unit_test(wrong_clock_says_nothing_about_the_future),
		cmocka_unit_test(dates_do_not_count_for_what_was_accepted),
		cmocka_unit_test(durations_are_told_in_their_largest_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
