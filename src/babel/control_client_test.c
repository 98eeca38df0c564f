// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/control_client.h"

#include "babel/test_control.h"
#include "base/memory.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/*
 * A protocol that is as small as can be: "hello", and replies that end with "done". Who shall be
 * given up has a short deadline; who shall not be has the usual one, so that nothing depends on how
 * fast this machine is.
 */
#define SHORT_MS 150
#define LINE_MAX_BYTES 20
#define COMMANDS_MAX 3

struct command {
	struct control_command sent;
	struct reply *reply;
};

struct reply {
	unsigned answered, dropped;
	char text[128]; /* the lines before "done" */
};

struct peer {
	struct control_server *server;
	struct control_client *client;
	unsigned quiet;
	unsigned destroyed;
};

static int read_line(void *userdata, const char *text, size_t length)
{
	struct peer *peer = userdata;
	struct control_command *current = control_client_current(peer->client);
	struct command *command = (struct command *)current;
	const struct error error = { .code = ERROR_UNSUPPORTED };
	int result;

	assert_int_equal(strlen(text), length);
	if (strcmp(text, "bye") == 0) {
		control_client_fail(peer->client, &error);
		return -ENOTSUP;
	}
	if (!control_client_ready(peer->client)) {
		if (strcmp(text, "hello") != 0)
			return -EPROTO;
		control_client_greeted(peer->client);
		control_server_on_ready(peer->server);
		return 0;
	}
	if (!command)
		return -EPROTO;
	if (strcmp(text, "done") != 0) {
		strncat(command->reply->text, text,
			sizeof(command->reply->text) - strlen(command->reply->text) - 1);
		control_client_prolong(peer->client);
		return 0;
	}
	result = control_client_answered(peer->client, &current);
	assert_ptr_equal(current, &command->sent);
	command->reply->answered++;
	free(command);
	return result;
}

static void on_disconnected(void *userdata)
{
	(void)userdata;
}

static void on_dropped(void *userdata, struct control_command *dropped)
{
	struct command *command = (struct command *)dropped;

	(void)userdata;
	command->reply->dropped++;
	free(command);
}

static void on_failed(void *userdata, const struct error *error)
{
	control_server_on_failed(((struct peer *)userdata)->server, error);
}

static void on_quiet(void *userdata)
{
	((struct peer *)userdata)->quiet++;
}

static void free_client(void *userdata)
{
	struct peer *peer = userdata;

	control_client_free(peer->client);
}

static const struct control_protocol plain = {
	.program = "toy",
	.line_max = LINE_MAX_BYTES,
	.commands_max = COMMANDS_MAX,
	.line = read_line,
	.disconnected = on_disconnected,
	.dropped = on_dropped,
	.failed = on_failed,
	.destroy = free,
};

static const struct control_protocol attentive = {
	.program = "toy",
	.line_max = LINE_MAX_BYTES,
	.commands_max = COMMANDS_MAX,
	.line = read_line,
	.disconnected = on_disconnected,
	.dropped = on_dropped,
	.quiet = on_quiet,
	.failed = on_failed,
	.destroy = free,
};

static const char *answer(const char *line)
{
	if (strcmp(line, "show") == 0)
		return "one\ntwo\ndone\n";
	if (strcmp(line, "longest") == 0)
		return "12345678901234567890\ndone\n";
	if (strcmp(line, "too long") == 0)
		return "123456789012345678901\ndone\n";
	return "done\n";
}

static const struct control_script script = {
	.greeting = "hello\n",
	.strange = "bye\n",
	.babble = "unasked\n",
	.cut = "one\ntw",
	.answer = answer,
};

static struct peer *add(struct control_rig *rig, enum control_behaviour behaviour,
			const struct control_protocol *protocol, unsigned deadline_ms)
{
	struct peer *peer = NEW(struct peer);
	struct control_options options = {
		.loop = &rig->loop,
		.deadline_ms = deadline_ms,
		.quiet_ms = 1,
	};

	peer->server = control_server_new(rig, behaviour, &script);
	options.path = peer->server->path;
	assert_int_equal(control_client_new(&options, protocol, peer, &peer->client, NULL), 0);
	peer->server->client = peer;
	peer->server->client_free = free_client;
	control_client_start(peer->client);
	return peer;
}

static int send_to(const struct peer *peer, const char *line, struct reply *reply)
{
	struct command *command = NEW(struct command);
	int result;

	command->reply = reply;
	result = control_client_send(peer->client, line, &command->sent, NULL);
	if (result < 0)
		free(command);
	return result;
}

