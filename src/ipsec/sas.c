// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/parts.h"

#include "base/memory.h"
#include "ipsec/reap.h"
#include "ipsec/status.h"
#include "ipsec/trouble.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* After an event: its cause often makes several. */
#define LIST_DELAY_USEC (20 * UINT64_C(1000))
/* Each dial has charon compute keys: so many of them in a second, and no more. */
#define DIAL_PAUSE_USEC (50 * UINT64_C(1000))
/* No charon has more: it would be 80 MB of list. */
#define SAS_MAX 100000

uint64_t ipsec_now(void)
{
	return uv_hrtime() / 1000;
}

uint32_t ipsec_random(void)
{
	uint32_t number = 0;

	(void)!getrandom(&number, sizeof(number), GRND_NONBLOCK);
	return number;
}

static void on_timer(uv_timer_t *timer);

static uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void wake_at(struct ipsec *ipsec, uint64_t at_usec)
{
	uint64_t now = ipsec_now();
	uint64_t wait_ms = at_usec > now ? (at_usec - now + 999) / 1000 : 0;

	if (at_usec == UINT64_MAX)
		(void)uv_timer_stop(&ipsec->timer);
	else if (!uv_is_closing((uv_handle_t *)&ipsec->timer))
		(void)uv_timer_start(&ipsec->timer, on_timer, wait_ms, 0);
}

void ipsec_want_list(struct ipsec *ipsec)
{
	ipsec->list_due_usec = min_u64(ipsec->list_due_usec, ipsec_now() + LIST_DELAY_USEC);
	wake_at(ipsec, ipsec->list_due_usec);
}

void ipsec_forget_sas(struct ipsec *ipsec)
{
	sa_list_done(&ipsec->list);
	sa_list_done(&ipsec->incoming);
	ipsec->is_listing = false;
	for (size_t i = 0; i < ipsec->sessions.count; i++)
		dial_reset(&ipsec->sessions.items[i].dial, ipsec_now(), ipsec_random());
}

static bool is_of_session(const struct ipsec *ipsec, uint32_t if_id)
{
	for (size_t i = 0; i < ipsec->sessions.count; i++)
		if (ipsec->sessions.items[i].connection.if_id == if_id)
			return true;
	return false;
}

static void set_role(struct session *session)
{
	dial_set_role(&session->dial, session_role(session), ipsec_now(), ipsec_random());
}

/*
 * A peer that only dials in will not dial while it believes that its SAs are alive; those that
 * still carry its packets keep it from noticing (dead peer detection is silent while packets come
 * in).
 */
static bool keeps_peer_from_dialling(const struct session *session)
{
	return session->dial.role == DIAL_NEVER;
}

static void delete_leftovers(struct ipsec *ipsec, struct session *session)
{
	size_t kept = 0;

	for (size_t i = 0; i < ipsec->leftovers_count; i++) {
		if (ipsec->leftovers[i].if_id == session->connection.if_id)
			(void)xfrm_state_delete(ipsec->spaces, &ipsec->leftovers[i], NULL);
		else
			ipsec->leftovers[kept++] = ipsec->leftovers[i];
	}
	ipsec->leftovers_count = kept;
	session->has_leftovers = false;
	set_role(session);
}

static bool has_leftovers(const struct ipsec *ipsec, uint32_t if_id)
{
	for (size_t i = 0; i < ipsec->leftovers_count; i++)
		if (ipsec->leftovers[i].if_id == if_id)
			return true;
	return false;
}

void ipsec_suspect_leftovers(struct ipsec *ipsec)
{
	free(TAKE(ipsec->leftovers));
	ipsec->leftovers_count = 0;
	ipsec->are_suspects = xfrm_states_read(ipsec->spaces, &ipsec->leftovers,
					       &ipsec->leftovers_count, NULL) == 0;
}

static bool is_listed(const struct sa_list *list, uint32_t spi)
{
	for (size_t i = 0; i < list->count; i++)
		for (size_t j = 0; j < list->items[i].children_count; j++) {
			const struct child_sa *child = &list->items[i].children[j];

			if (child->spi_in == spi || child->spi_out == spi)
				return true;
		}
	return false;
}

