/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/warning.h"
#include "core/model.h"
#include "crypto/crypto.h"
#include "registry/registry.h"

/*
 * Registries and documents for tests, written with single quotes instead of double ones. $A and $B
 * are the PEM keys of RFC 8032 section 7.1, tests 1 and 2, $a and $b their key ids; $M and $S are
 * the PEM keys of the specification's nodes moon and sun, $1 and $2 their WireGuard keys.
 */
char *test_registry_text(const char *short_text);

/* registry_load() of such a text with both switches on. */
int test_registry_load(const char *short_text, struct warnings *warnings, struct registry **ret,
		       struct error *error);

/* The same, and the test fails with the error's text if it does not load. */
struct registry *test_registry_must_load(const char *short_text, struct warnings *warnings);

/* How many warnings have this code. */
size_t test_warnings_count(const struct warnings *warnings, const char *code);

/*
 * Signing keys of tests: A and B are those of RFC 8032 section 7.1, tests 1 and 2; every other
 * letter has a key of its own.
 */
struct crypto_signing_key test_signing_key(char letter);

struct ip_prefix test_prefix(const char *text);
struct ip_address test_address(const char *text);
