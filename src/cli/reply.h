/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reading a daemon's answer to show it. A member that is missing, null or of another type, as a
 * newer or older daemon may send it, reads as nothing: commands show what they understand.
 */

/* The text, or NULL; memory of @object. */
const char *reply_text(struct json_object *object, const char *name);

/* The number, or @missing. */
int64_t reply_number(struct json_object *object, const char *name, int64_t missing);
bool reply_flag(struct json_object *object, const char *name);

/* The object, or NULL, which all functions here accept. */
struct json_object *reply_object(struct json_object *object, const char *name);

/* Number of items, 0 if it is no array. */
size_t reply_count(struct json_object *object, const char *name);
struct json_object *reply_item(struct json_object *object, const char *name, size_t index);
