/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/model.h"

#include <json-c/json.h>

/* Shorthands for changing JSON objects. A member that is there keeps its place. */
void json_set(struct json_object *object, const char *name, struct json_object *value);
void json_set_text(struct json_object *object, const char *name, const char *value);
void json_set_number(struct json_object *object, const char *name, uint64_t value);
void json_set_time(struct json_object *object, const char *name, int64_t seconds);
void json_set_hex(struct json_object *object, const char *name, const uint8_t *bytes, size_t size);
void json_set_prefix(struct json_object *object, const char *name, const struct ip_prefix *prefix);

/* The text of a member; "" for one that is none. */
const char *json_text(struct json_object *object, const char *name);

/* The array of that name, which is made if it is not there. */
struct json_object *json_array(struct json_object *object, const char *name);

/* Index of the element whose member @name is @text (ignoring case if @fold), or -1. */
int json_find(struct json_object *array, const char *name, const char *text, bool fold);
