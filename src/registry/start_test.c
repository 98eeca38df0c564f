// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/start.h"

#include "registry/test_store.h"
#include "registry/test_support.h"

#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LONG_AFTER (TEST_NOW + 10 * 366 * DAY_SEC)
#define UNSIGNED_TEXT                                                                              \
	"[{'organization': 'o', 'public_key': $A, 'nodes': [{'common_name': 'n', 'endpoints': []," \
	" 'remarks': {'network': 'fd66::/64'}}]}] \n\n"

/* The node has accepted manifest 7. */
static int setup(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	int result = test_store_setup(state);

	if (result < 0)
		return result;
	t->manifest.version = 7;
	test_store_accept(*state, t);
	return 0;
}

static void damage(const char *file)
{
	CLEANUP(free) char *text = NULL;
	size_t size;

	assert_int_equal(file_read(file, BUNDLE_SIZE_MAX, &text, &size, NULL), 0);
	test_store_write(file, text, size / 2);
}

/* One byte of a payload: the JSON is as good as before. */
static void tamper(const char *file)
{
	CLEANUP(free) char *text = NULL;
	char *payload;
	size_t size;

	assert_int_equal(file_read(file, BUNDLE_SIZE_MAX, &text, &size, NULL), 0);
	payload = strstr(strstr(text, "org.v1"), "\"payload\"") + 40;
	*payload = *payload == 'A' ? 'B' : 'A';
	test_store_write(file, text, size);
}

static void expect(const struct test_store *store, enum start_row row, bool runs,
		   enum error_code code, const char *part)
{
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	CLEANUP(start_done) struct start start = { 0 };

	registry_start(&store->rules, &warnings, &start);
	assert_int_equal(start.row, row);
	assert_int_equal(start.registry != NULL, runs);
	if (start.error.code != code)
		fail_msg("%s: %s: %s", error_code_name(start.error.code), start.error.place,
			 start.error.text);
	if (part && !strstr(start.error.text, part))
		fail_msg("\"%s\" is not in: %s", part, start.error.text);
	assert_int_equal(test_warnings_count(&warnings, "W05"), row == START_REBUILT);
	if (runs && start.registry->is_signed)
		assert_int_equal(start.registry->origin.manifest_version, 7);
}

static void start_runs_on_the_last_good_registry(void **state)
{
	struct test_store *store = *state;

	expect(store, START_GOOD, true, ERROR_NONE, NULL);
	/* However long ago it expired, and whatever the clock says. */
	store->rules.clock = LONG_AFTER;
	expect(store, START_GOOD, true, ERROR_NONE, NULL);
	store->rules.clock = 0;
	expect(store, START_GOOD, true, ERROR_NONE, NULL);
	/* The pin has done its work. */
	store->rules.mesh_sha256 = NULL;
	expect(store, START_GOOD, true, ERROR_NONE, NULL);
}

static void start_tells_of_a_clock_of_1970(void **state)
{
	struct test_store *store = *state;
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	CLEANUP(start_done) struct start start = { 0 };

	store->rules.clock = 0;
	registry_start(&store->rules, &warnings, &start);
	assert_int_equal(test_warnings_count(&warnings, "W06"), 1);
	assert_int_equal(start.last_seen, TEST_NOW - DAY_SEC);
}

static void start_rebuilds_missing_trust(void **state)
{
	const struct test_store *store = *state;

	assert_int_equal(unlink(store->trust_file), 0);
	expect(store, START_REBUILT, true, ERROR_NONE, NULL);
	expect(store, START_GOOD, true, ERROR_NONE, NULL);
}

static void start_with_missing_trust_needs_the_pin(void **state)
{
	struct test_store *store = *state;

	assert_int_equal(unlink(store->trust_file), 0);
	store->rules.mesh_sha256 = NULL;
	expect(store, START_ALONE, false, ERROR_STATE_CORRUPT, "this node has no pinned mesh");
	assert_int_equal(access(store->trust_file, F_OK), -1);
}

static void start_with_damaged_trust_runs_and_says_so(void **state)
{
	const struct test_store *store = *state;
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	struct error error = { 0 };

	damage(store->trust_file);
	for (unsigned i = 0; i < 2; i++)
		expect(store, START_CORRUPT, true, ERROR_STATE_CORRUPT,
		       "; running on last good manifest 7; see aronet registry reset-trust");
	t->manifest.version = 8;
	assert_true(test_store_try(store, t, &error) < 0);
	assert_int_equal(error.code, ERROR_STATE_CORRUPT);
}

static void start_with_damaged_trust_and_registry_is_alone(void **state)
{
	struct test_store *store = *state;
	static const char reset[] = "; running without peers; see aronet registry reset-trust";

	damage(store->trust_file);
	tamper(store->registry_file);
	expect(store, START_CORRUPT_ALONE, false, ERROR_STATE_CORRUPT, reset);
	assert_int_equal(unlink(store->registry_file), 0);
	expect(store, START_CORRUPT_ALONE, false, ERROR_STATE_CORRUPT, reset);
}

static void start_with_damaged_trust_takes_no_unsigned_registry(void **state)
{
	const struct test_store *store = *state;
	CLEANUP(free) char *text = test_registry_text(UNSIGNED_TEXT);

	damage(store->trust_file);
	test_store_write(store->registry_file, text, strlen(text));
	expect(store, START_CORRUPT_ALONE, false, ERROR_STATE_CORRUPT, "running without peers");
}

