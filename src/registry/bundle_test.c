// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/bundle.h"

#include "base/memory.h"
#include "registry/test_support.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* "mmMoo": two mesh documents, a manifest, two organizations; signed by key A. */
static struct bundle *bundle_of(const char *letters, size_t payload_size)
{
	static const char kinds[] = "mMor";
	static const enum document_type types[] = { DOCUMENT_MESH, DOCUMENT_MANIFEST, DOCUMENT_ORG,
						    DOCUMENT_REQUEST };
	const struct crypto_signing_key key = test_signing_key('A');
	CLEANUP(free) char *payload = memory_zalloc(payload_size, 1);
	struct bundle *bundle = NEW(struct bundle);

	for (; *letters; letters++) {
		struct envelope *envelope = ARRAY_APPEND(bundle->envelopes, bundle->count);

		payload[0] = (char)bundle->count;
		envelope_make(types[strchr(kinds, *letters) - kinds], payload, payload_size,
			      envelope);
		assert_int_equal(envelope_sign(envelope, &key), 0);
	}
	return bundle;
}

static int parse(const struct strbuf *text, struct bundle **ret, struct error *error)
{
	return bundle_parse(text->bytes, text->length, "registry.json", ret, error);
}

/* Payloads are longer than any other string may be. */
static void written_bundle_is_read_back(void **state)
{
	CLEANUP(bundle_free) struct bundle *written = bundle_of("mmMoo", 10000), *read = NULL;
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	(void)state;
	bundle_format(written, &text);
	assert_int_equal(parse(&text, &read, NULL), 0);
	assert_int_equal(read->count, 5);
	assert_int_equal(read->meshes_count, 2);
	for (size_t i = 0; i < read->count; i++) {
		assert_int_equal(read->envelopes[i].type, written->envelopes[i].type);
		assert_int_equal(read->envelopes[i].payload_size, 10000);
		assert_memory_equal(read->envelopes[i].digest, written->envelopes[i].digest,
				    KEY_SIZE);
	}
}

