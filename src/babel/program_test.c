// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/program.h"

#include "babel/seqno.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

/* When the clock's number is @seqno. */
static uint64_t time_of(unsigned seqno)
{
	return SEQNO_MS * (UINT64_C(65536) * 1000 + seqno);
}

static void successor_begins_newer_at_any_time(void **state)
{
	(void)state;
	for (unsigned clock = 0; clock < 65536; clock++) {
		struct program bird = { .has_last_seqno = true, .last_seqno = 3 };
		struct program babeld = { 0 };
		uint64_t now_ms = time_of(clock);

		program_succeed(&babeld, &bird, now_ms);
		assert_true(seqno_is_newer(seqno_at(now_ms, babeld.running.seqno_offset), 3));
	}
}

/* The offset stays as it is from generation to generation. */
static void program_is_succeeded_once(void **state)
{
	struct program bird = { .has_last_seqno = true, .last_seqno = 3 };
	struct program babeld = { 0 };
	uint16_t offset;

	(void)state;
	program_succeed(&babeld, &bird, time_of(0xc000));
	offset = babeld.running.seqno_offset;
	assert_int_not_equal(offset, 0);
	program_succeed(&babeld, &bird, time_of(0x100));
	assert_int_equal(babeld.running.seqno_offset, offset);
}

static void clock_can_be_shifted(void **state)
{
	struct program program = { .clock_shift_ms = -3600000 };
	uint64_t before_ms = seqno_clock_ms(), shifted_ms = program_clock_ms(&program);

	(void)state;
	assert_in_range(shifted_ms, before_ms - 3600000, seqno_clock_ms() - 3600000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(successor_begins_newer_at_any_time),
		cmocka_unit_test(program_is_succeeded_once),
		cmocka_unit_test(clock_can_be_shifted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
