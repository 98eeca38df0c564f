// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/link.h"

#include "netlink/link_info.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

const char *link_alias_format(const char *instance, const char *label, const char *suffix,
			      char buffer[LINK_ALIAS_SIZE])
{
	(void)snprintf(buffer, LINK_ALIAS_SIZE, LINK_ALIAS_PREFIX "%s:%s%s%s", instance, label,
		       suffix[0] ? "@" : "", suffix);
	return buffer;
}

bool link_alias_split(char *alias, const char *instance, const char **ret_label,
		      const char **ret_suffix)
{
	const size_t prefix = strlen(LINK_ALIAS_PREFIX);
	const size_t length = strlen(instance);
	char *label, *at;

	if (strncmp(alias, LINK_ALIAS_PREFIX, prefix) ||
	    strncmp(alias + prefix, instance, length) || alias[prefix + length] != ':')
		return false;
	label = alias + prefix + length + 1;
	at = strchr(label, '@');
	if (at)
		*at++ = '\0';
	if (ret_label)
		*ret_label = label;
	if (ret_suffix)
		*ret_suffix = at ? at : "";
	return true;
}

static struct nlmsghdr *request_by_name(struct netlink *netlink, uint16_t type, const char *name,
					unsigned flags, unsigned change)
{
	struct nlmsghdr *request = netlink_request(netlink, type, 0);
	struct ifinfomsg *header = mnl_nlmsg_put_extra_header(request, sizeof(*header));

	header->ifi_flags = flags;
	header->ifi_change = change;
	mnl_attr_put_strz(request, IFLA_IFNAME, name);
	return request;
}

