/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"
#include "base/strbuf.h"
#include "core/model.h"
#include "crypto/crypto.h"
#include "json/json.h"

#include <json-c/json.h>

/*
 * A signed document: DSSE 1.0.2 over the exact bytes of its payload (registry specification,
 * section 2.2). Ed25519 is the only algorithm and is not named in the envelope, so there is none to
 * confuse. Nothing in here is authentic before keyset_verify() or a trusted digest says so.
 */
enum document_type {
	DOCUMENT_MESH,
	DOCUMENT_MANIFEST,
	DOCUMENT_ORG,
	DOCUMENT_REQUEST,
};

/* "application/vnd.aronet.mesh.v1+json" */
const char *document_payload_type(enum document_type type);

#define DOCUMENT_SIZE_MAX (8u << 20) /* bytes of a payload */
#define ENVELOPE_SIGNATURES_MAX 16

struct signature {
	char keyid[CRYPTO_KEYID_SIZE]; /* a hint, not authenticated */
	uint8_t bytes[CRYPTO_SIGNATURE_SIZE];
};

struct envelope {
	enum document_type type;
	char *payload; /* followed by a zero byte that is not counted */
	size_t payload_size;
	uint8_t digest[KEY_SIZE]; /* SHA-256 of the payload */
	struct signature *signatures;
	unsigned signatures_count;
};

void envelope_done(struct envelope *envelope);
CLEANUP_DEFINE_IN_PLACE(struct envelope, envelope_done);

/*
 * One element of `envelopes`, or a whole file that is one envelope, into zeroed @envelope. @what
 * opens the texts: "envelope 4". E_ENVELOPE for an unknown payloadType, bad base64, a signature
 * that has not 64 bytes; E_TOO_BIG; E_TYPE, E_MISSING, E_UNKNOWN_MEMBER.
 */
int envelope_read(const struct json_cursor *cursor, const char *what, struct envelope *envelope,
		  struct error *error);

/*
 * The same for a .sig file of a registry's source (section 10): an envelope without `payload`,
 * whose payload is @payload. @name is the file's.
 */
int envelope_parse_detached(const char *text, size_t size, const char *name, const void *payload,
			    size_t payload_size, struct envelope *envelope, struct error *error);

/* An envelope of a copy of @payload, without signatures. */
void envelope_make(enum document_type type, const void *payload, size_t size, struct envelope *ret);

/* Adds the signature of @key, or replaces what stands there under its keyid. -E2BIG. */
int envelope_sign(struct envelope *envelope, const struct crypto_signing_key *key);

/* "DSSEv1 LEN TYPE LEN BODY": what is signed. malloc()ed. */
char *envelope_pae(const char *payload_type, const void *body, size_t size, size_t *ret_size);

/* SHA-256 of envelope_pae() without making it. */
void envelope_pae_digest(const struct envelope *envelope, uint8_t ret[KEY_SIZE]);

/* JSON text of the envelope, with or without its payload, one signature a line, LF at the end. */
void envelope_format(const struct envelope *envelope, bool with_payload, struct strbuf *ret);
