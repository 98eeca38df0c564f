// SPDX-License-Identifier: GPL-2.0-or-later
#include "json/scanner.h"

#include "base/memory.h"
#include "json/sniff.h"
#include "json/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INTEGER_MAX UINT64_C(9007199254740991) /* 2^53-1, RFC 8259 section 6 */

struct scanner {
	const char *text;
	char *writable; /* the same text, or NULL if nothing may be blanked */
	size_t size;
	size_t at;
	enum json_dialect dialect;
	size_t string_max; /* bytes, decoded */
	const char *name;
	struct error *error;
	struct json_payloads *payloads; /* JSON_ENVELOPES only */

	/* json_locate() only */
	const struct json_step *steps;
	size_t steps_count;
	enum json_locate_what what;
	size_t found;
};

static int scan_value(struct scanner *s, size_t depth, bool on_path);

__attribute__((format(printf, 4, 5))) static int
fail_at(struct scanner *s, size_t offset, enum error_code code, const char *format, ...)
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

/* The byte at the cursor; at the end 0, which no accepted text holds. */
static unsigned char peek(const struct scanner *s)
{
	return s->at < s->size ? (unsigned char)s->text[s->at] : 0;
}

static bool starts_with(const struct scanner *s, const char *word)
{
	size_t length = strlen(word);

	return s->size - s->at >= length && !memcmp(s->text + s->at, word, length);
}

static void blank(struct scanner *s, size_t start, size_t end)
{
	if (s->writable)
		memset(s->writable + start, ' ', end - start);
}

static bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static int fail_unexpected(struct scanner *s, const char *expected)
{
	unsigned char c = peek(s);

	if (s->at >= s->size)
		return fail_at(s, s->at, ERROR_SYNTAX, "the text ends where %s is expected",
			       expected);
	if (c == '\'')
		return fail_at(s, s->at, ERROR_SYNTAX,
			       "single-quoted string (JSON has \"double quotes\" only)");
	if (starts_with(s, "<<<<<<<") || starts_with(s, "=======") || starts_with(s, ">>>>>>>"))
		return fail_at(s, s->at, ERROR_SYNTAX, "git conflict marker");
	if (c < 0x20 || c >= 0x7f)
		return fail_at(s, s->at, ERROR_SYNTAX, "byte 0x%02x where %s is expected", c,
			       expected);
	return fail_at(s, s->at, ERROR_SYNTAX, "\"%c\" where %s is expected", c, expected);
}

static int scan_comment(struct scanner *s)
{
	size_t start = s->at;

	if (starts_with(s, "/*"))
		return fail_at(s, start, ERROR_SYNTAX, "comment of the form /* */ (%s)",
			       s->dialect == JSON_WITH_COMMENTS ? "only # and // are allowed"
								: "JSON allows none");
	if (s->dialect != JSON_WITH_COMMENTS)
		return fail_at(s, start, ERROR_SYNTAX, "comment (JSON allows none)");
	while (s->at < s->size && peek(s) != '\n') {
		size_t length = utf8_sequence(s->text + s->at, s->size - s->at);

		if (!length)
			return fail_at(s, s->at, ERROR_UTF8, "invalid UTF-8 byte 0x%02x", peek(s));
		s->at += length;
	}
	blank(s, start, s->at);
	return 0;
}

static int skip_space(struct scanner *s)
{
	for (;;) {
		unsigned char c = peek(s);
		int result;

		if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
			s->at++;
			continue;
		}
		if (c != '#' && !starts_with(s, "//") && !starts_with(s, "/*"))
			return 0;
		result = scan_comment(s);
		if (result < 0)
			return result;
	}
}

static bool read_hex4(const struct scanner *s, size_t at, uint32_t *ret)
{
	uint32_t value = 0;

	if (s->size - at < 4)
		return false;
	for (size_t i = 0; i < 4; i++) {
		unsigned char c = (unsigned char)s->text[at + i];
		unsigned char letter = c | 0x20;

		if (is_digit(c))
			value = value << 4 | (uint32_t)(c - '0');
		else if (letter >= 'a' && letter <= 'f')
			value = value << 4 | (uint32_t)(letter - 'a' + 10);
		else
			return false;
	}
	*ret = value;
	return true;
}

