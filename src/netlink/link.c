// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/link.h"

#include "netlink/link_info.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <stdio.h>
#include <string.h>

static bool link_claims(void *userdata, const struct object *object)
{
	(void)userdata;
	return object->kind == OBJECT_LINK && object->link.kind != LINK_WIREGUARD_TUN;
}

static bool is_tunnel(enum link_kind kind)
{
	return kind == LINK_WIREGUARD || kind == LINK_WIREGUARD_TUN;
}

/* False for kinds that we never make. */
static bool kind_from_name(const char *name, enum space space, enum link_kind *ret)
{
	static const struct {
		const char *name;
		enum link_kind kinds[2]; /* by space */
	} kinds[] = {
		{ "veth", { LINK_VETH, LINK_VETH_PEER } },
		{ "vrf", { LINK_VRF, LINK_VRF } },
		{ "wireguard", { LINK_WIREGUARD, LINK_WIREGUARD } },
		{ "tun", { LINK_WIREGUARD_TUN, LINK_WIREGUARD_TUN } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(kinds[i].name, name))
			continue;
		*ret = kinds[i].kinds[space];
		return true;
	}
	return false;
}

/* NULL in netns mode. */
static const struct object *intended_vrf(const struct links *links, const struct state *intended)
{
	if (spaces_netns_name(links->spaces))
		return NULL;
	STATE_FOR_EACH(intended, OBJECT_LINK, object)
	if (object->link.kind == LINK_VRF)
		return object;
	return NULL;
}

struct observation {
	const struct links *links;
	const struct link_infos *infos;
	const struct link_infos *overlay;
	const struct object *vrf; /* the intended one */
	const struct state *intended;
	struct state *operational;
};

/*
 * A tunnel that has fallen out of its VRF counts as down: the VRF is no field of a link, and the
 * repair of a link puts it back.
 */
static bool is_outside_vrf(const struct observation *observation, const struct link_info *info)
{
	const struct object *vrf = observation->vrf;
	const struct link_info *master = link_infos_find(observation->infos, info->master);

	return vrf && (!master || strcmp(master->name, vrf->link.name));
}

/*
 * Half a pair is of no use: a veth whose other end is not in the overlay (any more) is reported as
 * one of the wrong kind, which cannot be changed in place, so the pair is made anew.
 */
static void check_pair(const struct observation *observation, const struct link_info *info,
		       struct link *link)
{
	const struct link_info *peer = link_infos_find(observation->overlay, info->peer);

	if (link->kind == LINK_VETH &&
	    (!peer || strcmp(peer->kind, "veth") || peer->peer != info->index))
		link->kind = LINK_VETH_PEER;
}

/*
 * Made by us, but not marked yet: the kernel takes the group, not the alias, with the message that
 * makes a link, and we may have died after it.
 */
static bool is_half_made(const struct link_info *info, const struct object *wanted)
{
	return wanted && info->group == LINK_GROUP && !info->alias[0];
}

static void observe_link(const struct observation *observation, enum space space,
			 const struct link_info *info)
{
	const char *instance = spaces_instance(observation->links->spaces);
	struct object object = { .kind = OBJECT_LINK, .link.space = space };
	const char *label = "";
	char alias[LINK_ALIAS_SIZE];
	const struct object *wanted;

	memcpy(object.link.name, info->name, sizeof(object.link.name));
	wanted = state_find(observation->intended, &object);
	object.link.mtu = info->mtu > UINT16_MAX ? UINT16_MAX : (uint16_t)info->mtu;
	object.link.up = info->up;
	object.foreign = !kind_from_name(info->kind, space, &object.link.kind) ||
			 (!link_info_is_ours(info, instance) && !is_half_made(info, wanted));
	if (object.foreign && !wanted)
		return;
	memcpy(alias, info->alias, sizeof(alias));
	if (link_alias_split(alias, instance, &label, NULL))
		(void)snprintf(object.link.label, sizeof(object.link.label), "%s", label);
	if (!object.foreign)
		check_pair(observation, info, &object.link);
	if (!object.foreign && is_tunnel(object.link.kind) && is_outside_vrf(observation, info))
		object.link.up = false;
	if (object.link.kind == LINK_VRF && info->vrf_table != observation->links->vrf_table)
		(void)snprintf(object.link.label, sizeof(object.link.label), "table %u",
			       info->vrf_table);
	(void)state_add(observation->operational, &object);
}

