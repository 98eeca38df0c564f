// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/starvation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct test {
	struct babeld_tables tables;
	struct starvation starvation;
};

static int set_up(void **state)
{
	*state = calloc(1, sizeof(struct test));
	return 0;
}

static int tear_down(void **state)
{
	struct test *test = *state;

	babeld_tables_done(&test->tables);
	starvation_done(&test->starvation);
	free(test);
	return 0;
}

static void tell(struct test *test, const char *text)
{
	struct babeld_line line;

	assert_int_equal(babeld_line_parse(text, strlen(text), &line), 0);
	assert_int_equal(line.type, BABELD_LINE_EVENT);
	babeld_tables_apply(&test->tables, &line);
}

#define OFFER(id, prefix, installed, metric)                                                       \
	"add route " id " prefix " prefix " from ::/0 installed " installed                        \
	" id 01:02:03:04:05:06:07:08 metric " metric " refmetric 0 via fe80::1 if ar1"

static void look(struct test *test, uint64_t now_ms, const char *expected)
{
	const struct ip_prefix *found = starvation_look(&test->starvation, &test->tables, now_ms);
	char text[IP_PREFIX_TEXT_SIZE];

	assert_string_equal(found ? ip_prefix_format(found, text) : "nothing", expected);
}

static void prefix_with_offers_only_starves(void **state)
{
	tell(*state, OFFER("1", "fd00:1::/64", "no", "96"));
	tell(*state, OFFER("2", "fd00:1::/64", "no", "128"));
	look(*state, 1000, "nothing");
	look(*state, 10999, "nothing");
	look(*state, 11000, "fd00:1::/64");
}

static void prefix_with_a_route_does_not_starve(void **state)
{
	tell(*state, OFFER("1", "fd00:1::/64", "yes", "128"));
	tell(*state, OFFER("2", "fd00:1::/64", "no", "96"));
	look(*state, 1000, "nothing");
	look(*state, 100000, "nothing");
}

static void route_to_a_shorter_prefix_is_not_its_route(void **state)
{
	tell(*state, OFFER("1", "fd00::/16", "yes", "96"));
	tell(*state, OFFER("2", "fd00:1::/64", "no", "96"));
	look(*state, 0, "nothing");
	look(*state, 10000, "fd00:1::/64");
}

static void retracted_prefix_does_not_starve(void **state)
{
	tell(*state, OFFER("1", "fd00:1::/64", "no", "65535"));
	look(*state, 0, "nothing");
	look(*state, 100000, "nothing");
}

static void own_prefix_does_not_starve(void **state)
{
	tell(*state, OFFER("1", "fd00:1::/64", "no", "96"));
	tell(*state, "add xroute fd00:1::/64-::/0 prefix fd00:1::/64 from ::/0 metric 0");
	look(*state, 0, "nothing");
	look(*state, 100000, "nothing");
	tell(*state, "flush xroute fd00:1::/64-::/0 prefix fd00:1::/64 from ::/0 metric 0");
	look(*state, 200000, "nothing");
	look(*state, 210000, "fd00:1::/64");
}

static void route_in_between_ends_it(void **state)
{
	tell(*state, OFFER("1", "fd00:1::/64", "no", "96"));
	tell(*state, OFFER("2", "fd00:2::/64", "no", "96"));
	look(*state, 0, "nothing");
	tell(*state, OFFER("1", "fd00:1::/64", "yes", "96"));
	tell(*state, OFFER("2", "fd00:2::/64", "yes", "96"));
	look(*state, 9000, "nothing");
	tell(*state, OFFER("2", "fd00:2::/64", "no", "96"));
	look(*state, 11000, "nothing");
	tell(*state, OFFER("1", "fd00:1::/64", "no", "96"));
	look(*state, 12000, "nothing");
	look(*state, 21000, "fd00:2::/64");
}

/* When @from_ms is the first look at which something can have starved. Looks once a second. */
static uint64_t next_reason(struct test *test, uint64_t from_ms)
{
	for (uint64_t now_ms = from_ms; now_ms < from_ms + 20000000; now_ms += 1000)
		if (starvation_look(&test->starvation, &test->tables, now_ms))
			return now_ms;
	fail();
	return 0;
}

static void pauses_grow_while_new_babelds_change_nothing(void **state)
{
	static const unsigned seconds[] = { 60, 120, 240, 480, 960, 1920, 3600, 3600 };
	struct test *test = *state;
	uint64_t last;

	tell(test, OFFER("1", "fd00:1::/64", "no", "96"));
	last = next_reason(test, 0);
	assert_int_equal(last, STARVATION_TIME_MS);
	for (size_t i = 0; i < ARRAY_SIZE(seconds); i++) {
		uint64_t next;

		starvation_forget(&test->starvation);
		next = next_reason(test, last + 1000);
		assert_int_equal(next - last, 1000 * seconds[i]);
		last = next;
	}
	/* It has had a route for longer than the last pause: nothing is held against it. */
	starvation_forget(&test->starvation);
	last = next_reason(test, last + 3 * 3600000);
	starvation_forget(&test->starvation);
	assert_int_equal(next_reason(test, last + 1000) - last, 60000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(prefix_with_offers_only_starves, set_up, tear_down),
		cmocka_unit_test_setup_teardown(prefix_with_a_route_does_not_starve, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(route_to_a_shorter_prefix_is_not_its_route, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(retracted_prefix_does_not_starve, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(own_prefix_does_not_starve, set_up, tear_down),
		cmocka_unit_test_setup_teardown(route_in_between_ends_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(pauses_grow_while_new_babelds_change_nothing,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
