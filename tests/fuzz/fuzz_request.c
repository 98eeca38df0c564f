// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Join requests: any text, and any payload that is then signed by the key of the node that the
 * seeds describe, so that what lies behind the signature is reached.
 */
#include "fuzz.h"
#include "registry/request.h"
#include "registry/test_bundle.h"
#include "registry_print.h"

#include <string.h>

/* False if it was refused. */
static bool check(const char *text, size_t size, bool is_signed_by_us)
{
	CLEANUP(join_request_free) struct join_request *request = NULL;
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	struct error error = { 0 };
	uint8_t key[KEY_SIZE];
	int result = join_request_parse(text, size, "moon.req", &warnings, &request, &error);

	for (size_t i = 0; i < warnings.count; i++)
		FUZZ_CHECK(fuzz_is_printable(warnings.items[i].text));
	if (result < 0) {
		fuzz_check_refusal(result, &error);
		FUZZ_CHECK(!request);
		return false;
	}
	registry_check_node(&request->node);
	FUZZ_CHECK(request->node.has_identity && !request->node.identity_is_shared);
	FUZZ_CHECK(json_object_is_type(request->node_json, json_type_object));
	/* Nobody else's signature counts. */
	FUZZ_CHECK(!is_signed_by_us ||
		   !memcmp(request->node.identity_key, test_public_key(1, key), KEY_SIZE));
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(envelope_done) struct envelope envelope = { 0 };
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct crypto_signing_key key;

	if (check((const char *)data, size, false))
		return 0;
	test_bundle_key(1, &key);
	envelope_make(DOCUMENT_REQUEST, data, size, &envelope);
	FUZZ_CHECK(envelope_sign(&envelope, &key) == 0);
	envelope_format(&envelope, true, &text);
	if (!check(text.bytes, text.length, true))
		return 0;
	/* It was the signature that made it good. */
	envelope.signatures[0].bytes[0] ^= 1;
	strbuf_done(&text);
	envelope_format(&envelope, true, &text);
	FUZZ_CHECK(!check(text.bytes, text.length, true));
	return 0;
}
