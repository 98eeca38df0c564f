// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/seal.h"

#include "base/file.h"
#include "source/test_folder.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static char *read_text(const struct test_folder *folder, const char *path)
{
	char full[PATH_MAX], *text = NULL;
	size_t size;

	if (file_read(source_path(folder->path, path, full), 1 << 20, &text, &size, NULL) < 0)
		fail_msg("no %s", path);
	return text;
}

static bool says(const struct test_folder *folder, const char *path, const char *text)
{
	CLEANUP(free) char *content = read_text(folder, path);

	return strstr(content, text);
}

static void a_signature_gives_version_and_dates(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;

	(void)state;
	test_folder_make(&folder, 2);
	test_folder_edit(&folder, "mesh.json", "\"issued\": \"2026-11-22T00:00:00Z\"",
			 "\"issued\": \"2026-01-01T00:00:00Z\"");
	assert_int_equal(test_folder_sign(&folder, "mesh", TEST_KEYS(1)), 1);
	assert_true(says(&folder, "mesh.json", "\"issued\": \"2026-11-22T00:00:00Z\""));
	assert_true(says(&folder, "mesh.json", "\"expires\": \"2027-11-23T00:00:00Z\""));
	assert_true(says(&folder, "mesh.json", "\"version\": 1,\n  \"prev\": null"));
	assert_false(test_folder_has(&folder, "mesh.1.json"));
}

static void the_second_signature_changes_no_byte(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;
	CLEANUP(free) char *first = NULL;
	CLEANUP(free) char *second = NULL;

	(void)state;
	test_folder_make(&folder, 2);
	(void)test_folder_sign(&folder, "mesh", TEST_KEYS(1));
	first = read_text(&folder, "mesh.json");
	folder.now += 3600;
	assert_int_equal(test_folder_sign(&folder, "mesh", TEST_KEYS(3)), 1);
	second = read_text(&folder, "mesh.1.json");
	assert_string_equal(first, second);
	assert_false(test_folder_has(&folder, "mesh.json"));
	assert_false(test_folder_has(&folder, "mesh.json.sig"));
	/* A third one is welcome. */
	assert_int_equal(test_folder_sign(&folder, "mesh", TEST_KEYS(2)), 1);
	free(second);
	second = read_text(&folder, "mesh.1.json");
	assert_string_equal(first, second);
}

static void the_same_key_twice_counts_once(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;

	(void)state;
	test_folder_make(&folder, 2);
	(void)test_folder_sign(&folder, "mesh", TEST_KEYS(1));
	(void)test_folder_sign(&folder, "mesh", TEST_KEYS(1));
	assert_false(test_folder_has(&folder, "mesh.1.json"));
}

static void a_key_without_a_role_signs_nothing(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;

	(void)state;
	test_folder_make(&folder, 2);
	assert_int_equal(test_folder_sign(&folder, "mesh", TEST_KEYS(20)), 0);
	assert_int_equal(test_folder_sign(&folder, "org/north", TEST_KEYS(1, 21)), 0);
}

static void a_changed_draft_is_signed_from_the_beginning(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;

	(void)state;
	test_folder_make(&folder, 2);
	(void)test_folder_sign(&folder, "mesh", TEST_KEYS(1));
	test_folder_edit(&folder, "mesh.json", "\"name\": \"test\"", "\"name\": \"best\"");
	(void)test_folder_sign(&folder, "mesh", TEST_KEYS(2));
	assert_false(test_folder_has(&folder, "mesh.1.json"));
	(void)test_folder_sign(&folder, "mesh", TEST_KEYS(1));
	assert_true(says(&folder, "mesh.1.json", "\"name\": \"best\""));
}

static void a_changed_organization_gets_the_next_version(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;

	(void)state;
	test_folder_make(&folder, 2);
	(void)test_folder_sign(&folder, "org/north", TEST_KEYS(20));
	assert_true(says(&folder, "org/north.json", "\"version\": 1,"));
	(void)test_folder_sign(&folder, "org/north", TEST_KEYS(20));
	assert_true(says(&folder, "org/north.json", "\"version\": 1,"));
	test_folder_edit(&folder, "org/north.json", "12025", "12026");
	(void)test_folder_sign(&folder, "org/north", TEST_KEYS(20));
	assert_true(says(&folder, "org/north.json", "\"version\": 2,"));
}

