// SPDX-License-Identifier: GPL-2.0-or-later
#include "crypto/crypto.h"

#include "crypto/base64.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_BASE64_LENGTH 44

/*
 * Points of small order, registry specification section 2.3: with them a signature verifies for
 * (nearly) every message, or a Diffie-Hellman result is always zero. The top bit is cleared.
 */
static const uint8_t weak_ed25519[][CRYPTO_KEY_SIZE] = {
	{ 0x00 },
	{ 0x01 },
	{ 0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
	  0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
	  0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05 },
	{ 0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
	  0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
	  0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a },
};

static const uint8_t weak_x25519[][CRYPTO_KEY_SIZE] = {
	{ 0x00 },
	{ 0x01 },
	{ 0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
	  0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32,
	  0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00 },
	{ 0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1,
	  0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c,
	  0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57 },
};

static bool is_listed(const uint8_t key[CRYPTO_KEY_SIZE], const uint8_t list[][CRYPTO_KEY_SIZE],
		      size_t count)
{
	uint8_t cleared[CRYPTO_KEY_SIZE];

	memcpy(cleared, key, sizeof(cleared));
	cleared[31] &= 0x7f;
	for (size_t i = 0; i < count; i++)
		if (!memcmp(cleared, list[i], sizeof(cleared)))
			return true;
	return false;
}

/* With the top bit cleared, is the number at least p + @offset, p = 2^255 - 19? */
static bool is_at_least_p(const uint8_t key[CRYPTO_KEY_SIZE], int offset)
{
	if ((key[31] & 0x7f) != 0x7f || key[0] < 0xed + offset)
		return false;
	for (size_t i = 1; i < 31; i++)
		if (key[i] != 0xff)
			return false;
	return true;
}

bool crypto_ed25519_is_weak(const uint8_t public_key[CRYPTO_KEY_SIZE])
{
	/* p-1 has small order; p and above are second encodings. */
	return is_at_least_p(public_key, -1) ||
	       is_listed(public_key, weak_ed25519, sizeof(weak_ed25519) / CRYPTO_KEY_SIZE);
}

bool crypto_x25519_is_weak(const uint8_t public_key[CRYPTO_KEY_SIZE])
{
	/* p-1, p, p+1 have small order; what is above is the second encoding of a small number. */
	return is_at_least_p(public_key, -1) ||
	       is_listed(public_key, weak_x25519, sizeof(weak_x25519) / CRYPTO_KEY_SIZE);
}

static void derive_public(int type, const uint8_t private_key[CRYPTO_KEY_SIZE],
			  uint8_t ret[CRYPTO_KEY_SIZE])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(type, NULL, private_key, CRYPTO_KEY_SIZE);
	size_t size = CRYPTO_KEY_SIZE;

	if (!key || EVP_PKEY_get_raw_public_key(key, ret, &size) != 1 || size != CRYPTO_KEY_SIZE)
		abort();
	EVP_PKEY_free(key);
}

void crypto_x25519_public(const uint8_t private_key[CRYPTO_KEY_SIZE], uint8_t ret[CRYPTO_KEY_SIZE])
{
	derive_public(EVP_PKEY_X25519, private_key, ret);
}

void crypto_ed25519_public(const uint8_t seed[CRYPTO_KEY_SIZE], uint8_t ret[CRYPTO_KEY_SIZE])
{
	derive_public(EVP_PKEY_ED25519, seed, ret);
}

void crypto_ed25519_sign(const uint8_t seed[CRYPTO_KEY_SIZE], const void *message, size_t size,
			 uint8_t ret[CRYPTO_SIGNATURE_SIZE])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, CRYPTO_KEY_SIZE);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t length = CRYPTO_SIGNATURE_SIZE;

	if (!key || EVP_DigestSignInit(context, NULL, NULL, NULL, key) != 1 ||
	    EVP_DigestSign(context, ret, &length, message, size) != 1 ||
	    length != CRYPTO_SIGNATURE_SIZE)
		abort();
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
}

