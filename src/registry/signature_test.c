// SPDX-License-Identifier: GPL-2.0-or-later
/* Attacks on the signatures of a bundle, and keys that are worth nothing any more. */
#include "registry/test_verify.h"

#include "registry/registry.h"
#include "registry/test_support.h"

#include "base/memory.h"
#include "crypto/crypto.h"
#include "crypto/test_hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Places in a bundle of test_bundle_new(1, 1). */
enum {
	MESH,
	MANIFEST,
	ORG,
	DOCUMENTS
};

static const char *const names[DOCUMENTS] = { "mesh 1", "manifest", "org \"org-1\" version 1" };

static void expect_refused(struct test_bundle *t, struct bundle *bundle, enum error_code code,
			   const char *text)
{
	uint8_t pin[KEY_SIZE];
	const struct verify_options options = { .mesh_sha256 = pin };

	test_bundle_pin(t, 1, pin);
	test_refuse_bundle(bundle, &options, code, text);
}

static void document_without_signature_is_refused(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	char text[128];

	(void)state;
	for (size_t i = 0; i < DOCUMENTS; i++) {
		struct bundle *bundle = test_bundle_build(t);

		bundle->envelopes[i].signatures_count = 0;
		(void)snprintf(text, sizeof(text), "%s: 0 of 1 required signatures are good",
			       names[i]);
		expect_refused(t, bundle, ERROR_SIG_THRESHOLD, text);
	}
}

static void signature_counts_once_however_often_it_is_there(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	struct test_document *documents[DOCUMENTS] = {
		&t->meshes[0].document,
		&t->manifest,
		&t->meshes[0].organizations[0].document,
	};
	char text[128];

	(void)state;
	t->meshes[0].mesh = test_role(20, 2, 2);
	t->meshes[0].manifest = test_role(20, 2, 2);
	t->meshes[0].organizations[0].role = test_role(20, 2, 2);
	for (size_t i = 0; i < DOCUMENTS; i++) {
		struct envelope *envelope;
		struct bundle *bundle;

		test_sign_by(documents[i], 1, (unsigned[]) { 20 });
		bundle = test_bundle_build(t);
		envelope = &bundle->envelopes[i];
		test_add_signature(envelope, envelope->signatures[0]);
		(void)snprintf(text, sizeof(text), "%s: 1 of 2 required signatures are good",
			       names[i]);
		expect_refused(t, bundle, ERROR_SIG_THRESHOLD, text);
		documents[i]->has_signers = false;
	}
	trust_free(test_accept(t, NULL));
}

static void key_twice_in_a_role_is_refused(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);

	(void)state;
	t->meshes[0].mesh = test_role(20, 2, 2);
	t->meshes[0].mesh.keys[1] = 20;
	test_refuse(t, NULL, ERROR_KEY_DUP, NULL);
}

static void threshold_out_of_range_is_refused(void **state)
{
	static const unsigned thresholds[] = { 0, 3 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(thresholds); i++) {
		CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
		struct test_role *roles[] = { &t->meshes[0].mesh, &t->meshes[0].manifest,
					      &t->meshes[0].organizations[0].role };

		test_sign_by(&t->meshes[0].document, 2, (unsigned[]) { 20, 21 });
		test_sign_by(&t->manifest, 2, (unsigned[]) { 20, 21 });
		test_sign_by(&t->meshes[0].organizations[0].document, 2, (unsigned[]) { 20, 21 });
		for (size_t j = 0; j < ARRAY_SIZE(roles); j++)
			*roles[j] = test_role(20, 2, 2);
		trust_free(test_accept(t, NULL));
		for (size_t j = 0; j < ARRAY_SIZE(roles); j++) {
			roles[j]->threshold = thresholds[i];
			test_refuse(t, NULL, ERROR_THRESHOLD_RANGE, NULL);
			roles[j]->threshold = 2;
		}
	}
}

static void signature_under_the_id_of_another_key_is_refused(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	uint8_t key[KEY_SIZE];
	struct bundle *bundle;

	(void)state;
	test_sign_by(&t->manifest, 1, (unsigned[]) { 9 });
	bundle = test_bundle_build(t);
	(void)crypto_keyid(test_public_key(2, key),
			   bundle->envelopes[MANIFEST].signatures[0].keyid);
	expect_refused(t, bundle, ERROR_SIG_THRESHOLD,
		       "manifest: 0 of 1 required signatures are good (1 bad)");
}

