// SPDX-License-Identifier: GPL-2.0-or-later
#include "fetch/fetch.h"

#include "base/cleanup.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define HTTP_OK 200
#define HTTP_NOT_MODIFIED 304

struct transfer {
	CURL *curl;
	fetch_begin_fn *begin;
	fetch_body_fn *body;
	void *userdata;
	char etag[FETCH_ETAG_SIZE];
	char words[CURL_ERROR_SIZE];
	size_t size;
	bool begun;
	bool too_big;
	int result; /* of the callbacks */
};

CLEANUP_DEFINE(CURL *, curl_easy_cleanup);
CLEANUP_DEFINE(struct curl_slist *, curl_slist_free_all);

/* What curl says in its own words is added; here is what it means and what to do. */
static const struct {
	CURLcode code;
	const char *text;
} causes[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, "the host's name does not resolve; is it spelled right, and "
				      "does DNS work here?" },
	{ CURLE_COULDNT_CONNECT, "nobody answers there" },
	{ CURLE_OPERATION_TIMEDOUT, "took too long, or was too slow (30 s in all, 10 s to connect, "
				    "1000 bytes/s)" },
	{ CURLE_PEER_FAILED_VERIFICATION, "the server's certificate is not good" },
	{ CURLE_SSL_CACERT_BADFILE, "the file of CA certificates is not good" },
	{ CURLE_SSL_CONNECT_ERROR, "does not speak TLS 1.2 or later" },
	{ CURLE_TOO_MANY_REDIRECTS, "redirects more than 3 times" },
	{ CURLE_UNSUPPORTED_PROTOCOL, "redirects to something else than https" },
	{ CURLE_PARTIAL_FILE, "the connection ended before all was there" },
	{ CURLE_RECV_ERROR, "the connection broke" },
	{ CURLE_BAD_CONTENT_ENCODING, "the compressed body is damaged" },
	{ CURLE_GOT_NOTHING, "the server closed the connection without an answer" },
};

static int fail_curl(const struct transfer *transfer, CURLcode code, const char *url,
		     struct error *error)
{
	const char *words = transfer->words[0] ? transfer->words : curl_easy_strerror(code);

	for (size_t i = 0; i < ARRAY_SIZE(causes); i++)
		if (causes[i].code == code)
			return error_set(error, -EIO, ERROR_FETCH, url, "%s (%.200s)",
					 causes[i].text, words);
	return error_set(error, -EIO, ERROR_FETCH, url, "cannot be fetched (%.200s)", words);
}

static long status_of(const struct transfer *transfer)
{
	long status = 0;

	(void)curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

static int begin_once(struct transfer *transfer)
{
	if (transfer->begun || transfer->result < 0)
		return transfer->result;
	transfer->begun = true;
	transfer->result = transfer->begin(transfer->userdata, transfer->etag);
	return transfer->result;
}

/* Pages that say 404 or the like are swallowed; anything but @length ends the transfer. */
static size_t got_body(char *bytes, size_t one, size_t length, void *userdata)
{
	struct transfer *transfer = userdata;

	(void)one;
	if (status_of(transfer) != HTTP_OK)
		return length;
	transfer->size += length;
	if (transfer->size > FETCH_SIZE_MAX) {
		transfer->too_big = true;
		return 0;
	}
	if (begin_once(transfer) == 0)
		transfer->result = transfer->body(transfer->userdata, bytes, length);
	return transfer->result < 0 ? 0 : length;
}

/* A redirect's headers come first; those of the last answer count. */
static size_t got_header(char *line, size_t one, size_t length, void *userdata)
{
	static const char name[] = "etag:";
	const size_t name_length = sizeof(name) - 1;
	struct transfer *transfer = userdata;
	const char *value = line + name_length;
	size_t size;

	(void)one;
	if (length >= 5 && !memcmp(line, "HTTP/", 5))
		transfer->etag[0] = '\0';
	if (length <= name_length || curl_strnequal(line, name, name_length) == 0)
		return length;
	size = length - name_length;
	while (size && (*value == ' ' || *value == '\t')) {
		value++;
		size--;
	}
	while (size && (unsigned char)value[size - 1] <= ' ')
		size--;
	if (size >= sizeof(transfer->etag))
		return length;
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)value[i] <= ' ' || (unsigned char)value[i] >= 0x7f)
			return length; /* RFC 9110 section 8.8.3 */
	memcpy(transfer->etag, value, size);
	transfer->etag[size] = '\0';
	return length;
}

