// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/dial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define SECOND UINT64_C(1000000)
#define START (1000 * SECOND)
#define MIDDLE 512 /* nearly no jitter */

/* Within the jitter of a quarter. */
#define assert_around(value, expected)                                                             \
	do {                                                                                       \
		assert_true((value) >= (expected) - (expected) / 4);                               \
		assert_true((value) <= (expected) + (expected) / 4);                               \
	} while (0)

static struct dial dialing(void)
{
	struct dial dial;

	dial_init(&dial, DIAL_FIRST, START, MIDDLE);
	assert_int_equal(dial_tick(&dial, START, MIDDLE), DIAL_DO_INITIATE);
	assert_int_equal(dial.state, DIAL_DIALING);
	return dial;
}

static void the_first_dials_at_once(void **state)
{
	struct dial dial = dialing();

	(void)state;
	assert_int_equal(dial_tick(&dial, START + 1, MIDDLE), DIAL_DO_NOTHING);
	dial_see(&dial, true, START + SECOND, MIDDLE);
	assert_int_equal(dial.state, DIAL_UP);
	assert_int_equal(dial_tick(&dial, START + 86400 * SECOND, MIDDLE), DIAL_DO_NOTHING);
}

static void the_backup_waits_for_the_other_end(void **state)
{
	struct dial dial;

	(void)state;
	dial_init(&dial, DIAL_BACKUP, START, MIDDLE);
	assert_int_equal(dial_tick(&dial, START, MIDDLE), DIAL_DO_NOTHING);
	assert_around(dial.due_usec - START, DIAL_BACKUP_DEADLINES * DIAL_DEADLINE_USEC);
	assert_int_equal(dial_tick(&dial, dial.due_usec, MIDDLE), DIAL_DO_INITIATE);
}

static void who_knows_no_address_never_dials(void **state)
{
	struct dial dial;

	(void)state;
	dial_init(&dial, DIAL_NEVER, START, MIDDLE);
	assert_int_equal(dial.due_usec, UINT64_MAX);
	assert_int_equal(dial_tick(&dial, UINT64_MAX - 1, MIDDLE), DIAL_DO_NOTHING);
	dial_see(&dial, true, START, MIDDLE);
	dial_see(&dial, false, START + SECOND, MIDDLE);
	assert_int_equal(dial.state, DIAL_IDLE);
}

/* charon tells nothing when nobody answers. */
static void silence_ends_at_the_deadline(void **state)
{
	struct dial dial = dialing();

	(void)state;
	assert_int_equal(dial_tick(&dial, START + DIAL_DEADLINE_USEC - 1, MIDDLE), DIAL_DO_NOTHING);
	assert_int_equal(dial_tick(&dial, START + DIAL_DEADLINE_USEC, MIDDLE), DIAL_DO_GIVE_UP);
	assert_int_equal(dial.state, DIAL_BACKOFF);
}

static void pauses_double_up_to_a_minute(void **state)
{
	static const uint64_t seconds[] = { 1, 2, 4, 8, 16, 32, 60, 60, 60 };
	struct dial dial = dialing();
	uint64_t now = START;

	(void)state;
	for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
		dial_refused(&dial, now, MIDDLE);
		assert_int_equal(dial.state, DIAL_BACKOFF);
		assert_around(dial.due_usec - now, seconds[i] * SECOND);
		now = dial.due_usec;
		assert_int_equal(dial_tick(&dial, now, MIDDLE), DIAL_DO_INITIATE);
	}
}

static void nodes_do_not_dial_in_step(void **state)
{
	uint64_t shortest = UINT64_MAX, longest = 0;

	(void)state;
	for (uint32_t random = 0; random < 2048; random++) {
		struct dial dial = dialing();

		dial_refused(&dial, START, random);
		assert_around(dial.due_usec - START, SECOND);
		shortest = dial.due_usec - START < shortest ? dial.due_usec - START : shortest;
		longest = dial.due_usec - START > longest ? dial.due_usec - START : longest;
	}
	assert_int_equal(shortest, SECOND - SECOND / 4);
	assert_int_equal(longest, SECOND + SECOND / 4);
}

static void who_was_up_for_long_dials_again_at_once(void **state)
{
	struct dial dial = dialing();
	uint64_t end = START + DIAL_STABLE_USEC;

	(void)state;
	dial_refused(&dial, START, MIDDLE);
	dial_see(&dial, true, START, MIDDLE);
	dial_see(&dial, false, end, MIDDLE);
	assert_int_equal(dial_tick(&dial, end, MIDDLE), DIAL_DO_INITIATE);
}

