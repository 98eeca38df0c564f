// SPDX-License-Identifier: GPL-2.0-or-later
#include "crypto/crypto.h"

#include "base/cleanup.h"
#include "base/hex.h"
#include "crypto/test_hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* RFC 8032 section 7.1, tests 1 to 3. */
static const struct {
	const char *seed, *key, *message, *signature;
} vectors[] = {
	{ "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
	  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e3970"
	  "1c"
	  "f9b46bd25bf5f0595bbe24655141438e7a100b" },
	{ "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
	  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613"
	  "d0"
	  "f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
	{ "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
	  "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
	  "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760"
	  "98"
	  "4dc6594a7c15e9716ed28dc027beceea1ec40a" },
};

/* The order L of the base point, RFC 8032 section 5.1, little-endian. */
static const uint8_t order[CRYPTO_KEY_SIZE] = {
	0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,	       0xd6,
	0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10,
};

static void signatures_are_those_of_the_standard(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		uint8_t seed[CRYPTO_KEY_SIZE], key[CRYPTO_KEY_SIZE], message[2];
		uint8_t signature[CRYPTO_SIGNATURE_SIZE];
		size_t size = strlen(vectors[i].message) / 2;
		char text[2 * CRYPTO_SIGNATURE_SIZE + 1];

		test_from_hex(vectors[i].seed, seed);
		test_from_hex(vectors[i].key, key);
		assert_int_equal(hex_parse(vectors[i].message, message, size), 0);
		crypto_ed25519_sign(seed, message, size, signature);
		assert_string_equal(hex_format(signature, sizeof(signature), text),
				    vectors[i].signature);
		assert_true(crypto_ed25519_verify(key, message, size, signature));
	}
}

static void one_changed_bit_is_no_signature(void **state)
{
	uint8_t key[CRYPTO_KEY_SIZE], signature[CRYPTO_SIGNATURE_SIZE];
	uint8_t message[] = { 0x72 };

	(void)state;
	test_from_hex(vectors[1].key, key);
	assert_int_equal(hex_parse(vectors[1].signature, signature, sizeof(signature)), 0);
	for (size_t bit = 0; bit < 8 * sizeof(signature); bit++) {
		signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(crypto_ed25519_verify(key, message, sizeof(message), signature));
		signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	message[0] ^= 1;
	assert_false(crypto_ed25519_verify(key, message, sizeof(message), signature));
}

/* S + L signs the same message, unless the verifier insists on S < L (RFC 8032 section 5.1.7). */
static void malleated_signature_is_refused(void **state)
{
	uint8_t key[CRYPTO_KEY_SIZE], signature[CRYPTO_SIGNATURE_SIZE];
	unsigned carry = 0;

	(void)state;
	test_from_hex(vectors[2].key, key);
	assert_int_equal(hex_parse(vectors[2].signature, signature, sizeof(signature)), 0);
	assert_true(crypto_ed25519_verify(key, "\xaf\x82", 2, signature));
	for (size_t i = 0; i < sizeof(order); i++) {
		carry += signature[32 + i] + order[i];
		signature[32 + i] = (uint8_t)carry;
		carry >>= 8;
	}
	assert_int_equal(carry, 0);
	assert_false(crypto_ed25519_verify(key, "\xaf\x82", 2, signature));
}

/* Registry specification, section 15. */
static void keyid_agrees_with_the_vectors(void **state)
{
	uint8_t key[CRYPTO_KEY_SIZE];
	char keyid[CRYPTO_KEYID_SIZE];

	(void)state;
	test_from_hex(vectors[0].key, key);
	assert_string_equal(crypto_keyid(key, keyid), "21fe31dfa154a261626bf854046fd227");
	test_from_hex(vectors[1].key, key);
	assert_string_equal(crypto_keyid(key, keyid), "39f713d0a644253f04529421b9f51b9b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures_are_those_of_the_standard),
		cmocka_unit_test(one_changed_bit_is_no_signature),
		cmocka_unit_test(malleated_signature_is_refused),
		cmocka_unit_test(keyid_agrees_with_the_vectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