static void put_no_address(struct nlmsghdr *request)
{
	struct nlattr *inet6 = mnl_attr_nest_start(request, AF_INET6);

	mnl_attr_put_u8(request, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	mnl_attr_nest_end(request, inet6);
}

static void put_no_rp_filter(struct nlmsghdr *request)
{
	struct nlattr *inet = mnl_attr_nest_start(request, AF_INET);
	struct nlattr *conf = mnl_attr_nest_start(request, IFLA_INET_CONF);

	mnl_attr_put_u32(request, IPV4_DEVCONF_RP_FILTER, 0);
	mnl_attr_nest_end(request, conf);
	mnl_attr_nest_end(request, inet);
}

static void put_families(struct nlmsghdr *request, const struct link_settings *settings)
{
	struct nlattr *families = mnl_attr_nest_start(request, IFLA_AF_SPEC);

	if (settings->no_address)
		put_no_address(request);
	if (settings->no_rp_filter)
		put_no_rp_filter(request);
	mnl_attr_nest_end(request, families);
}

int link_set(struct netlink *netlink, const char *name, const struct link_settings *settings,
	     struct error *error)
{
	unsigned flags = (settings->up ? IFF_UP : 0u) | (settings->multicast ? IFF_MULTICAST : 0u);
	struct nlmsghdr *request = request_by_name(netlink, RTM_NEWLINK, name, flags, flags);

	if (settings->alias)
		mnl_attr_put(request, IFLA_IFALIAS, strlen(settings->alias), settings->alias);
	if (settings->group)
		mnl_attr_put_u32(request, IFLA_GROUP, settings->group);
	if (settings->mtu)
		mnl_attr_put_u32(request, IFLA_MTU, settings->mtu);
	if (settings->master || settings->no_master)
		mnl_attr_put_u32(request, IFLA_MASTER, settings->master);
	if (settings->netns_fd)
		mnl_attr_put_u32(request, IFLA_NET_NS_FD, (uint32_t)settings->netns_fd);
	if (settings->no_address || settings->no_rp_filter)
		put_families(request, settings);
	return netlink_call(netlink, name, error);
}

int link_set_up(struct netlink *netlink, const char *name, bool up, struct error *error)
{
	(void)request_by_name(netlink, RTM_NEWLINK, name, up ? IFF_UP : 0, IFF_UP);
	return netlink_call(netlink, name, error);
}

/* The alias with the new label; a suffix stays if it belongs to the same label. */
static void renew_alias(const char *instance, const char *label, char old[LINK_ALIAS_SIZE],
			char ret[LINK_ALIAS_SIZE])
{
	const char *old_label = "", *suffix = "";

	if (!link_alias_split(old, instance, &old_label, &suffix) || strcmp(old_label, label))
		suffix = "";
	link_alias_format(instance, label, suffix, ret);
}

int link_adopt(struct spaces *spaces, const struct link *link, struct error *error)
{
	struct netlink *netlink;
	char alias[LINK_ALIAS_SIZE];
	struct link_info info;
	int result = spaces_rtnetlink(spaces, link->space, &netlink, error);

	if (result == 0)
		result = link_info_get(netlink, link->name, &info, error);
	if (result < 0)
		return result;
	renew_alias(spaces_instance(spaces), link->label, info.alias, alias);
	/*
	 * Not in one message with `up`: the kernel would take the link up before it reads the
	 * address mode, and make the link-local address that we do not want.
	 */
	result = link_set(netlink, link->name,
			  &(struct link_settings) {
				  .alias = alias,
				  .group = LINK_GROUP,
				  .mtu = link->mtu,
				  .no_address = true,
				  .no_rp_filter = link->space == SPACE_OVERLAY,
			  },
			  error);
	if (result < 0)
		return result;
	return link_set_up(netlink, link->name, link->up, error);
}

int link_adopt_new(struct spaces *spaces, const struct link *link, struct error *error)
{
	struct netlink *netlink;
	char alias[LINK_ALIAS_SIZE];
	int result = spaces_rtnetlink(spaces, link->space, &netlink, error);

	if (result < 0)
		return result;
	link_alias_format(spaces_instance(spaces), link->label, "", alias);
	result = link_set(netlink, link->name,
			  &(struct link_settings) {
				  .alias = alias,
				  .no_address = true,
				  .no_rp_filter = link->space == SPACE_OVERLAY,
			  },
			  error);
	return result < 0 || !link->up ? result : link_set_up(netlink, link->name, true, error);
}

int link_alias_read(struct spaces *spaces, enum space space, const char *name,
		    char ret[LINK_ALIAS_SIZE], struct error *error)
{
	struct netlink *netlink;
	struct link_info info;
	int result = spaces_rtnetlink(spaces, space, &netlink, error);

	if (result == 0)
		result = link_info_get(netlink, name, &info, error);
	if (result == 0)
		memcpy(ret, info.alias, LINK_ALIAS_SIZE);
	return result;
}

int link_move_to_space(struct spaces *spaces, const char *name, enum space from, enum space to,
		       struct error *error)
{
	struct netlink *netlink;
	int result = spaces_rtnetlink(spaces, from, &netlink, error);
	int fd = spaces_fd(spaces, to);

	if (result < 0)
		return result;
	if (fd < 0)
		return error_set(error, fd, ERROR_APPLY, NULL,
				 "cannot move link %s: there is no %s", name, space_name(to));
	if (fd == spaces_fd(spaces, from))
		return 0;
	return link_set(netlink, name, &(struct link_settings) { .netns_fd = fd }, error);
}

bool link_exists(struct spaces *spaces, enum space space, const char *name)
{
	struct netlink *netlink;

	if (spaces_rtnetlink(spaces, space, &netlink, NULL) < 0)
		return false;
	return link_index(netlink, name) != 0;
}

int link_delete(struct spaces *spaces, enum space space, const char *name, struct error *error)
{
	struct netlink *netlink;
	int result = spaces_rtnetlink(spaces, space, &netlink, error);

	/* A link goes with its namespace. */
	if (result == -ENOENT)
		return 0;
	if (result < 0)
		return result;
	(void)request_by_name(netlink, RTM_DELLINK, name, 0, 0);
	result = netlink_call(netlink, name, error);
	return result == -ENODEV ? 0 : result;
}

uint32_t link_index(struct netlink *netlink, const char *name)
{
	struct link_info info;

	return link_info_get(netlink, name, &info, NULL) < 0 ? 0 : info.index;
}
