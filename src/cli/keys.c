// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/keys.h"

#include "base/file.h"
#include "base/memory.h"
#include "cli/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>

#define PUBLIC_HEAD "-----BEGIN PUBLIC KEY-----"

void cli_keys_done(struct cli_keys *keys)
{
	if (keys->items)
		crypto_wipe(keys->items, keys->count * sizeof(keys->items[0]));
	free(keys->items);
	*keys = (struct cli_keys) { 0 };
}

/* Told by its first line; the whole of a private key is read by those who wipe it. */
static bool is_public_file(const char *path)
{
	CLEANUP(close)
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char head[sizeof(PUBLIC_HEAD) - 1];

	return fd >= 0 && read(fd, head, sizeof(head)) == (ssize_t)sizeof(head) &&
	       !memcmp(head, PUBLIC_HEAD, sizeof(head));
}

static int read_public(const char *path, struct cli_key *ret, struct error *error)
{
	CLEANUP(free) char *text = NULL;
	size_t size;
	int result = file_read(path, CRYPTO_KEY_FILE_MAX, &text, &size, error);

	if (result < 0) {
		error->code = ERROR_KEYFILE;
		return result;
	}
	if (strlen(text) != size || crypto_ed25519_public_from_pem(text, ret->key.public_key) < 0)
		return error_set(error, -EINVAL, ERROR_KEYFILE, path,
				 "expected a public key of three lines, as aronet keygen signing "
				 "writes it (*.pub)");
	if (crypto_ed25519_is_weak(ret->key.public_key))
		return error_set(
			error, -EINVAL, ERROR_KEY_WEAK, path,
			"is a small-order point or not canonical: anybody can sign for it");
	return 0;
}

static int read_private(const char *path, struct passphrase_source *source, struct cli_key *ret,
			struct error *error)
{
	char *text;
	int result = crypto_key_file_read(path, &text, error);

	if (result < 0)
		return result;
	result = crypto_signing_key_parse(text, path, passphrase_ask, source, &ret->key, error);
	crypto_wipe(text, strlen(text));
	free(text);
	ret->is_private = result == 0;
	return result;
}

/* "keys/alice.key" is alice's. Whatever the file system allows, documents get plain text. */
static void set_holder(const char *path, struct cli_key *key)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    " ._-";
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');
	size_t length = dot && dot != name ? (size_t)(dot - name) : strlen(name);

	(void)snprintf(key->holder, sizeof(key->holder), "%.*s", (int)length, name);
	for (char *at = key->holder; *at; at++)
		if (!strchr(plain, *at))
			*at = '_';
}

static int check_new(const struct cli_keys *keys, const struct cli_key *key, const char *path,
		     struct error *error)
{
	char keyid[CRYPTO_KEYID_SIZE];

	for (size_t i = 0; i < keys->count; i++)
		if (!memcmp(keys->items[i].key.public_key, key->key.public_key, CRYPTO_KEY_SIZE))
			return error_set(error, -EEXIST, ERROR_KEY_DUP, path,
					 "key %.8s... is given twice",
					 crypto_keyid(key->key.public_key, keyid));
	return 0;
}

static int read_key(const char *path, enum cli_key_kind kind, struct passphrase_source *source,
		    struct cli_key *key, struct error *error)
{
	bool is_public = is_public_file(path);

	set_holder(path, key);
	if (kind == CLI_KEY_PRIVATE && is_public)
		return error_set(error, -EINVAL, ERROR_KEYFILE, path,
				 "is a public key; to sign takes the private one");
	if (kind == CLI_KEY_PRIVATE || (kind == CLI_KEY_EITHER && !is_public))
		return read_private(path, source, key, error);
	return read_public(path, key, error);
}

int cli_keys_read(const struct cli_options *options, const struct cli_list *paths,
		  enum cli_key_kind kind, struct cli_keys *ret, struct error *error)
{
	CLEANUP(cli_keys_done) struct cli_keys keys = { 0 };
	struct passphrase_source source;
	int result = passphrase_source_init(&source, options, error);

	(void)prctl(PR_SET_DUMPABLE, 0);
	keys.items = NEW_ARRAY(struct cli_key, paths->count);
	for (size_t i = 0; result == 0 && i < paths->count; i++) {
		struct cli_key *key = &keys.items[keys.count];

		result = read_key(paths->items[i], kind, &source, key, error);
		if (result == 0)
			result = check_new(&keys, key, paths->items[i], error);
		keys.count++;
	}
	if (result < 0)
		return result;
	*ret = keys;
	keys = (struct cli_keys) { 0 };
	return 0;
}

int cli_key_file_create(const char *path, const char *text, mode_t mode, struct error *error)
{
	int result = file_create(path, text, strlen(text), mode, error);

	if (result == -EEXIST)
		return error_set(error, result, ERROR_KEYFILE, path,
				 "exists already; a key is never overwritten");
	if (result < 0)
		error->code = ERROR_KEYFILE;
	return result;
}
