// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/test_verify.h"

#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A mesh whose versions are signed by key 1, then 11, 12, ... each by the old and the new one. */
static struct test_bundle *rotated(unsigned versions)
{
	struct test_bundle *t = test_bundle_new(1, 1);

	for (unsigned i = 1; i < versions; i++)
		test_bundle_next_mesh(t)->mesh = test_role(10 + i, 1, 1);
	return t;
}

static void assert_accepted(struct test_bundle *t, const struct trust *before, uint64_t version)
{
	CLEANUP(trust_free) struct trust *trust = test_accept(t, before);
	uint8_t key[KEY_SIZE];

	assert_int_equal(trust->mesh_version, version);
	assert_int_equal(trust->mesh_keys.count, test_bundle_newest_mesh(t)->mesh.count);
	assert_memory_equal(trust->mesh_keys.keys[0],
			    test_public_key(test_bundle_newest_mesh(t)->mesh.keys[0], key),
			    KEY_SIZE);
}

static void chain_starts_from_the_pin(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = rotated(3);
	uint8_t pin[KEY_SIZE];

	(void)state;
	for (size_t version = 1; version <= 3; version++) {
		const struct verify_options options = { .mesh_sha256 = pin };
		CLEANUP(verified_done) struct verified verified = { 0 };
		struct error error = { 0 };

		test_bundle_pin(t, version, pin);
		if (test_verify(t, &options, NULL, &verified, &error) < 0)
			fail_msg("%s", error.text);
		assert_int_equal(verified.trust->mesh_version, 3);
	}
}

static void chain_needs_a_pin(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = rotated(2);
	const uint8_t other[KEY_SIZE] = { 0x9f };
	const struct verify_options pinned = { .mesh_sha256 = other };

	(void)state;
	test_refuse_bundle(test_bundle_build(t), NULL, ERROR_MESH_PIN,
			   "this node has no pinned mesh; see aronet registry trust");
	test_refuse_bundle(test_bundle_build(t), &pinned, ERROR_MESH_PIN,
			   "no mesh document in this bundle matches the pinned mesh_sha256 "
			   "9f0000000000...");
}

static void chain_goes_on_from_what_was_accepted(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = rotated(1);
	CLEANUP(trust_free) struct trust *first = test_accept(t, NULL);

	(void)state;
	test_bundle_next_mesh(t)->mesh = test_role(11, 1, 1);
	assert_accepted(t, first, 2);
	/* The accepted version itself need not be in the bundle. */
	t->meshes[0].is_left_out = true;
	assert_accepted(t, first, 2);
}

static void chain_follows_40_rotations_in_one_load(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *first = rotated(1);
	CLEANUP(trust_free) struct trust *trust = test_accept(first, NULL);
	CLEANUP(test_bundle_free) struct test_bundle *t = rotated(41);

	(void)state;
	assert_accepted(t, trust, 41);
	assert_accepted(t, NULL, 41);
}

static void chain_skips_versions_without_a_change_of_keys(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	CLEANUP(trust_free) struct trust *first = test_accept(t, NULL);

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		test_bundle_next_mesh(t)->manifest_max_days = 30 + i;
	for (unsigned i = 1; i < 5; i++)
		t->meshes[i].is_left_out = true;
	assert_accepted(t, first, 6);
	assert_accepted(t, NULL, 6);
}

static void chain_misses_a_change_of_keys(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = rotated(3);

	(void)state;
	t->meshes[1].is_left_out = true;
	test_refuse(t, NULL, ERROR_MESH_CHAIN,
		    "mesh 3 is not signed by the keys of mesh 1; a version between them is "
		    "missing");
}

static void chain_refuses_a_version_twice(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	struct test_mesh *twin;

	(void)state;
	(void)test_bundle_next_mesh(t);
	twin = test_bundle_next_mesh(t);
	twin->document.version = 2;
	twin->manifest_max_days = 7;
	test_refuse(t, NULL, ERROR_EQUIVOCATION, NULL);
}

static void chain_refuses_other_bytes_of_the_accepted_version(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	CLEANUP(trust_free) struct trust *first = test_accept(t, NULL);
	CLEANUP(trust_free) struct trust *second = NULL;

	(void)state;
	(void)test_bundle_next_mesh(t);
	second = test_accept(t, first);
	test_bundle_newest_mesh(t)->manifest_max_days = 7;
	test_refuse(t, second, ERROR_EQUIVOCATION, NULL);
	/* Not even signed by those who could: no news about them. */
	test_sign_by(&test_bundle_newest_mesh(t)->document, 1, (unsigned[]) { 3 });
	test_refuse(t, second, ERROR_SIG_THRESHOLD, NULL);
}

static void cut_prev(void *userdata, enum document_type type, const char *name,
		     struct strbuf *payload)
{
	char *prev = type == DOCUMENT_MESH ? strstr(payload->bytes, "\"prev\":\"") : NULL;

	(void)userdata;
	(void)name;
	if (prev)
		memset(prev + strlen("\"prev\":\""), '0', 16);
}

static void chain_refuses_another_predecessor(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = rotated(2);

	(void)state;
	t->edit = cut_prev;
	test_refuse(t, NULL, ERROR_MESH_CHAIN, NULL);
	/* A step over a version says nothing about what it skips. */
	test_bundle_newest_mesh(t)->document.version = 3;
	assert_accepted(t, NULL, 3);
}

