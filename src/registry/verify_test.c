// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The order of steps and the floors. Attacks on signatures are in signature_test.c, the chain of
 * mesh documents in chain_test.c, time in freshness_test.c.
 */
#include "registry/test_verify.h"

#include "registry/test_support.h"

#include "base/file.h"
#include "base/memory.h"
#include "crypto/test_hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LAST_VERSION 9007199254740991 /* 2^53 - 1 */

static void verify_gives_the_registry_and_the_trust_it_leaves(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(3, 2);
	CLEANUP(verified_done) struct verified verified = { 0 };
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	const struct registry_origin *origin;
	struct error error = { 0 };
	uint8_t pin[KEY_SIZE];

	(void)state;
	if (test_verify(t, NULL, &warnings, &verified, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
	assert_true(verified.registry->is_signed);
	assert_int_equal(verified.registry->nodes_count, 6);
	assert_string_equal(verified.registry->nodes[2].id.organization, "org-2");
	origin = &verified.registry->origin;
	assert_string_equal(origin->mesh_name, "example");
	assert_int_equal(origin->mesh_version, 1);
	assert_int_equal(origin->manifest_version, 1);
	assert_string_equal(origin->expires_first, "manifest 1");
	assert_int_equal(origin->expires, TEST_NOW + 13 * DAY_SEC);
	assert_int_equal(verified.trust->mesh_version, 1);
	test_bundle_pin(t, 1, pin);
	assert_memory_equal(verified.trust->mesh_digest, pin, KEY_SIZE);
	assert_int_equal(verified.trust->manifest.version, 1);
	assert_int_equal(verified.trust->organizations_count, 3);
	assert_int_equal(verified.trust->last_seen, TEST_NOW - DAY_SEC);
	assert_int_equal(warnings.count, 0);
}

static void same_bundle_again_is_accepted_with_few_signatures(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(5, 1);
	CLEANUP(trust_free) struct trust *trust = test_accept(t, NULL);
	const struct verify_options options = { .trust = trust };
	CLEANUP(verified_done) struct verified verified = { 0 };
	CLEANUP(strbuf_done) struct strbuf before = { 0 }, after = { 0 };

	(void)state;
	assert_int_equal(test_verify(t, &options, NULL, &verified, NULL), 0);
	assert_int_equal(verified.signatures_checked, 1); /* the manifest's */
	trust_format(trust, &before);
	trust_format(verified.trust, &after);
	assert_string_equal(strbuf_text(&before), strbuf_text(&after));
}

static void older_manifest_is_refused(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	CLEANUP(trust_free) struct trust *trust = NULL;

	(void)state;
	t->manifest.version = 481;
	trust = test_accept(t, NULL);
	t->manifest.version = 479;
	test_refuse(t, trust, ERROR_ROLLBACK,
		    "manifest 479 is older than 481, which this node already accepted");
}

static void older_org_under_a_newer_manifest_is_refused(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(2, 1);
	CLEANUP(trust_free) struct trust *trust = NULL;

	(void)state;
	test_bundle_organization(t, 1)->document.version = 3;
	trust = test_accept(t, NULL);
	t->manifest.version = 2;
	test_bundle_organization(t, 1)->document.version = 2;
	test_refuse(t, trust, ERROR_ROLLBACK,
		    "org \"org-2\" 2 is older than 3, which this node already accepted");
}

static void same_version_with_other_bytes_is_refused(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(2, 1);
	CLEANUP(trust_free) struct trust *trust = test_accept(t, NULL);

	(void)state;
	t->manifest.expires = "2026-12-04T00:00:00Z";
	test_refuse(t, trust, ERROR_EQUIVOCATION, NULL);
	t->manifest.version = 2;
	test_bundle_organization(t, 0)->nodes_count = 2;
	test_refuse(t, trust, ERROR_EQUIVOCATION, NULL);
	test_bundle_organization(t, 0)->document.version = 2;
	trust_free(test_accept(t, trust));
}

static void refused_bundle_leaves_no_trace(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(2, 1);
	CLEANUP(trust_free) struct trust *trust = test_accept(t, NULL);
	CLEANUP(strbuf_done) struct strbuf before = { 0 }, after = { 0 };

	(void)state;
	trust_format(trust, &before);
	t->manifest.version = LAST_VERSION;
	test_bundle_organization(t, 1)->is_left_out = true;
	test_refuse(t, trust, ERROR_OMITTED,
		    "organization \"org-2\" is a member but not in the bundle");
	trust_format(trust, &after);
	assert_string_equal(strbuf_text(&before), strbuf_text(&after));
}

/* Specification, section 16.3: the thief used up all versions. */
static void new_manifest_key_drops_the_manifest_floor(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	CLEANUP(trust_free) struct trust *trust = NULL;

	(void)state;
	t->manifest.version = LAST_VERSION;
	trust = test_accept(t, NULL);
	t->manifest.version = 1;
	test_refuse(t, trust, ERROR_ROLLBACK, NULL);
	test_bundle_next_mesh(t)->manifest = test_role(5, 1, 1);
	trust_free(test_accept(t, trust));
	/* The thief's key is worth nothing any more. */
	t->manifest.version = 2;
	test_sign_by(&t->manifest, 1, (unsigned[]) { 2 });
	test_refuse(t, trust, ERROR_SIG_THRESHOLD, NULL);
}

static void new_threshold_drops_the_manifest_floor(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	CLEANUP(trust_free) struct trust *trust = NULL;

	(void)state;
	t->meshes[0].manifest = test_role(5, 2, 1);
	t->manifest.version = 9;
	trust = test_accept(t, NULL);
	test_bundle_next_mesh(t)->manifest = test_role(5, 2, 2);
	t->manifest.version = 1;
	trust_free(test_accept(t, trust));
}

static void new_org_key_drops_the_floor_of_its_org_only(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(2, 1);
	CLEANUP(trust_free) struct trust *trust = NULL;
	struct test_mesh *next;

	(void)state;
	test_bundle_organization(t, 0)->document.version = LAST_VERSION;
	test_bundle_organization(t, 1)->document.version = LAST_VERSION;
	trust = test_accept(t, NULL);
	next = test_bundle_next_mesh(t);
	next->organizations[0].role = test_role(7, 1, 1);
	test_revoke_signing_key(next, 100, "stolen");
	t->manifest.version = 2;
	next->organizations[0].document.version = 1;
	trust_free(test_accept(t, trust));
	next->organizations[1].document.version = 1;
	test_refuse(t, trust, ERROR_ROLLBACK, NULL);
}

static void expired_documents_are_refused_but_still_run(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(2, 1);
	struct verify_options options = { .was_accepted = true, .clock = TEST_NOW };
	static const char *const past = "2026-11-21T12:00:00Z";
	struct test_document *documents[] = { &t->meshes[0].document, &t->manifest,
					      &test_bundle_organization(t, 1)->document };
	static const char *const names[] = { "mesh 1", "manifest 1", "org \"org-2\"" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(documents); i++) {
		CLEANUP(verified_done) struct verified verified = { 0 };
		const char *before = documents[i]->expires;
		char text[160];

		documents[i]->expires = past;
		(void)snprintf(text, sizeof(text),
			       "%s expired %s (now 2026-11-22T00:00:00Z); possible freeze attack "
			       "or late publisher",
			       names[i], past);
		test_refuse(t, NULL, ERROR_EXPIRED, text);
		assert_int_equal(test_verify(t, &options, NULL, &verified, NULL), 0);
		assert_string_equal(verified.registry->origin.expires_first, names[i]);
		documents[i]->expires = before;
	}
}

static void documents_from_the_future_are_refused(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	const struct verify_options old_clock = { .clock = 86400 };
	CLEANUP(verified_done) struct verified verified = { 0 };

	(void)state;
	t->manifest.issued = "2036-11-22T00:00:00Z";
	t->manifest.expires = "2036-11-29T00:00:00Z";
	test_refuse(t, NULL, ERROR_FUTURE, NULL);
	assert_int_equal(test_verify(t, &old_clock, NULL, &verified, NULL), 0);
}

static void manifest_may_not_live_longer_than_the_mesh_allows(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);

	(void)state;
	t->manifest.issued = "2026-11-21T00:00:00Z";
	t->manifest.expires = "2027-02-19T00:00:00Z"; /* 90 days, the default */
	trust_free(test_accept(t, NULL));
	t->manifest.expires = "2027-02-19T00:00:01Z";
	test_refuse(t, NULL, ERROR_EXPIRED, "manifest 1 is valid for 91 days; this mesh allows 90");
	t->meshes[0].manifest_max_days = 366;
	trust_free(test_accept(t, NULL));
}

static void expiry_is_announced_three_days_before(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	const struct verify_options before = { .clock = TEST_NOW + 10 * DAY_SEC - 1 };
	const struct verify_options after = { .clock = TEST_NOW + 11 * DAY_SEC };
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	CLEANUP(verified_done) struct verified verified = { 0 };

	(void)state;
	assert_int_equal(test_verify(t, &before, &warnings, &verified, NULL), 0);
	assert_int_equal(warnings.count, 0);
	verified_done(&verified);
	assert_int_equal(test_verify(t, &after, &warnings, &verified, NULL), 0);
	assert_int_equal(warnings.count, 1);
	assert_string_equal(warnings.items[0].code, "W04");
	assert_string_equal(warnings.items[0].text, "manifest 1 expires in 2 days");
}

static void clock_of_1970_is_told_and_does_not_count(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	CLEANUP(trust_free) struct trust *trust = test_accept(t, NULL);
	const struct verify_options options = { .trust = trust, .clock = 1 };
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	CLEANUP(verified_done) struct verified verified = { 0 };

	(void)state;
	assert_int_equal(test_verify(t, &options, &warnings, &verified, NULL), 0);
	assert_int_equal(test_warnings_count(&warnings, "W06"), 1);
}

/* The mesh document that the manifest names must be the newest of the bundle. */
static void manifest_of_another_mesh_version_is_refused(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	CLEANUP(test_bundle_free) struct test_bundle *later = test_bundle_new(1, 1);
	struct bundle *bundle = test_bundle_build(t), *newer;
	struct verify_options options = { 0 };
	uint8_t pin[KEY_SIZE];
	struct envelope manifest;

	(void)state;
	(void)test_bundle_next_mesh(later);
	newer = test_bundle_build(later);
	manifest = newer->envelopes[2];
	newer->envelopes[2] = bundle->envelopes[1];
	bundle->envelopes[1] = manifest;
	bundle_free(bundle);
	test_bundle_pin(t, 1, pin);
	options.mesh_sha256 = pin;
	test_refuse_bundle(newer, &options, ERROR_HASH, NULL);
}

struct replacement {
	enum document_type type;
	const char *from;
	const char *to;
};

static void replace(void *userdata, enum document_type type, const char *name,
		    struct strbuf *payload)
{
	const struct replacement *replacement = userdata;

	(void)name;
	if (type == replacement->type)
		test_replace(payload, replacement->from, replacement->to);
}

static void documents_that_do_not_agree_are_refused(void **state)
{
	static struct {
		struct replacement replacement;
		enum error_code code;
		const char *text;
	} cases[] = {
		{ { DOCUMENT_MANIFEST, TEST_MESH_ID, "77aa0000000000000000000000000000" },
		  ERROR_MESH,
		  "manifest 1 belongs to mesh 77aa00000000..., this node is in mesh "
		  "3f1c00000000... (example)" },
		{ { DOCUMENT_ORG, TEST_MESH_ID, "77aa0000000000000000000000000000" },
		  ERROR_MESH,
		  "org \"org-1\" belongs to mesh 77aa00000000..., this node is in mesh "
		  "3f1c00000000... (example)" },
		{ { DOCUMENT_ORG, "aronet.org", "aronet.mesh" }, ERROR_ENVELOPE, NULL },
		{ { DOCUMENT_MANIFEST, "aronet.manifest", "aronet.org" }, ERROR_ENVELOPE, NULL },
		{ { DOCUMENT_MESH, "aronet.mesh", "aronet.org" }, ERROR_ENVELOPE, NULL },
		{ { DOCUMENT_ORG, "\"spec\":1", "\"spec\":2" }, ERROR_TYPE, NULL },
		{ { DOCUMENT_ORG, "\"organization\":\"org-1\"", "\"organization\":\"org-9\"" },
		  ERROR_HASH,
		  "org \"org-1\": the manifest names the document of \"org-9\" for it" },
		{ { DOCUMENT_ORG, "\"version\":1", "\"version\":2" },
		  ERROR_HASH,
		  "org \"org-1\": version 2 does not match the manifest (1)" },
		{ { DOCUMENT_MANIFEST, "\"organization\":\"org-1\"", "\"organization\":\"org-0\"" },
		  ERROR_HASH,
		  "manifest 1 lists organization \"org-0\", which is not a member of mesh 1" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);

		t->edit = replace;
		t->userdata = &cases[i].replacement;
		test_refuse(t, NULL, cases[i].code, cases[i].text);
	}
}

static void lie_about_size(void *userdata, enum document_type type, const char *name,
			   struct strbuf *payload)
{
	char *size, *end;

	(void)userdata;
	(void)name;
	if (type != DOCUMENT_MANIFEST)
		return;
	size = strstr(strstr(payload->bytes, "organizations"), "\"size\":") + strlen("\"size\":");
	end = size + strspn(size, "0123456789");
	end[-1] = end[-1] == '1' ? '2' : '1';
}

static void wrong_size_is_refused(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);

	(void)state;
	t->edit = lie_about_size;
	test_refuse(t, NULL, ERROR_HASH, NULL);
}

