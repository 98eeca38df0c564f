/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/strbuf.h"

#include <json-c/json.h>
#include <stdbool.h>

/*
 * The daemon's status for people: who and how, what is wrong, then tunnels with their neighbours,
 * routes, and what has been counted and repaired. Sections with nothing to say are left out.
 */
void status_text_print(struct json_object *status, bool with_colour, struct strbuf *out);
