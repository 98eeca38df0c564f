/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/ip.h"
#include "core/object.h"
#include "netlink/link_info.h"

#include <linux/rtnetlink.h>

/* What a RTM_NEWROUTE message says; attributes point into the message. */
struct route_info {
	uint16_t family;
	uint32_t table;
	uint8_t protocol;
	enum route_type type;
	struct ip_prefix prefix;
	uint32_t metric;
	const struct nlattr *attributes[RTA_MAX + 1];
};

/*
 * Dump the routes of one family. @table 0: of all tables. @protocol RTPROT_UNSPEC: of all
 * protocols. Only routes by destination of a type that we know come: no cached ones, none that
 * depend on source or traffic class.
 */
struct route_filter {
	uint16_t family;
	uint32_t table;
	uint8_t protocol;
};
typedef int route_info_fn(void *userdata, const struct route_info *info);
int route_dump(struct netlink *netlink, const struct route_filter *filter, route_info_fn *take,
	       void *userdata, struct error *error);

/*
 * Begin a request, RTM_NEWROUTE or RTM_DELROUTE, about the unicast route of ROUTE_PROTOCOL with
 * this key.
 */
struct nlmsghdr *route_request(struct netlink *netlink, uint16_t type, uint16_t flags,
			       uint32_t table, const struct ip_prefix *prefix, uint32_t metric);

/* Make it one about a route of another type. */
void route_request_set_type(struct nlmsghdr *request, enum route_type type);
