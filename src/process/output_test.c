// SPDX-License-Identifier: GPL-2.0-or-later
#include "process/output.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static int shell(const char *script, unsigned timeout_ms, char *ret, size_t size)
{
	const char *const argv[] = { "sh", "-c", script, NULL };

	return program_output(argv, timeout_ms, ret, size);
}

static void output_of_a_program_is_read(void **state)
{
	char text[16];

	(void)state;
	assert_int_equal(shell("echo one; echo two >&2", 10000, text, sizeof(text)), 0);
	assert_string_equal(text, "one\ntwo\n");
	assert_int_equal(
		shell("echo 0123456789012345678901234567890123456789", 10000, text, sizeof(text)),
		0);
	assert_string_equal(text, "012345678901234");
	assert_int_equal(shell("cat", 10000, text, sizeof(text)), 0);
	assert_string_equal(text, "");
}

static void program_that_fails_has_no_output(void **state)
{
	static const char *const missing[] = { "no-such-program-of-aronet", NULL };
	char text[16];

	(void)state;
	assert_int_equal(program_output(missing, 10000, text, sizeof(text)), -ENOENT);
	assert_int_equal(shell("echo one; exit 3", 10000, text, sizeof(text)), -EPROTO);
	assert_int_equal(shell("kill -9 $$", 10000, text, sizeof(text)), -EPROTO);
}

static int64_t seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static void program_that_hangs_is_killed(void **state)
{
	int64_t start = seconds();
	char text[16];

	(void)state;
	assert_int_equal(shell("exec sleep 60", 100, text, sizeof(text)), -ETIMEDOUT);
	assert_int_equal(shell("exec >&-; exec sleep 60", 100, text, sizeof(text)), -ETIMEDOUT);
	assert_true(seconds() - start < 30);
}

static void programs_are_found_in_the_path(void **state)
{
	(void)state;
	assert_true(program_is_installed("sh"));
	assert_false(program_is_installed("no-such-program-of-aronet"));
	/* A directory that can be entered. */
	assert_false(program_is_installed("."));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_of_a_program_is_read),
		cmocka_unit_test(program_that_fails_has_no_output),
		cmocka_unit_test(program_that_hangs_is_killed),
		cmocka_unit_test(programs_are_found_in_the_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
