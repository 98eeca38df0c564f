// SPDX-License-Identifier: GPL-2.0-or-later
#include "intend/parts.h"

#include <stdio.h>

/*
 * The overlay as a network namespace, but for what depends on peers: sysctls, the veth pair that
 * joins it to the host, addresses, SIDs, and the routes to our own networks.
 */
static const struct sysctl overlay_sysctls[] = {
	{ SPACE_OVERLAY, "net/ipv4/ip_forward", "1" },
	{ SPACE_OVERLAY, "net/ipv6/conf/all/forwarding", "1" },
	{ SPACE_OVERLAY, "net/ipv4/conf/all/rp_filter", "0" },
	{ SPACE_OVERLAY, "net/ipv4/conf/default/rp_filter", "0" },
	/* Both: "default" is for links that appear later, "all" is what the kernel asks too. */
	{ SPACE_OVERLAY, "net/ipv6/conf/all/seg6_enabled", "1" },
	{ SPACE_OVERLAY, "net/ipv6/conf/default/seg6_enabled", "1" },
	{ SPACE_OVERLAY, "net/ipv6/conf/default/accept_ra", "0" },
	/* Link-local addresses are ours to give: 1 is IN6_ADDR_GEN_MODE_NONE. */
	{ SPACE_OVERLAY, "net/ipv6/conf/default/addr_gen_mode", "1" },
};

/*
 * IPv4 networks behind this host need it to forward. IPv6 forwarding of the host is left alone:
 * turning it on drops a default route learned by router advertisement.
 */
static const struct sysctl host_forwarding[] = { { SPACE_UNDERLAY, "net/ipv4/ip_forward", "1" } };

static bool announces_ipv4(const struct config *config)
{
	for (size_t i = 0; i < config->prefixes_count; i++)
		if (config->prefixes[i].address.family == AF_INET)
			return true;
	return false;
}

struct ip_address part_veth_address(enum space space)
{
	struct ip_address address = { .family = AF_INET6, .bytes = { 0xfe, 0x80 } };

	address.bytes[15] = space == SPACE_UNDERLAY ? 1 : 2;
	return address;
}

static void add_addresses(const struct config *config, struct state *state)
{
	for (enum space space = SPACE_UNDERLAY; space <= SPACE_OVERLAY; space++) {
		struct ip_prefix link_local = { part_veth_address(space), 64 };

		part_add_address(space, config->ifname, &link_local, state);
		part_add_internal_address(
			config, space, space == SPACE_UNDERLAY ? SRV6_MAIN : SRV6_OVERLAY, state);
	}
	for (size_t i = 0; i < config->extra_ips_count; i++)
		part_add_address(SPACE_UNDERLAY, config->ifname, &config->extra_ips[i], state);
}

static void add_own_routes(const struct config *config, struct state *state)
{
	struct route route = {
		.space = SPACE_OVERLAY,
		.table = ROUTE_TABLE_MAIN,
		.prefix = config->network,
		.metric = METRIC_DIRECT,
		.gateway = part_veth_address(SPACE_UNDERLAY),
	};

	part_add_route(&route, config->ifname, state);
	for (size_t i = 0; i < config->prefixes_count; i++) {
		route.prefix = config->prefixes[i];
		part_add_route(&route, config->ifname, state);
	}
}

void part_add_netns(const struct config *config, struct state *state)
{
	struct object netns = { .kind = OBJECT_NETNS, .netns.space = SPACE_OVERLAY };

	(void)snprintf(netns.netns.name, sizeof(netns.netns.name), "%s", config->netns_name);
	(void)state_add(state, &netns);
	part_add_sysctls(overlay_sysctls, ARRAY_SIZE(overlay_sysctls), state);
	if (announces_ipv4(config))
		part_add_sysctls(host_forwarding, ARRAY_SIZE(host_forwarding), state);
	part_add_main_link(config, SPACE_UNDERLAY, LINK_VETH, state);
	part_add_main_link(config, SPACE_OVERLAY, LINK_VETH_PEER, state);
	add_addresses(config, state);
	part_add_sid(config, SRV6_END, SID_END, state);
	part_add_sid(config, SRV6_DECAPSULATE_IPV4, SID_END_DX4, state);
	part_add_sid(config, SRV6_DECAPSULATE_IPV6, SID_END_DX6, state);
	add_own_routes(config, state);
}
