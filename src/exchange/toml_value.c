// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/toml_value.h"

#include "base/cleanup.h"

#include <errno.h>
#include <string.h>

CLEANUP_DEFINE(struct json_object *, json_object_put);

static int read_value(struct syntax *s, unsigned depth, size_t name_offset,
		      struct json_object **ret);

static bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static bool is_name_character(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
	       c == '-';
}

void toml_skip_space(struct syntax *s, bool lines)
{
	for (;;) {
		unsigned char c = syntax_peek(s);

		if (c == ' ' || c == '\t')
			s->at++;
		else if (lines && syntax_at_newline(s))
			syntax_skip_newline(s);
		else if (lines && c == '#')
			syntax_skip_line(s);
		else
			return;
	}
}

/* A basic string "..." with escapes, or a literal one '...' without. */
static int read_string(struct syntax *s, struct strbuf *ret)
{
	unsigned char quote = syntax_peek(s);
	size_t start = s->at;
	int result = 0;

	if (syntax_starts_with(s, "\"\"\"") || syntax_starts_with(s, "'''"))
		return syntax_fail(s, start, ERROR_SYNTAX,
				   "string of several lines; only strings on one line can be read");
	s->at++;
	while (syntax_peek(s) != quote) {
		if (s->at >= s->size || syntax_at_newline(s))
			return syntax_fail(s, start, ERROR_SYNTAX,
					   "string without an end on its line");
		if (syntax_peek(s) == '\\' && quote == '"')
			result = syntax_append_escape(s, "btnfr\"\\", "\b\t\n\f\r\"\\", ret);
		else
			syntax_append_character(s, ret);
		if (result == 0)
			result = syntax_check_length(s, start, ret);
		if (result < 0)
			return result;
	}
	s->at++;
	return 0;
}

int toml_read_name(struct syntax *s, struct strbuf *ret)
{
	if (syntax_peek(s) == '"' || syntax_peek(s) == '\'')
		return read_string(s, ret);
	if (!is_name_character(syntax_peek(s)))
		return syntax_fail_unexpected(s, "a name");
	while (is_name_character(syntax_peek(s)))
		strbuf_append(ret, &s->text[s->at++], 1);
	return 0;
}

/* Digits of a decimal integer without the underscores that may stand between two of them. */
static int read_digits(struct syntax *s, struct strbuf *ret)
{
	for (;;) {
		if (!is_digit(syntax_peek(s)))
			return syntax_fail_unexpected(s, "a digit");
		while (is_digit(syntax_peek(s)))
			strbuf_append(ret, &s->text[s->at++], 1);
		if (syntax_peek(s) != '_')
			return 0;
		s->at++;
	}
}

static int read_number(struct syntax *s, struct json_object **ret)
{
	CLEANUP(strbuf_done) struct strbuf digits = { 0 };
	size_t start = s->at, sign = 0;
	int64_t value = 0;
	int result;

	if (syntax_peek(s) == '-' || syntax_peek(s) == '+') {
		sign = syntax_peek(s) == '-';
		strbuf_append(&digits, "-", sign);
		s->at++;
	}
	result = read_digits(s, &digits);
	if (result < 0)
		return result;
	if (digits.length > sign + 1 && digits.bytes[sign] == '0')
		return syntax_fail(s, start, ERROR_NUMBER, "number with a leading zero");
	if (is_name_character(syntax_peek(s)) || syntax_peek(s) == '.' || syntax_peek(s) == ':')
		return syntax_fail(s, start, ERROR_NUMBER,
				   "only decimal integers can be read, no fractions and no dates");
	result = syntax_parse_integer(s, start, strbuf_text(&digits), &value);
	if (result == 0)
		*ret = json_object_new_int64(value);
	return result;
}

static int read_boolean(struct syntax *s, struct json_object **ret)
{
	bool value = syntax_starts_with(s, "true");

	if (!value && !syntax_starts_with(s, "false"))
		return syntax_fail_unexpected(s, "a value");
	s->at += strlen(value ? "true" : "false");
	*ret = json_object_new_boolean(value);
	return 0;
}

/* Newlines, comments and a comma at the end are fine in an array. */
static int read_array(struct syntax *s, unsigned depth, struct json_object *array)
{
	int result = 0;

	s->at++;
	toml_skip_space(s, true);
	while (result == 0 && syntax_peek(s) != ']') {
		struct json_object *item = NULL;

		result = read_value(s, depth + 1, s->at, &item);
		if (result < 0)
			return result;
		(void)json_object_array_add(array, item);
		toml_skip_space(s, true);
		if (syntax_peek(s) == ']')
			break;
		if (syntax_peek(s) != ',')
			return syntax_fail_unexpected(s, "\",\" or \"]\"");
		s->at++;
		toml_skip_space(s, true);
	}
	s->at++;
	return 0;
}

/* One line, and no comma at the end. */
static int read_inline_table(struct syntax *s, unsigned depth, struct json_object *table)
{
	bool more;

	s->at++;
	toml_skip_space(s, false);
	more = syntax_peek(s) != '}';
	while (more) {
		int result = toml_read_pair(s, depth + 1, table);

		if (result < 0)
			return result;
		toml_skip_space(s, false);
		more = syntax_peek(s) == ',';
		if (!more && syntax_peek(s) != '}')
			return syntax_fail_unexpected(s, "\",\" or \"}\"");
		s->at += more;
		toml_skip_space(s, false);
	}
	s->at++;
	return 0;
}

static int read_collection(struct syntax *s, unsigned depth, struct json_object **ret)
{
	bool is_array = syntax_peek(s) == '[';
	int result = syntax_check_depth(s, s->at, depth);

	if (result < 0)
		return result;
	*ret = is_array ? json_object_new_array() : json_object_new_object();
	return is_array ? read_array(s, depth, *ret) : read_inline_table(s, depth, *ret);
}

static int read_text(struct syntax *s, struct json_object **ret)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	int result = read_string(s, &text);

	if (result == 0)
		*ret = json_object_new_string_len(strbuf_text(&text), (int)text.length);
	return result;
}

static int read_value(struct syntax *s, unsigned depth, size_t name_offset,
		      struct json_object **ret)
{
	CLEANUP(json_object_put) struct json_object *value = NULL;
	unsigned char c = syntax_peek(s);
	size_t start = s->at;
	int result;

	if (c == '"' || c == '\'')
		result = read_text(s, &value);
	else if (c == '[' || c == '{')
		result = read_collection(s, depth, &value);
	else if (c == '-' || c == '+' || is_digit(c))
		result = read_number(s, &value);
	else
		result = read_boolean(s, &value);
	if (result == 0)
		result = syntax_place(s, value, name_offset, start);
	if (result == 0)
		*ret = TAKE(value);
	return result;
}

int toml_read_pair(struct syntax *s, unsigned depth, struct json_object *table)
{
	CLEANUP(json_object_put) struct json_object *value = NULL;
	CLEANUP(strbuf_done) struct strbuf name = { 0 };
	size_t start = s->at;
	int result = toml_read_name(s, &name);

	if (result < 0)
		return result;
	toml_skip_space(s, false);
	if (syntax_peek(s) == '.')
		return syntax_fail(s, start, ERROR_SYNTAX, "dotted name; write a [table] instead");
	if (syntax_peek(s) != '=')
		return syntax_fail_unexpected(s, "\"=\"");
	s->at++;
	toml_skip_space(s, false);
	result = read_value(s, depth, start, &value);
	if (result == 0)
		result = syntax_add_member(s, table, strbuf_text(&name), start, &value);
	return result;
}
