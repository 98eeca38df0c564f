// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/session.h"

#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#define SECOND UINT64_C(1000000)
#define START (1000 * SECOND)
#define MIDDLE 512 /* nearly no jitter */

/* Of moon, through @link, to @peer at 192.0.2.2; both know the other's address. */
static struct ike_connection connection_to(const char *peer, const char *link)
{
	struct ike_connection connection = {
		.if_id = 42,
		.own = { { "home", "moon" }, 0, { 1 } },
		.peer = { { "home", "" }, 0, { 2 } },
		.family = AF_INET,
		.port = 12025,
		.peer_port = 12025,
		.is_dialled = true,
	};

	(void)snprintf(connection.link, sizeof(connection.link), "%s", link);
	(void)snprintf(connection.peer.node.common_name, NAME_SIZE, "%s", peer);
	assert_int_equal(ip_address_parse("192.0.2.2", &connection.peer_address), 0);
	return connection;
}

static void add(struct state *state, const struct ike_connection *connection)
{
	const struct object object = { .kind = OBJECT_IKE_CONNECTION,
				       .ike_connection = *connection };

	assert_int_equal(state_add(state, &object), 0);
}

/* One connection is all that there is. */
static struct session *follow_one(struct sessions *sessions,
				  const struct ike_connection *connection, uint64_t now_usec)
{
	CLEANUP(state_free) struct state *intended = state_new();

	add(intended, connection);
	sessions_follow(sessions, intended, now_usec, MIDDLE);
	assert_int_equal(sessions->count, 1);
	return &sessions->items[0];
}

static void make_up(struct session *session)
{
	session->is_loaded = true;
	dial_see(&session->dial, true, START, MIDDLE);
	assert_int_equal(session->dial.state, DIAL_UP);
}

static void sessions_are_added_and_forgotten(void **state)
{
	CLEANUP(state_free) struct state *intended = state_new();
	CLEANUP(state_free) struct state *less = state_new();
	struct ike_connection venus = connection_to("venus", "arvenus");
	struct ike_connection sun = connection_to("sun", "arsun");
	struct ike_connection earth = connection_to("earth", "arearth");
	struct sessions sessions = { 0 };

	(void)state;
	assert_null(sessions_find(&sessions, "arsun"));
	add(intended, &venus);
	add(intended, &sun);
	add(intended, &earth);
	sessions_follow(&sessions, intended, START, MIDDLE);
	assert_int_equal(sessions.count, 3);
	assert_string_equal(sessions_find(&sessions, "arsun")->connection.peer.node.common_name,
			    "sun");
	assert_null(sessions_find(&sessions, "arsu"));
	add(less, &venus);
	add(less, &earth);
	sessions_follow(&sessions, less, START, MIDDLE);
	assert_int_equal(sessions.count, 2);
	assert_null(sessions_find(&sessions, "arsun"));
	assert_non_null(sessions_find(&sessions, "arvenus"));
	assert_non_null(sessions_find(&sessions, "arearth"));
	sessions_done(&sessions);
	assert_null(sessions_find(&sessions, "arearth"));
}

static void what_is_the_same_goes_on(void **state)
{
	struct ike_connection connection = connection_to("sun", "arsun");
	struct sessions sessions = { 0 };

	(void)state;
	make_up(follow_one(&sessions, &connection, START));
	(void)snprintf(sessions.items[0].trouble, TROUBLE_TEXT_SIZE, "some");
	assert_int_equal(follow_one(&sessions, &connection, START + SECOND)->dial.state, DIAL_UP);
	assert_true(sessions.items[0].is_loaded);
	assert_string_equal(sessions.items[0].trouble, "some");
	sessions_done(&sessions);
}

/* Its SAs stay as they are, and charon has to be told. */
static void one_that_is_up_stays_up_when_it_changes(void **state)
{
	struct ike_connection connection = connection_to("sun", "arsun");
	struct sessions sessions = { 0 };
	char before[IKE_NAME_SIZE];
	struct session *session;

	(void)state;
	make_up(follow_one(&sessions, &connection, START));
	memcpy(before, sessions.items[0].text, sizeof(before));
	connection.peer_port = 12026;
	session = follow_one(&sessions, &connection, START + SECOND);
	assert_int_equal(session->dial.state, DIAL_UP);
	assert_false(session->is_loaded);
	assert_string_not_equal(session->text, before);
	assert_ptr_equal(sessions_find_by_name(&sessions, before), session);
	sessions_done(&sessions);
}

