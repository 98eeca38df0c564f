// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/cli.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/memory.h"
#include "cli/command.h"
#include "control/server.h"
#include "control/socket.h"
#include "crypto/crypto.h"
#include "crypto/test_hex.h"
#include "registry/test_bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

/*
 * The whole command line as a process of its own, against a real control server in another one. The
 * server's daemon answers a load with the loaded bytes: what a test wants to be told, it loads.
 */
struct fixture {
	char directory[64];
	char socket[96];
	char file[96]; /* in the directory; made by tests */
	pid_t server;
};

struct outcome {
	int exit;
	char out[16384];
	char err[4096];
};

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
	static const char status[] = "{\"node\":\"example/moon\",\"state\":\"degraded\"}";
	static const char info[] = "{\"pid\":812,\"helpers\":[{\"name\":\"babeld\",\"pid\":815},"
				   "{\"name\":\"wireguard-go\",\"pid\":816}],\"netns\":null}";

	(void)userdata;
	switch (control_request_arguments(request)->op) {
	case CONTROL_LOAD:
		answer_load(request);
		break;
	case CONTROL_STATUS:
		control_request_reply(request, json_tokener_parse(status));
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

static void serve(const char *runtime_dir)
{
	uv_loop_t loop;
	struct error error = { 0 };
	struct control_server *server;
	const struct control_server_options options = {
		.loop = &loop,
		.runtime_dir = runtime_dir,
		.group = getgrgid(getgid())->gr_name,
		.handler = answer,
	};
	int lock;

	(void)uv_loop_init(&loop);
	if (control_lock(runtime_dir, &lock, &error) < 0 ||
	    control_server_start(&options, &server, &error) < 0)
		_exit(1);
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	_exit(0);
}

static int make_directory(void **state)
{
	struct fixture *fixture = NEW(struct fixture);

	(void)strcpy(fixture->directory, "/tmp/aronet-t-XXXXXX");
	if (!mkdtemp(fixture->directory))
		return -1;
	(void)snprintf(fixture->socket, sizeof(fixture->socket), "%s/control", fixture->directory);
	(void)snprintf(fixture->file, sizeof(fixture->file), "%s/file", fixture->directory);
	*state = fixture;
	return 0;
}

static int start_server(void **state)
{
	struct fixture *fixture;

	if (make_directory(state) < 0)
		return -1;
	fixture = *state;
	fixture->server = fork();
	if (fixture->server == 0)
		serve(fixture->directory);
	for (int i = 0; i < 1000 && access(fixture->socket, F_OK) < 0; i++)
		(void)poll(NULL, 0, 5);
	return access(fixture->socket, F_OK);
}

static int clean_up(void **state)
{
	struct fixture *fixture = *state;
	static const char *const files[] = { "control", "file", "file.pub", "node.key",
					     "private/lock" };
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

/* `aronet LINE`, its words split at spaces, with @input on standard input. */
static void run_with_input(struct outcome *outcome, const char *input, const char *line)
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

static void __attribute__((format(printf, 2, 3)))
run(struct outcome *outcome, const char *format, ...)
{
	char line[512];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	run_with_input(outcome, "", line);
}

static void check_outcome(const struct outcome *outcome, int exit, const char *out, const char *err)
{
	assert_string_equal(outcome->err, err);
	assert_string_equal(outcome->out, out);
	assert_int_equal(outcome->exit, exit);
}

static void check_load(struct fixture *fixture, const char *reply, int exit, const char *out,
		       const char *err)
{
	struct outcome outcome;
	char line[160];

	(void)snprintf(line, sizeof(line), "load -r - --socket %s", fixture->socket);
	run_with_input(&outcome, reply, line);
	check_outcome(&outcome, exit, out, err);
}

static void load_says_what_happened(void **state)
{
	check_load(*state,
		   "{\"nodes\":4,\"added\":1,\"changed\":0,\"removed\":2,\"operations\":12,"
		   "\"no_change\":false,\"ms\":118,\"warnings\":[],\"problems\":[]}",
		   EXIT_DONE, "loaded: 4 nodes (+1 ~0 -2), 12 operations, 118 ms\n", "");
	check_load(*state, "{\"nodes\":1,\"no_change\":true,\"ms\":3}", EXIT_DONE,
		   "no change: 1 node, 3 ms\n", "");
	check_load(*state,
		   "{\"nodes\":2,\"operations\":1,\"warnings\":[{\"code\":\"W02\",\"message\":"
		   "\"host bits\"}]}",
		   EXIT_DONE, "loaded: 2 nodes (+0 ~0 -0), 1 operation, 0 ms\n",
		   "aronet: warning W02: host bits\n");
}

static void load_of_a_signed_registry_names_its_manifest(void **state)
{
	check_load(*state,
		   "{\"manifest\":481,\"nodes\":42,\"added\":1,\"changed\":2,\"removed\":0,"
		   "\"operations\":12,\"no_change\":false,\"ms\":118,\"warnings\":[{\"code\":"
		   "\"W04\",\"message\":\"manifest 481 expires in 3 days\"}]}",
		   EXIT_DONE, "loaded: manifest 481, 42 nodes (+1 ~2 -0), 1 warning, 118 ms\n",
		   "aronet: warning W04: manifest 481 expires in 3 days\n");
	check_load(*state, "{\"manifest\":481,\"nodes\":42,\"no_change\":true,\"ms\":3}", EXIT_DONE,
		   "no change: manifest 481, 42 nodes, 3 ms\n", "");
}

static void load_tells_problems_and_exits_9(void **state)
{
	check_load(*state,
		   "{\"nodes\":2,\"operations\":1,\"problems\":[{\"object\":\"link wg-1\","
		   "\"text\":\"Operation not supported\"}]}",
		   EXIT_APPLY, "loaded: 2 nodes (+0 ~0 -0), 1 operation, 0 ms\n",
		   "aronet: link wg-1: Operation not supported\n"
		   "aronet: the daemon goes on trying; see aronet status\n");
}

static void load_passes_its_flags_on(void **state)
{
	struct fixture *fixture = *state;
	struct outcome outcome;
	char line[200];

	check_load(fixture, "{\"code\":\"E_OVERLAP\"}", EXIT_POLICY, "",
		   "aronet: standard input:3:17: wait 30, plan 0, unsigned 0, empty 0\n");
	(void)snprintf(line, sizeof(line),
		       "load -r - --socket %s --wait 7 --plan --allow-unsigned --allow-empty",
		       fixture->socket);
	run_with_input(&outcome, "{\"code\":\"E_TYPE\"}", line);
	check_outcome(&outcome, EXIT_REGISTRY, "",
		      "aronet: standard input:3:17: wait 7, plan 1, unsigned 1, empty 1\n");
}

static void load_prints_a_plan_line_by_line(void **state)
{
	struct fixture *fixture = *state;
	struct outcome outcome;
	char line[160];

	(void)snprintf(line, sizeof(line), "load -r - --plan --socket %s", fixture->socket);
	run_with_input(
		&outcome,
		"{\"plan\":[\"create link a\",\"delete link b\"],\"conflicts\":[\"link c\"]}",
		line);
	check_outcome(&outcome, EXIT_DONE, "create link a\ndelete link b\n",
		      "aronet: in the way: link c\n");
	run_with_input(&outcome, "{\"plan\":[]}", line);
	check_outcome(&outcome, EXIT_DONE, "nothing to do\n", "");
}

static void load_tells_errors_as_json_too(void **state)
{
	struct fixture *fixture = *state;
	struct outcome outcome;
	struct json_object *object, *code;
	char line[160];

	(void)snprintf(line, sizeof(line), "load -r - --json --socket %s", fixture->socket);
	run_with_input(&outcome, "{\"code\":\"E_OVERLAP\"}", line);
	assert_int_equal(outcome.exit, EXIT_POLICY);
	object = json_tokener_parse(outcome.out);
	assert_true(json_object_object_get_ex(object, "code", &code));
	assert_string_equal(json_object_get_string(code), "E_OVERLAP");
	json_object_put(object);
}

static void load_refuses_endless_and_missing_input(void **state)
{
	struct fixture *fixture = *state;
	struct outcome outcome;

	run(&outcome, "load -r /dev/zero --socket %s", fixture->socket);
	check_outcome(&outcome, EXIT_REGISTRY, "",
		      "aronet: /dev/zero: larger than the limit of 33554432 bytes\n");
	run(&outcome, "load -r - --socket %s", fixture->socket);
	check_outcome(&outcome, EXIT_REGISTRY, "", "aronet: standard input: empty file\n");
	run(&outcome, "load -r %s --socket %s", fixture->file, fixture->socket);
	assert_int_equal(outcome.exit, EXIT_REGISTRY);
	assert_non_null(strstr(outcome.err, "No such file or directory"));
}

static void status_exits_1_when_degraded(void **state)
{
	struct fixture *fixture = *state;
	struct outcome outcome;

	run(&outcome, "status --socket %s", fixture->socket);
	assert_int_equal(outcome.exit, EXIT_DIFFERENT);
	assert_memory_equal(outcome.out, "example/moon  degraded", 22);
	assert_null(strchr(outcome.out, '\033'));
	run(&outcome, "status --json --socket %s", fixture->socket);
	assert_int_equal(outcome.exit, EXIT_DIFFERENT);
	assert_non_null(strstr(outcome.out, "\"node\": \"example/moon\""));
	assert_null(strstr(outcome.out, "\"ok\""));
}

static void info_lists_helpers(void **state)
{
	struct fixture *fixture = *state;
	struct outcome outcome;

	run(&outcome, "daemon info --socket %s", fixture->socket);
	check_outcome(&outcome, EXIT_DONE,
		      "  pid      812\n"
		      "  helpers  babeld pid 815\n"
		      "           wireguard-go pid 816\n"
		      "  netns    -\n",
		      "");
}

static void down_asks_the_daemon(void **state)
{
	struct fixture *fixture = *state;
	struct outcome outcome;

	run(&outcome, "down --socket %s", fixture->socket);
	check_outcome(&outcome, EXIT_DONE, "down\n", "");
}

static void commands_without_daemon_say_how_to_start_it(void **state)
{
	struct fixture *fixture = *state;
	struct outcome outcome;

	run(&outcome, "status --socket %s", fixture->socket);
	assert_int_equal(outcome.exit, EXIT_DAEMON);
	assert_non_null(strstr(outcome.err, "No such file or directory; start it with "));
	run_with_input(&outcome, "[]", "load -r - --socket /nonexistent/control");
	assert_int_equal(outcome.exit, EXIT_DAEMON);
	assert_string_equal(outcome.out, "");
	run(&outcome, "down --socket %s", fixture->socket);
	assert_int_equal(outcome.exit, EXIT_DAEMON);
	assert_non_null(strstr(outcome.err, "aronet down -c FILE"));
}

static void down_without_daemon_cleans_up_by_itself(void **state)
{
	struct fixture *fixture = *state;
	struct outcome outcome;

	run(&outcome, "down -c good --forget --socket %s", fixture->socket);
	check_outcome(&outcome, EXIT_DONE, "take down good 1\ndown\n", "");
	run(&outcome, "down -c bad --socket %s", fixture->socket);
	check_outcome(&outcome, EXIT_APPLY, "take down bad 0\n", "aronet: link x: stays\n");
}

static void daemon_run_gets_its_options(void **state)
{
	struct outcome outcome;

	(void)state;
	run(&outcome, "daemon run -c c.json -r r.json --allow-unsigned --log-level warning");
	check_outcome(&outcome, EXIT_STATE, "run c.json r.json 1 4\n", "");
	run(&outcome, "daemon run -c c.json");
	check_outcome(&outcome, EXIT_STATE, "run c.json none 0 6\n", "");
	run(&outcome, "daemon run");
	assert_int_equal(outcome.exit, EXIT_USAGE);
}

static void unknown_commands_are_usage_errors(void **state)
{
	static const struct {
		const char *line, *text;
	} cases[] = {
		{ "laod -r x", "did you mean load?" },
		{ "stauts", "did you mean status?" },
		{ "daemon rum", "did you mean daemon run?" },
		{ "daemon", "daemon: expected one of: info, run" },
		{ "daemon frobnicate", "\"daemon frobnicate\"; expected one of: info, run" },
		{ "regsitry", "did you mean registry?" },
		{ "xyzzy-plugh", "see aronet --help" },
	};
	struct outcome outcome;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		run(&outcome, "%s", cases[i].line);
		assert_int_equal(outcome.exit, EXIT_USAGE);
		assert_non_null(strstr(outcome.err, cases[i].text));
		assert_string_equal(outcome.out, "");
	}
	run(&outcome, "%s", "");
	assert_int_equal(outcome.exit, EXIT_USAGE);
	assert_non_null(strstr(outcome.err, "daemon run"));
}

static void every_command_explains_itself(void **state)
{
	const struct cli_command *command;
	struct outcome outcome, other;

	(void)state;
	for (size_t i = 0; (command = cli_command_at(i)); i++) {
		run(&outcome, "%s --help", command->syntax.name);
		assert_int_equal(outcome.exit, EXIT_DONE);
		assert_string_equal(outcome.err, "");
		assert_non_null(strstr(outcome.out, "Usage: aronet "));
		assert_non_null(strstr(outcome.out, "--help"));
		run(&other, "help %s", command->syntax.name);
		assert_string_equal(other.out, outcome.out);
		run(&other,
		    strncmp(command->syntax.name, "registry ", 9) ? "--help" : "registry --help");
		assert_non_null(strstr(other.out, command->summary));
		/* No line of help is cut by a terminal of 80 columns and some. */
		for (char *line = strtok(outcome.out, "\n"); line; line = strtok(NULL, "\n"))
			assert_true(strlen(line) <= 100);
	}
}

/* Each "--option" of @help stands in @text, whose hyphens may be written \\-. */
static void check_options_documented(const char *help, const char *text, const char *name)
{
	for (const char *at = strstr(help, "--"); at; at = strstr(at + 2, "--")) {
		size_t length = 2 + strspn(at + 2, "abcdefghijklmnopqrstuvwxyz-");
		char option[40];

		(void)snprintf(option, sizeof(option), "%.*s", (int)length, at);
		if (!strstr(text, option))
			fail_msg("%s lacks %s", name, option);
	}
}

static void manual_and_completion_name_every_option(void **state)
{
	static const struct {
		const char *name;
		bool has_group, has_others; /* of "registry", of the other commands */
	} files[] = {
		{ "man/aronet.8", false, true },
		{ "man/aronet-registry.8", true, false },
		{ "completions/aronet", true, true },
	};
	const struct cli_command *command;
	struct outcome outcome;
	struct error error = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		CLEANUP(free) char *text = NULL;
		char path[512], *end;
		size_t size;

		(void)snprintf(path, sizeof(path), ASSETS_DIRECTORY "/%s", files[i].name);
		assert_int_equal(file_read(path, 1 << 20, &text, &size, &error), 0);
		end = text;
		for (const char *from = text; *from; from++)
			if (from[0] != '\\' || from[1] != '-')
				*end++ = *from;
		*end = '\0';
		for (size_t j = 0; (command = cli_command_at(j)); j++) {
			bool is_group = !strncmp(command->syntax.name, "registry ", 9);

			if (is_group ? !files[i].has_group : !files[i].has_others)
				continue;
			run(&outcome, "%s --help", command->syntax.name);
			check_options_documented(strstr(outcome.out, "\nOptions:"), text,
						 files[i].name);
			if (!strstr(text, command->syntax.name))
				fail_msg("%s lacks %s", files[i].name, command->syntax.name);
		}
	}
}

