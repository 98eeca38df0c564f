/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/state.h"
#include "intend/intend.h"
#include "intend/tunnel.h"

/*
 * The parts of the intended state, each added to a set. Private to intend.
 */
#define IPV6_MTU_MIN 1280 /* RFC 8200 section 5 */

/* Namespace, sysctls, veth pair, addresses, SIDs, routes to our own networks. */
void part_add_overlay(const struct config *config, struct state *state);

/* One interface per tunnel, its keys and address, and the route of last resort to the neighbour. */
void part_add_tunnels(const struct config *config, const struct tunnels *tunnels,
		      enum link_kind kind, struct state *state);

/* On the host: routes of all other nodes' networks into the overlay. */
void part_add_remote_routes(const struct config *config, const struct registry *registry,
			    const struct facts *facts, struct state *state);

/* nftables, and the routing daemon with its interfaces. */
void part_add_rulesets(const struct config *config, const struct registry *registry,
		       const struct tunnels *tunnels, struct state *state);
void part_add_speaker(const struct config *config, const struct registry *registry,
		      const struct tunnels *tunnels, struct state *state);

/* fe80::1 on the host's end of the veth pair, fe80::2 in the overlay. */
struct ip_address part_veth_address(enum space space);

void part_add_address(enum space space, const char *link, const struct ip_prefix *prefix,
		      struct state *state);
void part_add_route(enum space space, const struct ip_prefix *prefix, uint32_t metric,
		    const struct ip_address *gateway, const char *link,
		    const struct ip_address *source, struct state *state);
