// SPDX-License-Identifier: GPL-2.0-or-later
/* Post-quantum pre-shared keys (RFC 8784) between two real charons. */
#include "ipsec/ask.h"
#include "ipsec/status.h"
#include "ipsec/test_rig.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A key of the secret @secret on that day; in lower case: in another mesh, of which ids do not
 * tell. */
static struct ike_ppk ppk_of(char secret, unsigned epoch)
{
	struct ike_ppk ppk = { 0 };

	(void)snprintf(ppk.id, sizeof(ppk.id), IKE_PPK_ID_PREFIX "%c-%u", toupper(secret), epoch);
	memset(ppk.key, secret ^ (int)epoch, sizeof(ppk.key));
	return ppk;
}

/* Of three days. */
static void tell_sun_ppks(struct rig *rig, char secret, unsigned epoch)
{
	for (unsigned i = 0; i < 3; i++) {
		struct ike_ppk ppk = ppk_of(secret, epoch - 1 + i);

		rig_give_sun(rig, &ppk);
	}
}

/* The same with the keys of three days, of which that of @epoch is offered. */
static void intend_with_ppks(struct rig *rig, enum ike_ppk_use use, char secret, unsigned epoch)
{
	struct ike_connection connection = rig_connection_to_sun(rig);

	connection.ppk = use;
	rig_intend(rig, &connection);
	for (unsigned i = 0; i < 3; i++) {
		struct object object = { .kind = OBJECT_IKE_PPK,
					 .ike_ppk = ppk_of(secret, epoch - 1 + i) };

		object.ike_ppk.is_offered = i == 1;
		assert_int_equal(state_add(rig->intended, &object), 0);
	}
	ipsec_set_intended(rig->ipsec, rig->intended);
}

#define EPOCH 20778

static void bring_up_with_ppks(struct rig *rig, enum ike_ppk_use use, char secret)
{
	intend_with_ppks(rig, use, secret, EPOCH);
	assert_int_equal(rig_reconcile(rig), 5);
	rig_look_at_moon(rig);
}

static void wait_for_sas_with_ppk(struct rig *rig)
{
	rig_wait_for_sas(rig, &rig->moon, 1);
	rig_wait_for_sas(rig, &rig->sun, 1);
	assert_true(rig->moon.has_ppk);
	assert_true(rig->sun.has_ppk);
}

/* Until status says so. */
static void wait_for_trouble(struct rig *rig, const char *part)
{
	struct ipsec_tunnel_status status = { .trouble = "" };

	for (unsigned waited = 0; waited < RIG_WAIT_MS; waited += RIG_POLL_MS) {
		assert_true(ipsec_tunnel_status(rig->ipsec, RIG_LINK, &status));
		if (strstr(status.trouble, part))
			return;
		test_wait_for(&rig->wait, RIG_POLL_MS);
	}
	fail_msg("\"%s\", expected \"%s\"", status.trouble, part);
}

static void same_secret_gives_an_sa_with_ppk(void **state)
{
	struct rig *rig = *state;

	tell_sun_ppks(rig, 'A', EPOCH);
	rig_tell_sun(rig, IKE_PPK_REQUIRED);
	bring_up_with_ppks(rig, IKE_PPK_REQUIRED, 'A');
	wait_for_sas_with_ppk(rig);
	assert_int_equal(rig_reconcile(rig), 0);
}

static void other_secret_is_refused_if_it_is_required(void **state)
{
	struct rig *rig = *state;

	tell_sun_ppks(rig, 'B', EPOCH);
	rig_tell_sun(rig, IKE_PPK_REQUIRED);
	bring_up_with_ppks(rig, IKE_PPK_REQUIRED, 'A');
	wait_for_trouble(rig, "peer refuses our key, identity, or PPK: ");
	rig_look(rig, &rig->moon);
	assert_int_equal(rig->moon.sas, 0);
}

static void peer_without_secret_is_refused_if_it_is_required(void **state)
{
	struct rig *rig = *state;

	bring_up_with_ppks(rig, IKE_PPK_REQUIRED, 'A');
	wait_for_trouble(rig, "peer has no PPK, which is required here");
	rig_look(rig, &rig->moon);
	assert_int_equal(rig->moon.sas, 0);
}

static void other_secret_gives_an_sa_without_ppk_if_none_is_required(void **state)
{
	struct rig *rig = *state;

	tell_sun_ppks(rig, 'B', EPOCH);
	rig_tell_sun(rig, IKE_PPK_OFFERED);
	bring_up_with_ppks(rig, IKE_PPK_OFFERED, 'A');
	rig_wait_for_sas(rig, &rig->moon, 1);
	rig_wait_for_sas(rig, &rig->sun, 1);
	assert_false(rig->moon.has_ppk);
	assert_false(rig->sun.has_ppk);
}

