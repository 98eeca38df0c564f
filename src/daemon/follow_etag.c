// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/follow_etag.h"

#include "base/file.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/strbuf.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define FILE_SIZE_MAX 4096
#define DIGEST_LENGTH (2 * KEY_SIZE)

/* Three lines: digest, URL, ETag. None of them can have a newline in it. */
static bool parse(char *text, const char *url, struct follow_etag *ret)
{
	char *rest = text, *lines[3];

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		lines[i] = strsep(&rest, "\n");
		if (!rest)
			return false;
	}
	if (strcmp(lines[1], url) != 0 || strlen(lines[2]) >= sizeof(ret->text) ||
	    hex_parse(lines[0], ret->digest, KEY_SIZE) < 0)
		return false;
	strcpy(ret->text, lines[2]);
	return true;
}

void follow_etag_read(const char *state_dir, const char *url, struct follow_etag *ret)
{
	CLEANUP(free) char *text = NULL;
	char path[PATH_MAX];
	struct error error;
	size_t size;

	*ret = (struct follow_etag) { 0 };
	(void)snprintf(path, sizeof(path), "%s/" FOLLOW_ETAG_FILE, state_dir);
	if (file_read(path, FILE_SIZE_MAX, &text, &size, &error) < 0 || !parse(text, url, ret))
		ret->text[0] = '\0';
}

void follow_etag_write(const char *state_dir, const char *url, const struct follow_etag *etag)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	char path[PATH_MAX], digest[DIGEST_LENGTH + 1], line[ERROR_LINE_SIZE];
	struct error error;

	(void)snprintf(path, sizeof(path), "%s/" FOLLOW_ETAG_FILE, state_dir);
	strbuf_printf(&text, "%s\n%s\n%s\n", hex_format(etag->digest, KEY_SIZE, digest), url,
		      etag->text);
	if (file_replace(path, text.bytes, text.length, 0600, &error) < 0)
		log_warning("event=etag error=\"%s\"", error_format(&error, line, sizeof(line)));
}
