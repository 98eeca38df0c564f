/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/ip.h"
#include "netlink/transport.h"

#include <stdbool.h>

/*
 * Routes that babeld has put into the main table (rtm_protocol "babel", 42). A babeld that was
 * killed leaves them behind, which is what keeps traffic flowing; whoever starts its successor
 * takes them away later.
 */
struct kernel_route {
	struct ip_prefix prefix;
	uint32_t metric;
	uint32_t ifindex; /* of the tunnel, which leads to one neighbour */
	/* For a while after it lost its last route to a prefix: lowest priority, leads nowhere. */
	bool is_unreachable;
};

/* Both families. The array is owned by the caller. */
int kernel_routes_read(struct netlink *netlink, struct kernel_route **ret, size_t *ret_count,
		       struct error *error);

/* A route that is gone already is no error. */
int kernel_route_delete(struct netlink *netlink, const struct kernel_route *route,
			struct error *error);
