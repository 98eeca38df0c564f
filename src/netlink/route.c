// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/backends.h"

#include "netlink/attribute.h"
#include "netlink/route_dump.h"

#include <errno.h>
#include <string.h>

static bool route_claims(void *userdata, const struct object *object)
{
	(void)userdata;
	return object->kind == OBJECT_ROUTE;
}

struct observation {
	struct spaces *spaces;
	enum space space;
	const struct link_infos *links;
	const struct state *intended;
	struct state *operational;
};

/* In VRF mode both spaces share one set of tables. */
static enum space space_of(const struct observation *observation, uint32_t table)
{
	if (spaces_netns_name(observation->spaces))
		return observation->space;
	return table == spaces_overlay_table(observation->spaces) ? SPACE_OVERLAY : SPACE_UNDERLAY;
}

/* RTA_VIA: an address of another family than the route's. */
static struct ip_address decode_via(const struct nlattr *attribute)
{
	const struct rtvia *via = mnl_attr_get_payload(attribute);
	size_t length = mnl_attr_get_payload_len(attribute);

	if (length != sizeof(*via) + sizeof(struct in6_addr) || via->rtvia_family != AF_INET6)
		return (struct ip_address) { 0 };
	return ip_address_from_bytes(AF_INET6, via->rtvia_addr);
}

/*
 * A route of several next hops is none that we make: without link and gateway it differs from
 * whatever is intended and is replaced.
 */
static struct object decode(const struct observation *observation, const struct route_info *info)
{
	const struct nlattr *const *attributes = info->attributes;
	uint32_t index = attribute_u32(attributes[RTA_OIF], 0);
	const struct link_info *link = link_infos_find(observation->links, index);
	struct object object = {
		.kind = OBJECT_ROUTE,
		.route = {
			.space = space_of(observation, info->table),
			.table = info->table,
			.prefix = info->prefix,
			.metric = info->metric,
			.type = info->type,
			.source = attribute_address(attributes[RTA_PREFSRC], info->family),
			.gateway = attribute_address(attributes[RTA_GATEWAY], info->family),
		},
	};

	if (attributes[RTA_VIA])
		object.route.gateway = decode_via(attributes[RTA_VIA]);
	/* For IPv6 the kernel names "lo" where nothing is sent. */
	if (link && info->type == ROUTE_UNICAST)
		memcpy(object.route.link, link->name, sizeof(object.route.link));
	return object;
}

/*
 * Other instances on this host use the same protocol number: theirs are the routes over their links
 * and in their tables.
 */
static bool is_ours(const struct observation *observation, const struct route_info *info,
		    const struct object *object)
{
	uint32_t index = attribute_u32(info->attributes[RTA_OIF], 0);
	const struct link_info *link = link_infos_find(observation->links, index);

	if (object->route.space == SPACE_OVERLAY || state_find(observation->intended, object))
		return true;
	return link && link_info_is_ours(link, spaces_instance(observation->spaces));
}

static int take_ours(void *userdata, const struct route_info *info)
{
	const struct observation *observation = userdata;
	struct object object = decode(observation, info);

	/* Into a tunnel (a SID), or with a next hop object: not a plain route. */
	if (!info->attributes[RTA_ENCAP] && !info->attributes[RTA_NH_ID] &&
	    is_ours(observation, info, &object))
		(void)state_add(observation->operational, &object);
	return 0;
}

static int take_foreign(void *userdata, const struct route_info *info)
{
	const struct observation *observation = userdata;
	struct object object = decode(observation, info);

	object.foreign = info->protocol != ROUTE_PROTOCOL;
	if (object.foreign && state_find(observation->intended, &object))
		(void)state_add(observation->operational, &object);
	return 0;
}

/* Routes of others matter only in tables where one of ours is missing: usually in none. */
static bool is_something_missing(const struct observation *observation, uint16_t family,
				 uint32_t table)
{
	STATE_FOR_EACH(observation->intended, OBJECT_ROUTE, object)
	if (object->route.table == table && object->route.prefix.address.family == family &&
	    (!spaces_netns_name(observation->spaces) ||
	     object->route.space == observation->space) &&
	    !state_find(observation->operational, object))
		return true;
	return false;
}

static int observe_foreign(struct observation *observation, struct netlink *netlink,
			   uint16_t family, struct error *error)
{
	uint32_t last = 0;
	int result = 0;

	/* Intended routes are sorted by space and table: each table is looked at once. */
	STATE_FOR_EACH(observation->intended, OBJECT_ROUTE, object)
	{
		struct route_filter filter = { family, object->route.table, RTPROT_UNSPEC };

		if (result < 0 || filter.table == last)
			continue;
		last = filter.table;
		if (is_something_missing(observation, family, filter.table))
			result = route_dump(netlink, &filter, take_foreign, observation, error);
	}
	return result;
}

static int observe_space(struct spaces *spaces, enum space space, const struct state *intended,
			 struct state *operational, struct error *error)
{
	static const uint16_t families[] = { AF_INET, AF_INET6 };
	struct observation observation = { spaces, space, NULL, intended, operational };
	struct netlink *netlink;
	int result = spaces_rtnetlink(spaces, space, &netlink, error);

