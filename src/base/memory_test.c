// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The order matters to cmocka. */
#include <setjmp.h>
#include <stddef.h>

#include <cmocka.h>

static void new_memory_is_zero(void **state)
{
	uint32_t *numbers = NEW_ARRAY(uint32_t, 100);

	(void)state;
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(numbers[i], 0);
	free(numbers);
}

static void nothing_can_be_allocated_and_freed(void **state)
{
	void *empty = memory_zalloc(0, 0);
	void *copy = memory_dup("", 0);

	(void)state;
	assert_non_null(empty);
	assert_non_null(copy);
	free(empty);
	free(copy);
}

static void copies_are_independent(void **state)
{
	char text[] = "text";
	char *copy = memory_strdup(text);

	(void)state;
	text[0] = 'T';
	assert_string_equal(copy, "text");
	free(copy);
}

static void appended_elements_are_zero_and_earlier_ones_stay(void **state)
{
	uint64_t *numbers = NULL;
	size_t count = 0;

	(void)state;
	for (uint64_t i = 0; i < 1000; i++) {
		uint64_t *added = ARRAY_APPEND(numbers, count);

		assert_int_equal(*added, 0);
		*added = i + 1;
	}
	assert_int_equal(count, 1000);
	for (uint64_t i = 0; i < 1000; i++)
		assert_int_equal(numbers[i], i + 1);
	free(numbers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_memory_is_zero),
		cmocka_unit_test(nothing_can_be_allocated_and_freed),
		cmocka_unit_test(copies_are_independent),
		cmocka_unit_test(appended_elements_are_zero_and_earlier_ones_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
