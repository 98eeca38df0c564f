// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/facts.h"

#include "base/prefix_list.h"
#include "netlink/attribute.h"
#include "netlink/link_info.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/if_addr.h>
#include <linux/lwtunnel.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <linux/wireguard.h>
#include <string.h>

struct collection {
	const char *instance;
	const struct link_infos *links;
	struct prefix_list addresses;
};

/* What is in a VRF, ours or another, is no part of the underlay. */
static bool is_in_vrf(const struct link_infos *links, const struct link_info *link)
{
	const struct link_info *master = link_infos_find(links, link->master);

	return !strcmp(link->kind, "vrf") || (master && !strcmp(master->kind, "vrf"));
}

static int take_address(void *userdata, const struct nlmsghdr *message)
{
	struct collection *collection = userdata;
	const struct ifaddrmsg *header = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[IFA_MAX + 1];
	const struct link_info *link;
	struct ip_prefix prefix;

	if (message->nlmsg_type != RTM_NEWADDR ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(*header) ||
	    header->ifa_scope != RT_SCOPE_UNIVERSE)
		return 0;
	link = link_infos_find(collection->links, header->ifa_index);
	if (!link || link_info_is_ours(link, collection->instance) ||
	    is_in_vrf(collection->links, link))
		return 0;
	attributes_parse(message, sizeof(*header), attributes, IFA_MAX);
	prefix = (struct ip_prefix) {
		.address = attribute_address(
			attributes[attributes[IFA_LOCAL] ? IFA_LOCAL : IFA_ADDRESS],
			header->ifa_family),
		.length = header->ifa_prefixlen,
	};
	if (ip_address_present(&prefix.address))
		prefix_list_add(&collection->addresses, &prefix, 1);
	return 0;
}

int netlink_underlay_addresses(struct spaces *spaces, struct ip_prefix **ret, size_t *ret_count,
			       struct error *error)
{
	CLEANUP(link_infos_done) struct link_infos links = { 0 };
	struct collection collection = { spaces_instance(spaces), &links, { 0 } };
	struct nlmsghdr *request;
	struct netlink *netlink;
	int result = spaces_rtnetlink(spaces, SPACE_UNDERLAY, &netlink, error);

	if (result == 0)
		result = link_infos_load(netlink, &links, error);
	if (result < 0)
		return result;
	request = netlink_request(netlink, RTM_GETADDR, 0);
	mnl_nlmsg_put_extra_header(request, sizeof(struct ifaddrmsg));
	result = netlink_dump(netlink, "list of addresses", take_address, &collection, error);
	if (result < 0) {
		prefix_list_done(&collection.addresses);
		return result;
	}
	prefix_list_sort(&collection.addresses);
	*ret = collection.addresses.items;
	*ret_count = collection.addresses.count;
	return 0;
}

/*
 * A VRF without a table is refused by the driver (EINVAL), and without the driver it is an unknown
 * kind (EOPNOTSUPP): the answer comes without making anything.
 */
bool netlink_has_vrf(struct spaces *spaces)
{
	struct nlmsghdr *request;
	struct nlattr *info;
	struct netlink *netlink;

	if (spaces_rtnetlink(spaces, SPACE_UNDERLAY, &netlink, NULL) < 0)
		return false;
	request = netlink_request(netlink, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(request, IFLA_IFNAME, "aronet-probe");
	info = mnl_attr_nest_start(request, IFLA_LINKINFO);
	mnl_attr_put_strz(request, IFLA_INFO_KIND, "vrf");
	mnl_attr_nest_end(request, info);
	return netlink_call(netlink, "probe of VRF", NULL) == -EINVAL;
}

int netlink_vrf_of_table(struct spaces *spaces, uint32_t table, char ret[IFNAME_SIZE],
			 struct error *error)
{
	CLEANUP(link_infos_done) struct link_infos links = { 0 };
	struct netlink *netlink;
	int result = spaces_rtnetlink(spaces, SPACE_UNDERLAY, &netlink, error);

	if (result == 0)
		result = link_infos_load(netlink, &links, error);
	memset(ret, 0, IFNAME_SIZE);
	for (size_t i = 0; i < links.count; i++)
		if (!strcmp(links.items[i].kind, "vrf") && links.items[i].vrf_table == table &&
		    !link_info_is_ours(&links.items[i], spaces_instance(spaces)))
			memcpy(ret, links.items[i].name, IFNAME_SIZE);
	return result;
}

bool netlink_has_wireguard(struct spaces *spaces)
{
	struct genlmsghdr *header;
	struct nlmsghdr *request;
	struct netlink *netlink;

	if (spaces_generic(spaces, SPACE_UNDERLAY, &netlink, NULL) < 0)
		return false;
	request = netlink_request(netlink, GENL_ID_CTRL, 0);
	header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
	header->cmd = CTRL_CMD_GETFAMILY;
	header->version = 1;
	mnl_attr_put_strz(request, CTRL_ATTR_FAMILY_NAME, WG_GENL_NAME);
	return netlink_call(netlink, "probe of WireGuard", NULL) == 0;
}

#define LOOPBACK_IFINDEX 1 /* include/net/flow.h; in every namespace */

/*
 * The kernel looks for the type of an encapsulation first (EOPNOTSUPP), and loads its module; then
 * an encapsulation without any attribute is refused (EINVAL), whatever the type. Without IPv6
 * nobody takes such routes (EOPNOTSUPP, too).
 */
bool netlink_has_encapsulation(struct spaces *spaces, uint16_t type)
{
	static const struct in6_addr discard = { .s6_addr = { 0x01 } }; /* 100::/64, RFC 6666 */
	struct nlmsghdr *request;
	struct netlink *netlink;
	struct rtmsg *header;

	if (spaces_rtnetlink(spaces, SPACE_UNDERLAY, &netlink, NULL) < 0)
		return false;
	request = netlink_request(netlink, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
	header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
	*header = (struct rtmsg) {
		.rtm_family = AF_INET6,
		.rtm_dst_len = 64,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = ROUTE_PROTOCOL,
		.rtm_type = RTN_UNICAST,
	};
	mnl_attr_put(request, RTA_DST, sizeof(discard), &discard);
	mnl_attr_put_u32(request, RTA_OIF, LOOPBACK_IFINDEX);
	mnl_attr_put_u16(request, RTA_ENCAP_TYPE, type);
	mnl_attr_nest_end(request, mnl_attr_nest_start(request, RTA_ENCAP));
	return netlink_call(netlink, "probe of an encapsulation", NULL) != -EOPNOTSUPP;
}

/* One option brings both, but for kernels that were patched. */
bool netlink_has_seg6(struct spaces *spaces)
{
	return netlink_has_encapsulation(spaces, LWTUNNEL_ENCAP_SEG6) &&
	       netlink_has_encapsulation(spaces, LWTUNNEL_ENCAP_SEG6_LOCAL);
}

/* Without nf_tables the request is invalid (EINVAL); without any subsystem there is no such socket.
 */
bool netlink_has_nf_tables(void)
{
	CLEANUP(netlink_free) struct netlink *netlink = NULL;
	struct nfgenmsg *header;
	struct nlmsghdr *request;

	if (netlink_open(NETLINK_NETFILTER, &netlink, NULL) < 0)
		return false;
	request = netlink_request(netlink, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN, 0);
	header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
	header->version = NFNETLINK_V0;
	return netlink_call(netlink, "probe of nf_tables", NULL) == 0;
}
