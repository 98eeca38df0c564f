// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/json_edit.h"

#include "base/hex.h"
#include "base/timestamp.h"

#include <string.h>
#include <strings.h>

#define HEX_BYTES_MAX KEY_SIZE

void json_set(struct json_object *object, const char *name, struct json_object *value)
{
	(void)json_object_object_add(object, name, value);
}

void json_set_text(struct json_object *object, const char *name, const char *value)
{
	json_set(object, name, json_object_new_string(value));
}

void json_set_number(struct json_object *object, const char *name, uint64_t value)
{
	json_set(object, name, json_object_new_int64((int64_t)value));
}

void json_set_time(struct json_object *object, const char *name, int64_t seconds)
{
	char text[TIMESTAMP_TEXT_SIZE];

	json_set_text(object, name, timestamp_format(seconds, text));
}

void json_set_hex(struct json_object *object, const char *name, const uint8_t *bytes, size_t size)
{
	char text[2 * HEX_BYTES_MAX + 1];

	json_set_text(object, name, hex_format(bytes, size, text));
}

void json_set_prefix(struct json_object *object, const char *name, const struct ip_prefix *prefix)
{
	char text[IP_PREFIX_TEXT_SIZE];

	json_set_text(object, name, ip_prefix_format(prefix, text));
}

const char *json_text(struct json_object *object, const char *name)
{
	struct json_object *value;

	if (!json_object_is_type(object, json_type_object) ||
	    !json_object_object_get_ex(object, name, &value) ||
	    !json_object_is_type(value, json_type_string))
		return "";
	return json_object_get_string(value);
}

struct json_object *json_array(struct json_object *object, const char *name)
{
	struct json_object *array;

	if (json_object_object_get_ex(object, name, &array) &&
	    json_object_is_type(array, json_type_array))
		return array;
	array = json_object_new_array();
	json_set(object, name, array);
	return array;
}

int json_find(struct json_object *array, const char *name, const char *text, bool fold)
{
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		const char *value = json_text(json_object_array_get_idx(array, i), name);

		if (fold ? !strcasecmp(value, text) : !strcmp(value, text))
			return (int)i;
	}
	return -1;
}
