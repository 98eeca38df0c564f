/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "registry/start.h"
#include "registry/store.h"
#include "registry/test_bundle.h"

#include <limits.h>

/* A state directory of a test, and a node that loads what test_bundle.h describes. */
struct test_store {
	char top[64];
	char directory[80]; /* not there before the first registry is accepted */
	char registry_file[128];
	char trust_file[128];
	uint8_t pin[KEY_SIZE];
	struct store_rules
		rules; /* pinned to the first mesh document of the bundle it was made for */
};

/* For cmocka: *state is a struct test_store, pinned to a mesh of test_bundle_new(1, 1). */
int test_store_setup(void **state);
int test_store_teardown(void **state);

/* Pins the first mesh document of @t. */
void test_store_pin(struct test_store *store, struct test_bundle *t);

/* A load: read the state, verify, record. 0 or -errno with @error. */
int test_store_load(const struct test_store *store, const char *text, size_t size,
		    struct warnings *warnings, struct error *error);
int test_store_try(const struct test_store *store, struct test_bundle *t, struct error *error);

/* The same, and the test fails if it does. */
void test_store_accept(const struct test_store *store, struct test_bundle *t);

/* Replaces one of the files by @size bytes of @text. */
void test_store_write(const char *file, const char *text, size_t size);