static void observe_space(const struct observation *observation, enum space space)
{
	for (size_t i = 0; i < observation->infos->count; i++)
		observe_link(observation, space, &observation->infos->items[i]);
}

static int load(struct spaces *spaces, enum space space, struct link_infos *ret,
		struct error *error)
{
	struct netlink *netlink;
	int result;

	/* No namespace, no links. */
	if (spaces_fd(spaces, space) == -ENOENT)
		return 0;
	result = spaces_rtnetlink(spaces, space, &netlink, error);
	return result < 0 ? result : link_infos_load(netlink, ret, error);
}

static int link_observe(void *userdata, const struct state *intended, struct state *operational,
			struct error *error)
{
	const struct links *links = userdata;
	CLEANUP(link_infos_done) struct link_infos underlay = { 0 };
	CLEANUP(link_infos_done) struct link_infos overlay = { 0 };
	struct observation observation = {
		.links = links,
		.infos = &underlay,
		.overlay = &overlay,
		.vrf = intended_vrf(links, intended),
		.intended = intended,
		.operational = operational,
	};
	int result = load(links->spaces, SPACE_OVERLAY, &overlay, error);

	if (result == 0 && spaces_netns_name(links->spaces))
		result = load(links->spaces, SPACE_UNDERLAY, &underlay, error);
	if (result < 0)
		return result;
	observe_space(&observation, SPACE_UNDERLAY);
	observation.infos = &overlay;
	observe_space(&observation, SPACE_OVERLAY);
	return 0;
}

static bool link_can_update(void *userdata, const struct object *from, const struct object *to)
{
	(void)userdata;
	/* The table of a VRF, which we read into the label, is fixed when it is made. */
	if (to->link.kind == LINK_VRF && from->link.label[0] &&
	    strcmp(from->link.label, to->link.label))
		return false;
	return from->link.kind == to->link.kind;
}

/* RTM_NEWLINK with what all kinds have, and the open nest of its kind's data. */
struct creation {
	struct nlmsghdr *request;
	struct nlattr *info;
	struct nlattr *data;
};

