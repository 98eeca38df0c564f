// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/toml.h"

#include "exchange/syntax.h"
#include "exchange/test_syntax.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void expect_json(const char *text, const char *expected)
{
	test_syntax_expect_json(toml_parse, text, expected);
}

static void expect_refusal(const char *text, enum error_code code, const char *line)
{
	test_syntax_expect_refusal(toml_parse, text, code, line);
}

static void tables_and_arrays_of_tables_become_members(void **state)
{
	(void)state;
	expect_json("a = 1\n[[Peers]] # one\nb = 2\n\n[[Peers]]\r\n[t]\r\nc = 3\n",
		    "{\"a\":1,\"Peers\":[{\"b\":2},{}],\"t\":{\"c\":3}}");
	expect_json("[[p]]\n[p.q]\nx = 1\n[[p.r]]\ny = 1\n[[p.r]]\ny = 2\n[[p]]\n[p.q]\nx = 2",
		    "{\"p\":[{\"q\":{\"x\":1},\"r\":[{\"y\":1},{\"y\":2}]},{\"q\":{\"x\":2}}]}");
	expect_json("[ a . \"b c\" ]\nx = 1\n[a.d]", "{\"a\":{\"b c\":{\"x\":1},\"d\":{}}}");
	expect_json("# nothing", "{}");
}

static void values_of_each_kind_are_read(void **state)
{
	(void)state;
	expect_json("a = \"q\\\"\\\\\\n\\b\\u00e4\\U0001F600 ä\"\nb = 'c:\\d\"'\n\"e f\" = ''",
		    "{\"a\":\"q\\\"\\\\\\n\\bä😀 ä\",\"b\":\"c:\\\\d\\\"\",\"e f\":\"\"}");
	expect_json("a=0\nb = +7\nc = -1_000\n3 = 9007199254740991",
		    "{\"a\":0,\"b\":7,\"c\":-1000,\"3\":9007199254740991}");
	expect_json("a = [ 1, # c\n 'x',\n]\nb = []\nc = [[true], [false]]",
		    "{\"a\":[1,\"x\"],\"b\":[],\"c\":[[true],[false]]}");
	expect_json("P = [{ a = 1, b = [ {} ] }, {}]", "{\"P\":[{\"a\":1,\"b\":[{}]},{}]}");
}

static void what_the_subset_lacks_is_named(void **state)
{
	(void)state;
	expect_refusal(
		"a = \"\"\"\nx\"\"\"", ERROR_SYNTAX,
		"peers.conf:1:5: string of several lines; only strings on one line can be read");
	expect_refusal(
		"a = '''x'''", ERROR_SYNTAX,
		"peers.conf:1:5: string of several lines; only strings on one line can be read");
	expect_refusal(
		"a = 1.5", ERROR_NUMBER,
		"peers.conf:1:5: only decimal integers can be read, no fractions and no dates");
	expect_refusal(
		"a = 1979-05-27", ERROR_NUMBER,
		"peers.conf:1:5: only decimal integers can be read, no fractions and no dates");
	expect_refusal(
		"a = 0xc350", ERROR_NUMBER,
		"peers.conf:1:5: only decimal integers can be read, no fractions and no dates");
	expect_refusal("a.b = 1", ERROR_SYNTAX,
		       "peers.conf:1:1: dotted name; write a [table] instead");
}

static void mistakes_are_found_at_their_place(void **state)
{
	(void)state;
	expect_refusal("a = 01", ERROR_NUMBER, "peers.conf:1:5: number with a leading zero");
	expect_refusal("a = 1__0", ERROR_SYNTAX, "peers.conf:1:7: \"_\" where a digit is expected");
	expect_refusal("a = -", ERROR_SYNTAX,
		       "peers.conf:1:6: the text ends where a digit is expected");
	expect_refusal("a = 9007199254740992", ERROR_NUMBER,
		       "peers.conf:1:5: number must be an integer between -9007199254740991 and "
		       "9007199254740991");
	expect_refusal("a = True", ERROR_SYNTAX, "peers.conf:1:5: \"T\" where a value is expected");
	expect_refusal("a =\n1", ERROR_SYNTAX,
		       "peers.conf:1:4: the line ends where a value is expected");
	expect_refusal("a = 1 b = 2", ERROR_SYNTAX,
		       "peers.conf:1:7: \"b\" where the end of the line is expected");
	expect_refusal("a = \"x\n\"", ERROR_SYNTAX,
		       "peers.conf:1:5: string without an end on its line");
	expect_refusal("a = \"\\", ERROR_SYNTAX, "peers.conf:1:6: unknown escape in a string");
	expect_refusal("a = \"\\e\"", ERROR_SYNTAX, "peers.conf:1:6: unknown escape in a string");
	expect_refusal("a = [1 2]", ERROR_SYNTAX,
		       "peers.conf:1:8: \"2\" where \",\" or \"]\" is expected");
	expect_refusal("a = [1", ERROR_SYNTAX,
		       "peers.conf:1:7: the text ends where \",\" or \"]\" is expected");
	expect_refusal("a = {b = 1,}", ERROR_SYNTAX,
		       "peers.conf:1:12: \"}\" where a name is expected");
	expect_refusal("a = {b = 1\n}", ERROR_SYNTAX,
		       "peers.conf:1:11: the line ends where \",\" or \"}\" is expected");
	expect_refusal("[[Peers]", ERROR_SYNTAX, "peers.conf:1:8: \"]\" where \"]]\" is expected");
	expect_refusal("[Peers", ERROR_SYNTAX,
		       "peers.conf:1:7: the text ends where \"]\" is expected");
	expect_refusal("[]", ERROR_SYNTAX, "peers.conf:1:2: \"]\" where a name is expected");
	expect_refusal("= 1", ERROR_SYNTAX, "peers.conf:1:1: \"=\" where a name is expected");
}