/* Signs @message in the place of the PAE of the manifest. */
static struct bundle *bundle_signed_over(struct test_bundle *t, const char *message, size_t size)
{
	struct bundle *bundle = test_bundle_build(t);
	struct crypto_signing_key key;

	test_bundle_key(2, &key);
	crypto_ed25519_sign(key.seed, message, size,
			    bundle->envelopes[MANIFEST].signatures[0].bytes);
	return bundle;
}

static void signature_over_anything_but_the_pae_is_refused(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	CLEANUP(bundle_free) struct bundle *good = test_bundle_build(t);
	const struct envelope *manifest = &good->envelopes[MANIFEST];
	CLEANUP(free) char *other_type = NULL;
	size_t size;

	(void)state;
	expect_refused(t, bundle_signed_over(t, manifest->payload, manifest->payload_size),
		       ERROR_SIG_THRESHOLD, NULL);
	other_type = envelope_pae(document_payload_type(DOCUMENT_ORG), manifest->payload,
				  manifest->payload_size, &size);
	expect_refused(t, bundle_signed_over(t, other_type, size), ERROR_SIG_THRESHOLD, NULL);
}

/* The order of the group, RFC 8032 section 5.1; S + L verifies where S is not checked. */
static void add_group_order(uint8_t s[KEY_SIZE])
{
	uint8_t order[KEY_SIZE];
	unsigned carry = 0;

	test_from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010", order);
	for (size_t i = 0; i < KEY_SIZE; i++) {
		carry += s[i] + order[i];
		s[i] = (uint8_t)carry;
		carry >>= 8;
	}
}

static void malleated_signature_is_refused(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);

	(void)state;
	for (size_t i = 0; i < DOCUMENTS; i++) {
		struct bundle *bundle = test_bundle_build(t);

		add_group_order(bundle->envelopes[i].signatures[0].bytes + KEY_SIZE);
		expect_refused(t, bundle, ERROR_SIG_THRESHOLD, NULL);
	}
}

/* R the identity, S = 0: good for nearly every message where the key has a small order. */
static void small_order_signature_is_refused(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);

	(void)state;
	for (size_t i = 0; i < DOCUMENTS; i++) {
		struct bundle *bundle = test_bundle_build(t);
		uint8_t *bytes = bundle->envelopes[i].signatures[0].bytes;

		memset(bytes, 0, CRYPTO_SIGNATURE_SIZE);
		bytes[0] = 1;
		expect_refused(t, bundle, ERROR_SIG_THRESHOLD, NULL);
	}
}

static void another_payload_type_is_refused(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	struct bundle *bundle = test_bundle_build(t);

	(void)state;
	bundle->envelopes[ORG].type = DOCUMENT_MESH;
	expect_refused(t, bundle, ERROR_SIG_THRESHOLD, NULL);
}

static void stranger_signs_in_vain(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(2, 1);

	(void)state;
	/* A member for another one, a mesh key for an organization. */
	test_sign_by(&t->meshes[0].organizations[0].document, 2, (unsigned[]) { 101, 1 });
	test_refuse(t, NULL, ERROR_SIG_THRESHOLD, NULL);
}

/* Cuts and changes in what is not JSON any more: the payload after it was signed. */
static void spoil_org(void *userdata, enum document_type type, const char *name,
		      struct strbuf *payload)
{
	(void)userdata;
	(void)name;
	if (type == DOCUMENT_ORG)
		test_replace(payload, "{", "\xff");
}

static void nothing_is_read_before_it_is_authentic(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);

	(void)state;
	t->edit = spoil_org;
	test_refuse(t, NULL, ERROR_SYNTAX, NULL);
	test_sign_by(&t->meshes[0].organizations[0].document, 1, (unsigned[]) { 3 });
	test_refuse(t, NULL, ERROR_SIG_THRESHOLD, NULL);
}

