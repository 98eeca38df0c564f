/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/state.h"
#include "ipsec/connection.h"
#include "ipsec/dial.h"
#include "ipsec/sa.h"
#include "ipsec/trouble.h"

/*
 * What we keep of each connection: as it is intended, and what has become of it. Pure.
 */
struct session {
	struct ike_connection connection;
	struct ike_name name;
	char text[IKE_NAME_SIZE]; /* of the name */
	struct dial dial;
	/* charon has been told of it, under this name. Nothing is dialled before. */
	bool is_loaded;
	/* A former charon's SAs of it are in the kernel, or are lost with it: whoever should dial,
	 * the peer thinks it has us. */
	bool has_leftovers;
	uint64_t established_usec; /* when it had an established IKE_SA last; 0: never */
	/*
	 * Where a peer whose address is not known has come from, so that it can be dialled when
	 * charon has lost it: the way through its NAT is open. Absent: it was not here, or did not
	 * answer there.
	 */
	struct ip_endpoint seen;
	char trouble[TROUBLE_TEXT_SIZE]; /* why it is not up; "" if that is not known */
	bool is_still_intended;		 /* for sessions_follow() */
};

struct sessions {
	struct ike_offer offer; /* what charon is told to offer for all */
	struct session *items;	/* sorted by the link's name */
	size_t count;
};

void sessions_done(struct sessions *sessions);

/* Add those that @intended has, change those that are others now, and forget the rest. */
void sessions_follow(struct sessions *sessions, const struct state *intended, uint64_t now_usec,
		     uint32_t random);

/* Another charon has other algorithms: all have another name then, and have to be loaded again. */
void sessions_set_offer(struct sessions *sessions, const struct ike_offer *offer);

/* Is @session as @object, an IKE connection, says? */
bool session_is_of(const struct session *session, const struct object *object);

struct session *sessions_find(const struct sessions *sessions, const char *link);

/*
 * The session that an SA or a connection of charon, called @name, belongs to: that of its link, if
 * keys and identities are the same. NULL if there is none, or it is not one of ours at all.
 */
struct session *sessions_find_by_name(const struct sessions *sessions, const char *name);

/* Whose turn it is, by identities, addresses and leftovers. */
enum dial_role session_role(const struct session *session);

/* @sa is one of the session's, and carries: note where the peer is. */
void session_see(struct session *session, const struct ike_sa *sa);

/* A dial has failed: where the peer was seen it is no more. False if it was not dialled there. */
bool session_lose_sight(struct session *session);

/* All SAs of charon at one time, sorted by connection; those of one session side by side. */
struct sa_list {
	struct ike_sa *items;
	size_t count;
};

void sa_list_done(struct sa_list *list);
void sa_list_sort(struct sa_list *list);

/* Those of @session; borrowed. Without any *ret_count is 0. */
const struct ike_sa *sa_list_of(const struct sa_list *list, const struct session *session,
				size_t *ret_count);