/* The cursor is behind "\u". Adds the size of the character in UTF-8 to @decoded. */
static int scan_unicode_escape(struct scanner *s, size_t *decoded)
{
	size_t start = s->at - 2;
	uint32_t first, second;

	if (!read_hex4(s, s->at, &first))
		return fail_at(s, start, ERROR_SYNTAX, "\\u without four hexadecimal digits");
	s->at += 4;
	if (first == 0)
		return fail_at(s, start, ERROR_SYNTAX, "\\u0000 is not allowed");
	if (first < 0xd800 || first > 0xdfff) {
		*decoded += first < 0x80 ? 1 : first < 0x800 ? 2 : 3;
		return 0;
	}
	if (first >= 0xdc00 || !starts_with(s, "\\u") || !read_hex4(s, s->at + 2, &second) ||
	    second < 0xdc00 || second > 0xdfff)
		return fail_at(s, start, ERROR_UTF8, "lone surrogate \\u%04x", first);
	s->at += 6;
	*decoded += 4;
	return 0;
}

static int scan_escape(struct scanner *s, size_t *decoded)
{
	size_t start = s->at++;
	unsigned char c = peek(s);

	s->at++;
	if (c == 'u')
		return scan_unicode_escape(s, decoded);
	if (!c || !strchr("\"\\/bfnrt", c))
		return fail_at(s, start, ERROR_SYNTAX, "unknown escape in a string");
	(*decoded)++;
	return 0;
}

/* Printable ASCII but quotation mark and backslash. A char may be signed or not. */
static bool is_plain(char character)
{
	unsigned char c = (unsigned char)character;

	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/*
 * Are all bytes of @word plain? Subtracting from all at once borrows into the top bit of a byte
 * that is too small; a borrow from the byte below it can only make this say no where it might say
 * yes.
 */
static bool are_plain(uint64_t word)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones * 0x80;
	uint64_t quote = word ^ (ones * '"'), backslash = word ^ (ones * '\\');
	uint64_t low = (word - ones * 0x20) & ~word;

	quote = (quote - ones) & ~quote;
	backslash = (backslash - ones) & ~backslash;
	return !((word | low | quote | backslash) & tops);
}

/* Moves over what needs no second look; most of a bundle is base64. */
static void skip_plain(struct scanner *s)
{
	const char *next = s->text + s->at, *end = s->text + s->size;
	uint64_t word;

	for (; (size_t)(end - next) >= sizeof(word); next += sizeof(word)) {
		memcpy(&word, next, sizeof(word));
		if (!are_plain(word))
			break;
	}
	while (next < end && is_plain(*next))
		next++;
	s->at = (size_t)(next - s->text);
}

static int scan_string(struct scanner *s, bool is_name, struct json_span *ret)
{
	size_t start = s->at++;
	size_t decoded = 0;
	size_t length;
	int result;

	while (peek(s) != '"') {
		size_t before = s->at;
		unsigned char c;

		skip_plain(s);
		decoded += s->at - before;
		c = peek(s);
		if (s->at >= s->size)
			return fail_at(s, start, ERROR_SYNTAX, "string without an end");
		if (c < 0x20)
			return fail_at(s, s->at, ERROR_SYNTAX,
				       "raw control character 0x%02x in a string", c);
		if (c == '\\' && is_name)
			return fail_at(s, s->at, ERROR_SYNTAX, "escape in a member name");
		if (c == '"') {
			continue;
		} else if (c == '\\') {
			result = scan_escape(s, &decoded);
			if (result < 0)
				return result;
		} else {
			length = utf8_sequence(s->text + s->at, s->size - s->at);
			if (!length)
				return fail_at(s, s->at, ERROR_UTF8, "invalid UTF-8 byte 0x%02x",
					       c);
			s->at += length;
			decoded += length;
		}
	}
	if (decoded > s->string_max)
		return fail_at(s, start, ERROR_TOO_BIG, "string longer than %zu bytes",
			       s->string_max);
	*ret = (struct json_span) { start + 1, s->at - start - 1 };
	s->at++;
	return 0;
}

static int fail_number(struct scanner *s, size_t offset)
{
	return fail_at(s, offset, ERROR_NUMBER,
		       "number must be an integer between -9007199254740991 and 9007199254740991");
}

static int scan_number(struct scanner *s)
{
	size_t start = s->at;
	bool negative = peek(s) == '-';
	bool leading_zero;
	uint64_t value = 0;

	s->at += negative;
	if (!is_digit(peek(s)))
		return fail_number(s, start);
	leading_zero = peek(s) == '0';
	while (is_digit(peek(s))) {
		value = value * 10 + (uint64_t)(peek(s) - '0');
		if (value > INTEGER_MAX)
			return fail_number(s, start);
		s->at++;
	}
	if (leading_zero && s->at - start > 1u + negative)
		return fail_at(s, start, ERROR_NUMBER, "number with a leading zero");
	if ((negative && value == 0) || peek(s) == '.' || (peek(s) | 0x20) == 'e')
		return fail_number(s, start);
	return 0;
}