/* The organization was told, listed a new key, and did not sign anew. */
static void revoked_key_is_named_as_the_reason(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(2, 1);
	CLEANUP(trust_free) struct trust *trust = test_accept(t, NULL);
	struct test_mesh *next = test_bundle_next_mesh(t);
	char keyid[CRYPTO_KEYID_SIZE], text[128];
	uint8_t key[KEY_SIZE];

	(void)state;
	(void)snprintf(text, sizeof(text), "org \"org-1\" is signed by revoked key %.8s... (lost)",
		       crypto_keyid(test_public_key(100, key), keyid));
	test_revoke_signing_key(next, 100, "lost");
	/* Still listed, and known to the node as good under the old keys. */
	test_refuse(t, trust, ERROR_KEY_REVOKED, text);
	next->organizations[0].role = test_role(7, 1, 1);
	test_sign_by(&next->organizations[0].document, 1, (unsigned[]) { 100 });
	test_refuse(t, trust, ERROR_KEY_REVOKED, text);
	next->organizations[0].document.has_signers = false;
	trust_free(test_accept(t, trust));
}

static void revoked_key_is_not_blamed_for_others(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	struct test_mesh *mesh = &t->meshes[0];

	(void)state;
	mesh->organizations[0].role = test_role(20, 3, 2);
	test_revoke_signing_key(mesh, 22, "");
	/* With 22 one of two, without it none. */
	test_sign_by(&mesh->organizations[0].document, 1, (unsigned[]) { 22 });
	test_refuse(t, NULL, ERROR_SIG_THRESHOLD, NULL);
	test_sign_by(&mesh->organizations[0].document, 2, (unsigned[]) { 20, 22 });
	test_refuse(t, NULL, ERROR_KEY_REVOKED, NULL);
	test_sign_by(&mesh->organizations[0].document, 3, (unsigned[]) { 20, 21, 22 });
	trust_free(test_accept(t, NULL));
}

/* A signature that was never made by the revoked key is no sign of it. */
static void revoked_key_must_have_signed(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	struct bundle *bundle;
	uint8_t key[KEY_SIZE];

	(void)state;
	test_revoke_signing_key(&t->meshes[0], 33, "");
	test_sign_by(&t->meshes[0].organizations[0].document, 1, (unsigned[]) { 3 });
	bundle = test_bundle_build(t);
	(void)crypto_keyid(test_public_key(33, key), bundle->envelopes[ORG].signatures[0].keyid);
	expect_refused(t, bundle, ERROR_SIG_THRESHOLD, NULL);
}

/* What was verified under other keys, or is other bytes, is verified again. */
static void known_digests_save_signatures_and_nothing_else(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(10, 1);
	CLEANUP(trust_free) struct trust *trust = test_accept(t, NULL);
	const struct verify_options options = { .trust = trust };
	CLEANUP(verified_done) struct verified verified = { 0 };

	(void)state;
	t->manifest.version = 2;
	test_bundle_organization(t, 3)->document.version = 2;
	test_bundle_organization(t, 4)->document.version = 2;
	assert_int_equal(test_verify(t, &options, NULL, &verified, NULL), 0);
	assert_int_equal(verified.signatures_checked, 1 + 2);
	/* A known digest is of the payload and the keys: bytes of a signature do not matter. */
	test_sign_by(&test_bundle_organization(t, 5)->document, 0, NULL);
	verified_done(&verified);
	assert_int_equal(test_verify(t, &options, NULL, &verified, NULL), 0);
	test_sign_by(&test_bundle_organization(t, 4)->document, 0, NULL);
	test_refuse(t, trust, ERROR_SIG_THRESHOLD, NULL);
}

/* Whoever passes a bundle on can add signatures, but not work without end. */
static void added_signatures_cost_one_attempt_per_key(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	struct envelope *org;
	struct bundle *bundle;
	uint8_t key[KEY_SIZE];
	struct signature bad;

	(void)state;
	t->meshes[0].organizations[0].role = test_role(20, 2, 1);
	test_sign_by(&t->meshes[0].organizations[0].document, 2, (unsigned[]) { 20, 21 });
	bundle = test_bundle_build(t);
	org = &bundle->envelopes[ORG];
	bad = org->signatures[1];
	bad.bytes[0] ^= 1;
	org->signatures_count = 0;
	for (unsigned i = 0; i < ENVELOPE_SIGNATURES_MAX - 1; i++)
		test_add_signature(org, bad);
	(void)crypto_keyid(test_public_key(20, key), bad.keyid);
	test_add_signature(org, bad);
	expect_refused(t, bundle, ERROR_SIG_THRESHOLD,
		       "org \"org-1\" version 1: 0 of 1 required signatures are good (2 bad)");
}

