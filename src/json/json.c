// SPDX-License-Identifier: GPL-2.0-or-later
#include "json/json.h"

#include "base/memory.h"
#include "base/strbuf.h"
#include "json/scanner.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct json_document {
	char *name;
	const char *text; /* as scanned: comments and trailing commas are blanked */
	char *copy;	  /* the same, terminated; NULL: it is the caller's */
	size_t size;
	struct json_object *root;
	/* Where the values of "payload" stand; if any do, json-c has seen their numbers instead. */
	struct json_payloads payloads;
	bool is_adopted;  /* no JSON: values know their places */
	bool has_secrets; /* or may have: wiped when it is freed */
};

struct place {
	size_t name_offset;
	size_t offset;
};

CLEANUP_DEFINE(struct json_tokener *, json_tokener_free);

/*
 * The scanner has accepted the text. What json-c still refuses is a difference between the two, so
 * its words are passed on. @text is terminated, which tells json-c that a number at the end is
 * complete.
 */
static int parse_scanned(struct json_document *document, const char *text, size_t size,
			 struct error *error)
{
	CLEANUP(json_tokener_free) struct json_tokener *tokener = NULL;
	enum json_tokener_error result;

	/* One level more than the scanner's, because json-c counts scalars as a level. */
	tokener = json_tokener_new_ex(JSON_DEPTH_MAX + 1);
	if (!tokener)
		abort();
	/* UTF-8 is valid since the scanner; JSON_TOKENER_VALIDATE_UTF8 costs as much as it did. */
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	document->root = json_tokener_parse_ex(tokener, text, (int)size + 1);
	result = json_tokener_get_error(tokener);
	if (result != json_tokener_success)
		return error_set(error, -EINVAL, ERROR_SYNTAX, document->name, "json-c: %s",
				 json_tokener_error_desc(result));
	return 0;
}

static void keep_copy(struct json_document *document, const char *text)
{
	document->copy = memory_zalloc(document->size + 1, 1);
	if (document->size)
		memcpy(document->copy, text, document->size);
	document->text = document->copy;
}

static int parse_text(struct json_document *document, enum json_dialect dialect,
		      struct error *error)
{
	int result = json_scan(document->copy, document->size, dialect, document->name, error);

	if (result < 0)
		return result;
	return parse_scanned(document, document->copy, document->size, error);
}

/* The text with a number in place of each payload: nearly all of a bundle is payloads. */
static void leave_out_payloads(const struct json_document *document, struct strbuf *ret)
{
	const struct json_payloads *payloads = &document->payloads;
	size_t at = 0;

	for (size_t i = 0; i < payloads->count; i++) {
		const struct json_span *span = &payloads->items[i];

		strbuf_append(ret, document->text + at, span->start - at);
		strbuf_printf(ret, "%zu", i);
		at = span->start + span->length;
	}
	strbuf_append(ret, document->text + at, document->size - at);
}

/*
 * json-c would copy payloads twice. The base64 in them needs no escapes; if there are some all the
 * same, json-c is the one to read them.
 */
static int parse_envelopes(struct json_document *document, struct error *error)
{
	CLEANUP(strbuf_done) struct strbuf lean = { 0 };
	struct json_payloads *payloads = &document->payloads;
	int result = json_scan_envelopes(document->text, document->size, document->name, payloads,
					 error);

	if (result < 0)
		return result;
	if (payloads->have_escapes)
		json_payloads_done(payloads);
	leave_out_payloads(document, &lean);
	return parse_scanned(document, strbuf_text(&lean), lean.length, error);
}

int json_document_parse(const char *text, size_t size, enum json_dialect dialect, const char *name,
			struct json_document **ret, struct error *error)
{
	CLEANUP(json_document_free) struct json_document *document = NEW(struct json_document);
	int result;

