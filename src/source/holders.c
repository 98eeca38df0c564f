// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/holders.h"

#include "base/printable.h"
#include "source/json_edit.h"

#include <stdio.h>
#include <string.h>

const char *holder_format(struct json_object *mesh, const uint8_t key[KEY_SIZE],
			  char buffer[HOLDER_TEXT_SIZE])
{
	struct json_object *keys = mesh ? json_object_object_get(mesh, "keys") : NULL;
	char keyid[CRYPTO_KEYID_SIZE];
	const char *holder = "";
	int index;

	(void)crypto_keyid(key, keyid);
	index = json_object_is_type(keys, json_type_array) ? json_find(keys, "id", keyid, false)
							   : -1;
	if (index >= 0)
		holder = json_text(json_object_array_get_idx(keys, (size_t)index), "holder");
	if (holder[0])
		(void)snprintf(buffer, HOLDER_TEXT_SIZE, "%s", holder);
	else
		(void)snprintf(buffer, HOLDER_TEXT_SIZE, "%.8s...", keyid);
	printable_make(buffer);
	return buffer;
}

static bool has_signed(const uint8_t key[KEY_SIZE], const struct envelope *envelope)
{
	struct keyset only = { .count = 1, .threshold = 1 };

	memcpy(only.keys[0], key, KEY_SIZE);
	return keyset_count_signatures(&only, envelope).good > 0;
}

void holders_who_signed(struct json_object *mesh, const struct keyset *keyset,
			const struct envelope *envelope, bool have_signed, struct strbuf *ret)
{
	char name[HOLDER_TEXT_SIZE];

	for (unsigned i = 0; i < keyset->count; i++)
		if (has_signed(keyset->keys[i], envelope) == have_signed)
			strbuf_printf(ret, "%s%s", ret->length ? ", " : "",
				      holder_format(mesh, keyset->keys[i], name));
}
