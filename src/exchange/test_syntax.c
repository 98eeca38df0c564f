// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/test_syntax.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define NAME "peers.conf"

void test_syntax_expect_json(test_syntax_parse_fn *parse, const char *text, const char *expected)
{
	CLEANUP(json_document_free) struct json_document *document = NULL;
	char line[ERROR_LINE_SIZE];
	struct error error = { 0 };

	if (parse(text, strlen(text), NAME, &document, &error) < 0)
		fail_msg("%s\n%s", text, error_format(&error, line, sizeof(line)));
	assert_string_equal(json_object_to_json_string_ext(json_document_root(document).value,
							   JSON_C_TO_STRING_NOSLASHESCAPE),
			    expected);
}

void test_syntax_expect_refusal(test_syntax_parse_fn *parse, const char *text, enum error_code code,
				const char *line)
{
	struct json_document *document = NULL;
	char found[ERROR_LINE_SIZE];
	struct error error = { 0 };

	if (parse(text, strlen(text), NAME, &document, &error) == 0)
		fail_msg("accepted:\n%s", text);
	assert_string_equal(error_format(&error, found, sizeof(found)), line);
	assert_int_equal(error.code, code);
}
