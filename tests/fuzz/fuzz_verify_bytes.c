// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A good bundle with some bytes changed is refused, or means exactly the same. The input is a list
 * of changes: kind, u16 of position, byte.
 */
#include "fuzz.h"
#include "registry/test_bundle.h"
#include "registry/verify.h"
#include "registry_print.h"

#include <string.h>

#define CHANGES_MAX 8
#define CHANGE_BYTES 4

/* Registry and trust state, as text. False if the bundle was refused. */
static bool verify(const char *text, size_t size, const uint8_t pin[KEY_SIZE], struct strbuf *ret)
{
	const struct verify_options options = { .mesh_sha256 = pin,
						.clock = TEST_NOW,
						.build_date = TEST_BUILD_DATE };
	CLEANUP(bundle_free) struct bundle *bundle = NULL;
	CLEANUP(verified_done) struct verified verified = { 0 };
	struct error error = { 0 };
	int result = bundle_parse(text, size, "registry.json", &bundle, &error);

	if (result == 0)
		result = registry_verify(bundle, &options, NULL, &verified, &error);
	if (result < 0) {
		fuzz_check_refusal(result, &error);
		return false;
	}
	registry_print(verified.registry, ret);
	trust_format(verified.trust, ret);
	return true;
}

static void change(struct strbuf *text, struct fuzz_input *input)
{
	uint8_t kind = fuzz_take_u8(input);
	size_t at = fuzz_take_u16(input) % (text->length + 1);
	char byte = (char)fuzz_take_u8(input);

	if (kind % 4 == 0 && at < text->length)
		text->bytes[at] ^= byte;
	if (kind % 4 == 1 && at < text->length)
		text->bytes[at] = byte;
	if (kind % 4 == 2 && at < text->length) {
		memmove(text->bytes + at, text->bytes + at + 1, text->length - at);
		text->length--;
	}
	if (kind % 4 == 3) {
		strbuf_append(text, "", 1);
		memmove(text->bytes + at + 1, text->bytes + at, text->length - 1 - at);
		text->bytes[at] = byte;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Made once: it is always the same. */
	static char *good;
	static size_t good_size;
	static uint8_t pin[KEY_SIZE];
	static struct strbuf expected;
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	CLEANUP(strbuf_done) struct strbuf found = { 0 };
	struct fuzz_input input = { data, size };

	if (!good) {
		CLEANUP(test_bundle_free) struct test_bundle *bundle = test_bundle_new(2, 2);

		good = test_bundle_text(bundle, &good_size);
		test_bundle_pin(bundle, 1, pin);
		FUZZ_CHECK(verify(good, good_size, pin, &expected));
	}
	strbuf_append(&text, good, good_size);
	for (unsigned i = 0; i < CHANGES_MAX && input.size >= CHANGE_BYTES; i++)
		change(&text, &input);
	if (verify(text.bytes, text.length, pin, &found))
		FUZZ_CHECK(!strcmp(found.bytes, expected.bytes));
	return 0;
}