static void one_that_has_failed_begins_anew_when_it_changes(void **state)
{
	struct ike_connection connection = connection_to("over", "arover");
	struct sessions sessions = { 0 };
	struct session *session = follow_one(&sessions, &connection, START);

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		(void)dial_tick(&session->dial, session->dial.due_usec, MIDDLE);
		dial_refused(&session->dial, session->dial.since_usec + SECOND, MIDDLE);
	}
	(void)snprintf(session->trouble, TROUBLE_TEXT_SIZE, "refused");
	assert_true(session->dial.due_usec > session->dial.since_usec + 20 * SECOND);
	connection.peer.key[0]++;
	session = follow_one(&sessions, &connection, START + 500 * SECOND);
	assert_string_equal(session->trouble, "");
	assert_int_equal(session->dial.failures, 0);
	assert_true(session->dial.due_usec <= START + 501 * SECOND);
	sessions_done(&sessions);
}

/* Neither key nor identity are those of who has been let in. */
static void sas_of_a_former_key_are_of_nobody(void **state)
{
	struct ike_connection connection = connection_to("sun", "arsun");
	struct sessions sessions = { 0 };
	char before[IKE_NAME_SIZE];

	(void)state;
	memcpy(before, follow_one(&sessions, &connection, START)->text, sizeof(before));
	connection.peer.key[0]++;
	(void)follow_one(&sessions, &connection, START);
	assert_null(sessions_find_by_name(&sessions, before));
	connection.peer.key[0]--;
	connection.peer.serial_number++;
	(void)follow_one(&sessions, &connection, START);
	assert_null(sessions_find_by_name(&sessions, before));
	connection.peer.serial_number--;
	(void)follow_one(&sessions, &connection, START);
	assert_non_null(sessions_find_by_name(&sessions, before));
	assert_null(sessions_find_by_name(&sessions, "somebody's"));
	assert_null(sessions_find_by_name(&sessions, "(unnamed)"));
	sessions_done(&sessions);
}

/* "moon" is between the two. */
static void role_follows_from_identities_and_addresses(void **state)
{
	static const struct {
		const char *peer;
		bool knows_peer, is_dialled, has_leftovers;
		enum dial_role role;
	} cases[] = {
		{ "over", true, true, false, DIAL_FIRST },
		{ "left", true, true, false, DIAL_BACKUP },
		{ "over", true, false, false, DIAL_FIRST },
		{ "left", true, false, false, DIAL_FIRST },
		{ "over", false, true, false, DIAL_NEVER },
		{ "left", false, true, false, DIAL_NEVER },
		{ "left", false, false, false, DIAL_NEVER },
		/* The peer believes that it has us. */
		{ "left", true, true, true, DIAL_FIRST },
		{ "over", true, true, true, DIAL_FIRST },
		{ "left", false, true, true, DIAL_NEVER },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct session session = { .connection = connection_to(cases[i].peer, "arpeer"),
					   .has_leftovers = cases[i].has_leftovers };

		if (!cases[i].knows_peer)
			session.connection.peer_address = (struct ip_address) { 0 };
		session.connection.is_dialled = cases[i].is_dialled;
		if (session_role(&session) != cases[i].role)
			fail_msg("case %zu: %d", i, (int)session_role(&session));
	}
}

/* Its NAT lets through what comes from us; it does not know that our charon has ended. */
static void peer_is_dialled_where_it_was_seen_until_that_fails(void **state)
{
	struct ike_connection connection = connection_to("left", "arleft");
	struct sessions sessions = { 0 };
	struct session *session;
	struct ike_sa sa = { .remote.port = 40001 };

	(void)state;
	assert_int_equal(ip_address_parse("203.0.113.2", &sa.remote.address), 0);
	connection.peer_address = (struct ip_address) { 0 };
	session = follow_one(&sessions, &connection, START);
	session_see(session, &sa);
	assert_int_equal(session_role(session), DIAL_NEVER);
	session->has_leftovers = true;
	assert_int_equal(session_role(session), DIAL_FIRST);
	assert_false(session_lose_sight(session));
	dial_set_role(&session->dial, DIAL_FIRST, START, MIDDLE);
	assert_int_equal(dial_tick(&session->dial, START, MIDDLE), DIAL_DO_INITIATE);
	dial_refused(&session->dial, START + SECOND, MIDDLE);
	assert_true(session_lose_sight(session));
	assert_int_equal(session_role(session), DIAL_NEVER);
	assert_false(session_lose_sight(session));
	/* It was up for a moment only before it was up for good, which counts as a failure. */
	dial_see(&session->dial, true, START, MIDDLE);
	dial_see(&session->dial, false, START + SECOND, MIDDLE);
	dial_see(&session->dial, true, START + 2 * SECOND, MIDDLE);
	session_see(session, &sa);
	assert_false(session_lose_sight(session));
	sessions_done(&sessions);
}

