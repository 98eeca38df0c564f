/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "babel/grants.h"

/*
 * Who announces what the registry does not grant, for status and for the log. babeld's filters
 * refuse it in silence, so this looks at the same packets. Nothing is decided here: what the audit
 * misses, the filters have refused all the same.
 *
 * Pure but for its memory, which is bounded: by the number of tunnels, and per neighbour by a few
 * findings and a bit map of AUDIT_BITMAP_BITS.
 *
 * A registry reaches the nodes of a mesh one after the other, over minutes. Whatever a neighbour
 * that has the next one already announces in all honesty is noted at once, but is a problem only
 * when it lasts.
 */
#define AUDIT_PREFIXES_MAX 10000	  /* distinct ones that a neighbour may not announce */
#define AUDIT_PACKETS_PER_SECOND_MAX 1000 /* from one neighbour */
#define AUDIT_PACKETS_PER_SECOND_FEW 50	  /* no flood, on any machine */
#define AUDIT_BITMAP_BITS 32768
#define AUDIT_SAMPLES 4

#define AUDIT_FORGET_USEC (60 * 1000000ull)	 /* after the last time, at least */
#define AUDIT_FORGET_MAX_USEC (600 * 1000000ull) /* routes with a long life are kept in mind */
#define AUDIT_SOON_USEC (15 * 1000000ull)
#define AUDIT_LATE_USEC (300 * 1000000ull) /* what the next registry may explain */
#define AUDIT_REPEAT_USEC (600 * 1000000ull)

enum audit_kind {
	AUDIT_DEFAULT_ROUTE,
	AUDIT_UNGRANTED,
	AUDIT_PART,
	AUDIT_WRONG_ORIGIN,
	AUDIT_UNKNOWN_ORIGIN,
	AUDIT_TRANSIT,
	AUDIT_SOURCE_SPECIFIC,
	AUDIT_TOO_MANY,	 /* more than AUDIT_PREFIXES_MAX */
	AUDIT_FLOOD,	 /* more than AUDIT_PACKETS_PER_SECOND_MAX, or than can be looked at */
	AUDIT_MALFORMED, /* packets that break the rules of RFC 8966 */
};
#define AUDIT_KINDS (AUDIT_MALFORMED + 1)

const char *audit_kind_name(enum audit_kind kind); /* "default-route"; stable, for scripts */

/* What somebody announced, and whom it offends. */
struct audit_sample {
	struct ip_prefix prefix;
	struct ip_prefix source;
	uint8_t router_id[BABEL_ROUTER_ID_SIZE];
	bool has_grant;
	struct grant grant;
};

/* All offences of one kind of one node. */
struct audit_finding {
	uint8_t router_id[BABEL_ROUTER_ID_SIZE]; /* of that node */
	char link[IFNAME_SIZE];			 /* where it was heard last */
	enum audit_kind kind;
	uint64_t count; /* updates, or packets where it is about these */
	uint64_t first_usec, last_usec, until_usec, told_usec;
	bool is_problem;
	struct audit_sample samples[AUDIT_SAMPLES]; /* the newest first */
	unsigned samples_count;
};

/* How a node is called. */
struct audit_name {
	uint8_t router_id[BABEL_ROUTER_ID_SIZE];
	char name[NODE_ID_TEXT_SIZE];
};

enum audit_event {
	AUDIT_BEGAN, /* it has become a problem */
	AUDIT_LASTS, /* it still is one; every AUDIT_REPEAT_USEC */
	AUDIT_ENDED,
};
typedef void audit_tell_fn(void *userdata, enum audit_event event,
			   const struct audit_finding *finding);

struct audit;

/* @seed: unknown to others, so that nobody chooses prefixes that are counted as one. */
struct audit *audit_new(uint64_t seed, audit_tell_fn *tell, void *userdata);
void audit_free(struct audit *audit);
CLEANUP_DEFINE(struct audit *, audit_free);

/*
 * Judge by @policy from now on, and by its light what was found already. @names: of all nodes, in
 * any order; copied.
 */
void audit_set_policy(struct audit *audit, const struct babel_policy *policy,
		      const uint8_t own_id[BABEL_ROUTER_ID_SIZE], const struct audit_name *names,
		      size_t names_count, uint64_t now_usec);

/* The payload of a UDP datagram from @link. Those from interfaces that are no tunnels are ignored.
 */
void audit_packet(struct audit *audit, const char *link, const void *bytes, size_t size,
		  uint64_t now_usec);

/*
 * There are more packets than can be looked at in this second. Who has sent more than half of those
 * that were, and more than AUDIT_PACKETS_PER_SECOND_FEW, sends too many. If nobody has, this
 * machine is slow.
 */
void audit_overrun(struct audit *audit, uint64_t now_usec);

/* Tell what is due and forget what is over. Returns when to call again; UINT64_MAX: not needed. */
uint64_t audit_tick(struct audit *audit, uint64_t now_usec);

/*
 * Is a route to @prefix over @link refused, whatever its origin? For routing daemons that show what
 * their filters refuse.
 */
bool audit_refuses(const struct audit *audit, const char *link, const struct ip_prefix *prefix);

/* One finding after the other, by node and kind; NULL behind the last. */
const struct audit_finding *audit_finding(const struct audit *audit, size_t index);

/* Distinct prefixes that this node may not announce, within two percent; since its first finding.
 */
uint64_t audit_prefixes(const struct audit *audit, const struct audit_finding *finding);

/* "example2/earth"; NULL if the registry has no node with that router-id. */
const char *audit_name(const struct audit *audit, const uint8_t router_id[BABEL_ROUTER_ID_SIZE]);

/* What comes after the node's name: "announces 0.0.0.0/0, which the registry gives to nobody:
 * refused" */
#define AUDIT_TEXT_SIZE 384
const char *audit_format(const struct audit *audit, const struct audit_finding *finding,
			 char buffer[AUDIT_TEXT_SIZE]);
