// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/file.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The order matters to cmocka. */
#include <setjmp.h>
#include <stddef.h>

#include <cmocka.h>

/* A path in a directory that is removed with all that the tests put there. */
struct fixture {
	char directory[64];
	char path[96];
	char temporary[104];
};

static void fixture_init(struct fixture *fixture)
{
	(void)snprintf(fixture->directory, sizeof(fixture->directory), "/tmp/aronet-t-XXXXXX");
	assert_non_null(mkdtemp(fixture->directory));
	(void)snprintf(fixture->path, sizeof(fixture->path), "%s/file", fixture->directory);
	(void)snprintf(fixture->temporary, sizeof(fixture->temporary), "%s.new", fixture->path);
}

static void fixture_done(struct fixture *fixture)
{
	(void)unlink(fixture->path);
	(void)rmdir(fixture->path);
	(void)unlink(fixture->temporary);
	(void)rmdir(fixture->directory);
}
CLEANUP_DEFINE_IN_PLACE(struct fixture, fixture_done);

static void written_bytes_are_read_again(void **state)
{
	CLEANUP(fixture_done) struct fixture fixture;
	CLEANUP(free) char *text = NULL;
	struct error error;
	struct stat status;
	size_t size;

	(void)state;
	fixture_init(&fixture);
	assert_int_equal(file_replace(fixture.path, "a\0b", 3, 0600, &error), 0);
	assert_int_equal(file_read(fixture.path, 3, &text, &size, &error), 0);
	assert_int_equal(size, 3);
	assert_memory_equal(text, "a\0b", 4); /* terminated */
	assert_int_equal(stat(fixture.path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(access(fixture.temporary, F_OK), -1);
}

static void more_than_the_limit_is_refused(void **state)
{
	CLEANUP(fixture_done) struct fixture fixture;
	struct error error;
	char *text = NULL;
	size_t size;

	(void)state;
	fixture_init(&fixture);
	assert_int_equal(file_replace(fixture.path, "abcd", 4, 0600, &error), 0);
	assert_int_equal(file_read(fixture.path, 3, &text, &size, &error), -EFBIG);
	assert_null(text);
	assert_int_equal(error.code, ERROR_TOO_BIG);
	assert_string_equal(error.place, fixture.path);
}

/* With a hanging read this test ends by the test runner's time limit. */
static void fifo_is_refused_and_does_not_hang(void **state)
{
	CLEANUP(fixture_done) struct fixture fixture;
	CLEANUP(close) int writer = -1;
	struct error error;
	char *text = NULL;
	size_t size;

	(void)state;
	fixture_init(&fixture);
	assert_int_equal(mkfifo(fixture.path, 0600), 0);
	assert_int_equal(file_read(fixture.path, 100, &text, &size, &error), -EINVAL);
	assert_non_null(strstr(error.text, "not a regular file"));
	writer = open(fixture.path, O_RDWR | O_CLOEXEC); /* with a writer that says nothing */
	assert_true(writer >= 0);
	assert_int_equal(file_read(fixture.path, 100, &text, &size, &error), -EINVAL);
	assert_null(text);
}

static void devices_and_directories_are_refused(void **state)
{
	struct error error;
	char *text = NULL;
	size_t size;

	(void)state;
	assert_int_equal(file_read("/dev/zero", 100, &text, &size, &error), -EINVAL);
	assert_int_equal(file_read("/tmp", 100, &text, &size, &error), -EISDIR);
	assert_int_equal(file_read("/nonexistent", 100, &text, &size, &error), -ENOENT);
	assert_string_equal(error.text, "cannot open: No such file or directory");
	assert_null(text);
}

static void standard_input_may_be_a_pipe(void **state)
{
	CLEANUP(free) char *text = NULL;
	CLEANUP(close) int saved = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	struct error error;
	int pipe_fds[2];
	size_t size;

	(void)state;
	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(write(pipe_fds[1], "text", 4), 4);
	(void)close(pipe_fds[1]);
	(void)dup2(pipe_fds[0], STDIN_FILENO);
	(void)close(pipe_fds[0]);
	assert_int_equal(file_read("-", 100, &text, &size, &error), 0);
	assert_string_equal(text, "text");
	(void)dup2(saved, STDIN_FILENO);
}

static void remains_of_a_crash_do_not_leak_their_mode(void **state)
{
	CLEANUP(fixture_done) struct fixture fixture;
	CLEANUP(close) int fd = -1;
	struct error error;
	struct stat status;

	(void)state;
	fixture_init(&fixture);
	fd = open(fixture.temporary, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	assert_true(fd >= 0);
	assert_int_equal(file_replace(fixture.path, "secret", 6, 0600, &error), 0);
	assert_int_equal(stat(fixture.path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void failed_replacement_keeps_the_old_file(void **state)
{
	CLEANUP(fixture_done) struct fixture fixture;
	struct error error;
	struct stat status;

	(void)state;
	fixture_init(&fixture);
	assert_int_equal(mkdir(fixture.path, 0700), 0); /* rename() cannot replace it */
	assert_true(file_replace(fixture.path, "new", 3, 0600, &error) < 0);
	assert_int_equal(error.code, ERROR_STATE_WRITE);
	assert_string_equal(error.text, "cannot write: Is a directory");
	assert_int_equal(stat(fixture.path, &status), 0);
	assert_true(S_ISDIR(status.st_mode));
	assert_int_equal(access(fixture.temporary, F_OK), -1);
}

static void created_files_are_complete_and_never_replace_others(void **state)
{
	CLEANUP(fixture_done) struct fixture fixture;
	CLEANUP(free) char *text = NULL;
	struct error error = { 0 };
	struct stat status;
	size_t size;

	(void)state;
	fixture_init(&fixture);
	assert_int_equal(file_create(fixture.path, "first", 5, 0600, &error), 0);
	assert_int_equal(stat(fixture.path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(file_create(fixture.path, "second", 6, 0600, &error), -EEXIST);
	assert_string_equal(error.text, "exists already");
	assert_int_equal(file_read(fixture.path, 100, &text, &size, &error), 0);
	assert_string_equal(text, "first");
	assert_int_equal(unlink(fixture.path), 0);
	assert_int_equal(symlink("/nonexistent", fixture.path), 0);
	assert_int_equal(file_create(fixture.path, "third", 5, 0600, &error), -EEXIST);
	assert_int_equal(unlink(fixture.path), 0);
	assert_int_equal(file_create("/nonexistent/file", "x", 1, 0600, &error), -ENOENT);
}

static void staged_files_are_not_seen_before_they_are_published(void **state)
{
	CLEANUP(fixture_done) struct fixture fixture;
	struct error error;

	(void)state;
	fixture_init(&fixture);
	assert_int_equal(file_stage(fixture.path, "new", 3, 0600, &error), 0);
	assert_int_equal(access(fixture.path, F_OK), -1);
	assert_int_equal(file_publish(fixture.path, &error), 0);
	assert_int_equal(access(fixture.path, F_OK), 0);
	assert_int_equal(access(fixture.temporary, F_OK), -1);
	assert_int_equal(file_stage(fixture.path, "newer", 5, 0600, &error), 0);
	file_unstage(fixture.path);
	assert_int_equal(access(fixture.temporary, F_OK), -1);
	assert_true(file_publish(fixture.path, &error) < 0);
	assert_int_equal(error.code, ERROR_STATE_WRITE);
	assert_int_equal(access(fixture.path, F_OK), 0);
}

static void directories_are_made_with_their_parents(void **state)
{
	CLEANUP(fixture_done) struct fixture fixture;
	char path[128];
	struct error error;

	(void)state;
	fixture_init(&fixture);
	(void)snprintf(path, sizeof(path), "%s/one", fixture.path);
	assert_int_equal(file_make_directory(path, 0700, &error), 0);
	assert_int_equal(file_make_directory(path, 0700, &error), 0);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(file_make_directory("/", 0700, &error), 0);
	assert_int_equal(file_make_directory("", 0700, &error), -ENOENT);
	assert_int_equal(file_make_directory("/dev/null/one", 0700, &error), -ENOTDIR);
	assert_int_equal(file_make_directory("/dev/null", 0700, &error), -ENOTDIR);
}

static void values_are_written_and_read_without_the_newline(void **state)
{
	CLEANUP(fixture_done) struct fixture fixture;
	char value[8];

	(void)state;
	fixture_init(&fixture);
	assert_int_equal(file_write_value(AT_FDCWD, fixture.path, "1"), -ENOENT);
	assert_int_equal(file_replace(fixture.path, "", 0, 0600, NULL), 0);
	assert_int_equal(file_write_value(AT_FDCWD, fixture.path, "12 \n"), 0);
	assert_int_equal(file_read_value(AT_FDCWD, fixture.path, value, sizeof(value)), 0);
	assert_string_equal(value, "12");
	assert_int_equal(file_read_value(AT_FDCWD, fixture.path, value, 2), 0); /* cut */
	assert_string_equal(value, "1");
}

static void file_is_deleted_and_need_not_be_there(void **state)
{
	CLEANUP(fixture_done) struct fixture fixture;
	struct error error = { 0 };

	(void)state;
	fixture_init(&fixture);
	assert_int_equal(file_replace(fixture.path, "", 0, 0600, NULL), 0);
	assert_int_equal(file_delete(fixture.path, &error), 0);
	assert_int_equal(access(fixture.path, F_OK), -1);
	assert_int_equal(file_delete(fixture.path, &error), 0);
	assert_int_equal(file_delete("/proc/self/status", &error), -EPERM);
	assert_string_equal(error.place, "/proc/self/status");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(written_bytes_are_read_again),
		cmocka_unit_test(more_than_the_limit_is_refused),
		cmocka_unit_test(fifo_is_refused_and_does_not_hang),
		cmocka_unit_test(devices_and_directories_are_refused),
		cmocka_unit_test(standard_input_may_be_a_pipe),
		cmocka_unit_test(remains_of_a_crash_do_not_leak_their_mode),
		cmocka_unit_test(failed_replacement_keeps_the_old_file),
		cmocka_unit_test(created_files_are_complete_and_never_replace_others),
		cmocka_unit_test(staged_files_are_not_seen_before_they_are_published),
		cmocka_unit_test(directories_are_made_with_their_parents),
		cmocka_unit_test(file_is_deleted_and_need_not_be_there),
		cmocka_unit_test(values_are_written_and_read_without_the_newline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
