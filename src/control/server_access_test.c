// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/server.h"

#include "base/memory.h"
#include "control/socket.h"
#include "control/test_server.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cmocka.h>

#define STRANGER 61234 /* a uid of nobody */

/* Become another user, with @group or none, and run @work. */
static int run_as(uid_t uid, gid_t group, gid_t supplementary, int (*work)(struct test_server *),
		  struct test_server *fixture)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (setgroups(supplementary != CONTROL_NO_GROUP, &supplementary) < 0 ||
		    setresgid(group, group, group) < 0 || setresuid(uid, uid, uid) < 0)
			_exit(100);
		_exit(work(fixture));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int connect_is_refused(struct test_server *fixture)
{
	return test_client_connect(fixture->path) == -EACCES ? 0 : 1;
}

static int status_is_answered(struct test_server *fixture)
{
	char buffer[4096];
	int socket = test_client_connect(fixture->path);
	const char *answer;

	if (socket < 0 ||
	    test_client_send(socket, test_status_request, strlen(test_status_request), NULL, 0) < 0)
		return 1;
	answer = test_client_answer(socket, buffer);
	return answer && !strcmp(answer, "ok") ? 0 : 2;
}

static int status_is_refused(struct test_server *fixture)
{
	char buffer[4096];
	int socket = test_client_connect(fixture->path);
	const char *answer;

	if (socket < 0)
		return 1;
	answer = test_client_answer(socket, buffer);
	/* The reply is still in the buffer. */
	return answer && !strcmp(answer, "E_CTL_PERM") &&
			       strstr(buffer, "permission denied: the control socket needs root")
		       ? 0
		       : 2;
}

static int write_map(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t length = write(fd, text, strlen(text));

	(void)close(fd);
	return length < 0 ? -errno : 0;
}

#define NOT_POSSIBLE 77

/* As uid 0 of a user namespace of its own. */
static int namespace_root_is_refused(struct test_server *fixture)
{
	char map[32];

	(void)snprintf(map, sizeof(map), "0 %d 1", STRANGER);
	(void)prctl(PR_SET_DUMPABLE, 1); /* lost with the uid; without it /proc/self is root's */
	if (unshare(CLONE_NEWUSER) < 0 || write_map("/proc/self/uid_map", map) < 0 || getuid() != 0)
		return NOT_POSSIBLE;
	return status_is_refused(fixture);
}

static int fifth_connection_is_refused(struct test_server *fixture)
{
	char buffer[4096];
	const char *answer;
	int socket;

	for (unsigned i = 0; i < CONTROL_CONNECTIONS_USER_MAX; i++)
		if (test_client_connect(fixture->path) < 0)
			return 1;
	socket = test_client_connect(fixture->path);
	answer = test_client_answer(socket, buffer);
	return answer && !strcmp(answer, "E_BUSY") ? 0 : 2;
}

static void only_root_and_the_group_are_let_in(void **state)
{
	struct test_server *fixture = *state;
	gid_t group = getgid();

	if (geteuid() != 0)
		test_skip_or_fail("other users, and so root");
	assert_int_equal(run_as(STRANGER, STRANGER, CONTROL_NO_GROUP, connect_is_refused, fixture),
			 0);
	assert_int_equal(run_as(STRANGER, STRANGER, group, status_is_answered, fixture), 0);
	assert_int_equal(run_as(STRANGER, group, CONTROL_NO_GROUP, status_is_answered, fixture), 0);
	assert_int_equal(
		run_as(STRANGER, group, CONTROL_NO_GROUP, fifth_connection_is_refused, fixture), 0);
	/* The second gate holds alone, too. */
	assert_int_equal(chmod(fixture->path, 0666), 0);
	assert_int_equal(run_as(STRANGER, STRANGER, CONTROL_NO_GROUP, status_is_refused, fixture),
			 0);
}

static void root_of_a_user_namespace_is_its_outer_user(void **state)
{
	struct test_server *fixture = *state;
	int result;

	if (geteuid() != 0)
		test_skip_or_fail("other users, and so root");
	assert_int_equal(chmod(fixture->path, 0666), 0);
	result = run_as(STRANGER, STRANGER, CONTROL_NO_GROUP, namespace_root_is_refused, fixture);
	if (result == NOT_POSSIBLE)
		test_skip_or_fail("user namespaces for users");
	assert_int_equal(result, 0);
}

static void last_connection_is_for_root(void **state)
{
	struct test_server *fixture = *state;
	pid_t children[4];
	int ready[2];

	if (geteuid() != 0)
		test_skip_or_fail("other users, and so root");
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(children); i++) {
		children[i] = fork();
		if (children[i] == 0) {
			if (setresuid(STRANGER + i, STRANGER + i, STRANGER + i) < 0)
				_exit(100);
			for (unsigned j = 0; j < CONTROL_CONNECTIONS_USER_MAX; j++)
				(void)test_client_connect(fixture->path);
			_exit(write(ready[1], "r", 1) == 1 && pause() == 0);
		}
	}
	for (unsigned i = 0; i < ARRAY_SIZE(children); i++) {
		char byte;

		assert_int_equal(read(ready[0], &byte, 1), 1);
	}
	test_server_check_served(fixture);
	for (unsigned i = 0; i < ARRAY_SIZE(children); i++) {
		(void)kill(children[i], SIGKILL);
		(void)waitpid(children[i], NULL, 0);
	}
	(void)close(ready[0]);
	(void)close(ready[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SERVER(only_root_and_the_group_are_let_in),
		WITH_SERVER(root_of_a_user_namespace_is_its_outer_user),
		WITH_SERVER(last_connection_is_for_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