/* Takes the envelope at @index out of @bundle. */
static struct envelope take_out(struct bundle *bundle, size_t index)
{
	struct envelope envelope = bundle->envelopes[index];

	memmove(&bundle->envelopes[index], &bundle->envelopes[index + 1],
		(bundle->count - index - 1) * sizeof(envelope));
	bundle->count--;
	return envelope;
}

static void expect_refused(struct test_bundle *t, struct bundle *bundle, enum error_code code,
			   const char *text)
{
	uint8_t pin[KEY_SIZE];
	const struct verify_options options = { .mesh_sha256 = pin };

	test_bundle_pin(t, 1, pin);
	test_refuse_bundle(bundle, &options, code, text);
}

static void envelopes_and_manifest_must_fit_together(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(3, 1);
	CLEANUP(test_bundle_free) struct test_bundle *other = test_bundle_new(3, 2);
	struct bundle *bundle = test_bundle_build(t);
	struct envelope left;

	(void)state;
	left = take_out(bundle, 3);
	expect_refused(t, bundle, ERROR_OMITTED,
		       "organization \"org-2\" is a member but not in the bundle");
	/* One too many. */
	bundle = test_bundle_build(t);
	*ARRAY_APPEND(bundle->envelopes, bundle->count) = left;
	expect_refused(t, bundle, ERROR_HASH, NULL);
	/* One in the place of another. */
	bundle = test_bundle_build(other);
	left = take_out(bundle, 3);
	bundle_free(bundle);
	bundle = test_bundle_build(t);
	envelope_done(&bundle->envelopes[3]);
	bundle->envelopes[3] = left;
	expect_refused(t, bundle, ERROR_HASH, NULL);
}

