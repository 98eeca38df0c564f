/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "fetch/fetch.h"

/*
 * The program aronet-fetch, seen from those who start it. On success it writes one line and, where
 * there is one, the body:
 *
 *	ok "an-etag"\n...           the ETag may be empty
 *	not modified\n
 *
 * and ends with 0; what it has written by then counts only if it does. Otherwise one line on
 * standard error says why.
 */
#define FETCH_PROGRAM "aronet-fetch"
#define FETCH_LINE_OK "ok "
#define FETCH_LINE_NOT_MODIFIED "not modified\n"
#define FETCH_OUTPUT_MAX (FETCH_SIZE_MAX + FETCH_ETAG_SIZE + 8)
#define FETCH_WORDS_MAX 1024 /* of its error line */

struct fetch_output {
	bool not_modified;
	char etag[FETCH_ETAG_SIZE];
	const char *body; /* in the output */
	size_t body_size;
};

/* Read what the program wrote. 0 or -EPROTO and E_FETCH. */
int fetch_output_parse(const char *output, size_t size, struct fetch_output *ret,
		       struct error *error);

/* @words, its error line, as E_FETCH; @words may be empty. Returns -EIO. */
int fetch_words_to_error(const char *words, size_t size, struct error *error);

/*
 * Where the program is: beside the running program, else where it was installed. Returns @buffer,
 * of
 * @size bytes.
 */
const char *fetch_program_path(char *buffer, size_t size);

/*
 * Run it and wait. *ret_body is malloc()ed. For commands; the daemon does it without waiting.
 * E_FETCH; -ENOENT with it where the program is not installed.
 */
int fetch_run(const char *url, const char *ca_path, char **ret_body, size_t *ret_size,
	      struct error *error);
