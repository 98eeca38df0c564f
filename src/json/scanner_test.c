// SPDX-License-Identifier: GPL-2.0-or-later
#include "json/scanner.h"

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static int scan(const char *text, size_t size, enum json_dialect dialect, struct error *error)
{
	CLEANUP(free) char *copy = memory_dup(text, size);

	return json_scan(copy, size, dialect, "t.json", error);
}

static void expect_refused(const char *text, size_t size, enum json_dialect dialect,
			   enum error_code code, const char *line)
{
	char formatted[ERROR_LINE_SIZE];
	struct error error;

	if (scan(text, size, dialect, &error) == 0)
		fail_msg("accepted: %.60s", text);
	if (line)
		assert_string_equal(error_format(&error, formatted, sizeof(formatted)), line);
	assert_string_equal(error_code_name(error.code), error_code_name(code));
}

/*
 * The must-reject files of nst/JSONTestSuite that json-c accepts in its strictest mode, by their
 * names there.
 */
static void scan_refuses_what_strict_json_c_accepts(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		enum error_code code;
	} cases[] = {
		{ "object_single_quote", "{'a':0}", ERROR_SYNTAX },
		{ "multidigit_number_then_00", "123\0", ERROR_SYNTAX },
		{ "string_unescaped_newline", "[\"new\nline\"]", ERROR_SYNTAX },
		{ "string_unescaped_tab", "[\"\t\"]", ERROR_SYNTAX },
		{ "number_2.e+3", "[2.e+3]", ERROR_NUMBER },
		{ "number_2.e-3", "[2.e-3]", ERROR_NUMBER },
		{ "number_2.e3", "[2.e3]", ERROR_NUMBER },
		{ "number_0.e1", "[0.e1]", ERROR_NUMBER },
		{ "number_-01", "[-01]", ERROR_NUMBER },
		{ "number_-2.", "[-2.]", ERROR_NUMBER },
		{ "number_neg_int_starting_with_zero", "[-012]", ERROR_NUMBER },
		{ "number_neg_real_without_int_part", "[-.123]", ERROR_NUMBER },
		{ "number_real_without_fractional_part", "[1.]", ERROR_NUMBER },
		{ "number_NaN", "[NaN]", ERROR_SYNTAX },
		{ "number_infinity", "[Infinity]", ERROR_SYNTAX },
		{ "number_minus_infinity", "[-Infinity]", ERROR_NUMBER },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t size = i == 1 ? 4 : strlen(cases[i].text);

		print_message("# %s\n", cases[i].name);
		expect_refused(cases[i].text, size, JSON_STRICT, cases[i].code, NULL);
		expect_refused(cases[i].text, size, JSON_WITH_COMMENTS, cases[i].code, NULL);
	}
}

