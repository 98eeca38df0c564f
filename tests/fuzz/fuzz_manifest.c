// SPDX-License-Identifier: GPL-2.0-or-later
/* Manifests, as if their signatures were good. What was read and is written reads the same again.
 */
#include "fuzz.h"
#include "registry/manifest.h"
#include "registry/name.h"

#include <string.h>

static void check_promises(const struct manifest_document *manifest)
{
	FUZZ_CHECK(manifest->header.expires > manifest->header.issued);
	for (size_t i = 0; i < manifest->organizations_count; i++) {
		const struct manifest_entry *entry = &manifest->organizations[i];

		FUZZ_CHECK(name_is_valid(entry->name));
		FUZZ_CHECK(entry->version >= 1 && entry->version <= DOCUMENT_VERSION_MAX);
		FUZZ_CHECK(!i || strcmp(entry[-1].name, entry->name) < 0);
	}
}

static void check_round_trip(const struct manifest_document *manifest)
{
	CLEANUP(manifest_document_free) struct manifest_document *again = NULL;
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	CLEANUP(strbuf_done) struct strbuf text_again = { 0 };
	struct error error = { 0 };

	manifest_document_format(manifest, &text);
	if (manifest_document_parse(text.bytes, text.length, "again", &again, &error) < 0)
		fuzz_fail(__FILE__, __LINE__, error.text);
	manifest_document_format(again, &text_again);
	FUZZ_CHECK(!strcmp(text.bytes, text_again.bytes));
	FUZZ_CHECK(!memcmp(&manifest->header, &again->header, sizeof(again->header)));
	FUZZ_CHECK(!memcmp(&manifest->mesh, &again->mesh, sizeof(again->mesh)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(manifest_document_free) struct manifest_document *manifest = NULL;
	struct error error = { 0 };
	int result = manifest_document_parse(data, size, "manifest", &manifest, &error);

	if (result < 0) {
		fuzz_check_refusal(result, &error);
		FUZZ_CHECK(!manifest);
		return 0;
	}
	check_promises(manifest);
	check_round_trip(manifest);
	return 0;
}
