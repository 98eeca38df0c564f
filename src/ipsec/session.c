// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/session.h"

#include "base/memory.h"
#include "ipsec/identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sessions_done(struct sessions *sessions)
{
	free(sessions->items);
	*sessions = (struct sessions) { 0 };
}

static int compare_links(const void *a, const void *b)
{
	const struct session *left = a, *right = b;

	return strcmp(left->connection.link, right->connection.link);
}

static int compare_with_link(const void *link, const void *session)
{
	return strcmp(link, ((const struct session *)session)->connection.link);
}

struct session *sessions_find(const struct sessions *sessions, const char *link)
{
	if (sessions->count == 0)
		return NULL;
	return bsearch(link, sessions->items, sessions->count, sizeof(*sessions->items),
		       compare_with_link);
}

struct session *sessions_find_by_name(const struct sessions *sessions, const char *name)
{
	struct session *session;
	struct ike_name parsed;

	if (!ike_name_parse(name, &parsed))
		return NULL;
	session = sessions_find(sessions, parsed.link);
	if (!session || strcmp(session->name.authentication, parsed.authentication) != 0)
		return NULL;
	return session;
}

enum dial_role session_role(const struct session *session)
{
	const struct ike_connection *connection = &session->connection;
	uint8_t own[IKE_IDENTITY_SIZE], peer[IKE_IDENTITY_SIZE];
	size_t own_size =
		ike_identity_make(&connection->own.node, connection->own.serial_number, own);
	size_t peer_size =
		ike_identity_make(&connection->peer.node, connection->peer.serial_number, peer);
	bool knows_peer = ip_address_present(&connection->peer_address);

	if (session->has_leftovers && (knows_peer || ip_address_present(&session->seen.address)))
		return DIAL_FIRST;
	return dial_role_of(own, (unsigned)own_size, peer, (unsigned)peer_size, knows_peer,
			    connection->is_dialled);
}

void session_see(struct session *session, const struct ike_sa *sa)
{
	if (!ip_address_present(&session->connection.peer_address))
		session->seen = sa->remote;
}

bool session_lose_sight(struct session *session)
{
	if (session->dial.state == DIAL_UP || session->dial.failures == 0 ||
	    !ip_address_present(&session->seen.address))
		return false;
	session->seen = (struct ip_endpoint) { 0 };
	return true;
}

static void set_name(struct session *session, const struct ike_offer *offer)
{
	ike_name_make(&session->connection, offer, &session->name);
	ike_name_format(&session->name, session->text);
}

void sessions_set_offer(struct sessions *sessions, const struct ike_offer *offer)
{
	if (ike_offer_equal(&sessions->offer, offer))
		return;
	sessions->offer = *offer;
	for (size_t i = 0; i < sessions->count; i++) {
		set_name(&sessions->items[i], offer);
		sessions->items[i].is_loaded = false;
	}
}

bool session_is_of(const struct session *session, const struct object *object)
{
	const struct object known = { .kind = OBJECT_IKE_CONNECTION,
				      .ike_connection = session->connection };

	return object_spec_equal(&known, object);
}

static void set_connection(struct session *session, const struct object *object,
			   const struct ike_offer *offer)
{
	session->connection = object->ike_connection;
	session->seen = (struct ip_endpoint) { 0 };
	set_name(session, offer);
}

static void follow(struct sessions *sessions, size_t known, const struct object *object,
		   uint64_t now_usec, uint32_t random)
{
	const struct sessions sorted = { .items = sessions->items, .count = known };
	struct session *session = sessions_find(&sorted, object->ike_connection.link);

	if (!session) {
		session = ARRAY_APPEND(sessions->items, sessions->count);
		set_connection(session, object, &sessions->offer);
		dial_init(&session->dial, session_role(session), now_usec, random);
	} else if (!session_is_of(session, object)) {
		set_connection(session, object, &sessions->offer);
		session->is_loaded = false;
		session->trouble[0] = '\0';
		dial_set_role(&session->dial, session_role(session), now_usec, random);
		/* What has failed so far may be well now. */
		if (session->dial.state != DIAL_UP)
			dial_reset(&session->dial, now_usec, random);
	}
	session->is_still_intended = true;
}

void sessions_follow(struct sessions *sessions, const struct state *intended, uint64_t now_usec,
		     uint32_t random)
{
	size_t known = sessions->count, kept = 0;

	for (size_t i = 0; i < known; i++)
		sessions->items[i].is_still_intended = false;
	STATE_FOR_EACH(intended, OBJECT_IKE_CONNECTION, object)
	follow(sessions, known, object, now_usec, random);
	for (size_t i = 0; i < sessions->count; i++)
		if (sessions->items[i].is_still_intended)
			sessions->items[kept++] = sessions->items[i];
	sessions->count = kept;
	if (kept)
		qsort(sessions->items, kept, sizeof(*sessions->items), compare_links);
}

void sa_list_done(struct sa_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		ike_sa_done(&list->items[i]);
	free(list->items);
	*list = (struct sa_list) { 0 };
}

static int compare_connections(const void *a, const void *b)
{
	const struct ike_sa *left = a, *right = b;
	int order = strcmp(left->connection, right->connection);

	if (order)
		return order;
	return left->unique_id < right->unique_id ? -1 : left->unique_id > right->unique_id;
}

void sa_list_sort(struct sa_list *list)
{
	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items), compare_connections);
}

/* The part of a session's name that all its SAs have in common, whatever else has changed. */
static size_t prefix_length(const struct session *session)
{
	return strlen(session->text) - IKE_NAME_DIGEST_DIGITS;
}

const struct ike_sa *sa_list_of(const struct sa_list *list, const struct session *session,
				size_t *ret_count)
{
	size_t length = prefix_length(session), low = 0, high = list->count, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strncmp(list->items[middle].connection, session->text, length) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < list->count; end++)
		if (strncmp(list->items[end].connection, session->text, length) != 0)
			break;
	*ret_count = end - low;
	return list->items ? list->items + low : NULL;
}
