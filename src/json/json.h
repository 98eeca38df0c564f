/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"
#include "base/ip.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * JSON from outside. A strict scanner looks at every byte before json-c does, because json-c alone
 * accepts duplicate members, raw control characters, text after a NUL byte and more. The scanner's
 * rules are RFC 8259 plus: valid UTF-8 without U+0000 and lone surrogates, no byte order mark,
 * integers only (|n| <= 2^53-1, no -0), no escapes in member names, no duplicate members, and the
 * limits below.
 *
 * Reading is table-driven: one row per member. Errors name the place as
 * "config.json:14:5: /daemon/network: text".
 */
enum json_dialect {
	JSON_STRICT,
	/*
	 * Envelopes of documents: a string that is a member "payload" may have any length, and is
	 * read by json_read_payload() alone. The text is not copied: it is the caller's, and has to
	 * stay as long as the document.
	 */
	JSON_ENVELOPES,
	/*
	 * config.json: also `#` and `//` comments and trailing commas. It may hold private keys, so
	 * the document is wiped when it is freed; a registry, which is public, is not.
	 */
	JSON_WITH_COMMENTS,
};

#define JSON_TEXT_MAX (32u << 20) /* bytes */
#define JSON_DEPTH_MAX 12
#define JSON_MEMBERS_MAX 64  /* of one object */
#define JSON_STRING_MAX 4096 /* bytes, decoded */

struct json_document;

/*
 * Scan and parse. @name is what messages call the text ("config.json"); the document keeps copies
 * of name and text, but see JSON_ENVELOPES. Errors: E_SYNTAX, E_DUP_KEY, E_UTF8, E_NUMBER, E_DEPTH,
 * E_TOO_BIG, each with line and column. Empty input, gzip data, a byte order mark, an HTML page and
 * git conflict markers are named as what they are.
 */
int json_document_parse(const char *text, size_t size, enum json_dialect dialect, const char *name,
			struct json_document **ret, struct error *error);
void json_document_free(struct json_document *document);
CLEANUP_DEFINE(struct json_document *, json_document_free);

/*
 * A value and the way to it. Cursors live on the stack, each pointing to its parent, so that a
 * message can tell the path and, by scanning once more, line and column.
 */
struct json_cursor {
	const struct json_document *document;
	const struct json_cursor *parent; /* NULL at the top */
	const char *member;		  /* in an object */
	size_t index;			  /* in an array */
	struct json_object *value;
};

/*
 * A document read from another syntax (HCL, TOML), so that cursors, tables and messages serve it,
 * too. @text and @name are copied, @root is taken over and wiped in the end. Places are those of
 * json_value_set_place(); a value that has none stands where the value around it does.
 * JSON_DEPTH_MAX holds here as well.
 */
struct json_document *json_document_adopt(const char *text, size_t size, const char *name,
					  struct json_object *root);

/* Offsets of @value and of its name in the text of such a document; an array's item has no name. */
void json_value_set_place(struct json_object *value, size_t name_offset, size_t offset);

struct json_cursor json_document_root(const struct json_document *document);
struct json_cursor json_cursor_item(const struct json_cursor *array, size_t index);

/* The member, or a cursor with value NULL and -ENOENT. */
int json_cursor_member(const struct json_cursor *object, const char *member,
		       struct json_cursor *ret);

/* "object", "array", "string", "integer", "boolean", "null" */
const char *json_cursor_type(const struct json_cursor *cursor);

/* "config.json:14:5", where the value stands. Returns @buffer. */
const char *json_cursor_place(const struct json_cursor *cursor, char buffer[ERROR_PLACE_SIZE]);

/* Set @error with the cursor's place and return -EINVAL. */
int json_cursor_fail(const struct json_cursor *cursor, struct error *error, enum error_code code,
		     const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same, but line and column are those of the member's name, not of its value. */
int json_cursor_fail_name(const struct json_cursor *cursor, struct error *error,
			  enum error_code code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * @text in double quotes as messages may show it: cut after some characters, control characters
 * (a string may hold them as \u001b) as question marks. Returns @buffer.
 */
#define JSON_QUOTE_SIZE 72
const char *json_quote(const char *text, char buffer[JSON_QUOTE_SIZE]);

/*
 * Typed readers. A wrong type is E_TYPE "expected integer 1-65535, found string". String readers
 * return memory of the document.
 */
int json_read_string(const struct json_cursor *cursor, const char **ret, struct error *error);

/*
 * A string that is one of @count @choices: *ret is its place there. E_VALUE `expected "auto",
 * "babeld" or "bird", found "quagga"` for any other.
 */
int json_read_choice(const struct json_cursor *cursor, const char *const *choices, size_t count,
		     size_t *ret, struct error *error);

/*
 * A member "payload" of JSON_ENVELOPES: a string, not terminated, in memory of the document or in
 * its text.
 */
int json_read_payload(const struct json_cursor *cursor, const char **ret, size_t *ret_length,
		      struct error *error);
int json_read_integer(const struct json_cursor *cursor, int64_t minimum, int64_t maximum,
		      int64_t *ret, struct error *error);
int json_read_boolean(const struct json_cursor *cursor, bool *ret, struct error *error);
int json_expect_array(const struct json_cursor *cursor, size_t maximum, size_t *ret_count,
		      struct error *error);

/* One row per member that an object may have. */
typedef int json_member_fn(const struct json_cursor *cursor, void *target, struct error *error);
struct json_member {
	const char *name;
	bool required;
	json_member_fn *read; /* not called for a missing member */
};

/*
 * Read all members of an object into @target. Unknown members are E_UNKNOWN_MEMBER with
 * `did you mean "prefixs"?` where one is near, unless @others_allowed, or the name starts with
 * "x-". Missing required members are E_MISSING. Members are read in the order of the table, which has
 * at most JSON_MEMBERS_MAX rows. A reader must not change the object around its value.
 */
int json_read_object(const struct json_cursor *cursor, const struct json_member *members,
		     size_t members_count, bool others_allowed, void *target, struct error *error);
