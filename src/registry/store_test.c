// SPDX-License-Identifier: GPL-2.0-or-later
/* What a start makes of the files is in start_test.c, crashes and full disks in store_fault_test.c.
 */
#include "registry/store.h"

#include "registry/test_store.h"
#include "registry/test_support.h"

#include "base/file.h"
#include "crypto/crypto.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define UNSIGNED_TEXT                                                                              \
	"[{'organization': 'o', 'public_key': $A, 'nodes': [{'common_name': 'n', 'endpoints': []," \
	" 'remarks': {'network': 'fd66::/64'}}]}] \n\n"

static void read_state(const struct test_store *store, struct warnings *warnings,
		       struct store_state *ret)
{
	struct error error = { 0 };

	if (registry_store_read_state(&store->rules, warnings, ret, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
}

static int load_unsigned(const struct test_store *store, struct error *error)
{
	CLEANUP(free) char *text = test_registry_text(UNSIGNED_TEXT);

	*error = (struct error) { 0 };
	return test_store_load(store, text, strlen(text), NULL, error);
}

static void assert_mode(const char *path, unsigned mode)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, mode);
}

static void first_start_finds_nothing(void **state)
{
	const struct test_store *store = *state;
	CLEANUP(store_state_done) struct store_state found = { 0 };
	struct error error = { 0 };
	char *bytes = NULL;
	size_t size;

	read_state(store, NULL, &found);
	assert_null(found.trust);
	assert_false(found.has_signed_state);
	assert_int_equal(registry_store_read(store->directory, &bytes, &size, &error), -ENOENT);
	assert_int_equal(error.code, ERROR_NONE);
}

static void store_keeps_the_exact_bytes_and_the_trust(void **state)
{
	const struct test_store *store = *state;
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	CLEANUP(store_state_done) struct store_state found = { 0 };
	CLEANUP(free) char *bytes = NULL;
	size_t size, expected_size;
	CLEANUP(free) char *expected = test_bundle_text(t, &expected_size);

	test_store_accept(store, t);
	assert_int_equal(registry_store_read(store->directory, &bytes, &size, NULL), 0);
	assert_int_equal(size, expected_size);
	assert_memory_equal(bytes, expected, size);
	assert_mode(store->directory, 0700);
	assert_mode(store->registry_file, 0600);
	assert_mode(store->trust_file, 0600);
	read_state(store, NULL, &found);
	assert_true(found.has_trust_file);
	assert_true(found.has_signed_state);
	assert_int_equal(found.trust->manifest.version, 1);
}

static void second_load_sees_the_floors_of_the_first(void **state)
{
	const struct test_store *store = *state;
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	struct error error = { 0 };

	t->manifest.version = 7;
	test_store_accept(store, t);
	t->manifest.version = 6;
	assert_true(test_store_try(store, t, &error) < 0);
	assert_int_equal(error.code, ERROR_ROLLBACK);
	t->manifest.version = 8;
	test_store_accept(store, t);
}

static void unsigned_registry_leaves_no_trust(void **state)
{
	const struct test_store *store = *state;
	struct error error;

	assert_int_equal(load_unsigned(store, &error), 0);
	assert_int_equal(access(store->registry_file, F_OK), 0);
	assert_int_equal(access(store->trust_file, F_OK), -1);
	assert_int_equal(load_unsigned(store, &error), 0);
}

static void unsigned_registry_is_never_taken_after_a_signed_one(void **state)
{
	const struct test_store *store = *state;
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	struct error error;

	assert_int_equal(load_unsigned(store, &error), 0);
	t->manifest.version = 481;
	test_store_accept(store, t);
	assert_true(load_unsigned(store, &error) < 0);
	assert_int_equal(error.code, ERROR_UNSIGNED_DOWNGRADE);
	assert_string_equal(error.text, "refusing an unsigned registry: this node has already "
					"accepted signed manifest 481; run aronet registry "
					"reset-trust to go back");
	/* Nor by removing a file: the other one tells. */
	assert_int_equal(unlink(store->trust_file), 0);
	assert_true(load_unsigned(store, &error) < 0);
	assert_int_equal(error.code, ERROR_UNSIGNED_DOWNGRADE);
}

