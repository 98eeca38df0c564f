// SPDX-License-Identifier: GPL-2.0-or-later
#include "vici/client.h"

#include "base/memory.h"
#include "vici/test_fake_charon.h"
#include "vici/test_wait.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* Who shall be given up has a short deadline; who shall not be, one that nobody reaches. */
#define SHORT_MS 200
#define LONG_MS 60000

static const struct vici_event_name events[] = {
	{ "ike-updown", false },
	{ "list-sa", false },
	{ "alert", true },
	{ NULL, false },
};

struct answer {
	unsigned count, parts;
	uint64_t id;
	int result;
	char value[64];
	char parts_text[64];
	struct error error;
};

struct rig {
	uv_loop_t loop;
	struct fake_charon charon;
	struct vici_client *client;
	unsigned up, down, told;
	char event[64];
	struct error why;
	struct test_wait wait;
};

static void on_up(void *userdata)
{
	((struct rig *)userdata)->up++;
}

static void on_down(void *userdata, const struct error *error)
{
	struct rig *rig = userdata;

	rig->down++;
	rig->why = *error;
}

static void on_event(void *userdata, const char *name, const struct vici_section *message)
{
	struct rig *rig = userdata;
	char value[32];

	rig->told++;
	(void)snprintf(rig->event, sizeof(rig->event), "%s %s", name,
		       vici_find_text(message, "k", value, sizeof(value)));
}

static void open_rig(struct rig *rig, enum fake_charon_behaviour behaviour, unsigned deadline_ms)
{
	struct vici_client_options options = {
		.loop = &rig->loop,
		.path = rig->charon.path,
		.events = events,
		.deadline_ms = deadline_ms,
	};
	const struct vici_client_callbacks callbacks = {
		.userdata = rig,
		.up = on_up,
		.down = on_down,
		.event = on_event,
	};

	assert_int_equal(uv_loop_init(&rig->loop), 0);
	test_wait_init(&rig->wait, &rig->loop);
	fake_charon_init(&rig->charon, &rig->loop, behaviour);
	assert_int_equal(vici_client_new(&options, &callbacks, &rig->client, NULL), 0);
	vici_client_start(rig->client);
}

static void close_rig(struct rig *rig)
{
	vici_client_free(TAKE(rig->client));
	test_wait_done(&rig->wait);
	fake_charon_done(&rig->charon);
	assert_int_equal(uv_loop_close(&rig->loop), 0);
	free(rig);
}

static void on_done(void *userdata, uint64_t id, int result, const struct vici_section *reply,
		    const struct error *error)
{
	struct answer *answer = userdata;

	answer->count++;
	answer->id = id;
	answer->result = result;
	answer->error = *error;
	vici_find_text(reply, "k", answer->value, sizeof(answer->value));
}

static void on_part(void *userdata, uint64_t id, const struct vici_section *part)
{
	struct answer *answer = userdata;
	char value[32];

	(void)id;
	answer->parts++;
	strcat(answer->parts_text, vici_find_text(part, "k", value, sizeof(value)));
	strcat(answer->parts_text, " ");
}

static int call(struct rig *rig, const char *command, struct answer *answer)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };
	struct vici_call call = {
		.command = command,
		.message = &message,
		.stream = strcmp(command, "list") == 0 ? "list-sa" : NULL,
		.part = on_part,
		.done = on_done,
		.userdata = answer,
		.id = 42,
	};

	vici_printf(&message, "k", "%s", command);
	return vici_client_call(rig->client, &call, &answer->error);
}

static void commands_are_answered(void **state)
{
	struct rig *rig = NEW(struct rig);
	struct answer answers[4] = { 0 };

	(void)state;
	open_rig(rig, CHARON_HONEST, LONG_MS);
	test_wait_until(&rig->wait, &rig->up, 1);
	assert_true(vici_client_is_up(rig->client));
	assert_string_equal(vici_client_trouble(rig->client), "");
	assert_int_equal(call(rig, "echo", &answers[0]), 0);
	assert_int_equal(call(rig, "refuse", &answers[1]), 0);
	assert_int_equal(call(rig, "no-such-command", &answers[2]), 0);
	assert_int_equal(call(rig, "list", &answers[3]), 0);
	assert_int_equal(answers[0].count, 0);
	test_wait_until(&rig->wait, &answers[3].count, 1);
	assert_int_equal(answers[0].result, 0);
	assert_int_equal(answers[0].id, 42);
	assert_string_equal(answers[0].value, "echo");
	assert_int_equal(answers[1].result, -EREMOTEIO);
	assert_string_equal(answers[1].error.text,
			    "refuses \"refuse\": CHILD_SA config 'default' not found");
	assert_int_equal(answers[2].result, -ENOTSUP);
	assert_string_equal(answers[2].error.text, "does not know the command \"no-such-command\"");
	assert_int_equal(answers[3].result, 0);
	assert_string_equal(answers[3].parts_text, "first second ");
	assert_string_equal(rig->event, "ike-updown between");
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++)
		assert_int_equal(answers[i].count, 1);
	assert_int_equal(rig->down, 0);
	close_rig(rig);
}

