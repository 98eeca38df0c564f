// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/keyset.h"

#include "base/hex.h"
#include "base/memory.h"
#include "registry/test_support.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct keyset keyset_of(const char *letters, unsigned threshold)
{
	struct keyset keyset = { .threshold = threshold };

	for (; *letters; letters++) {
		struct crypto_signing_key key = test_signing_key(*letters);

		memcpy(keyset.keys[keyset.count++], key.public_key, KEY_SIZE);
	}
	return keyset;
}

static void sign(struct envelope *envelope, const char *letters)
{
	for (; *letters; letters++) {
		struct crypto_signing_key key = test_signing_key(*letters);

		assert_int_equal(envelope_sign(envelope, &key), 0);
	}
}

/* Registry specification, section 15. */
static void digests_are_those_of_the_vectors(void **state)
{
	struct keyset one = keyset_of("A", 1), two = keyset_of("AB", 2),
		      turned = keyset_of("BA", 2);
	char text[2 * KEY_SIZE + 1];
	uint8_t digest[KEY_SIZE];

	(void)state;
	keyset_digest(&one, digest);
	assert_string_equal(hex_format(digest, KEY_SIZE, text),
			    "f4bb323472fcf579ab2063c5f5138dcfad9e8a2a7dfc0be28e2f4a217b25873c");
	keyset_digest(&two, digest);
	assert_string_equal(hex_format(digest, KEY_SIZE, text),
			    "c8df6d4803959fc5afb03edec3d59fd835c42eb1be50a10fab77805dfec657d0");
	keyset_digest(&turned, digest);
	assert_string_equal(hex_format(digest, KEY_SIZE, text),
			    "c8df6d4803959fc5afb03edec3d59fd835c42eb1be50a10fab77805dfec657d0");
	assert_true(keyset_equal(&two, &turned));
	turned.threshold = 1;
	assert_false(keyset_equal(&two, &turned));
	assert_false(keyset_equal(&one, &two));
}

static void verified_digest_depends_on_keys_and_bytes(void **state)
{
	struct keyset one = keyset_of("A", 1), other = keyset_of("AB", 1);
	CLEANUP(envelope_done) struct envelope a = { 0 }, b = { 0 }, c = { 0 };
	uint8_t digests[4][KEY_SIZE], one_digest[KEY_SIZE], other_digest[KEY_SIZE];

	(void)state;
	keyset_digest(&one, one_digest);
	keyset_digest(&other, other_digest);
	envelope_make(DOCUMENT_ORG, "x", 1, &a);
	envelope_make(DOCUMENT_ORG, "y", 1, &b);
	envelope_make(DOCUMENT_MESH, "x", 1, &c);
	keyset_verified_digest(one_digest, &a, digests[0]);
	keyset_verified_digest(other_digest, &a, digests[1]);
	keyset_verified_digest(one_digest, &b, digests[2]);
	keyset_verified_digest(one_digest, &c, digests[3]);
	for (size_t i = 0; i < ARRAY_SIZE(digests); i++)
		for (size_t j = i + 1; j < ARRAY_SIZE(digests); j++)
			assert_memory_not_equal(digests[i], digests[j], KEY_SIZE);
}

static void threshold_is_met_by_enough_keys(void **state)
{
	CLEANUP(envelope_done) struct envelope envelope = { 0 };
	struct keyset keyset = keyset_of("ABC", 2);
	struct error error = { 0 };

	(void)state;
	envelope_make(DOCUMENT_ORG, "x", 1, &envelope);
	assert_true(keyset_verify(&keyset, &envelope, "org \"o\" version 3", &error) < 0);
	assert_int_equal(error.code, ERROR_SIG_THRESHOLD);
	assert_string_equal(error.text, "org \"o\" version 3: 0 of 2 required signatures are good");
	sign(&envelope, "A");
	assert_true(keyset_verify(&keyset, &envelope, "org \"o\" version 3", &error) < 0);
	assert_string_equal(error.text, "org \"o\" version 3: 1 of 2 required signatures are good");
	sign(&envelope, "C");
	assert_int_equal(keyset_verify(&keyset, &envelope, "org", NULL), 0);
}

/* One key that signs twice is one key, whatever it says its name is. */
static void repeated_signature_counts_once(void **state)
{
	CLEANUP(envelope_done) struct envelope envelope = { 0 };
	struct keyset keyset = keyset_of("AB", 2);
	struct signature_count count;
	struct error error = { 0 };

	(void)state;
	envelope_make(DOCUMENT_ORG, "x", 1, &envelope);
	sign(&envelope, "AB");
	envelope.signatures[1] = envelope.signatures[0];
	count = keyset_count_signatures(&keyset, &envelope);
	assert_int_equal(count.good, 1);
	assert_true(keyset_verify(&keyset, &envelope, "org", &error) < 0);
	assert_string_equal(error.text, "org: 1 of 2 required signatures are good");
}

static void signature_under_the_id_of_another_key_is_bad(void **state)
{
	CLEANUP(envelope_done) struct envelope envelope = { 0 };
	struct keyset keyset = keyset_of("A", 1);
	struct error error = { 0 };

	(void)state;
	envelope_make(DOCUMENT_ORG, "x", 1, &envelope);
	sign(&envelope, "B");
	assert_true(keyset_verify(&keyset, &envelope, "org", &error) < 0);
	assert_string_equal(error.text, "org: 0 of 1 required signatures are good "
					"(1 by unknown key 39f713d0...)");
	strcpy(envelope.signatures[0].keyid, "21fe31dfa154a261626bf854046fd227");
	assert_true(keyset_verify(&keyset, &envelope, "org", &error) < 0);
	assert_string_equal(error.text, "org: 0 of 1 required signatures are good (1 bad)");
	sign(&envelope, "B");
	assert_true(keyset_verify(&keyset, &envelope, "org", &error) < 0);
	assert_string_equal(error.text, "org: 0 of 1 required signatures are good "
					"(1 bad, 1 by unknown key 39f713d0...)");
}

