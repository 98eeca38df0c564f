// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The private key of a node as text. OpenSSL agrees about what an Ed25519 key is, and a refusal
 * shows nothing of a key that was damaged.
 */
#include "base/cleanup.h"
#include "crypto/crypto.h"
#include "fuzz.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

/* So many characters of base64 in a row are no accident. */
#define SECRET_LENGTH 12

CLEANUP_DEFINE(BIO *, BIO_free_all);
CLEANUP_DEFINE(EVP_PKEY *, EVP_PKEY_free);

static bool is_base64(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!((text[i] >= 'A' && text[i] <= 'Z') || (text[i] >= 'a' && text[i] <= 'z') ||
		      (text[i] >= '0' && text[i] <= '9') || text[i] == '+' || text[i] == '/'))
			return false;
	return true;
}

static void check_secrecy(const char *text, const struct error *error)
{
	char piece[SECRET_LENGTH + 1] = "";

	for (size_t i = 0; i + SECRET_LENGTH <= strlen(text); i++) {
		memcpy(piece, text + i, SECRET_LENGTH);
		FUZZ_CHECK(!is_base64(piece, SECRET_LENGTH) || !strstr(error->text, piece));
	}
}

static void check_with_openssl(const char *text, const struct crypto_node_key *key)
{
	CLEANUP(BIO_free_all) BIO *bio = BIO_new_mem_buf(text, -1);
	CLEANUP(EVP_PKEY_free) EVP_PKEY *theirs = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	uint8_t seed[CRYPTO_KEY_SIZE];
	size_t size = sizeof(seed);

	/* We allow white space around the block, OpenSSL does not. */
	if (!theirs)
		return;
	FUZZ_CHECK(EVP_PKEY_get_id(theirs) == EVP_PKEY_ED25519);
	FUZZ_CHECK(EVP_PKEY_get_raw_private_key(theirs, seed, &size) == 1);
	FUZZ_CHECK(!memcmp(seed, key->identity_seed, sizeof(seed)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	CLEANUP(free) char *text = fuzz_take_rest(&input);
	struct crypto_node_key key, untouched;
	struct error error = { 0 };
	int result;

	memset(&key, 0x5a, sizeof(key));
	memcpy(&untouched, &key, sizeof(key));
	result = crypto_node_key_parse(text, "node.key", &key, &error);
	if (result < 0) {
		fuzz_check_refusal(result, &error);
		check_secrecy(text, &error);
		FUZZ_CHECK(!memcmp(&key, &untouched, sizeof(key)));
	} else if (!key.has_wireguard) {
		check_with_openssl(text, &key);
	}
	return 0;
}