/* What was in the kernel before charon was asked, and is not what it has told of. */
static void find_leftovers(struct ipsec *ipsec)
{
	size_t kept = 0;

	ipsec->are_suspects = false;
	for (size_t i = 0; i < ipsec->leftovers_count; i++) {
		const struct xfrm_state *state = &ipsec->leftovers[i];

		if (state->if_id && is_of_session(ipsec, state->if_id) &&
		    !is_listed(&ipsec->list, state->spi))
			ipsec->leftovers[kept++] = *state;
	}
	ipsec->leftovers_count = kept;
	for (size_t i = 0; i < ipsec->sessions.count; i++) {
		struct session *session = &ipsec->sessions.items[i];

		/* Or was lost with charon: ipsec_dial_after_loss(). */
		session->has_leftovers |= has_leftovers(ipsec, session->connection.if_id);
		set_role(session);
		if (session->has_leftovers && keeps_peer_from_dialling(session))
			delete_leftovers(ipsec, session);
	}
}

static void on_sa(void *userdata, uint64_t id, const struct vici_section *part)
{
	struct ipsec *ipsec = userdata;
	struct vici_section rest = *part, section;
	char connection[VICI_NAME_MAX + 1];
	struct ike_sa sa;

	(void)id;
	while (vici_next_section(&rest, connection, &section))
		if (ipsec->incoming.count < SAS_MAX && ike_sa_read(connection, &section, &sa) == 0)
			*ARRAY_APPEND(ipsec->incoming.items, ipsec->incoming.count) = sa;
}

static void see_session(struct ipsec *ipsec, struct session *session)
{
	size_t count, chosen;
	const struct ike_sa *sas = sa_list_of(&ipsec->list, session, &count);
	CLEANUP(free) uint32_t *surplus = NEW_ARRAY(uint32_t, count);
	bool carries = false;

	for (size_t i = 0; i < count; i++) {
		if (ike_sa_is_established(&sas[i]))
			session->established_usec = ipsec_now();
		if (ike_sa_carries(&sas[i])) {
			carries = true;
			session_see(session, &sas[i]);
		}
	}
	dial_see(&session->dial, carries, ipsec_now(), ipsec_random());
	if (carries)
		session->trouble[0] = '\0';
	if (carries && session->has_leftovers)
		delete_leftovers(ipsec, session);
	chosen = reap_choose(sas, count, session->dial.role == DIAL_FIRST, surplus);
	for (size_t i = 0; i < chosen; i++)
		(void)ask_terminate(ipsec->client, surplus[i], false);
}

/* It was made before PPKs were required. Rekeying does not give it one. */
static bool lacks_ppk(const struct session *session, const struct ike_sa *sa)
{
	return session->connection.ppk == IKE_PPK_REQUIRED && ike_sa_is_established(sa) &&
	       !sa->has_ppk;
}

/* Of connections of ours that are not intended any more, or with keys that have changed since. */
static void end_orphans(struct ipsec *ipsec)
{
	struct ike_name name;

	for (size_t i = 0; i < ipsec->list.count; i++) {
		const struct ike_sa *sa = &ipsec->list.items[i];
		const struct session *session =
			sessions_find_by_name(&ipsec->sessions, sa->connection);

		if (ike_name_parse(sa->connection, &name) && (!session || lacks_ppk(session, sa)))
			(void)ask_terminate(ipsec->client, sa->unique_id, false);
	}
}

static void on_listed(void *userdata, uint64_t id, int result, const struct vici_section *reply,
		      const struct error *error)
{
	struct ipsec *ipsec = userdata;

	(void)id, (void)reply, (void)error;
	ipsec->is_listing = false;
	if (result < 0) {
		sa_list_done(&ipsec->incoming);
		return;
	}
	sa_list_done(&ipsec->list);
	ipsec->list = ipsec->incoming;
	ipsec->incoming = (struct sa_list) { 0 };
	ipsec->listed_usec = ipsec_now();
	sa_list_sort(&ipsec->list);
	if (ipsec->is_followed) {
		end_orphans(ipsec);
		if (ipsec->are_suspects)
			find_leftovers(ipsec);
	}
	for (size_t i = 0; i < ipsec->sessions.count; i++)
		see_session(ipsec, &ipsec->sessions.items[i]);
	wake_at(ipsec, ipsec_now());
}