	document->name = memory_strdup(name);
	document->size = size;
	document->has_secrets = dialect == JSON_WITH_COMMENTS;
	if (size > JSON_TEXT_MAX)
		return error_set(error, -EFBIG, ERROR_TOO_BIG, name, "%zu bytes; limit %u", size,
				 JSON_TEXT_MAX);
	if (dialect == JSON_ENVELOPES) {
		document->text = text;
		result = parse_envelopes(document, error);
	} else {
		keep_copy(document, text);
		result = parse_text(document, dialect, error);
	}
	if (result < 0)
		return result;
	*ret = TAKE(document);
	return 0;
}

struct json_document *json_document_adopt(const char *text, size_t size, const char *name,
					  struct json_object *root)
{
	struct json_document *document = NEW(struct json_document);

	document->name = memory_strdup(name);
	document->size = size;
	keep_copy(document, text);
	document->root = root;
	document->is_adopted = true;
	document->has_secrets = true;
	return document;
}

static void free_place(struct json_object *value, void *place)
{
	(void)value;
	free(place);
}

void json_value_set_place(struct json_object *value, size_t name_offset, size_t offset)
{
	struct place *place = NEW(struct place);

	*place = (struct place) { name_offset, offset };
	json_object_set_userdata(value, place, free_place);
}

static void wipe_strings(struct json_object *value)
{
	if (json_object_is_type(value, json_type_string)) {
		size_t length = (size_t)json_object_get_string_len(value);

		explicit_bzero((void *)(uintptr_t)json_object_get_string(value), length);
	} else if (json_object_is_type(value, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(value); i++)
			wipe_strings(json_object_array_get_idx(value, i));
	} else if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, member, child)
		{
			(void)member;
			wipe_strings(child);
		}
	}
}

void json_document_free(struct json_document *document)
{
	if (!document)
		return;
	if (document->has_secrets) {
		wipe_strings(document->root);
		if (document->copy)
			explicit_bzero(document->copy, document->size);
	}
	json_object_put(document->root);
	json_payloads_done(&document->payloads);
	free(document->copy);
	free(document->name);
	free(document);
}

struct json_cursor json_document_root(const struct json_document *document)
{
	return (struct json_cursor) { .document = document, .value = document->root };
}

struct json_cursor json_cursor_item(const struct json_cursor *array, size_t index)
{
	return (struct json_cursor) {
		.document = array->document,
		.parent = array,
		.index = index,
		.value = json_object_array_get_idx(array->value, index),
	};
}

int json_cursor_member(const struct json_cursor *object, const char *member,
		       struct json_cursor *ret)
{
	struct json_object *value = NULL;
	bool found = json_object_is_type(object->value, json_type_object) &&
		     json_object_object_get_ex(object->value, member, &value);

	*ret = (struct json_cursor) {
		.document = object->document,
		.parent = object,
		.member = member,
		.value = value,
	};
	return found ? 0 : -ENOENT;
}

int json_read_payload(const struct json_cursor *cursor, const char **ret, size_t *ret_length,
		      struct error *error)
{
	const struct json_document *document = cursor->document;
	const struct json_span *span;
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	if (!document->payloads.count) {
		*ret = text;
		*ret_length = (size_t)json_object_get_string_len(cursor->value);
		return 0;
	}
	span = &document->payloads.items[strtoul(text, NULL, 10)];
	*ret = document->text + span->start;
	*ret_length = span->length;
	return 0;
}

const char *json_cursor_type(const struct json_cursor *cursor)
{
	switch (json_object_get_type(cursor->value)) {
	case json_type_object:
		return "object";
	case json_type_array:
		return "array";
	case json_type_string:
		return "string";
	case json_type_int:
		return "integer";
	case json_type_boolean:
		return "boolean";
	case json_type_null:
		return "null";
	case json_type_double:
		break; /* the scanner lets none through */
	}
	return "number";
}

/* The way from the root to @cursor; returns the number of steps. */
static size_t collect_steps(const struct json_cursor *cursor,
			    struct json_step steps[JSON_DEPTH_MAX + 1])
{
	size_t count = 0;

