// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/gateway.h"

#include "base/prefix_list.h"
#include "netlink/attribute.h"

#include <linux/rtnetlink.h>

static int take_default_route(void *userdata, const struct nlmsghdr *message)
{
	struct prefix_list *gateways = userdata;
	const struct rtmsg *header = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[RTA_MAX + 1];
	struct ip_address address;
	struct ip_prefix gateway;

	if (message->nlmsg_type != RTM_NEWROUTE ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(*header) || header->rtm_dst_len != 0 ||
	    header->rtm_table != RT_TABLE_MAIN)
		return 0;
	attributes_parse(message, sizeof(*header), attributes, RTA_MAX);
	address = attribute_address(attributes[RTA_GATEWAY], header->rtm_family);
	if (!ip_address_present(&address))
		return 0;
	gateway = ip_prefix_single(&address);
	prefix_list_add(gateways, &gateway, 1);
	return 0;
}

static int dump_family(struct netlink *netlink, uint8_t family, struct prefix_list *gateways,
		       struct error *error)
{
	struct nlmsghdr *request = netlink_request(netlink, RTM_GETROUTE, 0);
	struct rtmsg *header = mnl_nlmsg_put_extra_header(request, sizeof(*header));

	header->rtm_family = family;
	return netlink_dump(netlink, "list of routes", take_default_route, gateways, error);
}

int netlink_default_gateways(struct spaces *spaces, struct ip_prefix **ret, size_t *ret_count,
			     struct error *error)
{
	CLEANUP(prefix_list_done) struct prefix_list gateways = { 0 };
	struct netlink *netlink;
	int result = spaces_rtnetlink(spaces, SPACE_UNDERLAY, &netlink, error);

	if (result == 0)
		result = dump_family(netlink, AF_INET, &gateways, error);
	if (result == 0)
		result = dump_family(netlink, AF_INET6, &gateways, error);
	if (result < 0)
		return result;
	*ret = TAKE(gateways.items);
	*ret_count = gateways.count;
	return 0;
}
