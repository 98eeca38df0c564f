// SPDX-License-Identifier: GPL-2.0-or-later
#include "intend/parts.h"

#include "base/memory.h"
#include "srv6/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Behind NAT the mapping must not go idle; Babel's hellos do the same while it runs. */
#define NAT_KEEPALIVE_SEC 25

static void add_link(const struct tunnel *tunnel, enum link_kind kind, struct state *state)
{
	struct object object = { .kind = OBJECT_LINK };

	object.link.space = SPACE_OVERLAY;
	object.link.kind = kind;
	object.link.mtu = tunnel->local->mtu;
	object.link.up = true;
	(void)snprintf(object.link.name, sizeof(object.link.name), "%s", tunnel->ifname);
	(void)snprintf(object.link.label, sizeof(object.link.label), "%s", tunnel->label);
	(void)state_add(state, &object);
}

static void add_wireguard(const struct config *config, const struct tunnel *tunnel,
			  struct state *state)
{
	struct object object = { .kind = OBJECT_WIREGUARD };

	(void)snprintf(object.wireguard.link, sizeof(object.wireguard.link), "%s", tunnel->ifname);
	memcpy(object.wireguard.private_key, config->wireguard_private, KEY_SIZE);
	memcpy(object.wireguard.peer_key, tunnel->peer->wireguard_key, KEY_SIZE);
	object.wireguard.listen_port = tunnel->listen_port;
	object.wireguard.endpoint = tunnel->endpoint;
	object.wireguard.fwmark = tunnel->local->fwmark;
	if (endpoint_dials_out_only(tunnel->local))
		object.wireguard.keepalive_sec = NAT_KEEPALIVE_SEC;
	(void)state_add(state, &object);
	explicit_bzero(&object, sizeof(object));
}

/*
 * While the routing daemon restarts, neighbours still reach each other. Several tunnels to one
 * neighbour, or to several with an anycast prefix, share the key of such a route; the first by name
 * has it.
 */
static void add_last_resort(const struct tunnel *tunnel, struct state *state)
{
	for (size_t i = 0; i < tunnel->peer->prefixes_count; i++)
		part_add_route(SPACE_OVERLAY, &tunnel->peer->prefixes[i], METRIC_LAST_RESORT,
			       &tunnel->peer_address, tunnel->ifname, NULL, state);
}

void part_add_tunnels(const struct config *config, const struct tunnels *tunnels,
		      enum link_kind kind, struct state *state)
{
	for (size_t i = 0; i < tunnels->count; i++) {
		const struct tunnel *tunnel = &tunnels->items[i];
		struct ip_prefix link_local = { tunnel->local_address, 64 };

		add_link(tunnel, kind, state);
		add_wireguard(config, tunnel, state);
		part_add_address(SPACE_OVERLAY, tunnel->ifname, &link_local, state);
		add_last_resort(tunnel, state);
	}
}

static bool is_own(const struct config *config, const struct ip_address *address)
{
	if (ip_prefix_contains_address(&config->network, address))
		return true;
	/* An exit's default route makes no address its own. */
	for (size_t i = 0; i < config->prefixes_count; i++)
		if (config->prefixes[i].length > 0 &&
		    ip_prefix_contains_address(&config->prefixes[i], address))
			return true;
	return false;
}

/*
 * The address from which this host speaks into the overlay: an extra_ip, else one that the host
 * has in its own networks; others would not route the answer to any other address.
 */
static struct ip_address source_address(const struct config *config, const struct facts *facts,
					uint16_t family)
{
	for (size_t i = 0; i < config->extra_ips_count; i++)
		if (config->extra_ips[i].address.family == family)
			return config->extra_ips[i].address;
	for (size_t i = 0; i < facts->underlay_addresses_count; i++)
		if (facts->underlay_addresses[i].address.family == family &&
		    is_own(config, &facts->underlay_addresses[i].address))
			return facts->underlay_addresses[i].address;
	if (family == AF_INET6)
		return srv6_internal_address(&config->network, SRV6_MAIN);
	return (struct ip_address) { 0 };
}

/* Sorted; to tell which prefixes of others are at home here, too. */
static struct ip_prefix *sorted_prefixes(const struct config *config)
{
	struct ip_prefix *sorted = NEW_ARRAY(struct ip_prefix, config->prefixes_count + 1);

	sorted[0] = config->network;
	for (size_t i = 0; i < config->prefixes_count; i++)
		sorted[i + 1] = config->prefixes[i];
	qsort(sorted, config->prefixes_count + 1, sizeof(*sorted), ip_prefix_compare_qsort);
	return sorted;
}

/*
 * To an exit only what the host has no other way for: the packets of the tunnels themselves need
 * the host's own default route, which therefore goes first.
 */
static uint32_t remote_metric(const struct ip_prefix *prefix)
{
	return prefix->length == 0 ? METRIC_EXIT : METRIC_DIRECT;
}

void part_add_remote_routes(const struct config *config, const struct registry *registry,
			    const struct facts *facts, struct state *state)
{
	CLEANUP(free) struct ip_prefix *own = sorted_prefixes(config);
	struct ip_address overlay = part_veth_address(SPACE_OVERLAY);
	struct ip_address source4 = source_address(config, facts, AF_INET);
	struct ip_address source6 = source_address(config, facts, AF_INET6);

	for (size_t i = 0; registry && i < registry->nodes_count; i++) {
		const struct registry_node *node = &registry->nodes[i];

		if (node_id_compare(&node->id, &config->self) == 0)
			continue;
		for (size_t j = 0; j < node->prefixes_count; j++) {
			const struct ip_prefix *prefix = &node->prefixes[j];
			bool is_v4 = prefix->address.family == AF_INET;

			/* Anycast, and exits: the way back into the overlay would be a loop. */
			if (bsearch(prefix, own, config->prefixes_count + 1, sizeof(*own),
				    ip_prefix_compare_qsort))
				continue;
			part_add_route(SPACE_UNDERLAY, prefix, remote_metric(prefix), &overlay,
				       config->ifname, is_v4 ? &source4 : &source6, state);
		}
	}
}
