// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/seqno.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

static void newer_is_less_than_half_a_circle_ahead(void **state)
{
	(void)state;
	assert_true(seqno_is_newer(1, 0));
	assert_true(seqno_is_newer(0, 65535));
	assert_true(seqno_is_newer(32767, 0));
	assert_false(seqno_is_newer(32768, 0));
	assert_false(seqno_is_newer(7, 7));
	assert_false(seqno_is_newer(6, 7));
}

static void numbers_go_with_the_clock(void **state)
{
	(void)state;
	assert_int_equal(seqno_at(0, 0), 0);
	assert_int_equal(seqno_at(1000, 7), 11);
	assert_int_equal(seqno_at(UINT64_C(250) * 65536 * 1000 + 250, 65535), 0);
}

/* Whatever the time of day is. */
static void numbers_behind_any_other_are_newer(void **state)
{
	static const uint16_t lasts[] = { 0, 1, 2, 300, 32767, 32768, 65535 };

	(void)state;
	for (size_t i = 0; i < sizeof(lasts) / sizeof(lasts[0]); i++)
		for (uint64_t now_ms = 0; now_ms < UINT64_C(250) * 65536; now_ms += 250) {
			uint16_t offset = seqno_offset_behind(now_ms, lasts[i]);

			assert_true(seqno_is_newer(seqno_at(now_ms, offset), lasts[i]));
			/* And goes on to be for the minutes that a neighbour remembers. */
			if (offset > 0)
				assert_true(seqno_is_newer(seqno_at(now_ms + 600000, offset),
							   lasts[i]));
		}
}

static void number_that_is_newer_anyway_needs_no_offset(void **state)
{
	(void)state;
	assert_int_equal(seqno_offset_behind(UINT64_C(250) * 100, 1), 0);
	assert_int_equal(seqno_offset_behind(UINT64_C(250) * 32768, 1), 0);
	assert_int_not_equal(seqno_offset_behind(UINT64_C(250) * 33000, 1), 0);
	assert_int_not_equal(seqno_offset_behind(UINT64_C(250) * 5, 1), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(newer_is_less_than_half_a_circle_ahead),
		cmocka_unit_test(numbers_go_with_the_clock),
		cmocka_unit_test(numbers_behind_any_other_are_newer),
		cmocka_unit_test(number_that_is_newer_anyway_needs_no_offset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
