// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/test_rig.h"

#include "base/file.h"
#include "base/memory.h"
#include "crypto/crypto.h"
#include "ipsec/ask.h"
#include "ipsec/status.h"
#include "ipsec/test_networks.h"
#include "process/child.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define PORT 12025
#define RUNTIME_DIRECTORY "/run/aronet-t-%d"

static const struct vici_event_name events[] = { { "list-sa", false }, { NULL, false } };

static void on_done(void *userdata, uint64_t id, int result, const struct error *error)
{
	struct rig *rig = userdata;

	assert_int_equal(id, rig->last_id);
	rig->done++;
	rig->result = result;
	(void)snprintf(rig->text, sizeof(rig->text), "%s", result < 0 ? error->text : "");
}

static void on_dirty(void *userdata, const char *reason)
{
	(void)reason;
	((struct rig *)userdata)->dirty++;
}

static void on_up(void *userdata)
{
	((struct view *)userdata)->connected++;
}

static void on_down(void *userdata, const struct error *error)
{
	(void)userdata, (void)error;
}

static void on_event(void *userdata, const char *name, const struct vici_section *message)
{
	(void)userdata, (void)name, (void)message;
}

static void on_answer(void *userdata, uint64_t id, int result, const struct vici_section *reply,
		      const struct error *error)
{
	struct view *view = userdata;
	struct vici_section rest;
	struct vici_value item;

	(void)id, (void)error;
	if (result == -ECANCELED || result == -ECONNRESET)
		return;
	assert_int_equal(result, 0);
	if (vici_find_list(reply, "conns", &rest)) {
		view->names = 0;
		view->has_foreign = false;
		while (vici_next_item(&rest, &item)) {
			if (item.size == strlen(RIG_FOREIGN) &&
			    !memcmp(item.bytes, RIG_FOREIGN, item.size)) {
				view->has_foreign = true;
				continue;
			}
			view->names++;
			(void)snprintf(view->name, sizeof(view->name), "%.*s", (int)item.size,
				       (const char *)item.bytes);
		}
	}
	if (vici_find_list(reply, "keys", &rest))
		for (view->keys = 0; vici_next_item(&rest, &item);)
			view->keys++;
	view->answered++;
}

static void on_sa(void *userdata, uint64_t id, const struct vici_section *part)
{
	struct view *view = userdata;
	struct vici_section rest = *part, section;
	char connection[VICI_NAME_MAX + 1];

	(void)id;
	while (vici_next_section(&rest, connection, &section)) {
		CLEANUP(ike_sa_done) struct ike_sa sa = { 0 };

		if (ike_sa_read(connection, &section, &sa) < 0 || !ike_sa_is_established(&sa))
			continue;
		if (!strcmp(sa.connection, RIG_FOREIGN)) {
			view->foreign_sa = sa.unique_id;
			continue;
		}
		view->sas++;
		(void)snprintf(view->sa_name, sizeof(view->sa_name), "%s", sa.connection);
		view->sa_id = sa.unique_id;
		view->has_ppk = sa.has_ppk;
		view->is_found |= sa.unique_id == view->looked_for;
	}
}

void rig_open_view(struct rig *rig, struct view *view, const char *socket)
{
	const struct vici_client_callbacks callbacks = { view, on_up, on_down, on_event };
	const struct vici_client_options options = {
		.loop = &rig->loop,
		.path = socket,
		.events = events,
	};

	*view = (struct view) { 0 };
	assert_int_equal(vici_client_new(&options, &callbacks, &view->client, NULL), 0);
	vici_client_start(view->client);
	test_wait_until(&rig->wait, &view->connected, 1);
}

void rig_look(struct rig *rig, struct view *view)
{
	const struct ask_answer answer = { on_answer, view, 0 };

	view->names = view->sas = 0;
	view->is_found = false;
	view->foreign_sa = 0;
	assert_int_equal(ask_keys(view->client, answer), 0);
	assert_int_equal(ask_connections(view->client, answer), 0);
	assert_int_equal(ask_sas(view->client, on_sa, answer), 0);
	test_wait_until(&rig->wait, &view->answered, view->answered + 3);
}

void rig_wait_for_sas(struct rig *rig, struct view *view, unsigned count)
{
	for (unsigned waited = 0; waited < RIG_WAIT_MS; waited += RIG_POLL_MS) {
		rig_look(rig, view);
		if (view->sas == count)
			return;
		test_wait_for(&rig->wait, RIG_POLL_MS);
	}
	fail_msg("%u SAs, expected %u", view->sas, count);
}