static struct creation begin_creation(struct netlink *netlink, const struct link *link,
				      const char *kind)
{
	struct creation creation = {
		.request = netlink_request(netlink, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL),
	};

	mnl_nlmsg_put_extra_header(creation.request, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(creation.request, IFLA_IFNAME, link->name);
	mnl_attr_put_u32(creation.request, IFLA_GROUP, LINK_GROUP);
	if (link->mtu)
		mnl_attr_put_u32(creation.request, IFLA_MTU, link->mtu);
	creation.info = mnl_attr_nest_start(creation.request, IFLA_LINKINFO);
	mnl_attr_put_strz(creation.request, IFLA_INFO_KIND, kind);
	creation.data = mnl_attr_nest_start(creation.request, IFLA_INFO_DATA);
	return creation;
}

static void end_creation(struct creation *creation)
{
	mnl_attr_nest_end(creation->request, creation->data);
	mnl_attr_nest_end(creation->request, creation->info);
}

/* The link may be there already: half made, or marked by us a moment ago. */
static int create(struct links *links, struct netlink *netlink, const struct link *link,
		  struct error *error)
{
	struct object object = { .kind = OBJECT_LINK, .link = *link };
	struct netlink *where;
	struct link_info info;
	int result = netlink_call(netlink, link->name, error);

	if (result != -EEXIST)
		return result;
	if (spaces_rtnetlink(links->spaces, link->space, &where, NULL) == 0 &&
	    link_info_get(where, link->name, &info, NULL) == 0 &&
	    (link_info_is_ours(&info, spaces_instance(links->spaces)) ||
	     is_half_made(&info, &object)))
		return 0;
	return error_set(error, result, ERROR_APPLY, link->name,
			 "a link of this name exists and is not ours; rename or remove it");
}

static int overlay_fd(struct links *links, const struct link *link, struct error *error)
{
	int fd = spaces_fd(links->spaces, SPACE_OVERLAY);

	if (fd < 0)
		return error_set(error, fd, ERROR_APPLY, link->name,
				 "the network namespace of the overlay does not exist");
	return fd;
}

/* Both ends at once, the far one directly in the overlay, under the same name. */
static int create_veth(struct links *links, struct netlink *netlink, const struct link *link,
		       struct error *error)
{
	int fd = overlay_fd(links, link, error);
	struct creation creation;
	struct nlattr *peer;

	if (fd < 0)
		return fd;
	creation = begin_creation(netlink, link, "veth");
	peer = mnl_attr_nest_start(creation.request, VETH_INFO_PEER);
	mnl_nlmsg_put_extra_header(creation.request, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(creation.request, IFLA_IFNAME, link->name);
	mnl_attr_put_u32(creation.request, IFLA_NET_NS_FD, (uint32_t)fd);
	mnl_attr_put_u32(creation.request, IFLA_GROUP, LINK_GROUP);
	if (link->mtu)
		mnl_attr_put_u32(creation.request, IFLA_MTU, link->mtu);
	mnl_attr_nest_end(creation.request, peer);
	end_creation(&creation);
	return create(links, netlink, link, error);
}

static int find_veth_peer(struct links *links, struct netlink *netlink, const struct link *link,
			  struct error *error)
{
	(void)netlink;
	if (link_exists(links->spaces, link->space, link->name))
		return 0;
	return error_set(error, -ENOENT, ERROR_APPLY, link->name,
			 "the overlay's end of the veth pair is missing; delete the other end and "
			 "the pair is made anew");
}

static int create_vrf(struct links *links, struct netlink *netlink, const struct link *link,
		      struct error *error)
{
	struct creation creation = begin_creation(netlink, link, "vrf");

	mnl_attr_put_u32(creation.request, IFLA_VRF_TABLE, links->vrf_table);
	end_creation(&creation);
	return create(links, netlink, link, error);
}

/*
 * The UDP socket belongs for ever to the namespace of the socket that asks for the device, the
 * device itself appears directly in the overlay.
 */
static int create_wireguard(struct links *links, struct netlink *netlink, const struct link *link,
			    struct error *error)
{
	int fd = overlay_fd(links, link, error);
	struct creation creation;

	if (fd < 0)
		return fd;
	creation = begin_creation(netlink, link, "wireguard");
	end_creation(&creation);
	if (spaces_netns_name(links->spaces))
		mnl_attr_put_u32(creation.request, IFLA_NET_NS_FD, (uint32_t)fd);
	return create(links, netlink, link, error);
}

static int refuse_tun(struct links *links, struct netlink *netlink, const struct link *link,
		      struct error *error)
{
	(void)links, (void)netlink;
	return error_set(error, -EOPNOTSUPP, ERROR_APPLY, link->name,
			 "a TUN device is made by the process that serves it");
}

/* All requests start from the underlay's socket. */
typedef int link_create_fn(struct links *links, struct netlink *netlink, const struct link *link,
			   struct error *error);
static link_create_fn *const creators[] = {
	[LINK_VETH] = create_veth,	   [LINK_VETH_PEER] = find_veth_peer,
	[LINK_VRF] = create_vrf,	   [LINK_WIREGUARD] = create_wireguard,
	[LINK_WIREGUARD_TUN] = refuse_tun,
};

static int enslave(struct links *links, const struct link *link, const struct state *intended,
		   struct error *error)
{
	const struct object *vrf = intended_vrf(links, intended);
	struct netlink *netlink;
	uint32_t master;
	int result;

	if (!vrf || !is_tunnel(link->kind))
		return 0;
	result = spaces_rtnetlink(links->spaces, link->space, &netlink, error);
	if (result < 0)
		return result;
	master = link_index(netlink, vrf->link.name);
	if (!master)
		return error_set(error, -ENODEV, ERROR_APPLY, link->name, "VRF %s is missing",
				 vrf->link.name);
	return link_set(netlink, link->name, &(struct link_settings) { .master = master }, error);
}

static int link_apply(void *userdata, const struct operation *operation,
		      const struct state *intended, uint64_t id, struct error *error)
{
	struct links *links = userdata;
	const struct link *link = &operation_object(operation)->link;
	struct netlink *netlink;
	int result = 0;

	(void)id;
	if (operation->type == OPERATION_DELETE)
		return link_delete(links->spaces, link->space, link->name, error);
	if (operation->type == OPERATION_CREATE) {
		result = spaces_rtnetlink(links->spaces, SPACE_UNDERLAY, &netlink, error);
		if (result == 0)
			result = creators[link->kind](links, netlink, link, error);
	}
	if (result == 0)
		result = enslave(links, link, intended, error);
	if (result == 0)
		result = link_adopt(links->spaces, link, error);
	return result;
}

void link_backend(struct links *links, struct backend *ret)
{
	*ret = (struct backend) {
		.name = "link",
		.userdata = links,
		.claims = link_claims,
		.observe = link_observe,
		.can_update = link_can_update,
		.apply = link_apply,
	};
}
