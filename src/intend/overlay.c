// SPDX-License-Identifier: GPL-2.0-or-later
#include "intend/parts.h"

#include "srv6/plan.h"

#include <stdio.h>
#include <string.h>

/*
 * What does not depend on peers: namespace, sysctls, the veth pair between host and overlay, their
 * addresses, SIDs, and the routes to our own networks.
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

static bool announces_ipv4(const struct config *config)
{
	for (size_t i = 0; i < config->prefixes_count; i++)
		if (config->prefixes[i].address.family == AF_INET)
			return true;
	return false;
}

static void add_sysctls(const struct config *config, struct state *state)
{
	struct object object = { .kind = OBJECT_SYSCTL };

	for (size_t i = 0; i < ARRAY_SIZE(overlay_sysctls); i++) {
		object.sysctl = overlay_sysctls[i];
		(void)state_add(state, &object);
	}
	/*
	 * IPv4 networks behind this host need it to forward. IPv6 forwarding of the host is left
	 * alone: turning it on drops a default route learned by router advertisement.
	 */
	object.sysctl = (struct sysctl) { SPACE_UNDERLAY, "net/ipv4/ip_forward", "1" };
	if (announces_ipv4(config))
		(void)state_add(state, &object);
}

/* Small enough that what enters the overlay still fits a tunnel after an SRv6 detour. */
static uint16_t overlay_mtu(const struct config *config)
{
	uint16_t mtu = UINT16_MAX;

	for (unsigned i = 0; i < config->endpoints_count; i++)
		if (config->endpoints[i].mtu < mtu)
			mtu = config->endpoints[i].mtu;
	if (mtu < IPV6_MTU_MIN + SRV6_DETOUR_OVERHEAD)
		return IPV6_MTU_MIN;
	return (uint16_t)(mtu - SRV6_DETOUR_OVERHEAD);
}

static void add_veth_end(const struct config *config, enum space space, enum link_kind kind,
			 struct state *state)
{
	struct object object = { .kind = OBJECT_LINK };

	object.link.space = space;
	object.link.kind = kind;
	object.link.mtu = overlay_mtu(config);
	object.link.up = true;
	(void)snprintf(object.link.name, sizeof(object.link.name), "%s", config->ifname);
	(void)snprintf(object.link.label, sizeof(object.link.label), "veth");
	(void)state_add(state, &object);
}

void part_add_address(enum space space, const char *link, const struct ip_prefix *prefix,
		      struct state *state)
{
	struct object object = { .kind = OBJECT_ADDRESS };

	object.address.space = space;
	object.address.prefix = *prefix;
	(void)snprintf(object.address.link, sizeof(object.address.link), "%s", link);
	(void)state_add(state, &object);
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
		struct ip_address internal = srv6_internal_address(
			&config->network, space == SPACE_UNDERLAY ? SRV6_MAIN : SRV6_OVERLAY);
		struct ip_prefix single = ip_prefix_single(&internal);

		part_add_address(space, config->ifname, &link_local, state);
		part_add_address(space, config->ifname, &single, state);
	}
	for (size_t i = 0; i < config->extra_ips_count; i++)
		part_add_address(SPACE_UNDERLAY, config->ifname, &config->extra_ips[i], state);
}

static void add_sids(const struct config *config, struct state *state)
{
	static const struct {
		unsigned function;
		enum sid_behavior behavior;
	} sids[] = {
		{ SRV6_END, SID_END },
		{ SRV6_DECAPSULATE_IPV4, SID_END_DX4 },
		{ SRV6_DECAPSULATE_IPV6, SID_END_DX6 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(sids); i++) {
		struct object object = { .kind = OBJECT_SID };
		struct ip_address address =
			srv6_internal_address(&config->network, sids[i].function);

		object.sid.table = ROUTE_TABLE_MAIN;
		object.sid.sid = ip_prefix_single(&address);
		object.sid.behavior = sids[i].behavior;
		(void)snprintf(object.sid.link, sizeof(object.sid.link), "%s", config->ifname);
		(void)state_add(state, &object);
	}
}

void part_add_route(enum space space, const struct ip_prefix *prefix, uint32_t metric,
		    const struct ip_address *gateway, const char *link,
		    const struct ip_address *source, struct state *state)
{
	struct object object = { .kind = OBJECT_ROUTE };

	object.route.space = space;
	object.route.table = ROUTE_TABLE_MAIN;
	object.route.prefix = *prefix;
	object.route.metric = metric;
	object.route.gateway = *gateway;
	if (source)
		object.route.source = *source;
	(void)snprintf(object.route.link, sizeof(object.route.link), "%s", link);
	(void)state_add(state, &object);
}

static void add_own_routes(const struct config *config, struct state *state)
{
	struct ip_address host = part_veth_address(SPACE_UNDERLAY);

	part_add_route(SPACE_OVERLAY, &config->network, METRIC_DIRECT, &host, config->ifname, NULL,
		       state);
	for (size_t i = 0; i < config->prefixes_count; i++)
		part_add_route(SPACE_OVERLAY, &config->prefixes[i], METRIC_DIRECT, &host,
			       config->ifname, NULL, state);
}

void part_add_overlay(const struct config *config, struct state *state)
{
	struct object netns = { .kind = OBJECT_NETNS, .netns.space = SPACE_OVERLAY };

	(void)snprintf(netns.netns.name, sizeof(netns.netns.name), "%s", config->netns_name);
	(void)state_add(state, &netns);
	add_sysctls(config, state);
	add_veth_end(config, SPACE_UNDERLAY, LINK_VETH, state);
	add_veth_end(config, SPACE_OVERLAY, LINK_VETH_PEER, state);
	add_addresses(config, state);
	add_sids(config, state);
	add_own_routes(config, state);
}