static void member_may_not_be_left_out(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(3, 1);

	(void)state;
	test_bundle_organization(t, 1)->is_left_out_of_manifest = true;
	test_refuse(t, NULL, ERROR_OMITTED,
		    "organization \"org-2\" is a member but not in the bundle");
}

static void suspended_member_has_no_nodes_and_may_be_left_out(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(2, 2);
	CLEANUP(trust_free) struct trust *trust = test_accept(t, NULL);
	CLEANUP(verified_done) struct verified verified = { 0 };
	struct verify_options options = { .trust = trust };
	struct test_organization *second;

	(void)state;
	(void)test_bundle_next_mesh(t);
	second = test_bundle_organization(t, 1);
	second->is_suspended = true;
	t->manifest.version = 2;
	assert_int_equal(test_verify(t, &options, NULL, &verified, NULL), 0);
	assert_int_equal(verified.registry->nodes_count, 2);
	verified_done(&verified);
	second->is_left_out_of_manifest = true;
	assert_int_equal(test_verify(t, &options, NULL, &verified, NULL), 0);
	assert_int_equal(verified.registry->nodes_count, 2);
	/* Its floor stays. */
	assert_int_equal(trust_find_organization(verified.trust, "org-2")->floor.version, 1);
}

static void former_member_leaves_no_floor(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(2, 1);
	CLEANUP(trust_free) struct trust *first = test_accept(t, NULL);
	CLEANUP(trust_free) struct trust *second = NULL;

	(void)state;
	test_bundle_next_mesh(t)->organizations_count = 1;
	t->manifest.version = 2;
	second = test_accept(t, first);
	assert_int_equal(second->organizations_count, 1);
}

