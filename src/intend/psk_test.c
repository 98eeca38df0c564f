// SPDX-License-Identifier: GPL-2.0-or-later
/* Which pre-shared keys there are, and when they change. */
#include "base/cleanup.h"
#include "crypto/crypto.h"
#include "crypto/test_hex.h"
#include "intend/test_world.h"
#include "registry/secrets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define EPOCH 20778
#define MIDNIGHT (EPOCH * (int64_t)SECRET_EPOCH_SEC)

/* The world of the vector in the registry specification, section 15: moon and sun. */
static void give_secret(struct world *world)
{
	static const uint8_t mesh_id[16] = { 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
					     0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff };

	memcpy(world->registry.origin.mesh_id, mesh_id, sizeof(mesh_id));
	assert_int_equal(crypto_key_from_base64("Av5sZbS3vEH43ceLOWuP1WMHruZc3Ok3zerxnGVpWWs=",
						world->config.wireguard_public),
			 0);
	assert_int_equal(crypto_key_from_base64("F4HXck+2xZJgWv6h76ROgWdMNIsOpjPOHZ/Zxu2lgH4=",
						world->nodes[SUN].wireguard_key),
			 0);
	world->config.psk = PSK_MESH;
	memset(world->config.secrets[0].secret, 0x42, KEY_SIZE);
	memset(world->config.secrets[1].secret, 0x43, KEY_SIZE);
	for (unsigned i = 0; i < MESH_SECRETS_MAX; i++) {
		crypto_mesh_secret_id(world->config.secrets[i].secret, world->config.secrets[i].id);
		memcpy(world->registry.secrets[i].id, world->config.secrets[i].id, SECRET_ID_SIZE);
	}
	world->config.secrets_count = 1;
	world->registry.secrets_count = 1;
	world->facts.changed_at = MIDNIGHT;
}

/* Of the tunnel to sun. */
static void preshared_key_to_sun(const struct world *world, uint8_t ret[KEY_SIZE])
{
	CLEANUP(state_free) struct state *state = must_intend(world);

	STATE_FOR_EACH(state, OBJECT_WIREGUARD, object)
	if (!memcmp(object->wireguard.peer_key, world->nodes[SUN].wireguard_key, KEY_SIZE)) {
		memcpy(ret, object->wireguard.preshared_key, KEY_SIZE);
		return;
	}
	fail_msg("no tunnel");
}

static void expect_key(const struct world *world, const char *expected)
{
	uint8_t key[KEY_SIZE];
	char hex[65];

	preshared_key_to_sun(world, key);
	assert_string_equal(test_to_hex(key, hex), expected);
}

#define NO_KEY "0000000000000000000000000000000000000000000000000000000000000000"

static void tunnels_have_the_key_of_the_vector(void **state)
{
	struct world *world = *state;

	give_secret(world);
	expect_key(world, "f3e805a48dec6ad12fb7b15a7e1713bd44e71de44655eeb4cfc4731f85f35de4");
}

static void tunnels_have_no_key_unless_both_documents_say_so(void **state)
{
	struct world *world = *state;

	give_secret(world);
	world->config.psk = PSK_NONE;
	expect_key(world, NO_KEY);
	world->config.psk = PSK_MESH;
	world->registry.secrets_count = 0;
	expect_key(world, NO_KEY);
}

static void key_changes_with_the_epoch_and_the_secret_in_use(void **state)
{
	struct world *world = *state;
	uint8_t first[KEY_SIZE], second[KEY_SIZE], third[KEY_SIZE];

	give_secret(world);
	world->registry.secrets_count = 2;
	world->registry.secrets[1].from = MIDNIGHT + SECRET_EPOCH_SEC + 60;
	world->config.secrets_count = 2;
	preshared_key_to_sun(world, first);
	world->facts.changed_at += SECRET_EPOCH_SEC;
	preshared_key_to_sun(world, second);
	world->facts.changed_at += 60;
	preshared_key_to_sun(world, third);
	assert_memory_not_equal(first, second, KEY_SIZE);
	assert_memory_not_equal(second, third, KEY_SIZE);
}

/* Nothing but the WireGuard objects: in them the key alone, which changes in place. */
static void new_epoch_changes_nothing_but_keys(void **state)
{
	struct world *world = *state;
	CLEANUP(state_free) struct state *before = NULL;
	CLEANUP(state_free) struct state *after = NULL;

	give_secret(world);
	before = must_intend(world);
	world->facts.changed_at += SECRET_EPOCH_SEC;
	after = must_intend(world);
	assert_int_equal(state_count(before), state_count(after));
	for (size_t i = 0; i < state_count(before); i++) {
		const struct object *old = state_at(before, i), *new = state_at(after, i);
		CLEANUP(strbuf_done) struct strbuf text = { 0 };

		assert_int_equal(object_compare(old, new), 0);
		object_format_difference(old, new, &text);
		assert_string_equal(strbuf_text(&text),
				    old->kind == OBJECT_WIREGUARD ? "preshared_key changed" : "");
	}
}