static void there_is_no_version_after_the_last(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;
	CLEANUP(mesh_document_free) struct mesh_document *mesh = NULL;
	CLEANUP(source_free) struct source *source = NULL;
	CLEANUP(sealed_done) struct sealed sealed = { 0 };
	const struct seal_options options = { .now = TEST_FOLDER_NOW };
	const struct envelope *envelope;
	struct error error = { 0 };

	(void)state;
	test_folder_make(&folder, 2);
	test_folder_edit(&folder, "org/north.json", "\"version\": 1",
			 "\"version\": 9007199254740991");
	(void)test_folder_sign(&folder, "org/north", TEST_KEYS(20));
	test_folder_edit(&folder, "org/north.json", "12025", "12026");
	source = test_folder_read(&folder);
	envelope = &source_current_mesh(source)->envelope;
	assert_int_equal(
		mesh_document_parse(envelope->payload, envelope->payload_size, "mesh", &mesh, NULL),
		0);
	assert_int_equal(seal_organization(source, source_find_organization(source, "north"), mesh,
					   &options, &sealed, &error),
			 -ERANGE);
	assert_int_equal(error.code, ERROR_TOO_BIG);
}

/* Keys 1, 2, 3 give way to 2, 3, 4: two of the old and two of the new ones have to sign. */
static void new_mesh_keys_need_the_old_ones(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;
	CLEANUP(free) char *text = NULL;
	char keyid[CRYPTO_KEYID_SIZE], old_keyid[CRYPTO_KEYID_SIZE], pem[CRYPTO_ED25519_PEM_SIZE];
	char old_pem[CRYPTO_ED25519_PEM_SIZE];
	uint8_t key[KEY_SIZE], old_key[KEY_SIZE];

	(void)state;
	test_folder_make(&folder, 2);
	(void)test_folder_sign(&folder, "mesh", TEST_KEYS(1, 2));
	text = read_text(&folder, "mesh.1.json");
	assert_int_equal(file_replace(strcat(strcpy((char[128]) { 0 }, folder.path), "/mesh.json"),
				      text, strlen(text), 0644, NULL),
			 0);
	(void)crypto_keyid(test_public_key(4, key), keyid);
	(void)crypto_keyid(test_public_key(1, old_key), old_keyid);
	for (int i = 0; i < 2; i++) /* in the list of keys and in the role */
		test_folder_edit(&folder, "mesh.json", old_keyid, keyid);
	(void)crypto_ed25519_public_to_pem(key, pem);
	(void)crypto_ed25519_public_to_pem(old_key, old_pem);
	old_pem[26 + 1 + 60] = pem[26 + 1 + 60] = '\0'; /* the line between */
	test_folder_edit(&folder, "mesh.json", old_pem + 27, pem + 27);

	assert_int_equal(test_folder_sign(&folder, "mesh", TEST_KEYS(1, 3)), 2);
	assert_false(test_folder_has(&folder, "mesh.2.json")); /* one of the new ones */
	assert_int_equal(test_folder_sign(&folder, "mesh", TEST_KEYS(4)), 1);
	assert_true(test_folder_has(&folder, "mesh.2.json")); /* 1, 3 and 3, 4 */
	assert_true(says(&folder, "mesh.2.json", "\"version\": 2"));
}

/* Somebody else has finished this version meanwhile, as git shows only when both are there. */
static void a_draft_that_was_overtaken_gets_another_version(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;
	CLEANUP(free) char *draft = NULL;
	CLEANUP(free) char *signatures = NULL;
	char path[PATH_MAX];

	(void)state;
	test_folder_make(&folder, 2);
	(void)test_folder_sign(&folder, "mesh", TEST_KEYS(1));
	draft = read_text(&folder, "mesh.json");
	signatures = read_text(&folder, "mesh.json.sig");
	test_folder_edit(&folder, "mesh.json", "\"name\": \"test\"", "\"name\": \"best\"");
	(void)test_folder_sign(&folder, "mesh", TEST_KEYS(1, 2));
	assert_true(test_folder_has(&folder, "mesh.1.json"));
	assert_int_equal(file_replace(source_path(folder.path, "mesh.json", path), draft,
				      strlen(draft), 0644, NULL),
			 0);
	assert_int_equal(file_replace(source_path(folder.path, "mesh.json.sig", path), signatures,
				      strlen(signatures), 0644, NULL),
			 0);
	(void)test_folder_sign(&folder, "mesh", TEST_KEYS(2, 3));
	assert_true(says(&folder, "mesh.2.json", "\"version\": 2"));
	assert_true(says(&folder, "mesh.2.json", "\"name\": \"test\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signature_gives_version_and_dates),
		cmocka_unit_test(the_second_signature_changes_no_byte),
		cmocka_unit_test(the_same_key_twice_counts_once),
		cmocka_unit_test(a_key_without_a_role_signs_nothing),
		cmocka_unit_test(a_changed_draft_is_signed_from_the_beginning),
		cmocka_unit_test(a_changed_organization_gets_the_next_version),
		cmocka_unit_test(there_is_no_version_after_the_last),
		cmocka_unit_test(new_mesh_keys_need_the_old_ones),
		cmocka_unit_test(a_draft_that_was_overtaken_gets_another_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