static void chain_needs_the_old_keys_and_the_new_ones(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = rotated(2);

	(void)state;
	test_sign_by(&t->meshes[1].document, 1, (unsigned[]) { 1 });
	test_refuse(t, NULL, ERROR_SIG_THRESHOLD,
		    "mesh 2: 0 of 1 required signatures are good (1 by unknown key 21fe31df...)");
	test_sign_by(&t->meshes[1].document, 1, (unsigned[]) { 11 });
	test_refuse(t, NULL, ERROR_SIG_THRESHOLD, NULL);
	test_sign_by(&t->meshes[1].document, 2, (unsigned[]) { 11, 1 });
	assert_accepted(t, NULL, 2);
}

static void chain_counts_both_thresholds(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	/* One of three is replaced by another: 20 stays, 21 stays, 22 goes, 30 comes. */
	static const struct {
		unsigned keys[4];
		unsigned count;
		bool is_enough;
	} cases[] = {
		{ { 20, 21 }, 2, true },  { { 20, 22, 30 }, 3, true }, { { 20, 30 }, 2, false },
		{ { 22, 30 }, 2, false }, { { 20, 22 }, 2, false },    { { 20 }, 1, false },
	};

	(void)state;
	t->meshes[0].mesh = test_role(20, 3, 2);
	test_bundle_next_mesh(t)->mesh.keys[2] = 30;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		test_sign_by(&t->meshes[1].document, cases[i].count, cases[i].keys);
		if (cases[i].is_enough)
			assert_accepted(t, NULL, 2);
		else
			test_refuse(t, NULL, ERROR_SIG_THRESHOLD, NULL);
	}
}

static void chain_never_goes_back(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = rotated(1);
	CLEANUP(trust_free) struct trust *first = test_accept(t, NULL);
	CLEANUP(trust_free) struct trust *second = NULL;
	CLEANUP(test_bundle_free) struct test_bundle *newer = rotated(2);

	(void)state;
	second = test_accept(newer, first);
	test_refuse(t, second, ERROR_ROLLBACK,
		    "mesh 1 is older than 2, which this node already accepted");
	/* The same where no change of keys tells the versions apart. */
	newer->meshes[1].mesh = newer->meshes[0].mesh;
	trust_free(second);
	second = test_accept(newer, first);
	test_refuse(t, second, ERROR_ROLLBACK, NULL);
}

static void chain_refuses_another_mesh(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = rotated(2);
	CLEANUP(trust_free) struct trust *trust = test_accept(t, NULL);
	CLEANUP(test_bundle_free) struct test_bundle *other = rotated(1);

	(void)state;
	other->mesh_id = "77aa000000000000000000000000bb02";
	other->meshes[0].mesh = test_role(50, 1, 1);
	test_refuse(other, trust, ERROR_MESH,
		    "mesh 1 belongs to mesh 77aa00000000..., this node is in mesh "
		    "3f1c00000000...");
	/* Even if our own keys signed it. */
	other->meshes[0].mesh = test_role(11, 1, 1);
	test_refuse(other, trust, ERROR_MESH, NULL);
}

/* Three records of one document, which only damage or a hand can make disagree. */
static void chain_refuses_a_record_that_contradicts_itself(void **state)
{
	static const char text[] =
		"the trust state does not agree with itself: its hash is that of mesh 2, its "
		"version, mesh_id or keys are not; see aronet registry reset-trust";
	CLEANUP(test_bundle_free) struct test_bundle *t = rotated(2);
	CLEANUP(trust_free) struct trust *trust = test_accept(t, NULL);
	const struct trust good = *trust;

	(void)state;
	trust->mesh_id[0] ^= 1;
	test_refuse(t, trust, ERROR_STATE_CORRUPT, text);
	*trust = good;
	trust->mesh_version = 1;
	test_refuse(t, trust, ERROR_STATE_CORRUPT, text);
	*trust = good;
	test_public_key(9, trust->mesh_keys.keys[0]);
	test_refuse(t, trust, ERROR_STATE_CORRUPT, text);
	*trust = good;
	assert_accepted(t, trust, 2);
}

static void spoil_json(void *userdata, enum document_type type, const char *name,
		       struct strbuf *payload)
{
	(void)userdata;
	(void)name;
	if (type == DOCUMENT_MESH && strstr(payload->bytes, "\"version\":2"))
		test_replace(payload, "{", "");
}

static void chain_reads_only_what_is_authentic(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = rotated(2);

	(void)state;
	t->edit = spoil_json;
	test_refuse(t, NULL, ERROR_SYNTAX, NULL);
	test_sign_by(&t->meshes[1].document, 1, (unsigned[]) { 3 });
	test_refuse(t, NULL, ERROR_SIG_THRESHOLD, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chain_starts_from_the_pin),
		cmocka_unit_test(chain_needs_a_pin),
		cmocka_unit_test(chain_goes_on_from_what_was_accepted),
		cmocka_unit_test(chain_follows_40_rotations_in_one_load),
		cmocka_unit_test(chain_skips_versions_without_a_change_of_keys),
		cmocka_unit_test(chain_misses_a_change_of_keys),
		cmocka_unit_test(chain_refuses_a_version_twice),
		cmocka_unit_test(chain_refuses_other_bytes_of_the_accepted_version),
		cmocka_unit_test(chain_refuses_another_predecessor),
		cmocka_unit_test(chain_needs_the_old_keys_and_the_new_ones),
		cmocka_unit_test(chain_counts_both_thresholds),
		cmocka_unit_test(chain_never_goes_back),
		cmocka_unit_test(chain_refuses_another_mesh),
		cmocka_unit_test(chain_refuses_a_record_that_contradicts_itself),
		cmocka_unit_test(chain_reads_only_what_is_authentic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
