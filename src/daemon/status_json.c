// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/status_json.h"

void status_put_text(struct json_object *object, const char *name, const char *text)
{
	json_object_object_add(object, name, json_object_new_string(text));
}

void status_put_text_or_null(struct json_object *object, const char *name, const char *text)
{
	json_object_object_add(object, name, text[0] ? json_object_new_string(text) : NULL);
}

void status_put_number(struct json_object *object, const char *name, int64_t number)
{
	json_object_object_add(object, name, json_object_new_int64(number));
}

struct json_object *status_put_array(struct json_object *object, const char *name)
{
	struct json_object *array = json_object_new_array();

	json_object_object_add(object, name, array);
	return array;
}

struct json_object *status_append_object(struct json_object *array)
{
	struct json_object *object = json_object_new_object();

	json_object_array_add(array, object);
	return object;
}
