// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewall/record.h"

#include "base/file.h"
#include "base/hex.h"
#include "base/strbuf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS ((size_t)2 * KEY_SIZE)
#define LINE_LENGTH (2 * DIGITS + 2) /* a space, and the newline */

void record_done(struct record *record)
{
	free(record->body);
	*record = (struct record) { 0 };
}

static bool parse(char *text, size_t size, struct record *ret)
{
	if (size < LINE_LENGTH || text[DIGITS] != ' ' || text[LINE_LENGTH - 1] != '\n' ||
	    strlen(text) != size)
		return false;
	text[DIGITS] = text[LINE_LENGTH - 1] = '\0';
	return hex_parse(text, ret->fingerprint, KEY_SIZE) == 0 &&
	       hex_parse(text + DIGITS + 1, ret->digest, KEY_SIZE) == 0;
}

int record_read(const char *path, struct record *ret, struct error *error)
{
	CLEANUP(free) char *text = NULL;
	size_t size;
	int result = file_read(path, RECORD_SIZE_MAX, &text, &size, error);

	*ret = (struct record) { 0 };
	if (result == -ENOENT || result == -EFBIG)
		return 0;
	if (result < 0)
		return result;
	if (!parse(text, size, ret)) {
		*ret = (struct record) { 0 };
		return 0;
	}
	memmove(text, text + LINE_LENGTH, size - LINE_LENGTH + 1);
	ret->body = TAKE(text);
	return 0;
}

int record_write(const char *path, const uint8_t fingerprint[KEY_SIZE],
		 const struct ruleset *ruleset, struct error *error)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	char first[DIGITS + 1], second[DIGITS + 1];

	(void)hex_format(fingerprint, KEY_SIZE, first);
	(void)hex_format(ruleset->digest, KEY_SIZE, second);
	strbuf_printf(&text, "%s %s\n%s", first, second, ruleset->body);
	return file_replace(path, strbuf_text(&text), text.length, 0600, error);
}
