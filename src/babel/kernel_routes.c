// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/kernel_routes.h"

#include "babel/generation.h"
#include "base/memory.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#define RT_TABLE_MAX_SMALL 256 /* what fits into rtmsg; the attribute counts beside it */

struct collection {
	struct kernel_route_place place;
	struct kernel_route *routes;
	size_t count;
};

struct attributes {
	const struct nlattr *destination;
	uint32_t metric;
	uint32_t ifindex;
	uint32_t table;
};

static int read_attribute(const struct nlattr *attribute, void *userdata)
{
	struct attributes *attributes = userdata;

	switch (mnl_attr_get_type(attribute)) {
	case RTA_DST:
		attributes->destination = attribute;
		break;
	case RTA_PRIORITY:
		if (mnl_attr_validate(attribute, MNL_TYPE_U32) < 0)
			return MNL_CB_ERROR;
		attributes->metric = mnl_attr_get_u32(attribute);
		break;
	case RTA_OIF:
		if (mnl_attr_validate(attribute, MNL_TYPE_U32) < 0)
			return MNL_CB_ERROR;
		attributes->ifindex = mnl_attr_get_u32(attribute);
		break;
	case RTA_TABLE:
		if (mnl_attr_validate(attribute, MNL_TYPE_U32) < 0)
			return MNL_CB_ERROR;
		attributes->table = mnl_attr_get_u32(attribute);
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

static int collect(void *userdata, const struct nlmsghdr *message)
{
	struct collection *collection = userdata;
	const struct rtmsg *header = mnl_nlmsg_get_payload(message);
	struct attributes attributes = { .table = header->rtm_table };
	uint8_t destination[16] = { 0 };
	struct kernel_route *route;

	if (message->nlmsg_type != RTM_NEWROUTE ||
	    header->rtm_protocol != collection->place.protocol || header->rtm_flags & RTM_F_CLONED)
		return 0;
	if (mnl_attr_parse(message, sizeof(*header), read_attribute, &attributes) < 0)
		return -EPROTO;
	if (attributes.table != collection->place.table ||
	    (header->rtm_type == RTN_UNICAST && !generation_has_metric(attributes.metric)))
		return 0;
	if (attributes.destination) {
		size_t size = mnl_attr_get_payload_len(attributes.destination);

		if (size > sizeof(destination))
			return -EPROTO;
		memcpy(destination, mnl_attr_get_payload(attributes.destination), size);
	}
	route = ARRAY_APPEND(collection->routes, collection->count);
	route->prefix.address = ip_address_from_bytes(header->rtm_family, destination);
	route->prefix.length = header->rtm_dst_len;
	route->metric = attributes.metric;
	route->ifindex = attributes.ifindex;
	route->is_unreachable = header->rtm_type != RTN_UNICAST;
	return 0;
}

static uint8_t small_table(const struct kernel_route_place *place)
{
	return place->table < RT_TABLE_MAX_SMALL ? (uint8_t)place->table : RT_TABLE_UNSPEC;
}

int kernel_routes_read(struct netlink *netlink, const struct kernel_route_place *place,
		       struct kernel_route **ret, size_t *ret_count, struct error *error)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	struct collection collection = { .place = *place };

	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		struct nlmsghdr *request = netlink_request(netlink, RTM_GETROUTE, 0);
		struct rtmsg *header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
		int result;

		header->rtm_family = families[i];
		/* The kernel sorts out the rest where it checks dump requests (Linux 4.20). */
		header->rtm_table = small_table(place);
		header->rtm_protocol = place->protocol;
		if (header->rtm_table == RT_TABLE_UNSPEC)
			mnl_attr_put_u32(request, RTA_TABLE, place->table);
		result = netlink_dump(netlink, "RTM_GETROUTE", collect, &collection, error);
		if (result < 0) {
			free(collection.routes);
			return result;
		}
	}
	*ret = collection.routes;
	*ret_count = collection.count;
	return 0;
}

int kernel_route_delete(struct netlink *netlink, const struct kernel_route_place *place,
			const struct kernel_route *route, struct error *error)
{
	struct nlmsghdr *request = netlink_request(netlink, RTM_DELROUTE, 0);
	struct rtmsg *header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
	int result;

	header->rtm_family = (unsigned char)route->prefix.address.family;
	header->rtm_dst_len = route->prefix.length;
	header->rtm_table = small_table(place);
	header->rtm_protocol = place->protocol;
	header->rtm_scope = RT_SCOPE_NOWHERE; /* any */
	mnl_attr_put(request, RTA_DST, ip_address_size(&route->prefix.address),
		     route->prefix.address.bytes);
	mnl_attr_put_u32(request, RTA_PRIORITY, route->metric);
	mnl_attr_put_u32(request, RTA_TABLE, place->table);
	result = netlink_call(netlink, "RTM_DELROUTE", error);
	return result == -ESRCH || result == -ENOENT ? 0 : result;
}