static void lost_trust_is_rebuilt_from_last_good(void **state)
{
	struct test_store *store = *state;
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	CLEANUP(store_state_done) struct store_state found = { 0 };
	CLEANUP(store_state_done) struct store_state other = { 0 };

	t->manifest.version = 5;
	test_store_accept(store, t);
	assert_int_equal(unlink(store->trust_file), 0);
	read_state(store, &warnings, &found);
	assert_false(found.has_trust_file);
	assert_int_equal(found.trust->manifest.version, 5);
	assert_int_equal(test_warnings_count(&warnings, "W05"), 1);
	test_store_accept(store, t);
	assert_int_equal(access(store->trust_file, F_OK), 0);
	/* With another pin there is nothing to rebuild from, but it was signed. */
	assert_int_equal(unlink(store->trust_file), 0);
	store->pin[0] ^= 1;
	read_state(store, NULL, &other);
	assert_null(other.trust);
	assert_true(other.has_signed_state);
}

static void damaged_trust_refuses_every_load(void **state)
{
	const struct test_store *store = *state;
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	CLEANUP(free) char *text = NULL;
	struct error error = { 0 };
	size_t size;

	test_store_accept(store, t);
	assert_int_equal(file_read(store->trust_file, TRUST_SIZE_MAX, &text, &size, NULL), 0);
	for (size_t cut = 0; cut < size - 1; cut += 7) {
		test_store_write(store->trust_file, text, cut);
		assert_true(test_store_try(store, t, &error) < 0);
		assert_int_equal(error.code, ERROR_STATE_CORRUPT);
		assert_int_equal(error_exit_code(error.code), EXIT_STATE);
		assert_non_null(strstr(error.place, store->trust_file));
		assert_true(load_unsigned(store, &error) < 0);
		assert_int_equal(error.code, ERROR_STATE_CORRUPT);
	}
	/* Something else in its place is damage, too. */
	assert_int_equal(unlink(store->trust_file), 0);
	assert_int_equal(mkdir(store->trust_file, 0700), 0);
	assert_true(test_store_try(store, t, &error) < 0);
	assert_int_equal(error.code, ERROR_STATE_CORRUPT);
}

static void directory_in_place_of_the_registry_cannot_be_replaced(void **state)
{
	const struct test_store *store = *state;
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	struct error error = { 0 };
	char *bytes = NULL;
	size_t size;

	assert_int_equal(file_make_directory(store->registry_file, 0700, &error), 0);
	assert_true(registry_store_read(store->directory, &bytes, &size, &error) < 0);
	assert_int_equal(error.code, ERROR_STATE_CORRUPT);
	assert_true(test_store_try(store, t, &error) < 0);
	assert_int_equal(error.code, ERROR_STATE_WRITE);
	assert_int_equal(error_exit_code(error.code), EXIT_STATE);
	assert_non_null(strstr(error.text, "cannot record trust state in "));
	assert_non_null(strstr(error.text, ": Is a directory; registry not applied"));
	assert_int_equal(access(store->trust_file, F_OK), -1);
}

static void state_that_changed_meanwhile_is_not_overwritten(void **state)
{
	const struct test_store *store = *state;
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	CLEANUP(test_bundle_free) struct test_bundle *other = test_bundle_new(1, 1);
	CLEANUP(store_state_done) struct store_state before = { 0 };
	CLEANUP(free) char *payload = NULL;
	struct error error = { 0 };
	size_t size;

	test_store_accept(store, t);
	read_state(store, NULL, &before);
	other->mesh_id = "77aa000000000000000000000000bb02";
	payload = test_bundle_mesh_payload(other, 1, &size);
	assert_int_equal(registry_store_reset(store->directory, payload, size, "mesh.json", &error),
			 0);
	assert_true(registry_store_record(store->directory, &before, before.trust, "{}", 2,
					  &error) < 0);
	assert_int_equal(error.code, ERROR_BUSY);
	assert_int_equal(unlink(store->trust_file), 0);
	assert_true(registry_store_record(store->directory, &before, before.trust, "{}", 2,
					  &error) < 0);
	assert_int_equal(error.code, ERROR_BUSY);
}

