// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/strbuf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The order matters to cmocka. */
#include <setjmp.h>
#include <stddef.h>

#include <cmocka.h>

static void empty_buffer_is_the_empty_text(void **state)
{
	CLEANUP(strbuf_done) struct strbuf buffer = { 0 };
	char *text;

	(void)state;
	assert_string_equal(strbuf_text(&buffer), "");
	text = strbuf_take(&buffer);
	assert_string_equal(text, "");
	free(text);
	strbuf_append(&buffer, "", 0);
	assert_string_equal(strbuf_text(&buffer), "");
}

static void text_grows_piece_by_piece(void **state)
{
	CLEANUP(strbuf_done) struct strbuf buffer = { 0 };

	(void)state;
	strbuf_puts(&buffer, "route ");
	strbuf_printf(&buffer, "%s/%u", "fd66::", 64u);
	strbuf_append(&buffer, " dev lo", 4);
	assert_string_equal(strbuf_text(&buffer), "route fd66::/64 dev");
	assert_int_equal(buffer.length, strlen("route fd66::/64 dev"));
}

/* Around the sizes at which the memory is made larger. */
static void every_length_is_terminated(void **state)
{
	(void)state;
	for (int length = 60; length < 70; length++) {
		CLEANUP(strbuf_done) struct strbuf printed = { 0 };
		CLEANUP(strbuf_done) struct strbuf appended = { 0 };

		strbuf_printf(&printed, "%*s", length, "x");
		assert_int_equal(strlen(strbuf_text(&printed)), length);
		strbuf_printf(&printed, "%*s", 2 * length, "z");
		assert_int_equal(strlen(strbuf_text(&printed)), 3 * length);
		assert_int_equal(strbuf_text(&printed)[length - 1], 'x');
		for (int i = 0; i < length; i++)
			strbuf_append(&appended, "y", 1);
		assert_int_equal(strlen(strbuf_text(&appended)), length);
	}
}

static void zero_bytes_are_kept(void **state)
{
	CLEANUP(strbuf_done) struct strbuf buffer = { 0 };

	(void)state;
	strbuf_append(&buffer, "a\0b", 3);
	assert_int_equal(buffer.length, 3);
	assert_memory_equal(buffer.bytes, "a\0b", 4);
}

static void taken_text_leaves_an_empty_buffer(void **state)
{
	CLEANUP(strbuf_done) struct strbuf buffer = { 0 };
	char *text;

	(void)state;
	strbuf_puts(&buffer, "one");
	text = strbuf_take(&buffer);
	strbuf_puts(&buffer, "two");
	assert_string_equal(text, "one");
	assert_string_equal(strbuf_text(&buffer), "two");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_buffer_is_the_empty_text),
		cmocka_unit_test(text_grows_piece_by_piece),
		cmocka_unit_test(every_length_is_terminated),
		cmocka_unit_test(zero_bytes_are_kept),
		cmocka_unit_test(taken_text_leaves_an_empty_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