static void start_without_registry_is_alone_and_goes_on_from_trust(void **state)
{
	const struct test_store *store = *state;
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	struct error error = { 0 };

	tamper(store->registry_file);
	expect(store, START_ALONE, false, ERROR_STATE_CORRUPT,
	       "; running without peers; load a registry again: aronet load -r FILE");
	damage(store->registry_file);
	expect(store, START_ALONE, false, ERROR_STATE_CORRUPT, "running without peers");
	assert_int_equal(unlink(store->registry_file), 0);
	expect(store, START_ALONE, false, ERROR_STATE_CORRUPT,
	       "no last-good.json, though a mesh is trusted; running without peers");
	t->manifest.version = 6;
	assert_true(test_store_try(store, t, &error) < 0);
	assert_int_equal(error.code, ERROR_ROLLBACK);
	t->manifest.version = 7;
	test_store_accept(store, t);
	expect(store, START_GOOD, true, ERROR_NONE, NULL);
}

static void start_never_runs_on_an_older_registry(void **state)
{
	const struct test_store *store = *state;
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	CLEANUP(free) char *text = NULL;
	size_t size;

	t->manifest.version = 6;
	text = test_bundle_text(t, &size);
	test_store_write(store->registry_file, text, size);
	expect(store, START_ALONE, false, ERROR_STATE_CORRUPT, "manifest 6 is older than 7");
}

static void start_of_a_newer_registry_raises_the_floors(void **state)
{
	const struct test_store *store = *state;
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	CLEANUP(start_done) struct start start = { 0 };
	CLEANUP(free) char *text = NULL;
	struct error error = { 0 };
	size_t size;

	t->manifest.version = 9;
	text = test_bundle_text(t, &size);
	test_store_write(store->registry_file, text, size);
	registry_start(&store->rules, NULL, &start);
	assert_int_equal(start.row, START_GOOD);
	assert_int_equal(start.registry->origin.manifest_version, 9);
	t->manifest.version = 8;
	assert_true(test_store_try(store, t, &error) < 0);
	assert_int_equal(error.code, ERROR_ROLLBACK);
}

static void first_start_is_nothing_special(void **state)
{
	struct test_store *store = *state;

	assert_int_equal(registry_store_reset(store->directory, NULL, 0, NULL, NULL), 0);
	expect(store, START_FIRST_USE, false, ERROR_NONE, NULL);
}

static void start_takes_an_unsigned_registry_by_the_switch_only(void **state)
{
	struct test_store *store = *state;
	CLEANUP(free) char *text = test_registry_text(UNSIGNED_TEXT);

	assert_int_equal(unlink(store->trust_file), 0);
	test_store_write(store->registry_file, text, strlen(text));
	expect(store, START_UNSIGNED, true, ERROR_NONE, NULL);
	store->rules.allow_unsigned_config = false;
	expect(store, START_ALONE, false, ERROR_UNSIGNED, NULL);
	for (size_t cut = 0; cut < strlen(text) - 3; cut += 11) {
		test_store_write(store->registry_file, text, cut);
		store->rules.allow_unsigned_config = true;
		expect(store, START_ALONE, false, ERROR_STATE_CORRUPT, "running without peers");
	}
}

static void start_after_a_signed_registry_takes_no_unsigned_one(void **state)
{
	const struct test_store *store = *state;
	CLEANUP(free) char *text = test_registry_text(UNSIGNED_TEXT);

	test_store_write(store->registry_file, text, strlen(text));
	expect(store, START_ALONE, false, ERROR_UNSIGNED_DOWNGRADE, NULL);
}

static void start_after_reset_runs_on_what_still_verifies(void **state)
{
	const struct test_store *store = *state;
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	CLEANUP(free) char *payload = NULL;
	size_t size;

	damage(store->trust_file);
	payload = test_bundle_mesh_payload(t, 1, &size);
	assert_int_equal(registry_store_reset(store->directory, payload, size, "m", NULL), 0);
	expect(store, START_GOOD, true, ERROR_NONE, NULL);
	free(payload);
	t->mesh_id = "77aa000000000000000000000000bb02";
	payload = test_bundle_mesh_payload(t, 1, &size);
	assert_int_equal(registry_store_reset(store->directory, payload, size, "m", NULL), 0);
	expect(store, START_ALONE, false, ERROR_STATE_CORRUPT, "belongs to mesh");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, test_store_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(start_runs_on_the_last_good_registry),
		TEST(start_tells_of_a_clock_of_1970),
		TEST(start_rebuilds_missing_trust),
		TEST(start_with_missing_trust_needs_the_pin),
		TEST(start_with_damaged_trust_runs_and_says_so),
		TEST(start_with_damaged_trust_and_registry_is_alone),
		TEST(start_with_damaged_trust_takes_no_unsigned_registry),
		TEST(start_without_registry_is_alone_and_goes_on_from_trust),
		TEST(start_never_runs_on_an_older_registry),
		TEST(start_of_a_newer_registry_raises_the_floors),
		TEST(first_start_is_nothing_special),
		TEST(start_takes_an_unsigned_registry_by_the_switch_only),
		TEST(start_after_a_signed_registry_takes_no_unsigned_one),
		TEST(start_after_reset_runs_on_what_still_verifies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
