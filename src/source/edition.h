/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "registry/manifest.h"
#include "source/documents.h"

/*
 * A registry in any form that a person may name: the file that nodes load, signed or not, or the
 * source folder. For looking at it; nothing is verified.
 */
struct edition {
	bool is_signed;
	struct documents documents; /* of a signed one */
	struct manifest_document
		*manifest; /* NULL: unsigned, or a folder that never was published */
	struct json_object *manifest_json;
	struct registry *array; /* of an unsigned one, a JSON array */
};

void edition_done(struct edition *edition);
CLEANUP_DEFINE_IN_PLACE(struct edition, edition_done);

/* "-" is standard input. */
int edition_read(const char *path, struct edition *ret, struct error *error);

/* Appends; outline_finish() is the caller's. Of an unsigned registry there are only nodes. */
void edition_outline(const struct edition *edition, struct outline *outline);

/*
 * What it means, for functions that take a registry. Once only: takes the nodes. Errors of
 * registry_assemble().
 */
int edition_registry(struct edition *edition, struct registry **ret, struct error *error);

/* {"mesh": {...}, "manifest": {...}, "organizations": [...]}: the documents themselves. */
struct json_object *edition_to_json(const struct edition *edition);
