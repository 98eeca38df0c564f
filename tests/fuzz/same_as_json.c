// SPDX-License-Identifier: GPL-2.0-or-later
#include "same_as_json.h"

#include "fuzz.h"

#include <string.h>

void same_as_json(const struct json_document *document)
{
	CLEANUP(json_document_free) struct json_document *again = NULL;
	struct json_cursor root = json_document_root(document), other;
	/* json-c would write "\/" in member names, where no escape is allowed. */
	const char *printed = json_object_to_json_string_ext(
		root.value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	struct error error = { 0 };

	if (json_document_parse(printed, strlen(printed), JSON_STRICT, "again", &again, &error) < 0)
		fuzz_fail(__FILE__, __LINE__, error.text);
	other = json_document_root(again);
	FUZZ_CHECK(json_object_equal(root.value, other.value));
	/* Every value can be pointed at. */
	fuzz_check_refusal(json_cursor_fail(&root, &error, ERROR_VALUE, "place"), &error);
}
