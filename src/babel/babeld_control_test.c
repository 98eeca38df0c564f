// SPDX-License-Identifier: GPL-2.0-or-later
/* What is special about babeld; the connection is tested in control_client_test.c. */
#include "babel/babeld_control.h"

#include "babel/test_control.h"
#include "base/memory.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SHORT_MS 150
#define HEADER(version)                                                                            \
	"BABEL 1.0\nversion " version "\nhost test\nmy-id 01:02:03:04:05:06:07:08\nok\n"

static const char *answer(const char *line)
{
	if (strcmp(line, "monitor") == 0)
		return "add interface ab up true ipv6 fe80::1\nok\n";
	if (strcmp(line, "refuse") == 0)
		return "no such thing\n";
	return strcmp(line, "misunderstand") == 0 ? "bad\n" : "ok\n";
}

static const struct control_script script = {
	.greeting = HEADER("babeld-1.12.1"),
	.strange = HEADER("babeld-1.9.2"),
	.last_question = "monitor",
	.babble = "add interface ab up perhaps\n",
	.cut = "add interf",
	.answer = answer,
};

static void free_client(void *client)
{
	babeld_control_free(client);
}

static struct control_server *add(struct control_rig *rig, enum control_behaviour behaviour,
				  unsigned deadline_ms)
{
	struct control_server *server = control_server_new(rig, behaviour, &script);
	const struct babeld_control_events events = { server, control_server_on_ready,
						      control_server_on_failed };
	const struct control_options options = {
		.loop = &rig->loop,
		.path = server->path,
		.deadline_ms = deadline_ms,
		.quiet_ms = deadline_ms,
	};
	struct babeld_control *control;

	assert_int_equal(babeld_control_new(&options, &events, &control, NULL), 0);
	server->client = control;
	server->client_free = free_client;
	babeld_control_start(control);
	return server;
}

static void expect_tables(const struct control_server *server)
{
	const struct babeld_tables *tables = babeld_control_tables(server->client);

	assert_true(babeld_control_ready(server->client));
	assert_int_equal(tables->links_count, 1);
	assert_non_null(babeld_tables_find_link(tables, "ab"));
}

static void tables_are_read(void **state)
{
	static const enum control_behaviour behaviours[] = { CONTROL_HONEST, CONTROL_DRIPPING };

	for (size_t i = 0; i < ARRAY_SIZE(behaviours); i++) {
		struct control_server *server = add(*state, behaviours[i], 0);

		control_rig_wait(*state, &server->ready, 1);
		assert_string_equal(babeld_control_version(server->client), "babeld-1.12.1");
		expect_tables(server);
	}
}

struct reply {
	unsigned count;
	int result;
	char text[ERROR_TEXT_SIZE];
};

static void on_reply(void *userdata, int result, const struct error *error)
{
	struct reply *reply = userdata;

	reply->count++;
	reply->result = result;
	(void)snprintf(reply->text, sizeof(reply->text), "%s", result < 0 ? error->text : "");
}

static int send_to(const struct control_server *server, const char *line, struct reply *reply)
{
	return babeld_control_command(server->client, line, on_reply, reply, NULL);
}

static void commands_are_answered_in_their_order(void **state)
{
	struct control_server *server = add(*state, CONTROL_HONEST, 0);
	static const struct {
		const char *line;
		int result;
		const char *text;
	} cases[] = {
		{ "interface ab", 0, "" },
		{ "refuse", -EREMOTEIO, "refused \"refuse\": such thing" },
		{ "misunderstand", -EREMOTEIO, "does not understand \"misunderstand\"" },
		{ "interface ac", 0, "" },
	};
	struct reply replies[ARRAY_SIZE(cases)] = { 0 };

	assert_int_equal(send_to(server, "early", &replies[0]), -EAGAIN);
	control_rig_wait(*state, &server->ready, 1);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(send_to(server, cases[i].line, &replies[i]), 0);
	control_rig_wait(*state, &replies[ARRAY_SIZE(cases) - 1].count, 1);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(replies[i].count, 1);
		assert_int_equal(replies[i].result, cases[i].result);
		assert_string_equal(replies[i].text, cases[i].text);
	}
	assert_string_equal(server->heard, "interface ac");
}

/* The tables of the broken connection are none of the next one. */
static void tables_are_read_anew_after_a_break(void **state)
{
	struct control_server *server = add(*state, CONTROL_CLOSING_ONCE, 0);
	struct reply reply = { 0 };

	control_rig_wait(*state, &server->ready, 1);
	assert_int_equal(send_to(server, "interface ab", &reply), 0);
	control_rig_wait(*state, &reply.count, 1);
	assert_int_equal(reply.result, -ECONNRESET);
	assert_string_equal(reply.text,
			    "the connection broke before \"interface ab\" was answered");
	assert_int_equal(babeld_control_tables(server->client)->links_count, 0);
	control_rig_wait(*state, &server->ready, 2);
	expect_tables(server);
	assert_int_equal(server->failed, 0);
}

/* All at the same time: this is mostly waiting. */
static void what_cannot_be_used_is_given_up(void **state)
{
	static const struct {
		enum control_behaviour behaviour;
		enum error_code code;
		unsigned after_min_ms;
		const char *text;
	} cases[] = {
		{ CONTROL_STRANGE, ERROR_UNSUPPORTED, 0, "found \"babeld-1.9.2\"" },
		{ CONTROL_BABBLING, ERROR_APPLY, SHORT_MS, "not understood: \"?<html>\"" },
		{ CONTROL_BABBLING_LATER, ERROR_APPLY, SHORT_MS,
		  "not understood: \"add interface ab up perhaps\"" },
		{ CONTROL_ENDLESS, ERROR_APPLY, SHORT_MS, "not understood: \"xxxx" },
		/* Quiet, no answer when it is asked, no header on the next connection. */
		{ CONTROL_HANGING, ERROR_APPLY, 3 * SHORT_MS, "does not answer" },
	};
	struct control_server *honest = add(*state, CONTROL_HONEST, SHORT_MS);
	struct control_server *servers[ARRAY_SIZE(cases)];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		servers[i] = add(*state, cases[i].behaviour, SHORT_MS);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		control_rig_wait(*state, &servers[i]->failed, 1);
		assert_int_equal(servers[i]->error.code, cases[i].code);
		assert_non_null(strstr(servers[i]->error.text, cases[i].text));
		/* The clocks differ by less than two milliseconds. */
		assert_true(servers[i]->failed_after_ms + 2 >= cases[i].after_min_ms);
		assert_false(babeld_control_ready(servers[i]->client));
	}
	/* Asked now and then, it is none of these. */
	control_rig_wait(*state, &honest->commands, 3);
	assert_string_equal(honest->heard, "# still there?");
	assert_int_equal(honest->ready, 1);
	assert_int_equal(honest->failed, 0);
}

int main(void)
{
#define CONTROL_TEST(name)                                                                         \
	cmocka_unit_test_setup_teardown(name, control_rig_set_up, control_rig_tear_down)
	static const struct CMUnitTest tests[] = {
		CONTROL_TEST(tables_are_read),
		CONTROL_TEST(commands_are_answered_in_their_order),
		CONTROL_TEST(tables_are_read_anew_after_a_break),
		CONTROL_TEST(what_cannot_be_used_is_given_up),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
