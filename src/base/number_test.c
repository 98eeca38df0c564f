// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/number.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>

/* The order matters to cmocka. */
#include <setjmp.h>
#include <stddef.h>

#include <cmocka.h>

static int parse(const char *text, uint64_t maximum, uint64_t *ret)
{
	*ret = 77;
	return number_parse(text, maximum, ret);
}

static void decimal_numbers_up_to_the_maximum_are_read(void **state)
{
	static const struct {
		const char *text;
		uint64_t maximum, value;
	} rows[] = {
		{ "0", 0, 0 },
		{ "9", 9, 9 },
		{ "65535", 65535, 65535 },
		{ "18446744073709551615", UINT64_MAX, UINT64_MAX },
	};
	uint64_t value;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(parse(rows[i].text, rows[i].maximum, &value), 0);
		assert_true(value == rows[i].value);
	}
}

static void numbers_beyond_the_maximum_are_refused(void **state)
{
	static const struct {
		const char *text;
		uint64_t maximum;
	} rows[] = {
		{ "1", 0 },
		{ "9", 8 },
		{ "10", 9 },
		{ "65536", 65535 },
		{ "655350", 65535 },
		{ "18446744073709551616", UINT64_MAX },
		{ "99999999999999999999999999", UINT64_MAX },
	};
	uint64_t value;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(parse(rows[i].text, rows[i].maximum, &value), -EINVAL);
		assert_int_equal(value, 77);
	}
}

static void other_notations_are_refused(void **state)
{
	static const char *const texts[] = { "",    " 1", "1 ",	 "+1",	    "-1",  "-0",
					     "00",  "08", "0x1", "1e3",	    "1.0", "1,0",
					     "\t1", "a",  "1a",	 "\xd9\xa1" };
	uint64_t value;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(parse(texts[i], UINT64_MAX, &value), -EINVAL);
		assert_int_equal(value, 77);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decimal_numbers_up_to_the_maximum_are_read),
		cmocka_unit_test(numbers_beyond_the_maximum_are_refused),
		cmocka_unit_test(other_notations_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