static void scan_names_the_place_and_the_fault(void **state)
{
	static const struct {
		const char *text;
		enum error_code code;
		const char *line;
	} cases[] = {
		{ "", ERROR_SYNTAX, "t.json: empty file" },
		{ " \n", ERROR_SYNTAX, "t.json: empty file" },
		{ "\xef\xbb\xbf{}", ERROR_SYNTAX,
		  "t.json: byte order mark; save the file as UTF-8 without it" },
		{ "\x1f\x8b\x08", ERROR_SYNTAX, "t.json: gzip data; unpack it first" },
		{ "\xff\xfe{", ERROR_SYNTAX,
		  "t.json: UTF-16 text with a byte order mark; save the file as UTF-8" },
		{ "\n<!DOCTYPE html>", ERROR_SYNTAX, "t.json: HTML page" },
		{ "<<<<<<< HEAD\n{}", ERROR_SYNTAX, "t.json: git conflict marker" },
		{ "{\n<<<<<<< HEAD\n", ERROR_SYNTAX, "t.json:2:1: git conflict marker" },
		{ "{\"a\": 1,\n}", ERROR_SYNTAX, "t.json:1:8: trailing comma (JSON allows none)" },
		{ "[1,]", ERROR_SYNTAX, "t.json:1:3: trailing comma (JSON allows none)" },
		{ "{} # x", ERROR_SYNTAX, "t.json:1:4: comment (JSON allows none)" },
		{ "// x\n{}", ERROR_SYNTAX, "t.json:1:1: comment (JSON allows none)" },
		{ "{\"p\":1,\n  \"p\":2}", ERROR_DUP_KEY,
		  "t.json:2:3: member \"p\" appears twice" },
		{ "{\"\xc3\xa9\":\"\xc3\xa9\", 'b'}", ERROR_SYNTAX,
		  "t.json:1:11: single-quoted string (JSON has \"double quotes\" only)" },
		{ "[\"\xc0\x80\"]", ERROR_UTF8, "t.json:1:3: invalid UTF-8 byte 0xc0" },
		{ "[\"\xed\xa0\x80\"]", ERROR_UTF8, "t.json:1:3: invalid UTF-8 byte 0xed" },
		{ "[\"\\ud800\"]", ERROR_UTF8, "t.json:1:3: lone surrogate \\ud800" },
		{ "[\"\\udc00\\ud800\"]", ERROR_UTF8, "t.json:1:3: lone surrogate \\udc00" },
		{ "[\"\\u0000\"]", ERROR_SYNTAX, "t.json:1:3: \\u0000 is not allowed" },
		{ "[\"\\x\"]", ERROR_SYNTAX, "t.json:1:3: unknown escape in a string" },
		{ "{\"\\u0061\":1}", ERROR_SYNTAX, "t.json:1:3: escape in a member name" },
		{ "[1e3]", ERROR_NUMBER,
		  "t.json:1:2: number must be an integer between -9007199254740991 and "
		  "9007199254740991" },
		{ "[-0]", ERROR_NUMBER, NULL },
		{ "-0", ERROR_NUMBER, NULL },
		{ "[9007199254740992]", ERROR_NUMBER, NULL },
		{ "[99999999999999999999999999999999999999]", ERROR_NUMBER, NULL },
		{ "[00]", ERROR_NUMBER, "t.json:1:2: number with a leading zero" },
		{ "[1 2]", ERROR_SYNTAX, "t.json:1:4: \"2\" where \",\" or \"]\" is expected" },
		{ "{} {}", ERROR_SYNTAX,
		  "t.json:1:4: \"{\" where the end of the text is expected" },
		{ "[1", ERROR_SYNTAX,
		  "t.json:1:3: the text ends where \",\" or \"]\" is expected" },
		{ "[\"a", ERROR_SYNTAX, "t.json:1:2: string without an end" },
		{ "[\"a\\", ERROR_SYNTAX, NULL },
		{ "[\"\\u12", ERROR_SYNTAX, NULL },
		{ "[\"\\ud800\\u12", ERROR_UTF8, NULL },
		{ "{\"a\"}", ERROR_SYNTAX, "t.json:1:5: \"}\" where \":\" is expected" },
		{ "[tru]", ERROR_SYNTAX, "t.json:1:2: \"t\" where a value is expected" },
		{ "[\x80]", ERROR_SYNTAX, "t.json:1:2: byte 0x80 where a value is expected" },
		{ "[[[[[[[[[[[[[", ERROR_DEPTH, "t.json:1:13: nested deeper than 12" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		expect_refused(cases[i].text, strlen(cases[i].text), JSON_STRICT, cases[i].code,
			       cases[i].line);
	expect_refused("{\"a\":1}\0{}", 10, JSON_STRICT, ERROR_SYNTAX, "t.json:1:8: byte 0x00");
	expect_refused("{\0\"\0", 4, JSON_STRICT, ERROR_SYNTAX,
		       "t.json: UTF-16 text; save the file as UTF-8");
	expect_refused("\0\0\0", 3, JSON_STRICT, ERROR_SYNTAX, "t.json:1:1: byte 0x00");
}

/* Strings are looked at in pieces; a byte must not be judged by where in a piece it stands. */
static void scan_judges_a_byte_wherever_it_stands(void **state)
{
	struct error error;

	(void)state;
	for (unsigned byte = 1; byte < 256; byte++) {
		bool is_plain = byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';

		for (size_t at = 1; at < 25; at++) {
			char text[] = "\"aaaaaaaaaaaaaaaaaaaaaaaaa\"";

			text[at] = (char)byte;
			if ((scan(text, strlen(text), JSON_STRICT, &error) == 0) != is_plain)
				fail_msg("byte 0x%02x at %zu", byte, at);
		}
	}
}

static void scan_accepts_json(void **state)
{
	static const char *const texts[] = {
		"{}",
		" [ ] ",
		"0",
		"-9007199254740991",
		"9007199254740991",
		"null",
		"\"\\ud83d\\ude00 \\u00e9 \xf0\x9f\x98\x80 \\\" \\\\ \\/ \\b\\f\\n\\r\\t\"",
		"[[[[[[[[[[[[1]]]]]]]]]]]]",
		"{\"a\":{\"a\":[true,false,null,-1,0,10]},\"\xc3\xa9\":\"\"}\r\n\t",
	};
	struct error error;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_int_equal(scan(texts[i], strlen(texts[i]), JSON_STRICT, &error), 0);
}

static void scan_counts_members_and_string_bytes(void **state)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct error error;

	(void)state;
	for (int i = 0; i < JSON_MEMBERS_MAX; i++)
		strbuf_printf(&text, "%c\"m%d\":%d", i ? ',' : '{', i, i);
	strbuf_puts(&text, "}");
	assert_int_equal(scan(text.bytes, text.length, JSON_STRICT, &error), 0);
	text.bytes[text.length - 1] = ',';
	strbuf_puts(&text, "\"more\":1}");
	expect_refused(text.bytes, text.length, JSON_STRICT, ERROR_TOO_BIG, NULL);

	strbuf_done(&text);
	strbuf_puts(&text, "[\"");
	for (int i = 0; i < JSON_STRING_MAX - 2; i++)
		strbuf_puts(&text, "a");
	strbuf_puts(&text, "\\u00e9\"]");
	assert_int_equal(scan(text.bytes, text.length, JSON_STRICT, &error), 0);
	text.bytes[text.length - 2] = 'b';
	strbuf_puts(&text, "\"]");
	text.bytes[text.length - 3] = 'b';
	expect_refused(text.bytes, text.length, JSON_STRICT, ERROR_TOO_BIG, NULL);
}

static void scan_blanks_comments_and_trailing_commas_only(void **state)
{
	char text[] = "# one\n{\"a\": [1, 2,], // t\xc3\xb6\n\"b\": \"# // ,]\",\n}//end";
	const char *blanked = "     \n{\"a\": [1, 2 ],       \n\"b\": \"# // ,]\" \n}     ";
	struct error error;

	(void)state;
	assert_int_equal(json_scan(text, strlen(text), JSON_WITH_COMMENTS, "t", &error), 0);
	assert_string_equal(text, blanked);
}

static void comments_dialect_is_lenient_in_nothing_else(void **state)
{
	static const char *const texts[] = {
		"{,}",	 "[,]",	      "[1,,]",	"{\"a\":1,,}", "[1,] ,",
		"{a:1}", "/* x */{}", "{} / x", "{\"a\":1e1}", "[1] # \x80\n",
		"#",	 "// {}",     "[1;]",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct error error;

		if (scan(texts[i], strlen(texts[i]), JSON_WITH_COMMENTS, &error) == 0)
			fail_msg("accepted: %s", texts[i]);
	}
}

static void locate_finds_values_and_names(void **state)
{
	const char *text = "{\"a\": 1,\n \"b\": [{\"c\": 5}, {\"c\": 6}]}";
	const struct json_step steps[] = { { .member = "b" }, { .index = 1 }, { .member = "c" } };
	const struct json_step missing[] = { { .member = "b" }, { .index = 1 }, { .member = "d" } };
	char place[ERROR_PLACE_SIZE];
	size_t size = strlen(text);

	(void)state;
	json_format_place(text, json_locate(text, size, steps, 3, JSON_LOCATE_VALUE), "t", place);
	assert_string_equal(place, "t:2:24");
	json_format_place(text, json_locate(text, size, steps, 3, JSON_LOCATE_NAME), "t", place);
	assert_string_equal(place, "t:2:19");
	json_format_place(text, json_locate(text, size, missing, 3, JSON_LOCATE_VALUE), "t", place);
	assert_string_equal(place, "t:2:18");
	json_format_place(text, json_locate(text, size, NULL, 0, JSON_LOCATE_VALUE), "t", place);
	assert_string_equal(place, "t:1:1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scan_refuses_what_strict_json_c_accepts),
		cmocka_unit_test(scan_names_the_place_and_the_fault),
		cmocka_unit_test(scan_judges_a_byte_wherever_it_stands),
		cmocka_unit_test(scan_accepts_json),
		cmocka_unit_test(scan_counts_members_and_string_bytes),
		cmocka_unit_test(scan_blanks_comments_and_trailing_commas_only),
		cmocka_unit_test(comments_dialect_is_lenient_in_nothing_else),
		cmocka_unit_test(locate_finds_values_and_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