struct outcome {
	unsigned refused, same;
};

/* FMT-11: a bundle with one byte changed is refused, or means the same. */
static void try_changed(const char *text, size_t size, const struct registry *expected,
			const uint8_t pin[KEY_SIZE], struct outcome *outcome)
{
	const struct registry_options options = {
		.verify = { .mesh_sha256 = pin, .clock = TEST_NOW, .build_date = TEST_BUILD_DATE },
	};
	CLEANUP(registry_free) struct registry *registry = NULL;
	unsigned added, changed, removed;
	struct error error = { 0 };

	if (registry_load(text, size, "registry.json", &options, NULL, &registry, &error) < 0) {
		assert_int_not_equal(error.code, ERROR_NONE);
		assert_int_not_equal(error.text[0], '\0');
		outcome->refused++;
		return;
	}
	registry_difference(expected, registry, &added, &changed, &removed);
	assert_int_equal(added + changed + removed, 0);
	outcome->same++;
}

static void any_changed_byte_is_refused_or_changes_nothing(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(2, 1);
	CLEANUP(verified_done) struct verified expected = { 0 };
	struct outcome outcome = { 0 };
	uint8_t pin[KEY_SIZE];
	size_t size;
	CLEANUP(free) char *text = test_bundle_text(t, &size);

	(void)state;
	test_bundle_pin(t, 1, pin);
	assert_int_equal(test_verify(t, NULL, NULL, &expected, NULL), 0);
	for (size_t i = 0; i < size; i++) {
		char kept = text[i];

		text[i] = (char)(kept ^ (1 << i % 7));
		try_changed(text, size, expected.registry, pin, &outcome);
		text[i] = ' ';
		try_changed(text, size, expected.registry, pin, &outcome);
		text[i] = kept;
	}
	assert_true(outcome.refused > outcome.same);
}

static void any_cut_is_refused(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	CLEANUP(verified_done) struct verified expected = { 0 };
	struct outcome outcome = { 0 };
	uint8_t pin[KEY_SIZE];
	size_t size;
	CLEANUP(free) char *text = test_bundle_text(t, &size);

	(void)state;
	test_bundle_pin(t, 1, pin);
	assert_int_equal(test_verify(t, NULL, NULL, &expected, NULL), 0);
	for (size_t i = 0; i < size - 1; i++)
		try_changed(text, i, expected.registry, pin, &outcome);
	assert_int_equal(outcome.same, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(document_without_signature_is_refused),
		cmocka_unit_test(signature_counts_once_however_often_it_is_there),
		cmocka_unit_test(key_twice_in_a_role_is_refused),
		cmocka_unit_test(threshold_out_of_range_is_refused),
		cmocka_unit_test(signature_under_the_id_of_another_key_is_refused),
		cmocka_unit_test(signature_over_anything_but_the_pae_is_refused),
		cmocka_unit_test(malleated_signature_is_refused),
		cmocka_unit_test(small_order_signature_is_refused),
		cmocka_unit_test(another_payload_type_is_refused),
		cmocka_unit_test(stranger_signs_in_vain),
		cmocka_unit_test(nothing_is_read_before_it_is_authentic),
		cmocka_unit_test(revoked_key_is_named_as_the_reason),
		cmocka_unit_test(revoked_key_is_not_blamed_for_others),
		cmocka_unit_test(revoked_key_must_have_signed),
		cmocka_unit_test(added_signatures_cost_one_attempt_per_key),
		cmocka_unit_test(known_digests_save_signatures_and_nothing_else),
		cmocka_unit_test(any_changed_byte_is_refused_or_changes_nothing),
		cmocka_unit_test(any_cut_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