static void set_limits(CURL *curl)
{
	(void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
	(void)curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "https");
	(void)curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)FETCH_REDIRECTS_MAX);
	(void)curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)FETCH_TIMEOUT_SEC);
	(void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)FETCH_CONNECT_TIMEOUT_SEC);
	(void)curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)FETCH_SPEED_MIN);
	(void)curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)FETCH_SPEED_SEC);
	(void)curl_easy_setopt(curl, CURLOPT_MAXFILESIZE, (long)FETCH_SIZE_MAX);
	(void)curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	(void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	/* Nothing from the environment decides where we go. */
	(void)curl_easy_setopt(curl, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	(void)curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
	(void)curl_easy_setopt(curl, CURLOPT_USERAGENT, "aronet/" ARONET_VERSION);
}

static void set_request(struct transfer *transfer, const struct fetch_request *request,
			struct curl_slist **headers)
{
	CURL *curl = transfer->curl;
	char line[FETCH_ETAG_SIZE + 32];

	(void)curl_easy_setopt(curl, CURLOPT_URL, request->url);
	(void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, transfer->words);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, got_body);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
	(void)curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, got_header);
	(void)curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer);
	if (request->ca) {
		struct curl_blob blob = {
			.data = (void *)(uintptr_t)request->ca,
			.len = request->ca_size,
			.flags = CURL_BLOB_COPY,
		};

		(void)curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &blob);
		(void)curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	}
	if (request->etag && request->etag[0]) {
		(void)snprintf(line, sizeof(line), "If-None-Match: %s", request->etag);
		*headers = curl_slist_append(NULL, line);
		(void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, *headers);
	}
}

/* The transfer has ended; what is it worth? */
static int conclude(struct transfer *transfer, CURLcode code, const char *url, struct error *error)
{
	long status = status_of(transfer);

	if (transfer->too_big || code == CURLE_FILESIZE_EXCEEDED)
		return error_set(error, -EFBIG, ERROR_FETCH, url,
				 "is larger than the limit of %zu bytes", FETCH_SIZE_MAX);
	if (transfer->result < 0)
		return error_set(error, transfer->result, ERROR_FETCH, url,
				 "cannot hand over what was fetched: %s",
				 strerror(-transfer->result));
	if (code != CURLE_OK)
		return fail_curl(transfer, code, url, error);
	if (status == HTTP_NOT_MODIFIED)
		return 1;
	if (status != HTTP_OK)
		return error_set(error, -ENOENT, ERROR_FETCH, url,
				 "the server answers with HTTP status %ld", status);
	if (begin_once(transfer) < 0)
		return error_set(error, transfer->result, ERROR_FETCH, url,
				 "cannot hand over what was fetched: %s",
				 strerror(-transfer->result));
	return 0;
}

int fetch(const struct fetch_request *request, fetch_begin_fn *begin, fetch_body_fn *body,
	  void *userdata, struct error *error)
{
	CLEANUP(curl_slist_free_all) struct curl_slist *headers = NULL;
	CLEANUP(curl_easy_cleanup) CURL *curl = NULL;
	struct transfer transfer = { .begin = begin, .body = body, .userdata = userdata };
	int result = fetch_url_check(request->url, error);

	if (result < 0)
		return result;
	curl = curl_easy_init();
	if (!curl)
		return error_set(error, -ENOMEM, ERROR_FETCH, request->url, "libcurl cannot start");
	transfer.curl = curl;
	set_limits(curl);
	set_request(&transfer, request, &headers);
	return conclude(&transfer, curl_easy_perform(curl), request->url, error);
}
