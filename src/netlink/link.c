// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/link.h"

#include "netlink/attribute.h"
#include "netlink/link_info.h"
#include "netlink/xfrm.h"

#include <arpa/inet.h>
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
		{ "xfrm", { LINK_XFRM, LINK_XFRM } },
		{ "vxlan", { LINK_VXLAN, LINK_VXLAN } },
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

struct observation {
	struct spaces *spaces;
	const struct link_infos *infos;
	const struct link_infos *overlay;
	const struct state *intended;
	struct state *operational;
};

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
	const char *instance = spaces_instance(observation->spaces);
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
	object.link.table = info->vrf_table;
	object.link.if_id = info->if_id;
	object.link.vni = info->vni;
	object.link.local = info->local;
	object.link.remote = info->remote;
	(void)state_add(observation->operational, &object);
}

static void observe_space(const struct observation *observation, enum space space)
{
	for (size_t i = 0; i < observation->infos->count; i++)
		observe_link(observation, space, &observation->infos->items[i]);
}

/* No namespace, no links: *ret stays as it is. */
static int load(struct spaces *spaces, enum space space, const struct link_infos **ret,
		struct error *error)
{
	return spaces_fd(spaces, space) == -ENOENT ? 0 : spaces_links(spaces, space, ret, error);
}

static int link_observe(void *userdata, const struct state *intended, struct state *operational,
			struct error *error)
{
	struct spaces *spaces = userdata;
	static const struct link_infos none;
	struct observation observation = {
		.spaces = spaces,
		.infos = &none,
		.overlay = &none,
		.intended = intended,
		.operational = operational,
	};
	int result = load(spaces, SPACE_OVERLAY, &observation.overlay, error);

	if (result == 0 && spaces_netns_name(spaces))
		result = load(spaces, SPACE_UNDERLAY, &observation.infos, error);
	if (result < 0)
		return result;
	observe_space(&observation, SPACE_UNDERLAY);
	observation.infos = observation.overlay;
	observe_space(&observation, SPACE_OVERLAY);
	return 0;
}

