// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/hcl.h"

#include "exchange/syntax.h"
#include "exchange/test_syntax.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void expect_json(const char *text, const char *expected)
{
	test_syntax_expect_json(hcl_parse, text, expected);
}

static void expect_refusal(const char *text, enum error_code code, const char *line)
{
	test_syntax_expect_refusal(hcl_parse, text, code, line);
}

static void attributes_and_blocks_become_members(void **state)
{
	(void)state;
	expect_json("a = 1\nb-c = \"x\" # comment\n_d = true // another\n",
		    "{\"a\":1,\"b-c\":\"x\",\"_d\":true}");
	expect_json("peers {\n  a = 1\n}\npeers {\n}\npeers { a = 2 }\npeers {}",
		    "{\"peers\":[{\"a\":1},{},{\"a\":2},{}]}");
	expect_json("/* of\nseveral lines */ a /**/ = /* x */ null\nb = false", "{\"b\":false}");
	expect_json("p { # comment\r\n\tq {\r\n\t\tr = -7\r\n\t}\r\n}\r\n",
		    "{\"p\":[{\"q\":[{\"r\":-7}]}]}");
	expect_json("# nothing\n", "{}");
}

static void strings_are_templates_without_expressions(void **state)
{
	(void)state;
	expect_json("a = \"q\\\"\\\\\\n\\u00e4\\U0001F600 ä $${x} %%{y} $x 5%\"",
		    "{\"a\":\"q\\\"\\\\\\nä😀 ä ${x} %{y} $x 5%\"}");
	expect_refusal("a = \"x${y}\"", ERROR_SYNTAX,
		       "peers.conf:1:7: template expression; only plain text can be read");
	expect_refusal("a = \"%{ if x }\"", ERROR_SYNTAX,
		       "peers.conf:1:6: template expression; only plain text can be read");
	expect_refusal("a = \"x\n\"", ERROR_SYNTAX,
		       "peers.conf:1:5: string without an end on its line");
	expect_refusal("a = [\"\\", ERROR_SYNTAX, "peers.conf:1:7: unknown escape in a string");
	expect_refusal("a = \"\\x41\"", ERROR_SYNTAX, "peers.conf:1:6: unknown escape in a string");
	expect_refusal("a = \"\\u12g4\"", ERROR_SYNTAX,
		       "peers.conf:1:6: \\u without 4 hexadecimal digits");
	expect_refusal("a = \"\\ud800\"", ERROR_UTF8,
		       "peers.conf:1:6: U+D800 is not allowed in a string");
	expect_refusal("a = \"\\U00000000\"", ERROR_UTF8,
		       "peers.conf:1:6: U+0000 is not allowed in a string");
}

static void heredocs_keep_their_lines(void **state)
{
	(void)state;
	expect_json("a = <<EOT\n x\n\"y\" \\n\nEOT\nb = 1",
		    "{\"a\":\" x\\n\\\"y\\\" \\\\n\\n\",\"b\":1}");
	expect_json("a = <<-E-1\n    x\n\n      y\n  E-1\n", "{\"a\":\"x\\n\\n  y\\n\"}");
	expect_json("a = [<<X\nx\nX\n, 2]", "{\"a\":[\"x\\n\",2]}");
	expect_refusal("a = <<EOT\nx\nEOTT\n", ERROR_SYNTAX,
		       "peers.conf:1:5: no line with EOT ends this text");
	expect_refusal("a = <<\"EOT\"\nEOT\n", ERROR_SYNTAX,
		       "peers.conf:1:7: \"\"\" where a name is expected");
}

static void numbers_are_integers_or_their_digits(void **state)
{
	(void)state;
	expect_json(
		"a = 0\nb = -0\nc = 007\nd = 31.25\ne = 1e3\nf = -9007199254740991",
		"{\"a\":0,\"b\":0,\"c\":7,\"d\":\"31.25\",\"e\":\"1e3\",\"f\":-9007199254740991}");
	expect_refusal("a = 9007199254740992", ERROR_NUMBER,
		       "peers.conf:1:5: number must be an integer between -9007199254740991 and "
		       "9007199254740991");
	expect_refusal("a = 1e", ERROR_SYNTAX,
		       "peers.conf:1:7: the text ends where a digit is expected");
	expect_refusal("a = - 1", ERROR_SYNTAX, "peers.conf:1:6: \" \" where a digit is expected");
	expect_refusal("a = 0x10", ERROR_SYNTAX,
		       "peers.conf:1:6: \"x\" where the end of the line is expected");
}

