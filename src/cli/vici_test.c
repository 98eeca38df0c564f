// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the commands ask of charon, and the commands themselves with a daemon and a charon that are
 * made up.
 */
#include "base/cleanup.h"
#include "base/file.h"
#include "base/memory.h"
#include "cli/test_cli.h"
#include "cli/vici_talk.h"
#include "vici/test_fake_charon.h"

#include <errno.h>
#include <json-c/json.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define SHORT_MS 200

struct rig {
	uv_loop_t loop;
	struct fake_charon charon;
	struct vici_place place;
	struct vici_writer messages[2];
};

static struct rig *open_rig(enum fake_charon_behaviour behaviour)
{
	struct rig *rig = NEW(struct rig);

	assert_int_equal(uv_loop_init(&rig->loop), 0);
	fake_charon_init(&rig->charon, &rig->loop, behaviour);
	rig->charon.sas = rig->messages;
	rig->place = (struct vici_place) { &rig->loop, rig->charon.path, SHORT_MS };
	return rig;
}

static void close_rig(struct rig *rig)
{
	fake_charon_done(&rig->charon);
	assert_int_equal(uv_loop_close(&rig->loop), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rig->messages); i++)
		vici_writer_done(&rig->messages[i]);
	free(rig);
}

static void add_sa(struct rig *rig, const char *name, unsigned id)
{
	struct vici_writer *message = &rig->messages[rig->charon.sas_count++];

	vici_begin_section(message, name);
	vici_printf(message, "uniqueid", "%u", id);
	vici_printf(message, "state", "ESTABLISHED");
	vici_end_section(message);
	assert_int_equal(vici_writer_result(message), 0);
}

static void sas_are_listed_by_name_and_number(void **state)
{
	CLEANUP(vici_sas_done) struct vici_sas sas = { 0 };
	struct rig *rig = open_rig(CHARON_HONEST);
	struct error error = { 0 };

	(void)state;
	add_sa(rig, "b", 7);
	add_sa(rig, "a", 12);
	assert_int_equal(vici_list_sas(&rig->place, &sas, &error), 0);
	assert_int_equal(sas.count, 2);
	assert_string_equal(sas.items[0].name, "a");
	assert_int_equal(sas.items[0].unique_id, 12);
	assert_string_equal(sas.items[1].name, "b");
	assert_int_equal(sas.items[1].unique_id, 7);
	close_rig(rig);
}

static void a_charon_without_sas_has_an_empty_list(void **state)
{
	CLEANUP(vici_sas_done) struct vici_sas sas = { 0 };
	struct rig *rig = open_rig(CHARON_HONEST);

	(void)state;
	assert_int_equal(vici_list_sas(&rig->place, &sas, NULL), 0);
	assert_int_equal(sas.count, 0);
	close_rig(rig);
}

