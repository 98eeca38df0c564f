// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a web server can make the fetcher say, and what the daemon reads of it. The first byte says
 * what the rest is: `h`eader lines of the answer, the fetcher's `o`utput, its `w`ords of an error,
 * a `u`RL.
 */
#include "fetch/process.h"
#include "fuzz.h"

/* got_header() is the one function of the fetcher that reads bytes of a server itself. */
#include "fetch/fetch.c"

static bool is_etag(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text <= ' ' || (unsigned char)*text >= 0x7f)
			return false;
	return true;
}

/* As curl calls it: a line with its end, not terminated. */
static void check_headers(const char *text, size_t size)
{
	struct transfer transfer = { 0 };

	for (size_t at = 0; at < size;) {
		const char *end = memchr(text + at, '\n', size - at);
		size_t length = end ? (size_t)(end - text) + 1 - at : size - at;
		CLEANUP(free) char *line = malloc(length);

		FUZZ_CHECK(line != NULL);
		memcpy(line, text + at, length);
		FUZZ_CHECK(got_header(line, 1, length, &transfer) == length);
		FUZZ_CHECK(memchr(transfer.etag, '\0', sizeof(transfer.etag)));
		FUZZ_CHECK(is_etag(transfer.etag));
		at += length;
	}
}

static void check_output(const char *text, size_t size)
{
	struct fetch_output output;
	struct error error = { 0 };
	int result = fetch_output_parse(text, size, &output, &error);

	if (result < 0) {
		fuzz_check_refusal(result, &error);
		return;
	}
	FUZZ_CHECK(memchr(output.etag, '\0', sizeof(output.etag)));
	FUZZ_CHECK(output.not_modified ||
		   (output.body >= text && output.body + output.body_size == text + size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	char which = (char)fuzz_take_u8(&input);
	size_t length = input.size;
	CLEANUP(free) char *text = fuzz_take_rest(&input);
	struct error error = { 0 };

	if (which == 'h')
		check_headers(text, length);
	if (which == 'o')
		check_output(text, length);
	if (which == 'w')
		fuzz_check_refusal(fetch_words_to_error(text, length, &error), &error);
	if (which == 'u' && fetch_url_check(text, &error) < 0)
		fuzz_check_refusal(-1, &error);
	return 0;
}
