// SPDX-License-Identifier: GPL-2.0-or-later
#include "crypto/crypto.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <cmocka.h>

struct place {
	char directory[64];
	char key[80];
	char other[80];
};

static int make_place(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	int fd;

	if (!place)
		return -1;
	*state = place;
	strcpy(place->directory, "/tmp/aronet-key-test-XXXXXX");
	if (!mkdtemp(place->directory))
		return -1;
	(void)snprintf(place->key, sizeof(place->key), "%s/node.key", place->directory);
	(void)snprintf(place->other, sizeof(place->other), "%s/other", place->directory);
	fd = open(place->key, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, "secret\n", 7) != 7)
		return -1;
	return close(fd);
}

static int remove_place(void **state)
{
	struct place *place = *state;

	(void)unlink(place->key);
	(void)unlink(place->other);
	(void)rmdir(place->other);
	(void)rmdir(place->directory);
	free(place);
	return 0;
}

static void expect_refused(const char *path, const char *text)
{
	CLEANUP(free) char *content = NULL;
	struct error error;

	if (crypto_key_file_read(path, &content, &error) == 0)
		fail_msg("read %s", path);
	assert_string_equal(error.text, text);
	assert_string_equal(error.place, path);
	assert_string_equal(error_code_name(error.code), "E_KEYFILE");
}

static void key_file_is_read(void **state)
{
	const struct place *place = *state;
	CLEANUP(free) char *content = NULL;

	assert_int_equal(crypto_key_file_read(place->key, &content, NULL), 0);
	assert_string_equal(content, "secret\n");
}

static void key_file_that_others_may_use_is_refused(void **state)
{
	const struct place *place = *state;

	assert_int_equal(chmod(place->key, 0644), 0);
	expect_refused(place->key, "mode 0644 lets others read it; chmod 600");
	assert_int_equal(chmod(place->key, 0640), 0);
	expect_refused(place->key, "mode 0640 lets others read it; chmod 600");
	assert_int_equal(chmod(place->key, 0602), 0);
	expect_refused(place->key, "mode 0602 lets others write it; chmod 600");
}

static void key_file_of_another_user_is_refused(void **state)
{
	const struct place *place = *state;

	if (geteuid() != 0)
		skip(); /* only root gives files away */
	assert_int_equal(chown(place->key, 12345, 0), 0);
	expect_refused(place->key, "owner is uid 12345, expected root or a system user; chown it");
}

static void root_takes_the_key_of_a_system_user(void **state)
{
	const struct place *place = *state;

	if (geteuid() != 0)
		skip(); /* only root gives files away */
	assert_int_equal(chown(place->key, 990, 0), 0);
	key_file_is_read(state);
}

static void key_file_in_a_world_writable_directory_is_refused(void **state)
{
	const struct place *place = *state;

	assert_int_equal(chmod(place->directory, 01777), 0);
	expect_refused(place->key, "is inside a world-writable directory");
}

static void special_files_are_refused_without_blocking(void **state)
{
	const struct place *place = *state;

	expect_refused(place->other, "cannot open: No such file or directory");
	assert_int_equal(symlink("node.key", place->other), 0);
	expect_refused(place->other, "is a symlink; name the file itself");
	assert_int_equal(unlink(place->other), 0);
	assert_int_equal(mkfifo(place->other, 0600), 0);
	expect_refused(place->other, "is a FIFO, not a regular file");
	assert_int_equal(unlink(place->other), 0);
	assert_int_equal(mkdir(place->other, 0700), 0);
	expect_refused(place->other, "is a directory, not a regular file");
	expect_refused("/dev/null", "is a device, not a regular file");
}

static void large_and_binary_files_are_refused(void **state)
{
	const struct place *place = *state;

	assert_int_equal(truncate(place->key, 1 << 30), 0);
	expect_refused(place->key, "is 1073741824 bytes; a key file has at most 16384");
	assert_int_equal(truncate(place->key, 16384), 0);
	expect_refused(place->key, "holds a zero byte, no text");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(key_file_is_read, make_place, remove_place),
		cmocka_unit_test_setup_teardown(key_file_that_others_may_use_is_refused, make_place,
						remove_place),
		cmocka_unit_test_setup_teardown(key_file_of_another_user_is_refused, make_place,
						remove_place),
		cmocka_unit_test_setup_teardown(root_takes_the_key_of_a_system_user, make_place,
						remove_place),
		cmocka_unit_test_setup_teardown(key_file_in_a_world_writable_directory_is_refused,
						make_place, remove_place),
		cmocka_unit_test_setup_teardown(special_files_are_refused_without_blocking,
						make_place, remove_place),
		cmocka_unit_test_setup_teardown(large_and_binary_files_are_refused, make_place,
						remove_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
