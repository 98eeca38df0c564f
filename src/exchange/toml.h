/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "json/json.h"

/*
 * TOML (toml.io, version 0.5, which RAIT reads) as far as lists of peers use it: tables, arrays of
 * tables, basic and literal strings on one line, decimal integers, booleans, arrays, inline tables,
 * comments. Strings of several lines, fractions, dates, and dotted names outside of headers are
 * refused.
 *
 * A table becomes an object, an array of tables an array of objects. Errors: those of
 * syntax_check(), E_SYNTAX, E_DUP_KEY, E_DEPTH, E_NUMBER, E_TOO_BIG, with line and column. @name is
 * what messages call the text.
 */
int toml_parse(const char *text, size_t size, const char *name, struct json_document **ret,
	       struct error *error);
