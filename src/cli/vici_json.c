// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/vici_json.h"

#include "base/strbuf.h"

#include <string.h>

static void escape(const uint8_t *bytes, size_t size, struct strbuf *out)
{
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] == '\\')
			strbuf_puts(out, "\\\\");
		else if (bytes[i] >= ' ' && bytes[i] <= '~')
			strbuf_append(out, &bytes[i], 1);
		else
			strbuf_printf(out, "\\x%02x", bytes[i]);
	}
}

static struct json_object *value_to_json(const struct vici_value *value)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	escape(value->bytes, value->size, &text);
	return json_object_new_string(strbuf_text(&text));
}

static struct json_object *list_to_json(const struct vici_section *list)
{
	struct json_object *array = json_object_new_array();
	struct vici_section rest = *list;
	struct vici_value item;

	while (vici_next_item(&rest, &item))
		json_object_array_add(array, value_to_json(&item));
	return array;
}

/* One level deeper at most VICI_DEPTH_MAX times: vici_message_read() has seen to that. */
static struct json_object *element_to_json(const struct vici_element *element)
{
	switch (element->kind) {
	case VICI_SECTION:
		return vici_to_json(&element->content);
	case VICI_LIST:
		return list_to_json(&element->content);
	case VICI_VALUE:
		return value_to_json(&element->value);
	}
	return NULL;
}

void vici_add_to_json(struct json_object *object, const struct vici_element *element)
{
	CLEANUP(strbuf_done) struct strbuf name = { 0 };

	escape((const uint8_t *)element->name, strlen(element->name), &name);
	if (!json_object_object_get_ex(object, strbuf_text(&name), NULL))
		json_object_object_add(object, strbuf_text(&name), element_to_json(element));
}

struct json_object *vici_to_json(const struct vici_section *section)
{
	struct json_object *object = json_object_new_object();
	struct vici_section rest = *section;
	struct vici_element element;

	while (vici_next_element(&rest, &element))
		vici_add_to_json(object, &element);
	return object;
}
