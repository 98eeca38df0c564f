// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/store.h"

#include "registry/test_support.h"

#include "base/file.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define SHORT_TEXT                                                                                 \
	"[{'organization': 'o', 'public_key': $A, 'nodes': [{'common_name': 'n', 'endpoints': []," \
	" 'remarks': {'network': 'fd66::/64'}}]}] \n\n"

struct place {
	char top[PATH_MAX / 4];
	char directory[PATH_MAX / 2]; /* not there yet */
	char file[PATH_MAX];
	char *text;
};

static int place_setup(void **state)
{
	static struct place place;
	const char *base = getenv("TMPDIR");

	(void)snprintf(place.top, sizeof(place.top), "%.500s/aronet-store-XXXXXX",
		       base ? base : "/tmp");
	if (!mkdtemp(place.top))
		return -1;
	(void)snprintf(place.directory, sizeof(place.directory), "%s/state", place.top);
	(void)snprintf(place.file, sizeof(place.file), "%s/" REGISTRY_STORE_FILE, place.directory);
	place.text = test_registry_text(SHORT_TEXT);
	*state = &place;
	return 0;
}

static int place_teardown(void **state)
{
	struct place *place = *state;

	free(place->text);
	(void)unlink(place->file);
	(void)rmdir(place->file);
	(void)rmdir(place->directory);
	return rmdir(place->top);
}

static void write_text(const struct place *place, size_t size)
{
	struct error error = { 0 };

	if (registry_store_write(place->directory, place->text, size, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
}

static void store_keeps_the_exact_bytes(void **state)
{
	const struct place *place = *state;
	CLEANUP(free) char *bytes = NULL;
	struct error error = { 0 };
	struct stat status;
	size_t size;

	write_text(place, 3);
	write_text(place, strlen(place->text));
	assert_int_equal(registry_store_read(place->directory, &bytes, &size, &error), 0);
	assert_int_equal(size, strlen(place->text));
	assert_memory_equal(bytes, place->text, size);
	assert_int_equal(stat(place->file, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(stat(place->directory, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
}

static void store_loads_what_was_accepted(void **state)
{
	const struct place *place = *state;
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	CLEANUP(registry_free) struct registry *registry = NULL;
	struct error error = { 0 };

	write_text(place, strlen(place->text));
	assert_int_equal(registry_store_load(place->directory, true, &warnings, &registry, &error),
			 0);
	assert_int_equal(registry->nodes_count, 1);
	assert_int_equal(test_warnings_count(&warnings, "W01"), 1);
}

static void store_tells_a_missing_file_from_a_damaged_one(void **state)
{
	const struct place *place = *state;
	struct registry *registry = NULL;
	struct error error = { 0 };

	assert_int_equal(registry_store_load(place->directory, true, NULL, &registry, &error),
			 -ENOENT);
	assert_int_equal(error.code, ERROR_NONE);
	for (size_t size = 0; size < strlen(place->text) - 3; size++) {
		error = (struct error) { 0 };
		write_text(place, size);
		assert_true(registry_store_load(place->directory, true, NULL, &registry, &error) <
			    0);
		assert_int_equal(error.code, ERROR_STATE_CORRUPT);
		assert_int_equal(error_exit_code(error.code), EXIT_STATE);
		assert_non_null(strstr(error.place, place->file));
		assert_non_null(strstr(error.text, "running without peers; load a registry again: "
						   "aronet load -r FILE"));
	}
	assert_null(registry);
}

static void store_refuses_a_directory_in_place_of_the_file(void **state)
{
	const struct place *place = *state;
	struct registry *registry = NULL;
	struct error error = { 0 };

	assert_int_equal(file_make_directory(place->file, 0700, &error), 0);
	assert_true(registry_store_load(place->directory, true, NULL, &registry, &error) < 0);
	assert_int_equal(error.code, ERROR_STATE_CORRUPT);
	error = (struct error) { 0 };
	assert_true(registry_store_write(place->directory, "[]", 2, &error) < 0);
	assert_int_equal(error.code, ERROR_STATE_WRITE);
}

static void store_asks_the_configuration_again(void **state)
{
	const struct place *place = *state;
	struct registry *registry = NULL;
	struct error error = { 0 };

	write_text(place, strlen(place->text));
	assert_true(registry_store_load(place->directory, false, NULL, &registry, &error) < 0);
	assert_int_equal(error.code, ERROR_UNSIGNED);
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(store_keeps_the_exact_bytes),
		STORE_TEST(store_loads_what_was_accepted),
		STORE_TEST(store_tells_a_missing_file_from_a_damaged_one),
		STORE_TEST(store_refuses_a_directory_in_place_of_the_file),
		STORE_TEST(store_asks_the_configuration_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
