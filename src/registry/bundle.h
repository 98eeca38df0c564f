/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "registry/envelope.h"

/*
 * What a signed registry.json is: envelopes in a fixed order (registry specification, section 2.1):
 * mesh documents by ascending version, one manifest, organizations in the manifest's order. This
 * module checks the order of types; versions and names are known only after verification.
 */
#define BUNDLE_SIZE_MAX (32u << 20)
#define BUNDLE_MESHES_MAX 1024
#define BUNDLE_ORGANIZATIONS_MAX 10000

struct bundle {
	struct envelope *envelopes; /* meshes, the manifest, organizations */
	size_t count;
	size_t meshes_count; /* at least 1; the manifest stands at this index */
};

void bundle_free(struct bundle *bundle);
CLEANUP_DEFINE(struct bundle *, bundle_free);

/*
 * Text from outside to envelopes of which nothing is verified. @name is what messages call the
 * text. Errors: those of json_document_parse() and envelope_read(); E_ENVELOPE for another order,
 * no mesh document or not exactly one manifest; E_TOO_BIG.
 */
int bundle_parse(const char *text, size_t size, const char *name, struct bundle **ret,
		 struct error *error);

/* JSON text; each envelope begins a line. */
void bundle_format(const struct bundle *bundle, struct strbuf *ret);