static void repeat_first(struct envelope *envelope)
{
	struct signature signature = envelope->signatures[0];

	envelope->signatures = memory_grow(envelope->signatures, envelope->signatures_count + 1,
					   sizeof(signature));
	envelope->signatures[envelope->signatures_count++] = signature;
}

/*
 * A keyid is free for anybody to write. Were each of its signatures tried, a mirror without any key
 * could make a verifier compute as often as an envelope has room for.
 */
static void each_key_is_tried_once_in_an_envelope(void **state)
{
	CLEANUP(envelope_done) struct envelope envelope = { 0 };
	struct keyset keyset = keyset_of("AB", 1);
	struct signature_count count;

	(void)state;
	envelope_make(DOCUMENT_ORG, "x", 1, &envelope);
	sign(&envelope, "A");
	envelope.signatures[0].bytes[0] ^= 1;
	while (envelope.signatures_count < ENVELOPE_SIGNATURES_MAX)
		repeat_first(&envelope);
	count = keyset_count_signatures(&keyset, &envelope);
	assert_int_equal(count.bad, 1);
	/* The first one decides: a good one behind it is not tried, either. */
	envelope.signatures_count = 1;
	repeat_first(&envelope);
	envelope.signatures[1].bytes[0] ^= 1;
	count = keyset_count_signatures(&keyset, &envelope);
	assert_int_equal(count.good, 0);
	assert_int_equal(count.bad, 1);
	envelope.signatures[0].bytes[0] ^= 1;
	assert_int_equal(keyset_verify(&keyset, &envelope, "org", NULL), 0);
}

/* A bad signature is no reason to refuse once the threshold is met. */
static void bad_signature_beside_a_good_one_does_no_harm(void **state)
{
	CLEANUP(envelope_done) struct envelope envelope = { 0 };
	struct keyset keyset = keyset_of("AB", 1);

	(void)state;
	envelope_make(DOCUMENT_ORG, "x", 1, &envelope);
	sign(&envelope, "BA");
	envelope.signatures[0].bytes[0] ^= 1;
	assert_int_equal(keyset_verify(&keyset, &envelope, "org", NULL), 0);
}

static void signature_of_the_bare_body_or_of_another_type_is_bad(void **state)
{
	const struct crypto_signing_key key = test_signing_key('A');
	CLEANUP(envelope_done) struct envelope envelope = { 0 };
	struct keyset keyset = keyset_of("A", 1);

	(void)state;
	envelope_make(DOCUMENT_MESH, "{\"a\":1}", 7, &envelope);
	sign(&envelope, "A");
	assert_int_equal(keyset_verify(&keyset, &envelope, "mesh", NULL), 0);
	envelope.type = DOCUMENT_ORG;
	assert_true(keyset_verify(&keyset, &envelope, "org", NULL) < 0);
	crypto_ed25519_sign(key.seed, "{\"a\":1}", 7, envelope.signatures[0].bytes);
	envelope.type = DOCUMENT_MESH;
	assert_true(keyset_verify(&keyset, &envelope, "mesh", NULL) < 0);
}

/* R = identity and S = 0 is a good signature of every message under the identity as key. */
static void weak_key_never_verifies(void **state)
{
	CLEANUP(envelope_done) struct envelope envelope = { 0 };
	struct keyset keyset = { .count = 1, .threshold = 1, .keys = { { 1 } } };
	struct signature signature = { .bytes = { 1 } };

	(void)state;
	envelope_make(DOCUMENT_ORG, "x", 1, &envelope);
	sign(&envelope, "A");
	(void)crypto_keyid(keyset.keys[0], signature.keyid);
	envelope.signatures[0] = signature;
	assert_true(keyset_verify(&keyset, &envelope, "org", NULL) < 0);
}

static void threshold_of_zero_is_never_met(void **state)
{
	CLEANUP(envelope_done) struct envelope envelope = { 0 };
	struct keyset keyset = keyset_of("A", 0);

	(void)state;
	envelope_make(DOCUMENT_ORG, "x", 1, &envelope);
	assert_true(keyset_verify(&keyset, &envelope, "org", NULL) < 0);
	sign(&envelope, "A");
	assert_true(keyset_verify(&keyset, &envelope, "org", NULL) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_are_those_of_the_vectors),
		cmocka_unit_test(verified_digest_depends_on_keys_and_bytes),
		cmocka_unit_test(threshold_is_met_by_enough_keys),
		cmocka_unit_test(repeated_signature_counts_once),
		cmocka_unit_test(signature_under_the_id_of_another_key_is_bad),
		cmocka_unit_test(each_key_is_tried_once_in_an_envelope),
		cmocka_unit_test(bad_signature_beside_a_good_one_does_no_harm),
		cmocka_unit_test(signature_of_the_bare_body_or_of_another_type_is_bad),
		cmocka_unit_test(weak_key_never_verifies),
		cmocka_unit_test(threshold_of_zero_is_never_met),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
