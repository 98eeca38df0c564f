/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "exchange/syntax.h"

/* The parts of toml_parse() below headers and lines. */

/* Spaces, with @lines also newlines and comments. */
void toml_skip_space(struct syntax *s, bool lines);

/* A bare or quoted name. */
int toml_read_name(struct syntax *s, struct strbuf *ret);

/* `name = value` into @table, with @depth lists and objects around the value. */
int toml_read_pair(struct syntax *s, unsigned depth, struct json_object *table);