static void who_falls_over_again_and_again_waits(void **state)
{
	struct dial dial = dialing();
	uint64_t now = START;

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		dial_see(&dial, true, now, MIDDLE);
		dial_see(&dial, false, now + SECOND, MIDDLE);
		now = dial.due_usec;
		assert_int_equal(dial_tick(&dial, now, MIDDLE), DIAL_DO_INITIATE);
	}
	dial_refused(&dial, now, MIDDLE);
	assert_around(dial.due_usec - now, DIAL_BACKOFF_MAX_USEC);
}

/* The same event twice, or what a snapshot repeats. */
static void what_is_known_already_changes_nothing(void **state)
{
	struct dial dial = dialing();
	struct dial before = dial;

	(void)state;
	dial_see(&dial, false, START + SECOND, MIDDLE);
	assert_memory_equal(&dial, &before, sizeof(dial));
	dial_see(&dial, true, START + SECOND, MIDDLE);
	before = dial;
	dial_see(&dial, true, START + 2 * SECOND, MIDDLE);
	dial_refused(&dial, START + 2 * SECOND, MIDDLE);
	dial_set_role(&dial, DIAL_FIRST, START + 2 * SECOND, MIDDLE);
	assert_memory_equal(&dial, &before, sizeof(dial));
}

static void peer_that_gets_an_address_is_dialled(void **state)
{
	struct dial dial;

	(void)state;
	dial_init(&dial, DIAL_NEVER, START, MIDDLE);
	dial_set_role(&dial, DIAL_FIRST, START + SECOND, MIDDLE);
	assert_int_equal(dial_tick(&dial, START + SECOND, MIDDLE), DIAL_DO_INITIATE);
	/* And one that is up stays so. */
	dial_see(&dial, true, START + 2 * SECOND, MIDDLE);
	dial_set_role(&dial, DIAL_NEVER, START + 3 * SECOND, MIDDLE);
	assert_int_equal(dial.state, DIAL_UP);
	dial_see(&dial, false, START + 4 * SECOND, MIDDLE);
	assert_int_equal(dial.state, DIAL_IDLE);
}

static void after_a_crash_of_charon_it_dials_at_once(void **state)
{
	struct dial dial = dialing();

	(void)state;
	dial_refused(&dial, START, MIDDLE);
	dial_reset(&dial, START + SECOND, MIDDLE);
	assert_int_equal(dial_tick(&dial, START + SECOND, MIDDLE), DIAL_DO_INITIATE);
	dial_see(&dial, true, START + 2 * SECOND, MIDDLE);
	dial_reset(&dial, START + 3 * SECOND, MIDDLE);
	assert_int_equal(dial_tick(&dial, START + 3 * SECOND, MIDDLE), DIAL_DO_INITIATE);
}

/* For each pair one end is the first, however the identities compare. */
static void exactly_one_end_is_the_first(void **state)
{
	static const struct {
		const char *identity;
		unsigned size;
	} identities[] = { { "", 0 }, { "a", 1 }, { "aa", 2 }, { "b", 1 }, { "\xff", 1 } };
	size_t count = sizeof(identities) / sizeof(identities[0]);

	(void)state;
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < count; j++) {
			enum dial_role role = dial_role_of((const uint8_t *)identities[i].identity,
							   identities[i].size,
							   (const uint8_t *)identities[j].identity,
							   identities[j].size, true, true);

			if (i != j)
				assert_int_equal(role, i < j ? DIAL_FIRST : DIAL_BACKUP);
		}
	assert_int_equal(
		dial_role_of((const uint8_t *)"b", 1, (const uint8_t *)"a", 1, true, false),
		DIAL_FIRST);
	assert_int_equal(
		dial_role_of((const uint8_t *)"a", 1, (const uint8_t *)"b", 1, false, true),
		DIAL_NEVER);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_dials_at_once),
		cmocka_unit_test(the_backup_waits_for_the_other_end),
		cmocka_unit_test(who_knows_no_address_never_dials),
		cmocka_unit_test(silence_ends_at_the_deadline),
		cmocka_unit_test(pauses_double_up_to_a_minute),
		cmocka_unit_test(nodes_do_not_dial_in_step),
		cmocka_unit_test(who_was_up_for_long_dials_again_at_once),
		cmocka_unit_test(who_falls_over_again_and_again_waits),
		cmocka_unit_test(what_is_known_already_changes_nothing),
		cmocka_unit_test(peer_that_gets_an_address_is_dialled),
		cmocka_unit_test(after_a_crash_of_charon_it_dials_at_once),
		cmocka_unit_test(exactly_one_end_is_the_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
