// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bundle and envelopes before anything of them is verified. What was read and is written reads the
 * same again, whole and as a signature beside its document.
 */
#include "fuzz.h"
#include "registry/bundle.h"

#include <string.h>

static bool envelopes_equal(const struct envelope *a, const struct envelope *b)
{
	return a->type == b->type && a->payload_size == b->payload_size &&
	       !memcmp(a->payload, b->payload, a->payload_size + 1) &&
	       !memcmp(a->digest, b->digest, KEY_SIZE) &&
	       a->signatures_count == b->signatures_count &&
	       (!a->signatures_count || !memcmp(a->signatures, b->signatures,
						a->signatures_count * sizeof(*a->signatures)));
}

static void check_detached(const struct envelope *envelope)
{
	CLEANUP(envelope_done) struct envelope again = { 0 };
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct error error = { 0 };

	envelope_format(envelope, false, &text);
	if (envelope_parse_detached(text.bytes, text.length, "x.sig", envelope->payload,
				    envelope->payload_size, &again, &error) < 0)
		fuzz_fail(__FILE__, __LINE__, error.text);
	FUZZ_CHECK(envelopes_equal(envelope, &again));
}

static void check_digests(const struct envelope *envelope)
{
	uint8_t expected[KEY_SIZE], digest[KEY_SIZE];
	CLEANUP(free) char *pae = NULL;
	size_t size;

	crypto_sha256(envelope->payload, envelope->payload_size, expected);
	FUZZ_CHECK(!memcmp(expected, envelope->digest, KEY_SIZE));
	pae = envelope_pae(document_payload_type(envelope->type), envelope->payload,
			   envelope->payload_size, &size);
	crypto_sha256(pae, size, expected);
	envelope_pae_digest(envelope, digest);
	FUZZ_CHECK(!memcmp(expected, digest, KEY_SIZE));
}

static void check_round_trip(const struct bundle *bundle)
{
	CLEANUP(bundle_free) struct bundle *again = NULL;
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct error error = { 0 };

	bundle_format(bundle, &text);
	if (bundle_parse(text.bytes, text.length, "again", &again, &error) < 0)
		fuzz_fail(__FILE__, __LINE__, error.text);
	FUZZ_CHECK(bundle->count == again->count && bundle->meshes_count == again->meshes_count);
	for (size_t i = 0; i < bundle->count; i++)
		FUZZ_CHECK(envelopes_equal(&bundle->envelopes[i], &again->envelopes[i]));
}

static void check_order(const struct bundle *bundle)
{
	FUZZ_CHECK(bundle->meshes_count >= 1 && bundle->meshes_count < bundle->count);
	for (size_t i = 0; i < bundle->count; i++)
		FUZZ_CHECK(bundle->envelopes[i].type == (i < bundle->meshes_count ? DOCUMENT_MESH
							 : i == bundle->meshes_count
								 ? DOCUMENT_MANIFEST
								 : DOCUMENT_ORG));
}

/* The same bytes as a signature file beside some document. */
static void check_signature_file(const char *text, size_t size)
{
	CLEANUP(envelope_done) struct envelope envelope = { 0 };
	struct error error = { 0 };
	int result =
		envelope_parse_detached(text, size, "mesh.1.json.sig", "{}", 2, &envelope, &error);

	if (result < 0) {
		fuzz_check_refusal(result, &error);
		FUZZ_CHECK(!envelope.payload && !envelope.signatures);
		return;
	}
	FUZZ_CHECK(envelope.payload_size == 2);
	check_detached(&envelope);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(bundle_free) struct bundle *bundle = NULL;
	struct error error = { 0 };
	int result = bundle_parse((const char *)data, size, "registry.json", &bundle, &error);

	check_signature_file((const char *)data, size);
	if (result < 0) {
		fuzz_check_refusal(result, &error);
		FUZZ_CHECK(!bundle);
		return 0;
	}
	check_order(bundle);
	check_round_trip(bundle);
	for (size_t i = 0; i < bundle->count; i++) {
		check_digests(&bundle->envelopes[i]);
		check_detached(&bundle->envelopes[i]);
	}
	return 0;
}