/* The example of the manual is a configuration that works. */
static void example_of_the_manual_is_accepted(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(free) char *text = NULL;
	struct outcome outcome;
	struct error error = { 0 };
	char expected[200], *begin, *end;
	size_t size;

	assert_int_equal(
		file_read(ASSETS_DIRECTORY "/man/aronet-config.5", 1 << 20, &text, &size, &error),
		0);
	begin = strstr(text, ".nf\n{") + 4;
	end = strstr(begin, ".fi");
	run(&outcome, "keygen node -o %s/node.key", fixture->directory);
	assert_int_equal(outcome.exit, EXIT_DONE);
	assert_int_equal(file_replace(fixture->file, begin, (size_t)(end - begin), 0600, &error),
			 0);
	run(&outcome, "check -c %s", fixture->file);
	(void)snprintf(expected, sizeof(expected),
		       "%s: ok (node example/moon, netns mode, 1 endpoint)\n", fixture->file);
	check_outcome(&outcome, EXIT_DONE, expected, "");
}

static void keygen_never_touches_an_existing_file(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(free) char *text = NULL;
	struct outcome outcome;
	struct error error = { 0 };
	size_t size;

	assert_int_equal(file_replace(fixture->file, "precious", 8, 0644, &error), 0);
	run(&outcome, "keygen node -o %s", fixture->file);
	assert_int_equal(outcome.exit, EXIT_CONFIG);
	assert_non_null(strstr(outcome.err, "exists already; a key is never overwritten"));
	assert_string_equal(outcome.out, "");
	assert_int_equal(file_read(fixture->file, 100, &text, &size, &error), 0);
	assert_string_equal(text, "precious");
}