struct ike_connection rig_connection_to_sun(const struct rig *rig)
{
	struct ike_connection connection = {
		.link = RIG_LINK,
		.if_id = 42,
		.own.node = { "home", "moon" },
		.peer.node = { "home", "sun" },
		.family = AF_INET,
		.port = PORT,
		.peer_port = PORT,
	};

	assert_int_equal(ip_address_parse("192.0.2.2", &connection.peer_address), 0);
	memcpy(connection.own.key, rig->moon_key, KEY_SIZE);
	memcpy(connection.peer.key, rig->sun_key, KEY_SIZE);
	return connection;
}

/* And the other way round. */
void rig_tell_sun(struct rig *rig, enum ike_ppk_use ppk)
{
	const struct ask_answer answer = { on_answer, &rig->sun, 0 };
	const struct ike_offer usual = { 0 };
	struct ike_connection connection = rig_connection_to_sun(rig);
	unsigned answered = rig->sun.answered;
	struct ike_party own = connection.peer;

	connection.peer = connection.own;
	connection.own = own;
	connection.ppk = ppk;
	connection.peer_address = (struct ip_address) { 0 };
	assert_int_equal(ask_load_key(rig->sun.client, rig->sun_seed, rig->sun_key, answer, NULL),
			 0);
	assert_int_equal(
		ask_load_connection(rig->sun.client, &connection, &usual, NULL, answer, NULL), 0);
	test_wait_until(&rig->wait, &rig->sun.answered, answered + 2);
}

void rig_give_sun(struct rig *rig, const struct ike_ppk *ppk)
{
	const struct ask_answer answer = { on_answer, &rig->sun, 0 };

	assert_int_equal(ask_load_ppk(rig->sun.client, ppk, answer, NULL), 0);
	test_wait_until(&rig->wait, &rig->sun.answered, rig->sun.answered + 1);
}

void rig_begin(struct rig *rig)
{
	char directory[64];
	const struct ipsec_options options = {
		.loop = &rig->loop,
		.spaces = rig->spaces,
		.runtime_dir = directory,
		.events = { rig, on_done, on_dirty },
	};

	(void)snprintf(directory, sizeof(directory), RUNTIME_DIRECTORY, (int)getpid());
	assert_int_equal(ipsec_new(&options, &rig->ipsec, NULL), 0);
	rig->backend = ipsec_backend(rig->ipsec);
}

void rig_intend(struct rig *rig, const struct ike_connection *connection)
{
	struct object object = { .kind = OBJECT_IKE_DAEMON,
				 .ike_daemon = { .name = IKE_DAEMON_NAME, .port = rig->port } };

	state_free(rig->intended);
	rig->intended = state_new();
	if (rig->kind == IKE_DAEMON_SYSTEM) {
		object.ike_daemon.kind = rig->kind;
		(void)snprintf(object.ike_daemon.socket, sizeof(object.ike_daemon.socket), "%s",
			       rig->socket);
	}
	memcpy(object.ike_daemon.public_key, rig->moon_key, KEY_SIZE);
	memcpy(object.ike_daemon.private_key, rig->moon_seed, KEY_SIZE);
	assert_int_equal(state_add(rig->intended, &object), 0);
	if (connection) {
		object = (struct object) { .kind = OBJECT_IKE_CONNECTION,
					   .ike_connection = *connection };
		assert_int_equal(state_add(rig->intended, &object), 0);
	}
	ipsec_set_intended(rig->ipsec, rig->intended);
}

static int apply(struct rig *rig, const struct operation *operation)
{
	struct error error = { 0 };
	int result = rig->backend.apply(rig->backend.userdata, operation, rig->intended,
					++rig->last_id, &error);

	if (result == -EINPROGRESS) {
		test_wait_until(&rig->wait, &rig->done, rig->done + 1);
		result = rig->result;
		(void)snprintf(error.text, sizeof(error.text), "%s", rig->text);
	}
	(void)snprintf(rig->failure, sizeof(rig->failure), "%s", result < 0 ? error.text : "");
	return result;
}

