// SPDX-License-Identifier: GPL-2.0-or-later
#include "vici/message.h"

#include "base/memory.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A message of elements that are written as C strings. */
#define READ(text, ret) vici_message_read((text), sizeof(text) - 1, (ret))

/* What charon says when a tunnel is up, shortened to what differs in kind. */
static void write_updown(struct vici_writer *writer)
{
	vici_printf(writer, "up", "yes");
	vici_begin_section(writer, "a-b");
	vici_printf(writer, "uniqueid", "%d", 17);
	vici_printf(writer, "state", "ESTABLISHED");
	vici_printf(writer, "if-id-in", "0000002a");
	vici_begin_list(writer, "tasks-active");
	vici_put_item(writer, "IKE_ESTABLISH");
	vici_put_item(writer, "CHILD_CREATE");
	vici_end_list(writer);
	vici_begin_section(writer, "child-sas");
	vici_begin_section(writer, "default-1");
	vici_printf(writer, "state", "INSTALLED");
	vici_end_section(writer);
	vici_begin_section(writer, "default-2");
	vici_printf(writer, "state", "REKEYING");
	vici_end_section(writer);
	vici_end_section(writer);
	vici_end_section(writer);
	vici_printf(writer, "down", "no");
	assert_int_equal(vici_writer_result(writer), 0);
}

static void what_is_written_is_read(void **state)
{
	CLEANUP(vici_writer_done) struct vici_writer writer = { 0 };
	struct vici_section message, connection, children, child, list;
	char name[VICI_NAME_MAX + 1], text[32];
	struct vici_value value;
	uint64_t number;

	(void)state;
	write_updown(&writer);
	assert_int_equal(vici_message_read(writer.bytes, writer.size, &message), 0);
	assert_true(vici_is_yes(&message, "up"));
	assert_false(vici_is_yes(&message, "down"));
	assert_true(vici_find_section(&message, "a-b", &connection));
	assert_string_equal(vici_find_text(&connection, "state", text, sizeof(text)),
			    "ESTABLISHED");
	assert_true(vici_find_number(&connection, "uniqueid", 10, UINT32_MAX, &number));
	assert_int_equal(number, 17);
	assert_true(vici_find_number(&connection, "if-id-in", 16, UINT32_MAX, &number));
	assert_int_equal(number, 42);
	assert_true(vici_find_list(&connection, "tasks-active", &list));
	assert_true(vici_next_item(&list, &value));
	assert_int_equal(value.size, strlen("IKE_ESTABLISH"));
	assert_true(vici_next_item(&list, &value));
	assert_memory_equal(value.bytes, "CHILD_CREATE", value.size);
	assert_false(vici_next_item(&list, &value));
	assert_true(vici_find_section(&connection, "child-sas", &children));
	assert_true(vici_next_section(&children, name, &child));
	assert_string_equal(name, "default-1");
	assert_string_equal(vici_find_text(&child, "state", text, sizeof(text)), "INSTALLED");
	assert_true(vici_next_section(&children, name, &child));
	assert_string_equal(name, "default-2");
	assert_string_equal(vici_find_text(&child, "state", text, sizeof(text)), "REKEYING");
	assert_false(vici_next_section(&children, name, &child));
}

/* Names are looked for in their own section only, and as what they are. */
static void what_is_not_there_is_not_found(void **state)
{
	CLEANUP(vici_writer_done) struct vici_writer writer = { 0 };
	struct vici_section message, section = { 0 };
	struct vici_value value = { 0 };
	char text[8] = "before";

	(void)state;
	write_updown(&writer);
	assert_int_equal(vici_message_read(writer.bytes, writer.size, &message), 0);
	assert_false(vici_find(&message, "state", &value));
	assert_false(vici_find(&message, "a-b", &value));
	assert_false(vici_find(&message, "u", &value));
	assert_false(vici_find_section(&message, "up", &section));
	assert_false(vici_find_section(&message, "child-sas", &section));
	assert_false(vici_find_list(&message, "a-b", &section));
	assert_null(value.bytes);
	assert_null(section.bytes);
	assert_string_equal(vici_find_text(&message, "state", text, sizeof(text)), "");
	assert_false(vici_find(&(struct vici_section) { 0 }, "", &value));
}

