/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"
#include "base/ip.h"
#include "core/model.h"

#include <stddef.h>
#include <stdint.h>

/*
 * What a node announces and what it accepts from whom, in words that know no routing daemon: the
 * body of the speaker object. One rule a line, sorted, so that equal policies are equal texts:
 *
 *	announce 192.168.128.0/24
 *	accept 192.168.129.0/24 from 4f6f95965bc0b589 on arlwabvlup2v
 *	accept 192.168.129.0/24 from 4f6f95965bc0b589
 *
 * "from" is the router-id of the node that owns the prefix. With "on" the route is accepted from
 * that very node over its tunnel; without, also through others, at a cost of BABEL_TRANSIT_COST.
 * What no rule names is refused, more specific prefixes included.
 */
#define BABEL_ROUTER_ID_SIZE 8
#define BABEL_ROUTER_ID_TEXT_SIZE (2 * BABEL_ROUTER_ID_SIZE + 1)

/* By how much a way through another node must be better than the direct tunnel. */
#define BABEL_TRANSIT_COST 64

/* All prefixes of a full registry of typical nodes; each is a filter that babeld walks through. */
#define BABEL_RULES_MAX 1000000

enum babel_rule_type {
	BABEL_RULE_ANNOUNCE,
	BABEL_RULE_ACCEPT_DIRECT,
	BABEL_RULE_ACCEPT_TRANSIT,
};

struct babel_rule {
	enum babel_rule_type type;
	struct ip_prefix prefix;
	uint8_t router_id[BABEL_ROUTER_ID_SIZE]; /* zero for announcements */
	char link[IFNAME_SIZE];			 /* only BABEL_RULE_ACCEPT_DIRECT */
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
};

/*
 * The text for a node that announces @own and knows @nodes, in whatever order these are given.
 * Host bits are cleared, repetitions dropped. Owned by the caller, never NULL.
 */
char *babel_policy_make(const struct ip_prefix *own, size_t own_count,
			const struct babel_policy_node *nodes, size_t nodes_count);

/* Read such a text; lines may be in any order. Errors name the line. */
int babel_policy_parse(const char *text, struct babel_policy *ret, struct error *error);
