/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "netlink/link.h"

/* What a RTM_NEWLINK message says about a link, as far as we want to know it. */
struct link_info {
	uint32_t index;
	char name[IFNAME_SIZE];
	char kind[16]; /* "veth", "wireguard", "tun"; "" for a physical device */
	char alias[LINK_ALIAS_SIZE];
	uint32_t group;
	uint32_t mtu;
	uint32_t master;
	uint32_t peer; /* of a veth: index of the other end, in its own namespace */
	uint32_t vrf_table;
	uint32_t if_id;			 /* of an xfrm interface */
	uint32_t vni;			 /* of a VXLAN, as what follows */
	struct ip_address local, remote; /* absent unless IPv6 */
	bool up;
};
void link_info_decode(const struct nlmsghdr *message, struct link_info *ret);

/* Group and alias are ours. */
bool link_info_is_ours(const struct link_info *info, const char *instance);

/* One link by its name. -ENODEV if there is none. */
int link_info_get(struct netlink *netlink, const char *name, struct link_info *ret,
		  struct error *error);

/* All links of a namespace, sorted by index. */
struct link_infos {
	struct link_info *items;
	size_t count;
};
int link_infos_load(struct netlink *netlink, struct link_infos *ret, struct error *error);
void link_infos_done(struct link_infos *infos);
CLEANUP_DEFINE_IN_PLACE(struct link_infos, link_infos_done);

/* NULL if there is none. */
const struct link_info *link_infos_find(const struct link_infos *infos, uint32_t index);
