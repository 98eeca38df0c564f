// SPDX-License-Identifier: GPL-2.0-or-later
#include "intend/tunnel.h"

#include "base/memory.h"
#include "intend/reach.h"
#include "registry/identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void tunnels_done(struct tunnels *tunnels)
{
	free(tunnels->items);
	free(tunnels->without);
	*tunnels = (struct tunnels) { 0 };
}

/* Does @address lie in a network of the overlay? A tunnel to it would run inside itself. */
static bool is_in_overlay(const struct registry *registry, const struct ip_address *address)
{
	for (size_t i = 0; i < registry->nodes_count; i++)
		for (size_t j = 0; j < registry->nodes[i].prefixes_count; j++)
			if (ip_prefix_contains_address(&registry->nodes[i].prefixes[j], address))
				return true;
	return false;
}

/* Literal address, or what the name resolved to; absent if neither. */
static struct ip_address resolve(const struct registry *registry, const struct endpoint *endpoint,
				 const struct facts *facts)
{
	if (ip_address_present(&endpoint->address))
		return endpoint->address;
	for (size_t i = 0; endpoint->name[0] && i < facts->names_count; i++)
		if (facts->names[i].family == endpoint->family &&
		    !strcmp(facts->names[i].name, endpoint->name) &&
		    !is_in_overlay(registry, &facts->names[i].address))
			return facts->names[i].address;
	return (struct ip_address) { 0 };
}

/*
 * RAIT's port scheme: every packet that a node sends goes to its own send_port at the peer, so a
 * node listens on its peer's send_port. @self is this node in the registry, NULL if it is not
 * there.
 */
static void add_tunnel(struct tunnels *tunnels, const struct config *config,
		       const struct registry *registry, const struct facts *facts,
		       const struct registry_node *self, const struct registry_node *peer,
		       const struct endpoint *local, const struct endpoint *remote)
{
	struct tunnel *tunnel = ARRAY_APPEND(tunnels->items, tunnels->count);
	char peer_name[NODE_ID_TEXT_SIZE];

	*tunnel = (struct tunnel) { .peer = peer, .local = local, .remote = remote };
	tunnel->listen_port = local->random_port ? 0 : remote->send_port;
	tunnel->endpoint.address = resolve(registry, remote, facts);
	if (ip_address_present(&tunnel->endpoint.address))
		tunnel->endpoint.port = endpoint_send_port(local, self);
	(void)snprintf(tunnel->label, sizeof(tunnel->label), "%s/%u",
		       node_id_format(&peer->id, peer_name), remote->serial_number);
	tunnel_interface_name(&config->self, local->serial_number, &peer->id, remote->serial_number,
			      config->wireguard_public, peer->wireguard_key, tunnel->ifname);
	tunnel_link_local_address(&config->self, local->serial_number, &peer->id,
				  remote->serial_number, config->wireguard_public,
				  peer->wireguard_key, &tunnel->local_address);
	tunnel_link_local_address(&peer->id, remote->serial_number, &config->self,
				  local->serial_number, peer->wireguard_key,
				  config->wireguard_public, &tunnel->peer_address);
}

static void add_peer(struct tunnels *tunnels, const struct config *config,
		     const struct registry *registry, const struct facts *facts,
		     const struct registry_node *peer)
{
	const struct registry_node *self = registry_find(registry, &config->self);
	const char *reason = "no address family in common";
	size_t before = tunnels->count;

	for (unsigned i = 0; peer->has_wireguard && i < config->endpoints_count; i++)
		for (unsigned j = 0; j < peer->endpoints_count; j++) {
			const struct endpoint *local = &config->endpoints[i];
			const struct endpoint *remote = &peer->endpoints[j];

			if (local->family != remote->family || !endpoint_speaks_wireguard(remote))
				continue;
			if (endpoint_dials_out_only(local) && endpoint_dials_out_only(remote))
				reason = "both ends only dial out (behind NAT)";
			else
				add_tunnel(tunnels, config, registry, facts, self, peer, local,
					   remote);
		}
	if (!peer->has_wireguard)
		reason = "the registry has no WireGuard key of it";
	if (tunnels->count == before)
		*ARRAY_APPEND(tunnels->without, tunnels->without_count) =
			(struct untunnelled) { .peer = peer, .reason = reason };
}

static void find_ways_around(struct tunnels *tunnels, const struct config *config,
			     const struct registry *registry)
{
	struct reach reach;

	if (tunnels->without_count == 0)
		return;
	reach_make(config, registry, &reach);
	for (size_t i = 0; i < tunnels->without_count; i++)
		tunnels->without[i].is_cut_off = !reach_node(&reach, tunnels->without[i].peer);
}

static int compare_ifname(const void *a, const void *b)
{
	return strcmp(((const struct tunnel *)a)->ifname, ((const struct tunnel *)b)->ifname);
}

void tunnels_make(const struct config *config, const struct registry *registry,
		  const struct facts *facts, struct tunnels *ret)
{
	struct tunnels tunnels = { 0 };

	for (size_t i = 0; registry && i < registry->nodes_count; i++)
		if (node_id_compare(&registry->nodes[i].id, &config->self))
			add_peer(&tunnels, config, registry, facts, &registry->nodes[i]);
	if (tunnels.count)
		qsort(tunnels.items, tunnels.count, sizeof(tunnels.items[0]), compare_ifname);
	find_ways_around(&tunnels, config, registry);
	*ret = tunnels;
}

const struct tunnel *tunnels_find(const struct tunnels *tunnels, const char *ifname)
{
	struct tunnel key = { 0 };

	(void)snprintf(key.ifname, sizeof(key.ifname), "%s", ifname);
	if (tunnels->count == 0)
		return NULL;
	return bsearch(&key, tunnels->items, tunnels->count, sizeof(key), compare_ifname);
}