/* It holds what is in @operational. */
static struct plan *make_plan(struct rig *rig, struct state *operational)
{
	assert_int_equal(
		rig->backend.observe(rig->backend.userdata, rig->intended, operational, NULL), 0);
	return plan_make(rig->intended, operational, rig->backend.can_update,
			 rig->backend.userdata);
}

void rig_begin_to_reconcile(struct rig *rig)
{
	CLEANUP(state_free) struct state *operational = state_new();
	CLEANUP(plan_free) struct plan *plan = make_plan(rig, operational);

	assert_true(plan->operations_count > 0);
	assert_int_equal(rig->backend.apply(rig->backend.userdata, &plan->operations[0],
					    rig->intended, ++rig->last_id, NULL),
			 -EINPROGRESS);
}

/* What depends on the one that has failed is left. */
static size_t try_to_reconcile(struct rig *rig)
{
	CLEANUP(state_free) struct state *operational = state_new();
	CLEANUP(plan_free) struct plan *plan = make_plan(rig, operational);

	rig->failure[0] = '\0';
	for (size_t i = 0; i < plan->operations_count; i++)
		if (apply(rig, &plan->operations[i]) < 0)
			break;
	return plan->operations_count;
}

size_t rig_reconcile(struct rig *rig)
{
	size_t count = try_to_reconcile(rig);

	assert_string_equal(rig->failure, "");
	return count;
}

void rig_reconcile_fails(struct rig *rig, const char *part)
{
	(void)try_to_reconcile(rig);
	if (!rig->failure[0] || !strstr(rig->failure, part))
		fail_msg("\"%s\", expected \"%s\"", rig->failure, part);
}

pid_t rig_charon_of_moon(const struct rig *rig)
{
	struct ipsec_daemon_status status;

	ipsec_daemon_status(rig->ipsec, &status);
	return status.pid;
}

void rig_look_at_moon(struct rig *rig)
{
	struct ipsec_daemon_status status;

	ipsec_daemon_status(rig->ipsec, &status);
	rig_open_view(rig, &rig->moon, status.socket);
}

void rig_bring_up(struct rig *rig)
{
	struct ike_connection connection = rig_connection_to_sun(rig);

	rig_intend(rig, &connection);
	assert_int_equal(rig_reconcile(rig), 2);
	if (!rig->moon.client)
		rig_look_at_moon(rig);
	rig_wait_for_sas(rig, &rig->moon, 1);
	rig_wait_for_sas(rig, &rig->sun, 1);
}

void rig_begin_anew(struct rig *rig)
{
	ipsec_free(TAKE(rig->ipsec));
	rig->dirty = 0;
	rig_begin(rig);
	test_wait_until(&rig->wait, &rig->dirty, 2); /* of its PPKs and of its connections */
}

void rig_intend_nothing(struct rig *rig)
{
	state_free(rig->intended);
	rig->intended = state_new();
	ipsec_set_intended(rig->ipsec, rig->intended);
}

int rig_set_up(void **state)
{
	struct rig *rig = NEW(struct rig);

	rig->port = PORT;

	assert_int_equal(uv_loop_init(&rig->loop), 0);
	test_wait_init(&rig->wait, &rig->loop);
	test_networks_make(&rig->moon_fd, &rig->sun_fd);
	memset(rig->moon_seed, 'm', KEY_SIZE);
	memset(rig->sun_seed, 's', KEY_SIZE);
	crypto_ed25519_public(rig->moon_seed, rig->moon_key);
	crypto_ed25519_public(rig->sun_seed, rig->sun_key);
	real_charon_init(&rig->sun_charon, rig->sun_fd);
	rig_open_view(rig, &rig->sun, rig->sun_charon.socket);
	rig_tell_sun(rig, IKE_PPK_NONE);
	assert_int_equal(spaces_new("test", "aronet-t-ipsec", &rig->spaces, NULL), 0);
	rig_begin(rig);
	*state = rig;
	return 0;
}

