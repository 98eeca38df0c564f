/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/strbuf.h"
#include "fetch/process.h"

#include <uv.h>

/*
 * One run of aronet-fetch, without waiting for it: a child with an empty environment and nothing of
 * the daemon's but two pipes, which are read up to the limits of fetch/process.h. It is killed when
 * it writes more, or when its time is over.
 */
#define FETCHING_TIMEOUT_MS 40000 /* it gives itself FETCH_TIMEOUT_SEC */

struct fetching;

struct fetching_options {
	const char *url;
	const char *etag;    /* "": none */
	const char *ca_path; /* NULL: the system's certificates */
	/* For tests: */
	const char *program; /* NULL: fetch_program_path() */
	unsigned timeout_ms; /* 0: FETCHING_TIMEOUT_MS */
};

/*
 * Called from the loop, once. @error is NULL after a success; then @output is what was fetched,
 * and its body is in @bytes, which may be taken.
 */
typedef void fetching_done_fn(void *userdata, const struct error *error,
			      const struct fetch_output *output, struct strbuf *bytes);

/* NULL with E_FETCH where the program cannot be run; then @done is not called. */
struct fetching *fetching_begin(uv_loop_t *loop, const struct fetching_options *options,
				fetching_done_fn *done, void *userdata, struct error *error);

/* Kill it; it is not told any more, and freed from the loop. NULL is fine. */
void fetching_cancel(struct fetching *fetching);
