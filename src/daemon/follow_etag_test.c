// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/follow_etag.h"

#include "base/file.h"
#include "base/strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define URL "https://example.net/registry.json"
#define DIGEST "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"

struct place {
	char directory[64];
	char file[80];
};

static int make_place(void **state)
{
	struct place *place = malloc(sizeof(*place));

	assert_non_null(place);
	strcpy(place->directory, "/tmp/aronet-etag-XXXXXX");
	assert_non_null(mkdtemp(place->directory));
	(void)snprintf(place->file, sizeof(place->file), "%s/" FOLLOW_ETAG_FILE, place->directory);
	*state = place;
	return 0;
}

static int remove_place(void **state)
{
	struct place *place = *state;

	(void)unlink(place->file);
	(void)rmdir(place->directory);
	free(place);
	return 0;
}

static struct follow_etag make_etag(const char *text)
{
	struct follow_etag etag = { 0 };

	strcpy(etag.text, text);
	for (unsigned i = 0; i < KEY_SIZE; i++)
		etag.digest[i] = (uint8_t)(i + 1);
	return etag;
}

static void write_file(const struct place *place, const char *text)
{
	assert_int_equal(file_replace(place->file, text, strlen(text), 0600, NULL), 0);
}

static void etag_is_kept_for_its_url(void **state)
{
	const struct place *place = *state;
	const struct follow_etag etag = make_etag("W/\"a b\"");
	struct follow_etag found;
	struct stat status;

	follow_etag_write(place->directory, URL, &etag);
	follow_etag_read(place->directory, URL, &found);
	assert_string_equal(found.text, etag.text);
	assert_memory_equal(found.digest, etag.digest, KEY_SIZE);
	assert_int_equal(stat(place->file, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void etag_of_another_url_says_nothing(void **state)
{
	const struct place *place = *state;
	const struct follow_etag etag = make_etag("\"abc\"");
	struct follow_etag found = etag;

	follow_etag_write(place->directory, URL, &etag);
	follow_etag_read(place->directory, URL "?", &found);
	assert_string_equal(found.text, "");
}

static void answer_without_etag_replaces_one_with(void **state)
{
	const struct place *place = *state;
	const struct follow_etag before = make_etag("\"abc\""), after = make_etag("");
	struct follow_etag found = before;

	follow_etag_write(place->directory, URL, &before);
	follow_etag_write(place->directory, URL, &after);
	follow_etag_read(place->directory, URL, &found);
	assert_string_equal(found.text, "");
	assert_memory_equal(found.digest, after.digest, KEY_SIZE);
}

static void longest_etag_is_kept(void **state)
{
	const struct place *place = *state;
	char text[FETCH_ETAG_SIZE];
	struct follow_etag etag, found;

	memset(text, 'e', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	etag = make_etag(text);
	follow_etag_write(place->directory, URL, &etag);
	follow_etag_read(place->directory, URL, &found);
	assert_string_equal(found.text, text);
}

/* A crash, a full disk or a person may have left anything. */
static void what_is_no_etag_file_says_nothing(void **state)
{
	static const char *const texts[] = {
		"",
		"\n\n\n",
		DIGEST "\n" URL "\n\"abc\"", /* cut */
		DIGEST "\n" URL "\n",
		"01\n" URL "\n\"abc\"\n",
		DIGEST "21\n" URL "\n\"abc\"\n",
		"x102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20\n" URL
		"\n\"abc\"\n",
	};
	const struct place *place = *state;
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct follow_etag found;

	follow_etag_read(place->directory, URL, &found);
	assert_string_equal(found.text, "");
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		write_file(place, texts[i]);
		found = make_etag("\"abc\"");
		follow_etag_read(place->directory, URL, &found);
		assert_string_equal(found.text, "");
	}
	strbuf_printf(&text, DIGEST "\n" URL "\n%0*u\n", FETCH_ETAG_SIZE, 1);
	write_file(place, strbuf_text(&text));
	follow_etag_read(place->directory, URL, &found);
	assert_string_equal(found.text, "");
	write_file(place, DIGEST "\n" URL "\n\"abc\"\n");
	follow_etag_read(place->directory, URL, &found);
	assert_string_equal(found.text, "\"abc\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(etag_is_kept_for_its_url, make_place, remove_place),
		cmocka_unit_test_setup_teardown(etag_of_another_url_says_nothing, make_place,
						remove_place),
		cmocka_unit_test_setup_teardown(answer_without_etag_replaces_one_with, make_place,
						remove_place),
		cmocka_unit_test_setup_teardown(longest_etag_is_kept, make_place, remove_place),
		cmocka_unit_test_setup_teardown(what_is_no_etag_file_says_nothing, make_place,
						remove_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
