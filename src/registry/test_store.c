// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/test_store.h"

#include "registry/registry.h"

#include "base/file.h"
#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

void test_store_pin(struct test_store *store, struct test_bundle *t)
{
	test_bundle_pin(t, 1, store->pin);
	store->rules.mesh_sha256 = store->pin;
}

int test_store_setup(void **state)
{
	struct test_store *store = NEW(struct test_store);
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);

	strcpy(store->top, "/tmp/aronet-store-XXXXXX");
	if (!mkdtemp(store->top))
		return -1;
	(void)snprintf(store->directory, sizeof(store->directory), "%s/state", store->top);
	(void)snprintf(store->registry_file, sizeof(store->registry_file),
		       "%s/" REGISTRY_STORE_FILE, store->directory);
	(void)snprintf(store->trust_file, sizeof(store->trust_file), "%s/" TRUST_FILE,
		       store->directory);
	store->rules = (struct store_rules) {
		.state_dir = store->directory,
		.allow_unsigned_config = true,
		.clock = TEST_NOW,
		.build_date = TEST_BUILD_DATE,
	};
	test_store_pin(store, t);
	*state = store;
	return 0;
}

int test_store_teardown(void **state)
{
	struct test_store *store = *state;
	int result = file_remove_tree(store->top);

	free(store);
	return result;
}

int test_store_load(const struct test_store *store, const char *text, size_t size,
		    struct warnings *warnings, struct error *error)
{
	CLEANUP(store_state_done) struct store_state before = { 0 };
	CLEANUP(verified_done) struct verified verified = { 0 };
	struct registry_options options = {
		.allow_unsigned_config = store->rules.allow_unsigned_config,
		.allow_unsigned_flag = true,
		.verify = {
			.mesh_sha256 = store->rules.mesh_sha256,
			.clock = store->rules.clock,
			.build_date = store->rules.build_date,
		},
	};
	int result = registry_store_read_state(&store->rules, warnings, &before, error);

	if (result < 0)
		return result;
	options.has_signed_state = before.has_signed_state;
	options.verify.trust = before.trust;
	result = registry_load_verified(text, size, "registry.json", &options, warnings, &verified,
					error);
	if (result < 0)
		return result;
	return registry_store_record(store->directory, &before, verified.trust, text, size, error);
}

int test_store_try(const struct test_store *store, struct test_bundle *t, struct error *error)
{
	size_t size;
	CLEANUP(free) char *text = test_bundle_text(t, &size);

	return test_store_load(store, text, size, NULL, error);
}

void test_store_accept(const struct test_store *store, struct test_bundle *t)
{
	struct error error = { 0 };

	if (test_store_try(store, t, &error) < 0)
		fail_msg("%s: %s: %s", error_code_name(error.code), error.place, error.text);
}

void test_store_write(const char *file, const char *text, size_t size)
{
	struct error error = { 0 };

	if (file_replace(file, text, size, 0600, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
}
