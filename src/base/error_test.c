// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

/* The order matters to cmocka. */
#include <setjmp.h>
#include <stddef.h>

#include <cmocka.h>

static void error_is_place_and_text(void **state)
{
	char line[ERROR_LINE_SIZE];
	struct error error;

	(void)state;
	assert_int_equal(error_set(&error, -EINVAL, ERROR_TYPE, "/1/nodes", "found %d", 7),
			 -EINVAL);
	assert_int_equal(error.code, ERROR_TYPE);
	assert_string_equal(error_format(&error, line, sizeof(line)), "/1/nodes: found 7");
	assert_int_equal(error_set(&error, -1, ERROR_BUSY, NULL, "busy"), -1);
	assert_string_equal(error_format(&error, line, sizeof(line)), "busy");
}

static void nobody_has_to_listen(void **state)
{
	(void)state;
	assert_int_equal(error_set(NULL, -EIO, ERROR_FILE, "place", "text"), -EIO);
}

static void errno_is_that_of_the_failed_call(void **state)
{
	struct error error;

	(void)state;
	errno = ENOENT;
	(void)error_set(&error, -errno, ERROR_FILE, "a", "cannot open: %m");
	assert_string_equal(error.text, "cannot open: No such file or directory");
}

static void long_texts_are_cut(void **state)
{
	char line[ERROR_LINE_SIZE];
	struct error error;
	char longer[1000];

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	(void)error_set(&error, -1, ERROR_VALUE, longer, "%s", longer);
	assert_int_equal(strlen(error.place), ERROR_PLACE_SIZE - 1);
	assert_int_equal(strlen(error.text), ERROR_TEXT_SIZE - 1);
	assert_int_equal(strlen(error_format(&error, line, sizeof(line))),
			 ERROR_PLACE_SIZE + ERROR_TEXT_SIZE);
	error_prefix_place(&error, longer);
	assert_true(strlen(error.place) < ERROR_PLACE_SIZE);
}

static void prefix_comes_before_the_place(void **state)
{
	struct error error;

	(void)state;
	(void)error_set(&error, -1, ERROR_VALUE, "/daemon/port", "bad");
	error_prefix_place(&error, "config.json");
	assert_string_equal(error.place, "config.json: /daemon/port");
	(void)error_set(&error, -1, ERROR_VALUE, NULL, "bad");
	error_prefix_place(&error, "config.json");
	assert_string_equal(error.place, "config.json");
}

static void every_code_has_a_name_and_a_failing_exit_code(void **state)
{
	(void)state;
	for (enum error_code code = ERROR_APPLY; code <= ERROR_VALUE; code++) {
		assert_non_null(error_code_name(code));
		assert_memory_equal(error_code_name(code), "E_", 2);
		assert_int_equal(error_code_from_name(error_code_name(code)), code);
		/* E_SELF is only ever a warning. */
		assert_int_equal(error_exit_code(code) == EXIT_DONE, code == ERROR_SELF);
	}
	assert_int_equal(error_code_from_name("E_NO_SUCH_CODE"), ERROR_NONE);
	assert_int_equal(error_code_from_name(""), ERROR_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(error_is_place_and_text),
		cmocka_unit_test(nobody_has_to_listen),
		cmocka_unit_test(errno_is_that_of_the_failed_call),
		cmocka_unit_test(long_texts_are_cut),
		cmocka_unit_test(prefix_comes_before_the_place),
		cmocka_unit_test(every_code_has_a_name_and_a_failing_exit_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
