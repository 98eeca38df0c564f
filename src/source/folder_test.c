// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/folder.h"

#include "base/file.h"
#include "source/changes.h"
#include "source/test_folder.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void write_file(const struct test_folder *folder, const char *path, const char *text)
{
	CLEANUP(source_changes_done) struct source_changes changes = { 0 };
	struct error error = { 0 };

	source_put_text(&changes, path, text);
	if (source_apply(folder->path, &changes, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
}

static void expect_refused(const struct test_folder *folder, enum error_code code,
			   const char *place, const char *text)
{
	CLEANUP(source_free) struct source *source = NULL;
	struct error error = { 0 };

	assert_true(source_read(folder->path, false, &source, &error) < 0);
	assert_int_equal(error.code, code);
	if (!strstr(error.place, place) || !strstr(error.text, text))
		fail_msg("%s: %s", error.place, error.text);
}

static void a_folder_holds_its_documents_in_order(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;
	CLEANUP(source_free) struct source *source = NULL;

	(void)state;
	test_folder_make(&folder, 2);
	test_folder_sign_all(&folder);
	source = test_folder_read(&folder);
	assert_null(source->draft);
	assert_null(source->manifest);
	assert_int_equal(source->meshes_count, 1);
	assert_int_equal(source->meshes[0].number, 1);
	assert_int_equal(source->meshes[0].envelope.signatures_count, 2);
	assert_int_equal(source->organizations_count, 2);
	assert_string_equal(source->organizations[0].name, "north");
	assert_string_equal(source->organizations[1].path, "org/south.json");
	assert_true(source->organizations[1].has_signatures);
	assert_ptr_equal(source_current_mesh(source), source_newest_mesh(source));
}

static void other_files_are_none_of_its_business(void **state)
{
	static const char *const names[] = {
		"README.md",	   "mesh.1.json.new", "mesh.0.json",	"mesh.01.json",
		"mesh.x.json",	   "mesh..json",      "org/README",	"org/.north.json.swp",
		"org/north.json~", "registry.json",   ".git/mesh.json", "mesh.7.json.sig",
	};
	CLEANUP(test_folder_remove) struct test_folder folder;
	CLEANUP(source_free) struct source *source = NULL;

	(void)state;
	test_folder_make(&folder, 2);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		write_file(&folder, names[i], "junk");
	source = test_folder_read(&folder);
	assert_int_equal(source->meshes_count, 0);
	assert_int_equal(source->organizations_count, 2);
}

static void meshes_are_sorted_by_number(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;
	CLEANUP(source_free) struct source *source = NULL;

	(void)state;
	test_folder_make(&folder, 2);
	write_file(&folder, "mesh.10.json", "{}");
	write_file(&folder, "mesh.9.json", "{}");
	source = test_folder_read(&folder);
	assert_int_equal(source->meshes_count, 2);
	assert_int_equal(source->meshes[0].number, 9);
	assert_int_equal(source->meshes[1].number, 10);
}

static void names_that_are_none_are_refused(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;

	(void)state;
	test_folder_make(&folder, 2);
	write_file(&folder, "org/a,b.json", "{}");
	expect_refused(&folder, ERROR_NAME, "org/a,b.json", "is called NAME.json");
}

static void a_folder_without_a_registry_says_what_to_do(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;
	CLEANUP(source_changes_done) struct source_changes changes = { 0 };
	const struct test_folder nowhere = { .path = "/nonexistent/home" };

	(void)state;
	test_folder_make(&folder, 2);
	source_remove(&changes, SOURCE_DRAFT);
	assert_int_equal(source_apply(folder.path, &changes, NULL), 0);
	expect_refused(&folder, ERROR_FILE, folder.path, "make one with aronet registry init");
	expect_refused(&nowhere, ERROR_FILE, "/nonexistent/home", "cannot open");
}

static void damaged_signatures_are_named(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;

	(void)state;
	test_folder_make(&folder, 2);
	write_file(&folder, "mesh.json.sig", "{\"payloadType\": ");
	expect_refused(&folder, ERROR_SYNTAX, "mesh.json.sig", "");
	write_file(&folder, "mesh.json.sig",
		   "{\"payloadType\": \"application/vnd.aronet.org.v1+json\", \"signatures\": []}");
	expect_refused(&folder, ERROR_ENVELOPE, "mesh.json.sig",
		       "expected application/vnd.aronet.mesh");
}

static void two_commands_do_not_write_at_once(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;
	CLEANUP(source_free) struct source *first = NULL;
	CLEANUP(source_free) struct source *reader = NULL;
	struct source *second = NULL;
	struct error error = { 0 };

	(void)state;
	test_folder_make(&folder, 2);
	first = test_folder_read(&folder);
	assert_true(source_read(folder.path, true, &second, &error) < 0);
	assert_int_equal(error.code, ERROR_BUSY);
	assert_int_equal(source_read(folder.path, false, &reader, &error), 0);
}

/* A crash came between the writing of mesh.1.json and the removal of mesh.json. */
static void a_draft_that_was_finished_is_a_leftover(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;
	CLEANUP(source_free) struct source *source = NULL;
	CLEANUP(free) char *text = NULL;
	char path[PATH_MAX];
	size_t size;

	(void)state;
	test_folder_make(&folder, 2);
	(void)test_folder_sign(&folder, "mesh", TEST_KEYS(1, 2));
	assert_int_equal(file_read(source_path(folder.path, "mesh.1.json", path), 1 << 20, &text,
				   &size, NULL),
			 0);
	write_file(&folder, SOURCE_DRAFT, text);
	source = test_folder_read(&folder);
	assert_null(source->draft);
	assert_true(source->has_leftover);
	source_free(TAKE(source));
	/* The text before it was signed, and one that says something else. */
	test_folder_edit(&folder, SOURCE_DRAFT, "2026-11-22", "2026-11-21");
	source = test_folder_read(&folder);
	assert_true(source->has_leftover);
	source_free(TAKE(source));
	test_folder_edit(&folder, SOURCE_DRAFT, "\"max_length\": 64", "\"max_length\": 65");
	source = test_folder_read(&folder);
	assert_non_null(source->draft);
	assert_false(source->has_leftover);
}

/* The same text with a later version: somebody signs it anew, and others have to as well. */
static void a_draft_that_renews_is_no_leftover(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;
	CLEANUP(source_free) struct source *source = NULL;
	CLEANUP(free) char *text = NULL;
	char path[PATH_MAX];
	size_t size;

	(void)state;
	test_folder_make(&folder, 2);
	(void)test_folder_sign(&folder, "mesh", TEST_KEYS(1, 2));
	assert_int_equal(file_read(source_path(folder.path, "mesh.1.json", path), 1 << 20, &text,
				   &size, NULL),
			 0);
	write_file(&folder, SOURCE_DRAFT, text);
	test_folder_edit(&folder, SOURCE_DRAFT, "\"version\": 1", "\"version\": 2");
	source = test_folder_read(&folder);
	assert_non_null(source->draft);
}

static void documents_are_found_by_their_words(void **state)
{
	static const struct {
		const char *word, *path;
	} rows[] = {
		{ "mesh", "mesh.json" },
		{ "mesh.json", "mesh.json" },
		{ "org/north", "org/north.json" },
		{ "org/south.json", "org/south.json" },
		{ "org/west", NULL },
		{ "manifest", NULL },
		{ "north", NULL },
		{ "", NULL },
		{ "org/", NULL },
		{ "org/../mesh.json", NULL },
	};
	CLEANUP(test_folder_remove) struct test_folder folder;
	CLEANUP(source_free) struct source *source = NULL;

	(void)state;
	test_folder_make(&folder, 2);
	source = test_folder_read(&folder);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct source_document *document = NULL;
		struct error error = { 0 };
		int result = source_find(source, rows[i].word, &document, &error);

		if ((result == 0) != (rows[i].path != NULL))
			fail_msg("%s: %d", rows[i].word, result);
		if (result == 0)
			assert_string_equal(document->path, rows[i].path);
		else
			assert_int_equal(error.code, ERROR_USAGE);
	}
}

static void what_cannot_be_written_changes_nothing(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;
	CLEANUP(source_changes_done) struct source_changes changes = { 0 };
	CLEANUP(source_free) struct source *source = NULL;
	struct error error = { 0 };

	(void)state;
	test_folder_make(&folder, 2);
	source_put_text(&changes, SOURCE_DRAFT, "{}");
	source_remove(&changes, "org/north.json");
	source_put_text(&changes, "org/south.json/impossible", "{}");
	assert_true(source_apply(folder.path, &changes, &error) < 0);
	assert_int_equal(error.code, ERROR_STATE_WRITE);
	assert_false(test_folder_has(&folder, "mesh.json.new"));
	source = test_folder_read(&folder);
	assert_true(source->draft->envelope.payload_size > 2);
	assert_int_equal(source->organizations_count, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_holds_its_documents_in_order),
		cmocka_unit_test(other_files_are_none_of_its_business),
		cmocka_unit_test(meshes_are_sorted_by_number),
		cmocka_unit_test(names_that_are_none_are_refused),
		cmocka_unit_test(a_folder_without_a_registry_says_what_to_do),
		cmocka_unit_test(damaged_signatures_are_named),
		cmocka_unit_test(two_commands_do_not_write_at_once),
		cmocka_unit_test(a_draft_that_was_finished_is_a_leftover),
		cmocka_unit_test(a_draft_that_renews_is_no_leftover),
		cmocka_unit_test(documents_are_found_by_their_words),
		cmocka_unit_test(what_cannot_be_written_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
