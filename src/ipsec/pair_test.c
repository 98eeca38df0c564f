// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two real charons, each in a network namespace of its own, are told of each other by what aronet
 * writes. About IKE_SAs only: for CHILD_SAs the kernel needs ESP.
 */
#include "base/memory.h"
#include "crypto/crypto.h"
#include "ipsec/connection.h"
#include "ipsec/sa.h"
#include "ipsec/test_networks.h"
#include "vici/client.h"
#include "vici/test_real_charon.h"
#include "vici/test_wait.h"

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

#define WAIT_MS 60000
#define PORT 12025

static const struct vici_event_name events[] = {
	{ "ike-updown", false },
	{ NULL, false },
};

/* What every charon has. */
static const struct ike_offer usual;

/* What ike-updown has said last. */
struct said {
	unsigned up, down;
	struct ike_sa sa;
};

struct end {
	struct rig *rig;
	char letter;
	int netns_fd;
	struct node_id id;
	uint8_t seed[CRYPTO_KEY_SIZE], key[KEY_SIZE];
	struct real_charon charon;
	struct vici_client *client;
	unsigned connected, answered;
	struct said said;
};

struct rig {
	uv_loop_t loop;
	struct test_wait wait;
	struct end a, b;
};

static void on_up(void *userdata)
{
	((struct end *)userdata)->connected++;
}

static void on_down(void *userdata, const struct error *error)
{
	(void)userdata;
	fail_msg("%s", error->text);
}

static void on_event(void *userdata, const char *name, const struct vici_section *message)
{
	struct end *end = userdata;
	struct vici_section rest = *message, section;
	char connection[VICI_NAME_MAX + 1];

	assert_string_equal(name, "ike-updown");
	assert_true(vici_next_section(&rest, connection, &section));
	ike_sa_done(&end->said.sa);
	assert_int_equal(ike_sa_read(connection, &section, &end->said.sa), 0);
	if (vici_is_yes(message, "up"))
		end->said.up++;
	else
		end->said.down++;
}

static void on_done(void *userdata, uint64_t id, int result, const struct vici_section *reply,
		    const struct error *error)
{
	(void)id;
	(void)reply;
	if (result < 0)
		fail_msg("%s", error->text);
	((struct end *)userdata)->answered++;
}

/* And wait until it is carried out. */
static void tell(struct end *end, const char *command, const struct vici_writer *message)
{
	const struct vici_call call = {
		.command = command,
		.message = message,
		.done = on_done,
		.userdata = end,
	};

	assert_int_equal(vici_client_call(end->client, &call, NULL), 0);
	test_wait_until(&end->rig->wait, &end->answered, end->answered + 1);
}

static void load_key(struct end *end)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };
	struct crypto_signing_key key;
	CLEANUP(free) char *pem = NULL;

	memcpy(key.seed, end->seed, sizeof(key.seed));
	memcpy(key.public_key, end->key, sizeof(key.public_key));
	pem = crypto_signing_key_to_pem(&key, NULL);
	vici_printf(&message, "type", "any");
	vici_put(&message, "data", pem, strlen(pem));
	tell(end, "load-key", &message);
}

static void open_end(struct rig *rig, struct end *end, char letter, const char *name)
{
	const struct vici_client_callbacks callbacks = {
		.userdata = end,
		.up = on_up,
		.down = on_down,
		.event = on_event,
	};
	struct vici_client_options options = {
		.loop = &rig->loop,
		.path = end->charon.socket,
		.events = events,
		.deadline_ms = WAIT_MS,
	};

	end->rig = rig;
	end->letter = letter;
	(void)snprintf(end->id.organization, NAME_SIZE, "acme organization");
	(void)snprintf(end->id.common_name, NAME_SIZE, "%s", name);
	memset(end->seed, letter, sizeof(end->seed));
	crypto_ed25519_public(end->seed, end->key);
	real_charon_init(&end->charon, end->netns_fd);
	assert_int_equal(vici_client_new(&options, &callbacks, &end->client, NULL), 0);
	vici_client_start(end->client);
	test_wait_until(&rig->wait, &end->connected, 1);
	load_key(end);
}

static void close_end(struct end *end)
{
	vici_client_free(end->client);
	real_charon_done(&end->charon);
	ike_sa_done(&end->said.sa);
	(void)close(end->netns_fd);
}

static int set_up(void **state)
{
	struct rig *rig = NEW(struct rig);

	assert_int_equal(uv_loop_init(&rig->loop), 0);
	test_wait_init(&rig->wait, &rig->loop);
	test_networks_make(&rig->a.netns_fd, &rig->b.netns_fd);
	open_end(rig, &rig->a, 'a', "moon");
	open_end(rig, &rig->b, 'b', "sun");
	*state = rig;
	return 0;
}

static int tear_down(void **state)
{
	struct rig *rig = *state;

	close_end(&rig->a);
	close_end(&rig->b);
	test_wait_done(&rig->wait);
	while (uv_run(&rig->loop, UV_RUN_DEFAULT) != 0)
		;
	assert_int_equal(uv_loop_close(&rig->loop), 0);
	free(rig);
	return 0;
}

/* What @end shall know of @peer, which is at @address; NULL: anywhere. */
static struct ike_connection connection_to(const struct end *end, const struct end *peer,
					   const char *address)
{
	struct ike_connection connection = {
		.link = "arpeer",
		.if_id = 42,
		.own.node = end->id,
		.peer.node = peer->id,
		.family = AF_INET,
		.port = PORT,
		.peer_port = PORT,
	};

	if (address)
		assert_int_equal(ip_address_parse(address, &connection.peer_address), 0);
	memcpy(connection.own.key, end->key, KEY_SIZE);
	memcpy(connection.peer.key, peer->key, KEY_SIZE);
	return connection;
}

