// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/prefix_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix prefix;

	assert_int_equal(ip_prefix_parse(text, &prefix), 0);
	return prefix;
}

static bool has(const struct prefix_list *list, const char *text)
{
	struct ip_prefix sought = prefix(text);

	return prefix_list_has(list, &sought);
}

static void sorted_list_has_what_was_added(void **state)
{
	const struct ip_prefix added[] = { prefix("fd00:b::/64"), prefix("10.0.0.0/8"),
					   prefix("fd00:a::/64"), prefix("10.0.0.0/8") };
	CLEANUP(prefix_list_done) struct prefix_list list = { 0 };

	(void)state;
	prefix_list_add(&list, added, 3);
	prefix_list_add(&list, added + 3, 1);
	assert_int_equal(list.count, 4);
	prefix_list_sort(&list);
	for (size_t i = 1; i < list.count; i++)
		assert_true(ip_prefix_compare(&list.items[i - 1], &list.items[i]) <= 0);
	assert_true(has(&list, "fd00:a::/64"));
	assert_true(has(&list, "fd00:b::/64"));
	assert_true(has(&list, "10.0.0.0/8"));
	assert_false(has(&list, "10.0.0.0/9"));
	assert_false(has(&list, "fd00::/16"));
}

static void empty_list_has_nothing(void **state)
{
	struct prefix_list list = { 0 };

	(void)state;
	prefix_list_add(&list, NULL, 0);
	prefix_list_sort(&list);
	assert_false(has(&list, "::/0"));
	prefix_list_done(&list);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorted_list_has_what_was_added),
		cmocka_unit_test(empty_list_has_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
