/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "intend/intend.h"

/*
 * For tests: what the node home/moon intends among home/sun and home/earth. Prefixes of the nodes
 * are fd66:1::/64 (moon), fd66:2::/64 (sun) and fd66:3::/64 (earth). Not part of the daemon.
 */
enum {
	EARTH,
	MOON,
	SUN,
	NODES
};

struct world {
	struct registry registry;
	struct registry_node nodes[NODES];
	struct endpoint endpoints[NODES][2];
	struct ip_prefix prefixes[NODES][4];
	struct ip_prefix own[3];
	struct resolved_name names[1];
	struct config config;
	struct facts facts;
};

struct ip_prefix prefix(const char *text);
struct ip_address address(const char *text);
void give_prefix(struct registry_node *node, const char *text);
void give_own_prefix(struct world *world, const char *text);

/* A cmocka setup: in netns mode, everything there is as it should be. */
int world_setup(void **state);

/* Ed25519 keys for all: who has no transports named runs both, but this node WireGuard alone. */
void world_give_identities(struct world *world);

/* Owned by the caller. */
struct state *must_intend(const struct world *world);

/* The route with the lowest metric, or NULL. @ret_count counts them all. */
const struct route *find_routes(const struct state *state, enum space space, const char *text,
				size_t *ret_count);
void expect_route(const struct state *state, enum space space, const char *text, uint32_t metric,
		  size_t count);
const char *ruleset_of(const struct state *state, enum space space);