static bool link_can_update(void *userdata, const struct object *from, const struct object *to)
{
	(void)userdata;
	/*
	 * The table of a VRF and the if_id of an xfrm interface are fixed when they are made. So is
	 * the VNI of a VXLAN; its addresses come from the same names and keys.
	 */
	return from->link.kind == to->link.kind && from->link.table == to->link.table &&
	       from->link.if_id == to->link.if_id && from->link.vni == to->link.vni &&
	       !ip_address_compare(&from->link.local, &to->link.local) &&
	       !ip_address_compare(&from->link.remote, &to->link.remote);
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

/* Returns 1 if the link is there already: half made, or marked by us a moment ago. */
static int create(struct spaces *spaces, struct netlink *netlink, const struct link *link,
		  struct error *error)
{
	struct object object = { .kind = OBJECT_LINK, .link = *link };
	struct netlink *where;
	struct link_info info;
	int result = netlink_call(netlink, link->name, error);

	if (result != -EEXIST)
		return result;
	if (spaces_rtnetlink(spaces, link->space, &where, NULL) == 0 &&
	    link_info_get(where, link->name, &info, NULL) == 0 &&
	    (link_info_is_ours(&info, spaces_instance(spaces)) || is_half_made(&info, &object)))
		return 1;
	return error_set(error, result, ERROR_APPLY, link->name,
			 "a link of this name exists and is not ours; rename or remove it");
}

static int overlay_fd(struct spaces *spaces, const struct link *link, struct error *error)
{
	int fd = spaces_fd(spaces, SPACE_OVERLAY);

	if (fd < 0)
		return error_set(error, fd, ERROR_APPLY, link->name,
				 "the network namespace of the overlay does not exist");
	return fd;
}

/* Both ends at once, the far one directly in the overlay, under the same name. */
static int create_veth(struct spaces *spaces, struct netlink *netlink, const struct link *link,
		       struct error *error)
{
	int fd = overlay_fd(spaces, link, error);
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
	return create(spaces, netlink, link, error);
}

static int find_veth_peer(struct spaces *spaces, struct netlink *netlink, const struct link *link,
			  struct error *error)
{
	(void)netlink;
	if (link_exists(spaces, link->space, link->name))
		return 1;
	return error_set(error, -ENOENT, ERROR_APPLY, link->name,
			 "the overlay's end of the veth pair is missing; delete the other end and "
			 "the pair is made anew");
}

static int create_vrf(struct spaces *spaces, struct netlink *netlink, const struct link *link,
		      struct error *error)
{
	struct creation creation = begin_creation(netlink, link, "vrf");

	mnl_attr_put_u32(creation.request, IFLA_VRF_TABLE, link->table);
	end_creation(&creation);
	return create(spaces, netlink, link, error);
}

/*
 * The UDP socket belongs for ever to the namespace of the socket that asks for the device, the
 * device itself appears directly in the overlay.
 */
static int create_wireguard(struct spaces *spaces, struct netlink *netlink, const struct link *link,
			    struct error *error)
{
	int fd = overlay_fd(spaces, link, error);
	struct creation creation;

	if (fd < 0)
		return fd;
	creation = begin_creation(netlink, link, "wireguard");
	end_creation(&creation);
	if (spaces_netns_name(spaces))
		mnl_attr_put_u32(creation.request, IFLA_NET_NS_FD, (uint32_t)fd);
	return create(spaces, netlink, link, error);
}

/*
 * What a link sends goes through the namespace where it is made, so it is made in the underlay and
 * moved from there, marked: what a crash in between leaves in the underlay is ours, and found here
 * again.
 */
static int create_and_move(struct spaces *spaces, struct netlink *netlink, const struct link *link,
			   struct error *error)
{
	char alias[LINK_ALIAS_SIZE];
	struct link made = *link;
	int result, marked;

	made.space = SPACE_UNDERLAY;
	result = create(spaces, netlink, &made, error);
	if (result < 0)
		return result;
	link_alias_format(spaces_instance(spaces), link->label, "", alias);
	marked = link_set(netlink, link->name,
			  &(struct link_settings) { .alias = alias, .multicast = true }, error);
	if (marked == 0)
		marked = link_move_to_space(spaces, link->name, SPACE_UNDERLAY, SPACE_OVERLAY,
					    error);
	return marked < 0 ? marked : result;
}

static int create_xfrm(struct spaces *spaces, struct netlink *netlink, const struct link *link,
		       struct error *error)
{
	struct creation creation = begin_creation(netlink, link, "xfrm");
	int result;

	mnl_attr_put_u32(creation.request, IFLA_XFRM_IF_ID, link->if_id);
	end_creation(&creation);
	result = create_and_move(spaces, netlink, link, error);
	if (result != -EOPNOTSUPP)
		return result;
	return error_set(error, result, ERROR_UNSUPPORTED, NULL,
			 "this kernel has no xfrm interfaces (CONFIG_XFRM_INTERFACE); load the "
			 "module xfrm_interface, or use the transport wireguard");
}

/* There is one other end, and nothing to learn: who sends from elsewhere is not heard. */
static int create_vxlan(struct spaces *spaces, struct netlink *netlink, const struct link *link,
			struct error *error)
{
	struct creation creation = begin_creation(netlink, link, "vxlan");
	int result;

	mnl_attr_put_u32(creation.request, IFLA_VXLAN_ID, link->vni);
	attribute_put_address(creation.request, IFLA_VXLAN_LOCAL6, &link->local);
	attribute_put_address(creation.request, IFLA_VXLAN_GROUP6, &link->remote);
	mnl_attr_put_u16(creation.request, IFLA_VXLAN_PORT, htons(LINK_VXLAN_PORT));
	mnl_attr_put_u8(creation.request, IFLA_VXLAN_LEARNING, 0);
	end_creation(&creation);
	result = create_and_move(spaces, netlink, link, error);
	if (result != -EOPNOTSUPP)
		return result;
	return error_set(error, result, ERROR_UNSUPPORTED, NULL,
			 "this kernel has no VXLAN (CONFIG_VXLAN); load the module vxlan, or use "
			 "the transport wireguard");
}

static int refuse_tun(struct spaces *spaces, struct netlink *netlink, const struct link *link,
		      struct error *error)
{
	(void)spaces, (void)netlink;
	return error_set(error, -EOPNOTSUPP, ERROR_APPLY, link->name,
			 "a TUN device is made by the process that serves it");
}

/* All requests start from the underlay's socket. 0: made; 1: it was there; or -errno. */
typedef int link_create_fn(struct spaces *spaces, struct netlink *netlink, const struct link *link,
			   struct error *error);
static link_create_fn *const creators[] = {
	[LINK_VETH] = create_veth,	   [LINK_VETH_PEER] = find_veth_peer,
	[LINK_VRF] = create_vrf,	   [LINK_WIREGUARD] = create_wireguard,
	[LINK_WIREGUARD_TUN] = refuse_tun, [LINK_XFRM] = create_xfrm,
	[LINK_VXLAN] = create_vxlan,
};

/*
 * A WireGuard device opens its socket when it goes up. To change the port of an open one takes a
 * grace period of the kernel, some 20 ms for each of hundreds of tunnels: so a new link stays down
 * until its port is set, and goes up with that (wireguard/backend.c).
 */
static bool goes_up_later(const struct link *link, const struct state *intended)
{
	struct object device = { .kind = OBJECT_WIREGUARD };

	memcpy(device.wireguard.link, link->name, sizeof(device.wireguard.link));
	return link->kind == LINK_WIREGUARD && state_find(intended, &device);
}

static int link_make(struct spaces *spaces, const struct link *link, bool stays_down,
		     struct error *error)
{
	struct link wanted = *link;
	struct netlink *netlink;
	int result = spaces_rtnetlink(spaces, SPACE_UNDERLAY, &netlink, error);

	if (result == 0)
		result = creators[link->kind](spaces, netlink, link, error);
	if (result < 0)
		return result;
	wanted.up = link->up && !stays_down;
	return result == 0 ? link_adopt_new(spaces, &wanted, error)
			   : link_adopt(spaces, &wanted, error);
}

/*
 * The SAs and policies of an xfrm interface outlive it. charon takes away what it has made, unless
 * it was killed: then nobody else does.
 */
static int link_remove(struct spaces *spaces, const struct link *link, struct error *error)
{
	int result = link_delete(spaces, link->space, link->name, error);

	if (result == 0 && link->kind == LINK_XFRM && link->if_id)
		result = xfrm_states_delete(spaces, link->if_id, error);
	if (result == 0 && link->kind == LINK_XFRM && link->if_id)
		result = xfrm_policies_delete(spaces, link->if_id, error);
	return result;
}

static int link_apply(void *userdata, const struct operation *operation,
		      const struct state *intended, uint64_t id, struct error *error)
{
	struct spaces *spaces = userdata;
	const struct link *link = &operation_object(operation)->link;

	(void)id;
	switch (operation->type) {
	case OPERATION_CREATE:
		return link_make(spaces, link, goes_up_later(link, intended), error);
	case OPERATION_UPDATE:
		return link_adopt(spaces, link, error);
	case OPERATION_DELETE:
		return link_remove(spaces, link, error);
	}
	return -EINVAL;
}

void link_backend(struct spaces *spaces, struct backend *ret)
{
	*ret = (struct backend) {
		.name = "link",
		.userdata = spaces,
		.claims = link_claims,
		.observe = link_observe,
		.can_update = link_can_update,
		.apply = link_apply,
	};
}
