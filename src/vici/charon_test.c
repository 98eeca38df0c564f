// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The client and a real charon, in a network namespace of its own. It has no IPsec there and needs
 * none to talk.
 */
#include "base/memory.h"
#include "process/child.h"
#include "vici/client.h"
#include "vici/test_real_charon.h"
#include "vici/test_wait.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define WAIT_MS 60000
#define STOP_MS 5000

static const struct vici_event_name events[] = {
	{ "list-conn", false },
	{ "ike-updown", false },
	{ "an-event-of-the-future", true },
	{ NULL, false },
};

struct rig {
	uv_loop_t loop;
	struct test_wait wait;
	struct real_charon charon;
	struct vici_client *client;
	unsigned up, down;
	struct error why;
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
	(void)userdata;
	(void)name;
	(void)message;
}

static int set_up(void **state)
{
	struct rig *rig = NEW(struct rig);
	const struct vici_client_options options = {
		.loop = &rig->loop,
		.path = rig->charon.socket,
		.events = events,
		.deadline_ms = WAIT_MS,
	};
	const struct vici_client_callbacks callbacks = {
		.userdata = rig,
		.up = on_up,
		.down = on_down,
		.event = on_event,
	};

	assert_int_equal(uv_loop_init(&rig->loop), 0);
	test_wait_init(&rig->wait, &rig->loop);
	*state = rig;
	real_charon_init(&rig->charon, -1);
	assert_int_equal(vici_client_new(&options, &callbacks, &rig->client, NULL), 0);
	vici_client_start(rig->client);
	return 0;
}

static int tear_down(void **state)
{
	struct rig *rig = *state;

	vici_client_free(rig->client);
	test_wait_done(&rig->wait);
	while (uv_run(&rig->loop, UV_RUN_DEFAULT) != 0)
		;
	assert_int_equal(uv_loop_close(&rig->loop), 0);
	real_charon_done(&rig->charon);
	free(rig);
	return 0;
}

struct answer {
	unsigned count, parts;
	int result;
	char daemon[64];
	char part[64];
	struct error error;
};

static void on_done(void *userdata, uint64_t id, int result, const struct vici_section *reply,
		    const struct error *error)
{
	struct answer *answer = userdata;

	(void)id;
	answer->count++;
	answer->result = result;
	answer->error = *error;
	vici_find_text(reply, "daemon", answer->daemon, sizeof(answer->daemon));
}

/* The name of the only connection, and its version. */
static void on_part(void *userdata, uint64_t id, const struct vici_section *part)
{
	struct answer *answer = userdata;
	struct vici_section rest = *part, connection;
	char name[VICI_NAME_MAX + 1], version[16];

	(void)id;
	answer->parts++;
	assert_true(vici_next_section(&rest, name, &connection));
	(void)snprintf(answer->part, sizeof(answer->part), "%.32s %s", name,
		       vici_find_text(&connection, "version", version, sizeof(version)));
}

static void send_command(struct rig *rig, const char *command, const struct vici_writer *message,
			 struct answer *answer)
{
	const struct vici_call call = {
		.command = command,
		.message = message,
		.stream = strcmp(command, "list-conns") == 0 ? "list-conn" : NULL,
		.part = on_part,
		.done = on_done,
		.userdata = answer,
	};

	assert_int_equal(vici_client_call(rig->client, &call, NULL), 0);
}

static void write_connection(struct vici_writer *writer, const char *option)
{
	vici_begin_section(writer, "a-b");
	vici_printf(writer, "version", "2");
	vici_begin_list(writer, "local_addrs");
	vici_put_item(writer, "0.0.0.0/0");
	vici_put_item(writer, "::/0");
	vici_end_list(writer);
	vici_printf(writer, option, "1");
	vici_begin_section(writer, "children");
	vici_begin_section(writer, "default");
	vici_printf(writer, "mode", "tunnel");
	vici_end_section(writer);
	vici_end_section(writer);
	vici_end_section(writer);
}

