// SPDX-License-Identifier: GPL-2.0-or-later
#include "crypto/crypto.h"

#include "base/hex.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* OpenSSL fails here only when it is out of memory or not whole; both leave no way to go on. */
static void must(int result)
{
	if (result != 1)
		abort();
}

void crypto_wipe(void *secret, size_t size)
{
	explicit_bzero(secret, size);
}

void crypto_random(void *ret, size_t size)
{
	uint8_t *bytes = ret;

	/* Up to 256 bytes come whole (getrandom(2)). */
	while (size) {
		size_t piece = size < 256 ? size : 256;

		if (getrandom(bytes, piece, 0) != (ssize_t)piece)
			abort();
		bytes += piece;
		size -= piece;
	}
}

/*
 * Fetched once for the life of the program: with EVP_sha256() OpenSSL looks through its providers
 * for an implementation each time a hash begins, which costs as much as to hash a text of 70 bytes.
 */
static EVP_MD *sha256_fetched;
static pthread_once_t sha256_once = PTHREAD_ONCE_INIT;

static void fetch_sha256(void)
{
	sha256_fetched = EVP_MD_fetch(NULL, "SHA256", NULL);
	must(sha256_fetched != NULL);
}

static const EVP_MD *sha256(void)
{
	(void)pthread_once(&sha256_once, fetch_sha256);
	return sha256_fetched;
}

void crypto_sha256(const void *bytes, size_t size, uint8_t ret[CRYPTO_KEY_SIZE])
{
	must(EVP_Digest(bytes, size, ret, NULL, sha256(), NULL));
}

void crypto_sha1(const void *bytes, size_t size, uint8_t ret[CRYPTO_SHA1_SIZE])
{
	must(EVP_Digest(bytes, size, ret, NULL, EVP_sha1(), NULL));
}

struct crypto_hash {
	EVP_MD_CTX *context;
};

struct crypto_hash *crypto_hash_new(void)
{
	struct crypto_hash *hash = malloc(sizeof(*hash));

	if (!hash)
		abort();
	hash->context = EVP_MD_CTX_new();
	must(EVP_DigestInit_ex(hash->context, sha256(), NULL));
	return hash;
}

void crypto_hash_add(struct crypto_hash *hash, const void *bytes, size_t size)
{
	must(EVP_DigestUpdate(hash->context, bytes, size));
}

void crypto_hash_finish(struct crypto_hash *hash, uint8_t ret[CRYPTO_KEY_SIZE])
{
	must(EVP_DigestFinal_ex(hash->context, ret, NULL));
	EVP_MD_CTX_free(hash->context);
	free(hash);
}

static OSSL_PARAM octets(const char *key, const void *bytes, size_t size)
{
	return OSSL_PARAM_construct_octet_string(key, (void *)(uintptr_t)bytes, size);
}

void crypto_hkdf_bytes(const uint8_t secret[CRYPTO_KEY_SIZE], const void *salt, size_t salt_size,
		       const void *info, size_t info_size, uint8_t ret[CRYPTO_KEY_SIZE])
{
	char digest[] = "SHA256";
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
		octets(OSSL_KDF_PARAM_KEY, secret, CRYPTO_KEY_SIZE),
		octets(OSSL_KDF_PARAM_SALT, salt, salt_size),
		octets(OSSL_KDF_PARAM_INFO, info, info_size),
		OSSL_PARAM_construct_end(),
	};
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);

	must(EVP_KDF_derive(context, ret, CRYPTO_KEY_SIZE, parameters));
	EVP_KDF_CTX_free(context);
	EVP_KDF_free(kdf);
}

void crypto_hkdf(const uint8_t secret[CRYPTO_KEY_SIZE], const char *salt, const char *info,
		 uint8_t ret[CRYPTO_KEY_SIZE])
{
	crypto_hkdf_bytes(secret, salt, strlen(salt), info, strlen(info), ret);
}

const char *crypto_fingerprint(const uint8_t key[CRYPTO_KEY_SIZE],
			       char buffer[CRYPTO_FINGERPRINT_SIZE])
{
	uint8_t digest[CRYPTO_KEY_SIZE];
	char *end = buffer;

	crypto_sha256(key, CRYPTO_KEY_SIZE, digest);
	for (size_t i = 0; i < 16; i += 2)
		end += sprintf(end, "%s%02x%02x", i ? "-" : "", digest[i], digest[i + 1]);
	return buffer;
}

const char *crypto_keyid(const uint8_t key[CRYPTO_KEY_SIZE], char buffer[CRYPTO_KEYID_SIZE])
{
	uint8_t digest[CRYPTO_KEY_SIZE];

	crypto_sha256(key, CRYPTO_KEY_SIZE, digest);
	return hex_format(digest, (CRYPTO_KEYID_SIZE - 1) / 2, buffer);
}
