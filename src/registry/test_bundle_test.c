// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/test_bundle.h"

#include "crypto/test_hex.h"
#include "json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct bundle *must_parse(const char *text, size_t size)
{
	struct bundle *bundle = NULL;
	struct error error = { 0 };

	if (bundle_parse(text, size, "test", &bundle, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
	return bundle;
}

static struct keyset keyset_of(const struct test_role *role)
{
	struct keyset keyset = { .count = role->count, .threshold = role->threshold };

	for (unsigned i = 0; i < role->count; i++)
		(void)test_public_key(role->keys[i], keyset.keys[i]);
	return keyset;
}

static void assert_signed(const struct envelope *envelope, const struct test_role *role)
{
	struct keyset keyset = keyset_of(role);
	struct error error = { 0 };

	if (keyset_verify(&keyset, envelope, "document", &error) < 0)
		fail_msg("%s", error.text);
}

static void assert_json(const struct envelope *envelope)
{
	CLEANUP(json_document_free) struct json_document *document = NULL;
	struct error error = { 0 };

	if (json_document_parse(envelope->payload, envelope->payload_size, JSON_STRICT, "payload",
				&document, &error) < 0)
		fail_msg("%s: %s\n%s", error.place, error.text, envelope->payload);
}

static void description_gives_the_same_bytes_each_time(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(3, 2);
	CLEANUP(test_bundle_free) struct test_bundle *again = test_bundle_new(3, 2);
	size_t size, again_size;
	CLEANUP(free) char *text = test_bundle_text(t, &size);
	CLEANUP(free) char *again_text = test_bundle_text(again, &again_size);

	(void)state;
	assert_int_equal(size, again_size);
	assert_memory_equal(text, again_text, size);
}

static void every_document_is_json_and_signed(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(12, 3);
	CLEANUP(free) char *text = NULL;
	CLEANUP(bundle_free) struct bundle *bundle = NULL;
	size_t size;

	(void)state;
	t->meshes[0].mesh = test_role(10, 3, 2);
	test_bundle_next_mesh(t)->mesh = test_role(20, 1, 1);
	text = test_bundle_text(t, &size);
	bundle = must_parse(text, size);
	assert_int_equal(bundle->meshes_count, 2);
	assert_int_equal(bundle->count, 2 + 1 + 12);
	for (size_t i = 0; i < bundle->count; i++)
		assert_json(&bundle->envelopes[i]);
	assert_signed(&bundle->envelopes[0], &t->meshes[0].mesh);
	assert_signed(&bundle->envelopes[1], &t->meshes[0].mesh);
	assert_signed(&bundle->envelopes[1], &t->meshes[1].mesh);
	assert_signed(&bundle->envelopes[2], &t->meshes[1].manifest);
	assert_non_null(strstr(bundle->envelopes[4].payload, "\"org-10\"")); /* bytewise order */
	assert_signed(&bundle->envelopes[4], &test_bundle_organization(t, 9)->role);
}

static void older_documents_stay_as_they_are(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	uint8_t pin[KEY_SIZE], later[KEY_SIZE];
	char hex[2 * KEY_SIZE + 1];
	struct test_mesh *next;
	size_t size;

	(void)state;
	test_bundle_pin(t, 1, pin);
	next = test_bundle_next_mesh(t);
	test_revoke_signing_key(next, 100, "lost");
	next->organizations[0].role = test_role(7, 1, 1);
	test_bundle_pin(t, 1, later);
	assert_memory_equal(pin, later, KEY_SIZE);
	CLEANUP(free) char *payload = test_bundle_mesh_payload(t, 2, &size);
	assert_int_equal(strlen(payload), size);
	assert_non_null(strstr(payload, test_to_hex(pin, hex)));
	assert_non_null(strstr(payload, "\"reason\":\"lost\""));
}

static void spoil(void *userdata, enum document_type type, const char *name, struct strbuf *payload)
{
	(void)userdata;
	if (type == DOCUMENT_ORG && !strcmp(name, "org-2"))
		test_replace(payload, "node-1", "node-9");
}

static void edited_documents_are_hashed_and_signed(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(2, 1);
	CLEANUP(bundle_free) struct bundle *bundle = NULL;
	char hex[2 * KEY_SIZE + 1];

	(void)state;
	t->edit = spoil;
	bundle = test_bundle_build(t);
	assert_non_null(strstr(bundle->envelopes[2].payload, "node-1"));
	assert_non_null(strstr(bundle->envelopes[3].payload, "node-9"));
	assert_signed(&bundle->envelopes[3], &test_bundle_organization(t, 1)->role);
	assert_non_null(strstr(bundle->envelopes[1].payload,
			       test_to_hex(bundle->envelopes[3].digest, hex)));
}

static void signers_can_be_chosen_and_documents_left_out(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(2, 1);
	CLEANUP(bundle_free) struct bundle *bundle = NULL;

	(void)state;
	test_sign_by(&t->manifest, 0, NULL);
	test_sign_by(&test_bundle_organization(t, 0)->document, 2, (unsigned[]) { 5, 6 });
	test_bundle_organization(t, 1)->is_left_out = true;
	bundle = test_bundle_build(t);
	assert_int_equal(bundle->count, 3);
	assert_int_equal(bundle->envelopes[1].signatures_count, 0);
	assert_int_equal(bundle->envelopes[2].signatures_count, 2);
	assert_non_null(strstr(bundle->envelopes[1].payload, "org-2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(description_gives_the_same_bytes_each_time),
		cmocka_unit_test(every_document_is_json_and_signed),
		cmocka_unit_test(older_documents_stay_as_they_are),
		cmocka_unit_test(edited_documents_are_hashed_and_signed),
		cmocka_unit_test(signers_can_be_chosen_and_documents_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
