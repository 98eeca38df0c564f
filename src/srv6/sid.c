// SPDX-License-Identifier: GPL-2.0-or-later
#include "srv6/sid.h"

#include "netlink/attribute.h"
#include "netlink/route_dump.h"
#include "srv6/sid_codec.h"

#include <errno.h>
#include <string.h>

/* The kernel's default for IPv6 (IP6_RT_PRIO_USER), written out so that deletion is exact. */
#define SID_METRIC 1024

static bool sid_claims(void *userdata, const struct object *object)
{
	(void)userdata;
	return object->kind == OBJECT_SID;
}

struct observation {
	uint32_t table; /* of the overlay */
	const struct link_infos *links;
	const struct state *intended;
	struct state *operational;
};

/*
 * A SID that does something else than any of ours, or on several links, gets no link: it then
 * differs from whatever is intended and is replaced.
 */
static int take_ours(void *userdata, const struct route_info *info)
{
	const struct observation *observation = userdata;
	uint32_t index = attribute_u32(info->attributes[RTA_OIF], 0);
	const struct link_info *link = link_infos_find(observation->links, index);
	struct object object = { .kind = OBJECT_SID, .sid.table = info->table };

	object.sid.sid = info->prefix;
	/* Other instances on this host have tables of their own. */
	if (!sid_is_seg6local(info) ||
	    (info->table != observation->table && !state_find(observation->intended, &object)))
		return 0;
	if (link && sid_decode_encapsulation(info, &object.sid))
		memcpy(object.sid.link, link->name, sizeof(object.sid.link));
	(void)state_add(observation->operational, &object);
	return 0;
}

static int take_foreign(void *userdata, const struct route_info *info)
{
	const struct observation *observation = userdata;
	struct object object = { .kind = OBJECT_SID, .foreign = true };

	object.sid.table = info->table;
	object.sid.sid = info->prefix;
	if (info->metric == SID_METRIC && state_find(observation->intended, &object))
		(void)state_add(observation->operational, &object);
	return 0;
}

/* As for plain routes: whole tables are read only while one of our SIDs is missing in them. */
static int observe_foreign(struct observation *observation, struct netlink *netlink,
			   struct error *error)
{
	uint32_t last = 0;
	int result = 0;

	STATE_FOR_EACH(observation->intended, OBJECT_SID, object)
	{
		struct route_filter filter = { AF_INET6, object->sid.table, RTPROT_UNSPEC };

		if (result < 0 || filter.table == last ||
		    state_find(observation->operational, object))
			continue;
		last = filter.table;
		result = route_dump(netlink, &filter, take_foreign, observation, error);
	}
	return result;
}

static int sid_observe(void *userdata, const struct state *intended, struct state *operational,
		       struct error *error)
{
	struct spaces *spaces = userdata;
	struct observation observation = { spaces_overlay_table(spaces), NULL, intended,
					   operational };
	struct route_filter filter = { AF_INET6, 0, ROUTE_PROTOCOL };
	struct netlink *netlink;
	int result;

	if (spaces_fd(spaces, SPACE_OVERLAY) == -ENOENT)
		return 0;
	result = spaces_rtnetlink(spaces, SPACE_OVERLAY, &netlink, error);
	if (result == 0)
		result = spaces_links(spaces, SPACE_OVERLAY, &observation.links, error);
	if (result == 0)
		result = route_dump(netlink, &filter, take_ours, &observation, error);
	if (result == 0)
		result = observe_foreign(&observation, netlink, error);
	return result;
}

static bool sid_can_update(void *userdata, const struct object *from, const struct object *to)
{
	(void)userdata, (void)from, (void)to;
	return true;
}

static int set_sid(struct netlink *netlink, const struct sid *sid, uint16_t flags, const char *what,
		   struct error *error)
{
	uint32_t index = link_index(netlink, sid->link);
	struct nlmsghdr *request;
	int result;

	if (!index)
		return error_set(error, -ENODEV, ERROR_APPLY, NULL, "SID %s: there is no link %s",
				 what, sid->link);
	request = route_request(netlink, RTM_NEWROUTE, flags, sid->table, &sid->sid, SID_METRIC);
	mnl_attr_put_u32(request, RTA_OIF, index);
	sid_put_encapsulation(request, sid);
	result = netlink_call(netlink, what, error);
	/* Ours, or foreign and then in the way: the next observation tells. */
	return result == -EEXIST ? 0 : result;
}

static int delete_sid(struct netlink *netlink, const struct sid *sid, const char *what,
		      struct error *error)
{
	int result;

	(void)route_request(netlink, RTM_DELROUTE, 0, sid->table, &sid->sid, SID_METRIC);
	result = netlink_call(netlink, what, error);
	return result == -ESRCH || result == -ENODEV || result == -ENOENT ? 0 : result;
}

static int sid_apply(void *userdata, const struct operation *operation,
		     const struct state *intended, uint64_t id, struct error *error)
{
	const struct sid *sid = &operation_object(operation)->sid;
	char what[IP_PREFIX_TEXT_SIZE];
	struct netlink *netlink;
	int result = spaces_rtnetlink(userdata, SPACE_OVERLAY, &netlink, error);

	(void)intended, (void)id;
	if (result == -ENOENT && operation->type == OPERATION_DELETE)
		return 0;
	if (result < 0)
		return result;
	ip_prefix_format(&sid->sid, what);
	switch (operation->type) {
	case OPERATION_CREATE:
		return set_sid(netlink, sid, NLM_F_CREATE | NLM_F_EXCL, what, error);
	case OPERATION_UPDATE:
		return set_sid(netlink, sid, NLM_F_CREATE | NLM_F_REPLACE, what, error);
	case OPERATION_DELETE:
		return delete_sid(netlink, sid, what, error);
	}
	return -EINVAL;
}

void sid_backend(struct spaces *spaces, struct backend *ret)
{
	*ret = (struct backend) {
		.name = "sid",
		.userdata = spaces,
		.claims = sid_claims,
		.observe = sid_observe,
		.can_update = sid_can_update,
		.apply = sid_apply,
	};
}