/* A connection with a password, as aronet has none. */
static void tell_of_others(struct rig *rig, struct view *view, const char *own, const char *peer,
			   const char *address)
{
	CLEANUP(vici_writer_done) struct vici_writer secret = { 0 }, connection = { 0 };

	vici_printf(&secret, "type", "IKE");
	vici_printf(&secret, "data", "their password");
	rig_tell(rig, view, "load-shared", &secret);
	vici_begin_section(&connection, RIG_FOREIGN);
	vici_printf(&connection, "version", "2");
	vici_begin_list(&connection, "remote_addrs");
	vici_put_item(&connection, address ? address : "0.0.0.0/0");
	vici_end_list(&connection);
	vici_printf(&connection, "local_port", "%d", PORT);
	vici_printf(&connection, "remote_port", "%d", PORT);
	for (unsigned i = 0; i < 2; i++) {
		vici_begin_section(&connection, i == 0 ? "local" : "remote");
		vici_printf(&connection, "auth", "psk");
		vici_printf(&connection, "id", "%s", i == 0 ? own : peer);
		vici_end_section(&connection);
	}
	vici_begin_section(&connection, "children");
	vici_begin_section(&connection, RIG_FOREIGN);
	vici_end_section(&connection);
	vici_end_section(&connection);
	vici_end_section(&connection);
	rig_tell(rig, view, "load-conn", &connection);
}

static void load_foreign_key(struct rig *rig)
{
	const struct ask_answer answer = { on_answer, &rig->moon, 0 };
	uint8_t seed[KEY_SIZE] = "theirs", key[KEY_SIZE];

	crypto_ed25519_public(seed, key);
	assert_int_equal(ask_load_key(rig->moon.client, seed, key, answer, NULL), 0);
	test_wait_until(&rig->wait, &rig->moon.answered, rig->moon.answered + 1);
}

static void dial_others(struct rig *rig)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };

	vici_printf(&message, "child", RIG_FOREIGN);
	vici_printf(&message, "ike", RIG_FOREIGN);
	vici_printf(&message, "timeout", "-1");
	rig_tell(rig, &rig->moon, "initiate", &message);
	for (unsigned waited = 0; waited < RIG_WAIT_MS && !rig->moon.foreign_sa;
	     waited += RIG_POLL_MS) {
		test_wait_for(&rig->wait, RIG_POLL_MS);
		rig_look(rig, &rig->moon);
	}
	assert_int_not_equal(rig->moon.foreign_sa, 0);
}

int rig_set_up_system(void **state)
{
	struct rig *rig;
	int result = rig_set_up(state);

	rig = *state;
	rig->kind = IKE_DAEMON_SYSTEM;
	real_charon_init(&rig->moon_charon, -1);
	rig->socket = rig->moon_charon.socket;
	rig_open_view(rig, &rig->moon, rig->socket);
	tell_of_others(rig, &rig->sun, "their-sun", "their-moon", NULL);
	tell_of_others(rig, &rig->moon, "their-moon", "their-sun", "192.0.2.2");
	load_foreign_key(rig);
	dial_others(rig);
	return result;
}

int rig_tear_down(void **state)
{
	struct rig *rig = *state;
	char directory[64];

	rig_intend_nothing(rig);
	(void)rig_reconcile(rig);
	assert_int_equal(rig_charon_of_moon(rig), 0);
	vici_client_free(rig->moon.client);
	vici_client_free(rig->sun.client);
	ipsec_free(rig->ipsec);
	real_charon_done(&rig->sun_charon);
	if (rig->moon_charon.socket[0])
		real_charon_done(&rig->moon_charon);
	(void)snprintf(directory, sizeof(directory), RUNTIME_DIRECTORY, (int)getpid());
	(void)file_remove_tree(directory);
	test_wait_done(&rig->wait);
	while (uv_run(&rig->loop, UV_RUN_DEFAULT) != 0)
		;
	assert_int_equal(uv_loop_close(&rig->loop), 0);
	spaces_free(rig->spaces);
	state_free(rig->intended);
	(void)close(rig->moon_fd);
	(void)close(rig->sun_fd);
	free(rig);
	return 0;
}

void rig_tell(struct rig *rig, struct view *view, const char *command,
	      const struct vici_writer *message)
{
	const struct vici_call call = {
		.command = command,
		.message = message,
		.done = on_answer,
		.userdata = view,
	};

	assert_int_equal(vici_client_call(view->client, &call, NULL), 0);
	test_wait_until(&rig->wait, &view->answered, view->answered + 1);
}

int rig_cannot_run(void)
{
	const char *what = real_charon_missing();
	const char *must_run = getenv("ARONET_TESTS_MUST_RUN");

	(void)signal(SIGPIPE, SIG_IGN);
	if (!what)
		return 0;
	print_message("1..0 # SKIP needs %s\n", what);
	return must_run && !strcmp(must_run, "1") ? 1 : 77;
}
