// SPDX-License-Identifier: GPL-2.0-or-later
#include "crypto/crypto.h"

#include "base/cleanup.h"
#include "crypto/test_hex.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* RFC 8032 section 7.1, TEST 1. */
#define A_SEED "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
#define A_PUBLIC "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define A_LINE "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define A_PEM "-----BEGIN PUBLIC KEY-----\n" A_LINE "\n-----END PUBLIC KEY-----"

static void ed25519_public_key_and_fingerprint_agree_with_the_vectors(void **state)
{
	uint8_t seed[CRYPTO_KEY_SIZE], key[CRYPTO_KEY_SIZE];
	char hex[65], fingerprint[CRYPTO_FINGERPRINT_SIZE];

	(void)state;
	test_from_hex(A_SEED, seed);
	crypto_ed25519_public(seed, key);
	assert_string_equal(test_to_hex(key, hex), A_PUBLIC);
	assert_string_equal(crypto_fingerprint(key, fingerprint),
			    "21fe-31df-a154-a261-626b-f854-046f-d227");
}

static void x25519_public_key_is_that_of_wg_pubkey(void **state)
{
	uint8_t private_key[CRYPTO_KEY_SIZE], key[CRYPTO_KEY_SIZE];
	char hex[65];

	(void)state;
	test_from_hex("77076d0a7318a57d3c16c17251b26645df4c2f92ebc0992ac177fba51db92c2a",
		      private_key);
	crypto_x25519_public(private_key, key);
	assert_string_equal(test_to_hex(key, hex),
			    "f8a9535a2d2ff605e8e144d54f4ef5c62313a2055dbb21fddd3fd9c299eb015d");
}

static void x25519_keys_are_clamped_and_differ(void **state)
{
	uint8_t a[CRYPTO_KEY_SIZE], b[CRYPTO_KEY_SIZE];

	(void)state;
	crypto_x25519_generate(a);
	crypto_x25519_generate(b);
	assert_memory_not_equal(a, b, sizeof(a));
	assert_int_equal(a[0] & 7, 0);
	assert_int_equal(a[31] & 0xc0, 0x40);
}

static void hash_in_pieces_equals_hash_at_once(void **state)
{
	struct crypto_hash *hash = crypto_hash_new();
	uint8_t whole[CRYPTO_KEY_SIZE], pieces[CRYPTO_KEY_SIZE];
	char hex[65];

	(void)state;
	crypto_sha256("abc", 3, whole);
	assert_string_equal(test_to_hex(whole, hex),
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	crypto_hash_add(hash, "a", 1);
	crypto_hash_add(hash, "bc", 2);
	crypto_hash_finish(hash, pieces);
	assert_memory_equal(whole, pieces, sizeof(whole));
}

static void base64_of_a_key_is_canonical_or_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"Av5sZbS3vEH43ceLOWuP1WMHruZc3Ok3zerxnGVpWWs",	  /* no padding */
		"Av5sZbS3vEH43ceLOWuP1WMHruZc3Ok3zerxnGVpWWt=",	  /* tail bits */
		"Av5sZbS3vEH43ceLOWuP1WMHruZc3Ok3zerxnGVpWWs=\n", /* newline */
		" v5sZbS3vEH43ceLOWuP1WMHruZc3Ok3zerxnGVpWWs=",
		"Av5sZbS3vEH43ceLOWuP1WMHruZc3Ok3zerxnGVpWWsA", /* 33 bytes */
		"Av5sZbS3vEH43ceLOWuP1WMHruZc3Ok3zerxnGVpWW==", /* 31 bytes */
		"Av5sZbS3vEH43ceLOWuP1WMHruZc3Ok3zerxnGVp=Ws=",
		"Av5sZbS3vEH43ceLOWuP1WMHruZc3Ok3zerxnGVpWW-=",
	};
	static const char good[] = "Av5sZbS3vEH43ceLOWuP1WMHruZc3Ok3zerxnGVpWWs=";
	char text[CRYPTO_KEY_BASE64_SIZE];
	uint8_t key[CRYPTO_KEY_SIZE];

	(void)state;
	assert_int_equal(crypto_key_from_base64(good, key), 0);
	assert_string_equal(crypto_key_to_base64(key, text), good);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(crypto_key_from_base64(bad[i], key), -EINVAL);
}

