// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/envelope.h"

#include "base/file.h"
#include "base/hex.h"
#include "crypto/base64.h"
#include "registry/keyset.h"
#include "registry/test_support.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void expect_hex(const uint8_t bytes[KEY_SIZE], const char *expected)
{
	char text[2 * KEY_SIZE + 1];

	assert_string_equal(hex_format(bytes, KEY_SIZE, text), expected);
}

/* Registry specification, section 15. */
static void signed_bytes_are_those_of_the_vectors(void **state)
{
	CLEANUP(free) char *pae = NULL;
	CLEANUP(envelope_done) struct envelope envelope = { 0 };
	uint8_t digest[KEY_SIZE];
	size_t size;

	(void)state;
	pae = envelope_pae("http://example.com/HelloWorld", "hello world", 11, &size);
	assert_string_equal(pae, "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
	assert_int_equal(size, strlen(pae));
	envelope_make(DOCUMENT_MESH, "{\"a\":1}", 7, &envelope);
	envelope_pae_digest(&envelope, digest);
	expect_hex(digest, "13073c3f335aeea4f77abd6ecd8766b70584bacdfea9e53eff795f2874e7c9e6");
}

static void signature_is_that_of_the_vectors(void **state)
{
	const struct crypto_signing_key key = test_signing_key('A');
	CLEANUP(envelope_done) struct envelope envelope = { 0 };
	char text[BASE64_TEXT_SIZE(CRYPTO_SIGNATURE_SIZE)];

	(void)state;
	envelope_make(DOCUMENT_MESH, "{\"a\":1}", 7, &envelope);
	assert_int_equal(envelope_sign(&envelope, &key), 0);
	assert_int_equal(envelope.signatures_count, 1);
	assert_string_equal(envelope.signatures[0].keyid, "21fe31dfa154a261626bf854046fd227");
	base64_encode(envelope.signatures[0].bytes, CRYPTO_SIGNATURE_SIZE, text);
	assert_string_equal(text, "OfFeXS+7oMqNvN89vylsxaMyk1zmAsjlQIqaOwB5cbHtV/8QjipOACE6QCKBo5XH"
				  "dvRnVfIGZu6isC4mowVyBQ==");
}

/* The complete bundle of section 15.2. */
static const struct {
	enum document_type type;
	const char *file, *digest, *signature;
	size_t size;
} home[] = {
	{ DOCUMENT_MESH, "mesh.json",
	  "08ddc62f8eba6b6177f379f3a0fff3358804115f21e07374fb29345b61261028",
	  "5bI8ZujZ/iTJJCDTQCUSl3rFo1aWGtBXXmDV7Wl2qWj0NzODMLLa5GH6WnCsI55CYdQazkuY2JEraSLBTcDHDw"
	  "==",
	  1112 },
	{ DOCUMENT_ORG, "org.json",
	  "54d0f3bd7536bc0815a2e2d2aa81df3f0f4d48f3ca89cb06f115577a6aed3caf",
	  "elOBbIDDGn85GEkQMP7vbG8eb/y8DxQxxCuuZWs1pYoFw6v0pFrx5ZaLcVXLeC/JagIVACuxGZm4eUQ1CNrYBA"
	  "==",
	  1033 },
	{ DOCUMENT_MANIFEST, "manifest.json",
	  "4ddc120f16eb0cf95f84b1afc41c3ad125de7cfd6ea9a489b6c489f99d2ae37c",
	  "v/wFMA9TrcZy/ZAsqHb7UASc+npcNlZERdTxUl9shrggDi/YDQo5uQ32JI2kDcSpAy+ZN/RBRtNgkKWYtCrHDQ"
	  "==",
	  450 },
};

static void home_bundle_is_signed_as_in_the_specification(void **state)
{
	const struct crypto_signing_key key = test_signing_key('A');

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(home); i++) {
		CLEANUP(envelope_done) struct envelope envelope = { 0 };
		CLEANUP(free) char *payload = NULL;
		char path[512], text[BASE64_TEXT_SIZE(CRYPTO_SIGNATURE_SIZE)];
		size_t size;

		(void)snprintf(path, sizeof(path), GOLDEN_DIRECTORY "/home/%s", home[i].file);
		assert_int_equal(file_read(path, 4096, &payload, &size, NULL), 0);
		assert_int_equal(size, home[i].size);
		envelope_make(home[i].type, payload, size, &envelope);
		expect_hex(envelope.digest, home[i].digest);
		assert_int_equal(envelope_sign(&envelope, &key), 0);
		base64_encode(envelope.signatures[0].bytes, CRYPTO_SIGNATURE_SIZE, text);
		assert_string_equal(text, home[i].signature);
	}
}

