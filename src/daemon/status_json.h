/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <json-c/json.h>
#include <stdint.h>

/* Putting members into what status answers. Texts are copied. */
void status_put_text(struct json_object *object, const char *name, const char *text);
void status_put_text_or_null(struct json_object *object, const char *name,
			     const char *text); /* null for "" */
void status_put_number(struct json_object *object, const char *name, int64_t number);

/* A new array as a member; a new object as the last item of one. Theirs, not the caller's. */
struct json_object *status_put_array(struct json_object *object, const char *name);
struct json_object *status_append_object(struct json_object *array);
