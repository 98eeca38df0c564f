/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "json/json.h"

/* hcl_parse() or toml_parse(). */
typedef int test_syntax_parse_fn(const char *text, size_t size, const char *name,
				 struct json_document **ret, struct error *error);

/* @text is read as the JSON @expected. */
void test_syntax_expect_json(test_syntax_parse_fn *parse, const char *text, const char *expected);

/* @text, called "peers.conf", is refused with @code and the message @line. */
void test_syntax_expect_refusal(test_syntax_parse_fn *parse, const char *text, enum error_code code,
				const char *line);
