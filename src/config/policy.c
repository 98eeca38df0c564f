// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/config.h"
#include "config/reader.h"

#include "base/hex.h"
#include "base/memory.h"
#include "crypto/crypto.h"
#include "registry/name.h"

#include <stdlib.h>
#include <string.h>

static int read_prefixes(const struct json_cursor *cursor, struct config_reader *reader,
			 struct ip_prefix **array, size_t *array_count, struct error *error)
{
	size_t count;
	int result = json_expect_array(cursor, CONFIG_POLICY_ITEMS_MAX, &count, error);

	for (size_t i = 0; result == 0 && i < count; i++) {
		struct json_cursor item = json_cursor_item(cursor, i);

		result = config_read_prefix(&item, reader, ARRAY_APPEND(*array, *array_count),
					    error);
	}
	return result;
}

static int read_accept(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct config_reader *reader = target;
	struct registry_policy *policy = &reader->config->registry;

	return read_prefixes(cursor, reader, &policy->accept, &policy->accept_count, error);
}

static int read_deny(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct config_reader *reader = target;
	struct registry_policy *policy = &reader->config->registry;

	return read_prefixes(cursor, reader, &policy->deny, &policy->deny_count, error);
}

static int read_node_id(const struct json_cursor *cursor, struct node_id *ret, struct error *error)
{
	char quoted[JSON_QUOTE_SIZE];
	const char *text, *slash;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	slash = strchr(text, '/');
	if (!slash || (size_t)(slash - text) >= NAME_SIZE || strlen(slash + 1) >= NAME_SIZE)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"expected the name of a node, \"ORGANIZATION/NODE\", found "
					"%s",
					json_quote(text, quoted));
	memcpy(ret->organization, text, (size_t)(slash - text));
	strcpy(ret->common_name, slash + 1);
	if (!name_is_valid(ret->organization) || !name_is_valid(ret->common_name))
		return json_cursor_fail(cursor, error, ERROR_NAME,
					"%s: names have only letters, digits, space, \".\", "
					"\"_\", \"-\"",
					json_quote(text, quoted));
	return 0;
}

static int read_accept_default_from(const struct json_cursor *cursor, void *target,
				    struct error *error)
{
	struct config_reader *reader = target;
	struct registry_policy *policy = &reader->config->registry;
	size_t count;
	int result = json_expect_array(cursor, CONFIG_POLICY_ITEMS_MAX, &count, error);

	for (size_t i = 0; result == 0 && i < count; i++) {
		struct json_cursor item = json_cursor_item(cursor, i);

		result = read_node_id(&item,
				      ARRAY_APPEND(policy->accept_default_from,
						   policy->accept_default_from_count),
				      error);
	}
	return result;
}

static int read_max_prefixes(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct config_reader *reader = target;
	int64_t limit;
	int result = json_read_integer(cursor, 1, UINT32_MAX, &limit, error);

	if (result == 0)
		reader->config->registry.max_prefixes = (uint32_t)limit;
	return result;
}

/* As it stands in a registry (PEM or base64), or as it is told in messages and revocations. */
static int read_key(const struct json_cursor *cursor, uint8_t ret[KEY_SIZE], struct error *error)
{
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	if (crypto_key_from_base64(text, ret) == 0 || hex_parse(text, ret, KEY_SIZE) == 0 ||
	    crypto_ed25519_public_from_pem(text, ret) == 0)
		return 0;
	/* The text is not shown: it may be a private key. */
	return json_cursor_fail(cursor, error, ERROR_KEY_FORMAT,
				"expected a public key: WireGuard's 44 characters of base64, "
				"Ed25519 in PEM, or 64 hex digits");
}

static int read_deny_keys(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct config_reader *reader = target;
	struct registry_policy *policy = &reader->config->registry;
	size_t count;
	int result = json_expect_array(cursor, CONFIG_POLICY_ITEMS_MAX, &count, error);

	for (size_t i = 0; result == 0 && i < count; i++) {
		struct json_cursor item = json_cursor_item(cursor, i);

		result = read_key(&item, *ARRAY_APPEND(policy->deny_keys, policy->deny_keys_count),
				  error);
	}
	return result;
}

static const struct json_member policy_members[] = {
	{ "accept", false, read_accept },
	{ "deny", false, read_deny },
	{ "accept_default_from", false, read_accept_default_from },
	{ "max_prefixes", false, read_max_prefixes },
	{ "deny_keys", false, read_deny_keys },
};

const struct config_table config_policy_table = {
	"policy",
	policy_members,
	ARRAY_SIZE(policy_members),
};

int config_read_policy(const struct json_cursor *cursor, void *target, struct error *error)
{
	return json_read_object(cursor, policy_members, ARRAY_SIZE(policy_members), false, target,
				error);
}
