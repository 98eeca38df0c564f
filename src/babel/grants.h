/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "babel/packet.h"
#include "babel/policy.h"

/*
 * Judges what a neighbour announces by the same policy that babeld's filters are made of: what the
 * filters accept is no offence, and what they refuse has a reason here. Pure, and fast enough to be
 * asked a hundred thousand times a second: n log n to make, log n a question.
 */
enum offence {
	OFFENCE_NONE,
	OFFENCE_DEFAULT_ROUTE,	 /* 0.0.0.0/0 or ::/0, and nobody has it */
	OFFENCE_UNGRANTED,	 /* a prefix that nobody has */
	OFFENCE_PART,		 /* a part of a prefix that somebody has */
	OFFENCE_WRONG_ORIGIN,	 /* somebody's prefix, with the router-id of another node */
	OFFENCE_UNKNOWN_ORIGIN,	 /* somebody's prefix, with the router-id of no node */
	OFFENCE_TRANSIT,	 /* all right, but this neighbour may pass nothing on */
	OFFENCE_SOURCE_SPECIFIC, /* a route for certain sources only (RFC 9079) */
};

/* One prefix of one node; its owner is known by router-id. */
struct grant {
	struct ip_prefix prefix;
	uint8_t router_id[BABEL_ROUTER_ID_SIZE];
};

/* A tunnel, and who is at its other end. */
struct grants_link {
	char name[IFNAME_SIZE];
	uint8_t router_id[BABEL_ROUTER_ID_SIZE];
	bool is_limited; /* "accept nothing else on" it */
};

struct grants;

/* @own_id: this node's router-id, with which others pass our own prefixes on. */
struct grants *grants_new(const struct babel_policy *policy,
			  const uint8_t own_id[BABEL_ROUTER_ID_SIZE]);
void grants_free(struct grants *grants);
CLEANUP_DEFINE(struct grants *, grants_free);

/* NULL for an interface that is no tunnel to a node with prefixes. */
const struct grants_link *grants_find_link(const struct grants *grants, const char *name);
size_t grants_links(const struct grants *grants, const struct grants_link **ret);

/*
 * @update is not a retraction. *@ret_grant is set to the grant that it offends, its own or the one
 * around it, or NULL.
 */
enum offence grants_judge(const struct grants *grants, const struct grants_link *link,
			  const struct babel_update *update, const struct grant **ret_grant);

/*
 * May a route to @prefix come from the other end of @link, whosever it is? For those who do not
 * know its origin.
 */
bool grants_allow(const struct grants *grants, const struct grants_link *link,
		  const struct ip_prefix *prefix);