static void reset_trusts_the_given_mesh_and_forgets_floors(void **state)
{
	const struct test_store *store = *state;
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	CLEANUP(test_bundle_free) struct test_bundle *other = test_bundle_new(2, 1);
	CLEANUP(store_state_done) struct store_state found = { 0 };
	CLEANUP(free) char *payload = NULL;
	struct error error = { 0 };
	size_t size;

	t->manifest.version = 1000;
	test_store_accept(store, t);
	other->mesh_id = "77aa000000000000000000000000bb02";
	other->meshes[0].mesh = test_role(50, 2, 2);
	assert_true(test_store_try(store, other, &error) < 0);
	assert_int_equal(error.code, ERROR_MESH);
	payload = test_bundle_mesh_payload(other, 1, &size);
	assert_int_equal(registry_store_reset(store->directory, payload, size, "mesh.json", &error),
			 0);
	read_state(store, NULL, &found);
	assert_int_equal(found.trust->mesh_version, 1);
	assert_int_equal(found.trust->mesh_keys.threshold, 2);
	assert_int_equal(found.trust->manifest.version, 0);
	/* The pin of the configuration is still the old one; what was reset decides. */
	assert_true(load_unsigned(store, &error) < 0);
	assert_int_equal(error.code, ERROR_UNSIGNED_DOWNGRADE);
	assert_true(test_store_try(store, t, &error) < 0);
	assert_int_equal(error.code, ERROR_MESH);
	test_store_accept(store, other);
}

static void reset_repairs_damaged_trust(void **state)
{
	const struct test_store *store = *state;
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	CLEANUP(free) char *payload = NULL;
	struct error error = { 0 };
	size_t size;

	test_store_accept(store, t);
	test_store_write(store->trust_file, "{", 1);
	payload = test_bundle_mesh_payload(t, 1, &size);
	assert_int_equal(registry_store_reset(store->directory, payload, size, "mesh.json", &error),
			 0);
	test_store_accept(store, t);
}

static void reset_to_what_is_no_mesh_changes_nothing(void **state)
{
	const struct test_store *store = *state;
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	CLEANUP(store_state_done) struct store_state before = { 0 }, after = { 0 };
	struct error error = { 0 };

	test_store_accept(store, t);
	read_state(store, NULL, &before);
	assert_true(registry_store_reset(store->directory, "{}", 2, "mesh.json", &error) < 0);
	assert_int_equal(error_exit_code(error.code), EXIT_REGISTRY);
	read_state(store, NULL, &after);
	assert_memory_equal(before.digest, after.digest, KEY_SIZE);
}

static void reset_to_nothing_goes_back_to_the_beginning(void **state)
{
	const struct test_store *store = *state;
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	struct error error = { 0 };

	assert_int_equal(registry_store_reset(store->directory, NULL, 0, NULL, &error), 0);
	test_store_accept(store, t);
	assert_int_equal(registry_store_reset(store->directory, NULL, 0, NULL, &error), 0);
	assert_int_equal(access(store->registry_file, F_OK), -1);
	assert_int_equal(access(store->trust_file, F_OK), -1);
	assert_int_equal(load_unsigned(store, &error), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_store_setup, test_store_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(first_start_finds_nothing),
		TEST(store_keeps_the_exact_bytes_and_the_trust),
		TEST(second_load_sees_the_floors_of_the_first),
		TEST(unsigned_registry_leaves_no_trust),
		TEST(unsigned_registry_is_never_taken_after_a_signed_one),
		TEST(lost_trust_is_rebuilt_from_last_good),
		TEST(damaged_trust_refuses_every_load),
		TEST(directory_in_place_of_the_registry_cannot_be_replaced),
		TEST(state_that_changed_meanwhile_is_not_overwritten),
		TEST(reset_trusts_the_given_mesh_and_forgets_floors),
		TEST(reset_repairs_damaged_trust),
		TEST(reset_to_what_is_no_mesh_changes_nothing),
		TEST(reset_to_nothing_goes_back_to_the_beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