static int scan_word(struct scanner *s)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!starts_with(s, words[i]))
			continue;
		s->at += strlen(words[i]);
		return 0;
	}
	return fail_unexpected(s, "a value");
}

/*
 * Behind an element: moves over a comma and says whether another element follows. A comma before
 * the closing bracket is blanked in the dialect that allows it.
 */
static int scan_separator(struct scanner *s, char closing, bool *ret_more)
{
	int result = skip_space(s);
	size_t comma;

	if (result < 0)
		return result;
	if (peek(s) == (unsigned char)closing) {
		*ret_more = false;
		return 0;
	}
	if (peek(s) != ',')
		return fail_unexpected(s, closing == '}' ? "\",\" or \"}\"" : "\",\" or \"]\"");
	comma = s->at++;
	result = skip_space(s);
	if (result < 0)
		return result;
	*ret_more = peek(s) != (unsigned char)closing;
	if (*ret_more)
		return 0;
	if (s->dialect != JSON_WITH_COMMENTS)
		return fail_at(s, comma, ERROR_SYNTAX, "trailing comma (JSON allows none)");
	blank(s, comma, comma + 1);
	return 0;
}

static bool is_step_member(const struct scanner *s, size_t depth, const struct json_span *name)
{
	const struct json_step *step = &s->steps[depth - 1];

	return step->member && strlen(step->member) == name->length &&
	       !memcmp(step->member, s->text + name->start, name->length);
}

static int check_name(struct scanner *s, const struct json_span *names, size_t count)
{
	const struct json_span *last = &names[count];

	for (size_t i = 0; i < count; i++) {
		if (names[i].length == last->length &&
		    !memcmp(s->text + names[i].start, s->text + last->start, last->length))
			return fail_at(s, last->start - 1, ERROR_DUP_KEY,
				       "member \"%.*s\" appears twice",
				       (int)(last->length < 64 ? last->length : 64),
				       s->text + last->start);
	}
	return 0;
}

/* Documents travel in envelopes as strings of any length. */
static bool is_payload(const struct scanner *s, const struct json_span *name)
{
	return s->payloads && name->length == strlen("payload") &&
	       !memcmp(s->text + name->start, "payload", name->length);
}

static int scan_payload(struct scanner *s)
{
	struct json_span *span = ARRAY_APPEND(s->payloads->items, s->payloads->count);
	int result;

	s->string_max = SIZE_MAX;
	result = scan_string(s, false, span);
	s->string_max = JSON_STRING_MAX;
	if (result == 0 && memchr(s->text + span->start, '\\', span->length))
		s->payloads->have_escapes = true;
	return result;
}

static int scan_member(struct scanner *s, size_t depth, bool on_path, struct json_span *names,
		       size_t count)
{
	bool is_step;
	int result;

	if (peek(s) != '"')
		return fail_unexpected(s, "a member name in double quotes");
	if (count >= JSON_MEMBERS_MAX)
		return fail_at(s, s->at, ERROR_TOO_BIG, "object with more than %d members",
			       JSON_MEMBERS_MAX);
	result = scan_string(s, true, &names[count]);
	if (result == 0)
		result = check_name(s, names, count);
	if (result == 0)
		result = skip_space(s);
	if (result < 0)
		return result;
	if (peek(s) != ':')
		return fail_unexpected(s, "\":\"");
	s->at++;
	is_step = on_path && depth <= s->steps_count && is_step_member(s, depth, &names[count]);
	if (is_step && depth == s->steps_count && s->what == JSON_LOCATE_NAME) {
		s->found = names[count].start - 1;
		is_step = false;
	}
	result = skip_space(s);
	if (result < 0)
		return result;
	if (peek(s) == '"' && is_payload(s, &names[count]))
		return scan_payload(s);
	return scan_value(s, depth, is_step);
}

static int scan_object(struct scanner *s, size_t depth, bool on_path)
{
	struct json_span names[JSON_MEMBERS_MAX];
	bool more = true;
	int result;

	s->at++;
	result = skip_space(s);
	if (result < 0)
		return result;
	if (peek(s) == '}')
		more = false;
	for (size_t count = 0; more; count++) {
		result = scan_member(s, depth, on_path, names, count);
		if (result == 0)
			result = scan_separator(s, '}', &more);
		if (result < 0)
			return result;
	}
	s->at++;
	return 0;
}

