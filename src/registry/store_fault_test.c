// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is left of a load that dies, or whose disk fails, at any of its system calls. The linker
 * puts the functions below into the place of those of the C library (ld(1), --wrap).
 */
#include "registry/test_store.h"

#include "base/strbuf.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#define CALLS_MAX 100 /* that a load could need; far more than it does */

/* What happens at which call. */
struct fault {
	unsigned at;	  /* 1: the first; 0: none */
	int error;	  /* fails with this errno; 0: the process is killed before the call */
	const char *only; /* calls of this name count; NULL: all */
	unsigned seen;	  /* calls so far */
	struct strbuf *log;
};
static struct fault fault;

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* 0, or -1 with errno for the call to fail. */
static int reach(const char *call, const char *path)
{
	if (fault.log)
		strbuf_printf(fault.log, "%s %s\n", call, base_name(path));
	if (fault.only && strcmp(fault.only, call) != 0)
		return 0;
	if (++fault.seen != fault.at)
		return 0;
	if (!fault.error)
		(void)raise(SIGKILL);
	errno = fault.error;
	return -1;
}

static int reach_fd(const char *call, int fd)
{
	char link[64], path[PATH_MAX];
	ssize_t length;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	path[length < 0 ? 0 : length] = '\0';
	return reach(call, path);
}

int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
ssize_t __real_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __real_unlink(const char *path);
int __wrap_unlink(const char *path);
int __real_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode);
int __real_flock(int fd, int operation);
int __wrap_flock(int fd, int operation);

int __wrap_open64(const char *path, int flags, ...)
{
	va_list arguments;
	mode_t mode = 0;

	if (flags & O_CREAT) {
		va_start(arguments, flags);
		mode = va_arg(arguments, mode_t);
		va_end(arguments);
	}
	if (reach(flags & O_CREAT ? "create" : "open", path) < 0)
		return -1;
	return __real_open64(path, flags, mode);
}

ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
	return reach_fd("write", fd) < 0 ? -1 : __real_write(fd, bytes, size);
}

int __wrap_fsync(int fd)
{
	return reach_fd("fsync", fd) < 0 ? -1 : __real_fsync(fd);
}

int __wrap_rename(const char *from, const char *to)
{
	return reach("rename", to) < 0 ? -1 : __real_rename(from, to);
}

int __wrap_unlink(const char *path)
{
	return reach("unlink", path) < 0 ? -1 : __real_unlink(path);
}

int __wrap_mkdir(const char *path, mode_t mode)
{
	return reach("mkdir", path) < 0 ? -1 : __real_mkdir(path, mode);
}

int __wrap_flock(int fd, int operation)
{
	return reach_fd("flock", fd) < 0 ? -1 : __real_flock(fd, operation);
}

/* Manifest 1 with one node, manifest 2 with three. */
static struct test_bundle *bundle_of(uint64_t version)
{
	struct test_bundle *t = test_bundle_new(1, version == 1 ? 1 : 3);

	t->manifest.version = version;
	test_bundle_organization(t, 0)->document.version = version;
	return t;
}

static int load(const struct test_store *store, uint64_t version, struct error *error)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = bundle_of(version);

	return test_store_try(store, t, error);
}

/* The version that a start runs on, whole, with floors that fit; 0: none, as at the first start. */
static uint64_t version_after_start(const struct test_store *store)
{
	CLEANUP(store_state_done) struct store_state state = { 0 };
	CLEANUP(start_done) struct start start = { 0 };
	struct error error = { 0 };
	uint64_t version;

	registry_start(&store->rules, NULL, &start);
	if (start.row == START_FIRST_USE)
		return 0;
	if (start.row != START_GOOD && start.row != START_REBUILT)
		fail_msg("row %d: %s: %s", start.row, start.error.place, start.error.text);
	version = start.registry->origin.manifest_version;
	assert_int_equal(start.registry->nodes_count, version == 1 ? 1 : 3);
	assert_int_equal(registry_store_read_state(&store->rules, NULL, &state, &error), 0);
	assert_int_equal(state.trust->manifest.version, version);
	assert_int_equal(state.trust->organizations[0].floor.version, version);
	return version;
}

