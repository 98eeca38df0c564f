// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/hcl_write.h"

#include "exchange/hcl_value.h"

#include <string.h>

bool hcl_is_name(const char *name)
{
	if (!syntax_is_plain_name(name) || !hcl_is_name_start((unsigned char)*name))
		return false;
	for (; *name; name++)
		if (!hcl_is_name_start((unsigned char)*name) && !strchr("0123456789-", *name))
			return false;
	return true;
}

/* "${" and "%{" would begin an expression; "$${" is no way out behind another dollar. */
static void write_character(const char *text, struct strbuf *ret)
{
	unsigned char c = (unsigned char)*text;

	if (c == '"' || c == '\\')
		strbuf_printf(ret, "\\%c", c);
	else if (c == '\n')
		strbuf_puts(ret, "\\n");
	else if (c < 0x20 || c == 0x7f || ((c == '$' || c == '%') && text[1] == '{'))
		strbuf_printf(ret, "\\u%04x", c);
	else
		strbuf_append(ret, text, 1);
}

void hcl_write_string(const char *text, struct strbuf *ret)
{
	strbuf_puts(ret, "\"");
	for (; *text; text++)
		write_character(text, ret);
	strbuf_puts(ret, "\"");
}

static bool write_list(struct json_object *list, unsigned depth_max, struct strbuf *ret)
{
	strbuf_puts(ret, "[");
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		strbuf_puts(ret, i ? ", " : "");
		if (!hcl_write_value(json_object_array_get_idx(list, i), depth_max, ret))
			return false;
	}
	strbuf_puts(ret, "]");
	return true;
}

static bool write_object(struct json_object *object, unsigned depth_max, struct strbuf *ret)
{
	bool is_first = true;

	strbuf_puts(ret, "{");
	json_object_object_foreach(object, name, value)
	{
		if (!syntax_is_plain_name(name))
			return false;
		strbuf_puts(ret, is_first ? " " : ", ");
		is_first = false;
		hcl_write_string(name, ret);
		strbuf_puts(ret, " = ");
		if (!hcl_write_value(value, depth_max, ret))
			return false;
	}
	strbuf_puts(ret, is_first ? "}" : " }");
	return true;
}

bool hcl_write_value(struct json_object *value, unsigned depth_max, struct strbuf *ret)
{
	switch (json_object_get_type(value)) {
	case json_type_object:
		return depth_max && write_object(value, depth_max - 1, ret);
	case json_type_array:
		return depth_max && write_list(value, depth_max - 1, ret);
	case json_type_string:
		hcl_write_string(json_object_get_string(value), ret);
		return true;
	case json_type_int:
	case json_type_boolean:
	case json_type_double:
	case json_type_null:
		break;
	}
	strbuf_puts(ret, json_object_to_json_string(value));
	return true;
}
