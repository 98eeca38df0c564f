/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/warning.h"
#include "registry/document.h"

/* The document of one organization: its nodes (registry specification, section 3.3). */
struct org_document {
	struct document_header header;
	char name[NAME_SIZE];
	bool has_public_key; /* legacy IKE key for nodes without one */
	uint8_t public_key[KEY_SIZE];
	struct registry_node *nodes; /* in the document's order; ids are unique ignoring case */
	size_t nodes_count;
};

void org_document_free(struct org_document *org);
CLEANUP_DEFINE(struct org_document *, org_document_free);

/*
 * Read an authentic payload. @name is `org "example"`, or a file's. Checks the document alone; what
 * nodes must not do to each other and to the grants is registry_assemble(). Errors: those of
 * node_read(), E_NAME, E_EXPIRED for more than a year, E_TOO_BIG. Warnings: W01, W02.
 */
#define ORG_TABLES 1
extern const struct member_table *const org_tables[ORG_TABLES];
int org_document_parse(const void *payload, size_t size, const char *name,
		       struct warnings *warnings, struct org_document **ret, struct error *error);
