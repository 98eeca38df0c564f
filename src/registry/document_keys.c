// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/document.h"

#include "registry/keyset.h"
#include "registry/node.h"

#include "base/hex.h"

#include <inttypes.h>
#include <string.h>

/* One element of `keys`. */
struct key_entry {
	char id[CRYPTO_KEYID_SIZE]; /* as written */
	uint8_t key[KEY_SIZE];
};

int document_read_keyid(const struct json_cursor *cursor, char ret[CRYPTO_KEYID_SIZE],
			struct error *error)
{
	char quoted[JSON_QUOTE_SIZE];
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	if (strlen(text) != CRYPTO_KEYID_SIZE - 1 ||
	    strspn(text, "0123456789abcdef") != CRYPTO_KEYID_SIZE - 1)
		return json_cursor_fail(cursor, error, ERROR_KEY_FORMAT,
					"a key id is %d lower-case hex digits, found %s",
					CRYPTO_KEYID_SIZE - 1, json_quote(text, quoted));
	strcpy(ret, text);
	return 0;
}

static int read_id(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct key_entry *entry = target;

	return document_read_keyid(cursor, entry->id, error);
}

static int read_public_key(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct key_entry *entry = target;

	return node_read_identity_key(cursor, entry->key, error);
}

static int read_holder(const struct json_cursor *cursor, void *target, struct error *error)
{
	const char *text;

	(void)target;
	return json_read_string(cursor, &text, error);
}

/* `holder` is last: whoever may not have one leaves the row away. */
static const struct json_member key_members[] = {
	{ "id", true, read_id },
	{ "public_key", true, read_public_key },
	{ "holder", false, read_holder },
};

const struct member_table document_key_tables[DOCUMENT_KEY_TABLES] = {
	{ "organizationKey", key_members, ARRAY_SIZE(key_members) - 1, false },
	{ "key", key_members, ARRAY_SIZE(key_members), false },
};

/* Before anything else is asked of them: one key under two ids must not count as two keys. */
static int check_distinct(const struct json_cursor *cursor, const struct key_entry *entries,
			  size_t count, struct error *error)
{
	char keyid[CRYPTO_KEYID_SIZE];

	for (size_t i = 1; i < count; i++)
		for (size_t j = 0; j < i; j++) {
			struct json_cursor item = json_cursor_item(cursor, i);

			if (!memcmp(entries[i].key, entries[j].key, KEY_SIZE))
				return json_cursor_fail(&item, error, ERROR_KEY_DUP,
							"key %.8s... is listed twice",
							crypto_keyid(entries[i].key, keyid));
		}
	return 0;
}

static int check_key(const struct json_cursor *cursor, const struct key_entry *entry,
		     struct error *error)
{
	char keyid[CRYPTO_KEYID_SIZE], text[2 * KEY_SIZE + 1];

	if (crypto_ed25519_is_weak(entry->key))
		return json_cursor_fail(cursor, error, ERROR_KEY_WEAK,
					"key %.8s... is a small-order point or not canonical; "
					"anybody can sign for it, make a new key",
					hex_format(entry->key, KEY_SIZE, text));
	if (strcmp(crypto_keyid(entry->key, keyid), entry->id) != 0)
		return json_cursor_fail(cursor, error, ERROR_KEY_FORMAT,
					"key id %.8s... does not belong to its public_key "
					"(%.8s...)",
					entry->id, keyid);
	return 0;
}

int document_read_keys(const struct json_cursor *cursor, bool holders, struct keyset *ret,
		       struct error *error)
{
	const struct member_table *table = &document_key_tables[holders];
	struct key_entry entries[KEYSET_KEYS_MAX] = { 0 };
	struct keyset keyset = { 0 };
	size_t count;
	int result = json_expect_array(cursor, KEYSET_KEYS_MAX, &count, error);

	if (result == 0 && count == 0)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"lists no key; expected 1 to %d", KEYSET_KEYS_MAX);
	for (size_t i = 0; result == 0 && i < count; i++) {
		struct json_cursor item = json_cursor_item(cursor, i);

		result = json_read_object(&item, table->members, table->members_count, false,
					  &entries[i], error);
	}
	if (result == 0)
		result = check_distinct(cursor, entries, count, error);
	for (size_t i = 0; result == 0 && i < count; i++) {
		struct json_cursor item = json_cursor_item(cursor, i);

		result = check_key(&item, &entries[i], error);
		memcpy(keyset.keys[keyset.count++], entries[i].key, KEY_SIZE);
	}
	if (result == 0)
		*ret = keyset;
	return result;
}

int document_read_threshold(const struct json_cursor *cursor, const char *what,
			    struct keyset *keyset, struct error *error)
{
	bool is_integer = !strcmp(json_cursor_type(cursor), "integer");
	int64_t most = is_integer ? DOCUMENT_VERSION_MAX : KEYSET_KEYS_MAX;
	int64_t threshold;
	int result = json_read_integer(cursor, is_integer ? -most : 1, most, &threshold, error);

	if (result < 0)
		return result;
	if (threshold < 1 || threshold > keyset->count)
		return json_cursor_fail(cursor, error, ERROR_THRESHOLD_RANGE,
					"%s: threshold %" PRId64 " is not between 1 and %u", what,
					threshold, keyset->count);
	keyset->threshold = (unsigned)threshold;
	return 0;
}
