// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/sign.h"

#include "base/strbuf.h"
#include "source/format.h"
#include "source/json_edit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct signing_need signing_need_of_mesh(const struct mesh_document *mesh,
					 const struct mesh_document *previous)
{
	struct signing_need need = { .keysets = { mesh->mesh_role }, .count = 1 };

	if (previous && !keyset_equal(&mesh->mesh_role, &previous->mesh_role))
		need.keysets[need.count++] = previous->mesh_role;
	return need;
}

struct signing_need signing_need_of_manifest(const struct mesh_document *mesh)
{
	return (struct signing_need) { .keysets = { mesh->manifest_role }, .count = 1 };
}

int signing_need_of_organization(const struct mesh_document *mesh, const char *name,
				 struct signing_need *ret, struct error *error)
{
	const struct mesh_organization *organization = mesh_find_organization(mesh, name);

	if (!organization)
		return error_set(error, -ENOENT, ERROR_NAME, NULL,
				 "organization \"%.63s\" is no member of this mesh", name);
	*ret = (struct signing_need) {
		.keysets = { mesh_organization_keyset(mesh, organization) },
		.count = 1,
	};
	return 0;
}

bool signing_need_has(const struct signing_need *need, const uint8_t key[KEY_SIZE])
{
	for (unsigned i = 0; i < need->count; i++)
		if (keyset_has(&need->keysets[i], key))
			return true;
	return false;
}

struct signing signing_count(const struct signing_need *need, const struct envelope *envelope)
{
	struct signing signing = { .state = SIGNING_COMPLETE };
	bool has_any = false;

	for (unsigned i = 0; i < need->count; i++) {
		const struct keyset *keyset = &need->keysets[i];
		unsigned good = keyset_count_signatures(keyset, envelope).good;

		has_any = has_any || good > 0;
		if (good < keyset->threshold)
			signing.state = SIGNING_PARTIAL;
		if (i > 0 && signing.threshold - signing.good >= keyset->threshold - good)
			continue;
		signing.good = good < keyset->threshold ? good : keyset->threshold;
		signing.threshold = keyset->threshold;
	}
	if (!has_any)
		signing.state = SIGNING_CHANGED;
	return signing;
}

struct signing signing_examine(const struct signing_need *need,
			       const struct source_document *document)
{
	struct signing signing = signing_count(need, &document->envelope);

	if (!document->has_signatures)
		signing.state = SIGNING_NEW;
	return signing;
}

const char *signing_format(const struct signing *signing, char buffer[SIGNING_TEXT_SIZE])
{
	switch (signing->state) {
	case SIGNING_NEW:
		return strcpy(buffer, "not signed yet");
	case SIGNING_CHANGED:
		return strcpy(buffer, "changed since it was signed");
	case SIGNING_PARTIAL:
		(void)snprintf(buffer, SIGNING_TEXT_SIZE, "%u of %u signatures", signing->good,
			       signing->threshold);
		return buffer;
	case SIGNING_COMPLETE:
		return strcpy(buffer, "signed");
	}
	return "";
}

void signing_stamp(struct json_object *document, enum document_type type, const struct stamp *stamp,
		   struct strbuf *ret)
{
	json_set_number(document, "version", stamp->version);
	if (type == DOCUMENT_MESH && stamp->prev)
		json_set_hex(document, "prev", stamp->prev, KEY_SIZE);
	else if (type == DOCUMENT_MESH)
		json_set(document, "prev", NULL);
	json_set_time(document, "issued", stamp->issued);
	json_set_time(document, "expires", stamp->expires);
	source_format(document, ret);
}

int signing_next_version(struct json_object *document, enum signing_state state, uint64_t *ret,
			 struct error *error)
{
	uint64_t version =
		(uint64_t)json_object_get_int64(json_object_object_get(document, "version"));

	if (state == SIGNING_NEW && version > 0) {
		*ret = version;
		return 0;
	}
	if (version >= DOCUMENT_VERSION_MAX)
		return error_set(error, -ERANGE, ERROR_TOO_BIG, NULL,
				 "there is no version after %" PRIu64
				 "; replace the keys that sign it, then it may begin at 1 again",
				 version);
	*ret = version + 1;
	return 0;
}

int signing_add(struct envelope *envelope, const struct signing_need *need,
		const struct signing_keys *keys, unsigned *ret_count, struct error *error)
{
	unsigned count = 0;

	for (size_t i = 0; i < keys->count; i++) {
		if (!signing_need_has(need, keys->items[i]->public_key))
			continue;
		if (envelope_sign(envelope, keys->items[i]) < 0)
			return error_set(error, -E2BIG, ERROR_TOO_BIG, NULL,
					 "has %d signatures already, and there is room for no more",
					 ENVELOPE_SIGNATURES_MAX);
		count++;
	}
	*ret_count = count;
	return 0;
}

int signing_fail_role(const struct crypto_signing_key *key, const char *what, struct error *error)
{
	char keyid[CRYPTO_KEYID_SIZE];

	return error_set(error, -EPERM, ERROR_KEY_ROLE, NULL, "key %.8s... may not sign %s",
			 crypto_keyid(key->public_key, keyid), what);
}
