/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/strbuf.h"
#include "json/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the readers of HCL and TOML have in common: a position in a text that passed
 * syntax_check(), and values that know where they stand. Both make a json_document, so that the
 * tables and messages of json.h serve all formats.
 *
 * Limits beside those of json.h (depth, members of an object, length of a string): a registry of
 * REGISTRY_NODES_MAX nodes with 8 endpoints each fits into both.
 */
#define SYNTAX_TEXT_MAX (16u << 20) /* bytes */
#define SYNTAX_VALUES_MAX 500000    /* scalars, lists and objects of one text */
#define SYNTAX_NAME_MAX 255	    /* bytes, of a member */

struct syntax {
	const char *text;
	size_t size;
	size_t at;
	const char *name; /* what messages call the text */
	size_t values_count;
	struct error *error;
};

/*
 * Before anything else: E_TOO_BIG; E_SYNTAX for other kinds of files (gzip, HTML, ...), empty ones,
 * control characters and carriage returns without a newline; E_UTF8.
 */
int syntax_check(const struct syntax *s);

/* Set the error with the place of @offset and return -EINVAL. */
int syntax_fail(const struct syntax *s, size_t offset, enum error_code code, const char *format,
		...) __attribute__((format(printf, 4, 5)));

/* "x" where @expected is expected, or that the text ends there. */
int syntax_fail_unexpected(const struct syntax *s, const char *expected);

/* The byte at the position; 0 at the end, which no checked text holds. */
unsigned char syntax_peek(const struct syntax *s);
bool syntax_starts_with(const struct syntax *s, const char *word);
bool syntax_at_newline(const struct syntax *s); /* "\n" or "\r\n" */
void syntax_skip_newline(struct syntax *s);
void syntax_skip_line(struct syntax *s); /* up to the newline */

/* A number in ASCII digits with an optional sign; E_NUMBER beyond 2^53-1, as in JSON. */
int syntax_parse_integer(const struct syntax *s, size_t offset, const char *digits, int64_t *ret);

/*
 * Append the character that one escape behind a backslash means: those of @letters mean the byte at
 * the same index of @bytes, `u` and `U` a character by 4 or 8 hexadecimal digits, but not U+0000 or
 * a surrogate. The position is on the backslash, afterwards behind the escape.
 */
int syntax_append_escape(struct syntax *s, const char *letters, const char *bytes,
			 struct strbuf *ret);

/* Append the UTF-8 sequence at the position. */
void syntax_append_character(struct syntax *s, struct strbuf *ret);

/* E_TOO_BIG if @text, which began at @offset, has become longer than a string may be. */
int syntax_check_length(const struct syntax *s, size_t offset, const struct strbuf *text);

/* Count @value and note where it and its name stand. */
int syntax_place(struct syntax *s, struct json_object *value, size_t name_offset, size_t offset);

/* Not empty, not too long, and JSON need not escape it. */
bool syntax_is_plain_name(const char *name);

/*
 * Add *@value to @object and set it to NULL. E_DUP_KEY, E_TOO_BIG, and E_SYNTAX for a name that
 * JSON would have to escape.
 */
int syntax_add_member(const struct syntax *s, struct json_object *object, const char *name,
		      size_t name_offset, struct json_object **value);

/* E_DEPTH if a list or object at @offset would have @depth others around it. */
int syntax_check_depth(const struct syntax *s, size_t offset, unsigned depth);
