// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libFuzzer target of the JSON scanner, differential with json-c: what the scanner accepts, json-c
 * must parse completely, and what json-c makes of it must be accepted again.
 */
#include "json/json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *text, size_t size, enum json_dialect dialect)
{
	CLEANUP(json_document_free) struct json_document *document = NULL;
	CLEANUP(json_document_free) struct json_document *again = NULL;
	struct json_cursor root;
	struct error error;
	const char *printed;

	if (json_document_parse(text, size, dialect, "fuzz", &document, &error) < 0) {
		/* json-c refused what the scanner accepted. */
		if (!strncmp(error.text, "json-c", strlen("json-c")))
			abort();
		return;
	}
	root = json_document_root(document);
	(void)json_cursor_fail(&root, &error, ERROR_VALUE, "place");
	/* json-c would write "\/" in member names, where no escape is allowed. */
	printed = json_object_to_json_string_ext(
		root.value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	if (json_document_parse(printed, strlen(printed), JSON_STRICT, "again", &again, &error) < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check((const char *)data, size, JSON_STRICT);
	check((const char *)data, size, JSON_WITH_COMMENTS);
	return 0;
}
