// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/syntax.h"

#include "base/cleanup.h"
#include "json/scanner.h"
#include "json/sniff.h"
#include "json/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define INTEGER_MAX INT64_C(9007199254740991) /* 2^53-1, as in JSON */

int syntax_fail(const struct syntax *s, size_t offset, enum error_code code, const char *format,
		...)
{
	char place[ERROR_PLACE_SIZE];
	char text[ERROR_TEXT_SIZE];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	json_format_place(s->text, offset, s->name, place);
	return error_set(s->error, -EINVAL, code, place, "%s", text);
}

/* One character that may stand in a text; moves *@at behind it. */
static int check_character(const struct syntax *s, size_t *at)
{
	unsigned char c = (unsigned char)s->text[*at];
	size_t length = utf8_sequence(s->text + *at, s->size - *at);

	if (!length)
		return syntax_fail(s, *at, ERROR_UTF8, "invalid UTF-8 byte 0x%02x", c);
	if (c == '\r' && (*at + 1 == s->size || s->text[*at + 1] != '\n'))
		return syntax_fail(s, *at, ERROR_SYNTAX, "carriage return without a newline");
	if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
		return syntax_fail(s, *at, ERROR_SYNTAX, "control character 0x%02x", c);
	*at += length;
	return 0;
}

int syntax_check(const struct syntax *s)
{
	const char *kind = sniff_wrong_kind(s->text, s->size);
	size_t at = 0;
	int result = 0;

	if (kind)
		return error_set(s->error, -EINVAL, ERROR_SYNTAX, s->name, "%s", kind);
	if (s->size > SYNTAX_TEXT_MAX)
		return error_set(s->error, -EFBIG, ERROR_TOO_BIG, s->name, "%zu bytes; limit %u",
				 s->size, SYNTAX_TEXT_MAX);
	while (result == 0 && at < s->size)
		result = check_character(s, &at);
	return result;
}

unsigned char syntax_peek(const struct syntax *s)
{
	return s->at < s->size ? (unsigned char)s->text[s->at] : 0;
}

bool syntax_starts_with(const struct syntax *s, const char *word)
{
	size_t length = strlen(word);

	return s->at + length <= s->size && !memcmp(s->text + s->at, word, length);
}

bool syntax_at_newline(const struct syntax *s)
{
	return syntax_starts_with(s, "\n") || syntax_starts_with(s, "\r\n");
}

void syntax_skip_newline(struct syntax *s)
{
	s->at += syntax_peek(s) == '\r' ? 2 : 1;
}

void syntax_skip_line(struct syntax *s)
{
	while (s->at < s->size && !syntax_at_newline(s))
		s->at++;
}

int syntax_fail_unexpected(const struct syntax *s, const char *expected)
{
	if (s->at >= s->size)
		return syntax_fail(s, s->at, ERROR_SYNTAX, "the text ends where %s is expected",
				   expected);
	if (syntax_at_newline(s))
		return syntax_fail(s, s->at, ERROR_SYNTAX, "the line ends where %s is expected",
				   expected);
	if (syntax_starts_with(s, "<<<<<<<") || syntax_starts_with(s, "=======") ||
	    syntax_starts_with(s, ">>>>>>>"))
		return syntax_fail(s, s->at, ERROR_SYNTAX, "git conflict marker");
	return syntax_fail(s, s->at, ERROR_SYNTAX, "\"%.*s\" where %s is expected",
			   (int)utf8_sequence(s->text + s->at, s->size - s->at), s->text + s->at,
			   expected);
}

int syntax_parse_integer(const struct syntax *s, size_t offset, const char *digits, int64_t *ret)
{
	bool negative = *digits == '-';
	int64_t value = 0;

	for (digits += negative; *digits; digits++) {
		value = value * 10 + (*digits - '0');
		if (value > INTEGER_MAX)
			return syntax_fail(s, offset, ERROR_NUMBER,
					   "number must be an integer between -9007199254740991 "
					   "and 9007199254740991");
	}
	*ret = negative ? -value : value;
	return 0;
}