static void text_is_cut_and_made_printable(void **state)
{
	static const char bytes[] = "\x03\x01k\x00\x07"
				    "a\0\x1b\x7f\xc3\xa9z";
	struct vici_section message;
	char all[16], few[4];

	(void)state;
	assert_int_equal(READ(bytes, &message), 0);
	assert_string_equal(vici_find_text(&message, "k", all, sizeof(all)), "a?????z");
	assert_string_equal(vici_find_text(&message, "k", few, sizeof(few)), "a??");
}

static void numbers_are_digits_within_their_limits(void **state)
{
	static const struct {
		const char *text;
		unsigned base;
		uint64_t maximum;
		bool is_good;
		uint64_t number;
	} cases[] = {
		{ "0", 10, 0, true, 0 },
		{ "1", 10, 0, false, 0 },
		{ "007", 10, 7, true, 7 },
		{ "18446744073709551615", 10, UINT64_MAX, true, UINT64_MAX },
		{ "18446744073709551616", 10, UINT64_MAX, false, 0 },
		{ "99999999999999999999999", 10, UINT64_MAX, false, 0 },
		{ "ffffffff", 16, UINT32_MAX, true, UINT32_MAX },
		{ "100000000", 16, UINT32_MAX, false, 0 },
		{ "0000000d", 16, UINT32_MAX, true, 13 },
		{ "0000000d", 10, UINT32_MAX, false, 0 },
		{ "0x10", 16, UINT32_MAX, false, 0 },
		{ "F", 16, UINT32_MAX, false, 0 },
		{ "", 10, UINT32_MAX, false, 0 },
		{ "-1", 10, UINT32_MAX, false, 0 },
		{ " 1", 10, UINT32_MAX, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(vici_writer_done) struct vici_writer writer = { 0 };
		struct vici_section message;
		uint64_t number = 0;

		vici_printf(&writer, "n", "%s", cases[i].text);
		assert_int_equal(vici_message_read(writer.bytes, writer.size, &message), 0);
		if (vici_find_number(&message, "n", cases[i].base, cases[i].maximum, &number) !=
			    cases[i].is_good ||
		    number != cases[i].number)
			fail_msg("\"%s\"", cases[i].text);
	}
}

static void messages_out_of_form_are_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
	} cases[] = {
#define CASE(text) { (text), sizeof(text) - 1 }
		CASE("\x00"),				/* no such element */
		CASE("\x07"),				/* nor this */
		CASE("\x02"),				/* the end of what has not begun */
		CASE("\x06"),				/* a list's */
		CASE("\x05\x00\x01x"),			/* an item outside of a list */
		CASE("\x01\x01s"),			/* never ended */
		CASE("\x04\x01l"),			/* nor this */
		CASE("\x01\x01s\x06"),			/* ended as a list */
		CASE("\x04\x01l\x02"),			/* ended as a section */
		CASE("\x04\x01l\x04\x01l\x06\x06"),	/* a list in a list */
		CASE("\x04\x01l\x01\x01s\x02\x06"),	/* a section in a list */
		CASE("\x04\x01l\x03\x01k\x00\x00\x06"), /* a value with a name in a list */
#undef CASE
	};
	struct vici_section message = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (vici_message_read(cases[i].bytes, cases[i].size, &message) != -EBADMSG)
			fail_msg("case %zu", i);
	assert_null(message.bytes);
}

