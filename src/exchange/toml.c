// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/toml.h"

#include "exchange/toml_value.h"

#include "base/cleanup.h"

#include <errno.h>

CLEANUP_DEFINE(struct json_object *, json_object_put);

/* The table that lines go to, and how many lists and objects are around its values. */
struct table {
	struct json_object *object;
	unsigned depth;
};

/* Make a table, with @is_array the first of an array, and step into it. */
static int make_table(struct syntax *s, const char *name, size_t offset, bool is_array,
		      struct table *table)
{
	CLEANUP(json_object_put) struct json_object *made = json_object_new_object();
	struct json_object *object = made, *array = NULL;
	int result = syntax_check_depth(s, offset, table->depth + is_array);

	if (result == 0)
		result = syntax_place(s, object, offset, offset);
	if (result == 0 && is_array) {
		array = json_object_new_array();
		(void)json_object_array_add(array, TAKE(made));
		made = array;
		result = syntax_place(s, array, offset, offset);
	}
	if (result == 0)
		result = syntax_add_member(s, table->object, name, offset, &made);
	if (result == 0)
		*table = (struct table) { object, table->depth + 1 + is_array };
	return result;
}

/* A further element of an array of tables. */
static int append_table(struct syntax *s, struct json_object *array, size_t offset,
			struct table *table)
{
	struct json_object *object = json_object_new_object();

	(void)json_object_array_add(array, object);
	*table = (struct table) { object, table->depth + 2 };
	return syntax_place(s, object, offset, offset);
}

/* The table, or last table of the array, that @value is; NULL if it is neither. */
static struct json_object *as_table(struct json_object *value, bool *ret_is_array)
{
	*ret_is_array = json_object_is_type(value, json_type_array);
	if (*ret_is_array)
		value = json_object_array_get_idx(value, json_object_array_length(value) - 1);
	return json_object_is_type(value, json_type_object) ? value : NULL;
}

/* One name of a header; the last one makes a table, those before it lead to one. */
static int step_into(struct syntax *s, const char *name, size_t offset, bool is_last, bool is_array,
		     struct table *table)
{
	struct json_object *value, *object;
	char quoted[JSON_QUOTE_SIZE];
	bool found_array;

	if (!json_object_object_get_ex(table->object, name, &value))
		return make_table(s, name, offset, is_last && is_array, table);
	object = as_table(value, &found_array);
	if (!object || (is_last && !is_array) || (is_last && !found_array))
		return syntax_fail(s, offset, ERROR_DUP_KEY, "%s appears twice",
				   json_quote(name, quoted));
	if (is_last)
		return append_table(s, value, offset, table);
	*table = (struct table) { object, table->depth + 1 + found_array };
	return 0;
}

/* `[a.b]` or `[[a.b]]`; where it leads to is the table of the lines behind it. */
static int read_header(struct syntax *s, struct json_object *root, struct table *ret)
{
	struct table table = { root, 1 };
	bool is_array = syntax_starts_with(s, "[[");
	bool is_last = false;

	s->at += is_array ? 2 : 1;
	while (!is_last) {
		CLEANUP(strbuf_done) struct strbuf name = { 0 };
		size_t start;
		int result;

		toml_skip_space(s, false);
		start = s->at;
		result = toml_read_name(s, &name);
		if (result < 0)
			return result;
		toml_skip_space(s, false);
		is_last = syntax_peek(s) != '.';
		s->at += !is_last;
		result = step_into(s, strbuf_text(&name), start, is_last, is_array, &table);
		if (result < 0)
			return result;
	}
	if (!syntax_starts_with(s, is_array ? "]]" : "]"))
		return syntax_fail_unexpected(s, is_array ? "\"]]\"" : "\"]\"");
	s->at += is_array ? 2 : 1;
	*ret = table;
	return 0;
}

static int read_line(struct syntax *s, struct json_object *root, struct table *table)
{
	int result = syntax_peek(s) == '[' ? read_header(s, root, table)
					   : toml_read_pair(s, table->depth, table->object);

	if (result < 0)
		return result;
	toml_skip_space(s, false);
	if (syntax_peek(s) == '#')
		syntax_skip_line(s);
	if (s->at < s->size && !syntax_at_newline(s))
		return syntax_fail_unexpected(s, "the end of the line");
	return 0;
}

int toml_parse(const char *text, size_t size, const char *name, struct json_document **ret,
	       struct error *error)
{
	CLEANUP(json_object_put) struct json_object *root = json_object_new_object();
	struct syntax s = { .text = text, .size = size, .name = name, .error = error };
	struct table table = { root, 1 };
	int result = syntax_check(&s);

	if (result == 0)
		result = syntax_place(&s, root, 0, 0);
	if (result < 0)
		return result;
	for (toml_skip_space(&s, true); s.at < s.size; toml_skip_space(&s, true)) {
		result = read_line(&s, root, &table);
		if (result < 0)
			return result;
	}
	*ret = json_document_adopt(text, size, name, TAKE(root));
	return 0;
}