static void a_charon_that_fails_is_not_asked_again(void **state)
{
	static const struct {
		enum fake_charon_behaviour behaviour;
		const char *text;
	} cases[] = {
		{ CHARON_CUTTING, "has closed its control socket" },
		{ CHARON_BABBLING, "that is not understood" },
		{ CHARON_OVERSIZED, "that is not understood" },
		{ CHARON_SILENT, "has not answered to \"list-sa\"" },
		{ CHARON_MUTE_LATER, "has not answered to \"list-sas\"" },
		{ CHARON_OLD, "does not know the event \"list-sa\"" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rig *rig = open_rig(cases[i].behaviour);
		struct vici_sas sas = { 0 };
		struct error error = { 0 };

		assert_int_equal(vici_list_sas(&rig->place, &sas, &error), -ECONNRESET);
		assert_int_equal(error.code, ERROR_CTL_DOWN);
		assert_string_equal(error.place, "charon");
		if (!strstr(error.text, cases[i].text))
			fail_msg("%s", error.text);
		assert_null(sas.items);
		assert_true(rig->charon.connections <= 2);
		close_rig(rig);
	}
}

static void a_charon_that_is_gone_is_told_of(void **state)
{
	struct rig *rig = open_rig(CHARON_HONEST);
	struct vici_sas sas = { 0 };
	struct error error = { 0 };

	(void)state;
	fake_charon_crash(&rig->charon);
	assert_int_equal(vici_list_sas(&rig->place, &sas, &error), -ECONNRESET);
	assert_non_null(strstr(error.text, "cannot be reached on its control socket"));
	close_rig(rig);
}

static void a_refusal_has_the_words_of_charon(void **state)
{
	struct rig *rig = open_rig(CHARON_HONEST);
	struct vici_sas sas = { 0 };
	struct error error = { 0 };

	(void)state;
	rig->charon.refuses = true;
	assert_int_equal(vici_list_sas(&rig->place, &sas, &error), -EREMOTEIO);
	assert_int_equal(error.code, ERROR_APPLY);
	assert_string_equal(error.text,
			    "refuses \"list-sas\": CHILD_SA config 'default' not found");
	close_rig(rig);
}

/* Says something to who follows the log, then hangs up. */
struct chatter {
	struct rig *rig;
	uv_timer_t timer;
	unsigned said, heard, enough;
};

static void on_chatter(uv_timer_t *timer)
{
	struct chatter *chatter = timer->data;

	if (!chatter->rig->charon.has_peer)
		return;
	if (chatter->said++ < 3)
		fake_charon_tell(&chatter->rig->charon, "log", "something");
	else if (!chatter->rig->charon.is_gone)
		fake_charon_crash(&chatter->rig->charon);
}

static bool on_log(void *userdata, const struct vici_section *message)
{
	struct chatter *chatter = userdata;
	char text[32];

	assert_string_equal(vici_find_text(message, "k", text, sizeof(text)), "something");
	return ++chatter->heard < chatter->enough;
}

static int follow_log(struct chatter *chatter, struct error *error)
{
	int result;

	chatter->rig = open_rig(CHARON_HONEST);
	(void)uv_timer_init(&chatter->rig->loop, &chatter->timer);
	chatter->timer.data = chatter;
	(void)uv_timer_start(&chatter->timer, on_chatter, 30, 30);
	result = vici_follow_log(&chatter->rig->place, on_log, chatter, error);
	uv_close((uv_handle_t *)&chatter->timer, NULL);
	close_rig(chatter->rig);
	return result;
}

static void the_log_is_followed_until_it_is_enough_or_ends(void **state)
{
	struct chatter patient = { .enough = 100 }, hasty = { .enough = 2 };
	struct error error = { 0 };

	(void)state;
	assert_int_equal(follow_log(&hasty, &error), 0);
	assert_int_equal(hasty.heard, 2);
	assert_int_equal(follow_log(&patient, &error), -ECONNRESET);
	assert_int_equal(patient.heard, 3);
	assert_int_equal(error.code, ERROR_CTL_DOWN);
	assert_non_null(strstr(error.text, "has closed its control socket"));
}

static void set_status(struct test_cli *fixture, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void set_status(struct test_cli *fixture, const char *format, ...)
{
	struct error error = { 0 };
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	assert_int_equal(file_replace(fixture->file, text, strlen(text), 0600, &error), 0);
}

static void check_failure(struct test_cli *fixture, int exit, const char *expected)
{
	struct test_cli_outcome outcome;

	test_cli_run(&outcome, "vici list-sas --socket %s", fixture->socket);
	test_cli_check_outcome(&outcome, exit, "", expected);
	test_cli_run(&outcome, "vici log --socket %s", fixture->socket);
	test_cli_check_outcome(&outcome, exit, "", expected);
}

static void commands_say_why_there_is_no_charon(void **state)
{
	struct test_cli *fixture = *state;

	set_status(fixture, "{\"ike\":null}");
	check_failure(fixture, EXIT_DAEMON,
		      "aronet: the IKE daemon does not run: no tunnel uses IPsec\n");
	set_status(fixture, "{\"ike\":{\"pid\":0,\"socket\":\"/x\",\"trouble\":\"is \\u001b\"}}");
	check_failure(fixture, EXIT_DAEMON, "aronet: the IKE daemon does not run: is ?\n");
	set_status(fixture, "{\"ike\":{\"pid\":0,\"socket\":\"/x\",\"trouble\":null}}");
	check_failure(fixture, EXIT_DAEMON,
		      "aronet: the IKE daemon does not run: see the problems in aronet status\n");
	set_status(fixture, "{\"ike\":{\"pid\":7,\"socket\":\"/nonexistent\"}}");
	check_failure(fixture, EXIT_DAEMON,
		      "aronet: charon: cannot be reached on its control socket /nonexistent: no "
		      "such file or directory\n");
}

static void commands_without_daemon_say_how_to_start_it(void **state)
{
	struct test_cli *fixture = *state;
	struct test_cli_outcome outcome;

	test_cli_run(&outcome, "vici list-sas --socket %s", fixture->socket);
	assert_int_equal(outcome.exit, EXIT_DAEMON);
	assert_non_null(strstr(outcome.err, "No such file or directory; start it with "));
}

/* A process that answers while the commands run. */
static pid_t serve_rig(struct rig *rig)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* also when the test fails */
	(void)uv_loop_fork(&rig->loop);
	(void)uv_run(&rig->loop, UV_RUN_DEFAULT);
	_exit(0);
}

static void list_sas_prints_what_charon_says(void **state)
{
	struct test_cli *fixture = *state;
	struct rig *rig = open_rig(CHARON_HONEST);
	struct test_cli_outcome outcome;
	struct json_object *json, *sa;
	pid_t pid;

	add_sa(rig, "b", 7);
	add_sa(rig, "a", 12);
	set_status(fixture, "{\"ike\":{\"pid\":7,\"socket\":\"%s\"}}", rig->charon.path);
	pid = serve_rig(rig);
	test_cli_run(&outcome, "vici list-sas --socket %s", fixture->socket);
	test_cli_check_outcome(&outcome, EXIT_DONE,
			       "a: #12, ESTABLISHED\n  local \n  remote\n"
			       "b: #7, ESTABLISHED\n  local \n  remote\n",
			       "");
	test_cli_run(&outcome, "vici list-sas --json --socket %s", fixture->socket);
	assert_int_equal(outcome.exit, EXIT_DONE);
	json = json_tokener_parse(outcome.out);
	assert_int_equal(json_object_array_length(json), 2);
	sa = json_object_array_get_idx(json, 1);
	assert_string_equal(json_object_to_json_string_ext(sa, JSON_C_TO_STRING_PLAIN),
			    "{\"b\":{\"uniqueid\":\"7\",\"state\":\"ESTABLISHED\"}}");
	json_object_put(json);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	close_rig(rig);
}

static void list_sas_says_that_there_are_none(void **state)
{
	struct test_cli *fixture = *state;
	struct rig *rig = open_rig(CHARON_HONEST);
	struct test_cli_outcome outcome;
	pid_t pid;

	set_status(fixture, "{\"ike\":{\"pid\":7,\"socket\":\"%s\"}}", rig->charon.path);
	pid = serve_rig(rig);
	test_cli_run(&outcome, "vici list-sas --socket %s", fixture->socket);
	test_cli_check_outcome(&outcome, EXIT_DONE, "no IKE_SAs\n", "");
	test_cli_run(&outcome, "vici list-sas --json --socket %s", fixture->socket);
	test_cli_check_outcome(&outcome, EXIT_DONE, "[\n]\n", "");
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	close_rig(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sas_are_listed_by_name_and_number),
		cmocka_unit_test(a_charon_without_sas_has_an_empty_list),
		cmocka_unit_test(a_charon_that_fails_is_not_asked_again),
		cmocka_unit_test(a_charon_that_is_gone_is_told_of),
		cmocka_unit_test(a_refusal_has_the_words_of_charon),
		cmocka_unit_test(the_log_is_followed_until_it_is_enough_or_ends),
		WITH_SERVER(commands_say_why_there_is_no_charon),
		WITH_DIRECTORY(commands_without_daemon_say_how_to_start_it),
		WITH_SERVER(list_sas_prints_what_charon_says),
		WITH_SERVER(list_sas_says_that_there_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
