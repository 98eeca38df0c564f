/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"
#include "base/ip.h"
#include "core/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a node announces and what it accepts from whom, in words that know no routing daemon: the
 * body of the speaker object. One rule a line, sorted, so that equal policies are equal texts:
 *
 *	announce 192.168.128.0/24
 *	announce nothing else
 *	accept 192.168.129.0/24 from 000000005bc0b589 on arlwabvlup2v
 *	accept nothing else on arlwabvlup2v
 *	accept 192.168.129.0/24 from 000000005bc0b589
 *
 * The first rule that fits decides. "from" is the router-id of the node that owns the prefix. With
 * "on" the route is accepted from that very node over its tunnel; without, also through others, at
 * a cost of BABEL_TRANSIT_COST. What no rule names is refused, more specific prefixes included.
 *
 * "nothing else" is what `"transit": false` means (registry specification, section 6.3): this node
 * does not pass on what it hears from others, and a neighbour of that kind is heard about itself
 * only.
 */
#define BABEL_ROUTER_ID_SIZE 8
#define BABEL_ROUTER_ID_TEXT_SIZE (2 * BABEL_ROUTER_ID_SIZE + 1)

/* By how much a way through another node must be better than the direct tunnel. */
#define BABEL_TRANSIT_COST 64

/* All prefixes of a full registry of typical nodes; each is a filter that babeld walks through. */
#define BABEL_RULES_MAX 1000000

enum babel_rule_type {
	BABEL_RULE_ANNOUNCE,
	BABEL_RULE_ANNOUNCE_ONLY, /* "announce nothing else" */
	BABEL_RULE_ACCEPT_DIRECT,
	BABEL_RULE_ACCEPT_ONLY, /* "accept nothing else on LINK" */
	BABEL_RULE_ACCEPT_TRANSIT,
};

struct babel_rule {
	enum babel_rule_type type;
	struct ip_prefix prefix;		 /* absent in "nothing else" */
	uint8_t router_id[BABEL_ROUTER_ID_SIZE]; /* zero but where something is accepted */
	char link[IFNAME_SIZE]; /* only BABEL_RULE_ACCEPT_DIRECT and BABEL_RULE_ACCEPT_ONLY */
};

struct babel_policy {
	struct babel_rule *rules; /* sorted */
	size_t rules_count;
};

void babel_policy_done(struct babel_policy *policy);
CLEANUP_DEFINE_IN_PLACE(struct babel_policy, babel_policy_done);

/* Another node and what the registry grants it. Only borrowed. */
struct babel_policy_node {
	uint8_t router_id[BABEL_ROUTER_ID_SIZE];
	const struct ip_prefix *prefixes;
	size_t prefixes_count;
	const char (*links)[IFNAME_SIZE]; /* tunnels that lead directly to it */
	size_t links_count;
	bool no_transit; /* it may announce its own prefixes only */
};

/* This node and all others. Only borrowed. */
struct babel_policy_input {
	const struct ip_prefix *own;
	size_t own_count;
	bool no_transit; /* this node passes nothing on */
	const struct babel_policy_node *nodes;
	size_t nodes_count;
};

/*
 * The text that follows from @input, in whatever order things are given. Host bits are cleared,
 * repetitions dropped. Owned by the caller, never NULL.
 */
char *babel_policy_make(const struct babel_policy_input *input);

/* Read such a text; lines may be in any order. Errors name the line. */
int babel_policy_parse(const char *text, struct babel_policy *ret, struct error *error);
