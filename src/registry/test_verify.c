// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/test_verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct verify_options complete(struct test_bundle *t, const struct verify_options *given,
				      uint8_t pin[KEY_SIZE])
{
	struct verify_options options = given ? *given : (struct verify_options) { 0 };

	if (!options.clock)
		options.clock = TEST_NOW;
	if (!options.build_date)
		options.build_date = TEST_BUILD_DATE;
	if (!options.trust && !options.mesh_sha256 && t) {
		test_bundle_pin(t, 1, pin);
		options.mesh_sha256 = pin;
	}
	return options;
}

int test_verify(struct test_bundle *t, const struct verify_options *options,
		struct warnings *warnings, struct verified *ret, struct error *error)
{
	CLEANUP(bundle_free) struct bundle *bundle = test_bundle_build(t);
	uint8_t pin[KEY_SIZE];
	struct verify_options all = complete(t, options, pin);

	return registry_verify(bundle, &all, warnings, ret, error);
}

struct trust *test_accept(struct test_bundle *t, const struct trust *before)
{
	const struct verify_options options = { .trust = before };
	CLEANUP(verified_done) struct verified verified = { 0 };
	struct error error = { 0 };
	struct trust *trust;

	if (test_verify(t, &options, NULL, &verified, &error) < 0)
		fail_msg("%s: %s: %s", error_code_name(error.code), error.place, error.text);
	assert_true(verified.registry->is_signed);
	trust = TAKE(verified.trust);
	return trust;
}

static void assert_refusal(int result, const struct verified *verified, const struct error *error,
			   enum error_code code, const char *text)
{
	if (result == 0)
		fail_msg("accepted instead of %s", error_code_name(code));
	assert_null(verified->registry);
	assert_null(verified->trust);
	if (error->code != code)
		fail_msg("%s instead of %s: %s: %s", error_code_name(error->code),
			 error_code_name(code), error->place, error->text);
	if (text)
		assert_string_equal(error->text, text);
}

void test_refuse(struct test_bundle *t, const struct trust *before, enum error_code code,
		 const char *text)
{
	const struct verify_options options = { .trust = before };
	struct verified verified = { 0 };
	struct error error = { 0 };
	int result = test_verify(t, &options, NULL, &verified, &error);

	assert_refusal(result, &verified, &error, code, text);
}

void test_refuse_bundle(struct bundle *bundle, const struct verify_options *options,
			enum error_code code, const char *text)
{
	struct verify_options all = complete(NULL, options, NULL);
	struct verified verified = { 0 };
	struct error error = { 0 };
	int result = registry_verify(bundle, &all, NULL, &verified, &error);

	bundle_free(bundle);
	assert_refusal(result, &verified, &error, code, text);
}