static void keygen_keeps_the_private_key_in_the_file(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(free) char *text = NULL;
	struct outcome outcome;
	struct error error = { 0 };
	struct stat status;
	size_t size;

	run(&outcome, "keygen wireguard -o %s", fixture->file);
	assert_int_equal(outcome.exit, EXIT_DONE);
	assert_int_equal(stat(fixture->file, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(file_read(fixture->file, 100, &text, &size, &error), 0);
	assert_int_equal(size, 45);
	assert_int_equal(strlen(outcome.out), 45);
	assert_null(strstr(outcome.out, text));
	assert_null(strstr(outcome.err, text));
}

static void keygen_prints_like_wg_genkey_without_a_file(void **state)
{
	struct outcome outcome;

	(void)state;
	run(&outcome, "keygen wireguard");
	assert_int_equal(outcome.exit, EXIT_DONE);
	assert_int_equal(strlen(outcome.out), 45);
	assert_int_equal(strlen(outcome.err), 45);
	assert_string_not_equal(outcome.out, outcome.err);
	run(&outcome, "keygen node");
	assert_int_equal(outcome.exit, EXIT_DONE);
	assert_memory_equal(outcome.out, "-----BEGIN ARONET NODE KEY-----\n", 32);
	assert_non_null(strstr(outcome.err, "identity fingerprint"));
	run(&outcome, "keygen rsa");
	assert_int_equal(outcome.exit, EXIT_USAGE);
}

static void keygen_signing_makes_two_files(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(free) char *private_text = NULL;
	CLEANUP(free) char *public_text = NULL;
	struct crypto_signing_key key;
	struct outcome outcome;
	struct error error = { 0 };
	struct stat status;
	char public_path[128], pem[CRYPTO_ED25519_PEM_SIZE];
	size_t size;

	(void)snprintf(public_path, sizeof(public_path), "%s/node.pub", fixture->directory);
	run(&outcome, "keygen signing %s/node.key --no-passphrase", fixture->directory);
	assert_int_equal(outcome.exit, EXIT_DONE);
	assert_string_equal(outcome.err, "");
	(void)snprintf(fixture->file, sizeof(fixture->file), "%s/node.key", fixture->directory);
	assert_int_equal(stat(fixture->file, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(file_read(fixture->file, 4096, &private_text, &size, &error), 0);
	assert_int_equal(crypto_signing_key_parse(private_text, "k", NULL, NULL, &key, &error), 0);
	assert_int_equal(file_read(public_path, 4096, &public_text, &size, &error), 0);
	assert_string_equal(public_text, crypto_ed25519_public_to_pem(key.public_key, pem));
	assert_non_null(strstr(outcome.out, pem));
	assert_null(strstr(outcome.out, "PRIVATE"));

	/* Neither half is touched if one is there. */
	run(&outcome, "keygen signing %s --no-passphrase", fixture->file);
	assert_int_equal(outcome.exit, EXIT_CONFIG);
	assert_non_null(
		strstr(outcome.err, "node.key: exists already; a key is never overwritten"));
	assert_int_equal(unlink(fixture->file), 0);
	run(&outcome, "keygen signing %s --no-passphrase", fixture->file);
	assert_int_equal(outcome.exit, EXIT_CONFIG);
	assert_non_null(strstr(outcome.err, "node.pub: exists already"));
	assert_int_equal(access(fixture->file, F_OK), -1);
	assert_int_equal(unlink(public_path), 0);
}

static void keygen_signing_encrypts_with_what_a_descriptor_gives(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(free) char *text = NULL;
	struct outcome outcome;
	struct error error = { 0 };
	size_t size;

	run_with_input(&outcome, "correct horse\n",
		       "keygen signing /nonexistent/k --passphrase-fd 0");
	assert_int_equal(outcome.exit, EXIT_CONFIG);
	(void)snprintf(outcome.out, sizeof(outcome.out), "keygen signing %s --passphrase-fd 0",
		       fixture->file);
	run_with_input(&outcome, "correct horse\n", outcome.out);
	assert_int_equal(outcome.exit, EXIT_DONE);
	assert_int_equal(file_read(fixture->file, 4096, &text, &size, &error), 0);
	assert_memory_equal(text, "-----BEGIN ENCRYPTED PRIVATE KEY-----", 37);
	assert_null(strstr(outcome.out, "horse"));
	run(&outcome, "keygen signing x --passphrase-fd 99");
	check_outcome(&outcome, EXIT_USAGE, "",
		      "aronet: descriptor 99 for passphrases is not open\n");
}

static void check_names_the_first_error(void **state)
{
	struct fixture *fixture = *state;
	struct outcome outcome;
	struct error error = { 0 };

	assert_int_equal(file_replace(fixture->file, "{ \"x\": }", 8, 0600, &error), 0);
	run(&outcome, "check -c %s", fixture->file);
	assert_int_equal(outcome.exit, EXIT_CONFIG);
	assert_non_null(strstr(outcome.err, fixture->file));
	assert_non_null(strstr(outcome.err, ":1:8"));
	assert_string_equal(outcome.out, "");
}

static void write_text(const char *directory, const char *name, const char *text)
{
	struct error error = { 0 };
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	if (file_replace(path, text, strlen(text), 0600, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
}

/* What the configuration says of registries is asked, the machine is not. */
static void check_asks_the_local_policy(void **state)
{
	static const char config[] =
		"{\"organization\": \"home\", \"common_name\": \"moon\","
		" \"daemon\": {\"network\": \"fd66:1::/64\"},"
		" \"registry\": {\"allow_unsigned\": true},"
		" \"endpoints\": [{\"address\": null, \"address_family\": \"ip4\", \"port\": 1}],"
		" \"wireguard\": {\"private_key\": "
		"\"8lMIyqABTEGxmHXysLdgfqRg0DZq8tGTbbTtjlxmObM=\"}}";
	static const char registry[] =
		"[{\"organization\": \"home\", \"public_key\": \"-----BEGIN PUBLIC KEY-----\\n"
		"MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\\n"
		"-----END PUBLIC KEY-----\\n\", \"nodes\": [{\"common_name\": \"sun\","
		" \"endpoints\": [], \"remarks\": {\"network\": \"fd66:2::/64\","
		" \"prefixs\": [\"0.0.0.0/0\"]}}]}]";
	struct fixture *fixture = *state;
	struct outcome outcome;

	write_text(fixture->directory, "file", config);
	write_text(fixture->directory, "registry.json", registry);
	run(&outcome, "check -c %s -r %s/registry.json --allow-unsigned", fixture->file,
	    fixture->directory);
	check_outcome(&outcome, EXIT_POLICY, "",
		      "aronet: home/sun: 0.0.0.0/0 refused by local policy (default route); to use "
		      "that exit, name the node in \"accept_default_from\"\n");
}

/* Without a state directory, as on the machine of somebody who only looks. */
static void check_verifies_signed_registries_by_the_pin(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 2);
	struct fixture *fixture = *state;
	char config[512], line[256], hex[2 * KEY_SIZE + 1];
	struct outcome outcome;
	uint8_t pin[KEY_SIZE];
	char *character;
	size_t size;

	test_bundle_date(t, time(NULL) - 60, time(NULL) + 20 * 86400, time(NULL) + 86400 * 300);
	test_bundle_pin(t, 1, pin);
	(void)snprintf(config, sizeof(config),
		       "{\"organization\": \"org-1\", \"common_name\": \"node-9\", \"daemon\":"
		       " {\"network\": \"fd67::/64\", \"mode\": \"netns\", \"state_dir\":"
		       " \"%s/state\"}, \"registry\": {\"mesh_sha256\": \"%s\"}, \"endpoints\":"
		       " [{\"address\": null, \"address_family\": \"ip4\", \"port\": 1}],"
		       " \"wireguard\": {\"private_key\":"
		       " \"8lMIyqABTEGxmHXysLdgfqRg0DZq8tGTbbTtjlxmObM=\"}}",
		       fixture->directory, test_to_hex(pin, hex));
	write_text(fixture->directory, "file", config);
	CLEANUP(free) char *text = test_bundle_text(t, &size);
	write_text(fixture->directory, "registry.json", text);
	run(&outcome, "check -c %s -r %s/registry.json", fixture->file, fixture->directory);
	assert_int_equal(outcome.exit, EXIT_DONE);
	(void)snprintf(line, sizeof(line),
		       "%s/registry.json: ok (signed, mesh example 1, manifest 1, 2 nodes; checked "
		       "against the pin)\n",
		       fixture->directory);
	assert_non_null(strstr(outcome.out, line));
	/* Another signature, but base64 still. */
	character = strstr(text, "\"sig\"") + 10;
	*character = *character == 'B' ? 'C' : 'B';
	write_text(fixture->directory, "registry.json", text);
	run(&outcome, "check -c %s -r %s/registry.json", fixture->file, fixture->directory);
	assert_int_equal(outcome.exit, EXIT_REGISTRY);
	assert_non_null(strstr(outcome.err, "mesh 1: 0 of 1 required signatures are good (1 bad)"));
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, start_server, clean_up)
#define WITH_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, make_directory, clean_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SERVER(load_says_what_happened),
		WITH_SERVER(load_of_a_signed_registry_names_its_manifest),
		WITH_SERVER(load_tells_problems_and_exits_9),
		WITH_SERVER(load_passes_its_flags_on),
		WITH_SERVER(load_prints_a_plan_line_by_line),
		WITH_SERVER(load_tells_errors_as_json_too),
		WITH_SERVER(load_refuses_endless_and_missing_input),
		WITH_SERVER(status_exits_1_when_degraded),
		WITH_SERVER(info_lists_helpers),
		WITH_SERVER(down_asks_the_daemon),
		WITH_DIRECTORY(commands_without_daemon_say_how_to_start_it),
		WITH_DIRECTORY(down_without_daemon_cleans_up_by_itself),
		WITH_DIRECTORY(daemon_run_gets_its_options),
		WITH_DIRECTORY(unknown_commands_are_usage_errors),
		WITH_DIRECTORY(every_command_explains_itself),
		WITH_DIRECTORY(manual_and_completion_name_every_option),
		WITH_DIRECTORY(example_of_the_manual_is_accepted),
		WITH_DIRECTORY(keygen_never_touches_an_existing_file),
		WITH_DIRECTORY(keygen_keeps_the_private_key_in_the_file),
		WITH_DIRECTORY(keygen_prints_like_wg_genkey_without_a_file),
		WITH_DIRECTORY(keygen_signing_makes_two_files),
		WITH_DIRECTORY(keygen_signing_encrypts_with_what_a_descriptor_gives),
		WITH_DIRECTORY(check_names_the_first_error),
		WITH_DIRECTORY(check_asks_the_local_policy),
		WITH_DIRECTORY(check_verifies_signed_registries_by_the_pin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
