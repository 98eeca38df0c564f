/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "core/model.h"
#include "registry/envelope.h"

/*
 * Who may sign a kind of document: some keys, and how many of them have to (registry specification,
 * sections 2.2 and 3.1). Keys are raw Ed25519 public keys, each at most once.
 */
#define KEYSET_KEYS_MAX 16

struct keyset {
	uint8_t keys[KEYSET_KEYS_MAX][KEY_SIZE];
	unsigned count;
	unsigned threshold; /* 1 to count in a document that was accepted */
};

bool keyset_has(const struct keyset *keyset, const uint8_t key[KEY_SIZE]);

/* Equal as sets, and in the threshold. */
bool keyset_equal(const struct keyset *a, const struct keyset *b);

/* SHA-256("aronet keyset v1" || 00 || u8 threshold || sorted keys), section 5.1. */
void keyset_digest(const struct keyset *keyset, uint8_t ret[KEY_SIZE]);

/*
 * "verified" of section 5.1: @envelope had good signatures under exactly the keyset with the digest
 * @keyset.
 */
void keyset_verified_digest(const uint8_t keyset[KEY_SIZE], const struct envelope *envelope,
			    uint8_t ret[KEY_SIZE]);

/*
 * What was found in an envelope. A key is tried once, with the first signature under its keyid;
 * further ones are skipped. A keyid is not authenticated: whoever passes an envelope on can add
 * signatures under the id of any key, and each of them would be one more Ed25519 operation.
 */
struct signature_count {
	unsigned good;
	unsigned bad;
	unsigned unknown;		       /* keyids that nobody in the keyset has */
	char unknown_keyid[CRYPTO_KEYID_SIZE]; /* the first of them */
};
struct signature_count keyset_count_signatures(const struct keyset *keyset,
					       const struct envelope *envelope);

/*
 * Is the threshold met? E_SIG_THRESHOLD says what was found: `org "example" version 3: 0 of 1
 * required signatures are good (1 bad, 1 by unknown key 81d0...)`; @what is the text up to the
 * colon.
 */
int keyset_verify(const struct keyset *keyset, const struct envelope *envelope, const char *what,
		  struct error *error);
