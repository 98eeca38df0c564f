/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"
#include "json/json.h"

#include <stddef.h>

/*
 * The strict look at every byte, see json.h. json-c gets nothing that did not pass here.
 *
 * @text is changed in one dialect only: JSON_WITH_COMMENTS overwrites comments and trailing commas
 * with spaces, so that json-c reads plain JSON and every offset stays what it was. JSON_ENVELOPES
 * is json_scan_envelopes().
 */
int json_scan(char *text, size_t size, enum json_dialect dialect, const char *name,
	      struct error *error);

/* Where in a text something stands: the string in between the quotation marks. */
struct json_span {
	size_t start;
	size_t length;
};

/* The strings that are members "payload", in the order of the text. */
struct json_payloads {
	struct json_span *items;
	size_t count;
	bool have_escapes; /* one of them at least */
};
void json_payloads_done(struct json_payloads *payloads);
CLEANUP_DEFINE_IN_PLACE(struct json_payloads, json_payloads_done);

/* The same for JSON_ENVELOPES; zeroed @payloads are filled, in part on failure. */
int json_scan_envelopes(const char *text, size_t size, const char *name,
			struct json_payloads *payloads, struct error *error);

/* One step of the way to a value: a member's name, or, if that is NULL, an index. */
struct json_step {
	const char *member;
	size_t index;
};

enum json_locate_what {
	JSON_LOCATE_VALUE,
	JSON_LOCATE_NAME, /* of the member that is the last step */
};

/*
 * Offset of a value, or of its member's name, in a text that json_scan() accepted; the deepest
 * place on the way if the last steps do not exist.
 */
size_t json_locate(const char *text, size_t size, const struct json_step *steps, size_t count,
		   enum json_locate_what what);

/* "name:LINE:COLUMN" of an offset, both from 1, columns in characters. A long name is cut. */
void json_format_place(const char *text, size_t offset, const char *name,
		       char buffer[ERROR_PLACE_SIZE]);
