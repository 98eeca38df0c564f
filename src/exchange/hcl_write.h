/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/strbuf.h"

#include <json-c/json.h>
#include <stdbool.h>

/* Can @name stand before "=" in a body, for hcl_parse()? */
bool hcl_is_name(const char *name);

/* "text" with what HCL's templates need escaped. */
void hcl_write_string(const char *text, struct strbuf *ret);

/*
 * Any value as one expression on one line. False, and a part of it, if it is nested deeper than
 * @depth_max or has a name that hcl_parse() would not take.
 */
bool hcl_write_value(struct json_object *value, unsigned depth_max, struct strbuf *ret);