static void events_are_told(void **state)
{
	struct rig *rig = NEW(struct rig);

	(void)state;
	open_rig(rig, CHARON_HONEST, LONG_MS);
	test_wait_until(&rig->wait, &rig->up, 1);
	fake_charon_tell(&rig->charon, "ike-updown", "x");
	test_wait_until(&rig->wait, &rig->told, 1);
	assert_string_equal(rig->event, "ike-updown x");
	/* Outside of a command, that of a stream is one like others. */
	fake_charon_tell(&rig->charon, "list-sa", "y");
	test_wait_until(&rig->wait, &rig->told, 2);
	assert_string_equal(rig->event, "list-sa y");
	close_rig(rig);
}

static void a_thousand_commands_are_sent_at_once(void **state)
{
	struct rig *rig = NEW(struct rig);
	CLEANUP(free) struct answer *answers = NEW_ARRAY(struct answer, 1000);

	(void)state;
	open_rig(rig, CHARON_HONEST, LONG_MS);
	test_wait_until(&rig->wait, &rig->up, 1);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(call(rig, "echo", &answers[i]), 0);
	test_wait_until(&rig->wait, &answers[999].count, 1);
	for (size_t i = 0; i < 1000; i++)
		assert_string_equal(answers[i].value, "echo");
	close_rig(rig);
}

static void answers_may_come_byte_by_byte(void **state)
{
	struct rig *rig = NEW(struct rig);
	struct answer answer = { 0 };

	(void)state;
	open_rig(rig, CHARON_DRIPPING, LONG_MS);
	test_wait_until(&rig->wait, &rig->up, 1);
	assert_int_equal(call(rig, "list", &answer), 0);
	test_wait_until(&rig->wait, &answer.count, 1);
	assert_string_equal(answer.parts_text, "first second ");
	close_rig(rig);
}