static void a_name_means_one_thing(void **state)
{
	(void)state;
	expect_refusal("a = 1\n'a' = 2", ERROR_DUP_KEY, "peers.conf:2:1: \"a\" appears twice");
	expect_refusal("[a]\n[a]", ERROR_DUP_KEY, "peers.conf:2:2: \"a\" appears twice");
	expect_refusal("[a]\n[[a]]", ERROR_DUP_KEY, "peers.conf:2:3: \"a\" appears twice");
	expect_refusal("[[a]]\n[a]", ERROR_DUP_KEY, "peers.conf:2:2: \"a\" appears twice");
	expect_refusal("a = 1\n[a.b]", ERROR_DUP_KEY, "peers.conf:2:2: \"a\" appears twice");
	expect_refusal("a = []\n[[a]]", ERROR_DUP_KEY, "peers.conf:2:3: \"a\" appears twice");
	expect_refusal("a = [1]\n[a.b]", ERROR_DUP_KEY, "peers.conf:2:2: \"a\" appears twice");
	expect_refusal(
		"'' = 1", ERROR_SYNTAX,
		"peers.conf:1:1: a name has 1 to 255 bytes and no quote, backslash or control "
		"character");
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
	CLEANUP(free) char *header = repeat("[a", ".a", 12, "]");
	CLEANUP(free) char *headers = repeat("[[a", ".a", 10, "]]");
	CLEANUP(free) char *string = repeat("a = '", "x", 4097, "'");
	CLEANUP(free) char *good = repeat("[a", ".a", 10, "]\nb = 1");
	CLEANUP(json_document_free) struct json_document *document = NULL;

	(void)state;
	expect_refusal(deep, ERROR_DEPTH, "peers.conf:1:16: nested deeper than 12");
	expect_refusal(header, ERROR_DEPTH, "peers.conf:1:24: nested deeper than 12");
	expect_refusal(headers, ERROR_DEPTH, "peers.conf:1:23: nested deeper than 12");
	expect_refusal(string, ERROR_TOO_BIG, "peers.conf:1:5: string longer than 4096 bytes");
	assert_int_equal(toml_parse(good, strlen(good), "x", &document, NULL), 0);
}

static void values_know_their_places(void **state)
{
	const char *text = "[[Peers]]\n  a = 1\n";
	CLEANUP(json_document_free) struct json_document *document = NULL;
	struct json_cursor root, peers, peer, member;
	char place[ERROR_PLACE_SIZE];

	(void)state;
	assert_int_equal(toml_parse(text, strlen(text), "p", &document, NULL), 0);
	root = json_document_root(document);
	assert_int_equal(json_cursor_member(&root, "Peers", &peers), 0);
	peer = json_cursor_item(&peers, 0);
	assert_string_equal(json_cursor_place(&peer, place), "p:1:3");
	assert_int_equal(json_cursor_member(&peer, "a", &member), 0);
	assert_string_equal(json_cursor_place(&member, place), "p:2:7");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_and_arrays_of_tables_become_members),
		cmocka_unit_test(values_of_each_kind_are_read),
		cmocka_unit_test(what_the_subset_lacks_is_named),
		cmocka_unit_test(mistakes_are_found_at_their_place),
		cmocka_unit_test(a_name_means_one_thing),
		cmocka_unit_test(limits_have_names),
		cmocka_unit_test(values_know_their_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
