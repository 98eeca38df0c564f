/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/timestamp.h"
#include "registry/bundle.h"
#include "registry/keyset.h"

/*
 * Signed bundles for tests, fuzzers and benchmarks, described as data. The same description gives
 * the same bytes on every machine: keys come from fixed seeds, times are fixed.
 *
 *	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(2, 3);
 *	CLEANUP(free) char *first = test_bundle_text(t, &size);
 *
 *	test_bundle_next_mesh(t)->manifest.keys[0] = 7;   // the manifest key is replaced by test
 *key 7 t->manifest.version = 1; CLEANUP(free) char *second = test_bundle_text(t, &size);
 *
 * What a description cannot say is done by @edit, before hashing and signing, or to the struct
 * bundle of test_bundle_build(), after it.
 */

/*
 * Test key @id: 1 and 2 are those of RFC 8032 section 7.1, tests 1 and 2, as in section 15 of the
 * registry specification. Never use one for anything else.
 */
void test_bundle_key(unsigned id, struct crypto_signing_key *ret);
const uint8_t *test_public_key(unsigned id, uint8_t ret[KEY_SIZE]);

/* Test keys by number, and how many of them have to sign. */
struct test_role {
	unsigned keys[KEYSET_KEYS_MAX];
	unsigned count;
	unsigned threshold;
};

/* The role of @count consecutive keys, from @first on. */
struct test_role test_role(unsigned first, unsigned count, unsigned threshold);

/* What stands in the header of a document, and who signs it. */
struct test_document {
	uint64_t version;
	const char *issued;
	const char *expires;
	bool has_signers; /* else all keys that the document needs, as many as the threshold says */
	unsigned signers[2 * KEYSET_KEYS_MAX];
	unsigned signers_count;
};

void test_sign_by(struct test_document *document, unsigned count, const unsigned *keys);

struct test_organization {
	char name[NAME_SIZE];
	unsigned index;	       /* in prefixes and keys of its nodes */
	unsigned first_number; /* in endpoints of its nodes: number, number + 1, ... */
	/* In the mesh document. */
	struct test_role role;
	bool is_suspended;
	bool no_transit;
	unsigned max_nodes;
	const char *grants; /* JSON array; NULL: of what the generated nodes announce */
	/* Its own document. */
	struct test_document document;
	unsigned nodes_count;
	const char *nodes;	      /* JSON array; NULL: generated */
	bool without_identity;	      /* generated nodes have a WireGuard key only */
	bool is_left_out_of_manifest; /* and of the bundle */
	bool is_left_out;	      /* of the bundle only */
};

struct test_mesh {
	struct test_document document;
	struct test_role mesh;
	struct test_role manifest;
	unsigned manifest_max_days;
	const char *pool; /* JSON array */
	struct test_organization *organizations;
	size_t organizations_count;
	struct strbuf revoked; /* elements of the array, see test_revoke() */
	bool is_left_out;      /* of the bundle; later versions follow it all the same */
};

#define TEST_MESHES_MAX 64

struct test_bundle {
	const char *mesh_id;
	const char *mesh_name;
	struct test_mesh meshes[TEST_MESHES_MAX]; /* versions 1 to meshes_count */
	size_t meshes_count;
	struct test_document manifest;
	/*
	 * Changes the payload of a document before it is hashed and signed. @name is the
	 * organization's, or NULL.
	 */
	void (*edit)(void *userdata, enum document_type type, const char *name,
		     struct strbuf *payload);
	void *userdata;
	char issued[TIMESTAMP_TEXT_SIZE],
		expires[2][TIMESTAMP_TEXT_SIZE]; /* of the function below */
};

/* Dates for programs that look at the clock: from @issued on, manifest and the others until. */
void test_bundle_date(struct test_bundle *t, int64_t issued, int64_t manifest_expires,
		      int64_t expires);

/*
 * Mesh version 1, manifest 1, organizations org-1 to org-N with nodes node-1 to node-M each. Key 1
 * holds the mesh role, key 2 the manifest role, key 100 + i organization i; all thresholds are 1.
 * Valid from TEST_ISSUED on, the manifest for 14 days, the others for a year.
 */
#define TEST_MESH_ID "3f1c000000000000000000000000aa01"
#define TEST_ISSUED "2026-11-21T00:00:00Z"
#define TEST_MANIFEST_EXPIRES "2026-12-05T00:00:00Z"
#define TEST_EXPIRES "2027-11-21T00:00:00Z"
#define TEST_NOW 1795305600	   /* 2026-11-22T00:00:00Z */
#define TEST_BUILD_DATE 1793491200 /* 2026-11-01T00:00:00Z */
struct test_bundle *test_bundle_new(unsigned organizations, unsigned nodes);
void test_bundle_free(struct test_bundle *t);
CLEANUP_DEFINE(struct test_bundle *, test_bundle_free);

/* A copy of the newest mesh document with the next version, to be changed; the next manifest, too.
 */
struct test_mesh *test_bundle_next_mesh(struct test_bundle *t);
struct test_mesh *test_bundle_newest_mesh(struct test_bundle *t);
struct test_organization *test_bundle_organization(struct test_bundle *t, size_t index);

/* @kind as in the document, @key as it stands there. */
void test_revoke(struct test_mesh *mesh, const char *kind, const char *key, const char *reason);
void test_revoke_signing_key(struct test_mesh *mesh, unsigned id, const char *reason);

/* WireGuard key of generated node @node (from 0) of organization @organization (from 0). */
void test_wireguard_key(unsigned organization, unsigned node, uint8_t ret[KEY_SIZE]);
/* Its Ed25519 key. */
void test_identity_key(unsigned organization, unsigned node, uint8_t ret[KEY_SIZE]);

/* Envelopes, hashed and signed. */
struct bundle *test_bundle_build(struct test_bundle *t);
/* The text of a bundle file, terminated; for free(). */
char *test_bundle_text(struct test_bundle *t, size_t *ret_size);
/* SHA-256 of the payload of a mesh version, 1 being the first. */
void test_bundle_pin(struct test_bundle *t, size_t version, uint8_t ret[KEY_SIZE]);
/* The payload of that version, terminated; for free(). */
char *test_bundle_mesh_payload(struct test_bundle *t, size_t version, size_t *ret_size);

/* Adds a signature that is there already, or made up, which envelope_sign() would not do. */
void test_add_signature(struct envelope *envelope, struct signature signature);

/* Replaces the first @from, which must be there, by @to. */
void test_replace(struct strbuf *text, const char *from, const char *to);
