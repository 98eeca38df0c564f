/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/ip.h"
#include "netlink/transport.h"

#include <stdbool.h>

/*
 * Routes that a routing daemon has put into the kernel. One that was killed leaves them behind,
 * which is what keeps traffic flowing; whoever starts its successor takes them away later.
 */
struct kernel_route_place {
	uint8_t protocol; /* rtm_protocol: RTPROT_BABEL, RTPROT_BIRD */
	uint32_t table;
};

struct kernel_route {
	struct ip_prefix prefix;
	uint32_t metric;
	uint32_t ifindex; /* of the tunnel, which leads to one neighbour */
	/* For a while after babeld lost its last route to a prefix: lowest priority, leads nowhere.
	 */
	bool is_unreachable;
};

/*
 * Both families. Only what has the metric of a generation or is unreachable: an operator's own BIRD
 * may use the same table. The array is owned by the caller.
 */
int kernel_routes_read(struct netlink *netlink, const struct kernel_route_place *place,
		       struct kernel_route **ret, size_t *ret_count, struct error *error);

/* A route that is gone already is no error. */
int kernel_route_delete(struct netlink *netlink, const struct kernel_route_place *place,
			const struct kernel_route *route, struct error *error);
