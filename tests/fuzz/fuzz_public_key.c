// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Public keys, differential with OpenSSL: the PEM template accepts nothing that OpenSSL reads as
 * another key, and a WireGuard key counts as weak exactly if no secret can be agreed with it.
 */
#include "base/cleanup.h"
#include "crypto/crypto.h"
#include "fuzz.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

CLEANUP_DEFINE(BIO *, BIO_free_all);
CLEANUP_DEFINE(EVP_PKEY *, EVP_PKEY_free);
CLEANUP_DEFINE(EVP_PKEY_CTX *, EVP_PKEY_CTX_free);

static void check_pem(const char *text)
{
	CLEANUP(BIO_free_all) BIO *bio = NULL;
	CLEANUP(EVP_PKEY_free) EVP_PKEY *key = NULL;
	uint8_t ours[CRYPTO_KEY_SIZE], theirs[CRYPTO_KEY_SIZE];
	char again[CRYPTO_ED25519_PEM_SIZE];
	size_t size = sizeof(theirs);

	if (crypto_ed25519_public_from_pem(text, ours) < 0)
		return;
	bio = BIO_new_mem_buf(text, -1);
	key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	FUZZ_CHECK(key && EVP_PKEY_get_id(key) == EVP_PKEY_ED25519);
	FUZZ_CHECK(EVP_PKEY_get_raw_public_key(key, theirs, &size) == 1 && size == sizeof(theirs));
	FUZZ_CHECK(!memcmp(ours, theirs, sizeof(ours)));
	/* The last newline may be missing. */
	crypto_ed25519_public_to_pem(ours, again);
	FUZZ_CHECK(!strncmp(text, again, strlen(text)) && strlen(text) + 1 >= strlen(again));
}

static bool can_agree(const uint8_t public_key[CRYPTO_KEY_SIZE])
{
	static const uint8_t private_key[CRYPTO_KEY_SIZE] = "any scalar shows a small order";
	CLEANUP(EVP_PKEY_free)
	EVP_PKEY *own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, private_key,
						     sizeof(private_key));
	CLEANUP(EVP_PKEY_free)
	EVP_PKEY *peer =
		EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, public_key, CRYPTO_KEY_SIZE);
	CLEANUP(EVP_PKEY_CTX_free) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(own, NULL);
	uint8_t secret[CRYPTO_KEY_SIZE];
	size_t size = sizeof(secret);

	FUZZ_CHECK(own && peer && context && EVP_PKEY_derive_init(context) == 1);
	return EVP_PKEY_derive_set_peer(context, peer) == 1 &&
	       EVP_PKEY_derive(context, secret, &size) == 1;
}

/* Is y, little-endian and less its sign, not below p = 2^255 - 19? */
static bool is_beyond_p(const uint8_t key[CRYPTO_KEY_SIZE])
{
	if (key[0] < 0xed || (key[31] & 0x7f) != 0x7f)
		return false;
	for (unsigned i = 1; i < 31; i++)
		if (key[i] != 0xff)
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	CLEANUP(free) char *text = NULL;
	uint8_t key[CRYPTO_KEY_SIZE];

	if (size == sizeof(key)) {
		memcpy(key, data, sizeof(key));
		/* Second encodings are refused, too, though they agree like the first ones. */
		FUZZ_CHECK(crypto_x25519_is_weak(key) == (!can_agree(key) || is_beyond_p(key)));
		FUZZ_CHECK(!is_beyond_p(key) || crypto_ed25519_is_weak(key));
		return 0;
	}
	text = fuzz_take_rest(&input);
	check_pem(text);
	return 0;
}