static void empty_registry_must_be_meant(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *none = test_bundle_new(0, 0);
	CLEANUP(test_bundle_free) struct test_bundle *empty = test_bundle_new(2, 0);
	const struct verify_options meant = { .allow_empty = true };
	const struct verify_options running = { .nodes_before = 42 };
	CLEANUP(verified_done) struct verified verified = { 0 };
	struct error error = { 0 };

	(void)state;
	test_refuse(none, NULL, ERROR_OMITTED,
		    "would remove all nodes; pass --allow-empty if that is meant");
	assert_true(test_verify(empty, &running, NULL, &verified, &error) < 0);
	assert_int_equal(error.code, ERROR_OMITTED);
	assert_string_equal(error.text,
			    "would remove all 42 nodes; pass --allow-empty if that is meant");
	assert_int_equal(test_verify(none, &meant, NULL, &verified, NULL), 0);
	assert_int_equal(verified.registry->nodes_count, 0);
}

/* Organizations without nodes beside others are nothing special. */
static void empty_organization_is_accepted(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(2, 1);

	(void)state;
	test_bundle_organization(t, 1)->nodes_count = 0;
	trust_free(test_accept(t, NULL));
}

static void last_seen_only_grows(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	CLEANUP(trust_free) struct trust *first = test_accept(t, NULL);
	CLEANUP(trust_free) struct trust *second = NULL;
	CLEANUP(trust_free) struct trust *third = NULL;

	(void)state;
	t->manifest.version = 2;
	t->manifest.issued = "2026-11-21T18:00:00Z";
	second = test_accept(t, first);
	assert_int_equal(second->last_seen, TEST_NOW - 6 * 3600);
	t->manifest.version = 3;
	t->manifest.issued = "2026-11-21T06:00:00Z";
	third = test_accept(t, second);
	assert_int_equal(third->last_seen, TEST_NOW - 6 * 3600);
}

