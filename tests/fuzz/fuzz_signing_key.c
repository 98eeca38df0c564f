// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files of signing keys. The first byte says what happens when a passphrase is asked for: an odd
 * one gives one, so that an encrypted key is opened, an even one breaks off. A refusal shows
 * nothing of a key, and a key that was read is written so that it reads the same again.
 */
#include "base/cleanup.h"
#include "crypto/crypto.h"
#include "fuzz.h"

#include <errno.h>
#include <string.h>

/* So many characters of base64 in a row are no accident. */
#define SECRET_LENGTH 14

static int ask(void *userdata, const char *place, char *buffer, struct error *error)
{
	if (!*(const bool *)userdata)
		return error_set(error, -EINTR, ERROR_KEYFILE, place, "interrupted");
	strcpy(buffer, "passphrase");
	return 0;
}

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

static void check_round_trip(const struct crypto_signing_key *key)
{
	CLEANUP(free) char *pem = crypto_signing_key_to_pem(key, NULL);
	struct crypto_signing_key again;
	bool has_passphrase = false;
	struct error error;

	FUZZ_CHECK(crypto_signing_key_parse(pem, "again", ask, &has_passphrase, &again, &error) ==
		   0);
	FUZZ_CHECK(!memcmp(key, &again, sizeof(again)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	bool has_passphrase = fuzz_take_u8(&input) & 1;
	CLEANUP(free) char *text = fuzz_take_rest(&input);
	struct crypto_signing_key key, untouched;
	uint8_t public_key[CRYPTO_KEY_SIZE];
	struct error error = { 0 };
	int result;

	memset(&key, 0x5a, sizeof(key));
	memcpy(&untouched, &key, sizeof(key));
	result = crypto_signing_key_parse(text, "me.key", ask, &has_passphrase, &key, &error);
	if (result < 0) {
		fuzz_check_refusal(result, &error);
		check_secrecy(text, &error);
		FUZZ_CHECK(!memcmp(&key, &untouched, sizeof(key)));
		return 0;
	}
	crypto_ed25519_public(key.seed, public_key);
	FUZZ_CHECK(!memcmp(public_key, key.public_key, sizeof(public_key)));
	check_round_trip(&key);
	return 0;
}