/* Each of these answers a command as no charon should; the cause is told, and it tries again. */
static void broken_connections_are_made_again(void **state)
{
	static const struct {
		enum fake_charon_behaviour behaviour;
		const char *text;
	} cases[] = {
		{ CHARON_CUTTING, "has closed its control socket" },
		{ CHARON_BABBLING, "not understood: a packet is out of form" },
		{ CHARON_OVERSIZED, "not understood: a segment has no sensible size" },
		{ CHARON_MUTE_LATER, "has not answered to \"echo\" on its control socket" },
		{ CHARON_GARRULOUS, "has not answered to \"echo\" on its control socket" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rig *rig = NEW(struct rig);
		struct answer first = { 0 }, second = { 0 };

		open_rig(rig, cases[i].behaviour, SHORT_MS);
		test_wait_until(&rig->wait, &rig->up, 1);
		assert_int_equal(call(rig, "echo", &first), 0);
		assert_int_equal(call(rig, "echo", &second), 0);
		test_wait_until(&rig->wait, &rig->down, 1);
		assert_int_equal(first.count, 1);
		assert_int_equal(second.count, 1);
		assert_int_equal(first.result, -ECONNRESET);
		assert_int_equal(second.result, -ECONNRESET);
		assert_non_null(strstr(rig->why.text, cases[i].text));
		assert_non_null(strstr(second.error.text, cases[i].text));
		assert_int_equal(call(rig, "echo", &first), -EAGAIN);
		test_wait_until(&rig->wait, &rig->up, 2);
		close_rig(rig);
	}
}

static void answer_that_was_not_asked_for_breaks_the_connection(void **state)
{
	struct rig *rig = NEW(struct rig);
	struct answer answer = { 0 };

	(void)state;
	open_rig(rig, CHARON_UNASKED, LONG_MS);
	test_wait_until(&rig->wait, &rig->up, 1);
	assert_int_equal(call(rig, "echo", &answer), 0);
	test_wait_until(&rig->wait, &rig->down, 1);
	assert_int_equal(answer.count, 1);
	assert_int_equal(answer.result, 0);
	assert_non_null(strstr(rig->why.text, "it answers a command that was not sent"));
	close_rig(rig);
}

/* It says why it is not up, and goes on trying. */
static void who_cannot_be_used_is_told(void **state)
{
	static const struct {
		enum fake_charon_behaviour behaviour;
		const char *text;
	} cases[] = {
		{ CHARON_SILENT, "has not answered to \"ike-updown\" on its control socket" },
		{ CHARON_OLD, "does not know the event \"ike-updown\"" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rig *rig = NEW(struct rig);
		struct answer answer = { 0 };

		open_rig(rig, cases[i].behaviour, SHORT_MS);
		test_wait_until(&rig->wait, &rig->charon.connections, 2);
		assert_int_equal(rig->up, 0);
		assert_int_equal(rig->down, 0);
		assert_non_null(strstr(vici_client_trouble(rig->client), cases[i].text));
		assert_int_equal(call(rig, "echo", &answer), -EAGAIN);
		assert_non_null(strstr(answer.error.text, cases[i].text));
		close_rig(rig);
	}
}

static void charon_that_comes_back_is_found(void **state)
{
	struct rig *rig = NEW(struct rig);
	struct answer answer = { 0 };

	(void)state;
	open_rig(rig, CHARON_HONEST, LONG_MS);
	test_wait_until(&rig->wait, &rig->up, 1);
	fake_charon_crash(&rig->charon);
	test_wait_until(&rig->wait, &rig->down, 1);
	test_wait_for(&rig->wait, 100);
	assert_non_null(strstr(vici_client_trouble(rig->client), "connection refused"));
	fake_charon_restart(&rig->charon);
	test_wait_until(&rig->wait, &rig->up, 2);
	assert_string_equal(vici_client_trouble(rig->client), "");
	assert_int_equal(call(rig, "echo", &answer), 0);
	test_wait_until(&rig->wait, &answer.count, 1);
	assert_int_equal(answer.result, 0);
	close_rig(rig);
}

/* Time in which the loop did other work does not count: what came meanwhile is read first. */
static void busy_loop_is_not_charons_fault(void **state)
{
	struct rig *rig = NEW(struct rig);
	struct answer answer = { 0 };

	(void)state;
	open_rig(rig, CHARON_HONEST, SHORT_MS);
	test_wait_until(&rig->wait, &rig->up, 1);
	assert_int_equal(call(rig, "echo", &answer), 0);
	(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec) { .tv_sec = 1 }, NULL);
	test_wait_until(&rig->wait, &answer.count, 1);
	assert_int_equal(answer.result, 0);
	assert_int_equal(rig->down, 0);
	close_rig(rig);
}

static void stopped_client_stays_away(void **state)
{
	struct rig *rig = NEW(struct rig);
	struct answer answer = { 0 };

	(void)state;
	open_rig(rig, CHARON_HONEST, LONG_MS);
	test_wait_until(&rig->wait, &rig->up, 1);
	assert_int_equal(call(rig, "echo", &answer), 0);
	vici_client_stop(rig->client);
	assert_int_equal(answer.count, 1);
	assert_int_equal(answer.result, -ECONNRESET);
	test_wait_for(&rig->wait, 100);
	assert_int_equal(rig->charon.connections, 1);
	assert_int_equal(rig->down, 0);
	vici_client_start(rig->client);
	test_wait_until(&rig->wait, &rig->up, 2);
	close_rig(rig);
}

static void free_client(void *userdata, uint64_t id, int result, const struct vici_section *reply,
			const struct error *error)
{
	struct rig *rig = userdata;

	(void)id;
	(void)result;
	(void)reply;
	(void)error;
	vici_client_free(TAKE(rig->client));
	rig->told++;
}

/* From inside of an answer, with another one under way; and the latter is told. */
static void client_may_be_freed_by_an_answer(void **state)
{
	static const enum fake_charon_behaviour behaviours[] = { CHARON_HONEST, CHARON_CUTTING };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(behaviours); i++) {
		struct rig *rig = NEW(struct rig);
		struct vici_call first = { .command = "echo",
					   .done = free_client,
					   .userdata = rig };
		struct answer second = { 0 };

		open_rig(rig, behaviours[i], LONG_MS);
		test_wait_until(&rig->wait, &rig->up, 1);
		assert_int_equal(vici_client_call(rig->client, &first, NULL), 0);
		assert_int_equal(call(rig, "echo", &second), 0);
		test_wait_until(&rig->wait, &second.count, 1);
		assert_int_equal(rig->told, 1);
		assert_true(second.result == -ECANCELED || second.result == -ECONNRESET);
		test_wait_for(&rig->wait, 50);
		assert_int_equal(rig->down, 0);
		close_rig(rig);
	}
}

static void path_that_is_too_long_is_refused(void **state)
{
	char path[200] = "";
	struct vici_client_options options = { .path = path, .events = events };
	const struct vici_client_callbacks callbacks = { 0 };
	struct vici_client *client = NULL;
	struct error error;

	(void)state;
	memset(path, 'p', sizeof(path) - 1);
	assert_int_equal(vici_client_new(&options, &callbacks, &client, &error), -ENAMETOOLONG);
	assert_null(client);
	assert_string_equal(error.text,
			    "expected a path of at most 107 bytes for a socket, found 199");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_are_answered),
		cmocka_unit_test(events_are_told),
		cmocka_unit_test(a_thousand_commands_are_sent_at_once),
		cmocka_unit_test(answers_may_come_byte_by_byte),
		cmocka_unit_test(broken_connections_are_made_again),
		cmocka_unit_test(answer_that_was_not_asked_for_breaks_the_connection),
		cmocka_unit_test(who_cannot_be_used_is_told),
		cmocka_unit_test(charon_that_comes_back_is_found),
		cmocka_unit_test(busy_loop_is_not_charons_fault),
		cmocka_unit_test(stopped_client_stays_away),
		cmocka_unit_test(client_may_be_freed_by_an_answer),
		cmocka_unit_test(path_that_is_too_long_is_refused),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
