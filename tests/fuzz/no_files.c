// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For targets whose parser reads files that its input names: these functions stand in for those
 * that would open them (meson.build, wrap). A stranger's text must not make a fuzzer read /dev/tty.
 *
 * A path that ends in ".key" holds a key, ".mesh" a document, and there is no other file.
 */
#include "base/memory.h"
#include "config/reader.h"
#include "crypto/crypto.h"
#include "fuzz.h"

#include <errno.h>
#include <string.h>

int __wrap_crypto_key_file_read(const char *path, char **ret, struct error *error);
int __wrap_config_read_file(const char *path, size_t limit_bytes, char **ret, size_t *ret_size,
			    mode_t *ret_mode, struct error *error);
int __wrap_open64(const char *path, int flags, ...);

static bool has_suffix(const char *path, const char *suffix)
{
	size_t length = strlen(path), suffix_length = strlen(suffix);

	return length >= suffix_length && !strcmp(path + length - suffix_length, suffix);
}

int __wrap_crypto_key_file_read(const char *path, char **ret, struct error *error)
{
	static const uint8_t secret[CRYPTO_KEY_SIZE] = "a secret of 32 bytes for fuzzing";
	char base64[CRYPTO_KEY_BASE64_SIZE];

	if (!has_suffix(path, ".key"))
		return error_set(error, -ENOENT, ERROR_KEYFILE, path, "cannot open: no such file");
	*ret = has_suffix(path, "wireguard.key")
		       ? memory_strdup(crypto_key_to_base64(secret, base64))
		       : crypto_node_key_to_pem(secret);
	return 0;
}

int __wrap_config_read_file(const char *path, size_t limit_bytes, char **ret, size_t *ret_size,
			    mode_t *ret_mode, struct error *error)
{
	static const char document[] = "{\"type\": \"aronet.mesh\"}\n";

	FUZZ_CHECK(limit_bytes >= sizeof(document));
	if (!has_suffix(path, ".mesh"))
		return error_set(error, -ENOENT, ERROR_FILE, path, "cannot open: no such file");
	*ret = memory_strdup(document);
	*ret_size = strlen(document);
	if (ret_mode)
		*ret_mode = 0600;
	return 0;
}

/* All that the parsers open goes through the two above. */
int __wrap_open64(const char *path, int flags, ...)
{
	(void)path, (void)flags;
	FUZZ_CHECK(!"a parser opened a file");
	return -1;
}
