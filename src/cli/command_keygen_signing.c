// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/command.h"

#include "base/cleanup.h"
#include "cli/keys.h"
#include "cli/passphrase.h"
#include "crypto/crypto.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

/* "me.key" has its public half in "me.pub", a name without ".key" gets ".pub" behind it. */
static int public_path_of(const char *path, char ret[PATH_MAX], struct error *error)
{
	static const char suffix[] = ".key";
	size_t length = strlen(path), cut = length;

	if (length > strlen(suffix) && !strcmp(path + length - strlen(suffix), suffix))
		cut = length - strlen(suffix);
	if (snprintf(ret, PATH_MAX, "%.*s.pub", (int)cut, path) >= PATH_MAX)
		return error_set(error, -ENAMETOOLONG, ERROR_KEYFILE, "keygen", "path too long");
	return 0;
}

/* Before anybody is asked for a passphrase. */
static int check_absent(const char *path, struct error *error)
{
	if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return error_set(error, -EEXIST, ERROR_KEYFILE, path,
				 "exists already; a key is never overwritten");
	return 0;
}

/* PEM text of @key; encrypted unless the options say otherwise. */
static int encode(const struct cli_options *options, const struct crypto_signing_key *key,
		  char **ret, struct error *error)
{
	char passphrase[CRYPTO_PASSPHRASE_MAX + 1] = "";
	struct passphrase_source source;
	int result;

	if (options->no_passphrase) {
		*ret = crypto_signing_key_to_pem(key, NULL);
		return 0;
	}
	result = passphrase_source_init(&source, options, error);
	if (result == 0)
		result = passphrase_ask_new(&source, options->operand, passphrase, error);
	if (result == 0)
		*ret = crypto_signing_key_to_pem(key, passphrase);
	crypto_wipe(passphrase, sizeof(passphrase));
	return result;
}

/* The public half first: alone it is harmless. */
static int write_files(const char *path, const char *private_text, const char *public_path,
		       const char *public_text, struct error *error)
{
	int result = cli_key_file_create(public_path, public_text, 0644, error);

	if (result < 0)
		return result;
	result = cli_key_file_create(path, private_text, 0600, error);
	if (result < 0)
		(void)unlink(public_path);
	return result;
}

static int make_key(const struct cli_options *options, const char *public_path, struct error *error)
{
	char public_text[CRYPTO_ED25519_PEM_SIZE], fingerprint[CRYPTO_FINGERPRINT_SIZE];
	struct crypto_signing_key key;
	char *private_text = NULL;
	int result;

	crypto_random(key.seed, sizeof(key.seed));
	crypto_ed25519_public(key.seed, key.public_key);
	crypto_ed25519_public_to_pem(key.public_key, public_text);
	crypto_fingerprint(key.public_key, fingerprint);
	result = encode(options, &key, &private_text, error);
	crypto_wipe(&key, sizeof(key));
	if (result < 0)
		return result;
	result = write_files(options->operand, private_text, public_path, public_text, error);
	crypto_wipe(private_text, strlen(private_text));
	free(private_text);
	if (result < 0)
		return result;
	(void)printf("private key  %s\npublic key   %s\nfingerprint  %s\n%s", options->operand,
		     public_path, fingerprint, public_text);
	return 0;
}

int command_keygen_signing(const struct cli_context *context)
{
	const struct cli_options *options = &context->options;
	char public_path[PATH_MAX];
	struct error error = { 0 };
	int result;

	(void)prctl(PR_SET_DUMPABLE, 0);
	result = public_path_of(options->operand, public_path, &error);
	if (result == 0)
		result = check_absent(options->operand, &error);
	if (result == 0)
		result = check_absent(public_path, &error);
	if (result == 0)
		result = make_key(options, public_path, &error);
	return result == 0 ? EXIT_DONE : cli_fail(options, &error, error_exit_code(error.code));
}
