// SPDX-License-Identifier: GPL-2.0-or-later
#include "crypto/base64.h"

#include "base/cleanup.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* RFC 4648 section 10. */
static const struct {
	const char *bytes, *text;
} rows[] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
};

static void texts_are_decoded_and_encoded(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t length = strlen(rows[i].text), size = 77;
		char bytes[64], text[BASE64_TEXT_SIZE(sizeof(bytes))];

		assert_int_equal(base64_decode_public(rows[i].text, length, bytes, &size), 0);
		assert_int_equal(size, strlen(rows[i].bytes));
		assert_memory_equal(bytes, rows[i].bytes, size);
		base64_encode(bytes, size, text);
		assert_string_equal(text, rows[i].text);
	}
}

static void both_alphabets_are_read(void **state)
{
	uint8_t a[3], b[3];
	size_t size;

	(void)state;
	assert_int_equal(base64_decode_public("-_+/", 4, a, &size), 0);
	assert_int_equal(base64_decode_public("+/-_", 4, b, &size), 0);
	assert_memory_equal(a, b, sizeof(a));
	assert_memory_equal(a, "\xfb\xff\xbf", 3);
}

static void every_byte_comes_back(void **state)
{
	uint8_t bytes[258], again[258];
	char text[BASE64_TEXT_SIZE(sizeof(bytes))];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 167);
	for (size_t length = 0; length <= sizeof(bytes); length++) {
		size_t size = 0;

		base64_encode(bytes, length, text);
		assert_int_equal(base64_decode_public(text, strlen(text), again, &size), 0);
		assert_int_equal(size, length);
		assert_memory_equal(bytes, again, length);
	}
}

static void what_is_not_canonical_is_refused(void **state)
{
	static const char *const texts[] = {
		"Z",	"Zg",	      "Zg=",	  "Zg===",    "Zg=A",	"=",	 "====",
		"===A", "Z===",	      "Zh==",	  "Zm9=",     "Zm9v\n", "Zm9v ", " Zm9v",
		"Zm 9", "Zm\xc3\xa4", "Zg==Zg==", "Zm9v*A==", ".m9v",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		size_t size = 77;
		char bytes[64];

		if (base64_decode_public(texts[i], strlen(texts[i]), bytes, &size) != -EINVAL ||
		    size != 77)
			fail_msg("accepted: %s", texts[i]);
	}
}

/* The two decoders agree wherever the strict one has an answer. */
static void decoders_agree(void **state)
{
	static const char alphabet[] = "Aa09+/=Z \n";
	char text[9] = { 0 };

	(void)state;
	for (unsigned n = 0; n < 100000000; n += 7919) {
		unsigned rest = n;
		size_t size = 77, other = 78;
		uint8_t a[6] = { 0 }, b[6] = { 0 };
		int result, expected;

		for (size_t i = 0; i < 8; i++, rest /= 10)
			text[i] = alphabet[rest % 10];
		result = base64_decode_public(text, 8, a, &size);
		expected = base64_decode(text, 8, b, sizeof(b), &other);
		assert_int_equal(result, expected);
		if (result == 0) {
			assert_int_equal(size, other);
			assert_memory_equal(a, b, size);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_decoded_and_encoded),
		cmocka_unit_test(both_alphabets_are_read),
		cmocka_unit_test(every_byte_comes_back),
		cmocka_unit_test(what_is_not_canonical_is_refused),
		cmocka_unit_test(decoders_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
