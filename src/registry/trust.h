/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "registry/document.h"
#include "registry/keyset.h"

/*
 * What a node has accepted so far, and never goes back behind: trust.json (registry specification,
 * section 5). Written only after a registry was accepted as a whole. Plain data; the file is
 * store.h's.
 */
#define TRUST_FILE "trust.json"
#define TRUST_SPEC 1

/* A version below is E_ROLLBACK; the same with another digest is E_EQUIVOCATION. */
struct trust_floor {
	uint64_t version; /* 0: none */
	uint8_t digest[KEY_SIZE];
	uint8_t keyset[KEY_SIZE]; /* keyset_digest() of who signed; another one drops the floor */
};

struct trust_organization {
	char name[NAME_SIZE];
	struct trust_floor floor;
	uint8_t verified[KEY_SIZE]; /* keyset_verified_digest() */
};

struct trust {
	uint8_t mesh_id[MESH_ID_SIZE];
	uint64_t mesh_version;
	uint8_t mesh_digest[KEY_SIZE];
	struct keyset mesh_keys;     /* of the mesh role: who signs the next mesh document */
	struct trust_floor manifest; /* version 0: a mesh is trusted, but no registry accepted */
	struct trust_organization *organizations; /* sorted by name, bytewise */
	size_t organizations_count;
	int64_t last_seen; /* newest `issued` of an accepted document */
};

void trust_free(struct trust *trust);
CLEANUP_DEFINE(struct trust *, trust_free);

const struct trust_organization *trust_find_organization(const struct trust *trust,
							 const char *name);

/*
 * May version @version, with @digest, signed by the keyset with @keyset, follow @floor? A floor of
 * another keyset does not count: this is what makes recovery possible after a thief has signed
 * version 2^53-1 (section 5.2). @what is how messages call the document, without its version:
 * `manifest`. E_ROLLBACK, E_EQUIVOCATION.
 */
int trust_check_floor(const struct trust_floor *floor, const uint8_t keyset[KEY_SIZE],
		      uint64_t version, const uint8_t digest[KEY_SIZE], const char *what,
		      struct error *error);

/* E_STATE_CORRUPT, with the place. A spec above TRUST_SPEC says that a newer aronet wrote it. */
int trust_parse(const char *text, size_t size, const char *name, struct trust **ret,
		struct error *error);

/* JSON, LF at the end. */
void trust_format(const struct trust *trust, struct strbuf *ret);
