// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/test_cli.h"

#include "base/cleanup.h"
#include "base/memory.h"
#include "cli/cli.h"
#include "control/server.h"
#include "control/socket.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <cmocka.h>

static void answer_load(struct control_request *request)
{
	struct error error = { 0 };
	struct json_object *reply, *code;
	size_t size;
	const char *payload = control_request_payload(request, &size);

	reply = json_tokener_parse(payload);
	if (!reply)
		abort();
	if (!json_object_object_get_ex(reply, "code", &code)) {
		control_request_reply(request, reply);
		return;
	}
	(void)error_set(&error, 0, error_code_from_name(json_object_get_string(code)),
			"registry:3:17", "wait %u, plan %d, unsigned %d, empty %d",
			control_request_arguments(request)->wait_sec,
			control_request_arguments(request)->plan,
			control_request_arguments(request)->allow_unsigned,
			control_request_arguments(request)->allow_empty);
	json_object_put(reply);
	control_request_fail(request, &error);
}

static void answer(void *userdata, struct control_request *request)
{
	static const char degraded[] = "{\"node\":\"example/moon\",\"state\":\"degraded\"}";
	static const char info[] = "{\"pid\":812,\"helpers\":[{\"name\":\"babeld\",\"pid\":815},"
				   "{\"name\":\"wireguard-go\",\"pid\":816}],\"netns\":null}";
	struct json_object *status;

	switch (control_request_arguments(request)->op) {
	case CONTROL_LOAD:
		answer_load(request);
		break;
	case CONTROL_STATUS:
		status = json_object_from_file(userdata);
		control_request_reply(request, status ? status : json_tokener_parse(degraded));
		break;
	case CONTROL_INFO:
		control_request_reply(request, json_tokener_parse(info));
		break;
	case CONTROL_DOWN:
	case CONTROL_RELOAD:
		control_request_reply(request, json_object_new_object());
		break;
	}
}

static void serve(struct test_cli *fixture)
{
	uv_loop_t loop;
	struct error error = { 0 };
	struct control_server *server;
	const struct control_server_options options = {
		.loop = &loop,
		.runtime_dir = fixture->directory,
		.group = getgrgid(getgid())->gr_name,
		.handler = answer,
		.userdata = fixture->file,
	};
	int lock;

	(void)uv_loop_init(&loop);
	if (control_lock(fixture->directory, &lock, &error) < 0 ||
	    control_server_start(&options, &server, &error) < 0)
		_exit(1);
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	_exit(0);
}

int test_cli_make_directory(void **state)
{
	struct test_cli *fixture = NEW(struct test_cli);

	(void)strcpy(fixture->directory, "/tmp/aronet-t-XXXXXX");
	if (!mkdtemp(fixture->directory))
		return -1;
	(void)snprintf(fixture->socket, sizeof(fixture->socket), "%s/control", fixture->directory);
	(void)snprintf(fixture->file, sizeof(fixture->file), "%s/file", fixture->directory);
	*state = fixture;
	return 0;
}

int test_cli_start_server(void **state)
{
	struct test_cli *fixture;

	if (test_cli_make_directory(state) < 0)
		return -1;
	fixture = *state;
	fixture->server = fork();
	if (fixture->server == 0)
		serve(fixture);
	for (int i = 0; i < 1000 && access(fixture->socket, F_OK) < 0; i++)
		(void)poll(NULL, 0, 5);
	return access(fixture->socket, F_OK);
}

int test_cli_clean_up(void **state)
{
	struct test_cli *fixture = *state;
	static const char *const files[] = { "control",	 "file",	  "file.pub",
					     "node.key", "registry.json", "private/lock" };
	char path[128];

	if (fixture->server) {
		(void)kill(fixture->server, SIGKILL);
		(void)waitpid(fixture->server, NULL, 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", fixture->directory, files[i]);
		(void)unlink(path);
	}
	(void)snprintf(path, sizeof(path), "%s/private", fixture->directory);
	(void)rmdir(path);
	(void)rmdir(fixture->directory);
	free(fixture);
	return 0;
}

/* Hooks tell on standard output how they were called. */
static int hook_run(const char *config_path, const char *registry_path, bool allow_unsigned,
		    enum log_level log_level)
{
	(void)printf("run %s %s %d %d\n", config_path, registry_path ? registry_path : "none",
		     allow_unsigned, log_level);
	return EXIT_STATE;
}

static int hook_take_down(const char *config_path, bool forget, struct error *error)
{
	(void)printf("take down %s %d\n", config_path, forget);
	if (!strcmp(config_path, "bad"))
		return error_set(error, -EBUSY, ERROR_APPLY, "link x", "stays");
	return 0;
}

static void read_output(int fd, char *ret, size_t size)
{
	ssize_t length = pread(fd, ret, size - 1, 0);

	assert_true(length >= 0);
	ret[length] = '\0';
	(void)close(fd);
}

void test_cli_run_with_input(struct test_cli_outcome *outcome, const char *input, const char *line)
{
	const struct cli_hooks hooks = { hook_run, hook_take_down };
	char words[512], *argv[20] = { words };
	int out = memfd_create("out", MFD_CLOEXEC), err = memfd_create("err", MFD_CLOEXEC);
	int in = memfd_create("in", MFD_CLOEXEC), argc = 0, status;
	pid_t pid;

	(void)snprintf(words, sizeof(words), "aronet %s", line);
	for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	assert_int_equal(pwrite(in, input, strlen(input), 0), strlen(input));
	pid = fork();
	if (pid == 0) {
		(void)dup2(in, STDIN_FILENO);
		(void)dup2(out, STDOUT_FILENO);
		(void)dup2(err, STDERR_FILENO);
		status = cli_main(argc, argv, &hooks);
		(void)fflush(stdout);
		_exit(status);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	outcome->exit = WEXITSTATUS(status);
	read_output(out, outcome->out, sizeof(outcome->out));
	read_output(err, outcome->err, sizeof(outcome->err));
	(void)close(in);
}

void test_cli_run(struct test_cli_outcome *outcome, const char *format, ...)
{
	char line[512];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	test_cli_run_with_input(outcome, "", line);
}

void test_cli_check_outcome(const struct test_cli_outcome *outcome, int exit, const char *out,
			    const char *err)
{
	assert_string_equal(outcome->err, err);
	assert_string_equal(outcome->out, out);
	assert_int_equal(outcome->exit, exit);
}
