// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireguard/links.h"

#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool wireguard_link_from_info(const struct link_info *info, const char *instance,
			      struct wireguard_link *ret)
{
	struct wireguard_link link = { .is_tun = !strcmp(info->kind, "tun"), .is_up = info->up };
	char alias[LINK_ALIAS_SIZE];
	const char *label, *suffix;

	if (!link.is_tun && strcmp(info->kind, "wireguard") != 0)
		return false;
	memcpy(alias, info->alias, sizeof(alias));
	if (!link_info_is_ours(info, instance) ||
	    !link_alias_split(alias, instance, &label, &suffix) ||
	    strlen(label) >= sizeof(link.label))
		return false;
	(void)snprintf(link.name, sizeof(link.name), "%s", info->name);
	(void)snprintf(link.label, sizeof(link.label), "%s", label);
	/* What cannot be read counts as not recorded: the endpoint is set once more. */
	(void)ip_endpoint_parse(suffix, &link.recorded);
	*ret = link;
	return true;
}

int wireguard_links_read(struct spaces *spaces, struct wireguard_link **ret, size_t *ret_count,
			 struct error *error)
{
	struct wireguard_link *links = NULL;
	const struct link_infos *infos;
	size_t count = 0;
	int result = spaces_links(spaces, SPACE_OVERLAY, &infos, error);

	if (result < 0 && result != -ENOENT)
		return result;
	for (size_t i = 0; result == 0 && i < infos->count; i++) {
		struct wireguard_link link;

		if (wireguard_link_from_info(&infos->items[i], spaces_instance(spaces), &link))
			*ARRAY_APPEND(links, count) = link;
	}
	*ret = links;
	*ret_count = count;
	return 0;
}

int wireguard_link_read(struct spaces *spaces, const char *name, struct wireguard_link *ret,
			struct error *error)
{
	struct netlink *netlink;
	struct link_info info;
	int result = spaces_rtnetlink(spaces, SPACE_OVERLAY, &netlink, error);

	if (result == 0)
		result = link_info_get(netlink, name, &info, error);
	if (result < 0)
		return result;
	if (!wireguard_link_from_info(&info, spaces_instance(spaces), ret))
		return error_set(error, -ENODEV, ERROR_APPLY, name,
				 "the interface of this name is no tunnel of ours");
	return 0;
}

int wireguard_link_record(struct spaces *spaces, const struct wireguard_link *link, bool goes_up,
			  struct error *error)
{
	char endpoint[IP_ENDPOINT_TEXT_SIZE] = "";
	char alias[LINK_ALIAS_SIZE];
	struct netlink *netlink;
	int result = spaces_rtnetlink(spaces, SPACE_OVERLAY, &netlink, error);

	if (result < 0)
		return result;
	if (ip_address_present(&link->recorded.address))
		ip_endpoint_format(&link->recorded, endpoint);
	link_alias_format(spaces_instance(spaces), link->label, endpoint, alias);
	return link_set(netlink, link->name,
			&(struct link_settings) { .alias = alias, .up = goes_up }, error);
}
