// SPDX-License-Identifier: GPL-2.0-or-later
#include "intend/parts.h"

#include "srv6/plan.h"

#include <stdio.h>

/*
 * What the overlay consists of in both modes. Which parts it has: netns.c and vrf.c.
 */
uint32_t part_overlay_table(const struct config *config)
{
	return config->mode == OVERLAY_VRF ? config->route_table : ROUTE_TABLE_MAIN;
}

uint32_t part_host_metric(const struct config *config, uint32_t base)
{
	if (config->mode == OVERLAY_NETNS)
		return base;
	return config->route_table < METRIC_UNREACHABLE - base ? base + config->route_table
							       : METRIC_UNREACHABLE - 1;
}

/*
 * `mtu` of an endpoint is that of WireGuard. ESP in UDP takes up to five bytes more, with padding;
 * 20 less make the 1400 that meshes of original aronet and ranet have.
 */
#define IPSEC_MTU_LESS 20
/* A VXLAN in ESP: IPv6 (40), UDP (8), VXLAN (8) and Ethernet (14). */
#define VXLAN_MTU_LESS 70

uint16_t part_tunnel_mtu(const struct config *config, const struct endpoint *local,
			 enum transport transport)
{
	unsigned less = IPSEC_MTU_LESS;

	if (transport == TRANSPORT_WIREGUARD)
		return local->mtu;
	if (config->ipsec_backend == IPSEC_USERSPACE)
		less += VXLAN_MTU_LESS;
	return local->mtu < IPV6_MTU_MIN + less ? IPV6_MTU_MIN : (uint16_t)(local->mtu - less);
}

/*
 * Small enough that what enters the overlay still fits any tunnel after an SRv6 detour. Which
 * transports there are is for the registry to say, and no reason to change it.
 */
static uint16_t overlay_mtu(const struct config *config)
{
	uint16_t mtu = UINT16_MAX;

	for (unsigned i = 0; i < config->endpoints_count; i++) {
		const struct endpoint *endpoint = &config->endpoints[i];
		enum transport largest =
			endpoint->transports & TRANSPORT_IPSEC || !config->has_wireguard
				? TRANSPORT_IPSEC
				: TRANSPORT_WIREGUARD;
		uint16_t here = part_tunnel_mtu(config, endpoint, largest);

		if (here < mtu)
			mtu = here;
	}
	if (mtu < IPV6_MTU_MIN + SRV6_DETOUR_OVERHEAD)
		return IPV6_MTU_MIN;
	return (uint16_t)(mtu - SRV6_DETOUR_OVERHEAD);
}

void part_add_main_link(const struct config *config, enum space space, enum link_kind kind,
			struct state *state)
{
	struct object object = { .kind = OBJECT_LINK };

	object.link.space = space;
	object.link.kind = kind;
	object.link.mtu = overlay_mtu(config);
	object.link.up = true;
	if (kind == LINK_VRF)
		object.link.table = config->route_table;
	(void)snprintf(object.link.name, sizeof(object.link.name), "%s", config->ifname);
	(void)snprintf(object.link.label, sizeof(object.link.label), "%s",
		       kind == LINK_VRF ? "vrf" : "veth");
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

void part_add_internal_address(const struct config *config, enum space space,
			       enum srv6_function function, struct state *state)
{
	struct ip_address address = srv6_internal_address(&config->network, function);
	struct ip_prefix single = ip_prefix_single(&address);

	part_add_address(space, config->ifname, &single, state);
}

void part_add_sid(const struct config *config, enum srv6_function function,
		  enum sid_behavior behavior, struct state *state)
{
	struct object object = { .kind = OBJECT_SID };
	struct ip_address address = srv6_internal_address(&config->network, function);

	object.sid.table = part_overlay_table(config);
	object.sid.sid = ip_prefix_single(&address);
	object.sid.behavior = behavior;
	(void)snprintf(object.sid.link, sizeof(object.sid.link), "%s", config->ifname);
	(void)state_add(state, &object);
}

void part_add_route(const struct route *route, const char *link, struct state *state)
{
	struct object object = { .kind = OBJECT_ROUTE, .route = *route };

	(void)snprintf(object.route.link, sizeof(object.route.link), "%s", link);
	(void)state_add(state, &object);
}

void part_add_sysctls(const struct sysctl *sysctls, size_t count, struct state *state)
{
	for (size_t i = 0; i < count; i++) {
		struct object object = { .kind = OBJECT_SYSCTL, .sysctl = sysctls[i] };

		(void)state_add(state, &object);
	}
}

void part_add_overlay(const struct config *config, const struct facts *facts, struct state *state)
{
	if (config->mode == OVERLAY_VRF)
		part_add_vrf(config, facts, state);
	else
		part_add_netns(config, state);
}
