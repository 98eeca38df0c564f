// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/reader.h"

#include "base/memory.h"
#include "crypto/crypto.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>

#define PATH_LENGTH_MAX 1024

static int check_inline(const struct json_cursor *cursor, const struct config_reader *reader,
			struct error *error)
{
	if (!(reader->mode & 066))
		return 0;
	return json_cursor_fail(cursor, error, ERROR_KEYFILE,
				"a private key stands here, but mode %04o lets others %s this "
				"file; chmod 600",
				(unsigned)reader->mode & 07777u,
				reader->mode & 044 ? "read" : "write");
}

char *config_resolve_path(const struct config_reader *reader, const char *path)
{
	CLEANUP(free) char *copy = memory_strdup(reader->name);
	char *resolved;

	if (path[0] == '/')
		return memory_strdup(path);
	if (asprintf(&resolved, "%s/%s", dirname(copy), path) < 0)
		abort();
	return resolved;
}

/* Characters of base64 only, about as many as a key has: a key with a slip of the editor in it. */
static bool looks_like_damaged_key(const char *text)
{
	size_t length = strlen(text);

	return length >= 40 && length <= 68 && text[0] != '/' &&
	       strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") ==
		       length;
}

static bool looks_like_path(const char *text)
{
	size_t length = strlen(text);

	return !looks_like_damaged_key(text) && length > 0 && length <= PATH_LENGTH_MAX &&
	       text[length - 1] != '=' && !strstr(text, "-----") && !strpbrk(text, "\n\r\t\x1b");
}

int config_read_key_file(const struct json_cursor *cursor, const struct config_reader *reader,
			 const char *key_kind, const char *path, char **ret_name, char **ret,
			 struct error *error)
{
	CLEANUP(free) char *resolved = NULL;
	struct error cause;

	/* The text is not shown: it may be a damaged key. */
	if (!looks_like_path(path))
		return json_cursor_fail(cursor, error, ERROR_KEYFILE,
					"neither %s nor the path of a key file", key_kind);
	resolved = config_resolve_path(reader, path);
	if (crypto_key_file_read(resolved, ret, &cause) < 0)
		return json_cursor_fail(cursor, error, ERROR_KEYFILE, "%s: %s", resolved,
					cause.text);
	*ret_name = TAKE(resolved);
	return 0;
}

void config_wipe_text(char *text)
{
	if (!text)
		return;
	crypto_wipe(text, strlen(text));
	free(text);
}

static int parse_node_key(const struct json_cursor *cursor, struct config_reader *reader,
			  const char *pem, const char *file, struct error *error)
{
	struct config *config = reader->config;
	struct crypto_node_key key;
	struct error cause;

	if (crypto_node_key_parse(pem, NULL, &key, &cause) < 0)
		return json_cursor_fail(cursor, error, ERROR_KEYFILE, "%s%s%s", file ? file : "",
					file ? ": " : "", cause.text);
	config->has_identity = true;
	memcpy(config->identity_seed, key.identity_seed, KEY_SIZE);
	reader->has_wireguard_key = key.has_wireguard;
	memcpy(config->wireguard_private, key.wireguard_private, KEY_SIZE);
	crypto_wipe(&key, sizeof(key));
	return 0;
}

int config_read_private_key(const struct json_cursor *cursor, void *target, struct error *error)
{
	CLEANUP(config_wipe_text) char *pem = NULL;
	CLEANUP(free) char *file = NULL;
	struct config_reader *reader = target;
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	/* The original's rule tells a key from a path. */
	if (!strncmp(text, "-----BEGIN", strlen("-----BEGIN"))) {
		result = check_inline(cursor, reader, error);
		return result < 0 ? result : parse_node_key(cursor, reader, text, NULL, error);
	}
	result = config_read_key_file(cursor, reader, "a key in PEM", text, &file, &pem, error);
	return result < 0 ? result : parse_node_key(cursor, reader, pem, file, error);
}

static int set_wireguard_key(struct config_reader *reader, const char *base64)
{
	if (crypto_key_from_base64(base64, reader->config->wireguard_private) < 0)
		return -EINVAL;
	reader->has_wireguard_key = true;
	return 0;
}

static int read_wireguard_key(const struct json_cursor *cursor, void *target, struct error *error)
{
	CLEANUP(config_wipe_text) char *content = NULL;
	CLEANUP(free) char *file = NULL;
	struct config_reader *reader = target;
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	if (set_wireguard_key(reader, text) == 0)
		return check_inline(cursor, reader, error);
	result = config_read_key_file(cursor, reader, "a key of 44 characters of base64", text,
				      &file, &content, error);
	if (result < 0)
		return result;
	content[strcspn(content, "\r\n")] = '\0';
	if (set_wireguard_key(reader, content) < 0)
		return json_cursor_fail(cursor, error, ERROR_KEYFILE,
					"%s: does not hold a WireGuard key, 44 characters of "
					"base64; make one with \"aronet keygen wireguard\"",
					file);
	return 0;
}

static int read_backend(const struct json_cursor *cursor, void *target, struct error *error)
{
	static const char *const backends[] = {
		[WIREGUARD_AUTO] = "auto",
		[WIREGUARD_KERNEL] = "kernel",
		[WIREGUARD_USERSPACE] = "userspace",
	};
	struct config_reader *reader = target;
	size_t backend;
	int result = json_read_choice(cursor, backends, ARRAY_SIZE(backends), &backend, error);

	if (result == 0)
		reader->config->wireguard_backend = (enum wireguard_backend)backend;
	return result;
}

static const struct json_member wireguard_members[] = {
	{ "private_key", false, read_wireguard_key },
	{ "backend", false, read_backend },
};

const struct config_table config_wireguard_table = {
	"wireguard",
	wireguard_members,
	ARRAY_SIZE(wireguard_members),
};

int config_read_wireguard(const struct json_cursor *cursor, void *target, struct error *error)
{
	return json_read_object(cursor, wireguard_members, ARRAY_SIZE(wireguard_members), false,
				target, error);
}
