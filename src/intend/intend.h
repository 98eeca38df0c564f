/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "core/state.h"

/*
 * The intended state of a node: everything that shall be on the machine, from what its operator
 * wrote, what the registry says and what the machine can do. A pure function: same arguments, same
 * state, whatever the order of the nodes in the registry's document.
 *
 * @registry is NULL before the first one was accepted: the node then stands alone.
 *
 * Returns 0, or -EOPNOTSUPP with an error that says what the machine lacks and what would do, or
 * the error of tunnels_check().
 */
int intend(const struct config *config, const struct registry *registry, const struct facts *facts,
	   struct state **ret, struct error *error);

/* A machine that lacks nothing, for what shall not depend on the one that it is asked on. */
struct facts intend_facts_of_everything(void);

/* The backends' choice for this machine, by configuration and facts. */
int intend_wireguard_kind(const struct config *config, const struct facts *facts,
			  enum link_kind *ret, struct error *error);

/* The routing daemon, by configuration and facts. */
int intend_speaker_program(const struct config *config, const struct facts *facts,
			   enum speaker_program *ret, struct error *error);

/* Does that choice depend on the version of BIRD? Else it need not be known. */
bool intend_depends_on_bird(const struct config *config, const struct facts *facts);

/*
 * Does the host forward packets of the overlay in @family? In a VRF it does from tunnel to tunnel,
 * unless the registry says that this node carries no transit; and everywhere for networks behind
 * it. As these count the prefixes that the node announces beside its own network, but not those
 * that are no more than an address of the host. Nothing before the first registry.
 */
bool intend_forwards(const struct config *config, const struct registry *registry, uint16_t family);

/* Metrics of our routes; those of Babel are 1024 to 17407 (generation_metric()). */
#define METRIC_DIRECT 256	      /* to our own networks, and into the overlay */
#define METRIC_LAST_RESORT 32768      /* straight to a neighbour while Babel has nothing better */
#define METRIC_EXIT 32768	      /* on the host, a default route through the overlay */
#define METRIC_UNREACHABLE 0xffffffff /* the end of a VRF's table */

/*
 * Room that SRv6 takes from a tunnel: IPv6 header (40), routing header (8) and the one SID (16) in
 * it: a way through one SID, or through two in reduced mode (RFC 8986 section 5.2).
 */
#define SRV6_DETOUR_OVERHEAD 64