static void commands_are_answered_in_their_order(void **state)
{
	static const enum control_behaviour behaviours[] = { CONTROL_HONEST, CONTROL_DRIPPING };

	for (size_t i = 0; i < ARRAY_SIZE(behaviours); i++) {
		struct peer *peer = add(*state, behaviours[i], &plain, 0);
		struct reply replies[COMMANDS_MAX] = { 0 };

		assert_int_equal(send_to(peer, "early", &replies[0]), -EAGAIN);
		control_rig_wait(*state, &peer->server->ready, 1);
		assert_int_equal(send_to(peer, "show", &replies[0]), 0);
		assert_int_equal(send_to(peer, "set", &replies[1]), 0);
		assert_int_equal(send_to(peer, "show", &replies[2]), 0);
		assert_int_equal(send_to(peer, "more", &replies[2]), -EAGAIN);
		control_rig_wait(*state, &replies[2].answered, 1);
		assert_int_equal(replies[0].answered, 1);
		assert_string_equal(replies[0].text, "onetwo");
		assert_int_equal(replies[1].answered, 1);
		assert_string_equal(replies[1].text, "");
		assert_string_equal(replies[2].text, "onetwo");
		assert_int_equal(peer->server->ready, 1);
		assert_int_equal(peer->server->failed, 0);
	}
}

/* It ends within a line: what was read of the reply is no beginning of the next one. */
static void broken_connection_is_made_anew(void **state)
{
	struct peer *peer = add(*state, CONTROL_CLOSING_ONCE, &plain, 0);
	struct reply replies[2] = { 0 };

	control_rig_wait(*state, &peer->server->ready, 1);
	assert_int_equal(send_to(peer, "show", &replies[0]), 0);
	control_rig_wait(*state, &peer->server->ready, 2);
	assert_int_equal(replies[0].dropped, 1);
	assert_int_equal(replies[0].answered, 0);
	assert_string_equal(replies[0].text, "one");
	assert_int_equal(send_to(peer, "show", &replies[1]), 0);
	control_rig_wait(*state, &replies[1].answered, 1);
	assert_string_equal(replies[1].text, "onetwo");
	assert_int_equal(peer->server->failed, 0);
}

static void lines_are_read_up_to_their_limit(void **state)
{
	struct peer *peer = add(*state, CONTROL_HONEST, &plain, 0);
	struct reply replies[2] = { 0 };

	control_rig_wait(*state, &peer->server->ready, 1);
	assert_int_equal(send_to(peer, "longest", &replies[0]), 0);
	control_rig_wait(*state, &replies[0].answered, 1);
	assert_string_equal(replies[0].text, "12345678901234567890");
	assert_int_equal(send_to(peer, "too long", &replies[1]), 0);
	control_rig_wait(*state, &replies[1].dropped, 1);
	assert_string_equal(replies[1].text, "");
	control_rig_wait(*state, &peer->server->ready, 2);
}

static void what_is_too_long_to_be_sent_is_refused(void **state)
{
	struct control_rig *rig = *state;
	struct peer *peer = add(rig, CONTROL_HONEST, &plain, 0);
	char path[CONTROL_COMMAND_MAX + 2] = "/";
	const struct control_options options = { .loop = &rig->loop, .path = path };
	struct control_client *client;
	struct reply reply = { 0 };
	struct error error;

	memset(path + 1, 'x', sizeof(path) - 2);
	assert_int_equal(control_client_new(&options, &plain, NULL, &client, &error),
			 -ENAMETOOLONG);
	assert_int_equal(error.code, ERROR_FILE);
	control_rig_wait(rig, &peer->server->ready, 1);
	assert_int_equal(send_to(peer, path, &reply), -E2BIG);
	path[CONTROL_COMMAND_MAX] = '\0';
	assert_int_equal(send_to(peer, path, &reply), 0);
	control_rig_wait(rig, &reply.answered, 1);
	assert_string_equal(peer->server->heard, path);
}

static void what_is_under_way_is_dropped_when_the_client_goes(void **state)
{
	struct peer *peer = add(*state, CONTROL_HANGING, &plain, 0);
	struct reply replies[3] = { 0 };

	control_rig_wait(*state, &peer->server->ready, 1);
	assert_int_equal(send_to(peer, "show", &replies[0]), 0);
	control_client_stop(peer->client);
	assert_int_equal(replies[0].dropped, 0);
	control_rig_wait(*state, &replies[0].dropped, 1);
	control_client_start(peer->client);
	peer->server->commands = 0; /* and it greets again */
	control_rig_wait(*state, &peer->server->ready, 2);
	assert_int_equal(send_to(peer, "show", &replies[1]), 0);
	assert_int_equal(send_to(peer, "show", &replies[2]), 0);
	peer->server->client = NULL;
	control_client_free(peer->client);
	assert_int_equal(replies[1].dropped, 1);
	assert_int_equal(replies[2].dropped, 1);
}

