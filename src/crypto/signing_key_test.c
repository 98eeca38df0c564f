// SPDX-License-Identifier: GPL-2.0-or-later
#include "crypto/crypto.h"

#include "base/cleanup.h"
#include "base/hex.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#define PASSPHRASE "correct horse"

/* RFC 8032 section 7.1, TEST 1. */
static struct crypto_signing_key key_a(void)
{
	struct crypto_signing_key key;

	assert_int_equal(
		hex_parse("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
			  key.seed, sizeof(key.seed)),
		0);
	crypto_ed25519_public(key.seed, key.public_key);
	return key;
}

/* @userdata is the passphrase, or NULL where there is nobody to type one. */
static int answer(void *userdata, const char *place, char *buffer, struct error *error)
{
	if (!userdata)
		return error_set(error, -ENOTTY, ERROR_KEYFILE, place, "no terminal");
	(void)snprintf(buffer, CRYPTO_PASSPHRASE_MAX + 1, "%s", (const char *)userdata);
	return 0;
}

static int must_not_ask(void *userdata, const char *place, char *buffer, struct error *error)
{
	(void)userdata;
	(void)place;
	(void)buffer;
	(void)error;
	fail_msg("asked for a passphrase");
	return -1;
}

static void expect_key_a(const char *pem, crypto_passphrase_fn *ask, const char *passphrase)
{
	struct crypto_signing_key expected = key_a(), found;
	struct error error = { 0 };

	if (crypto_signing_key_parse(pem, "me.key", ask, (void *)(uintptr_t)passphrase, &found,
				     &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
	assert_memory_equal(&found, &expected, sizeof(found));
}

static void expect_refused(const char *pem, const char *passphrase, const char *text)
{
	struct crypto_signing_key key = { .seed = { 7 } };
	struct error error = { 0 };

	assert_true(crypto_signing_key_parse(pem, "me.key", answer, (void *)(uintptr_t)passphrase,
					     &key, &error) < 0);
	assert_int_equal(key.seed[0], 7);
	assert_int_equal(error.code, ERROR_KEYFILE);
	assert_string_equal(error.place, "me.key");
	if (strncmp(error.text, text, strlen(text)) != 0)
		fail_msg("found: %s", error.text);
}

static void plain_key_is_read_back_without_a_question(void **state)
{
	struct crypto_signing_key key = key_a();
	CLEANUP(free) char *pem = crypto_signing_key_to_pem(&key, NULL);

	(void)state;
	assert_non_null(strstr(pem, "-----BEGIN PRIVATE KEY-----\n"));
	expect_key_a(pem, must_not_ask, NULL);
}

static void encrypted_key_needs_its_passphrase(void **state)
{
	struct crypto_signing_key key = key_a();
	CLEANUP(free) char *pem = crypto_signing_key_to_pem(&key, PASSPHRASE);

	(void)state;
	assert_non_null(strstr(pem, "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
	expect_key_a(pem, answer, PASSPHRASE);
	expect_refused(pem, "incorrect horse", "wrong passphrase");
	expect_refused(pem, "", "wrong passphrase");
	expect_refused(pem, NULL, "no terminal");
}

static void same_key_is_never_encrypted_alike(void **state)
{
	struct crypto_signing_key key = key_a();
	CLEANUP(free) char *one = crypto_signing_key_to_pem(&key, PASSPHRASE);
	CLEANUP(free) char *two = crypto_signing_key_to_pem(&key, PASSPHRASE);

	(void)state;
	assert_string_not_equal(one, two);
}

/* Output of a shell command that gets @input, at most @size - 1 bytes. */
static void filter(const char *command, const char *input, char *ret, size_t size)
{
	char line[512];
	FILE *pipe;
	size_t length;

	(void)snprintf(line, sizeof(line), "printf '%%s' \"$INPUT\" | %s", command);
	assert_int_equal(setenv("INPUT", input, 1), 0);
	pipe = popen(line, "r"); /* NOLINT(cert-env33-c): a fixed text */
	assert_non_null(pipe);
	length = fread(ret, 1, size - 1, pipe);
	ret[length] = '\0';
	assert_int_equal(pclose(pipe), 0);
}

static void openssl_reads_what_we_write(void **state)
{
	struct crypto_signing_key key = key_a();
	CLEANUP(free) char *plain = crypto_signing_key_to_pem(&key, NULL);
	CLEANUP(free) char *encrypted = crypto_signing_key_to_pem(&key, PASSPHRASE);
	char pem[CRYPTO_ED25519_PEM_SIZE], found[1024];

	(void)state;
	(void)crypto_ed25519_public_to_pem(key.public_key, pem);
	filter("openssl pkey -pubout", plain, found, sizeof(found));
	assert_string_equal(found, pem);
	filter("openssl pkey -pubout -passin 'pass:" PASSPHRASE "'", encrypted, found,
	       sizeof(found));
	assert_string_equal(found, pem);
}

static void we_read_what_openssl_writes(void **state)
{
	static const char *const commands[] = {
		"openssl pkey",
		"openssl pkcs8 -topk8 -scrypt -passout 'pass:" PASSPHRASE "'",
		"openssl pkcs8 -topk8 -passout 'pass:" PASSPHRASE "'",
		"openssl pkey -aes256 -passout 'pass:" PASSPHRASE "'",
	};
	struct crypto_signing_key key = key_a();
	CLEANUP(free) char *plain = crypto_signing_key_to_pem(&key, NULL);
	char found[2048];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		filter(commands[i], plain, found, sizeof(found));
		expect_key_a(found, answer, PASSPHRASE);
	}
}

/* A file must not make us work for hours. */
static void costly_encryption_is_refused(void **state)
{
	static const char *const commands[] = {
		"openssl pkcs8 -topk8 -scrypt -scrypt_N 2 -scrypt_r 1 -scrypt_p 17 -passout pass:x",
		"openssl pkcs8 -topk8 -v1 PBE-SHA1-3DES -passout pass:x",
	};
	struct crypto_signing_key key = key_a();
	CLEANUP(free) char *plain = crypto_signing_key_to_pem(&key, NULL);
	char found[2048];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		filter(commands[i], plain, found, sizeof(found));
		expect_refused(found, "x", "is encrypted in a way that is not supported");
	}
}

static void other_things_are_named(void **state)
{
	static const struct {
		const char *pem, *text;
	} rows[] = {
		{ "", "is empty" },
		{ "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwI"
		  "aaPcHURo=\n-----END PUBLIC KEY-----\n",
		  "is a public key; expected a signing key" },
		{ "-----BEGIN ARONET NODE KEY-----\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
		  "-----END ARONET NODE KEY-----\n",
		  "is the key of a node; expected a signing key" },
		{ "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n"
		  "-----END ENCRYPTED PRIVATE KEY-----\n",
		  "is a damaged encrypted key" },
		{ "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n",
		  "is not a plain Ed25519 key" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		expect_refused(rows[i].pem, PASSPHRASE, rows[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_key_is_read_back_without_a_question),
		cmocka_unit_test(encrypted_key_needs_its_passphrase),
		cmocka_unit_test(same_key_is_never_encrypted_alike),
		cmocka_unit_test(openssl_reads_what_we_write),
		cmocka_unit_test(we_read_what_openssl_writes),
		cmocka_unit_test(costly_encryption_is_refused),
		cmocka_unit_test(other_things_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