static void other_orders_are_refused(void **state)
{
	static const struct {
		const char *letters, *text;
	} rows[] = {
		{ "M", "0 mesh documents and 1 manifests; expected at least one and exactly one" },
		{ "m", "1 mesh documents and 0 manifests; expected at least one and exactly one" },
		{ "mMM",
		  "1 mesh documents and 2 manifests; expected at least one and exactly one" },
		{ "moM", "envelope 2 is of type application/vnd.aronet.manifest.v1+json and out of "
			 "order; expected mesh documents, one manifest, organizations" },
		{ "Mm", "envelope 1 is of type application/vnd.aronet.mesh.v1+json and out of "
			"order; expected mesh documents, one manifest, organizations" },
		{ "mMr", "envelope 2 is of type application/vnd.aronet.request.v1+json and out of "
			 "order; expected mesh documents, one manifest, organizations" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(bundle_free) struct bundle *bundle = bundle_of(rows[i].letters, 3);
		CLEANUP(strbuf_done) struct strbuf text = { 0 };
		struct bundle *read = NULL;
		struct error error = { 0 };

		bundle_format(bundle, &text);
		assert_true(parse(&text, &read, &error) < 0);
		assert_null(read);
		assert_int_equal(error.code, ERROR_ENVELOPE);
		assert_string_equal(error.text, rows[i].text);
	}
}

static void nothing_cut_off_is_a_bundle(void **state)
{
	CLEANUP(bundle_free) struct bundle *bundle = bundle_of("mMo", 12);
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	(void)state;
	bundle_format(bundle, &text);
	/* The last two bytes are the closing brace and the newline. */
	for (size_t length = 0; length + 1 < text.length; length++) {
		struct bundle *read = NULL;
		struct error error = { 0 };

		assert_true(bundle_parse(text.bytes, length, "r", &read, &error) < 0);
		assert_null(read);
		assert_int_not_equal(error.code, ERROR_NONE);
	}
}

static void bad_bundles_are_refused_with_their_message(void **state)
{
	static const struct {
		const char *text;
		enum error_code code;
		const char *message;
	} rows[] = {
		{ "{\"aronet_bundle\": 2, \"envelopes\": []}", ERROR_TYPE,
		  "expected integer 1-1, found 2" },
		{ "{\"aronet_bundle\": 1}", ERROR_MISSING, "missing member \"envelopes\"" },
		{ "{\"aronet_bundle\": 1, \"envelopes\": []}", ERROR_ENVELOPE,
		  "0 mesh documents and 0 manifests; expected at least one and exactly one" },
		{ "{\"aronet_bundle\": 1, \"envelopes\": [], \"envelope\": 1}",
		  ERROR_UNKNOWN_MEMBER,
		  "unknown member \"envelope\"; did you mean \"envelopes\"?" },
		{ "{\"aronet_bundle\": 1, \"envelopes\": [],}", ERROR_SYNTAX,
		  "trailing comma (JSON allows none)" },
		{ "", ERROR_SYNTAX, "empty file" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct bundle *read = NULL;
		struct error error = { 0 };

		assert_true(bundle_parse(rows[i].text, strlen(rows[i].text), "r", &read, &error) <
			    0);
		assert_string_equal(error.text, rows[i].message);
		assert_int_equal(error.code, rows[i].code);
	}
}

static void only_payloads_may_be_long(void **state)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct bundle *read = NULL;
	struct error error = { 0 };

	(void)state;
	strbuf_puts(&text, "{\"aronet_bundle\": 1, \"envelopes\": [{\"payloadType\": \"");
	for (unsigned i = 0; i < 500; i++)
		strbuf_puts(&text, "0123456789");
	strbuf_puts(&text, "\", \"payload\": \"\", \"signatures\": []}]}");
	assert_true(parse(&text, &read, &error) < 0);
	assert_int_equal(error.code, ERROR_TOO_BIG);
	assert_string_equal(error.text, "string longer than 4096 bytes");
}

static void document_over_the_limit_is_refused(void **state)
{
	CLEANUP(bundle_free) struct bundle *bundle = bundle_of("mMo", DOCUMENT_SIZE_MAX + 1);
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct bundle *read = NULL;
	struct error error = { 0 };

	(void)state;
	bundle->count = 1;
	bundle_format(bundle, &text);
	bundle->count = 3;
	assert_true(parse(&text, &read, &error) < 0);
	assert_int_equal(error.code, ERROR_TOO_BIG);
	assert_string_equal(error.text, "envelope 0: document is 8388609 bytes; limit 8388608");
}

/* What json-c in its strictest mode still takes (nst/JSONTestSuite), where a bundle may have it. */
static void texts_that_json_c_accepts_are_refused(void **state)
{
	static const char *const values[] = {
		"{'a': 0}", "123\0000", "\"new\nline\"", "\"\t\"",    "2.e+3", "2.e-3",
		"2.e3",	    "0.e1",	"-01",		 "-2.",	      "-012",  "-.123",
		"1.",	    "NaN",	"Infinity",	 "-Infinity",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		CLEANUP(strbuf_done) struct strbuf text = { 0 };
		struct bundle *read = NULL;
		struct error error = { 0 };

		strbuf_puts(&text, "{\"x-extra\": ");
		strbuf_append(&text, values[i], i == 1 ? 5 : strlen(values[i]));
		strbuf_puts(&text, ", \"aronet_bundle\": 1, \"envelopes\": []}");
		assert_true(parse(&text, &read, &error) < 0);
		if (error.code != ERROR_SYNTAX && error.code != ERROR_NUMBER)
			fail_msg("%s: %s", values[i], error.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(written_bundle_is_read_back),
		cmocka_unit_test(other_orders_are_refused),
		cmocka_unit_test(nothing_cut_off_is_a_bundle),
		cmocka_unit_test(bad_bundles_are_refused_with_their_message),
		cmocka_unit_test(only_payloads_may_be_long),
		cmocka_unit_test(document_over_the_limit_is_refused),
		cmocka_unit_test(texts_that_json_c_accepts_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
