// SPDX-License-Identifier: GPL-2.0-or-later
#include "intend/parts.h"

#include <stdio.h>

/*
 * The overlay as a VRF of the host, but for what depends on peers. How packets go in and out:
 *
 *	host -> overlay   main table: what is remote leads to the VRF device (a leak), which looks
 *	                  it up again in the VRF's table. SRv6 needs these routes too: the kernel
 *	                  looks an outer destination up in the main table.
 *	overlay -> host   VRF's table: "throw" for our own networks, so that the policy rules go on
 *	                  to the main table and with it to whatever the host has behind it.
 *	all else          VRF's table: "unreachable". A table without an answer is like "throw", and
 *	                  packets of the overlay must not follow the host's default route.
 *
 * docs/decisions/0014-vrf.md
 */
static const struct sysctl vrf_sysctls[] = {
	/* A VRF routes only if the host does. */
	{ SPACE_UNDERLAY, "net/ipv4/ip_forward", "1" },
	{ SPACE_UNDERLAY, "net/ipv6/conf/all/forwarding", "1" },
	/* Programs of the host serve the overlay, and get its answers, without knowing of VRFs. */
	{ SPACE_UNDERLAY, "net/ipv4/raw_l3mdev_accept", "1" },
	{ SPACE_UNDERLAY, "net/ipv4/tcp_l3mdev_accept", "1" },
	{ SPACE_UNDERLAY, "net/ipv4/udp_l3mdev_accept", "1" },
	/* End.DT46 finds its VRF by the table, so there must be one only. */
	{ SPACE_UNDERLAY, "net/vrf/strict_mode", "1" },
};

/* The address is local in the VRF only; this is how the host gets there. */
static void add_way_to(const struct config *config, const struct ip_address *address,
		       struct state *state)
{
	part_add_route(
		&(struct route) {
			.space = SPACE_UNDERLAY,
			.table = ROUTE_TABLE_MAIN,
			.prefix = ip_prefix_single(address),
			.metric = part_host_metric(config, METRIC_DIRECT),
		},
		config->ifname, state);
}

static void add_addresses(const struct config *config, struct state *state)
{
	struct ip_address internal = srv6_internal_address(&config->network, SRV6_MAIN);

	part_add_internal_address(config, SPACE_OVERLAY, SRV6_MAIN, state);
	add_way_to(config, &internal, state);
	for (size_t i = 0; i < config->extra_ips_count; i++) {
		part_add_address(SPACE_OVERLAY, config->ifname, &config->extra_ips[i], state);
		add_way_to(config, &config->extra_ips[i].address, state);
	}
}

static void add_rule(uint16_t family, struct state *state)
{
	const struct object object = { .kind = OBJECT_VRF_RULE, .vrf_rule.family = family };

	(void)state_add(state, &object);
}

static void add_throw(const struct config *config, const struct ip_prefix *prefix,
		      struct state *state)
{
	part_add_route(
		&(struct route) {
			.space = SPACE_OVERLAY,
			.table = config->route_table,
			.prefix = *prefix,
			.metric = METRIC_DIRECT,
			.type = ROUTE_THROW,
		},
		"", state);
}

static void add_end_of_table(const struct config *config, uint16_t family, struct state *state)
{
	part_add_route(
		&(struct route) {
			.space = SPACE_OVERLAY,
			.table = config->route_table,
			.prefix.address.family = family,
			.metric = METRIC_UNREACHABLE,
			.type = ROUTE_UNREACHABLE,
		},
		"", state);
}

/* A host that forwards hears no router advertisements, unless it is told to. */
static void add_guards(const struct facts *facts, struct state *state)
{
	for (size_t i = 0; i < facts->advertised_links_count; i++) {
		struct sysctl sysctl = { .space = SPACE_UNDERLAY, .value = "2" };

		(void)snprintf(sysctl.path, sizeof(sysctl.path), "net/ipv6/conf/%s/accept_ra",
			       facts->advertised_links[i]);
		part_add_sysctls(&sysctl, 1, state);
	}
}

void part_add_vrf(const struct config *config, const struct facts *facts, struct state *state)
{
	add_guards(facts, state);
	part_add_sysctls(vrf_sysctls, ARRAY_SIZE(vrf_sysctls), state);
	part_add_main_link(config, SPACE_OVERLAY, LINK_VRF, state);
	add_rule(AF_INET, state);
	add_rule(AF_INET6, state);
	add_addresses(config, state);
	part_add_sid(config, SRV6_END, SID_END, state);
	part_add_sid(config, SRV6_DECAPSULATE_IPV4, SID_END_DT46, state);
	part_add_sid(config, SRV6_DECAPSULATE_IPV6, SID_END_DT46, state);
	add_throw(config, &config->network, state);
	for (size_t i = 0; i < config->prefixes_count; i++)
		add_throw(config, &config->prefixes[i], state);
	add_end_of_table(config, AF_INET, state);
	add_end_of_table(config, AF_INET6, state);
}