/* All at the same time: this is mostly waiting. */
static void what_cannot_be_used_is_given_up(void **state)
{
	static const struct {
		enum control_behaviour behaviour;
		unsigned ready_min, ready_max;
		enum error_code code;
		unsigned after_min_ms;
		const char *text; /* a part of what is said about it */
	} cases[] = {
		{ CONTROL_ABSENT, 0, 0, ERROR_APPLY, SHORT_MS, "does not answer" },
		{ CONTROL_SILENT, 0, 0, ERROR_APPLY, SHORT_MS, "does not answer" },
		{ CONTROL_STRANGE, 0, 0, ERROR_UNSUPPORTED, 0, "" },
		{ CONTROL_BABBLING, 0, 0, ERROR_APPLY, SHORT_MS, "not understood: \"?<html>\"" },
		{ CONTROL_ENDLESS, 0, 0, ERROR_APPLY, SHORT_MS, "not understood: \"xxxx" },
		{ CONTROL_CUTTING, 0, 0, ERROR_APPLY, SHORT_MS, "does not answer" },
		{ CONTROL_BABBLING_LATER, 1, 40, ERROR_APPLY, SHORT_MS,
		  "not understood: \"unasked\"" },
		/* No reply, no greeting on the next connection. */
		{ CONTROL_HANGING, 1, 1, ERROR_APPLY, 2 * SHORT_MS, "does not answer" },
	};
	struct peer *peers[ARRAY_SIZE(cases)];
	struct peer *honest = add(*state, CONTROL_HONEST, &plain, SHORT_MS);
	struct reply replies[2] = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		peers[i] = add(*state, cases[i].behaviour, &plain, SHORT_MS);
	control_rig_wait(*state, &peers[ARRAY_SIZE(cases) - 1]->server->ready, 1);
	assert_int_equal(send_to(peers[ARRAY_SIZE(cases) - 1], "show", &replies[0]), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct control_server *server = peers[i]->server;

		control_rig_wait(*state, &server->failed, 1);
		if (server->ready < cases[i].ready_min || server->ready > cases[i].ready_max ||
		    !strstr(server->error.text, cases[i].text))
			fail_msg("case %zu: %u times ready, %u connections: %s", i, server->ready,
				 server->connections_count, server->error.text);
		assert_int_equal(server->error.code, cases[i].code);
		/* The clocks differ by less than two milliseconds. */
		assert_true(server->failed_after_ms + 2 >= cases[i].after_min_ms);
		assert_false(control_client_ready(peers[i]->client));
	}
	assert_int_equal(replies[0].dropped, 1);
	control_rig_run_for(*state, 2 * SHORT_MS);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(peers[i]->server->failed, 1);
	/* Nobody asks, nobody answers: that is none of these. */
	assert_int_equal(honest->server->ready, 1);
	assert_int_equal(honest->server->failed, 0);
	assert_int_equal(send_to(honest, "show", &replies[1]), 0);
	control_rig_wait(*state, &replies[1].answered, 1);
}

static void deadlines_do_not_pass_while_the_loop_is_busy(void **state)
{
	struct control_rig *rig = *state;
	struct peer *peer = add(rig, CONTROL_HONEST, &plain, SHORT_MS);
	struct reply reply = { 0 };

	/* Before it has tried to connect, */
	control_rig_keep_busy(SHORT_MS + 50);
	control_rig_wait(rig, &peer->server->ready, 1);
	/* and after a command. Its answer is here in time, but nobody reads it. */
	assert_int_equal(send_to(peer, "show", &reply), 0);
	while (peer->server->commands == 0)
		(void)uv_run(&rig->loop, UV_RUN_ONCE);
	assert_int_equal(reply.answered, 0);
	control_rig_keep_busy(SHORT_MS + 50);
	control_rig_wait(rig, &reply.answered, 1);
	assert_int_equal(reply.dropped, 0);
	assert_int_equal(peer->server->failed, 0);
	assert_int_equal(peer->server->ready, 1);
}

static void quiet_time_is_told(void **state)
{
	struct peer *peer = add(*state, CONTROL_HONEST, &attentive, 0);
	struct reply reply = { 0 };

	control_rig_wait(*state, &peer->quiet, 1);
	assert_int_equal(send_to(peer, "show", &reply), 0);
	control_rig_wait(*state, &reply.answered, 1);
	assert_int_equal(peer->quiet, 1);
	control_rig_wait(*state, &peer->quiet, 2);
	assert_int_equal(peer->server->ready, 1);
}

static void owner_is_who_listens(void **state)
{
	const struct control_server *server = control_server_new(*state, CONTROL_SILENT, &script);

	assert_int_equal(control_client_owner(server->path), getpid());
	assert_int_equal(control_client_owner("/nonexistent"), -ENOENT);
}

int main(void)
{
#define CONTROL_TEST(name)                                                                         \
	cmocka_unit_test_setup_teardown(name, control_rig_set_up, control_rig_tear_down)
	static const struct CMUnitTest tests[] = {
		CONTROL_TEST(commands_are_answered_in_their_order),
		CONTROL_TEST(broken_connection_is_made_anew),
		CONTROL_TEST(lines_are_read_up_to_their_limit),
		CONTROL_TEST(what_is_too_long_to_be_sent_is_refused),
		CONTROL_TEST(what_is_under_way_is_dropped_when_the_client_goes),
		CONTROL_TEST(what_cannot_be_used_is_given_up),
		CONTROL_TEST(deadlines_do_not_pass_while_the_loop_is_busy),
		CONTROL_TEST(quiet_time_is_told),
		CONTROL_TEST(owner_is_who_listens),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
