/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "crypto/crypto.h"

/*
 * Private keys in PEM (RFC 7468), strictly: one block and nothing beside it, no headers. Private to
 * crypto/; whoever holds a struct pem wipes it.
 */
#define PEM_LABEL_SIZE 32
/* An RSA key of 16384 bits; what is longer is not looked at. */
#define PEM_BODY_SIZE 13000

struct pem {
	char label[PEM_LABEL_SIZE];
	uint8_t body[PEM_BODY_SIZE];
	size_t size;
};

/* For messages: where the text comes from, and what should stand there. */
struct pem_reader {
	const char *place;
	const char *expected;
	struct error *error;
};

/* E_KEYFILE "@what; expected ..."; returns -EINVAL. */
int pem_fail(const struct pem_reader *reader, const char *what);

/* Exactly one block; white space around it is allowed. */
int pem_split(const struct pem_reader *reader, const char *text, struct pem *pem);

/* Fails; says what kind of thing the label means. */
int pem_fail_label(const struct pem_reader *reader, const struct pem *pem);

/* The seed of an Ed25519 key in PKCS#8 (RFC 8410 section 7); other algorithms are named. */
int pem_read_ed25519(const struct pem_reader *reader, const struct pem *pem,
		     uint8_t ret[CRYPTO_KEY_SIZE]);

/* The 32 bytes of a secret under a label of ours. */
int pem_read_secret(const struct pem_reader *reader, const struct pem *pem,
		    uint8_t ret[CRYPTO_KEY_SIZE]);

/* Such a block as text; malloc()ed, to be wiped and freed. */
char *pem_write_secret(const char *label, const uint8_t secret[CRYPTO_KEY_SIZE]);
