// SPDX-License-Identifier: GPL-2.0-or-later
#include "fetch/process.h"

#include "base/cleanup.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void output_with_a_body_is_read(void **state)
{
	static const char output[] = "ok \"abc\"\nbody\nof lines";
	struct fetch_output parsed;

	(void)state;
	assert_int_equal(fetch_output_parse(output, strlen(output), &parsed, NULL), 0);
	assert_false(parsed.not_modified);
	assert_string_equal(parsed.etag, "\"abc\"");
	assert_int_equal(parsed.body_size, strlen("body\nof lines"));
	assert_memory_equal(parsed.body, "body\nof lines", parsed.body_size);
}

static void output_without_etag_or_body_is_read(void **state)
{
	struct fetch_output parsed;

	(void)state;
	assert_int_equal(fetch_output_parse("ok \n", 4, &parsed, NULL), 0);
	assert_string_equal(parsed.etag, "");
	assert_int_equal(parsed.body_size, 0);
	assert_int_equal(fetch_output_parse("not modified\n", 13, &parsed, NULL), 0);
	assert_true(parsed.not_modified);
}

static void other_output_is_refused(void **state)
{
	static const char *const outputs[] = {
		"",	    "ok",    "ok ", "ok \"abc\"", "not modified", "not modified\nx",
		"<html>\n", "OK \n",
	};
	char long_etag[FETCH_ETAG_SIZE + 16];
	struct fetch_output parsed = { .body_size = 77 };
	struct error error = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(outputs); i++) {
		assert_int_equal(
			fetch_output_parse(outputs[i], strlen(outputs[i]), &parsed, &error),
			-EPROTO);
		assert_int_equal(error.code, ERROR_FETCH);
	}
	memset(long_etag, 'e', sizeof(long_etag));
	memcpy(long_etag, FETCH_LINE_OK, strlen(FETCH_LINE_OK));
	long_etag[sizeof(long_etag) - 1] = '\n';
	assert_int_equal(fetch_output_parse(long_etag, sizeof(long_etag), &parsed, NULL), -EPROTO);
	assert_int_equal(parsed.body_size, 77);
}

static void first_line_of_words_is_the_error(void **state)
{
	struct error error = { 0 };

	(void)state;
	assert_int_equal(fetch_words_to_error("https://a/: nobody\nmore", 23, &error), -EIO);
	assert_int_equal(error.code, ERROR_FETCH);
	assert_string_equal(error.text, "https://a/: nobody");
	assert_int_equal(fetch_words_to_error(NULL, 0, &error), -EIO);
	assert_string_equal(error.text, "aronet-fetch ended without a word; was it killed?");
}

static void urls_are_checked(void **state)
{
	static const struct {
		const char *url;
		bool is_good;
	} rows[] = {
		{ "https://example.net/registry.json", true },
		{ "HTTPS://[2001:db8::1]:8443/a?b=@", true },
		{ "https://example.net", true },
		{ "http://example.net/", false },
		{ "file:///etc/passwd", false },
		{ "https://", false },
		{ "https:///x", false },
		{ "https://user@example.net/", false },
		{ "https://user:password@example.net/", false },
		{ "https://example.net/a b", false },
		{ "https://example.net/\n", false },
		{ "https://ex\xc3\xa4mple.net/", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error error = { 0 };
		int result = fetch_url_check(rows[i].url, &error);

		if ((result == 0) != rows[i].is_good)
			fail_msg("%s: %d %s", rows[i].url, result, error.text);
		assert_int_equal(error.code, rows[i].is_good ? ERROR_NONE : ERROR_FETCH);
		assert_null(strstr(error.text, "password@"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_with_a_body_is_read),
		cmocka_unit_test(output_without_etag_or_body_is_read),
		cmocka_unit_test(other_output_is_refused),
		cmocka_unit_test(first_line_of_words_is_the_error),
		cmocka_unit_test(urls_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