static int scan_array(struct scanner *s, size_t depth, bool on_path)
{
	const struct json_step *step;
	bool more = true;
	int result;

	step = on_path && depth <= s->steps_count ? &s->steps[depth - 1] : NULL;
	s->at++;
	result = skip_space(s);
	if (result < 0)
		return result;
	if (peek(s) == ']')
		more = false;
	for (size_t index = 0; more; index++) {
		result = scan_value(s, depth, step && !step->member && step->index == index);
		if (result == 0)
			result = scan_separator(s, ']', &more);
		if (result < 0)
			return result;
	}
	s->at++;
	return 0;
}

/* @depth is the number of arrays and objects around the value. */
static int scan_value(struct scanner *s, size_t depth, bool on_path)
{
	struct json_span string;
	unsigned char c = peek(s);

	if (on_path)
		s->found = s->at;
	if ((c == '{' || c == '[') && depth >= JSON_DEPTH_MAX)
		return fail_at(s, s->at, ERROR_DEPTH, "nested deeper than %d", JSON_DEPTH_MAX);
	if (c == '{')
		return scan_object(s, depth + 1, on_path);
	if (c == '[')
		return scan_array(s, depth + 1, on_path);
	if (c == '"')
		return scan_string(s, false, &string);
	if (c == '-' || is_digit(c))
		return scan_number(s);
	return scan_word(s);
}

static int scan_all(struct scanner *s)
{
	int result = skip_space(s);

	if (result == 0)
		result = scan_value(s, 0, true);
	if (result == 0)
		result = skip_space(s);
	if (result == 0 && s->at < s->size)
		result = fail_unexpected(s, "the end of the text");
	return result;
}

static int scan_text(struct scanner *s)
{
	const char *kind = sniff_wrong_kind(s->text, s->size);
	const char *nul;

	if (kind)
		return error_set(s->error, -EINVAL, ERROR_SYNTAX, s->name, "%s", kind);
	if (s->size > JSON_TEXT_MAX)
		return error_set(s->error, -EFBIG, ERROR_TOO_BIG, s->name, "%zu bytes; limit %u",
				 s->size, JSON_TEXT_MAX);
	nul = memchr(s->text, '\0', s->size);
	if (nul)
		return fail_at(s, (size_t)(nul - s->text), ERROR_SYNTAX, "byte 0x00");
	return scan_all(s);
}

int json_scan(char *text, size_t size, enum json_dialect dialect, const char *name,
	      struct error *error)
{
	struct scanner s = {
		.text = text,
		.writable = dialect == JSON_WITH_COMMENTS ? text : NULL,
		.size = size,
		.dialect = dialect,
		.string_max = JSON_STRING_MAX,
		.name = name,
		.error = error,
	};

	return scan_text(&s);
}

void json_payloads_done(struct json_payloads *payloads)
{
	free(payloads->items);
	*payloads = (struct json_payloads) { 0 };
}

int json_scan_envelopes(const char *text, size_t size, const char *name,
			struct json_payloads *payloads, struct error *error)
{
	struct scanner s = {
		.text = text,
		.size = size,
		.dialect = JSON_ENVELOPES,
		.string_max = JSON_STRING_MAX,
		.name = name,
		.error = error,
		.payloads = payloads,
	};

	return scan_text(&s);
}

size_t json_locate(const char *text, size_t size, const struct json_step *steps, size_t count,
		   enum json_locate_what what)
{
	struct scanner s = {
		.text = text,
		.size = size,
		.dialect = JSON_WITH_COMMENTS,
		.string_max = SIZE_MAX,
		.name = "",
		.steps = steps,
		.steps_count = count,
		.what = what,
	};

	(void)scan_all(&s);
	return s.found;
}

void json_format_place(const char *text, size_t offset, const char *name,
		       char buffer[ERROR_PLACE_SIZE])
{
	const size_t name_max = 100;
	size_t length = strlen(name);
	size_t line = 1, column = 1;

	for (size_t i = 0; i < offset; i++) {
		if (text[i] == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)text[i] & 0xc0) != 0x80) {
			column++;
		}
	}
	(void)snprintf(buffer, ERROR_PLACE_SIZE, "%s%s:%zu:%zu", length > name_max ? "..." : "",
		       length > name_max ? name + length - name_max : name, line, column);
}
