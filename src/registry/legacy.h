/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/warning.h"
#include "core/model.h"
#include "registry/node.h"

/*
 * The unsigned registry of the original aronet, a JSON array (registry specification, section 3.6):
 *
 *	[{"public_key": PEM, "organization": "example", "nodes": [...]}]
 *
 * Checks the document alone; what nodes must not do to each other is registry_check().
 */
#define LEGACY_SIZE_MAX (32u * 1024 * 1024)
#define LEGACY_ORGANIZATIONS_MAX 10000

/*
 * @name is what messages call the text. Zero nodes in all are E_OMITTED unless @allow_empty.
 * *ret is for registry_free(). Errors: those of json_document_parse() and node_read(), E_NAME for
 * names that are equal ignoring case.
 */
int registry_parse_legacy(const char *text, size_t size, const char *name, bool allow_empty,
			  struct warnings *warnings, struct registry **ret, struct error *error);

extern const struct member_table legacy_member_table;
