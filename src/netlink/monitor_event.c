// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/monitor_event.h"

#include "netlink/attribute.h"

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>

/* IANA and include/uapi/linux/rtnetlink.h; missing in older headers. */
#ifndef RTPROT_BABEL
#define RTPROT_BABEL 42
#endif

/* Routes of routing daemons, ours or not, come and go without a difference to what is intended. */
static bool is_of_routing_daemon(uint8_t protocol)
{
	return protocol == RTPROT_BABEL || protocol == RTPROT_BIRD;
}

static bool route_matters(const struct nlmsghdr *message)
{
	const struct rtmsg *route = mnl_nlmsg_get_payload(message);

	return mnl_nlmsg_get_payload_len(message) >= sizeof(*route) &&
	       !is_of_routing_daemon(route->rtm_protocol) && !(route->rtm_flags & RTM_F_CLONED);
}

static const char *route_reason(const struct nlmsghdr *message)
{
	switch (message->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		return "link";
	case RTM_NEWADDR:
	case RTM_DELADDR:
		return "address";
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		return route_matters(message) ? "route" : NULL;
	case RTM_NEWRULE:
	case RTM_DELRULE:
		return "rule";
	default:
		return NULL;
	}
}

const char *monitor_event_reason(int protocol, const void *datagram, size_t length)
{
	const struct nlmsghdr *message = datagram;
	const char *reason = NULL;
	int remaining = (int)length;

	for (; !reason && message_is_whole(message, remaining);
	     message = mnl_nlmsg_next(message, &remaining)) {
		if (protocol == NETLINK_ROUTE)
			reason = route_reason(message);
		else if (message->nlmsg_type >> 8 == NFNL_SUBSYS_NFTABLES)
			reason = "nftables";
	}
	return reason;
}