/* Both ends come to the same: of two one is the first. */
static void of_two_ends_one_dials_first(void **state)
{
	static const char *const names[] = { "a", "moon", "noon", "moo", "moonlight", "Moon" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct session there = { .connection = connection_to(names[i], "arpeer") };
		struct session back = there;

		if (!strcmp(names[i], "moon")) {
			there.connection.peer.serial_number = 1;
			back = there;
		}
		back.connection.own = there.connection.peer;
		back.connection.peer = there.connection.own;
		assert_true(session_role(&there) != session_role(&back));
	}
}

static void add_sa(struct sa_list *list, const char *connection, uint32_t unique_id)
{
	struct ike_sa *sa = ARRAY_APPEND(list->items, list->count);

	(void)snprintf(sa->connection, sizeof(sa->connection), "%s", connection);
	sa->unique_id = unique_id;
}

static void sas_of_a_session_are_found(void **state)
{
	struct ike_connection sun = connection_to("sun", "arsun");
	struct ike_connection sunny = connection_to("sunny", "arsunny");
	CLEANUP(state_free) struct state *intended = state_new();
	struct sessions sessions = { 0 };
	struct sa_list list = { 0 };
	char before[IKE_NAME_SIZE];
	const struct ike_sa *sas;
	size_t count;

	(void)state;
	memcpy(before, follow_one(&sessions, &sun, START)->text, sizeof(before));
	sun.peer_port = 12026; /* another name, of the same peer */
	add(intended, &sun);
	add(intended, &sunny);
	sessions_follow(&sessions, intended, START, MIDDLE);

	assert_null(sa_list_of(&list, &sessions.items[0], &count));
	assert_int_equal(count, 0);
	add_sa(&list, "zzz", 1);
	add_sa(&list, sessions_find(&sessions, "arsun")->text, 7);
	add_sa(&list, "(unnamed)", 3);
	add_sa(&list, before, 5);
	sa_list_sort(&list);
	(void)sa_list_of(&list, sessions_find(&sessions, "arsunny"), &count);
	assert_int_equal(count, 0);
	sas = sa_list_of(&list, sessions_find(&sessions, "arsun"), &count);
	assert_int_equal(count, 2);
	assert_int_equal(sas[0].unique_id + sas[1].unique_id, 12);
	add_sa(&list, sessions_find(&sessions, "arsunny")->text, 9);
	sa_list_sort(&list);
	sas = sa_list_of(&list, sessions_find(&sessions, "arsunny"), &count);
	assert_int_equal(count, 1);
	assert_int_equal(sas[0].unique_id, 9);
	sa_list_done(&list);
	sessions_done(&sessions);
}

/* What runs goes on; charon has to be told the other name. */
static void other_algorithms_are_another_name_for_all(void **state)
{
	struct ike_connection sun = connection_to("sun", "arsun");
	const struct ike_offer best = { .has_mlkem = true };
	struct sessions sessions = { 0 };
	struct session *session = follow_one(&sessions, &sun, START);
	char before[IKE_NAME_SIZE];

	(void)state;
	make_up(session);
	session->is_loaded = true;
	memcpy(before, session->text, sizeof(before));
	sessions_set_offer(&sessions, &(const struct ike_offer) { 0 });
	assert_true(session->is_loaded);
	sessions_set_offer(&sessions, &best);
	assert_false(session->is_loaded);
	assert_string_not_equal(session->text, before);
	assert_int_equal(session->dial.state, DIAL_UP);
	assert_ptr_equal(sessions_find_by_name(&sessions, before), session);
	memcpy(before, session->text, sizeof(before));
	assert_string_equal(follow_one(&sessions, &sun, START)->text, before);
	sessions_done(&sessions);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sessions_are_added_and_forgotten),
		cmocka_unit_test(what_is_the_same_goes_on),
		cmocka_unit_test(one_that_is_up_stays_up_when_it_changes),
		cmocka_unit_test(one_that_has_failed_begins_anew_when_it_changes),
		cmocka_unit_test(sas_of_a_former_key_are_of_nobody),
		cmocka_unit_test(role_follows_from_identities_and_addresses),
		cmocka_unit_test(peer_is_dialled_where_it_was_seen_until_that_fails),
		cmocka_unit_test(of_two_ends_one_dials_first),
		cmocka_unit_test(sas_of_a_session_are_found),
		cmocka_unit_test(other_algorithms_are_another_name_for_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
