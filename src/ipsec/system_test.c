// SPDX-License-Identifier: GPL-2.0-or-later
/* The back end with a charon that somebody else runs, and uses for something else, too. */
#include "crypto/crypto.h"
#include "ipsec/ask.h"
#include "ipsec/status.h"
#include "ipsec/test_rig.h"
#include "process/child.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define STOP_MS 5000
/* Keys of moon's charon: one is the operator's. */
#define FOREIGN_KEYS 1
#define ALL_KEYS 2

/* The operator's connection, its IKE_SA, and his key are as they were in the beginning. */
static void expect_others_untouched(struct rig *rig, uint32_t foreign_sa)
{
	rig_look(rig, &rig->moon);
	assert_true(rig->moon.has_foreign);
	assert_int_equal(rig->moon.foreign_sa, foreign_sa);
	assert_true(rig->moon.keys >= FOREIGN_KEYS);
	assert_int_equal(kill(rig->moon_charon.pid, 0), 0);
}

static void expect_nothing_of_us(struct rig *rig)
{
	rig_wait_for_sas(rig, &rig->moon, 0);
	assert_int_equal(rig->moon.names, 0);
	assert_int_equal(rig->moon.keys, FOREIGN_KEYS);
	assert_int_equal(rig_charon_of_moon(rig), 0);
}

static void operators_charon_is_told_what_is_ours(void **state)
{
	struct rig *rig = *state;
	uint32_t foreign = rig->moon.foreign_sa;
	struct ipsec_daemon_status status;

	rig_bring_up(rig);
	assert_int_equal(rig->moon.names, 1);
	assert_int_equal(rig->moon.keys, ALL_KEYS);
	assert_int_equal(rig_reconcile(rig), 0);
	ipsec_daemon_status(rig->ipsec, &status);
	assert_int_equal(status.kind, IKE_DAEMON_SYSTEM);
	assert_int_equal(status.pid, rig->moon_charon.pid);
	assert_string_equal(status.socket, rig->moon_charon.socket);
	assert_string_equal(status.trouble, "");
	expect_others_untouched(rig, foreign);
}

static void nothing_of_us_stays_and_nothing_of_others_goes(void **state)
{
	struct rig *rig = *state;
	uint32_t foreign = rig->moon.foreign_sa;

	rig_bring_up(rig);
	rig_intend_nothing(rig);
	assert_int_equal(rig_reconcile(rig), 1);
	expect_nothing_of_us(rig);
	expect_others_untouched(rig, foreign);
	rig_wait_for_sas(rig, &rig->sun, 0);
	assert_int_equal(rig_reconcile(rig), 0);
}

static void next_daemon_takes_all_over(void **state)
{
	struct rig *rig = *state;
	struct ike_connection connection = rig_connection_to_sun(rig);
	uint32_t sa;

	rig_bring_up(rig);
	sa = rig->moon.sa_id;
	rig_begin_anew(rig);
	rig_intend(rig, &connection);
	assert_int_equal(rig_reconcile(rig), 0);
	assert_int_equal(ipsec_writes(rig->ipsec), 0);
	test_wait_for(&rig->wait, 500);
	rig_look(rig, &rig->moon);
	assert_int_equal(rig->moon.sa_id, sa);
	assert_int_equal(rig->moon.keys, ALL_KEYS);
}

/* Its key as well, which its own charon does not name as ours. */
static void next_daemon_removes_what_is_not_intended(void **state)
{
	struct rig *rig = *state;
	uint32_t foreign = rig->moon.foreign_sa;

	rig_bring_up(rig);
	rig_begin_anew(rig);
	rig_intend_nothing(rig);
	assert_int_equal(rig_reconcile(rig), 1);
	expect_nothing_of_us(rig);
	expect_others_untouched(rig, foreign);
}

static void restart_of_charon_is_noticed_and_all_is_loaded_again(void **state)
{
	struct rig *rig = *state;

	rig_bring_up(rig);
	rig->dirty = 0;
	child_stop(rig->moon_charon.pid, STOP_MS);
	test_wait_until(&rig->wait, &rig->dirty, 1);
	assert_int_equal(rig_charon_of_moon(rig), 0);
	rig_reconcile_fails(rig, "no charon answers here");
	real_charon_restart(&rig->moon_charon, -1);
	test_wait_until(&rig->wait, &rig->moon.connected, 2);
	assert_int_equal(rig_reconcile(rig), 2);
	assert_int_equal(rig_charon_of_moon(rig), rig->moon_charon.pid);
	rig_wait_for_sas(rig, &rig->moon, 1);
	assert_int_equal(rig->moon.names, 1);
	assert_int_equal(rig->moon.keys, 1);
}

/* As `swanctl --load-all` does with all that is not in its files. */
static void what_the_operator_takes_away_is_given_again(void **state)
{
	CLEANUP(vici_writer_done) struct vici_writer connection = { 0 }, key = { 0 };
	struct rig *rig = *state;
	char id[ASK_KEY_ID_SIZE];

	rig_bring_up(rig);
	vici_printf(&connection, "name", "%s", rig->moon.name);
	vici_printf(&key, "id", "%s", ask_key_id(rig->moon_key, id));
	rig->dirty = 0;
	rig_tell(rig, &rig->moon, "unload-conn", &connection);
	rig_tell(rig, &rig->moon, "unload-key", &key);
	test_wait_until(&rig->wait, &rig->dirty, 1);
	test_wait_for(&rig->wait, RIG_POLL_MS);
	assert_int_equal(rig_reconcile(rig), 1);
	rig_look(rig, &rig->moon);
	assert_int_equal(rig->moon.names, 1);
	assert_int_equal(rig->moon.keys, ALL_KEYS);
	assert_int_equal(rig->moon.sas, 1);
}

