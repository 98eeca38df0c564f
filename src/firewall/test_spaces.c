// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewall/test_spaces.h"

#include "crypto/crypto.h"

#include <errno.h>
#include <sched.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* The order matters to cmocka. */
#include <setjmp.h>
#include <stddef.h>

#include <cmocka.h>

int test_spaces_unshare(void)
{
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0)
		return -errno;
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -errno;
	(void)mkdir("/run/netns", 0755);
	return mount("tmpfs", "/run/netns", "tmpfs", 0, NULL) < 0 ? -errno : 0;
}

void test_spaces_init(struct test_spaces *test)
{
	struct error error;

	*test = (struct test_spaces) { 0 };
	(void)snprintf(test->runtime_dir, sizeof(test->runtime_dir), "/tmp/aronet-t-XXXXXX");
	assert_non_null(mkdtemp(test->runtime_dir));
	assert_int_equal(test_run("ip netns add " TEST_OVERLAY), 0);
	assert_int_equal(spaces_new(TEST_INSTANCE, TEST_OVERLAY, &test->spaces, &error), 0);
	test->firewall = firewall_new(test->spaces, test->runtime_dir);
}

void test_spaces_done(struct test_spaces *test)
{
	firewall_free(test->firewall);
	spaces_free(test->spaces);
	(void)test_run("ip netns del " TEST_OVERLAY "; nft flush ruleset; rm -r %s",
		       test->runtime_dir);
}

int test_run(const char *format, ...)
{
	char command[8192];
	char *const argv[] = { (char[]) { "sh" }, (char[]) { "-c" }, command, NULL };
	va_list arguments;
	int status = -1;
	pid_t pid;

	va_start(arguments, format);
	(void)vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	if (posix_spawnp(&pid, "sh", NULL, NULL, argv, environ) != 0 ||
	    waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

struct object test_ruleset(enum space space, const char *body)
{
	struct object object = {
		.kind = OBJECT_RULESET,
		.ruleset = { .space = space, .name = TEST_INSTANCE, .body = body },
	};

	crypto_sha256(body, strlen(body), object.ruleset.digest);
	return object;
}

int test_apply(struct test_spaces *test, enum operation_type type, const struct object *object,
	       struct error *error)
{
	struct backend backend = firewall_backend(test->firewall);
	struct operation operation = { .type = type, .from = object, .to = object };
	CLEANUP(state_free) struct state *intended = state_new();

	assert_true(backend.claims(backend.userdata, object));
	return backend.apply(backend.userdata, &operation, intended, 1, error);
}
