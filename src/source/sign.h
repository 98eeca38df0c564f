/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "registry/mesh.h"
#include "source/folder.h"

/*
 * Who has to sign a document, how far that has come, and signing it. A document is signed in two
 * ways: one that is new or was changed gets a version and dates and the first signature; to one
 * that somebody has signed since, a signature is added and no byte is changed.
 */
enum signing_state {
	SIGNING_NEW,	 /* nobody has ever signed it */
	SIGNING_CHANGED, /* somebody signed another text, or a key that has no say any more */
	SIGNING_PARTIAL, /* fewer have signed than have to */
	SIGNING_COMPLETE,
};

/*
 * Every one of the keysets has to be met: a mesh document is signed by its own keys and by those of
 * its predecessor (registry specification, section 3.2).
 */
struct signing_need {
	struct keyset keysets[2];
	unsigned count;
};

/* @previous is NULL for the first version. */
struct signing_need signing_need_of_mesh(const struct mesh_document *mesh,
					 const struct mesh_document *previous);
struct signing_need signing_need_of_manifest(const struct mesh_document *mesh);
/* E_NAME if there is no such member. Revoked keys are not among its keys. */
int signing_need_of_organization(const struct mesh_document *mesh, const char *name,
				 struct signing_need *ret, struct error *error);

bool signing_need_has(const struct signing_need *need, const uint8_t key[KEY_SIZE]);

struct signing {
	enum signing_state state;
	unsigned good; /* of the keyset that lacks most */
	unsigned threshold;
};
struct signing signing_examine(const struct signing_need *need,
			       const struct source_document *document);
struct signing signing_count(const struct signing_need *need, const struct envelope *envelope);

/* "new", "changed since it was signed", "1 of 2 signatures", "signed". Returns @buffer. */
#define SIGNING_TEXT_SIZE 48
const char *signing_format(const struct signing *signing, char buffer[SIGNING_TEXT_SIZE]);

/* What a text that is signed anew gets. */
struct stamp {
	uint64_t version;
	const uint8_t *prev; /* mesh documents; NULL in version 1 */
	int64_t issued;
	int64_t expires;
};

/* Sets these members of @document and formats it. */
void signing_stamp(struct json_object *document, enum document_type type, const struct stamp *stamp,
		   struct strbuf *ret);

/*
 * The version after that of @document, if @state says that it was signed already. E_TOO_BIG behind
 * DOCUMENT_VERSION_MAX.
 */
int signing_next_version(struct json_object *document, enum signing_state state, uint64_t *ret,
			 struct error *error);

/* Signatures of those @keys that have a say. @ret_count: how many of them have one. */
struct signing_keys {
	const struct crypto_signing_key *const *items;
	size_t count;
};
int signing_add(struct envelope *envelope, const struct signing_need *need,
		const struct signing_keys *keys, unsigned *ret_count, struct error *error);

/* E_KEY_ROLE: `key 81d0... may not sign org "example"`; @what is the document. */
int signing_fail_role(const struct crypto_signing_key *key, const char *what, struct error *error);
