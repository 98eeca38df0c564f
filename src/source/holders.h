/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/strbuf.h"
#include "registry/keyset.h"

#include <json-c/json.h>

/* Keys by the names that people gave them: `holder` in the JSON of a mesh document. */

/* The holder of @key, or the first digits of its id. @mesh may be NULL. Returns @buffer. */
#define HOLDER_TEXT_SIZE 64
const char *holder_format(struct json_object *mesh, const uint8_t key[KEY_SIZE],
			  char buffer[HOLDER_TEXT_SIZE]);

/* "alice, bob": those of @keyset who have signed @envelope, or those who have not. */
void holders_who_signed(struct json_object *mesh, const struct keyset *keyset,
			const struct envelope *envelope, bool have_signed, struct strbuf *ret);
