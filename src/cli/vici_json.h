/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "vici/message.h"

#include <json-c/json.h>

/*
 * A message of charon as JSON, whatever it says: sections become objects, lists arrays, values
 * texts, numbers too. In names and values a byte that is not printable ASCII is written "\xNN", and
 * a backslash "\\", so nothing is lost and nothing plays tricks on a terminal. Of several elements
 * with one name in a section the first counts, as for vici_find(). Nested as deep as the message,
 * VICI_DEPTH_MAX. The caller owns the result. Pure.
 */
struct json_object *vici_to_json(const struct vici_section *section);

/* Add one element to @object, unless it has one of that name. */
void vici_add_to_json(struct json_object *object, const struct vici_element *element);
