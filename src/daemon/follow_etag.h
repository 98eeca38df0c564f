/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/model.h"
#include "fetch/fetch.h"

/*
 * The ETag of the registry in force, kept beside last-good.json. It says something only of the
 * bytes with @digest that came from @url: with another registry in force the file is not believed.
 * Losing it costs one download.
 */
#define FOLLOW_ETAG_FILE "etag"

struct follow_etag {
	char text[FETCH_ETAG_SIZE]; /* "": none */
	uint8_t digest[KEY_SIZE];
};

/* "" where there is none for this @url. */
void follow_etag_read(const char *state_dir, const char *url, struct follow_etag *ret);
void follow_etag_write(const char *state_dir, const char *url, const struct follow_etag *etag);
