// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/expiry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define EXPIRES 1795305600
#define HOUR 3600
#define DAY (24 * HOUR)

static const struct registry registry = {
	.is_signed = true,
	.origin = { .expires = EXPIRES },
};
static const struct registry_policy keep = { .expiry_grace_sec = DAY };
static const struct registry_policy down = { .on_expiry_down = true, .expiry_grace_sec = DAY };

static enum expiry_state state_at(const struct registry *judged,
				  const struct registry_policy *policy, int64_t now)
{
	struct expiry expiry = { 0 };

	(void)expiry_judge(&expiry, judged, policy, now);
	return expiry.state;
}

static void registry_is_stale_from_the_second_it_expires(void **state)
{
	(void)state;
	assert_int_equal(state_at(&registry, &keep, EXPIRES - 1), EXPIRY_FRESH);
	assert_int_equal(state_at(&registry, &keep, EXPIRES), EXPIRY_STALE);
	assert_int_equal(state_at(&registry, &keep, EXPIRES + 10000 * (int64_t)DAY), EXPIRY_STALE);
}

static void tunnels_go_down_after_the_grace_where_that_is_wanted(void **state)
{
	static const struct registry_policy at_once = { .on_expiry_down = true };

	(void)state;
	assert_int_equal(state_at(&registry, &down, EXPIRES), EXPIRY_STALE);
	assert_int_equal(state_at(&registry, &down, EXPIRES + DAY - 1), EXPIRY_STALE);
	assert_int_equal(state_at(&registry, &down, EXPIRES + DAY), EXPIRY_OVER);
	assert_int_equal(state_at(&registry, &at_once, EXPIRES), EXPIRY_OVER);
}

static void unsigned_registry_and_none_never_expire(void **state)
{
	const struct registry not_signed = { 0 };

	(void)state;
	assert_int_equal(state_at(&not_signed, &down, EXPIRES + 2 * DAY), EXPIRY_FRESH);
	assert_int_equal(state_at(NULL, &down, EXPIRES + 2 * DAY), EXPIRY_FRESH);
}

/* How often it is told between two times, asked every minute. */
static unsigned told_between(struct expiry *expiry, const struct registry_policy *policy,
			     int64_t from, int64_t to)
{
	unsigned count = 0;

	for (int64_t now = from; now < to; now += 60)
		count += expiry_judge(expiry, &registry, policy, now);
	return count;
}

static void stale_registry_is_told_every_hour(void **state)
{
	struct expiry expiry = { 0 };

	(void)state;
	assert_int_equal(told_between(&expiry, &down, EXPIRES - DAY, EXPIRES), 0);
	assert_int_equal(told_between(&expiry, &down, EXPIRES, EXPIRES + 10 * HOUR), 10);
	/* That it is over is told at once, and then every hour, too. */
	assert_int_equal(told_between(&expiry, &down, EXPIRES + DAY + 60, EXPIRES + DAY + 120), 1);
	assert_int_equal(told_between(&expiry, &down, EXPIRES + DAY + 120, EXPIRES + DAY + HOUR),
			 0);
}

static void clock_may_jump_in_both_directions(void **state)
{
	struct expiry expiry = { 0 };

	(void)state;
	assert_true(expiry_judge(&expiry, &registry, &down, EXPIRES + 3650 * (int64_t)DAY));
	assert_int_equal(expiry.state, EXPIRY_OVER);
	assert_true(expiry_judge(&expiry, &registry, &down, EXPIRES - DAY));
	assert_int_equal(expiry.state, EXPIRY_FRESH);
	assert_false(expiry_judge(&expiry, &registry, &down, EXPIRES - DAY + 60));
	assert_true(expiry_judge(&expiry, &registry, &down, EXPIRES));
	/* Back, but not out of it. */
	assert_false(expiry_judge(&expiry, &registry, &down, EXPIRES + 60));
	assert_true(expiry_judge(&expiry, &registry, &down, EXPIRES + 2 * HOUR));
	assert_true(expiry_judge(&expiry, &registry, &down, EXPIRES + HOUR));
}

static void next_change_is_foretold(void **state)
{
	const struct registry not_signed = { 0 };

	(void)state;
	assert_int_equal(expiry_next_sec(&registry, &keep, EXPIRES - 10), 10);
	assert_int_equal(expiry_next_sec(&registry, &keep, EXPIRES), 0);
	assert_int_equal(expiry_next_sec(&registry, &down, EXPIRES + 10), DAY - 10);
	assert_int_equal(expiry_next_sec(&registry, &down, EXPIRES + DAY), 0);
	assert_int_equal(expiry_next_sec(&not_signed, &down, EXPIRES), 0);
	assert_int_equal(expiry_next_sec(NULL, &down, EXPIRES), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registry_is_stale_from_the_second_it_expires),
		cmocka_unit_test(tunnels_go_down_after_the_grace_where_that_is_wanted),
		cmocka_unit_test(unsigned_registry_and_none_never_expire),
		cmocka_unit_test(stale_registry_is_told_every_hour),
		cmocka_unit_test(clock_may_jump_in_both_directions),
		cmocka_unit_test(next_change_is_foretold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