/* The complete home bundle of the specification, section 15.2: all three signed by key A. */
static void add_home_document(struct bundle *bundle, enum document_type type, const char *file)
{
	struct envelope *envelope = ARRAY_APPEND(bundle->envelopes, bundle->count);
	CLEANUP(free) char *payload = NULL;
	struct crypto_signing_key key;
	struct error error = { 0 };
	size_t size;

	if (file_read(file, DOCUMENT_SIZE_MAX, &payload, &size, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
	envelope_make(type, payload, size, envelope);
	test_bundle_key(1, &key);
	assert_int_equal(envelope_sign(envelope, &key), 0);
}

static struct bundle *home_bundle(uint8_t pin[KEY_SIZE])
{
	struct bundle *bundle = NEW(struct bundle);

	add_home_document(bundle, DOCUMENT_MESH, GOLDEN_DIRECTORY "/home/mesh.json");
	add_home_document(bundle, DOCUMENT_MANIFEST, GOLDEN_DIRECTORY "/home/manifest.json");
	add_home_document(bundle, DOCUMENT_ORG, GOLDEN_DIRECTORY "/home/org.json");
	bundle->meshes_count = 1;
	test_from_hex("08ddc62f8eba6b6177f379f3a0fff3358804115f21e07374fb29345b61261028", pin);
	return bundle;
}

static void bundle_of_the_specification_verifies(void **state)
{
	uint8_t pin[KEY_SIZE];
	CLEANUP(bundle_free) struct bundle *bundle = home_bundle(pin);
	CLEANUP(verified_done) struct verified verified = { 0 };
	struct verify_options options = { .mesh_sha256 = pin, .clock_is_given = true };
	struct error error = { 0 };
	char hex[2 * KEY_SIZE + 1];

	(void)state;
	options.clock = 1796083200; /* 2026-12-01T00:00:00Z */
	if (registry_verify(bundle, &options, NULL, &verified, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
	assert_int_equal(verified.registry->origin.manifest_version, 1);
	assert_int_equal(verified.registry->nodes_count, 2);
	assert_string_equal(test_to_hex(verified.trust->manifest.keyset, hex),
			    "f4bb323472fcf579ab2063c5f5138dcfad9e8a2a7dfc0be28e2f4a217b25873c");
	options.clock = 1827619200; /* 2027-12-01T00:00:00Z */
	test_refuse_bundle(home_bundle(pin), &options, ERROR_EXPIRED,
			   "mesh 1 expired 2027-11-21T00:00:00Z (now 2027-12-01T00:00:00Z); "
			   "possible freeze attack or late publisher");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bundle_of_the_specification_verifies),
		cmocka_unit_test(verify_gives_the_registry_and_the_trust_it_leaves),
		cmocka_unit_test(same_bundle_again_is_accepted_with_few_signatures),
		cmocka_unit_test(older_manifest_is_refused),
		cmocka_unit_test(older_org_under_a_newer_manifest_is_refused),
		cmocka_unit_test(same_version_with_other_bytes_is_refused),
		cmocka_unit_test(refused_bundle_leaves_no_trace),
		cmocka_unit_test(new_manifest_key_drops_the_manifest_floor),
		cmocka_unit_test(new_threshold_drops_the_manifest_floor),
		cmocka_unit_test(new_org_key_drops_the_floor_of_its_org_only),
		cmocka_unit_test(expired_documents_are_refused_but_still_run),
		cmocka_unit_test(documents_from_the_future_are_refused),
		cmocka_unit_test(manifest_may_not_live_longer_than_the_mesh_allows),
		cmocka_unit_test(expiry_is_announced_three_days_before),
		cmocka_unit_test(clock_of_1970_is_told_and_does_not_count),
		cmocka_unit_test(manifest_of_another_mesh_version_is_refused),
		cmocka_unit_test(documents_that_do_not_agree_are_refused),
		cmocka_unit_test(wrong_size_is_refused),
		cmocka_unit_test(envelopes_and_manifest_must_fit_together),
		cmocka_unit_test(member_may_not_be_left_out),
		cmocka_unit_test(suspended_member_has_no_nodes_and_may_be_left_out),
		cmocka_unit_test(former_member_leaves_no_floor),
		cmocka_unit_test(empty_registry_must_be_meant),
		cmocka_unit_test(empty_organization_is_accepted),
		cmocka_unit_test(last_seen_only_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
