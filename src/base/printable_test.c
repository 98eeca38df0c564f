// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/error.h"
#include "base/printable.h"
#include "base/warning.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The order matters to cmocka. */
#include <setjmp.h>
#include <stddef.h>

#include <cmocka.h>

static const char *made(const char *text, char buffer[64])
{
	(void)snprintf(buffer, 64, "%s", text);
	printable_make(buffer);
	return buffer;
}

static void readable_text_stays(void **state)
{
	char buffer[64];

	(void)state;
	assert_string_equal(made("", buffer), "");
	assert_string_equal(made("org \"a\": ~ 1", buffer), "org \"a\": ~ 1");
	assert_string_equal(made("é € 😀", buffer), "é € 😀");
}

static void what_a_terminal_acts_upon_becomes_question_marks(void **state)
{
	char buffer[64];

	(void)state;
	assert_string_equal(made("a\x1b[31mb", buffer), "a?[31mb");
	assert_string_equal(made("1\n2\r3\t4\x07\x7f", buffer), "1?2?3?4??");
	/* CSI as one character, U+009B; U+00A0 is none */
	assert_string_equal(made("a\xc2\x9b"
				 "2Jb\xc2\xa0",
				 buffer),
			    "a??2Jb\xc2\xa0");
}

static void cut_characters_become_a_question_mark(void **state)
{
	char buffer[64];

	(void)state;
	assert_string_equal(made("a\xe2\x82", buffer), "a?");
	assert_string_equal(made("a\xe2", buffer), "a?");
	assert_string_equal(made("a\xf0\x9f\x98", buffer), "a?");
	assert_string_equal(made("a\xc3", buffer), "a?");
	assert_string_equal(made("\xc9", buffer), "?");
	assert_string_equal(made("a\xe2\x82\xac", buffer), "a\xe2\x82\xac");
	/* Not UTF-8 at all: whatever it is, it does not run off the buffer. */
	assert_string_equal(made("\x80\x80\x80\x80", buffer), "\x80\x80\x80\x80");
}

static void only_ascii_is_kept_of_other_programs(void **state)
{
	char kept[8];

	(void)state;
	printable_keep_ascii("no \"é\"", kept, sizeof(kept));
	assert_string_equal(kept, "no \"??\"");
	printable_keep_ascii("\x01\x1f ~\x7f\x80\xff and more", kept, sizeof(kept));
	assert_string_equal(kept, "?? ~???");
	printable_keep_ascii("", kept, sizeof(kept));
	assert_string_equal(kept, "");
}

static void errors_and_warnings_are_printable(void **state)
{
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	struct error error;

	(void)state;
	(void)error_set(&error, -1, ERROR_VALUE, "a\x1bz", "b%sd", "\x7f");
	assert_string_equal(error.place, "a?z");
	assert_string_equal(error.text, "b?d");
	error_prefix_place(&error, "\x01");
	assert_string_equal(error.place, "?: a?z");
	warnings_add(&warnings, "W02", "host bits set in %s", "\x1b]0;title\x07");
	assert_string_equal(warnings.items[0].text, "host bits set in ?]0;title?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readable_text_stays),
		cmocka_unit_test(what_a_terminal_acts_upon_becomes_question_marks),
		cmocka_unit_test(cut_characters_become_a_question_mark),
		cmocka_unit_test(only_ascii_is_kept_of_other_programs),
		cmocka_unit_test(errors_and_warnings_are_printable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
