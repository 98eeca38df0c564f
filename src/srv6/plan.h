/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/ip.h"

#include <stdint.h>

/*
 * The addresses that aronet takes for itself out of a node's network, which is an IPv6 prefix of 64
 * bits or less: NETWORK:ffff::/80. Every node computes them for itself and for its peers; nothing
 * but the network has to be agreed upon.
 *
 *	fd66::/64 -> fd66::ffff:0:0:1, fd66::ffff:0:0:2, ...
 */
#define SRV6_INTERNAL_PREFIX_LENGTH 80
#define SRV6_NETWORK_LENGTH_MAX 64

enum srv6_function {
	SRV6_MAIN = 0x1,    /* main interface: the VRF, or the host's end of the veth pair */
	SRV6_OVERLAY = 0x2, /* the overlay's end of the veth pair */
	/* SIDs, RFC 8986 */
	SRV6_END = 0xa,		     /* section 4.1: waypoint */
	SRV6_DECAPSULATE_IPV4 = 0xb, /* section 4.5 End.DX4, or 4.8 End.DT46 in a VRF */
	SRV6_DECAPSULATE_IPV6 = 0xc, /* section 4.4 End.DX6, or 4.8 End.DT46 in a VRF */
};

/* NETWORK:ffff::/80. @network is a masked IPv6 prefix of at most SRV6_NETWORK_LENGTH_MAX bits. */
struct ip_prefix srv6_internal_prefix(const struct ip_prefix *network);

/* NETWORK:ffff::FUNCTION */
struct ip_address srv6_internal_address(const struct ip_prefix *network,
					enum srv6_function function);

/* Can internal addresses be formed from @network? */
bool srv6_network_is_usable(const struct ip_prefix *network);
