// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/keyset.h"

#include "base/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool keyset_has(const struct keyset *keyset, const uint8_t key[KEY_SIZE])
{
	for (unsigned i = 0; i < keyset->count; i++)
		if (!memcmp(keyset->keys[i], key, KEY_SIZE))
			return true;
	return false;
}

/* No key stands twice in a set, so equal counts and one containing the other is enough. */
bool keyset_equal(const struct keyset *a, const struct keyset *b)
{
	if (a->count != b->count || a->threshold != b->threshold)
		return false;
	for (unsigned i = 0; i < a->count; i++)
		if (!keyset_has(b, a->keys[i]))
			return false;
	return true;
}

static int compare_keys(const void *a, const void *b)
{
	return memcmp(a, b, KEY_SIZE);
}

void keyset_digest(const struct keyset *keyset, uint8_t ret[KEY_SIZE])
{
	static const char head[] = "aronet keyset v1"; /* with its zero byte */
	struct crypto_hash *hash = crypto_hash_new();
	uint8_t threshold = (uint8_t)keyset->threshold;
	struct keyset sorted = *keyset;

	qsort(sorted.keys, sorted.count, KEY_SIZE, compare_keys);
	crypto_hash_add(hash, head, sizeof(head));
	crypto_hash_add(hash, &threshold, sizeof(threshold));
	crypto_hash_add(hash, sorted.keys, (size_t)sorted.count * KEY_SIZE);
	crypto_hash_finish(hash, ret);
}

void keyset_verified_digest(const uint8_t keyset[KEY_SIZE], const struct envelope *envelope,
			    uint8_t ret[KEY_SIZE])
{
	static const char head[] = "aronet verified v1"; /* with its zero byte */
	struct crypto_hash *hash = crypto_hash_new();
	uint8_t pae[KEY_SIZE];

	envelope_pae_digest(envelope, pae);
	crypto_hash_add(hash, head, sizeof(head));
	crypto_hash_add(hash, keyset, KEY_SIZE);
	crypto_hash_add(hash, pae, sizeof(pae));
	crypto_hash_finish(hash, ret);
}

/* The index of the key that @keyid names, or -1. The id is computed from the key, never believed.
 */
static int find_key(const struct keyset *keyset, const char *keyid)
{
	char own[CRYPTO_KEYID_SIZE];

	for (unsigned i = 0; i < keyset->count; i++)
		if (!strcmp(crypto_keyid(keyset->keys[i], own), keyid))
			return (int)i;
	return -1;
}

struct signature_count keyset_count_signatures(const struct keyset *keyset,
					       const struct envelope *envelope)
{
	struct signature_count count = { 0 };
	bool was_tried[KEYSET_KEYS_MAX] = { false };
	CLEANUP(free) char *pae = NULL;
	size_t size;

	pae = envelope_pae(document_payload_type(envelope->type), envelope->payload,
			   envelope->payload_size, &size);
	for (unsigned i = 0; i < envelope->signatures_count; i++) {
		const struct signature *signature = &envelope->signatures[i];
		int key = find_key(keyset, signature->keyid);

		if (key < 0) {
			if (count.unknown++ == 0)
				strcpy(count.unknown_keyid, signature->keyid);
			continue;
		}
		if (was_tried[key])
			continue;
		was_tried[key] = true;
		if (!crypto_ed25519_is_weak(keyset->keys[key]) &&
		    crypto_ed25519_verify(keyset->keys[key], pae, size, signature->bytes))
			count.good++;
		else
			count.bad++;
	}
	return count;
}

int keyset_verify(const struct keyset *keyset, const struct envelope *envelope, const char *what,
		  struct error *error)
{
	struct signature_count count = keyset_count_signatures(keyset, envelope);
	char unknown[64] = "", bad[32] = "";
	bool both = count.bad && count.unknown;

	/* A threshold of zero would be met by nothing at all. */
	if (keyset->threshold > 0 && count.good >= keyset->threshold)
		return 0;
	if (count.bad)
		(void)snprintf(bad, sizeof(bad), "%u bad", count.bad);
	if (count.unknown)
		(void)snprintf(unknown, sizeof(unknown), "%u by unknown key %.8s...", count.unknown,
			       count.unknown_keyid);
	return error_set(error, -EKEYREJECTED, ERROR_SIG_THRESHOLD, NULL,
			 "%s: %u of %u required signatures are good%s%s%s%s%s", what, count.good,
			 keyset->threshold, bad[0] || unknown[0] ? " (" : "", bad, both ? ", " : "",
			 unknown, bad[0] || unknown[0] ? ")" : "");
}
