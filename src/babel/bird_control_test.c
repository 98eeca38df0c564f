// SPDX-License-Identifier: GPL-2.0-or-later
/* What is special about BIRD; the connection is tested in control_client_test.c. */
#include "babel/bird_control.h"

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

static const char *answer(const char *line)
{
	if (strcmp(line, "show") == 0)
		return "1007-one\n two\n+unasked\n \tthree\n1008-four\n0000 \n";
	if (strcmp(line, "middle") == 0)
		return " goes on with nothing\n";
	if (strcmp(line, "refuse") == 0)
		return "8002 /x:1:1 syntax error\n";
	return "0003 OK\n";
}

static const struct control_script script = {
	.greeting = "0001 BIRD 2.17.6 ready.\n",
	.strange = "0001 FRR 10.0 ready.\n",
	.babble = "0000 \n",
	.cut = "1024-aronet_babel:\n fe80::",
	.answer = answer,
};

static void free_client(void *client)
{
	bird_control_free(client);
}

static struct control_server *add(struct control_rig *rig, enum control_behaviour behaviour,
				  unsigned deadline_ms)
{
	struct control_server *server = control_server_new(rig, behaviour, &script);
	const struct bird_control_events events = { server, control_server_on_ready,
						    control_server_on_failed };
	const struct control_options options = {
		.loop = &rig->loop,
		.path = server->path,
		.deadline_ms = deadline_ms,
	};
	struct bird_control *control;

	assert_int_equal(bird_control_new(&options, &events, &control, NULL), 0);
	server->client = control;
	server->client_free = free_client;
	bird_control_start(control);
	return server;
}

struct reply {
	unsigned count;
	int result;
	unsigned code;
	char text[256];
	char lines[256];
	bool is_picky; /* breaks the connection at the first line */
};

static int on_reply_line(void *userdata, unsigned code, const char *text)
{
	struct reply *reply = userdata;
	size_t length = strlen(reply->lines);

	(void)snprintf(reply->lines + length, sizeof(reply->lines) - length, "%u %s|", code, text);
	return reply->is_picky ? -EINVAL : 0;
}

static void on_reply(void *userdata, int result, unsigned code, const char *text)
{
	struct reply *reply = userdata;

	reply->count++;
	reply->result = result;
	reply->code = code;
	(void)snprintf(reply->text, sizeof(reply->text), "%s", text);
}

static int send_to(const struct control_server *server, const char *line, struct reply *reply)
{
	return bird_control_command(server->client, line, on_reply_line, on_reply, reply, NULL);
}

static void replies_are_read_with_their_codes(void **state)
{
	static const enum control_behaviour behaviours[] = { CONTROL_HONEST, CONTROL_DRIPPING };

	for (size_t i = 0; i < ARRAY_SIZE(behaviours); i++) {
		struct control_server *server = add(*state, behaviours[i], 0);
		struct reply replies[3] = { 0 };

		assert_int_equal(send_to(server, "early", &replies[0]), -EAGAIN);
		control_rig_wait(*state, &server->ready, 1);
		assert_string_equal(bird_control_version(server->client), "bird-2.17.6");
		assert_int_equal(send_to(server, "show", &replies[0]), 0);
		assert_int_equal(send_to(server, "refuse", &replies[1]), 0);
		assert_int_equal(send_to(server, "configure", &replies[2]), 0);
		control_rig_wait(*state, &replies[2].count, 1);
		for (size_t j = 0; j < ARRAY_SIZE(replies); j++) {
			assert_int_equal(replies[j].count, 1);
			assert_int_equal(replies[j].result, 0);
		}
		assert_string_equal(replies[0].lines,
				    "1007 one|1007 two|1007 \tthree|1008 four|0 |");
		assert_int_equal(replies[0].code, 0);
		assert_int_equal(replies[1].code, 8002);
		assert_string_equal(replies[1].text, "/x:1:1 syntax error");
		assert_int_equal(replies[2].code, 3);
		assert_int_equal(server->ready, 1);
		assert_int_equal(server->failed, 0);
	}
}

static void reply_that_is_cut_is_no_reply(void **state)
{
	struct control_server *server = add(*state, CONTROL_CLOSING_ONCE, 0);
	struct reply replies[2] = { 0 };

	control_rig_wait(*state, &server->ready, 1);
	assert_int_equal(send_to(server, "show", &replies[0]), 0);
	control_rig_wait(*state, &replies[0].count, 1);
	assert_int_equal(replies[0].result, -ECONNRESET);
	control_rig_wait(*state, &server->ready, 2);
	assert_int_equal(send_to(server, "show", &replies[1]), 0);
	control_rig_wait(*state, &replies[1].count, 1);
	assert_int_equal(replies[1].result, 0);
	assert_int_equal(server->failed, 0);
}

/* What does not fit breaks the connection; the next one begins anew. */
static void replies_out_of_step_are_not_believed(void **state)
{
	struct control_server *server = add(*state, CONTROL_HONEST, 0);
	struct reply replies[3] = { [1].is_picky = true };

	control_rig_wait(*state, &server->ready, 1);
	assert_int_equal(send_to(server, "middle", &replies[0]), 0);
	control_rig_wait(*state, &server->ready, 2);
	assert_int_equal(replies[0].result, -ECONNRESET);
	assert_string_equal(replies[0].lines, "");
	assert_int_equal(send_to(server, "show", &replies[1]), 0);
	control_rig_wait(*state, &server->ready, 3);
	assert_int_equal(replies[1].result, -ECONNRESET);
	assert_string_equal(replies[1].lines, "1007 one|");
	assert_int_equal(send_to(server, "configure", &replies[2]), 0);
	control_rig_wait(*state, &replies[2].count, 1);
	assert_int_equal(replies[2].result, 0);
}

/* All at the same time: this is mostly waiting. */
static void what_is_no_bird_is_given_up(void **state)
{
	static const struct {
		enum control_behaviour behaviour;
		enum error_code code;
		const char *text;
	} cases[] = {
		{ CONTROL_STRANGE, ERROR_UNSUPPORTED, "found \"FRR 10.0 ready.\"" },
		{ CONTROL_BABBLING, ERROR_APPLY, "not understood: \"?<html>\"" },
		{ CONTROL_BABBLING_LATER, ERROR_APPLY, "not understood: \"0000 \"" },
		{ CONTROL_ENDLESS, ERROR_APPLY, "not understood: \"xxxx" },
	};
	struct control_server *servers[ARRAY_SIZE(cases)];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		servers[i] = add(*state, cases[i].behaviour, SHORT_MS);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		control_rig_wait(*state, &servers[i]->failed, 1);
		assert_int_equal(servers[i]->error.code, cases[i].code);
		assert_non_null(strstr(servers[i]->error.text, cases[i].text));
		assert_false(bird_control_ready(servers[i]->client));
	}
}

int main(void)
{
#define CONTROL_TEST(name)                                                                         \
	cmocka_unit_test_setup_teardown(name, control_rig_set_up, control_rig_tear_down)
	static const struct CMUnitTest tests[] = {
		CONTROL_TEST(replies_are_read_with_their_codes),
		CONTROL_TEST(reply_that_is_cut_is_no_reply),
		CONTROL_TEST(replies_out_of_step_are_not_believed),
		CONTROL_TEST(what_is_no_bird_is_given_up),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
