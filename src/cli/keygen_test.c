// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/cli.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "cli/test_cli.h"
#include "crypto/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static void keygen_never_touches_an_existing_file(void **state)
{
	struct test_cli *fixture = *state;
	CLEANUP(free) char *text = NULL;
	struct test_cli_outcome outcome;
	struct error error = { 0 };
	size_t size;

	assert_int_equal(file_replace(fixture->file, "precious", 8, 0644, &error), 0);
	test_cli_run(&outcome, "keygen node -o %s", fixture->file);
	assert_int_equal(outcome.exit, EXIT_CONFIG);
	assert_non_null(strstr(outcome.err, "exists already; a key is never overwritten"));
	assert_string_equal(outcome.out, "");
	assert_int_equal(file_read(fixture->file, 100, &text, &size, &error), 0);
	assert_string_equal(text, "precious");
}

static void keygen_keeps_the_private_key_in_the_file(void **state)
{
	struct test_cli *fixture = *state;
	CLEANUP(free) char *text = NULL;
	struct test_cli_outcome outcome;
	struct error error = { 0 };
	struct stat status;
	size_t size;

	test_cli_run(&outcome, "keygen wireguard -o %s", fixture->file);
	assert_int_equal(outcome.exit, EXIT_DONE);
	assert_int_equal(stat(fixture->file, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(file_read(fixture->file, 100, &text, &size, &error), 0);
	assert_int_equal(size, 45);
	assert_int_equal(strlen(outcome.out), 45);
	assert_null(strstr(outcome.out, text));
	assert_null(strstr(outcome.err, text));
}

static void keygen_prints_like_wg_genkey_without_a_file(void **state)
{
	struct test_cli_outcome outcome;

	(void)state;
	test_cli_run(&outcome, "keygen wireguard");
	assert_int_equal(outcome.exit, EXIT_DONE);
	assert_int_equal(strlen(outcome.out), 45);
	assert_int_equal(strlen(outcome.err), 45);
	assert_string_not_equal(outcome.out, outcome.err);
	test_cli_run(&outcome, "keygen node");
	assert_int_equal(outcome.exit, EXIT_DONE);
	assert_memory_equal(outcome.out, "-----BEGIN ARONET NODE KEY-----\n", 32);
	assert_non_null(strstr(outcome.err, "identity fingerprint"));
	test_cli_run(&outcome, "keygen rsa");
	assert_int_equal(outcome.exit, EXIT_USAGE);
}

static void keygen_signing_makes_two_files(void **state)
{
	struct test_cli *fixture = *state;
	CLEANUP(free) char *private_text = NULL;
	CLEANUP(free) char *public_text = NULL;
	struct crypto_signing_key key;
	struct test_cli_outcome outcome;
	struct error error = { 0 };
	struct stat status;
	char public_path[128], pem[CRYPTO_ED25519_PEM_SIZE];
	size_t size;

	(void)snprintf(public_path, sizeof(public_path), "%s/node.pub", fixture->directory);
	test_cli_run(&outcome, "keygen signing %s/node.key --no-passphrase", fixture->directory);
	assert_int_equal(outcome.exit, EXIT_DONE);
	assert_string_equal(outcome.err, "");
	(void)snprintf(fixture->file, sizeof(fixture->file), "%s/node.key", fixture->directory);
	assert_int_equal(stat(fixture->file, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(file_read(fixture->file, 4096, &private_text, &size, &error), 0);
	assert_int_equal(crypto_signing_key_parse(private_text, "k", NULL, NULL, &key, &error), 0);
	assert_int_equal(file_read(public_path, 4096, &public_text, &size, &error), 0);
	assert_string_equal(public_text, crypto_ed25519_public_to_pem(key.public_key, pem));
	assert_non_null(strstr(outcome.out, pem));
	assert_null(strstr(outcome.out, "PRIVATE"));

	/* Neither half is touched if one is there. */
	test_cli_run(&outcome, "keygen signing %s --no-passphrase", fixture->file);
	assert_int_equal(outcome.exit, EXIT_CONFIG);
	assert_non_null(
		strstr(outcome.err, "node.key: exists already; a key is never overwritten"));
	assert_int_equal(unlink(fixture->file), 0);
	test_cli_run(&outcome, "keygen signing %s --no-passphrase", fixture->file);
	assert_int_equal(outcome.exit, EXIT_CONFIG);
	assert_non_null(strstr(outcome.err, "node.pub: exists already"));
	assert_int_equal(access(fixture->file, F_OK), -1);
	assert_int_equal(unlink(public_path), 0);
}

static void keygen_signing_encrypts_with_what_a_descriptor_gives(void **state)
{
	struct test_cli *fixture = *state;
	CLEANUP(free) char *text = NULL;
	struct test_cli_outcome outcome;
	struct error error = { 0 };
	size_t size;

	test_cli_run_with_input(&outcome, "correct horse\n",
				"keygen signing /nonexistent/k --passphrase-fd 0");
	assert_int_equal(outcome.exit, EXIT_CONFIG);
	(void)snprintf(outcome.out, sizeof(outcome.out), "keygen signing %s --passphrase-fd 0",
		       fixture->file);
	test_cli_run_with_input(&outcome, "correct horse\n", outcome.out);
	assert_int_equal(outcome.exit, EXIT_DONE);
	assert_int_equal(file_read(fixture->file, 4096, &text, &size, &error), 0);
	assert_memory_equal(text, "-----BEGIN ENCRYPTED PRIVATE KEY-----", 37);
	assert_null(strstr(outcome.out, "horse"));
	test_cli_run(&outcome, "keygen signing x --passphrase-fd 99");
	test_cli_check_outcome(&outcome, EXIT_USAGE, "",
			       "aronet: descriptor 99 for passphrases is not open\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DIRECTORY(keygen_never_touches_an_existing_file),
		WITH_DIRECTORY(keygen_keeps_the_private_key_in_the_file),
		WITH_DIRECTORY(keygen_prints_like_wg_genkey_without_a_file),
		WITH_DIRECTORY(keygen_signing_makes_two_files),
		WITH_DIRECTORY(keygen_signing_encrypts_with_what_a_descriptor_gives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
