// SPDX-License-Identifier: GPL-2.0-or-later
#include "process/log_tail.h"

#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void expect(const char *content, size_t size, const char *expected)
{
	char path[] = "/tmp/aronet-t-log-XXXXXX", text[LOG_TAIL_SIZE];

	assert_true(close(mkstemp(path)) == 0);
	assert_int_equal(file_replace(path, content, strlen(content), 0600, NULL), 0);
	log_tail_read(path, text, size);
	assert_int_equal(unlink(path), 0);
	assert_string_equal(text, expected);
}

static void last_line_is_read(void **state)
{
	(void)state;
	expect("one\ntwo\nthree\n\n", LOG_TAIL_SIZE, "three");
	expect("one", LOG_TAIL_SIZE, "one");
	expect("", LOG_TAIL_SIZE, "");
	expect("a \033[1mline\n", LOG_TAIL_SIZE, "a ?[1mline");
}

static void long_line_is_cut(void **state)
{
	(void)state;
	expect("begin middle end\n", 8, "le end");
}

static void no_file_has_no_last_line(void **state)
{
	char text[LOG_TAIL_SIZE] = "x";

	(void)state;
	log_tail_read("/nonexistent/log", text, sizeof(text));
	assert_string_equal(text, "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(last_line_is_read),
		cmocka_unit_test(long_line_is_cut),
		cmocka_unit_test(no_file_has_no_last_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