	for (const struct json_cursor *c = cursor; c->parent; c = c->parent)
		count++;
	for (size_t i = count; i > 0 && cursor->parent; i--, cursor = cursor->parent)
		steps[i - 1] = (struct json_step) { cursor->member, cursor->index };
	return count;
}

/* RFC 6901: "~" and "/" in a member name are written "~0" and "~1". */
static void append_pointer(struct strbuf *place, const struct json_step *step)
{
	if (!step->member) {
		strbuf_printf(place, "/%zu", step->index);
		return;
	}
	strbuf_puts(place, "/");
	for (const char *c = step->member; *c; c++) {
		if (*c == '~' || *c == '/')
			strbuf_puts(place, *c == '~' ? "~0" : "~1");
		else
			strbuf_append(place, c, 1);
	}
}

static size_t placed_offset(const struct json_cursor *cursor, enum json_locate_what what)
{
	const struct place *place = NULL;

	for (; cursor && !place; cursor = cursor->parent)
		place = cursor->value ? json_object_get_userdata(cursor->value) : NULL;
	if (!place)
		return 0;
	return what == JSON_LOCATE_NAME ? place->name_offset : place->offset;
}

static void format_place(const struct json_cursor *cursor, enum json_locate_what what,
			 char buffer[ERROR_PLACE_SIZE])
{
	const struct json_document *document = cursor->document;
	struct json_step steps[JSON_DEPTH_MAX + 1] = { 0 };
	size_t offset;

	if (document->is_adopted)
		offset = placed_offset(cursor, what);
	else
		offset = json_locate(document->text, document->size, steps,
				     collect_steps(cursor, steps), what);
	json_format_place(document->text, offset, document->name, buffer);
}

const char *json_cursor_place(const struct json_cursor *cursor, char buffer[ERROR_PLACE_SIZE])
{
	format_place(cursor, JSON_LOCATE_VALUE, buffer);
	return buffer;
}

static int fail_at_cursor(const struct json_cursor *cursor, enum json_locate_what what,
			  struct error *error, enum error_code code, const char *text)
{
	CLEANUP(strbuf_done) struct strbuf place = { 0 };
	struct json_step steps[JSON_DEPTH_MAX + 1] = { 0 };
	char position[ERROR_PLACE_SIZE];
	size_t count;

	if (!error)
		return -EINVAL;
	count = collect_steps(cursor, steps);
	format_place(cursor, what, position);
	strbuf_puts(&place, position);
	if (count)
		strbuf_puts(&place, ": ");
	for (size_t i = 0; i < count; i++)
		append_pointer(&place, &steps[i]);
	return error_set(error, -EINVAL, code, strbuf_text(&place), "%s", text);
}

int json_cursor_fail(const struct json_cursor *cursor, struct error *error, enum error_code code,
		     const char *format, ...)
{
	char text[ERROR_TEXT_SIZE];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return fail_at_cursor(cursor, JSON_LOCATE_VALUE, error, code, text);
}

int json_cursor_fail_name(const struct json_cursor *cursor, struct error *error,
			  enum error_code code, const char *format, ...)
{
	char text[ERROR_TEXT_SIZE];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return fail_at_cursor(cursor, JSON_LOCATE_NAME, error, code, text);
}

const char *json_quote(const char *text, char buffer[JSON_QUOTE_SIZE])
{
	const size_t room = JSON_QUOTE_SIZE - sizeof("\"...\"");
	size_t length = strlen(text);
	bool cut = length > room;

	if (cut) {
		length = room;
		while (length && ((unsigned char)text[length] & 0xc0) == 0x80)
			length--;
	}
	(void)snprintf(buffer, JSON_QUOTE_SIZE, "\"%.*s%s\"", (int)length, text, cut ? "..." : "");
	for (char *c = buffer; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	return buffer;
}
