// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/bird_tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define NEIGHBOUR "fe80::b ab 32 4 6 0.960 No 0.201"
#define BABEL_ROUTE "fd00:b::/64 fe80::b ab 96 * 1 24.011"
#define ROUTE "fd00:b::/64 unicast [aronet_babel 16:30] * (130/96) [00:00:00:00:62:62:62:62]"

static void tables_are_joined(void **state)
{
	CLEANUP(bird_tables_done) struct bird_tables tables = { 0 };

	(void)state;
	bird_tables_add_neighbour(&tables, NEIGHBOUR);
	bird_tables_add_babel_route(&tables, BABEL_ROUTE);
	bird_tables_add_route(&tables, ROUTE);
	bird_tables_join(&tables);
	assert_int_equal(tables.routes_count, 1);
	assert_true(tables.routes[0].installed);
	assert_int_equal(tables.routes[0].refmetric, 64);
	assert_int_equal(tables.routes[0].router_id[7], 'b');
	assert_string_equal(tables.garbled, "");
}

/* BIRD has chosen it, but its filters have not let it pass. */
static void route_that_is_not_exported_is_not_installed(void **state)
{
	CLEANUP(bird_tables_done) struct bird_tables tables = { 0 };

	(void)state;
	bird_tables_add_babel_route(&tables, BABEL_ROUTE);
	bird_tables_join(&tables);
	assert_int_equal(tables.routes_count, 1);
	assert_false(tables.routes[0].installed);
}

/* Each table; what comes first is what is told. */
static void first_line_that_is_not_understood_is_kept(void **state)
{
	static void (*const add[])(struct bird_tables * tables, const char *text) = {
		bird_tables_add_neighbour,
		bird_tables_add_babel_route,
		bird_tables_add_route,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(add); i++) {
		CLEANUP(bird_tables_done) struct bird_tables tables = { 0 };

		bird_tables_add_neighbour(&tables, NEIGHBOUR);
		add[i](&tables, "nonsense at \033 first");
		add[i](&tables, "nonsense later");
		assert_string_equal(tables.garbled, "nonsense at ? first");
	}
}

static void line_that_is_kept_is_bounded_and_never_empty(void **state)
{
	CLEANUP(bird_tables_done) struct bird_tables tables = { 0 };
	CLEANUP(bird_tables_done) struct bird_tables others = { 0 };
	char line[BIRD_LINE_MAX + 1] = "";

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	bird_tables_add_route(&tables, line);
	assert_int_equal(strlen(tables.garbled), BIRD_GARBLED_MAX);
	bird_tables_note_garbled(&others, "");
	assert_string_equal(others.garbled, "?");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_are_joined),
		cmocka_unit_test(route_that_is_not_exported_is_not_installed),
		cmocka_unit_test(first_line_that_is_not_understood_is_kept),
		cmocka_unit_test(line_that_is_kept_is_bounded_and_never_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
