// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/vici_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void check_json(const struct vici_writer *message, const char *expected)
{
	struct vici_section section;
	struct json_object *json;

	assert_int_equal(vici_writer_result(message), 0);
	assert_int_equal(vici_message_read(message->bytes, message->size, &section), 0);
	json = vici_to_json(&section);
	assert_string_equal(json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN), expected);
	json_object_put(json);
}

static void sections_lists_and_values_keep_their_form(void **state)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };

	(void)state;
	vici_begin_section(&message, "a-b");
	vici_printf(&message, "uniqueid", "1");
	vici_begin_list(&message, "local-ts");
	vici_put_item(&message, "0.0.0.0/0");
	vici_put_item(&message, "::/0");
	vici_end_list(&message);
	vici_begin_section(&message, "child-sas");
	vici_end_section(&message);
	vici_end_section(&message);
	vici_printf(&message, "last", "%s", "");
	check_json(&message, "{\"a-b\":{\"uniqueid\":\"1\",\"local-ts\":[\"0.0.0.0\\/0\",\"::"
			     "\\/0\"],\"child-sas\":{}},\"last\":\"\"}");
}

static void an_empty_message_is_an_empty_object(void **state)
{
	const struct vici_section nothing = { 0 };
	struct json_object *json = vici_to_json(&nothing);

	(void)state;
	assert_int_equal(json_object_object_length(json), 0);
	json_object_put(json);
}

/* With nothing lost: a backslash is told from one that is ours. */
static void bytes_that_are_no_text_are_escaped(void **state)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };

	(void)state;
	vici_put(&message, "\033name", "a\0\033\n\xff\\x00\"", 10);
	check_json(&message, "{\"\\\\x1bname\":\"a\\\\x00\\\\x1b\\\\x0a\\\\xff\\\\\\\\x00\\\"\"}");
}

static void the_first_of_one_name_counts(void **state)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };

	(void)state;
	vici_printf(&message, "k", "first");
	vici_begin_section(&message, "k");
	vici_end_section(&message);
	check_json(&message, "{\"k\":\"first\"}");
}

static void the_deepest_message_is_converted(void **state)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };
	char expected[16 * VICI_DEPTH_MAX] = "";

	(void)state;
	for (int i = 0; i < VICI_DEPTH_MAX; i++) {
		vici_begin_section(&message, "s");
		strcat(expected, "{\"s\":");
	}
	strcat(expected, "{}");
	for (int i = 0; i < VICI_DEPTH_MAX; i++) {
		vici_end_section(&message);
		strcat(expected, "}");
	}
	check_json(&message, expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_lists_and_values_keep_their_form),
		cmocka_unit_test(an_empty_message_is_an_empty_object),
		cmocka_unit_test(bytes_that_are_no_text_are_escaped),
		cmocka_unit_test(the_first_of_one_name_counts),
		cmocka_unit_test(the_deepest_message_is_converted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
