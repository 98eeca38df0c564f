// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/publish.h"

#include "base/file.h"
#include "base/memory.h"
#include "source/test_folder.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void must_publish(const struct test_folder *folder, const unsigned *keys,
			 struct publication *ret)
{
	struct error error = { 0 };

	if (test_folder_publish(folder, keys, true, ret, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
}

static void expect_refused(const struct test_folder *folder, const unsigned *keys,
			   enum error_code code, const char *text)
{
	struct error error = { 0 };

	assert_true(test_folder_publish(folder, keys, true, NULL, &error) < 0);
	if (error.code != code || !strstr(error.text, text))
		fail_msg("%s: %s: %s", error_code_name(error.code), error.place, error.text);
}

static void a_published_registry_is_one_that_nodes_take(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;
	CLEANUP(publication_done) struct publication publication = { 0 };
	CLEANUP(bundle_free) struct bundle *bundle = NULL;

	(void)state;
	test_folder_make(&folder, 2);
	test_folder_sign_all(&folder);
	must_publish(&folder, TEST_KEYS(10), &publication);
	assert_true(publication.is_complete);
	assert_int_equal(publication.verified.registry->nodes_count, 2);
	assert_int_equal(publication.manifest.version, 1);
	assert_int_equal(publication.manifest.expires,
			 folder.now + MANIFEST_DAYS_DEFAULT * DAY_SEC);
	assert_int_equal(bundle_parse(publication.bundle.bytes, publication.bundle.length, "b",
				      &bundle, NULL),
			 0);
	assert_int_equal(bundle->count, 4);
	/* The next one is the same with another manifest. */
	publication_done(&publication);
	must_publish(&folder, TEST_KEYS(10), &publication);
	assert_int_equal(publication.manifest.version, 2);
	assert_int_equal(publication.mesh.version, 1);
	assert_false(publication.mesh_is_new);
}

static void what_the_keys_may_sign_is_signed(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;
	CLEANUP(publication_done) struct publication publication = { 0 };

	(void)state;
	test_folder_make(&folder, 2);
	must_publish(&folder, TEST_KEYS(1, 3, 10, 20, 21), &publication);
	assert_true(test_folder_has(&folder, "mesh.1.json"));
	assert_false(test_folder_has(&folder, "mesh.json"));
	assert_true(test_folder_has(&folder, "org/south.json.sig"));
	assert_int_equal(publication.verified.registry->nodes_count, 2);
}

static void missing_signatures_are_named(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;

	(void)state;
	test_folder_make(&folder, 2);
	expect_refused(&folder, TEST_KEYS(1, 10), ERROR_SIG_THRESHOLD,
		       "mesh 1 has 1 of 2 signatures");
	(void)test_folder_sign(&folder, "mesh", TEST_KEYS(1, 2));
	(void)test_folder_sign(&folder, "org/north", TEST_KEYS(20));
	expect_refused(&folder, TEST_KEYS(10), ERROR_SIG_THRESHOLD,
		       "org \"south\" has 0 of 1 signatures");
	(void)test_folder_sign(&folder, "org/south", TEST_KEYS(21));
	expect_refused(&folder, TEST_KEYS(20), ERROR_KEY_ROLE, "may not sign manifest 1");
	expect_refused(&folder, TEST_KEYS(0), ERROR_KEY_ROLE, "needs a key");
}

static void nobody_is_left_out(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;
	char path[PATH_MAX];

	(void)state;
	test_folder_make(&folder, 2);
	test_folder_sign_all(&folder);
	assert_int_equal(unlink(source_path(folder.path, "org/south.json", path)), 0);
	expect_refused(&folder, TEST_KEYS(10), ERROR_OMITTED, "\"south\" is a member");
}

static void what_nodes_would_refuse_is_not_published(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;

	(void)state;
	test_folder_make(&folder, 2);
	test_folder_edit(&folder, "org/south.json", "fd66:2:1::", "fd66:1:5::");
	test_folder_sign_all(&folder);
	expect_refused(&folder, TEST_KEYS(10), ERROR_GRANT,
		       "south/s1: fd66:1:5::/64 is outside the grants of \"south\"");
	assert_false(test_folder_has(&folder, "manifest.json"));
}

static void copy_file(const struct test_folder *folder, const char *from, const char *to)
{
	char path[PATH_MAX];
	CLEANUP(free) char *text = NULL;
	size_t size;

	assert_int_equal(
		file_read(source_path(folder->path, from, path), 1 << 20, &text, &size, NULL), 0);
	assert_int_equal(file_replace(source_path(folder->path, to, path), text, size, 0644, NULL),
			 0);
}

/* Two administrators make different versions 2 of the same document. */
static void two_texts_of_one_version_are_not_published(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;

	(void)state;
	test_folder_make(&folder, 2);
	test_folder_sign_all(&folder);
	must_publish(&folder, TEST_KEYS(10), NULL);
	copy_file(&folder, "org/north.json", "north.mine");
	copy_file(&folder, "org/north.json.sig", "north.mine.sig");
	test_folder_edit(&folder, "org/north.json", "12025", "12026");
	(void)test_folder_sign(&folder, "org/north", TEST_KEYS(20));
	must_publish(&folder, TEST_KEYS(10), NULL);
	copy_file(&folder, "north.mine", "org/north.json");
	copy_file(&folder, "north.mine.sig", "org/north.json.sig");
	expect_refused(&folder, TEST_KEYS(10), ERROR_ROLLBACK, "org \"north\"");
	test_folder_edit(&folder, "org/north.json", "12025", "12027");
	(void)test_folder_sign(&folder, "org/north", TEST_KEYS(20));
	expect_refused(&folder, TEST_KEYS(10), ERROR_EQUIVOCATION, "org \"north\"");
}

static void what_is_half_over_is_renewed(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;
	CLEANUP(publication_done) struct publication publication = { 0 };

	(void)state;
	test_folder_make(&folder, 2);
	test_folder_sign_all(&folder);
	must_publish(&folder, TEST_KEYS(10), NULL);
	folder.now += 182 * DAY_SEC; /* of 366 */
	must_publish(&folder, TEST_KEYS(10, 20), &publication);
	assert_int_equal(publication.orgs[0].version, 1);
	assert_int_equal(publication.notes.length, 0);
	publication_done(&publication);
	folder.now += 2 * DAY_SEC;
	must_publish(&folder, TEST_KEYS(10, 20), &publication);
	assert_int_equal(publication.orgs[0].version, 2);
	assert_int_equal(publication.orgs[0].expires, folder.now + DOCUMENT_DAYS_MAX * DAY_SEC);
	assert_int_equal(publication.orgs[1].version, 1);
	assert_non_null(strstr(publication.notes.bytes, "org \"south\" expires"));
	assert_non_null(strstr(publication.notes.bytes, "mesh 1 expires"));
	publication_done(&publication);
	must_publish(&folder, TEST_KEYS(10, 1, 2), &publication);
	assert_int_equal(publication.mesh.version, 2);
	assert_true(test_folder_has(&folder, "mesh.2.json"));
}

/* Somebody has used up the versions; what is signed is published all the same. */
static void the_last_version_is_published(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;
	CLEANUP(publication_done) struct publication publication = { 0 };

	(void)state;
	test_folder_make(&folder, 2);
	test_folder_edit(&folder, "org/north.json", "\"version\": 1",
			 "\"version\": 9007199254740991");
	test_folder_sign_all(&folder);
	must_publish(&folder, TEST_KEYS(10), &publication);
	assert_true(publication.orgs[0].version == DOCUMENT_VERSION_MAX);
}

static void what_has_expired_is_named(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;

	(void)state;
	test_folder_make(&folder, 2);
	test_folder_sign_all(&folder);
	must_publish(&folder, TEST_KEYS(10), NULL);
	folder.now += 400 * DAY_SEC;
	expect_refused(&folder, TEST_KEYS(10, 1, 2, 20), ERROR_EXPIRED, "org \"south\" expired");
	must_publish(&folder, TEST_KEYS(10, 1, 2, 20, 21), NULL);
}

static void a_draft_that_cannot_be_finished_stays_one(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;
	CLEANUP(publication_done) struct publication publication = { 0 };

	(void)state;
	test_folder_make(&folder, 2);
	test_folder_sign_all(&folder);
	copy_file(&folder, "mesh.1.json", "mesh.json");
	test_folder_edit(&folder, "mesh.json", "\"name\": \"test\"", "\"name\": \"best\"");
	must_publish(&folder, TEST_KEYS(10, 1), &publication);
	assert_int_equal(publication.mesh.version, 1);
	assert_non_null(strstr(publication.notes.bytes, "mesh 2 is a draft (1 of 2 signatures)"));
	assert_true(test_folder_has(&folder, "mesh.json"));
	assert_false(test_folder_has(&folder, "mesh.json.sig"));
	publication_done(&publication);
	must_publish(&folder, TEST_KEYS(10, 1, 3), &publication);
	assert_int_equal(publication.mesh.version, 2);
	assert_false(test_folder_has(&folder, "mesh.json"));
}

/* Whatever a crash leaves of the files of one publication, the same command makes it whole. */
static void a_crash_between_any_two_files_is_repaired(void **state)
{
	struct error error = { 0 };
	size_t steps = 1;

	(void)state;
	for (size_t step = 0; step < steps; step++) {
		CLEANUP(test_folder_remove) struct test_folder folder;
		CLEANUP(source_changes_done) struct source_changes changes = { 0 };
		CLEANUP(publication_done) struct publication cut = { 0 };
		CLEANUP(publication_done) struct publication whole = { 0 };
		struct source *source;

		test_folder_make(&folder, 2);
		must_publish(&folder, TEST_KEYS(1, 2, 10, 20, 21), NULL);
		copy_file(&folder, "mesh.1.json", "mesh.json");
		test_folder_edit(&folder, "mesh.json", "\"name\": \"test\"", "\"name\": \"best\"");
		test_folder_edit(&folder, "org/north.json", "12025", "12026");
		assert_int_equal(test_folder_publish(&folder, TEST_KEYS(1, 2, 10, 20, 21), false,
						     &cut, &error),
				 0);
		source = test_folder_read(&folder);
		publication_changes(source, &cut, &changes);
		source_free(source);
		steps = changes.count + 1;
		for (size_t i = step; i < changes.count; i++) {
			free(changes.items[i].path);
			free(changes.items[i].bytes);
		}
		changes.count = step < changes.count ? step : changes.count;
		assert_int_equal(source_apply(folder.path, &changes, &error), 0);

		folder.now += 60;
		must_publish(&folder, TEST_KEYS(1, 2, 10, 20, 21), &whole);
		assert_int_equal(whole.mesh.version, 2);
		assert_int_equal(whole.orgs[0].version, 2);
		assert_true(whole.manifest.version == 2 || whole.manifest.version == 3);
		assert_false(test_folder_has(&folder, "mesh.json"));
		assert_false(test_folder_has(&folder, "mesh.json.sig"));
	}
	assert_true(steps > 8);
}

/* Keys of the mesh: 1, 1, 2, 2, 2; the payloads have 300 KiB each. */
static void a_bundle_has_every_change_of_keys_and_the_newest(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	struct source source = { .directory = (char[]) { "." } };
	CLEANUP(bundle_free) struct bundle *bundle = NULL;
	struct source_document documents[4] = { 0 };
	bool chosen[4];

	(void)state;
	for (unsigned version = 2; version <= 5; version++) {
		struct test_mesh *mesh = test_bundle_next_mesh(t);

		if (version == 3)
			mesh->mesh = test_role(2, 1, 1);
	}
	bundle = test_bundle_build(t);
	assert_int_equal(bundle->meshes_count, 5);
	for (unsigned i = 0; i < 4; i++) {
		documents[i].number = i + 1;
		documents[i].envelope = bundle->envelopes[i];
	}
	source.meshes = documents;
	source.meshes_count = 4;
	assert_int_equal(publish_choose_meshes(&source, &bundle->envelopes[4], chosen, NULL), 0);
	for (unsigned i = 0; i < 4; i++)
		assert_true(chosen[i]);
	bundle->envelopes[4].payload_size = PUBLISH_MESHES_SIZE; /* not looked into */
	assert_int_equal(publish_choose_meshes(&source, &bundle->envelopes[4], chosen, NULL), 0);
	assert_true(chosen[0]);
	assert_false(chosen[1]);
	assert_true(chosen[2]);
	assert_false(chosen[3]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_published_registry_is_one_that_nodes_take),
		cmocka_unit_test(what_the_keys_may_sign_is_signed),
		cmocka_unit_test(missing_signatures_are_named),
		cmocka_unit_test(nobody_is_left_out),
		cmocka_unit_test(what_nodes_would_refuse_is_not_published),
		cmocka_unit_test(two_texts_of_one_version_are_not_published),
		cmocka_unit_test(what_is_half_over_is_renewed),
		cmocka_unit_test(the_last_version_is_published),
		cmocka_unit_test(what_has_expired_is_named),
		cmocka_unit_test(a_draft_that_cannot_be_finished_stays_one),
		cmocka_unit_test(a_crash_between_any_two_files_is_repaired),
		cmocka_unit_test(a_bundle_has_every_change_of_keys_and_the_newest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
