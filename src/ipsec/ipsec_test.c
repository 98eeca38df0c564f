// SPDX-License-Identifier: GPL-2.0-or-later
/* The back end with a charon of its own. */
#include "ipsec/status.h"
#include "ipsec/test_rig.h"
#include "process/child.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void connection_is_loaded_and_dialled(void **state)
{
	struct rig *rig = *state;
	struct ipsec_tunnel_status status;
	struct ipsec_daemon_status daemon;

	rig_bring_up(rig);
	assert_int_equal(rig->moon.names, 1);
	assert_string_equal(rig->moon.sa_name, rig->moon.name);
	assert_int_equal(rig_reconcile(rig), 0);
	assert_int_equal(ipsec_writes(rig->ipsec), 1);
	assert_true(ipsec_tunnel_status(rig->ipsec, RIG_LINK, &status));
	assert_in_range(status.established_age_s, 0, 60);
	assert_false(ipsec_tunnel_status(rig->ipsec, "arother", &status));
	ipsec_daemon_status(rig->ipsec, &daemon);
	assert_string_equal(daemon.trouble, "");
	assert_string_not_equal(daemon.version, "");
}

/* A registry without IPsec, or a take-down, while charon is about to start. */
static void start_that_nobody_wants_any_more_comes_to_its_end(void **state)
{
	struct rig *rig = *state;

	rig_intend(rig, NULL);
	rig_begin_to_reconcile(rig);
	rig_intend_nothing(rig);
	test_wait_until(&rig->wait, &rig->done, rig->done + 1);
	assert_int_equal(rig->result, 0);
	assert_int_equal(rig_reconcile(rig), 1);
	assert_int_equal(rig_charon_of_moon(rig), 0);
}

/* Its SA goes on under the former name. */
static void changed_connection_takes_the_place_of_the_former(void **state)
{
	struct rig *rig = *state;
	struct ike_connection connection = rig_connection_to_sun(rig);
	char before[IKE_NAME_SIZE];

	rig_bring_up(rig);
	memcpy(before, rig->moon.name, sizeof(before));
	rig->moon.looked_for = rig->moon.sa_id;
	connection.may_move = true;
	rig_intend(rig, &connection);
	assert_int_equal(rig_reconcile(rig), 1);
	/* charon carries out what comes over two sockets at a time. */
	test_wait_for(&rig->wait, RIG_POLL_MS);
	rig_look(rig, &rig->moon);
	assert_int_equal(rig->moon.names, 1);
	assert_string_not_equal(rig->moon.name, before);
	assert_true(rig->moon.is_found);
	assert_int_equal(rig_reconcile(rig), 0);
}

static void deleted_connection_takes_its_sas_with_it(void **state)
{
	struct rig *rig = *state;

	rig_bring_up(rig);
	rig_intend(rig, NULL);
	assert_int_equal(rig_reconcile(rig), 1);
	rig_wait_for_sas(rig, &rig->moon, 0);
	rig_wait_for_sas(rig, &rig->sun, 0);
	assert_int_equal(rig->moon.names, 0);
	assert_int_equal(rig_reconcile(rig), 0);
}

static void next_daemon_takes_all_over(void **state)
{
	struct rig *rig = *state;
	struct ike_connection connection = rig_connection_to_sun(rig);
	struct ipsec_tunnel_status status;
	uint32_t sa;
	pid_t pid;

	rig_bring_up(rig);
	sa = rig->moon.sa_id;
	pid = rig_charon_of_moon(rig);
	rig_begin_anew(rig);
	rig_intend(rig, &connection);
	assert_int_equal(rig_reconcile(rig), 0);
	assert_int_equal(rig_charon_of_moon(rig), pid);
	assert_int_equal(ipsec_writes(rig->ipsec), 0);
	test_wait_for(&rig->wait, 500);
	rig_look(rig, &rig->moon);
	assert_int_equal(rig->moon.sas, 1);
	assert_int_equal(rig->moon.sa_id, sa);
	assert_true(ipsec_tunnel_status(rig->ipsec, RIG_LINK, &status));
	assert_non_null(status.sa);
	assert_int_equal(status.sa->unique_id, sa);
}

/* The peer has left the registry while there was no daemon. */
static void next_daemon_deletes_what_is_not_intended(void **state)
{
	struct rig *rig = *state;

	rig_bring_up(rig);
	rig_begin_anew(rig);
	rig_intend(rig, NULL);
	assert_int_equal(rig_reconcile(rig), 1);
	rig_wait_for_sas(rig, &rig->moon, 0);
	assert_int_equal(rig->moon.names, 0);
}

/* Its connection is gone already: the daemon was killed in between. */
static void sa_without_connection_is_ended(void **state)
{
	struct rig *rig = *state;
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };

	rig_bring_up(rig);
	ipsec_free(TAKE(rig->ipsec));
	vici_printf(&message, "name", "%s", rig->moon.name);
	rig_tell(rig, &rig->moon, "unload-conn", &message);
	test_wait_for(&rig->wait, 500);
	rig_look(rig, &rig->moon);
	assert_int_equal(rig->moon.sas, 1);
	rig->dirty = 0;
	rig_begin(rig);
	test_wait_until(&rig->wait, &rig->dirty, 2);
	rig_intend(rig, NULL);
	assert_int_equal(rig_reconcile(rig), 0);
	rig_wait_for_sas(rig, &rig->moon, 0);
	rig_wait_for_sas(rig, &rig->sun, 0);
}

/* At once, and sun, which has the former one, is not let in again. */
static void sa_of_a_former_key_is_ended(void **state)
{
	struct rig *rig = *state;
	struct ike_connection connection = rig_connection_to_sun(rig);

	rig_bring_up(rig);
	connection.peer.key[0]++;
	rig_intend(rig, &connection);
	assert_int_equal(rig_reconcile(rig), 1);
	rig_wait_for_sas(rig, &rig->moon, 0);
	test_wait_for(&rig->wait, 3000);
	rig_look(rig, &rig->moon);
	assert_int_equal(rig->moon.sas, 0);
	assert_int_equal(rig->moon.names, 1);
}

static void killed_charon_is_replaced(void **state)
{
	struct rig *rig = *state;
	pid_t pid;

	rig_bring_up(rig);
	pid = rig_charon_of_moon(rig);
	rig->dirty = 0;
	assert_int_equal(child_signal(pid, SIGKILL), 0);
	test_wait_until(&rig->wait, &rig->dirty, 1);
	assert_int_equal(rig_charon_of_moon(rig), 0);
	assert_int_equal(rig_reconcile(rig), 2);
	assert_int_not_equal(rig_charon_of_moon(rig), pid);
	test_wait_until(&rig->wait, &rig->moon.connected, 2);
	rig_wait_for_sas(rig, &rig->moon, 1);
	assert_int_equal(rig->moon.names, 1);
	assert_int_equal(rig_reconcile(rig), 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)
	static const struct CMUnitTest tests[] = {
		CASE(start_that_nobody_wants_any_more_comes_to_its_end),
		CASE(connection_is_loaded_and_dialled),
		CASE(changed_connection_takes_the_place_of_the_former),
		CASE(deleted_connection_takes_its_sas_with_it),
		CASE(next_daemon_takes_all_over),
		CASE(next_daemon_deletes_what_is_not_intended),
		CASE(sa_without_connection_is_ended),
		CASE(sa_of_a_former_key_is_ended),
		CASE(killed_charon_is_replaced),
	};
#undef CASE
	int result = rig_cannot_run();

	return result ? result : cmocka_run_group_tests(tests, NULL, NULL);
}
