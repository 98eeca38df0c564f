// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The JSON scanner, differential with json-c: what the scanner accepts, json-c must parse
 * completely, and what json-c makes of it must be accepted again and mean the same.
 */
#include "fuzz.h"
#include "same_as_json.h"
#include "json/json.h"

#include <string.h>

static int check(const char *text, size_t size, enum json_dialect dialect)
{
	CLEANUP(json_document_free) struct json_document *document = NULL;
	struct error error = { 0 };
	int result = json_document_parse(text, size, dialect, "fuzz", &document, &error);

	if (result < 0) {
		fuzz_check_refusal(result, &error);
		/* json-c refused what the scanner accepted. */
		FUZZ_CHECK(strncmp(error.text, "json-c", strlen("json-c")) != 0);
		FUZZ_CHECK(!document);
		return result;
	}
	same_as_json(document);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int strict = check((const char *)data, size, JSON_STRICT);
	int lenient = check((const char *)data, size, JSON_WITH_COMMENTS);

	/* The lenient dialect takes more, never less. */
	FUZZ_CHECK(strict < 0 || lenient == 0);
	return 0;
}
