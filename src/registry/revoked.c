// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/revoked.h"

#include <string.h>

static bool is_named(const struct envelope *envelope, const char *keyid)
{
	for (unsigned i = 0; i < envelope->signatures_count; i++)
		if (!strcmp(envelope->signatures[i].keyid, keyid))
			return true;
	return false;
}

/*
 * The revoked keys that have really signed, as many as an envelope may have signatures; the first
 * revocation in *ret_first.
 */
static struct keyset revoked_signers(const struct mesh_document *mesh,
				     const struct envelope *envelope,
				     const struct revocation **ret_first)
{
	struct keyset signers = { 0 };
	char keyid[CRYPTO_KEYID_SIZE];

	*ret_first = NULL;
	for (size_t i = 0; i < mesh->revoked_count && signers.count < KEYSET_KEYS_MAX; i++) {
		const struct revocation *revocation = &mesh->revoked[i];
		struct keyset one = { .count = 1, .threshold = 1 };

		if (revocation->kind != REVOCATION_ORG_KEY ||
		    !is_named(envelope, crypto_keyid(revocation->key, keyid)))
			continue;
		memcpy(one.keys[0], revocation->key, KEY_SIZE);
		if (keyset_count_signatures(&one, envelope).good != 1)
			continue;
		memcpy(signers.keys[signers.count++], revocation->key, KEY_SIZE);
		if (!*ret_first)
			*ret_first = revocation;
	}
	return signers;
}

bool revoked_explains(const struct mesh_document *mesh, const struct keyset *keyset,
		      const struct envelope *envelope, const char *organization,
		      struct error *error)
{
	const struct revocation *first;
	struct keyset revoked = revoked_signers(mesh, envelope, &first);
	unsigned good = keyset_count_signatures(keyset, envelope).good;
	char keyid[CRYPTO_KEYID_SIZE];
	bool has_reason;

	if (!first || good + revoked.count < keyset->threshold)
		return false;
	has_reason = first->reason[0];
	(void)error_set(error, 0, ERROR_KEY_REVOKED, NULL,
			"org \"%s\" is signed by revoked key %.8s...%s%s%s", organization,
			crypto_keyid(first->key, keyid), has_reason ? " (" : "", first->reason,
			has_reason ? ")" : "");
	return true;
}
