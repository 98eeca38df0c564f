// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/reader.h"

#include "crypto/crypto.h"

#include <string.h>

int config_read_psk(const struct json_cursor *cursor, void *target, struct error *error)
{
	static const char *const modes[] = {
		[PSK_NONE] = "none",
		[PSK_MESH] = "mesh",
	};
	struct config_reader *reader = target;
	const char *text;
	size_t mode;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	/* Of the specification. */
	if (!strcmp(text, "file") || !strcmp(text, "external"))
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"\"%s\" is not there yet; expected \"none\" or \"mesh\"",
					text);
	result = json_read_choice(cursor, modes, ARRAY_SIZE(modes), &mode, error);
	if (result == 0)
		reader->config->psk = (enum psk_mode)mode;
	return result;
}

int config_read_ppk_required(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct config_reader *reader = target;

	return json_read_boolean(cursor, &reader->config->ppk_required, error);
}

static int read_secret(const struct json_cursor *cursor, const struct config_reader *reader,
		       struct mesh_secret *ret, struct error *error)
{
	CLEANUP(config_wipe_text) char *pem = NULL;
	CLEANUP(free) char *file = NULL;
	const char *path;
	struct error cause;
	int result = json_read_string(cursor, &path, error);

	if (result == 0)
		result = config_read_key_file(cursor, reader, "the name", path, &file, &pem, error);
	if (result < 0)
		return result;
	if (crypto_mesh_secret_parse(pem, NULL, ret->secret, &cause) < 0)
		return json_cursor_fail(cursor, error, ERROR_KEYFILE, "%s: %s", file, cause.text);
	crypto_mesh_secret_id(ret->secret, ret->id);
	return 0;
}

int config_read_psk_secrets(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct config_reader *reader = target;
	struct config *config = reader->config;
	size_t count;
	int result = json_expect_array(cursor, MESH_SECRETS_MAX, &count, error);

	for (size_t i = 0; result == 0 && i < count; i++) {
		struct json_cursor item = json_cursor_item(cursor, i);

		result = read_secret(&item, reader, &config->secrets[i], error);
		if (result == 0 && i > 0 &&
		    !memcmp(config->secrets[i].id, config->secrets[0].id, SECRET_ID_SIZE))
			return json_cursor_fail(&item, error, ERROR_VALUE,
						"holds the same secret as the first file");
		if (result == 0)
			config->secrets_count++;
	}
	return result;
}

int config_check_psk(const struct json_cursor *root, const struct config *config,
		     struct error *error)
{
	struct json_cursor place;

	if (config->psk == PSK_MESH && config->secrets_count == 0) {
		(void)json_cursor_member(root, "psk", &place);
		return json_cursor_fail(&place, error, ERROR_MISSING,
					"\"mesh\" needs the secret of the mesh; name its file in "
					"/psk_secrets (who manages the mesh has it; a new one is "
					"made with \"aronet keygen mesh\")");
	}
	if (config->ppk_required && config->psk != PSK_MESH) {
		(void)json_cursor_member(root, "ppk_required", &place);
		return json_cursor_fail(
			&place, error, ERROR_VALUE,
			"true, but without \"psk\": \"mesh\" there is no such key, and "
			"no tunnel of IPsec would ever come up");
	}
	return 0;
}