static void second_signature_of_a_key_replaces_the_first(void **state)
{
	const struct crypto_signing_key a = test_signing_key('A'), b = test_signing_key('B');
	CLEANUP(envelope_done) struct envelope envelope = { 0 };

	(void)state;
	envelope_make(DOCUMENT_ORG, "x", 1, &envelope);
	assert_int_equal(envelope_sign(&envelope, &a), 0);
	envelope.signatures[0].bytes[7] ^= 1;
	assert_int_equal(envelope_sign(&envelope, &b), 0);
	assert_int_equal(envelope_sign(&envelope, &a), 0);
	assert_int_equal(envelope.signatures_count, 2);
}

static void seventeenth_signature_finds_no_room(void **state)
{
	CLEANUP(envelope_done) struct envelope envelope = { 0 };

	(void)state;
	envelope_make(DOCUMENT_ORG, "x", 1, &envelope);
	for (unsigned i = 0; i <= ENVELOPE_SIGNATURES_MAX; i++) {
		struct crypto_signing_key key = { .seed = { (uint8_t)(i + 1) } };

		crypto_ed25519_public(key.seed, key.public_key);
		assert_int_equal(envelope_sign(&envelope, &key),
				 i < ENVELOPE_SIGNATURES_MAX ? 0 : -E2BIG);
	}
}

static int parse(const char *text, struct envelope *ret, struct error *error)
{
	CLEANUP(json_document_free) struct json_document *document = NULL;
	struct json_cursor root;
	int result =
		json_document_parse(text, strlen(text), JSON_ENVELOPES, "e.json", &document, error);

	if (result < 0)
		return result;
	root = json_document_root(document);
	return envelope_read(&root, "envelope 4", ret, error);
}

static void written_envelope_is_read_back(void **state)
{
	static const char payload[] = "{\"n\": 1}\n";
	const struct crypto_signing_key key = test_signing_key('B');
	CLEANUP(envelope_done) struct envelope written = { 0 }, read = { 0 }, detached = { 0 };
	CLEANUP(strbuf_done) struct strbuf whole = { 0 }, signatures = { 0 };

	(void)state;
	envelope_make(DOCUMENT_MANIFEST, payload, strlen(payload), &written);
	assert_int_equal(envelope_sign(&written, &key), 0);
	envelope_format(&written, true, &whole);
	envelope_format(&written, false, &signatures);
	assert_int_equal(parse(strbuf_text(&whole), &read, NULL), 0);
	assert_int_equal(envelope_parse_detached(signatures.bytes, signatures.length, "m.sig",
						 payload, strlen(payload), &detached, NULL),
			 0);
	for (const struct envelope *e = &read; e; e = e == &read ? &detached : NULL) {
		assert_int_equal(e->type, DOCUMENT_MANIFEST);
		assert_string_equal(e->payload, payload);
		assert_memory_equal(e->digest, written.digest, KEY_SIZE);
		assert_int_equal(e->signatures_count, 1);
		assert_memory_equal(&e->signatures[0], &written.signatures[0],
				    sizeof(struct signature));
	}
}

#define TYPE "\"payloadType\": \"application/vnd.aronet.org.v1+json\""
#define ID "\"keyid\": \"21fe31dfa154a261626bf854046fd227\""
#define SIG_63                                                                                     \
	"\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\""
#define SIG_64                                                                                     \
	"\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"==\""

