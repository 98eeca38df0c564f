/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "registry/test_bundle.h"
#include "registry/verify.h"

/*
 * Verifies what @t describes at TEST_NOW, or as @options say: their clock and build date, where 0,
 * are TEST_NOW and TEST_BUILD_DATE; without trust and pin the pin is the first mesh document.
 */
int test_verify(struct test_bundle *t, const struct verify_options *options,
		struct warnings *warnings, struct verified *ret, struct error *error);

/* The same, and the test fails if it is refused. Returns the trust state, for trust_free(). */
struct trust *test_accept(struct test_bundle *t, const struct trust *before);

/* The test fails if it is accepted, or refused with another code or text. @text may be NULL. */
void test_refuse(struct test_bundle *t, const struct trust *before, enum error_code code,
		 const char *text);

/* The same for a bundle that was changed after it was signed. Takes @bundle. */
void test_refuse_bundle(struct bundle *bundle, const struct verify_options *options,
			enum error_code code, const char *text);