/* RFC 3629 section 3; @c is a character. */
static void append_utf8(struct strbuf *buffer, uint32_t c)
{
	static const uint8_t lead[] = { 0, 0xc0, 0xe0, 0xf0 };
	unsigned more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	uint8_t bytes[4] = { (uint8_t)(lead[more] | c >> 6 * more) };

	for (unsigned i = 1; i <= more; i++)
		bytes[i] = (uint8_t)(0x80 | (c >> 6 * (more - i) & 0x3f));
	strbuf_append(buffer, bytes, more + 1);
}

/* The position is on the letter `u` or `U`, the backslash one before it. */
static int append_unicode(struct syntax *s, unsigned digits, struct strbuf *ret)
{
	size_t start = s->at - 1;
	uint32_t c = 0;

	s->at++;
	for (unsigned i = 0; i < digits; i++, s->at++) {
		static const char hex[] = "0123456789abcdef";
		unsigned char byte = syntax_peek(s);
		const char *digit = byte ? strchr(hex, byte < 'A' ? byte : byte | 0x20) : NULL;

		if (!digit)
			return syntax_fail(s, start, ERROR_SYNTAX,
					   "\\%c without %u hexadecimal digits",
					   digits == 4 ? 'u' : 'U', digits);
		c = c << 4 | (uint32_t)(digit - hex);
	}
	if (c == 0 || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff)
		return syntax_fail(s, start, ERROR_UTF8, "U+%04X is not allowed in a string", c);
	append_utf8(ret, c);
	return 0;
}

int syntax_append_escape(struct syntax *s, const char *letters, const char *bytes,
			 struct strbuf *ret)
{
	size_t start = s->at++;
	unsigned char c = syntax_peek(s);
	const char *letter = c ? strchr(letters, c) : NULL;

	if (c == 'u' || c == 'U')
		return append_unicode(s, c == 'u' ? 4 : 8, ret);
	if (!letter)
		return syntax_fail(s, start, ERROR_SYNTAX, "unknown escape in a string");
	strbuf_append(ret, bytes + (letter - letters), 1);
	s->at++;
	return 0;
}

void syntax_append_character(struct syntax *s, struct strbuf *ret)
{
	size_t length = utf8_sequence(s->text + s->at, s->size - s->at);

	strbuf_append(ret, s->text + s->at, length);
	s->at += length;
}

int syntax_check_length(const struct syntax *s, size_t offset, const struct strbuf *text)
{
	if (text->length <= JSON_STRING_MAX)
		return 0;
	return syntax_fail(s, offset, ERROR_TOO_BIG, "string longer than %d bytes",
			   JSON_STRING_MAX);
}

int syntax_place(struct syntax *s, struct json_object *value, size_t name_offset, size_t offset)
{
	if (++s->values_count > SYNTAX_VALUES_MAX)
		return syntax_fail(s, offset, ERROR_TOO_BIG, "more than %d values",
				   SYNTAX_VALUES_MAX);
	json_value_set_place(value, name_offset, offset);
	return 0;
}

bool syntax_is_plain_name(const char *name)
{
	if (!*name || strlen(name) > SYNTAX_NAME_MAX)
		return false;
	for (; *name; name++)
		if ((unsigned char)*name < 0x20 || *name == 0x7f || *name == '"' || *name == '\\')
			return false;
	return true;
}

int syntax_add_member(const struct syntax *s, struct json_object *object, const char *name,
		      size_t name_offset, struct json_object **value)
{
	char quoted[JSON_QUOTE_SIZE];

	if (!syntax_is_plain_name(name))
		return syntax_fail(s, name_offset, ERROR_SYNTAX,
				   "a name has 1 to %d bytes and no quote, backslash or control "
				   "character",
				   SYNTAX_NAME_MAX);
	if (json_object_object_get_ex(object, name, NULL))
		return syntax_fail(s, name_offset, ERROR_DUP_KEY, "%s appears twice",
				   json_quote(name, quoted));
	if (json_object_object_length(object) >= JSON_MEMBERS_MAX)
		return syntax_fail(s, name_offset, ERROR_TOO_BIG,
				   "more than %d different names in one place", JSON_MEMBERS_MAX);
	(void)json_object_object_add(object, name, TAKE(*value));
	return 0;
}

int syntax_check_depth(const struct syntax *s, size_t offset, unsigned depth)
{
	if (depth < JSON_DEPTH_MAX)
		return 0;
	return syntax_fail(s, offset, ERROR_DEPTH, "nested deeper than %d", JSON_DEPTH_MAX);
}
