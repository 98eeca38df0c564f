/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "json/json.h"

/*
 * The native syntax of HCL 2 (hashicorp/hcl, hclsyntax/spec.md) as far as files with data use it:
 * attributes, blocks, strings, heredocs, numbers, booleans, null, lists, objects, comments. What
 * would have to be computed is refused: templates "${...}", variables, functions, operators. So are
 * labels of blocks, which no registry has, and names that are not ASCII.
 *
 * A body becomes an object: an attribute is a member, blocks of one type are a member that is an
 * array of objects. Null is absence, but for the items of a list. A number that is no integer
 * becomes a string with its digits, which HCL itself takes for the same value.
 *
 * Errors: those of syntax_check(), E_SYNTAX, E_DUP_KEY, E_DEPTH, E_NUMBER, E_TOO_BIG, with line and
 * column. @name is what messages call the text.
 */
int hcl_parse(const char *text, size_t size, const char *name, struct json_document **ret,
	      struct error *error);
