/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/state.h"
#include "intend/intend.h"
#include "intend/tunnel.h"
#include "srv6/plan.h"

/*
 * The parts of the intended state, each added to a set. Private to intend.
 */
#define IPV6_MTU_MIN 1280 /* RFC 8200 section 5 */

/* All that does not depend on peers: one of these two. */
void part_add_overlay(const struct config *config, const struct facts *facts, struct state *state);
void part_add_netns(const struct config *config, struct state *state);
void part_add_vrf(const struct config *config, const struct facts *facts, struct state *state);

/*
 * One interface per tunnel, its keys and address, and the route of last resort to the neighbour; of
 * WireGuard's interfaces the kind is @kind. And the IKE daemon, if there is IPsec.
 */
void part_add_tunnels(const struct config *config, const struct registry *registry,
		      const struct facts *facts, const struct tunnels *tunnels, enum link_kind kind,
		      struct state *state);

/* Of the interface of a tunnel at @local. */
uint16_t part_tunnel_mtu(const struct config *config, const struct endpoint *local,
			 enum transport transport);

/* On the host: routes of all other nodes' networks into the overlay. */
void part_add_remote_routes(const struct config *config, const struct registry *registry,
			    const struct facts *facts, struct state *state);

/* nftables, and the routing daemon with its interfaces. */
void part_add_rulesets(const struct config *config, const struct registry *registry,
		       const struct tunnels *tunnels, struct state *state);
void part_add_speaker(const struct config *config, const struct registry *registry,
		      const struct tunnels *tunnels, enum speaker_program program,
		      struct state *state);

/* fe80::1 on the host's end of the veth pair, fe80::2 in the overlay. */
struct ip_address part_veth_address(enum space space);

/* The overlay's routing table: the VRF's, or main in a namespace of its own. */
uint32_t part_overlay_table(const struct config *config);

/*
 * The metric of a route of the host into the overlay. Overlays in several VRFs may have the same
 * prefixes: in the host's table that of the lower VRF table goes first.
 */
uint32_t part_host_metric(const struct config *config, uint32_t base);

/* The link config->ifname: the VRF, or an end of the veth pair. */
void part_add_main_link(const struct config *config, enum space space, enum link_kind kind,
			struct state *state);

void part_add_sysctls(const struct sysctl *sysctls, size_t count, struct state *state);
void part_add_address(enum space space, const char *link, const struct ip_prefix *prefix,
		      struct state *state);
void part_add_route(const struct route *route, const char *link, struct state *state);

/* On the main link: an address or a SID of the node's network. */
void part_add_internal_address(const struct config *config, enum space space,
			       enum srv6_function function, struct state *state);
void part_add_sid(const struct config *config, enum srv6_function function,
		  enum sid_behavior behavior, struct state *state);