static void lists_and_objects_nest(void **state)
{
	(void)state;
	expect_json("a = [\n  1, \"x\", # c\n  [true],\n]\nb = []\n",
		    "{\"a\":[1,\"x\",[true]],\"b\":[]}");
	expect_json("r = {\n  a = 1\n  \"b c\" : 2, c = null\n}\ns = {}\nt = { x = 1, y = 2, }",
		    "{\"r\":{\"a\":1,\"b c\":2},\"s\":{},\"t\":{\"x\":1,\"y\":2}}");
	expect_json("a = [null, { b = null }]", "{\"a\":[null,{}]}");
	expect_refusal("a = [1 2]", ERROR_SYNTAX,
		       "peers.conf:1:8: \"2\" where \",\" or \"]\" is expected");
	expect_refusal("a = { x = 1 y = 2 }", ERROR_SYNTAX,
		       "peers.conf:1:13: \"y\" where \",\" or \"}\" is expected");
	expect_refusal("a = [1,\n", ERROR_SYNTAX,
		       "peers.conf:2:1: the text ends where a value is expected");
	expect_refusal("a = { (x) = 1 }", ERROR_SYNTAX,
		       "peers.conf:1:7: \"(\" where a name is expected");
}

static void what_would_have_to_be_computed_is_refused(void **state)
{
	(void)state;
	expect_refusal(
		"a = var.x", ERROR_SYNTAX,
		"peers.conf:1:5: var is a variable or function; only plain values can be read");
	expect_refusal("a = 1 + 1", ERROR_SYNTAX,
		       "peers.conf:1:7: \"+\" where the end of the line is expected");
	expect_refusal("a = (1)", ERROR_SYNTAX, "peers.conf:1:5: \"(\" where a value is expected");
	expect_refusal("peers \"x\" {\n}", ERROR_SYNTAX,
		       "peers.conf:1:7: a block with a label; none has one here");
}

static void lines_end_where_the_syntax_says(void **state)
{
	(void)state;
	expect_refusal("a = 1, b = 2", ERROR_SYNTAX,
		       "peers.conf:1:6: \",\" where the end of the line is expected");
	expect_refusal(
		"p { a = 1\n}", ERROR_SYNTAX,
		"peers.conf:1:10: the line ends where \"}\" (a block on one line has at most one "
		"attribute) is expected");
	expect_refusal("p {\n a = 1 }", ERROR_SYNTAX,
		       "peers.conf:2:8: \"}\" where the end of the line is expected");
	expect_refusal("p\n{\n}", ERROR_SYNTAX,
		       "peers.conf:1:2: the line ends where \"=\" or \"{\" is expected");
	expect_refusal("p {\n a = 1\n", ERROR_SYNTAX,
		       "peers.conf:3:1: the text ends where \"}\" is expected");
	expect_refusal("}\n", ERROR_SYNTAX, "peers.conf:1:1: \"}\" where a name is expected");
	expect_refusal("a == 1", ERROR_SYNTAX,
		       "peers.conf:1:3: \"=\" where \"=\" or \"{\" is expected");
	expect_refusal("/* x", ERROR_SYNTAX, "peers.conf:1:1: comment without an end");
	expect_refusal("a =\n1", ERROR_SYNTAX,
		       "peers.conf:1:4: the line ends where a value is expected");
}

static void a_name_means_one_thing(void **state)
{
	(void)state;
	expect_refusal("a = 1\na = 2", ERROR_DUP_KEY, "peers.conf:2:1: \"a\" appears twice");
	expect_refusal("a {\n}\na = 2", ERROR_DUP_KEY, "peers.conf:3:1: \"a\" appears twice");
	expect_refusal("a = 1\na {\n}", ERROR_DUP_KEY,
		       "peers.conf:2:1: \"a\" is an attribute before and a block here");
	expect_refusal("a = []\na {\n}", ERROR_DUP_KEY,
		       "peers.conf:2:1: \"a\" is an attribute before and a block here");
	expect_refusal("a = { \"x\" = 1, x = 2 }", ERROR_DUP_KEY,
		       "peers.conf:1:16: \"x\" appears twice");
	expect_refusal("ä = 1", ERROR_SYNTAX, "peers.conf:1:1: \"ä\" where a name is expected");
	expect_refusal(
		"a = { \"x\\\"\" = 1 }", ERROR_SYNTAX,
		"peers.conf:1:7: a name has 1 to 255 bytes and no quote, backslash or control "
		"character");
}