/* Rather no tunnel than one without. */
static void node_without_the_secret_in_use_has_a_key_that_nobody_knows(void **state)
{
	struct world *world = *state;
	uint8_t first[KEY_SIZE], second[KEY_SIZE], none[KEY_SIZE] = { 0 };

	give_secret(world);
	world->config.secrets_count = 0;
	preshared_key_to_sun(world, first);
	assert_memory_not_equal(first, none, KEY_SIZE);
	world->facts.changed_at += SECRET_EPOCH_SEC;
	preshared_key_to_sun(world, second);
	assert_memory_equal(first, second, KEY_SIZE);
	world->config.wireguard_private[0] ^= 1;
	preshared_key_to_sun(world, second);
	assert_memory_not_equal(first, second, KEY_SIZE);
}

/* "aronet-...-20778 offered, ..." of all keys for IKE. */
static void expect_ppks(const struct world *world, const char *expected)
{
	CLEANUP(state_free) struct state *state = must_intend(world);
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	STATE_FOR_EACH(state, OBJECT_IKE_PPK, object)
	strbuf_printf(&text, "%s%s\n", object->ike_ppk.id,
		      object->ike_ppk.is_offered ? " offered" : "");
	assert_string_equal(strbuf_text(&text), expected);
}

#define ID "aronet-2076512e7442357b-"

static void ike_knows_the_keys_of_three_days(void **state)
{
	struct world *world = *state;

	give_secret(world);
	expect_ppks(world, ""); /* no IPsec */
	world_give_identities(world);
	world->config.endpoints[0].transports = TRANSPORT_IPSEC;
	expect_ppks(world, ID "20777\n" ID "20778 offered\n" ID "20779\n");
	world->config.psk = PSK_NONE;
	expect_ppks(world, "");
}

static void ike_knows_the_keys_of_both_secrets(void **state)
{
	struct world *world = *state;
	CLEANUP(state_free) struct state *intended = NULL;
	unsigned count = 0;

	give_secret(world);
	world_give_identities(world);
	world->config.endpoints[0].transports = TRANSPORT_IPSEC;
	world->registry.secrets_count = 2;
	world->registry.secrets[1].from = MIDNIGHT;
	world->config.secrets_count = 2;
	intended = must_intend(world);
	STATE_FOR_EACH(intended, OBJECT_IKE_PPK, object)
	{
		bool is_first = !strncmp(object->ike_ppk.id, ID, strlen(ID));

		assert_int_equal(object->ike_ppk.is_offered,
				 !is_first && strstr(object->ike_ppk.id, "-20778") != NULL);
		count++;
	}
	assert_int_equal(count, 6);
}

/* What is told of a peer is the same on every day, so that no SA ends with one. */
static void connections_do_not_change_with_the_epoch(void **state)
{
	struct world *world = *state;
	CLEANUP(state_free) struct state *before = NULL;
	CLEANUP(state_free) struct state *after = NULL;

	give_secret(world);
	world_give_identities(world);
	world->config.endpoints[0].transports = TRANSPORT_IPSEC;
	before = must_intend(world);
	world->facts.changed_at += SECRET_EPOCH_SEC;
	after = must_intend(world);
	STATE_FOR_EACH(before, OBJECT_IKE_CONNECTION, object)
	{
		assert_int_equal(object->ike_connection.ppk, IKE_PPK_OFFERED);
		assert_true(object_spec_equal(object, state_find(after, object)));
	}
	world->config.ppk_required = true;
	state_free(TAKE(after));
	after = must_intend(world);
	STATE_FOR_EACH(after, OBJECT_IKE_CONNECTION, object)
	assert_int_equal(object->ike_connection.ppk, IKE_PPK_REQUIRED);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup(name, world_setup)
	const struct CMUnitTest tests[] = {
		CASE(tunnels_have_the_key_of_the_vector),
		CASE(tunnels_have_no_key_unless_both_documents_say_so),
		CASE(key_changes_with_the_epoch_and_the_secret_in_use),
		CASE(new_epoch_changes_nothing_but_keys),
		CASE(ike_knows_the_keys_of_three_days),
		CASE(ike_knows_the_keys_of_both_secrets),
		CASE(connections_do_not_change_with_the_epoch),
		CASE(node_without_the_secret_in_use_has_a_key_that_nobody_knows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