/* He has it for something else. */
static void key_that_the_operator_has_loaded_stays(void **state)
{
	struct rig *rig = *state;
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };
	struct crypto_signing_key key;
	char *pem;

	memcpy(key.seed, rig->moon_seed, KEY_SIZE);
	memcpy(key.public_key, rig->moon_key, KEY_SIZE);
	pem = crypto_signing_key_to_pem(&key, NULL);
	vici_printf(&message, "type", "any");
	vici_put(&message, "data", pem, strlen(pem));
	free(pem);
	rig_tell(rig, &rig->moon, "load-key", &message);
	rig_bring_up(rig);
	rig_intend_nothing(rig);
	assert_int_equal(rig_reconcile(rig), 1);
	rig_look(rig, &rig->moon);
	assert_int_equal(rig->moon.names, 0);
	assert_int_equal(rig->moon.keys, ALL_KEYS);
}

static void former_key_is_taken_back(void **state)
{
	struct rig *rig = *state;

	rig_bring_up(rig);
	rig->moon_seed[0]++;
	crypto_ed25519_public(rig->moon_seed, rig->moon_key);
	rig_intend(rig, NULL);
	assert_int_equal(rig_reconcile(rig), 2);
	test_wait_for(&rig->wait, RIG_POLL_MS);
	rig_look(rig, &rig->moon);
	assert_int_equal(rig->moon.keys, ALL_KEYS);
	rig_intend_nothing(rig);
	assert_int_equal(rig_reconcile(rig), 1);
	expect_nothing_of_us(rig);
}

static void charon_with_another_port_is_said(void **state)
{
	struct rig *rig = *state;

	rig->port++;
	rig_intend(rig, NULL);
	rig_reconcile_fails(rig, "does not have UDP port 12026");
	assert_int_equal(rig_charon_of_moon(rig), 0);
	rig->port--;
	rig_intend(rig, NULL);
	assert_int_equal(rig_reconcile(rig), 1);
}

static void charon_of_another_network_is_said(void **state)
{
	struct rig *rig = *state;

	rig->socket = rig->sun_charon.socket;
	rig_intend(rig, NULL);
	rig_reconcile_fails(rig, "lives in another network namespace");
	rig_look(rig, &rig->sun);
	assert_int_equal(rig->sun.keys, 1);
}

static void from_the_operators_charon_to_our_own_and_back(void **state)
{
	struct rig *rig = *state;
	struct ike_connection connection = rig_connection_to_sun(rig);
	uint32_t foreign = rig->moon.foreign_sa;
	struct ipsec_daemon_status status;
	char own_socket[108];

	rig_bring_up(rig);
	rig->kind = IKE_DAEMON_PRIVATE;
	rig_intend(rig, &connection);
	rig_reconcile_fails(rig, "UDP port 12025 is taken by charon-systemd");
	expect_nothing_of_us(rig);
	expect_others_untouched(rig, foreign);

	child_stop(rig->moon_charon.pid, STOP_MS);
	assert_int_equal(rig_reconcile(rig), 2);
	ipsec_daemon_status(rig->ipsec, &status);
	assert_int_equal(status.kind, IKE_DAEMON_PRIVATE);
	(void)snprintf(own_socket, sizeof(own_socket), "%s", status.socket);
	assert_int_equal(access(own_socket, F_OK), 0);

	rig->kind = IKE_DAEMON_SYSTEM;
	rig_intend(rig, &connection);
	rig_reconcile_fails(rig, "no charon answers here");
	assert_int_equal(rig_charon_of_moon(rig), 0);
	assert_int_not_equal(access(own_socket, F_OK), 0);
	real_charon_restart(&rig->moon_charon, -1);
	test_wait_until(&rig->wait, &rig->moon.connected, 2);
	assert_int_equal(rig_reconcile(rig), 2);
	rig_wait_for_sas(rig, &rig->moon, 1);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up_system, rig_tear_down)
	static const struct CMUnitTest tests[] = {
		CASE(operators_charon_is_told_what_is_ours),
		CASE(nothing_of_us_stays_and_nothing_of_others_goes),
		CASE(next_daemon_takes_all_over),
		CASE(next_daemon_removes_what_is_not_intended),
		CASE(restart_of_charon_is_noticed_and_all_is_loaded_again),
		CASE(what_the_operator_takes_away_is_given_again),
		CASE(key_that_the_operator_has_loaded_stays),
		CASE(former_key_is_taken_back),
		CASE(charon_with_another_port_is_said),
		CASE(charon_of_another_network_is_said),
		CASE(from_the_operators_charon_to_our_own_and_back),
	};
#undef CASE
	int result = rig_cannot_run();

	return result ? result : cmocka_run_group_tests(tests, NULL, NULL);
}