/* After whatever happened the node goes on, and never goes back. */
static void assert_lives_on(const struct test_store *store, uint64_t version)
{
	struct error error = { 0 };

	if (version == 2) {
		assert_true(load(store, 1, &error) < 0);
		assert_int_equal(error.code, ERROR_ROLLBACK);
	}
	if (load(store, 2, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
	assert_int_equal(version_after_start(store), 2);
}

/* Loads version 2 in a child that dies at its call @at. Did it? */
static bool dies_at(const struct test_store *store, unsigned at)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		struct error error = { 0 };

		fault = (struct fault) { .at = at };
		_exit(load(store, 2, &error) < 0 ? 1 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFSIGNALED(status)) {
		assert_int_equal(WTERMSIG(status), SIGKILL);
		return true;
	}
	assert_int_equal(WEXITSTATUS(status), 0);
	return false;
}

/* A fresh node for each call; @before: what it has accepted, 0: nothing. */
static void expect_old_or_new_at_any_death(uint64_t before)
{
	unsigned old = 0, new = 0;

	for (unsigned at = 1;; at++) {
		struct test_store *store;
		void *state;
		uint64_t version;
		bool died;

		assert_true(at < CALLS_MAX);
		assert_int_equal(test_store_setup(&state), 0);
		store = state;
		if (before)
			assert_int_equal(load(store, before, NULL), 0);
		died = dies_at(store, at);
		version = version_after_start(store);
		assert_true(version == before || version == 2);
		old += version == before;
		new += version == 2;
		assert_lives_on(store, version);
		assert_int_equal(test_store_teardown(&state), 0);
		if (!died)
			break;
	}
	assert_true(old > 5 && new > 3);
}

static void death_at_any_call_leaves_the_old_or_the_new_registry(void **state)
{
	(void)state;
	expect_old_or_new_at_any_death(1);
}

static void death_at_any_call_of_the_first_load_leaves_nothing_or_all(void **state)
{
	(void)state;
	expect_old_or_new_at_any_death(0);
}

/* Is the load with the @at-th call failing by @error_number refused? */
static bool fails_at(const struct test_store *store, unsigned at, int error_number, bool *ret_seen)
{
	struct error error = { 0 };
	int result;

	fault = (struct fault) { .at = at, .error = error_number };
	result = load(store, 2, &error);
	*ret_seen = fault.seen >= at;
	fault = (struct fault) { 0 };
	if (result == 0)
		return false;
	if (error.code != ERROR_STATE_WRITE && error.code != ERROR_STATE_CORRUPT &&
	    error.code != ERROR_BUSY)
		fail_msg("%s: %s", error_code_name(error.code), error.text);
	if (error.code == ERROR_STATE_WRITE)
		assert_non_null(strstr(error.text, "; registry not applied"));
	return true;
}

static void expect_old_or_new_at_any_failure(int error_number)
{
	bool seen = true;
	unsigned refused = 0;

	for (unsigned at = 1; seen; at++) {
		struct test_store *store;
		uint64_t version;
		void *state;

		assert_true(at < CALLS_MAX);
		assert_int_equal(test_store_setup(&state), 0);
		store = state;
		assert_int_equal(load(store, 1, NULL), 0);
		if (fails_at(store, at, error_number, &seen))
			refused++;
		version = version_after_start(store);
		assert_true(version == 1 || version == 2);
		assert_lives_on(store, version);
		assert_int_equal(test_store_teardown(&state), 0);
	}
	assert_true(refused > 5);
}

static void failure_of_any_call_leaves_the_old_or_the_new_registry(void **state)
{
	(void)state;
	expect_old_or_new_at_any_failure(EIO);
}

/* Writing alone can lack space, and all is written before anything is renamed. */
static void full_disk_leaves_the_old_registry(void **state)
{
	static const char *const calls[] = { "create", "write", "fsync" };
	const struct test_store *store = *state;

	assert_int_equal(load(store, 1, NULL), 0);
	for (size_t i = 0; i < 2 * ARRAY_SIZE(calls); i++) {
		struct error error = { 0 };
		char text[160];

		fault = (struct fault) { .at = 1 + i % 2, .only = calls[i / 2], .error = ENOSPC };
		assert_int_equal(load(store, 2, &error), -ENOSPC);
		fault = (struct fault) { 0 };
		(void)snprintf(text, sizeof(text),
			       "cannot record trust state in %s: No space left on device; registry "
			       "not applied",
			       store->directory);
		assert_string_equal(error.text, text);
		assert_int_equal(version_after_start(store), 1);
	}
}

static void files_are_synced_before_they_are_renamed(void **state)
{
	const struct test_store *store = *state;
	CLEANUP(strbuf_done) struct strbuf log = { 0 };
	static const char expected[] = "create last-good.json.new\n"
				       "write last-good.json.new\n"
				       "fsync last-good.json.new\n"
				       "unlink trust.json.new\n"
				       "create trust.json.new\n"
				       "write trust.json.new\n"
				       "fsync trust.json.new\n"
				       "rename last-good.json\n"
				       "open state\n"
				       "fsync state\n"
				       "rename trust.json\n"
				       "open state\n"
				       "fsync state\n";
	const char *begin;

	assert_int_equal(load(store, 1, NULL), 0);
	fault = (struct fault) { .log = &log };
	assert_int_equal(load(store, 2, NULL), 0);
	fault = (struct fault) { 0 };
	begin = strstr(strbuf_text(&log), "create");
	assert_non_null(begin);
	assert_string_equal(begin, expected);
}

static void refused_load_writes_nothing(void **state)
{
	const struct test_store *store = *state;
	CLEANUP(strbuf_done) struct strbuf log = { 0 };
	struct error error = { 0 };

	assert_int_equal(load(store, 2, NULL), 0);
	fault = (struct fault) { .log = &log };
	assert_true(load(store, 1, &error) < 0);
	fault = (struct fault) { 0 };
	assert_int_equal(error.code, ERROR_ROLLBACK);
	assert_string_equal(strbuf_text(&log), "open trust.json\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_store_setup, test_store_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(death_at_any_call_leaves_the_old_or_the_new_registry),
		cmocka_unit_test(death_at_any_call_of_the_first_load_leaves_nothing_or_all),
		cmocka_unit_test(failure_of_any_call_leaves_the_old_or_the_new_registry),
		TEST(full_disk_leaves_the_old_registry),
		TEST(files_are_synced_before_they_are_renamed),
		TEST(refused_load_writes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
