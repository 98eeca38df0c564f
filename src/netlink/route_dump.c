// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/route_dump.h"

#include "netlink/attribute.h"

#include <errno.h>
#include <string.h>

struct dump {
	const struct route_filter *filter;
	route_info_fn *take;
	void *userdata;
};

static const uint8_t kernel_types[] = {
	[ROUTE_UNICAST] = RTN_UNICAST,
	[ROUTE_UNREACHABLE] = RTN_UNREACHABLE,
	[ROUTE_THROW] = RTN_THROW,
};

static bool type_from_kernel(uint8_t type, enum route_type *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(kernel_types); i++) {
		if (kernel_types[i] != type)
			continue;
		*ret = (enum route_type)i;
		return true;
	}
	return false;
}

static struct ip_address zero_address(uint16_t family)
{
	static const uint8_t zeros[sizeof(struct in6_addr)];

	return ip_address_from_bytes(family, zeros);
}

/* False for a type that we do not know. */
static bool decode(const struct nlmsghdr *message, struct route_info *ret)
{
	const struct rtmsg *header = mnl_nlmsg_get_payload(message);

	memset(ret, 0, sizeof(*ret));
	if (!type_from_kernel(header->rtm_type, &ret->type))
		return false;
	attributes_parse(message, sizeof(*header), ret->attributes, RTA_MAX);
	ret->family = header->rtm_family;
	ret->protocol = header->rtm_protocol;
	ret->table = attribute_u32(ret->attributes[RTA_TABLE], header->rtm_table);
	ret->metric = attribute_u32(ret->attributes[RTA_PRIORITY], 0);
	ret->prefix.length = header->rtm_dst_len;
	ret->prefix.address = ret->attributes[RTA_DST]
				      ? attribute_address(ret->attributes[RTA_DST], ret->family)
				      : zero_address(ret->family);
	return true;
}

/* Kernels and families differ in what they filter: look at everything again. */
static bool is_asked_for(const struct route_filter *filter, const struct rtmsg *header,
			 const struct route_info *info)
{
	return !(header->rtm_flags & RTM_F_CLONED) && !header->rtm_src_len && !header->rtm_tos &&
	       info->family == filter->family && (!filter->table || info->table == filter->table) &&
	       (!filter->protocol || info->protocol == filter->protocol);
}

static int take_route(void *userdata, const struct nlmsghdr *message)
{
	const struct dump *dump = userdata;
	const struct rtmsg *header = mnl_nlmsg_get_payload(message);
	struct route_info info;

	if (message->nlmsg_type != RTM_NEWROUTE ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(*header))
		return 0;
	if (!decode(message, &info) || !is_asked_for(dump->filter, header, &info) ||
	    !ip_address_present(&info.prefix.address))
		return 0;
	return dump->take(dump->userdata, &info);
}

int route_dump(struct netlink *netlink, const struct route_filter *filter, route_info_fn *take,
	       void *userdata, struct error *error)
{
	struct dump dump = { filter, take, userdata };
	struct nlmsghdr *request = netlink_request(netlink, RTM_GETROUTE, 0);
	struct rtmsg *header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
	int result;

	header->rtm_family = (uint8_t)filter->family;
	header->rtm_protocol = filter->protocol;
	if (filter->table)
		mnl_attr_put_u32(request, RTA_TABLE, filter->table);
	result = netlink_dump(netlink, "list of routes", take_route, &dump, error);
	/* There is no such table yet: it is empty. */
	return result == -ENOENT ? 0 : result;
}

struct nlmsghdr *route_request(struct netlink *netlink, uint16_t type, uint16_t flags,
			       uint32_t table, const struct ip_prefix *prefix, uint32_t metric)
{
	struct nlmsghdr *request = netlink_request(netlink, type, flags);
	struct rtmsg *header = mnl_nlmsg_put_extra_header(request, sizeof(*header));

	header->rtm_family = (uint8_t)prefix->address.family;
	header->rtm_dst_len = prefix->length;
	header->rtm_protocol = ROUTE_PROTOCOL;
	header->rtm_type = RTN_UNICAST;
	/* "Any" in a deletion. */
	header->rtm_scope = type == RTM_DELROUTE ? RT_SCOPE_NOWHERE : RT_SCOPE_UNIVERSE;
	mnl_attr_put_u32(request, RTA_TABLE, table);
	attribute_put_address(request, RTA_DST, &prefix->address);
	if (metric)
		mnl_attr_put_u32(request, RTA_PRIORITY, metric);
	return request;
}

void route_request_set_type(struct nlmsghdr *request, enum route_type type)
{
	struct rtmsg *header = mnl_nlmsg_get_payload(request);

	header->rtm_type = kernel_types[type];
}