static void ask_list(struct ipsec *ipsec, uint64_t now_usec)
{
	const struct ask_answer answer = { on_listed, ipsec, 0 };

	ipsec->list_due_usec = now_usec + IPSEC_LIST_INTERVAL_MS * UINT64_C(1000);
	if (ipsec->is_listing) {
		/* What it brings may be older than what it was wanted for. */
		ipsec->list_due_usec = now_usec + LIST_DELAY_USEC;
		return;
	}
	if (ask_sas(ipsec->client, on_sa, answer) == 0)
		ipsec->is_listing = true;
	if (now_usec >= ipsec->audit_due_usec) {
		ipsec->audit_due_usec = now_usec + IPSEC_LIST_INTERVAL_MS * UINT64_C(1000);
		ipsec->kind->audit(ipsec);
	}
}

/* What it has begun leads nowhere. */
static void give_up(struct ipsec *ipsec, struct session *session)
{
	size_t count;
	const struct ike_sa *sas = sa_list_of(&ipsec->list, session, &count);

	for (size_t i = 0; i < count; i++)
		if (!ike_sa_carries(&sas[i]))
			(void)ask_terminate(ipsec->client, sas[i].unique_id, false);
}

/* Others may have taken away what we have told charon: look now, and not when it is time. */
static void suspect_others(struct ipsec *ipsec)
{
	ipsec->audit_due_usec = 0;
	ipsec_want_list(ipsec);
}

static void on_initiated(void *userdata, uint64_t id, int result, const struct vici_section *reply,
			 const struct error *error)
{
	(void)id, (void)reply, (void)error;
	if (result == -EREMOTEIO)
		suspect_others(userdata);
}

/*
 * An IKE_SA keeps the connection that it was begun with, and charon carries out what it is told one
 * after the other: so hints can be there for the dial alone.
 */
static void initiate(struct ipsec *ipsec, const struct session *session)
{
	const struct ike_connection *connection = &session->connection;
	const struct ike_offer *offer = &ipsec->sessions.offer;
	const struct ike_hints hints = {
		.seen = session->seen,
		.ppk_id = ipsec_ppk_to_offer(ipsec, connection),
	};
	bool has_hints = hints.ppk_id || ip_address_present(&hints.seen.address);
	const struct ask_answer answer = { on_initiated, ipsec, 0 }, none = { 0 };

	if (has_hints)
		(void)ask_load_connection(ipsec->client, connection, offer, &hints, none, NULL);
	(void)ask_initiate(ipsec->client, session->text, answer);
	if (has_hints)
		(void)ask_load_connection(ipsec->client, connection, offer, NULL, none, NULL);
}

static uint64_t dial(struct ipsec *ipsec, struct session *session, uint64_t now_usec)
{
	/* As soon as it is otherwise, there is a list. */
	if (!session->is_loaded || ipsec->is_stopping ||
	    ipsec_awaits_ppk(ipsec, &session->connection))
		return UINT64_MAX;
	if (session_lose_sight(session))
		delete_leftovers(ipsec, session);
	if (session->dial.due_usec > now_usec)
		return session->dial.due_usec;
	if (ipsec->dial_after_usec > now_usec)
		return ipsec->dial_after_usec;
	switch (dial_tick(&session->dial, now_usec, ipsec_random())) {
	case DIAL_DO_NOTHING:
		break;
	case DIAL_DO_INITIATE:
		ipsec->dial_after_usec = now_usec + DIAL_PAUSE_USEC;
		initiate(ipsec, session);
		break;
	case DIAL_DO_GIVE_UP:
		give_up(ipsec, session);
		break;
	}
	return session->dial.due_usec;
}

static void on_timer(uv_timer_t *timer)
{
	struct ipsec *ipsec = timer->data;
	uint64_t now = ipsec_now(), next = ipsec_end_mute(ipsec, now);

	if (!vici_client_is_up(ipsec->client)) {
		wake_at(ipsec, next);
		return;
	}
	/* Nobody has a key for it any more; it has started all the same, and the next plan ends it.
	 */
	if (!ipsec->has_daemon)
		ipsec_finish_start(ipsec, 0, NULL);
	if (ipsec->list_due_usec <= now)
		ask_list(ipsec, now);
	next = min_u64(next, ipsec->list_due_usec);
	for (size_t i = 0; i < ipsec->sessions.count; i++)
		next = min_u64(next, dial(ipsec, &ipsec->sessions.items[i], now));
	wake_at(ipsec, next);
}