	if (result == 0)
		result = spaces_links(spaces, space, &observation.links, error);
	for (size_t i = 0; result == 0 && i < ARRAY_SIZE(families); i++) {
		struct route_filter filter = { families[i], 0, ROUTE_PROTOCOL };

		result = route_dump(netlink, &filter, take_ours, &observation, error);
		if (result == 0)
			result = observe_foreign(&observation, netlink, families[i], error);
	}
	return result;
}

static int route_observe(void *userdata, const struct state *intended, struct state *operational,
			 struct error *error)
{
	struct spaces *spaces = userdata;
	int result = observe_space(spaces, SPACE_UNDERLAY, intended, operational, error);

	if (result < 0 || !spaces_netns_name(spaces) || spaces_fd(spaces, SPACE_OVERLAY) == -ENOENT)
		return result;
	return observe_space(spaces, SPACE_OVERLAY, intended, operational, error);
}

static bool route_can_update(void *userdata, const struct object *from, const struct object *to)
{
	(void)userdata, (void)from, (void)to;
	/* NLM_F_REPLACE: one step in the kernel, no packet sees a gap. */
	return true;
}

static void put_gateway(struct nlmsghdr *request, const struct route *route)
{
	struct {
		uint16_t family;
		uint8_t bytes[sizeof(struct in6_addr)];
	} via = { .family = route->gateway.family };

	if (route->gateway.family == route->prefix.address.family) {
		attribute_put_address(request, RTA_GATEWAY, &route->gateway);
		return;
	}
	memcpy(via.bytes, route->gateway.bytes, sizeof(via.bytes));
	mnl_attr_put(request, RTA_VIA, sizeof(via), &via);
}

/*
 * We name link and gateway, so the gateway need not be looked up: routes do not depend on the order
 * in which they and the route to their gateway are made (RTNH_F_ONLINK).
 */
static void put_next_hop(struct nlmsghdr *request, const struct route *route, uint32_t index)
{
	struct rtmsg *header = mnl_nlmsg_get_payload(request);

	if (ip_address_present(&route->gateway)) {
		header->rtm_flags |= RTNH_F_ONLINK;
		put_gateway(request, route);
	} else if (route->prefix.address.family == AF_INET) {
		header->rtm_scope = RT_SCOPE_LINK;
	}
	mnl_attr_put_u32(request, RTA_OIF, index);
	if (ip_address_present(&route->source))
		attribute_put_address(request, RTA_PREFSRC, &route->source);
}

static int set_route(struct netlink *netlink, const struct route *route, uint16_t flags,
		     const char *what, struct error *error)
{
	bool is_unicast = route->type == ROUTE_UNICAST;
	uint32_t index = is_unicast ? link_index(netlink, route->link) : 0;
	struct nlmsghdr *request;
	int result;

	if (is_unicast && !index)
		return error_set(error, -ENODEV, ERROR_APPLY, NULL, "%s: there is no link %s", what,
				 route->link);
	request = route_request(netlink, RTM_NEWROUTE, flags, route->table, &route->prefix,
				route->metric);
	if (is_unicast)
		put_next_hop(request, route, index);
	else
		route_request_set_type(request, route->type);
	result = netlink_call(netlink, what, error);
	/* Ours, or foreign and then in the way: the next observation tells. */
	return result == -EEXIST ? 0 : result;
}

static int delete_route(struct netlink *netlink, const struct route *route, const char *what,
			struct error *error)
{
	int result;

	route_request_set_type(route_request(netlink, RTM_DELROUTE, 0, route->table, &route->prefix,
					     route->metric),
			       route->type);
	result = netlink_call(netlink, what, error);
	return result == -ESRCH || result == -ENODEV || result == -ENOENT ? 0 : result;
}

static int route_apply(void *userdata, const struct operation *operation,
		       const struct state *intended, uint64_t id, struct error *error)
{
	struct spaces *spaces = userdata;
	const struct route *route = &operation_object(operation)->route;
	char what[IP_PREFIX_TEXT_SIZE];
	struct netlink *netlink;
	int result = spaces_rtnetlink(spaces, route->space, &netlink, error);

	(void)intended, (void)id;
	if (result == -ENOENT && operation->type == OPERATION_DELETE)
		return 0;
	if (result < 0)
		return result;
	ip_prefix_format(&route->prefix, what);
	switch (operation->type) {
	case OPERATION_CREATE:
		return set_route(netlink, route, NLM_F_CREATE | NLM_F_EXCL, what, error);
	case OPERATION_UPDATE:
		return set_route(netlink, route, NLM_F_CREATE | NLM_F_REPLACE, what, error);
	case OPERATION_DELETE:
		return delete_route(netlink, route, what, error);
	}
	return -EINVAL;
}

void route_backend(struct spaces *spaces, struct backend *ret)
{
	*ret = (struct backend) {
		.name = "route",
		.userdata = spaces,
		.claims = route_claims,
		.observe = route_observe,
		.can_update = route_can_update,
		.apply = route_apply,
	};
}
