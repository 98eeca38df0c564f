/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/strbuf.h"

#include <json-c/json.h>

/*
 * JSON text of a document of the source folder, for people and for line-wise comparison: one member
 * or element a line, indented by two spaces, except that an object or array of nothing but scalars
 * stands on one line where it fits. Members keep their order, unknown ones too. Ends with LF.
 *
 * These bytes are what is signed; nobody else has to be able to make the same ones.
 */
void source_format(struct json_object *value, struct strbuf *ret);
