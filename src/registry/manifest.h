/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "registry/document.h"

/* Which versions belong together (registry specification, section 3.4). */
struct manifest_entry {
	char name[NAME_SIZE]; /* empty for the mesh */
	uint64_t version;
	uint64_t size; /* bytes of the payload */
	uint8_t digest[KEY_SIZE];
};

struct manifest_document {
	struct document_header header;
	struct manifest_entry mesh;
	struct manifest_entry *organizations; /* sorted bytewise by name, each once */
	size_t organizations_count;
};

void manifest_document_free(struct manifest_document *manifest);
CLEANUP_DEFINE(struct manifest_document *, manifest_document_free);

/*
 * Read an authentic payload. @name is `manifest 481`, or a file's. E_VALUE for another order of
 * organizations; how long a manifest may live depends on the mesh and is the verifier's question.
 */
#define MANIFEST_TABLES 3
extern const struct member_table *const manifest_tables[MANIFEST_TABLES];
int manifest_document_parse(const void *payload, size_t size, const char *name,
			    struct manifest_document **ret, struct error *error);

/* The payload of a manifest, readable, LF at the end. */
void manifest_document_format(const struct manifest_document *manifest, struct strbuf *ret);