static void other_kinds_of_files_are_named(void **state)
{
	(void)state;
	expect_refusal("", ERROR_SYNTAX, "peers.conf: empty file");
	expect_refusal("\xef\xbb\xbfpeers {\n}\n", ERROR_SYNTAX,
		       "peers.conf: byte order mark; save the file as UTF-8 without it");
	expect_refusal("<!DOCTYPE html>", ERROR_SYNTAX, "peers.conf: HTML page");
	expect_refusal("a = 1\n<<<<<<< HEAD\n", ERROR_SYNTAX,
		       "peers.conf:2:1: git conflict marker");
	expect_refusal("a = \"\xff\"", ERROR_UTF8, "peers.conf:1:6: invalid UTF-8 byte 0xff");
	expect_refusal("a = 1\rb = 2", ERROR_SYNTAX,
		       "peers.conf:1:6: carriage return without a newline");
	expect_refusal("a = 1 \x01", ERROR_SYNTAX, "peers.conf:1:7: control character 0x01");
}

/* @count times @text, between @head and @tail */
static char *repeat(const char *head, const char *text, size_t count, const char *tail)
{
	struct strbuf buffer = { 0 };

	strbuf_puts(&buffer, head);
	for (size_t i = 0; i < count; i++)
		strbuf_puts(&buffer, text);
	strbuf_puts(&buffer, tail);
	return strbuf_take(&buffer);
}

static void limits_have_names(void **state)
{
	CLEANUP(free) char *deep = repeat("a = ", "[", 12, "");
	CLEANUP(free) char *blocks = repeat("", "a {\n", 6, "");
	CLEANUP(free) char *string = repeat("a = \"", "x", 4097, "\"");
	CLEANUP(free) char *heredoc = repeat("a = <<X\n", "\n", 4097, "X\n");
	CLEANUP(free) char *values = repeat("a = [", "1,", SYNTAX_VALUES_MAX, "]");
	CLEANUP(free) char *good = repeat("a = ", "[", 11, "1]]]]]]]]]]]");
	CLEANUP(json_document_free) struct json_document *document = NULL;
	struct strbuf members = { 0 };

	(void)state;
	expect_refusal(deep, ERROR_DEPTH, "peers.conf:1:16: nested deeper than 12");
	expect_refusal(blocks, ERROR_DEPTH, "peers.conf:6:1: nested deeper than 12");
	expect_refusal(string, ERROR_TOO_BIG, "peers.conf:1:5: string longer than 4096 bytes");
	expect_refusal(heredoc, ERROR_TOO_BIG, "peers.conf:1:5: string longer than 4096 bytes");
	expect_refusal(values, ERROR_TOO_BIG, "peers.conf:1:1000004: more than 500000 values");
	assert_int_equal(hcl_parse(good, strlen(good), "x", &document, NULL), 0);
	for (unsigned i = 0; i < 65; i++)
		strbuf_printf(&members, "a%u = 1\n", i);
	expect_refusal(strbuf_text(&members), ERROR_TOO_BIG,
		       "peers.conf:65:1: more than 64 different names in one place");
	strbuf_done(&members);
}

static void values_know_their_places(void **state)
{
	const char *text = "peers {\n  a = 1\n  e { f = true }\n}\n";
	CLEANUP(json_document_free) struct json_document *document = NULL;
	struct json_cursor root, peers, peer, member;
	char place[ERROR_PLACE_SIZE];

	(void)state;
	assert_int_equal(hcl_parse(text, strlen(text), "p", &document, NULL), 0);
	root = json_document_root(document);
	assert_int_equal(json_cursor_member(&root, "peers", &peers), 0);
	peer = json_cursor_item(&peers, 0);
	assert_string_equal(json_cursor_place(&peer, place), "p:1:1");
	assert_int_equal(json_cursor_member(&peer, "a", &member), 0);
	assert_string_equal(json_cursor_place(&member, place), "p:2:7");
	assert_int_equal(json_cursor_member(&peer, "e", &member), 0);
	assert_string_equal(json_cursor_place(&member, place), "p:3:3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attributes_and_blocks_become_members),
		cmocka_unit_test(strings_are_templates_without_expressions),
		cmocka_unit_test(heredocs_keep_their_lines),
		cmocka_unit_test(numbers_are_integers_or_their_digits),
		cmocka_unit_test(lists_and_objects_nest),
		cmocka_unit_test(what_would_have_to_be_computed_is_refused),
		cmocka_unit_test(lines_end_where_the_syntax_says),
		cmocka_unit_test(a_name_means_one_thing),
		cmocka_unit_test(other_kinds_of_files_are_named),
		cmocka_unit_test(limits_have_names),
		cmocka_unit_test(values_know_their_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