static const char *name_of(const struct ike_connection *connection, char buffer[IKE_NAME_SIZE])
{
	struct ike_name name;

	ike_name_make(connection, &usual, &name);
	return ike_name_format(&name, buffer);
}

static void load(struct end *end, const struct ike_connection *connection)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };

	ike_connection_write(connection, &usual, NULL, &message);
	assert_int_equal(vici_writer_result(&message), 0);
	tell(end, "load-conn", &message);
}

static void initiate(struct end *end, const struct ike_connection *connection)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };
	char text[IKE_NAME_SIZE];

	vici_printf(&message, "ike", "%s", name_of(connection, text));
	vici_printf(&message, "child", IKE_CHILD_NAME);
	vici_printf(&message, "timeout", "-1");
	tell(end, "initiate", &message);
}

/* Who dials knows an address; who is dialled need not. */
static void two_that_know_each_other_connect(void **state)
{
	struct rig *rig = *state;
	struct ike_connection to_b = connection_to(&rig->a, &rig->b, "192.0.2.2");
	struct ike_connection to_a = connection_to(&rig->b, &rig->a, NULL);
	const struct ike_sa *sa = &rig->a.said.sa;
	char text[IP_ENDPOINT_TEXT_SIZE], name[IKE_NAME_SIZE];

	load(&rig->a, &to_b);
	load(&rig->b, &to_a);
	initiate(&rig->a, &to_b);
	test_wait_until(&rig->wait, &rig->a.said.up, 1);
	test_wait_until(&rig->wait, &rig->b.said.up, 1);
	assert_string_equal(sa->connection, name_of(&to_b, name));
	assert_true(ike_sa_is_established(sa));
	assert_true(sa->is_initiator);
	assert_false(rig->b.said.sa.is_initiator);
	assert_string_equal(ip_endpoint_format(&sa->remote, text), "192.0.2.2:12025");
	assert_string_equal(ip_endpoint_format(&rig->b.said.sa.remote, text), "192.0.2.1:12025");
	assert_string_equal(sa->remote_identity, "O=acme organization, CN=sun, serialNumber=0");
	/* The strongest of the proposals. */
	assert_string_equal(sa->encryption, "AES_GCM_16");
	assert_int_equal(sa->encryption_bits, 256);
	assert_string_equal(sa->prf, "PRF_HMAC_SHA2_384");
	assert_string_equal(sa->group, "CURVE_25519");
}

static void peer_with_another_key_is_refused(void **state)
{
	struct rig *rig = *state;
	struct ike_connection to_b = connection_to(&rig->a, &rig->b, "192.0.2.2");
	struct ike_connection to_a = connection_to(&rig->b, &rig->a, NULL);
	char name[IKE_NAME_SIZE];

	to_a.peer.key[0] ^= 1;
	load(&rig->a, &to_b);
	load(&rig->b, &to_a);
	initiate(&rig->a, &to_b);
	test_wait_until(&rig->wait, &rig->a.said.down, 1);
	assert_string_equal(rig->a.said.sa.connection, name_of(&to_b, name));
	assert_string_equal(rig->a.said.sa.state, "CONNECTING");
	assert_int_equal(rig->a.said.up, 0);
	assert_int_equal(rig->b.said.up, 0);
}

/* Original aronet gives charon the text, and no proposals. */
static void identities_of_original_aronet_are_the_same(void **state)
{
	struct rig *rig = *state;
	struct ike_connection to_b = connection_to(&rig->a, &rig->b, "192.0.2.2");
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };
	char own[CRYPTO_ED25519_PEM_SIZE], peer[CRYPTO_ED25519_PEM_SIZE];

	vici_begin_section(&message, "a name of its own");
	vici_printf(&message, "version", "2");
	vici_printf(&message, "local_port", "%d", PORT);
	vici_printf(&message, "remote_port", "%d", PORT);
	vici_printf(&message, "encap", "yes");
	vici_begin_section(&message, "local");
	vici_printf(&message, "auth", "pubkey");
	vici_printf(&message, "id", "O=acme organization,CN=sun,serialNumber=0");
	vici_begin_list(&message, "pubkeys");
	vici_put_item(&message, crypto_ed25519_public_to_pem(rig->b.key, own));
	vici_end_list(&message);
	vici_end_section(&message);
	vici_begin_section(&message, "remote");
	vici_printf(&message, "auth", "pubkey");
	vici_printf(&message, "id", "O=acme organization,CN=moon,serialNumber=0");
	vici_begin_list(&message, "pubkeys");
	vici_put_item(&message, crypto_ed25519_public_to_pem(rig->a.key, peer));
	vici_end_list(&message);
	vici_end_section(&message);
	vici_begin_section(&message, "children");
	vici_begin_section(&message, "default");
	vici_end_section(&message);
	vici_end_section(&message);
	vici_end_section(&message);
	load(&rig->a, &to_b);
	tell(&rig->b, "load-conn", &message);
	initiate(&rig->a, &to_b);
	test_wait_until(&rig->wait, &rig->a.said.up, 1);
	test_wait_until(&rig->wait, &rig->b.said.up, 1);
	assert_string_equal(rig->b.said.sa.connection, "a name of its own");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		CASE(two_that_know_each_other_connect),
		CASE(peer_with_another_key_is_refused),
		CASE(identities_of_original_aronet_are_the_same),
	};
#undef CASE
	const char *what = real_charon_missing();
	const char *must_run = getenv("ARONET_TESTS_MUST_RUN");

	if (what) {
		print_message("1..0 # SKIP needs %s\n", what);
		return must_run && !strcmp(must_run, "1") ? 1 : 77;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