static void charon_tells_what_it_is(void **state)
{
	struct rig *rig = *state;
	struct answer answer = { 0 };

	test_wait_until(&rig->wait, &rig->up, 1);
	send_command(rig, "version", NULL, &answer);
	test_wait_until(&rig->wait, &answer.count, 1);
	assert_int_equal(answer.result, 0);
	assert_string_equal(answer.daemon, "charon-systemd");
}

static void connections_are_loaded_and_listed(void **state)
{
	struct rig *rig = *state;
	CLEANUP(vici_writer_done) struct vici_writer good = { 0 };
	struct answer loaded = { 0 }, listed = { 0 };

	test_wait_until(&rig->wait, &rig->up, 1);
	write_connection(&good, "keyingtries");
	send_command(rig, "load-conn", &good, &loaded);
	send_command(rig, "list-conns", NULL, &listed);
	test_wait_until(&rig->wait, &listed.count, 1);
	assert_int_equal(loaded.result, 0);
	assert_int_equal(listed.result, 0);
	assert_int_equal(listed.parts, 1);
	assert_string_equal(listed.part, "a-b IKEv2");
}

static void refusals_are_in_charons_words(void **state)
{
	struct rig *rig = *state;
	CLEANUP(vici_writer_done) struct vici_writer bad = { 0 };
	CLEANUP(vici_writer_done) struct vici_writer unknown = { 0 };
	struct answer loaded = { 0 }, unloaded = { 0 }, strange = { 0 };

	test_wait_until(&rig->wait, &rig->up, 1);
	write_connection(&bad, "bogus");
	vici_printf(&unknown, "name", "nobody");
	send_command(rig, "load-conn", &bad, &loaded);
	send_command(rig, "unload-conn", &unknown, &unloaded);
	send_command(rig, "no-such-command", NULL, &strange);
	test_wait_until(&rig->wait, &strange.count, 1);
	assert_int_equal(loaded.result, -EREMOTEIO);
	assert_string_equal(loaded.error.text,
			    "refuses \"load-conn\": unknown option: bogus, config discarded");
	assert_int_equal(unloaded.result, -EREMOTEIO);
	assert_string_equal(unloaded.error.text,
			    "refuses \"unload-conn\": unload: connection 'nobody' not found");
	assert_int_equal(strange.result, -ENOTSUP);
}

static void many_commands_are_under_way_at_once(void **state)
{
	struct rig *rig = *state;
	struct answer answer = { 0 };

	test_wait_until(&rig->wait, &rig->up, 1);
	for (unsigned i = 0; i < 1000; i++)
		send_command(rig, "version", NULL, &answer);
	test_wait_until(&rig->wait, &answer.count, 1000);
	assert_int_equal(answer.result, 0);
}

/* Killed, too, it leaves its socket behind. */
static void charon_that_ends_is_noticed_and_its_successor_found(void **state)
{
	struct rig *rig = *state;
	struct answer answer = { 0 };

	test_wait_until(&rig->wait, &rig->up, 1);
	(void)child_signal(rig->charon.pid, SIGKILL);
	test_wait_until(&rig->wait, &rig->down, 1);
	assert_non_null(strstr(rig->why.text, "has closed its control socket"));
	child_stop(rig->charon.pid, STOP_MS);
	real_charon_restart(&rig->charon, -1);
	test_wait_until(&rig->wait, &rig->up, 2);
	send_command(rig, "version", NULL, &answer);
	test_wait_until(&rig->wait, &answer.count, 1);
	assert_int_equal(answer.result, 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		CASE(charon_tells_what_it_is),
		CASE(connections_are_loaded_and_listed),
		CASE(refusals_are_in_charons_words),
		CASE(many_commands_are_under_way_at_once),
		CASE(charon_that_ends_is_noticed_and_its_successor_found),
	};
#undef CASE
	const char *what = real_charon_missing();
	const char *must_run = getenv("ARONET_TESTS_MUST_RUN");

	if (what) {
		print_message("1..0 # SKIP needs %s\n", what);
		return must_run && !strcmp(must_run, "1") ? 1 : 77;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