bool crypto_ed25519_verify(const uint8_t public_key[CRYPTO_KEY_SIZE], const void *message,
			   size_t size, const uint8_t signature[CRYPTO_SIGNATURE_SIZE])
{
	EVP_PKEY *key =
		EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, CRYPTO_KEY_SIZE);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good;

	if (!context)
		abort();
	good = key && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
	       EVP_DigestVerify(context, signature, CRYPTO_SIGNATURE_SIZE, message, size) == 1;
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	return good;
}

void crypto_x25519_clamp(uint8_t private_key[CRYPTO_KEY_SIZE])
{
	private_key[0] &= 248;
	private_key[31] = (uint8_t)((private_key[31] & 127) | 64);
}

void crypto_x25519_generate(uint8_t ret[CRYPTO_KEY_SIZE])
{
	crypto_random(ret, CRYPTO_KEY_SIZE);
	crypto_x25519_clamp(ret);
}

int crypto_key_from_base64(const char *text, uint8_t ret[CRYPTO_KEY_SIZE])
{
	uint8_t key[CRYPTO_KEY_SIZE];
	size_t size;
	int result;

	if (strnlen(text, KEY_BASE64_LENGTH + 1) != KEY_BASE64_LENGTH)
		return -EINVAL;
	result = base64_decode(text, KEY_BASE64_LENGTH, key, sizeof(key), &size);
	if (result == 0 && size != sizeof(key))
		result = -EINVAL;
	if (result == 0)
		memcpy(ret, key, sizeof(key));
	crypto_wipe(key, sizeof(key));
	return result;
}

const char *crypto_key_to_base64(const uint8_t key[CRYPTO_KEY_SIZE],
				 char buffer[CRYPTO_KEY_BASE64_SIZE])
{
	(void)EVP_EncodeBlock((unsigned char *)buffer, key, CRYPTO_KEY_SIZE);
	return buffer;
}

static const char pem_head[] = "-----BEGIN PUBLIC KEY-----\n";
static const char pem_tail[] = "\n-----END PUBLIC KEY-----";

/* SubjectPublicKeyInfo of an Ed25519 key (RFC 8410 section 4) up to the key itself. */
static const uint8_t spki_prefix[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
				       0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };

const char *crypto_ed25519_public_to_pem(const uint8_t public_key[CRYPTO_KEY_SIZE],
					 char buffer[CRYPTO_ED25519_PEM_SIZE])
{
	uint8_t der[sizeof(spki_prefix) + CRYPTO_KEY_SIZE];
	unsigned char body[64];

	memcpy(der, spki_prefix, sizeof(spki_prefix));
	memcpy(der + sizeof(spki_prefix), public_key, CRYPTO_KEY_SIZE);
	(void)EVP_EncodeBlock(body, der, sizeof(der));
	(void)snprintf(buffer, CRYPTO_ED25519_PEM_SIZE, "%s%.60s%s\n", pem_head, (char *)body,
		       pem_tail);
	return buffer;
}

/*
 * Compared against a template, because OpenSSL's PEM reader accepts text before and behind, two
 * blocks, other algorithms and more.
 */
int crypto_ed25519_public_from_pem(const char *text, uint8_t ret[CRYPTO_KEY_SIZE])
{
	const char *head = pem_head, *tail = pem_tail;
	const size_t head_length = sizeof(pem_head) - 1, tail_length = sizeof(pem_tail) - 1;
	const size_t body_length = 60, length = head_length + body_length + tail_length;
	uint8_t der[sizeof(spki_prefix) + CRYPTO_KEY_SIZE];
	size_t size;

	if (strnlen(text, length) != length || memcmp(text, head, head_length) != 0 ||
	    memcmp(text + head_length + body_length, tail, tail_length) != 0 ||
	    (text[length] && strcmp(text + length, "\n") != 0))
		return -EINVAL;
	if (base64_decode(text + head_length, body_length, der, sizeof(der), &size) < 0 ||
	    size != sizeof(der) || memcmp(der, spki_prefix, sizeof(spki_prefix)) != 0)
		return -EINVAL;
	memcpy(ret, der + sizeof(spki_prefix), CRYPTO_KEY_SIZE);
	return 0;
}