/* Not of a dial to a former address, which may go on for half a minute under its own name. */
static struct session *find_dialled(const struct ipsec *ipsec, const char *connection)
{
	struct session *session = sessions_find_by_name(&ipsec->sessions, connection);

	return session && !strcmp(session->text, connection) ? session : NULL;
}

static void on_log(struct ipsec *ipsec, const struct vici_section *message)
{
	char name[VICI_NAME_MAX + 1], text[256];
	struct ip_endpoint peer;
	struct session *session;
	struct trouble trouble;

	(void)vici_find_text(message, "ikesa-name", name, sizeof(name));
	session = name[0] ? find_dialled(ipsec, name) : NULL;
	if (!session || session->dial.state == DIAL_UP)
		return;
	(void)vici_find_text(message, "msg", text, sizeof(text));
	if (!trouble_find(text, session->connection.ppk != IKE_PPK_NONE, &trouble))
		return;
	peer.address = session->connection.peer_address;
	peer.port = session->connection.peer_port;
	(void)trouble_format(&trouble, &peer, session->trouble);
	if (!trouble.is_final)
		return;
	dial_refused(&session->dial, ipsec_now(), ipsec_random());
	suspect_others(ipsec);
}

/* charon says "down" of an IKE_SA that never was up: a dial of ours was refused. */
static void see_refusal(struct ipsec *ipsec, const struct vici_section *message)
{
	struct vici_section rest = *message, section;
	char connection[VICI_NAME_MAX + 1], state[SA_STATE_SIZE];
	struct session *session;

	if (vici_is_yes(message, "up"))
		return;
	while (vici_next_section(&rest, connection, &section)) {
		session = find_dialled(ipsec, connection);
		(void)vici_find_text(&section, "state", state, sizeof(state));
		if (session && !strcmp(state, "CONNECTING") && vici_is_yes(&section, "initiator"))
			dial_refused(&session->dial, ipsec_now(), ipsec_random());
	}
}

void ipsec_event(struct ipsec *ipsec, const char *name, const struct vici_section *message)
{
	if (!strcmp(name, "log")) {
		on_log(ipsec, message);
		return;
	}
	if (!strcmp(name, "ike-updown"))
		see_refusal(ipsec, message);
	ipsec_want_list(ipsec);
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct ipsec *ipsec = handle->data;

	sa_list_done(&ipsec->list);
	sa_list_done(&ipsec->incoming);
	sessions_done(&ipsec->sessions);
	free(ipsec->names);
	free(ipsec->ppks);
	free(ipsec->loadings);
	free(ipsec->key_ids);
	free(ipsec->leftovers);
	explicit_bzero(ipsec, sizeof(*ipsec)); /* it holds the private key */
	free(ipsec);
}

void ipsec_open_timer(struct ipsec *ipsec)
{
	(void)uv_timer_init(ipsec->loop, &ipsec->timer);
	ipsec->timer.data = ipsec;
}

void ipsec_close_timer(struct ipsec *ipsec)
{
	uv_close((uv_handle_t *)&ipsec->timer, on_timer_closed);
}

bool ipsec_tunnel_status(const struct ipsec *ipsec, const char *link,
			 struct ipsec_tunnel_status *ret)
{
	const struct session *session = sessions_find(&ipsec->sessions, link);
	uint64_t now = ipsec_now();
	const struct ike_sa *sas;
	size_t count;

	if (!session)
		return false;
	sas = sa_list_of(&ipsec->list, session, &count);
	*ret = (struct ipsec_tunnel_status) {
		.link = session->connection.link,
		.state = session->dial.state,
		.state_age_s = (now - session->dial.since_usec) / 1000000,
		.established_age_s = -1,
		.sas_count = count,
		.list_age_s = ipsec->listed_usec ? (now - ipsec->listed_usec) / 1000000 : 0,
		.trouble = session->trouble,
	};
	if (session->established_usec)
		ret->established_age_s = (int64_t)((now - session->established_usec) / 1000000);
	for (size_t i = 0; i < count; i++)
		if (!ret->sa || (ike_sa_carries(&sas[i]) &&
				 (!ike_sa_carries(ret->sa) || sas[i].age_s < ret->sa->age_s)))
			ret->sa = &sas[i];
	for (size_t i = 0; ret->sa && i < ret->sa->children_count; i++)
		if (child_sa_carries(&ret->sa->children[i]))
			ret->child = &ret->sa->children[i];
	return true;
}
