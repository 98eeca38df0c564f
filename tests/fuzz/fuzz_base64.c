// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Both base64 decoders, differential with OpenSSL: a text is canonical if and only if encoding what
 * it decodes to gives it back. The decoder of public data takes the other alphabet, too.
 */
#include "base/cleanup.h"
#include "crypto/base64.h"
#include "crypto/crypto.h"
#include "fuzz.h"

#include <openssl/evp.h>
#include <string.h>

/* Does OpenSSL make bytes of @text from which it makes @text again? */
static bool is_canonical(const char *text, size_t length, uint8_t *bytes)
{
	CLEANUP(free) char *again = malloc(BASE64_TEXT_SIZE(length));
	int size = EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)length);

	if (!again || size < 0)
		return false;
	/* It counts the bytes of padding. */
	for (size_t i = length; size > 0 && i > 0 && i + 2 > length && text[i - 1] == '='; i--)
		size--;
	base64_encode(bytes, (size_t)size, again);
	return strlen(again) == length && !memcmp(again, text, length);
}

static void to_standard_alphabet(char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		text[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
}

static void check_key(const char *text)
{
	uint8_t key[CRYPTO_KEY_SIZE];
	char again[CRYPTO_KEY_BASE64_SIZE];

	if (crypto_key_from_base64(text, key) == 0)
		FUZZ_CHECK(!strcmp(crypto_key_to_base64(key, again), text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	CLEANUP(free) char *text = fuzz_take_rest(&input);
	CLEANUP(free) uint8_t *expected = malloc(size + 3);
	CLEANUP(free) uint8_t *strict = malloc(size / 4 * 3 + 1);
	CLEANUP(free) uint8_t *public = malloc(size / 4 * 3 + 1);
	size_t strict_size = 0, public_size = 0;
	bool is_strict, is_public;

	if (!expected || !strict || !public)
		abort();
	is_strict = base64_decode(text, size, strict, size / 4 * 3, &strict_size) == 0;
	is_public = base64_decode_public(text, size, public, &public_size) == 0;
	check_key(text);
	FUZZ_CHECK(is_strict == (size > 0 && is_canonical(text, size, expected)));
	if (is_strict)
		FUZZ_CHECK(is_public && public_size == strict_size &&
			   !memcmp(strict, public, strict_size) &&
			   !memcmp(strict, expected, strict_size));
	to_standard_alphabet(text, size);
	FUZZ_CHECK(is_public == (size == 0 || is_canonical(text, size, expected)));
	if (is_public)
		FUZZ_CHECK(!memcmp(public, expected, public_size));
	return 0;
}
