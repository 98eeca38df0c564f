// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/link_info.h"

#include "base/memory.h"
#include "netlink/attribute.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

static void decode_kind(const struct nlattr *nest, struct link_info *info)
{
	const struct nlattr *attributes[IFLA_INFO_MAX + 1];
	const struct nlattr *vrf[IFLA_VRF_MAX + 1], *xfrm[IFLA_XFRM_MAX + 1];
	const struct nlattr *vxlan[IFLA_VXLAN_MAX + 1];

	attributes_parse_nested(nest, attributes, IFLA_INFO_MAX);
	attribute_text(attributes[IFLA_INFO_KIND], info->kind, sizeof(info->kind));
	if (!strcmp(info->kind, "vrf")) {
		attributes_parse_nested(attributes[IFLA_INFO_DATA], vrf, IFLA_VRF_MAX);
		info->vrf_table = attribute_u32(vrf[IFLA_VRF_TABLE], 0);
	} else if (!strcmp(info->kind, "xfrm")) {
		attributes_parse_nested(attributes[IFLA_INFO_DATA], xfrm, IFLA_XFRM_MAX);
		info->if_id = attribute_u32(xfrm[IFLA_XFRM_IF_ID], 0);
	} else if (!strcmp(info->kind, "vxlan")) {
		attributes_parse_nested(attributes[IFLA_INFO_DATA], vxlan, IFLA_VXLAN_MAX);
		info->vni = attribute_u32(vxlan[IFLA_VXLAN_ID], 0);
		info->local = attribute_address(vxlan[IFLA_VXLAN_LOCAL6], AF_INET6);
		info->remote = attribute_address(vxlan[IFLA_VXLAN_GROUP6], AF_INET6);
	}
}

void link_info_decode(const struct nlmsghdr *message, struct link_info *ret)
{
	const struct ifinfomsg *header = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[IFLA_MAX + 1];

	attributes_parse(message, sizeof(*header), attributes, IFLA_MAX);
	*ret = (struct link_info) {
		.index = (uint32_t)header->ifi_index,
		.up = header->ifi_flags & IFF_UP,
		.group = attribute_u32(attributes[IFLA_GROUP], 0),
		.mtu = attribute_u32(attributes[IFLA_MTU], 0),
		.master = attribute_u32(attributes[IFLA_MASTER], 0),
		.peer = attribute_u32(attributes[IFLA_LINK], 0),
	};
	attribute_text(attributes[IFLA_IFNAME], ret->name, sizeof(ret->name));
	attribute_text(attributes[IFLA_IFALIAS], ret->alias, sizeof(ret->alias));
	decode_kind(attributes[IFLA_LINKINFO], ret);
}

bool link_info_is_ours(const struct link_info *info, const char *instance)
{
	char alias[LINK_ALIAS_SIZE];

	memcpy(alias, info->alias, sizeof(alias));
	return info->group == LINK_GROUP && link_alias_split(alias, instance, NULL, NULL);
}

static int take_one(void *userdata, const struct nlmsghdr *message)
{
	if (message->nlmsg_type == RTM_NEWLINK &&
	    mnl_nlmsg_get_payload_len(message) >= sizeof(struct ifinfomsg))
		link_info_decode(message, userdata);
	return 0;
}

/* Counters are the larger part of an answer, and the kernel adds them up over all processors. */
static struct nlmsghdr *link_request(struct netlink *netlink)
{
	struct nlmsghdr *request = netlink_request(netlink, RTM_GETLINK, 0);

	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	mnl_attr_put_u32(request, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return request;
}

int link_info_get(struct netlink *netlink, const char *name, struct link_info *ret,
		  struct error *error)
{
	struct nlmsghdr *request = link_request(netlink);
	struct link_info info = { 0 };
	int result;

	mnl_attr_put_strz(request, IFLA_IFNAME, name);
	result = netlink_get(netlink, name, take_one, &info, error);
	if (result == 0)
		*ret = info;
	return result;
}

static int take_each(void *userdata, const struct nlmsghdr *message)
{
	struct link_infos *infos = userdata;

	if (message->nlmsg_type == RTM_NEWLINK &&
	    mnl_nlmsg_get_payload_len(message) >= sizeof(struct ifinfomsg))
		link_info_decode(message, ARRAY_APPEND(infos->items, infos->count));
	return 0;
}

static int compare_index(const void *a, const void *b)
{
	const struct link_info *first = a, *second = b;

	return first->index < second->index ? -1 : first->index > second->index;
}

int link_infos_load(struct netlink *netlink, struct link_infos *ret, struct error *error)
{
	CLEANUP(link_infos_done) struct link_infos infos = { 0 };
	int result;

	(void)link_request(netlink);
	result = netlink_dump(netlink, "list of links", take_each, &infos, error);
	if (result < 0)
		return result;
	if (infos.count)
		qsort(infos.items, infos.count, sizeof(*infos.items), compare_index);
	*ret = infos;
	infos = (struct link_infos) { 0 };
	return 0;
}

void link_infos_done(struct link_infos *infos)
{
	free(TAKE(infos->items));
	infos->count = 0;
}

const struct link_info *link_infos_find(const struct link_infos *infos, uint32_t index)
{
	const struct link_info like = { .index = index };

	if (!infos->count)
		return NULL;
	return bsearch(&like, infos->items, infos->count, sizeof(*infos->items), compare_index);
}