static void bad_envelopes_are_refused_with_their_message(void **state)
{
	static const struct {
		const char *text;
		enum error_code code;
		const char *message;
	} rows[] = {
		{ "{\"payloadType\": \"text/plain\", \"payload\": \"\", \"signatures\": []}",
		  ERROR_ENVELOPE, "envelope 4: payloadType \"text/plain\" is not known" },
		{ "{" TYPE ", \"payload\": \"e30\", \"signatures\": []}", ERROR_ENVELOPE,
		  "envelope 4: payload is not canonical base64 (no white space, full padding)" },
		{ "{" TYPE ", \"payload\": \"e3 0=\", \"signatures\": []}", ERROR_ENVELOPE,
		  "envelope 4: payload is not canonical base64 (no white space, full padding)" },
		{ "{" TYPE ", \"payload\": \"e31=\", \"signatures\": []}", ERROR_ENVELOPE,
		  "envelope 4: payload is not canonical base64 (no white space, full padding)" },
		{ "{" TYPE ", \"payload\": \"e30=\", \"signatures\": [{" ID ", \"sig\": " SIG_63
		  "}]}",
		  ERROR_ENVELOPE, "envelope 4: signature 0 is 63 bytes, not 64" },
		{ "{" TYPE ", \"payload\": \"e30=\", \"signatures\": [{" ID
		  ", \"sig\": \"AAAA\\n\"}]}",
		  ERROR_ENVELOPE, "envelope 4: signature 0 is not canonical base64" },
		{ "{" TYPE ", \"payload\": \"e30=\", \"signatures\": [{\"keyid\": \"21FE\", "
		  "\"sig\": " SIG_64 "}]}",
		  ERROR_ENVELOPE, "envelope 4: keyid \"21FE\" is not 32 lower-case hex digits" },
		{ "{" TYPE ", \"payload\": \"e30=\", \"signatures\": [{" ID
		  ", \"sshsig\": \"x\"}]}",
		  ERROR_UNKNOWN_MEMBER, "unknown member \"sshsig\"" },
		{ "{" TYPE ", \"signatures\": []}", ERROR_MISSING, "missing member \"payload\"" },
		{ "{" TYPE ", \"payload\": \"e30=\"}", ERROR_MISSING,
		  "missing member \"signatures\"" },
		{ "{" TYPE ", \"payload\": {}, \"signatures\": []}", ERROR_TYPE,
		  "expected string, found object" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(envelope_done) struct envelope envelope = { 0 };
		struct error error = { 0 };

		assert_true(parse(rows[i].text, &envelope, &error) < 0);
		assert_string_equal(error.text, rows[i].message);
		assert_int_equal(error.code, rows[i].code);
	}
}

static void more_than_sixteen_signatures_are_refused(void **state)
{
	CLEANUP(envelope_done) struct envelope envelope = { 0 };
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct error error = { 0 };

	(void)state;
	strbuf_puts(&text, "{" TYPE ", \"payload\": \"e30=\", \"signatures\": [");
	for (unsigned i = 0; i <= ENVELOPE_SIGNATURES_MAX; i++)
		strbuf_printf(&text, "%s{" ID ", \"sig\": " SIG_64 "}", i ? "," : "");
	strbuf_puts(&text, "]}");
	assert_true(parse(strbuf_text(&text), &envelope, &error) < 0);
	assert_int_equal(error.code, ERROR_TOO_BIG);
	assert_string_equal(error.text, "17 items; limit 16");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signed_bytes_are_those_of_the_vectors),
		cmocka_unit_test(signature_is_that_of_the_vectors),
		cmocka_unit_test(home_bundle_is_signed_as_in_the_specification),
		cmocka_unit_test(second_signature_of_a_key_replaces_the_first),
		cmocka_unit_test(seventeenth_signature_finds_no_room),
		cmocka_unit_test(written_envelope_is_read_back),
		cmocka_unit_test(bad_envelopes_are_refused_with_their_message),
		cmocka_unit_test(more_than_sixteen_signatures_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
