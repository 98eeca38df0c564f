// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/follow_when.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define MIDDLE(wait) ((uint32_t)((wait) / 10)) /* the random number that gives no jitter */

static void source_is_looked_at_once_in_an_interval(void **state)
{
	const struct follow_when when = { .interval_ms = 300000, .retry_ms = 10000 };

	(void)state;
	assert_int_equal(follow_when_ms(&when, MIDDLE(300000)), 300000);
	assert_int_equal(follow_when_ms(&when, 0), 270000);
	assert_int_equal(follow_when_ms(&when, 60000), 330000);
	assert_int_equal(follow_when_ms(&when, 60001), 270000);
	assert_int_equal(follow_when_first_ms(&when), 10000);
}

static void failures_are_tried_again_ever_later_up_to_the_interval(void **state)
{
	static const uint64_t waits[] = { 10000, 20000, 40000, 80000, 160000, 300000, 300000 };
	struct follow_when when = { .interval_ms = 300000, .retry_ms = 10000 };

	(void)state;
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		when.failures = (unsigned)i + 1;
		assert_int_equal(follow_when_ms(&when, MIDDLE(waits[i])), waits[i]);
	}
	when.failures = ~0u;
	assert_int_equal(follow_when_ms(&when, MIDDLE(300000)), 300000);
}

static void short_interval_is_never_exceeded(void **state)
{
	const struct follow_when when = { .interval_ms = 2000, .retry_ms = 10000, .failures = 1 };

	(void)state;
	assert_int_equal(follow_when_ms(&when, MIDDLE(2000)), 2000);
	assert_int_equal(follow_when_first_ms(&when), 2000);
}

static void expiring_registry_is_looked_for_every_minute(void **state)
{
	struct follow_when when = { .interval_ms = 300000, .retry_ms = 10000, .is_expiring = true };

	(void)state;
	assert_int_equal(follow_when_ms(&when, MIDDLE(60000)), 60000);
	when.failures = 1;
	assert_int_equal(follow_when_ms(&when, MIDDLE(10000)), 10000);
	when.failures = 9;
	assert_int_equal(follow_when_ms(&when, MIDDLE(60000)), 60000);
}

static void only_another_reason_is_news(void **state)
{
	const struct error none = { 0 };
	struct error told = { 0 }, same = { 0 }, other = { 0 };

	(void)state;
	(void)error_set(&told, -1, ERROR_FETCH, "https://a.test/", "nobody answers there");
	(void)error_set(&same, -1, ERROR_FETCH, "https://a.test/", "nobody answers there");
	(void)error_set(&other, -1, ERROR_FETCH, "https://a.test/", "answers 404");
	assert_true(follow_is_news(&none, &told));
	assert_false(follow_is_news(&told, &same));
	assert_true(follow_is_news(&told, &other));
	assert_true(follow_is_news(&told, &none));
	assert_false(follow_is_news(&none, &none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(source_is_looked_at_once_in_an_interval),
		cmocka_unit_test(failures_are_tried_again_ever_later_up_to_the_interval),
		cmocka_unit_test(short_interval_is_never_exceeded),
		cmocka_unit_test(expiring_registry_is_looked_for_every_minute),
		cmocka_unit_test(only_another_reason_is_news),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