static void end_sa_of_moon(struct rig *rig)
{
	rig->moon.looked_for = rig->moon.sa_id;
	assert_int_equal(ask_terminate(rig->moon.client, rig->moon.sa_id, false), 0);
	do {
		test_wait_for(&rig->wait, RIG_POLL_MS);
		rig_look(rig, &rig->moon);
	} while (rig->moon.is_found);
}

/* And who dials on the new day reaches a peer on which it is yesterday. */
static void new_epoch_leaves_sas_and_connections_alone(void **state)
{
	struct rig *rig = *state;
	char name[IKE_NAME_SIZE];
	uint32_t before;

	tell_sun_ppks(rig, 'A', EPOCH);
	rig_tell_sun(rig, IKE_PPK_REQUIRED);
	bring_up_with_ppks(rig, IKE_PPK_REQUIRED, 'A');
	wait_for_sas_with_ppk(rig);
	before = rig->moon.sa_id;
	memcpy(name, rig->moon.name, sizeof(name));

	intend_with_ppks(rig, IKE_PPK_REQUIRED, 'A', EPOCH + 1);
	assert_int_equal(rig_reconcile(rig), 2); /* tomorrow's new one, and the oldest */
	assert_int_equal(rig_reconcile(rig), 0);
	rig->moon.looked_for = before;
	rig_look(rig, &rig->moon);
	assert_true(rig->moon.is_found);
	assert_string_equal(rig->moon.name, name);

	end_sa_of_moon(rig);
	wait_for_sas_with_ppk(rig);
	assert_int_not_equal(rig->moon.sa_id, before);
}

static void sa_without_ppk_ends_when_it_is_required(void **state)
{
	struct rig *rig = *state;
	uint32_t before;

	bring_up_with_ppks(rig, IKE_PPK_OFFERED, 'A');
	rig_wait_for_sas(rig, &rig->moon, 1);
	assert_false(rig->moon.has_ppk);
	before = rig->moon.sa_id;
	tell_sun_ppks(rig, 'A', EPOCH);
	intend_with_ppks(rig, IKE_PPK_REQUIRED, 'A', EPOCH);
	assert_int_equal(rig_reconcile(rig), 1);
	rig->moon.looked_for = before;
	do {
		test_wait_for(&rig->wait, RIG_POLL_MS);
		rig_look(rig, &rig->moon);
	} while (rig->moon.is_found);
	wait_for_sas_with_ppk(rig);
}

static void next_daemon_knows_the_keys_that_are_there(void **state)
{
	struct rig *rig = *state;
	uint32_t sa;

	tell_sun_ppks(rig, 'A', EPOCH);
	bring_up_with_ppks(rig, IKE_PPK_REQUIRED, 'A');
	wait_for_sas_with_ppk(rig);
	sa = rig->moon.sa_id;
	rig_begin_anew(rig);
	/* On the day after: one is missing, and one too many. */
	intend_with_ppks(rig, IKE_PPK_REQUIRED, 'A', EPOCH + 1);
	assert_int_equal(rig_reconcile(rig), 2);
	assert_int_equal(rig_reconcile(rig), 0);
	rig->moon.looked_for = sa;
	rig_look(rig, &rig->moon);
	assert_true(rig->moon.is_found);
}

static void another_key_of_the_same_id_is_replaced(void **state)
{
	struct rig *rig = *state;

	tell_sun_ppks(rig, 'A', EPOCH);
	rig_tell_sun(rig, IKE_PPK_REQUIRED);
	bring_up_with_ppks(rig, IKE_PPK_REQUIRED, 'A');
	wait_for_sas_with_ppk(rig);
	intend_with_ppks(rig, IKE_PPK_REQUIRED, 'a', EPOCH);
	assert_int_equal(rig_reconcile(rig), 3);
	assert_int_equal(rig_reconcile(rig), 0);
	rig_begin_anew(rig);
	intend_with_ppks(rig, IKE_PPK_REQUIRED, 'A', EPOCH);
	assert_int_equal(rig_reconcile(rig), 3);
	assert_int_equal(rig_reconcile(rig), 0);
	end_sa_of_moon(rig);
	wait_for_sas_with_ppk(rig);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)
	static const struct CMUnitTest tests[] = {
		CASE(same_secret_gives_an_sa_with_ppk),
		CASE(other_secret_is_refused_if_it_is_required),
		CASE(peer_without_secret_is_refused_if_it_is_required),
		CASE(other_secret_gives_an_sa_without_ppk_if_none_is_required),
		CASE(new_epoch_leaves_sas_and_connections_alone),
		CASE(sa_without_ppk_ends_when_it_is_required),
		CASE(next_daemon_knows_the_keys_that_are_there),
		CASE(another_key_of_the_same_id_is_replaced),
	};
#undef CASE
	int result = rig_cannot_run();

	return result ? result : cmocka_run_group_tests(tests, NULL, NULL);
}
