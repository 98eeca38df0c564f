// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/cli.h"

#include "cli/test_cli.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void check_load(struct test_cli *fixture, const char *reply, int exit, const char *out,
		       const char *err)
{
	struct test_cli_outcome outcome;
	char line[160];

	(void)snprintf(line, sizeof(line), "load -r - --socket %s", fixture->socket);
	test_cli_run_with_input(&outcome, reply, line);
	test_cli_check_outcome(&outcome, exit, out, err);
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
	struct test_cli *fixture = *state;
	struct test_cli_outcome outcome;
	char line[200];

	check_load(fixture, "{\"code\":\"E_OVERLAP\"}", EXIT_POLICY, "",
		   "aronet: standard input:3:17: wait 30, plan 0, unsigned 0, empty 0\n");
	(void)snprintf(line, sizeof(line),
		       "load -r - --socket %s --wait 7 --plan --allow-unsigned --allow-empty",
		       fixture->socket);
	test_cli_run_with_input(&outcome, "{\"code\":\"E_TYPE\"}", line);
	test_cli_check_outcome(
		&outcome, EXIT_REGISTRY, "",
		"aronet: standard input:3:17: wait 7, plan 1, unsigned 1, empty 1\n");
}

static void load_prints_a_plan_line_by_line(void **state)
{
	struct test_cli *fixture = *state;
	struct test_cli_outcome outcome;
	char line[160];

	(void)snprintf(line, sizeof(line), "load -r - --plan --socket %s", fixture->socket);
	test_cli_run_with_input(
		&outcome,
		"{\"plan\":[\"create link a\",\"delete link b\"],\"conflicts\":[\"link c\"]}",
		line);
	test_cli_check_outcome(&outcome, EXIT_DONE, "create link a\ndelete link b\n",
			       "aronet: in the way: link c\n");
	test_cli_run_with_input(&outcome, "{\"plan\":[]}", line);
	test_cli_check_outcome(&outcome, EXIT_DONE, "nothing to do\n", "");
}

static void load_tells_errors_as_json_too(void **state)
{
	struct test_cli *fixture = *state;
	struct test_cli_outcome outcome;
	struct json_object *object, *code;
	char line[160];

	(void)snprintf(line, sizeof(line), "load -r - --json --socket %s", fixture->socket);
	test_cli_run_with_input(&outcome, "{\"code\":\"E_OVERLAP\"}", line);
	assert_int_equal(outcome.exit, EXIT_POLICY);
	object = json_tokener_parse(outcome.out);
	assert_true(json_object_object_get_ex(object, "code", &code));
	assert_string_equal(json_object_get_string(code), "E_OVERLAP");
	json_object_put(object);
}

static void load_refuses_endless_and_missing_input(void **state)
{
	struct test_cli *fixture = *state;
	struct test_cli_outcome outcome;

	test_cli_run(&outcome, "load -r /dev/zero --socket %s", fixture->socket);
	test_cli_check_outcome(&outcome, EXIT_REGISTRY, "",
			       "aronet: /dev/zero: larger than the limit of 33554432 bytes\n");
	test_cli_run(&outcome, "load -r - --socket %s", fixture->socket);
	test_cli_check_outcome(&outcome, EXIT_REGISTRY, "", "aronet: standard input: empty file\n");
	test_cli_run(&outcome, "load -r %s --socket %s", fixture->file, fixture->socket);
	assert_int_equal(outcome.exit, EXIT_REGISTRY);
	assert_non_null(strstr(outcome.err, "No such file or directory"));
}

static void status_exits_1_when_degraded(void **state)
{
	struct test_cli *fixture = *state;
	struct test_cli_outcome outcome;

	test_cli_run(&outcome, "status --socket %s", fixture->socket);
	assert_int_equal(outcome.exit, EXIT_DIFFERENT);
	assert_memory_equal(outcome.out, "example/moon  degraded", 22);
	assert_null(strchr(outcome.out, '\033'));
	test_cli_run(&outcome, "status --json --socket %s", fixture->socket);
	assert_int_equal(outcome.exit, EXIT_DIFFERENT);
	assert_non_null(strstr(outcome.out, "\"node\": \"example/moon\""));
	assert_null(strstr(outcome.out, "\"ok\""));
}

static void info_lists_helpers(void **state)
{
	struct test_cli *fixture = *state;
	struct test_cli_outcome outcome;

	test_cli_run(&outcome, "daemon info --socket %s", fixture->socket);
	test_cli_check_outcome(&outcome, EXIT_DONE,
			       "  pid      812\n"
			       "  helpers  babeld pid 815\n"
			       "           wireguard-go pid 816\n"
			       "  netns    -\n",
			       "");
}

static void down_asks_the_daemon(void **state)
{
	struct test_cli *fixture = *state;
	struct test_cli_outcome outcome;

	test_cli_run(&outcome, "down --socket %s", fixture->socket);
	test_cli_check_outcome(&outcome, EXIT_DONE, "down\n", "");
}

static void down_prints_json_if_asked_to(void **state)
{
	struct test_cli *fixture = *state;
	struct test_cli_outcome outcome;

	test_cli_run(&outcome, "down --json -c good --socket %s", fixture->socket);
	test_cli_check_outcome(&outcome, EXIT_DONE, "take down good 0\n{\n  \"ok\": true\n}\n", "");
}

static void commands_without_daemon_say_how_to_start_it(void **state)
{
	struct test_cli *fixture = *state;
	struct test_cli_outcome outcome;

	test_cli_run(&outcome, "status --socket %s", fixture->socket);
	assert_int_equal(outcome.exit, EXIT_DAEMON);
	assert_non_null(strstr(outcome.err, "No such file or directory; start it with "));
	test_cli_run_with_input(&outcome, "[]", "load -r - --socket /nonexistent/control");
	assert_int_equal(outcome.exit, EXIT_DAEMON);
	assert_string_equal(outcome.out, "");
	test_cli_run(&outcome, "down --socket %s", fixture->socket);
	assert_int_equal(outcome.exit, EXIT_DAEMON);
	assert_non_null(strstr(outcome.err, "aronet down -c FILE"));
}

static void down_without_daemon_cleans_up_by_itself(void **state)
{
	struct test_cli *fixture = *state;
	struct test_cli_outcome outcome;

	test_cli_run(&outcome, "down -c good --forget --socket %s", fixture->socket);
	test_cli_check_outcome(&outcome, EXIT_DONE, "take down good 1\ndown\n", "");
	test_cli_run(&outcome, "down -c bad --socket %s", fixture->socket);
	test_cli_check_outcome(&outcome, EXIT_APPLY, "take down bad 0\n",
			       "aronet: link x: stays\n");
}

static void daemon_run_gets_its_options(void **state)
{
	struct test_cli_outcome outcome;

	(void)state;
	test_cli_run(&outcome,
		     "daemon run -c c.json -r r.json --allow-unsigned --log-level warning");
	test_cli_check_outcome(&outcome, EXIT_STATE, "run c.json r.json 1 4\n", "");
	test_cli_run(&outcome, "daemon run -c c.json");
	test_cli_check_outcome(&outcome, EXIT_STATE, "run c.json none 0 6\n", "");
	test_cli_run(&outcome, "daemon run");
	assert_int_equal(outcome.exit, EXIT_USAGE);
}

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
		WITH_DIRECTORY(down_prints_json_if_asked_to),
		WITH_DIRECTORY(commands_without_daemon_say_how_to_start_it),
		WITH_DIRECTORY(down_without_daemon_cleans_up_by_itself),
		WITH_DIRECTORY(daemon_run_gets_its_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
