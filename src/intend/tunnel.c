// SPDX-License-Identifier: GPL-2.0-or-later
#include "intend/tunnel.h"

#include "base/memory.h"
#include "intend/reach.h"
#include "intend/resolver.h"
#include "registry/identity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void tunnels_done(struct tunnels *tunnels)
{
	free(tunnels->items);
	free(tunnels->without);
	*tunnels = (struct tunnels) { 0 };
}

/* What is asked again for every tunnel. */
struct maker {
	const struct config *config;
	const struct registry_node *self; /* this node in the registry; NULL if it is not there */
	struct resolver resolver;
	struct tunnels *tunnels;
};

/*
 * RAIT's port scheme: every packet that a node sends goes to its own send_port at the peer, so a
 * node listens on its peer's send_port.
 */
static void add_tunnel(const struct maker *maker, const struct registry_node *peer,
		       const struct endpoint *local, const struct endpoint *remote)
{
	struct tunnel *tunnel = ARRAY_APPEND(maker->tunnels->items, maker->tunnels->count);
	const struct config *config = maker->config;
	char peer_name[NODE_ID_TEXT_SIZE];

	*tunnel = (struct tunnel) { .peer = peer, .local = local, .remote = remote };
	tunnel->listen_port = local->random_port ? 0 : remote->send_port;
	tunnel->endpoint.address = resolver_find(&maker->resolver, remote, &tunnel->leads_inside);
	if (ip_address_present(&tunnel->endpoint.address))
		tunnel->endpoint.port = endpoint_send_port(local, maker->self);
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

static void add_peer(const struct maker *maker, const struct registry_node *peer)
{
	const struct config *config = maker->config;
	struct tunnels *tunnels = maker->tunnels;
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
				add_tunnel(maker, peer, local, remote);
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
	const struct tunnel *left = a, *right = b;
	int order = strcmp(left->ifname, right->ifname);

	return order ? order : strcmp(left->label, right->label);
}

static void add_peers(const struct config *config, const struct registry *registry,
		      const struct facts *facts, struct tunnels *tunnels)
{
	struct maker maker = {
		.config = config,
		.self = registry_find(registry, &config->self),
		.tunnels = tunnels,
	};

	resolver_make(config, registry, facts, &maker.resolver);
	for (size_t i = 0; i < registry->nodes_count; i++)
		if (&registry->nodes[i] != maker.self)
			add_peer(&maker, &registry->nodes[i]);
	resolver_done(&maker.resolver);
}

void tunnels_make(const struct config *config, const struct registry *registry,
		  const struct facts *facts, struct tunnels *ret)
{
	struct tunnels tunnels = { 0 };

	if (registry)
		add_peers(config, registry, facts, &tunnels);
	if (tunnels.count)
		qsort(tunnels.items, tunnels.count, sizeof(tunnels.items[0]), compare_ifname);
	find_ways_around(&tunnels, config, registry);
	*ret = tunnels;
}

int tunnels_check(const struct tunnels *tunnels, struct error *error)
{
	for (size_t i = 1; i < tunnels->count; i++) {
		const struct tunnel *one = &tunnels->items[i - 1], *other = &tunnels->items[i];

		if (strcmp(one->ifname, other->ifname) == 0)
			return error_set(error, -EEXIST, ERROR_KEY_REUSED, NULL,
					 "the tunnels to %s and %s would have the same interface "
					 "name %s; make a new key for one of the nodes",
					 one->label, other->label, one->ifname);
	}
	return 0;
}

static int compare_with_ifname(const void *ifname, const void *tunnel)
{
	return strcmp(ifname, ((const struct tunnel *)tunnel)->ifname);
}

const struct tunnel *tunnels_find(const struct tunnels *tunnels, const char *ifname)
{
	if (tunnels->count == 0)
		return NULL;
	return bsearch(ifname, tunnels->items, tunnels->count, sizeof(tunnels->items[0]),
		       compare_with_ifname);
}
