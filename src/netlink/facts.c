// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/facts.h"

#include "base/memory.h"
#include "netlink/attribute.h"
#include "netlink/link_info.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <linux/wireguard.h>

struct collection {
	const char *instance;
	const struct link_infos *links;
	struct ip_prefix *items;
	size_t count;
};

static int take_address(void *userdata, const struct nlmsghdr *message)
{
	struct collection *collection = userdata;
	const struct ifaddrmsg *header = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[IFA_MAX + 1];
	const struct link_info *link;
	struct ip_address address;

	if (message->nlmsg_type != RTM_NEWADDR ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(*header) ||
	    header->ifa_scope != RT_SCOPE_UNIVERSE)
		return 0;
	link = link_infos_find(collection->links, header->ifa_index);
	if (!link || link_info_is_ours(link, collection->instance))
		return 0;
	attributes_parse(message, sizeof(*header), attributes, IFA_MAX);
	address = attribute_address(attributes[attributes[IFA_LOCAL] ? IFA_LOCAL : IFA_ADDRESS],
				    header->ifa_family);
	if (ip_address_present(&address))
		*ARRAY_APPEND(collection->items, collection->count) =
			(struct ip_prefix) { address, header->ifa_prefixlen };
	return 0;
}

int netlink_underlay_addresses(struct spaces *spaces, struct ip_prefix **ret, size_t *ret_count,
			       struct error *error)
{
	CLEANUP(link_infos_done) struct link_infos links = { 0 };
	struct collection collection = { spaces_instance(spaces), &links, NULL, 0 };
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
		free(collection.items);
		return result;
	}
	if (collection.count)
		qsort(collection.items, collection.count, sizeof(*collection.items),
		      ip_prefix_compare_qsort);
	*ret = collection.items;
	*ret_count = collection.count;
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

bool netlink_has_seg6(void)
{
	return access("/proc/sys/net/ipv6/conf/all/seg6_enabled", F_OK) == 0;
}
