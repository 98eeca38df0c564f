// SPDX-License-Identifier: GPL-2.0-or-later
/* Files of other programs in TOML: what is accepted is a value that JSON can hold, too. */
#include "exchange/toml.h"
#include "fuzz.h"
#include "same_as_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(json_document_free) struct json_document *document = NULL;
	struct error error = { 0 };
	int result = toml_parse((const char *)data, size, "peers.toml", &document, &error);

	if (result < 0) {
		fuzz_check_refusal(result, &error);
		FUZZ_CHECK(!document);
		return 0;
	}
	same_as_json(document);
	return 0;
}
