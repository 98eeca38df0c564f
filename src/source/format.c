// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/format.h"

#include <stdbool.h>

#define COLUMNS 120 /* an endpoint with all of its members */
#define INDENT 2

static bool is_container(struct json_object *value)
{
	return json_object_is_type(value, json_type_object) ||
	       json_object_is_type(value, json_type_array);
}

static void format_scalar(struct json_object *value, struct strbuf *ret)
{
	strbuf_puts(ret, json_object_to_json_string_ext(
				 value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
}

/* json-c frees the text of a string with its object. */
static void format_name(const char *name, struct strbuf *ret)
{
	struct json_object *string = json_object_new_string(name);

	format_scalar(string, ret);
	json_object_put(string);
	strbuf_puts(ret, ": ");
}

/* Empty, or nothing but scalars in it. */
static bool is_flat(struct json_object *value)
{
	if (json_object_is_type(value, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(value); i++)
			if (is_container(json_object_array_get_idx(value, i)))
				return false;
		return true;
	}
	json_object_object_foreach(value, name, member)
	{
		(void)name;
		if (is_container(member))
			return false;
	}
	return true;
}

static void format_on_one_line(struct json_object *value, struct strbuf *ret)
{
	const char *separator = "";

	if (json_object_is_type(value, json_type_array)) {
		strbuf_puts(ret, "[");
		for (size_t i = 0; i < json_object_array_length(value); i++, separator = ", ") {
			strbuf_puts(ret, separator);
			format_scalar(json_object_array_get_idx(value, i), ret);
		}
		strbuf_puts(ret, "]");
		return;
	}
	strbuf_puts(ret, "{");
	json_object_object_foreach(value, name, member)
	{
		strbuf_puts(ret, separator);
		format_name(name, ret);
		format_scalar(member, ret);
		separator = ", ";
	}
	strbuf_puts(ret, "}");
}

/* On the line that @ret has begun, if it fits; a comma may follow. */
static bool try_one_line(struct json_object *value, struct strbuf *ret)
{
	CLEANUP(strbuf_done) struct strbuf line = { 0 };
	size_t begin = ret->length;

	if (!is_flat(value))
		return false;
	format_on_one_line(value, &line);
	while (begin > 0 && ret->bytes[begin - 1] != '\n')
		begin--;
	if (ret->length - begin + line.length + 1 > COLUMNS)
		return false;
	strbuf_puts(ret, strbuf_text(&line));
	return true;
}

static void begin_line(struct strbuf *ret, unsigned depth, bool is_first)
{
	strbuf_printf(ret, "%s\n%*s", is_first ? "" : ",", (int)(depth * INDENT), "");
}

static void format_value(struct json_object *value, unsigned depth, struct strbuf *ret);

static void format_lines(struct json_object *value, unsigned depth, struct strbuf *ret)
{
	bool is_first = true;

	if (json_object_is_type(value, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(value); i++) {
			begin_line(ret, depth, i == 0);
			format_value(json_object_array_get_idx(value, i), depth, ret);
		}
		return;
	}
	json_object_object_foreach(value, name, member)
	{
		begin_line(ret, depth, is_first);
		format_name(name, ret);
		format_value(member, depth, ret);
		is_first = false;
	}
}

/* Depth is that of the scanner at most. */
static void format_value(struct json_object *value, unsigned depth, struct strbuf *ret)
{
	bool is_array = json_object_is_type(value, json_type_array);

	if (!is_container(value)) {
		format_scalar(value, ret);
		return;
	}
	if (depth > 0 && try_one_line(value, ret))
		return;
	strbuf_puts(ret, is_array ? "[" : "{");
	format_lines(value, depth + 1, ret);
	strbuf_printf(ret, "\n%*s%s", (int)(depth * INDENT), "", is_array ? "]" : "}");
}

void source_format(struct json_object *value, struct strbuf *ret)
{
	format_value(value, 0, ret);
	strbuf_puts(ret, "\n");
}
