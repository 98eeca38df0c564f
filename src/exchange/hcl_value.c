// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/hcl_value.h"

#include "base/cleanup.h"

#include <errno.h>
#include <string.h>

#define NUMBER_MAX 64 /* characters; it is kept as text if it is no integer */

CLEANUP_DEFINE(struct json_object *, json_object_put);

bool hcl_is_name_start(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static int skip_comment(struct syntax *s)
{
	size_t start = s->at;

	for (s->at += 2; s->at < s->size; s->at++) {
		if (!syntax_starts_with(s, "*/"))
			continue;
		s->at += 2;
		return 0;
	}
	return syntax_fail(s, start, ERROR_SYNTAX, "comment without an end");
}

/* Spaces and comments, with @lines also newlines and comments that end with one. */
int hcl_skip_space(struct syntax *s, bool lines)
{
	int result = 0;

	while (result == 0) {
		unsigned char c = syntax_peek(s);

		if (c == ' ' || c == '\t')
			s->at++;
		else if (syntax_starts_with(s, "/*"))
			result = skip_comment(s);
		else if (lines && syntax_at_newline(s))
			syntax_skip_newline(s);
		else if (lines && (c == '#' || syntax_starts_with(s, "//")))
			syntax_skip_line(s);
		else
			break;
	}
	return result;
}

int hcl_read_name(struct syntax *s, struct strbuf *ret)
{
	if (!hcl_is_name_start(syntax_peek(s)))
		return syntax_fail_unexpected(s, "a name");
	while (hcl_is_name_start(syntax_peek(s)) || is_digit(syntax_peek(s)) ||
	       syntax_peek(s) == '-')
		strbuf_append(ret, &s->text[s->at++], 1);
	return 0;
}

static void append_digits(struct syntax *s, struct strbuf *ret)
{
	while (is_digit(syntax_peek(s)))
		strbuf_append(ret, &s->text[s->at++], 1);
}

/* NumericLit with an optional minus, which HCL has as an operator. */
static int read_number(struct syntax *s, struct json_object **ret)
{
	CLEANUP(strbuf_done) struct strbuf digits = { 0 };
	size_t start = s->at, whole;
	int64_t value = 0;
	int result;

	if (syntax_peek(s) == '-')
		strbuf_append(&digits, &s->text[s->at++], 1);
	if (!is_digit(syntax_peek(s)))
		return syntax_fail_unexpected(s, "a digit");
	append_digits(s, &digits);
	whole = digits.length;
	if (syntax_peek(s) == '.' && s->at + 1 < s->size &&
	    is_digit((unsigned char)s->text[s->at + 1])) {
		strbuf_append(&digits, &s->text[s->at++], 1);
		append_digits(s, &digits);
	}
	if ((syntax_peek(s) | 0x20) == 'e') {
		strbuf_append(&digits, &s->text[s->at++], 1);
		if (syntax_peek(s) == '+' || syntax_peek(s) == '-')
			strbuf_append(&digits, &s->text[s->at++], 1);
		if (!is_digit(syntax_peek(s)))
			return syntax_fail_unexpected(s, "a digit");
		append_digits(s, &digits);
	}
	if (digits.length > NUMBER_MAX)
		return syntax_fail(s, start, ERROR_NUMBER, "number of more than %d characters",
				   NUMBER_MAX);
	if (digits.length > whole) {
		*ret = json_object_new_string(strbuf_text(&digits));
		return 0;
	}
	result = syntax_parse_integer(s, start, strbuf_text(&digits), &value);
	if (result == 0)
		*ret = json_object_new_int64(value);
	return result;
}

static int read_word(struct syntax *s, struct json_object **ret)
{
	CLEANUP(strbuf_done) struct strbuf word = { 0 };
	size_t start = s->at;
	int result = hcl_read_name(s, &word);

	if (result < 0)
		return result;
	if (!strcmp(strbuf_text(&word), "null"))
		*ret = NULL;
	else if (!strcmp(strbuf_text(&word), "true") || !strcmp(strbuf_text(&word), "false"))
		*ret = json_object_new_boolean(strbuf_text(&word)[0] == 't');
	else
		return syntax_fail(s, start, ERROR_SYNTAX,
				   "%.40s is a variable or function; only plain values can be read",
				   strbuf_text(&word));
	return 0;
}

/* Behind an element of a list or object; newlines alone do between the members of an object. */
static int read_separator(struct syntax *s, char closing, bool *ret_more)
{
	size_t before = s->at;
	bool newline = false;
	int result = hcl_skip_space(s, true);

	for (size_t i = before; i < s->at && closing == '}'; i++)
		newline |= s->text[i] == '\n';
	if (result == 0 && syntax_peek(s) == ',') {
		s->at++;
		result = hcl_skip_space(s, true);
	} else if (result == 0 && syntax_peek(s) != closing && !newline) {
		return syntax_fail_unexpected(s,
					      closing == '}' ? "\",\" or \"}\"" : "\",\" or \"]\"");
	}
	*ret_more = syntax_peek(s) != (unsigned char)closing;
	return result;
}

static int read_list(struct syntax *s, unsigned depth, struct json_object *list)
{
	bool more;
	int result;

	s->at++;
	result = hcl_skip_space(s, true);
	more = syntax_peek(s) != ']';
	while (result == 0 && more) {
		struct json_object *item = NULL;
		size_t start = s->at;

		result = hcl_read_value(s, depth + 1, start, &item);
		if (result == 0)
			(void)json_object_array_add(list, item);
		if (result == 0)
			result = read_separator(s, ']', &more);
	}
	if (result < 0)
		return result;
	s->at++;
	return 0;
}

/* `name = value` or `"name" : value` in an object */
static int read_element(struct syntax *s, unsigned depth, struct json_object *object)
{
	CLEANUP(json_object_put) struct json_object *value = NULL;
	CLEANUP(strbuf_done) struct strbuf name = { 0 };
	size_t start = s->at;
	int result = syntax_peek(s) == '"' ? hcl_read_string(s, &name) : hcl_read_name(s, &name);

	if (result == 0)
		result = hcl_skip_space(s, true);
	if (result < 0)
		return result;
	if (syntax_peek(s) != ':' && (syntax_peek(s) != '=' || syntax_starts_with(s, "==")))
		return syntax_fail_unexpected(s, "\"=\"");
	s->at++;
	result = hcl_skip_space(s, true);
	if (result == 0)
		result = hcl_read_value(s, depth + 1, start, &value);
	if (result < 0 || !value)
		return result;
	return syntax_add_member(s, object, strbuf_text(&name), start, &value);
}

static int read_object(struct syntax *s, unsigned depth, struct json_object *object)
{
	bool more;
	int result;

	s->at++;
	result = hcl_skip_space(s, true);
	more = syntax_peek(s) != '}';
	while (result == 0 && more) {
		result = read_element(s, depth, object);
		if (result == 0)
			result = read_separator(s, '}', &more);
	}
	if (result < 0)
		return result;
	s->at++;
	return 0;
}

static int read_collection(struct syntax *s, unsigned depth, struct json_object **ret)
{
	bool is_list = syntax_peek(s) == '[';
	int result = syntax_check_depth(s, s->at, depth);

	if (result < 0)
		return result;
	*ret = is_list ? json_object_new_array() : json_object_new_object();
	return is_list ? read_list(s, depth, *ret) : read_object(s, depth, *ret);
}

/* *ret is NULL for null. */
int hcl_read_value(struct syntax *s, unsigned depth, size_t name_offset, struct json_object **ret)
{
	CLEANUP(json_object_put) struct json_object *value = NULL;
	unsigned char c = syntax_peek(s);
	size_t start = s->at;
	int result;

	if (c == '"' || syntax_starts_with(s, "<<"))
		result = hcl_read_text(s, &value);
	else if (c == '[' || c == '{')
		result = read_collection(s, depth, &value);
	else if (c == '-' || is_digit(c))
		result = read_number(s, &value);
	else if (hcl_is_name_start(c))
		result = read_word(s, &value);
	else
		return syntax_fail_unexpected(s, "a value");
	if (result == 0 && value)
		result = syntax_place(s, value, name_offset, start);
	if (result == 0)
		*ret = TAKE(value);
	return result;
}
