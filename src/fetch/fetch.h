/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Fetching a registry by https, with libcurl. Only the program aronet-fetch is linked with it,
 * which has given up every right before it opens a socket; neither the daemon nor `aronet load`
 * speak HTTP.
 *
 * What comes is not believed: a server may replay, withhold, cut or swamp, and gets no further than
 * the limits below. The certificate is checked so that not everybody on the way can do that.
 */
#define FETCH_SIZE_MAX                                                                             \
	((size_t)32 << 20)   /* bytes, decoded: registry specification, section 2.5                \
			      */
#define FETCH_TIMEOUT_SEC 30 /* in all */
#define FETCH_CONNECT_TIMEOUT_SEC 10
#define FETCH_SPEED_MIN 1000 /* bytes per second, over FETCH_SPEED_SEC */
#define FETCH_SPEED_SEC 10
#define FETCH_REDIRECTS_MAX 3
#define FETCH_URL_MAX 2048
#define FETCH_ETAG_SIZE 256 /* a longer one is not kept */

struct fetch_request {
	const char *url;
	const void *ca; /* PEM; NULL: the system's certificates */
	size_t ca_size;
	const char *etag; /* of the copy that is there; NULL: none */
};

/* @etag is "" if the server gave none. Called before the first fetch_body_fn. */
typedef int fetch_begin_fn(void *userdata, const char *etag);
/* A piece of the body; -errno ends the fetch. */
typedef int fetch_body_fn(void *userdata, const void *bytes, size_t size);

/*
 * Fetch. 0 when all of the body was handed over (fetch_begin_fn is called for an empty one, too), 1
 * when the server says that the copy is still good, or -errno and E_FETCH with what went wrong and
 * what to do. Follows redirects to https only.
 */
int fetch(const struct fetch_request *request, fetch_begin_fn *begin, fetch_body_fn *body,
	  void *userdata, struct error *error);

/* May @url be fetched: https, a host, no user or password, no blanks? E_FETCH says why not. */
int fetch_url_check(const char *url, struct error *error);
