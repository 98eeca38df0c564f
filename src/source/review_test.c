// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/review.h"

#include "source/test_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void review_of(const struct test_folder *folder, struct review *ret)
{
	CLEANUP(source_free) struct source *source = test_folder_read(folder);
	CLEANUP(base_done) struct base base = { 0 };
	struct error error = { 0 };

	if (base_read(source, &base, &error) < 0 || review_make(source, &base, ret, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
}

static const struct review_item *find(const struct review *review, const char *path)
{
	size_t i = 0;

	while (i < review->count && strcmp(review->items[i].path, path) != 0)
		i++;
	assert_true(i < review->count);
	return &review->items[i];
}

static void what_nobody_signed_waits_for_everybody(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;
	CLEANUP(review_done) struct review review = { 0 };
	const struct review_item *item;

	(void)state;
	test_folder_make(&folder, 2);
	review_of(&folder, &review);
	assert_int_equal(review.count, 3);
	item = find(&review, "mesh.json");
	assert_int_equal(item->signing.state, SIGNING_NEW);
	/* Three keys without a holder, by the first digits of their ids. */
	assert_int_equal(item->waits_for.length, 3 * strlen("21fe31df...") + 2 * strlen(", "));
	assert_memory_equal(item->waits_for.bytes, "21fe31df..., 39f713d0...", 24);
	assert_true(review_item_waits(item, folder.now));
}

static void who_has_signed_is_not_waited_for(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;
	CLEANUP(review_done) struct review review = { 0 };
	const struct review_item *item;

	(void)state;
	test_folder_make(&folder, 2);
	test_folder_edit(&folder, "mesh.json", "\"id\": \"39f713d0a644253f04529421b9f51b9b\",",
			 "\"id\": \"39f713d0a644253f04529421b9f51b9b\", \"holder\": \"bob\",");
	(void)test_folder_sign(&folder, "mesh", TEST_KEYS(1));
	review_of(&folder, &review);
	item = find(&review, "mesh.json");
	assert_int_equal(item->signing.state, SIGNING_PARTIAL);
	assert_int_equal(item->signing.good, 1);
	assert_memory_equal(item->waits_for.bytes, "bob, ", 5);
}

static void what_is_published_waits_for_nobody_until_it_expires(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;
	CLEANUP(review_done) struct review review = { 0 };

	(void)state;
	test_folder_make(&folder, 2);
	test_folder_sign_all(&folder);
	review_of(&folder, &review);
	assert_true(review_item_waits(find(&review, "org/north.json"), folder.now));
	review_done(&review);
	assert_int_equal(test_folder_publish(&folder, TEST_KEYS(10), true, NULL, NULL), 0);
	review_of(&folder, &review);
	assert_int_equal(review.count, 4);
	for (size_t i = 0; i < review.count; i++) {
		assert_int_equal(review.items[i].waits_for.length, 0);
		assert_false(review_item_waits(&review.items[i], folder.now));
		assert_true(review_item_waits(&review.items[i], folder.now + 367 * DAY_SEC));
	}
}

static void changed_and_damaged_documents_do_not_hide_the_others(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;
	CLEANUP(review_done) struct review review = { 0 };
	const struct review_item *item;

	(void)state;
	test_folder_make(&folder, 2);
	test_folder_sign_all(&folder);
	test_folder_edit(&folder, "org/north.json", "12025", "12026");
	test_folder_edit(&folder, "org/south.json", "\"spec\": 1,", "\"spec\": 1,,");
	review_of(&folder, &review);
	item = find(&review, "org/north.json");
	assert_int_equal(item->signing.state, SIGNING_CHANGED);
	item = find(&review, "org/south.json");
	assert_int_equal(item->version, 0);
	assert_non_null(strstr(item->problem.bytes, "org/south.json:3:"));
	assert_true(review_item_waits(item, folder.now));
}

static void members_without_nodes_are_told(void **state)
{
	CLEANUP(test_folder_remove) struct test_folder folder;
	CLEANUP(review_done) struct review review = { 0 };
	char path[PATH_MAX];

	(void)state;
	test_folder_make(&folder, 2);
	assert_int_equal(unlink(source_path(folder.path, "org/south.json", path)), 0);
	review_of(&folder, &review);
	assert_non_null(strstr(find(&review, "org/south.json")->problem.bytes, "is not there"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_nobody_signed_waits_for_everybody),
		cmocka_unit_test(who_has_signed_is_not_waited_for),
		cmocka_unit_test(what_is_published_waits_for_nobody_until_it_expires),
		cmocka_unit_test(changed_and_damaged_documents_do_not_hide_the_others),
		cmocka_unit_test(members_without_nodes_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