/* Wherever it is cut, but where a complete element has ended outside of all sections. */
static void messages_that_are_cut_off_are_refused(void **state)
{
	CLEANUP(vici_writer_done) struct vici_writer writer = { 0 };
	struct vici_section message;
	unsigned good = 0;

	(void)state;
	write_updown(&writer);
	for (size_t size = 0; size <= writer.size; size++) {
		/* With nothing behind it, so that sanitizers see a read too far. */
		CLEANUP(free) uint8_t *copy = memory_dup(writer.bytes, size);
		int result = vici_message_read(copy, size, &message);

		assert_true(result == 0 || result == -EBADMSG);
		good += result == 0;
	}
	assert_int_equal(good, 4); /* nothing, up, the section, down */
}

static void sections_may_be_this_deep(void **state)
{
	(void)state;
	for (unsigned depth = VICI_DEPTH_MAX; depth <= VICI_DEPTH_MAX + 1; depth++) {
		CLEANUP(vici_writer_done) struct vici_writer writer = { 0 };
		struct vici_section message;

		for (unsigned i = 0; i < depth; i++)
			vici_begin_section(&writer, "s");
		for (unsigned i = 0; i < depth; i++)
			vici_end_section(&writer);
		assert_int_equal(vici_writer_result(&writer), 0);
		assert_int_equal(vici_message_read(writer.bytes, writer.size, &message),
				 depth > VICI_DEPTH_MAX ? -E2BIG : 0);
	}
}

static char *letters(size_t count)
{
	char *text = memory_zalloc(count + 1, 1);

	memset(text, 'x', count);
	return text;
}

static void lengths_have_limits(void **state)
{
	CLEANUP(free) char *name = letters(VICI_NAME_MAX + 1);
	CLEANUP(free) char *value = letters(VICI_VALUE_MAX + 1);

	(void)state;
	for (size_t excess = 0; excess < 2; excess++) {
		CLEANUP(vici_writer_done) struct vici_writer names = { 0 };
		CLEANUP(vici_writer_done) struct vici_writer values = { 0 };
		CLEANUP(vici_writer_done) struct vici_writer items = { 0 };
		int expected = excess ? -E2BIG : 0;

		vici_printf(&names, name + 1 - excess, "v");
		assert_int_equal(vici_writer_result(&names), expected);
		vici_put(&values, "k", value, VICI_VALUE_MAX + excess);
		assert_int_equal(vici_writer_result(&values), expected);
		vici_begin_list(&items, "l");
		vici_put_item(&items, value + 1 - excess);
		vici_end_list(&items);
		assert_int_equal(vici_writer_result(&items), expected);
	}
}

static void whole_messages_have_a_limit(void **state)
{
	CLEANUP(vici_writer_done) struct vici_writer writer = { 0 };
	CLEANUP(free) char *value = letters(VICI_VALUE_MAX);
	CLEANUP(free) uint8_t *large = memory_zalloc(VICI_MESSAGE_MAX + 1, 1);
	struct vici_section message;

	(void)state;
	for (unsigned i = 0; i < 7; i++)
		vici_put(&writer, "k", value, VICI_VALUE_MAX);
	assert_int_equal(vici_writer_result(&writer), 0);
	assert_int_equal(vici_message_read(writer.bytes, writer.size, &message), 0);
	vici_put(&writer, "k", value, VICI_VALUE_MAX);
	assert_int_equal(vici_writer_result(&writer), -E2BIG);
	assert_true(writer.size <= VICI_MESSAGE_MAX);
	assert_int_equal(vici_message_read(large, VICI_MESSAGE_MAX + 1, &message), -E2BIG);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(what_is_not_there_is_not_found),
		cmocka_unit_test(text_is_cut_and_made_printable),
		cmocka_unit_test(numbers_are_digits_within_their_limits),
		cmocka_unit_test(messages_out_of_form_are_refused),
		cmocka_unit_test(messages_that_are_cut_off_are_refused),
		cmocka_unit_test(sections_may_be_this_deep),
		cmocka_unit_test(lengths_have_limits),
		cmocka_unit_test(whole_messages_have_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