static void base64_round_trip_of_all_byte_values(void **state)
{
	(void)state;
	for (unsigned start = 0; start < 256; start++) {
		uint8_t key[CRYPTO_KEY_SIZE], back[CRYPTO_KEY_SIZE];
		char text[CRYPTO_KEY_BASE64_SIZE];

		for (unsigned i = 0; i < sizeof(key); i++)
			key[i] = (uint8_t)(start + 37 * i);
		assert_int_equal(crypto_key_from_base64(crypto_key_to_base64(key, text), back), 0);
		assert_memory_equal(key, back, sizeof(key));
	}
}

static void public_pem_is_the_template_or_refused(void **state)
{
	static const char *const bad[] = {
		"",
		A_LINE,
		" " A_PEM,
		A_PEM "\n\n",
		A_PEM "\r\n",
		A_PEM "\n" A_PEM,
		"-----BEGIN PUBLIC KEY-----\r\n" A_LINE "\r\n-----END PUBLIC KEY-----",
		/* X25519 */
		"-----BEGIN PUBLIC KEY-----\n"
		"MCowBQYDK2VuAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
		"-----END PUBLIC KEY-----\n",
	};
	uint8_t key[CRYPTO_KEY_SIZE];
	char hex[65], pem[CRYPTO_ED25519_PEM_SIZE];

	(void)state;
	assert_int_equal(crypto_ed25519_public_from_pem(A_PEM, key), 0);
	assert_string_equal(crypto_ed25519_public_to_pem(key, pem), A_PEM "\n");
	assert_string_equal(test_to_hex(key, hex), A_PUBLIC);
	assert_int_equal(strlen(A_PEM "\n"), 113);
	assert_int_equal(crypto_ed25519_public_from_pem(A_PEM "\n", key), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(crypto_ed25519_public_from_pem(bad[i], key), -EINVAL);
}

#define FF30 "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

static const char *const weak_everywhere[] = {
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"ec" FF30 "7f",
	"ed" FF30 "7f",
	"ee" FF30 "7f",
};
static const char *const weak_signing[] = {
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
};
static const char *const weak_exchange[] = {
	"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
};

static void expect_weak(const char *hex, bool signing, bool exchange)
{
	uint8_t key[CRYPTO_KEY_SIZE];

	test_from_hex(hex, key);
	assert_int_equal(crypto_ed25519_is_weak(key), signing);
	assert_int_equal(crypto_x25519_is_weak(key), exchange);
	key[31] |= 0x80;
	assert_int_equal(crypto_ed25519_is_weak(key), signing);
	assert_int_equal(crypto_x25519_is_weak(key), exchange);
}

static void small_order_points_are_weak_with_either_top_bit(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(weak_everywhere); i++)
		expect_weak(weak_everywhere[i], true, true);
	for (size_t i = 0; i < ARRAY_SIZE(weak_signing); i++)
		expect_weak(weak_signing[i], true, false);
	for (size_t i = 0; i < ARRAY_SIZE(weak_exchange); i++)
		expect_weak(weak_exchange[i], false, true);
}

static void good_keys_are_not_weak(void **state)
{
	(void)state;
	expect_weak(A_PUBLIC, false, false);
	/* p-2 and a number that misses p in the middle */
	expect_weak("eb" FF30 "7f", false, false);
	expect_weak("ffffffffffffffffffffffffffffffffffffffffffff00ffffffffffffffff7f", false,
		    false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ed25519_public_key_and_fingerprint_agree_with_the_vectors),
		cmocka_unit_test(x25519_public_key_is_that_of_wg_pubkey),
		cmocka_unit_test(x25519_keys_are_clamped_and_differ),
		cmocka_unit_test(hash_in_pieces_equals_hash_at_once),
		cmocka_unit_test(base64_of_a_key_is_canonical_or_refused),
		cmocka_unit_test(base64_round_trip_of_all_byte_values),
		cmocka_unit_test(public_pem_is_the_template_or_refused),
		cmocka_unit_test(small_order_points_are_weak_with_either_top_bit),
		cmocka_unit_test(good_keys_are_not_weak),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
