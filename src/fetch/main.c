// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * aronet-fetch URL [ETAG] [CA-FILE]: fetch a registry for the daemon or for `aronet load`, without
 * any right of theirs. See fetch/process.h for what it writes; an error is one line on standard
 * error and exit code 4.
 */
#include "fetch/fetch.h"
#include "fetch/process.h"
#include "fetch/unprivileged.h"

#include "base/cleanup.h"
#include "base/file.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CA_SIZE_MAX ((size_t)4 << 20) /* Debian's whole bundle has 220 KB */

static int write_all(const void *bytes, size_t size)
{
	const char *next = bytes;

	while (size) {
		ssize_t length = write(STDOUT_FILENO, next, size);

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return -errno;
		next += length;
		size -= (size_t)length;
	}
	return 0;
}

static int begin(void *userdata, const char *etag)
{
	char line[FETCH_ETAG_SIZE + sizeof(FETCH_LINE_OK)];

	(void)userdata;
	(void)snprintf(line, sizeof(line), FETCH_LINE_OK "%s\n", etag);
	return write_all(line, strlen(line));
}

static int body(void *userdata, const void *bytes, size_t size)
{
	(void)userdata;
	return write_all(bytes, size);
}

static int run(const char *url, const char *etag, const char *ca_path, struct error *error)
{
	CLEANUP(free) char *ca = NULL;
	struct fetch_request request = { .url = url, .etag = etag };
	int result = 0;

	/* While it can still be read. */
	if (ca_path) {
		result = file_read(ca_path, CA_SIZE_MAX, &ca, &request.ca_size, error);
		request.ca = ca;
	}
	if (result == 0)
		result = unprivileged_become(error);
	if (result == 0 && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		result = error_set(error, -EIO, ERROR_FETCH, NULL, "libcurl cannot start");
	if (result == 0)
		result = fetch(&request, begin, body, NULL, error);
	return result;
}

int main(int argc, char *argv[])
{
	struct error error = { 0 };
	char line[ERROR_LINE_SIZE];
	int result;

	if (argc < 2 || argc > 4) {
		(void)fprintf(stderr, "usage: aronet-fetch URL [ETAG] [CA-FILE]\n");
		return EXIT_USAGE;
	}
	result = run(argv[1], argc > 2 && argv[2][0] ? argv[2] : NULL, argc > 3 ? argv[3] : NULL,
		     &error);
	if (result == 1)
		result = write_all(FETCH_LINE_NOT_MODIFIED, strlen(FETCH_LINE_NOT_MODIFIED));
	if (result >= 0)
		return EXIT_DONE;
	(void)fprintf(stderr, "%s\n", error_format(&error, line, sizeof(line)));
	return EXIT_REGISTRY;
}
