// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/reply.h"

static struct json_object *member_of(struct json_object *object, const char *name,
				     enum json_type type)
{
	struct json_object *value;

	if (!json_object_is_type(object, json_type_object) ||
	    !json_object_object_get_ex(object, name, &value) || !json_object_is_type(value, type))
		return NULL;
	return value;
}

const char *reply_text(struct json_object *object, const char *name)
{
	struct json_object *value = member_of(object, name, json_type_string);

	return value ? json_object_get_string(value) : NULL;
}

int64_t reply_number(struct json_object *object, const char *name, int64_t missing)
{
	struct json_object *value = member_of(object, name, json_type_int);

	return value ? json_object_get_int64(value) : missing;
}

bool reply_flag(struct json_object *object, const char *name)
{
	return json_object_get_boolean(member_of(object, name, json_type_boolean));
}

struct json_object *reply_object(struct json_object *object, const char *name)
{
	return member_of(object, name, json_type_object);
}

size_t reply_count(struct json_object *object, const char *name)
{
	struct json_object *value = member_of(object, name, json_type_array);

	return value ? json_object_array_length(value) : 0;
}

struct json_object *reply_item(struct json_object *object, const char *name, size_t index)
{
	return json_object_array_get_idx(member_of(object, name, json_type_array), index);
}
