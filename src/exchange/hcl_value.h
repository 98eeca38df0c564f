/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "exchange/syntax.h"

/* The parts of hcl_parse() below bodies and blocks. */

bool hcl_is_name_start(unsigned char c);
int hcl_read_name(struct syntax *s, struct strbuf *ret);

/* "..." on one line. */
int hcl_read_string(struct syntax *s, struct strbuf *ret);

/* The same, or "<<MARKER" and lines up to one with the marker alone, as a value. */
int hcl_read_text(struct syntax *s, struct json_object **ret);

/* Spaces and inline comments; with @lines also newlines and the comments that end with one. */
int hcl_skip_space(struct syntax *s, bool lines);

/*
 * The value at the position, with @depth lists and objects around it; its name stands at
 * @name_offset. *ret is NULL for null.
 */
int hcl_read_value(struct syntax *s, unsigned depth, size_t name_offset, struct json_object **ret);
