// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/format.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void expect_format(const char *compact, const char *expected)
{
	struct json_object *value = json_tokener_parse(compact);
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	CLEANUP(strbuf_done) struct strbuf again = { 0 };

	source_format(value, &text);
	assert_string_equal(strbuf_text(&text), expected);
	json_object_put(value);
	value = json_tokener_parse(strbuf_text(&text));
	source_format(value, &again);
	assert_string_equal(strbuf_text(&again), expected);
	json_object_put(value);
}

static void format_gives_each_member_a_line(void **state)
{
	(void)state;
	expect_format("{\"type\":\"aronet.org\",\"version\":3,\"prev\":null,\"nodes\":[]}",
		      "{\n"
		      "  \"type\": \"aronet.org\",\n"
		      "  \"version\": 3,\n"
		      "  \"prev\": null,\n"
		      "  \"nodes\": []\n"
		      "}\n");
}

static void format_keeps_small_objects_on_one_line(void **state)
{
	(void)state;
	expect_format("{\"nodes\":[{\"common_name\":\"moon\",\"endpoints\":[{\"address\":null,"
		      "\"port\":1}],\"remarks\":{\"network\":\"fd66:1::/64\",\"prefixs\":[\"a\","
		      "\"b\"]}}],\"x-note\":{\"by\":\"me\"}}",
		      "{\n"
		      "  \"nodes\": [\n"
		      "    {\n"
		      "      \"common_name\": \"moon\",\n"
		      "      \"endpoints\": [\n"
		      "        {\"address\": null, \"port\": 1}\n"
		      "      ],\n"
		      "      \"remarks\": {\n"
		      "        \"network\": \"fd66:1::/64\",\n"
		      "        \"prefixs\": [\"a\", \"b\"]\n"
		      "      }\n"
		      "    }\n"
		      "  ],\n"
		      "  \"x-note\": {\"by\": \"me\"}\n"
		      "}\n");
}

/* 120 columns with the comma that may follow. */
static void format_breaks_lines_that_are_too_long(void **state)
{
	char compact[160], expected[256];

	(void)state;
	for (int length = 108; length <= 109; length++) {
		(void)snprintf(compact, sizeof(compact), "{\"a\":[\"%0*d\"]}", length, 0);
		if (length == 108)
			(void)snprintf(expected, sizeof(expected), "{\n  \"a\": [\"%0*d\"]\n}\n",
				       length, 0);
		else
			(void)snprintf(expected, sizeof(expected),
				       "{\n  \"a\": [\n    \"%0*d\"\n  ]\n}\n", length, 0);
		expect_format(compact, expected);
	}
}

static void format_escapes_what_json_wants_escaped(void **state)
{
	(void)state;
	expect_format("{\"k\":\"-----BEGIN-----\\nA/B=\\n\\u001b\\\"\\\\ \\u00e9\"}",
		      "{\n  \"k\": \"-----BEGIN-----\\nA/B=\\n\\u001b\\\"\\\\ \xc3\xa9\"\n}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(format_gives_each_member_a_line),
		cmocka_unit_test(format_keeps_small_objects_on_one_line),
		cmocka_unit_test(format_breaks_lines_that_are_too_long),
		cmocka_unit_test(format_escapes_what_json_wants_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
