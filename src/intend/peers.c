// SPDX-License-Identifier: GPL-2.0-or-later
#include "intend/parts.h"
#include "intend/psk.h"

#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Behind NAT the mapping must not go idle; Babel's hellos do the same while it runs. */
#define NAT_KEEPALIVE_SEC 25

/* @kind: of WireGuard's links. */
static void add_link(const struct config *config, const struct tunnel *tunnel, enum link_kind kind,
		     struct state *state)
{
	struct object object = { .kind = OBJECT_LINK };

	object.link.space = SPACE_OVERLAY;
	object.link.kind = kind;
	if (tunnel->transport == TRANSPORT_IPSEC)
		object.link.kind = tunnel->vni ? LINK_VXLAN : LINK_XFRM;
	object.link.mtu = part_tunnel_mtu(config, tunnel->local, tunnel->transport);
	object.link.if_id = tunnel->if_id;
	object.link.vni = tunnel->vni;
	if (tunnel->vni) {
		object.link.local = tunnel_inner_address(&tunnel->local_address);
		object.link.remote = tunnel_inner_address(&tunnel->peer_address);
	}
	object.link.up = true;
	(void)snprintf(object.link.name, sizeof(object.link.name), "%s", tunnel->ifname);
	(void)snprintf(object.link.label, sizeof(object.link.label), "%s", tunnel->label);
	(void)state_add(state, &object);
}

static void add_wireguard(const struct config *config, const struct registry *registry,
			  const struct facts *facts, const struct tunnel *tunnel,
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
	psk_make(config, registry, facts, object.wireguard.peer_key,
		 object.wireguard.preshared_key);
	(void)state_add(state, &object);
	explicit_bzero(&object, sizeof(object));
}

static void set_party(struct ike_party *party, const struct node_id *node, uint32_t serial_number,
		      const uint8_t key[KEY_SIZE])
{
	party->node = *node;
	party->serial_number = serial_number;
	memcpy(party->key, key, KEY_SIZE);
}

static void add_ike_connection(const struct config *config, const struct registry *registry,
			       const struct tunnel *tunnel, uint16_t port, struct state *state)
{
	struct object object = { .kind = OBJECT_IKE_CONNECTION };
	struct ike_connection *connection = &object.ike_connection;

	(void)snprintf(connection->link, sizeof(connection->link), "%s", tunnel->ifname);
	connection->if_id = tunnel->if_id;
	if (tunnel->vni) {
		connection->inner_address = tunnel_inner_address(&tunnel->local_address);
		connection->peer_inner_address = tunnel_inner_address(&tunnel->peer_address);
	}
	set_party(&connection->own, &config->self, tunnel->local->serial_number,
		  config->identity_public);
	set_party(&connection->peer, &tunnel->peer->id, tunnel->remote->serial_number,
		  tunnel->peer->identity_key);
	connection->family = tunnel->local->family;
	connection->port = port;
	connection->peer_port = tunnel->remote->port;
	connection->peer_address = tunnel->endpoint.address;
	connection->is_dialled = !endpoint_dials_out_only(tunnel->local);
	/*
	 * Original aronet and ranet, which have no key for WireGuard, stay where they are. An SA in
	 * userspace cannot be moved.
	 */
	connection->may_move = tunnel->peer->has_wireguard && !tunnel->vni;
	connection->ppk = psk_ppk_use(config, registry);
	(void)state_add(state, &object);
}

/* The endpoint with the port of all IKE; NULL if there is none for it. */
static const struct endpoint *ike_endpoint(const struct config *config,
					   const struct registry *registry)
{
	const struct registry_node *self = registry ? registry_find(registry, &config->self) : NULL;

	for (unsigned i = 0; i < config->endpoints_count; i++)
		if (config_transports(config, &config->endpoints[i], self) & TRANSPORT_IPSEC)
			return &config->endpoints[i];
	return NULL;
}

/* It runs as soon as this node speaks IPsec: so what it lacks is told before there is a peer. */
static uint16_t add_ike_daemon(const struct config *config, const struct registry *registry,
			       const struct tunnels *tunnels, struct state *state)
{
	const struct endpoint *endpoint = ike_endpoint(config, registry);
	struct object object = { .kind = OBJECT_IKE_DAEMON, .ike_daemon.name = IKE_DAEMON_NAME };

	for (size_t i = 0; i < tunnels->count && !endpoint; i++)
		if (tunnels->items[i].transport == TRANSPORT_IPSEC)
			endpoint = tunnels->items[i].local;
	if (!endpoint)
		return 0;
	object.ike_daemon.kind = config->ike_daemon_kind;
	if (config->vici_socket)
		(void)snprintf(object.ike_daemon.socket, sizeof(object.ike_daemon.socket), "%s",
			       config->vici_socket);
	object.ike_daemon.port = endpoint->port;
	object.ike_daemon.is_userspace = config->ipsec_backend == IPSEC_USERSPACE;
	memcpy(object.ike_daemon.public_key, config->identity_public, KEY_SIZE);
	memcpy(object.ike_daemon.private_key, config->identity_seed, KEY_SIZE);
	(void)state_add(state, &object);
	explicit_bzero(&object, sizeof(object));
	return endpoint->port;
}

/*
 * While the routing daemon restarts, neighbours still reach each other. Several tunnels to one
 * neighbour, or to several with an anycast prefix, share the key of such a route; the first by name
 * has it, see rank_of().
 */
static void add_last_resort(const struct config *config, const struct tunnel *tunnel,
			    struct state *state)
{
	struct route route = {
		.space = SPACE_OVERLAY,
		.table = part_overlay_table(config),
		.metric = METRIC_LAST_RESORT,
		.gateway = tunnel->peer_address,
	};

	for (size_t i = 0; i < tunnel->peer->prefixes_count; i++) {
		route.prefix = tunnel->peer->prefixes[i];
		part_add_route(&route, tunnel->ifname, state);
	}
}

static void add_to_vrf(const struct config *config, const struct tunnel *tunnel,
		       struct state *state)
{
	struct object object = { .kind = OBJECT_VRF_MEMBER };

	(void)snprintf(object.vrf_member.link, sizeof(object.vrf_member.link), "%s",
		       tunnel->ifname);
	(void)snprintf(object.vrf_member.vrf, sizeof(object.vrf_member.vrf), "%s", config->ifname);
	(void)state_add(state, &object);
}

/* One that works goes first, and one that is about to go last. */
enum {
	RANK_WORKS,
	RANK_WANTED,
	RANK_LEAVING,
	RANKS,
};

static unsigned rank_of(const struct tunnel *tunnel)
{
	if (tunnel->is_leaving)
		return RANK_LEAVING;
	return tunnel->is_kept ? RANK_WORKS : RANK_WANTED;
}

static void add_last_resorts(const struct config *config, const struct tunnels *tunnels,
			     struct state *state)
{
	for (unsigned rank = 0; rank < RANKS; rank++)
		for (size_t i = 0; i < tunnels->count; i++)
			if (rank_of(&tunnels->items[i]) == rank)
				add_last_resort(config, &tunnels->items[i], state);
}

void part_add_tunnels(const struct config *config, const struct registry *registry,
		      const struct facts *facts, const struct tunnels *tunnels, enum link_kind kind,
		      struct state *state)
{
	uint16_t ike_port = add_ike_daemon(config, registry, tunnels, state);

	if (ike_port)
		psk_add_ppks(config, registry, facts, state);
	for (size_t i = 0; i < tunnels->count; i++) {
		const struct tunnel *tunnel = &tunnels->items[i];
		struct ip_prefix link_local = { tunnel->local_address, 64 };

		add_link(config, tunnel, kind, state);
		if (config->mode == OVERLAY_VRF)
			add_to_vrf(config, tunnel, state);
		if (tunnel->transport == TRANSPORT_IPSEC)
			add_ike_connection(config, registry, tunnel, ike_port, state);
		else
			add_wireguard(config, registry, facts, tunnel, state);
		part_add_address(SPACE_OVERLAY, tunnel->ifname, &link_local, state);
	}
	add_last_resorts(config, tunnels, state);
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

static bool has_extra_ip(const struct config *config, uint16_t family)
{
	for (size_t i = 0; i < config->extra_ips_count; i++)
		if (config->extra_ips[i].address.family == family)
			return true;
	return false;
}

/* One that the host has in its own networks, beside the overlay. */
static struct ip_address host_address(const struct config *config, const struct facts *facts,
				      uint16_t family)
{
	for (size_t i = 0; i < facts->underlay_addresses_count; i++)
		if (facts->underlay_addresses[i].address.family == family &&
		    is_own(config, &facts->underlay_addresses[i].address))
			return facts->underlay_addresses[i].address;
	return (struct ip_address) { 0 };
}

/*
 * The address from which this host speaks into the overlay: an extra_ip, else one that the host
 * has in its own networks; others would not route the answer to any other address.
 */
static struct ip_address source_address(const struct config *config, const struct facts *facts,
					uint16_t family)
{
	struct ip_address address;

	for (size_t i = 0; i < config->extra_ips_count; i++)
		if (config->extra_ips[i].address.family == family)
			return config->extra_ips[i].address;
	address = host_address(config, facts, family);
	if (!ip_address_present(&address) && family == AF_INET6)
		return srv6_internal_address(&config->network, SRV6_MAIN);
	return address;
}

/*
 * The same where the route leads into a VRF. For IPv6 the kernel takes addresses of the VRF only
 * (ip6_route_info_create()). For IPv4 it takes none of them (fib_valid_prefsrc()); without a source
 * it chooses the first one of the device.
 */
static struct ip_address vrf_source_address(const struct config *config, const struct facts *facts,
					    uint16_t family)
{
	static const struct facts no_facts;
	static const struct ip_address none;

	if (family == AF_INET6)
		return source_address(config, &no_facts, family);
	return has_extra_ip(config, family) ? none : host_address(config, facts, family);
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
static uint32_t remote_metric(const struct config *config, const struct ip_prefix *prefix)
{
	return part_host_metric(config, prefix->length == 0 ? METRIC_EXIT : METRIC_DIRECT);
}

/* Anycast, and exits: the way back into the overlay would be a loop. */
static bool is_at_home(const struct ip_prefix *prefix, const struct ip_prefix *own, size_t count)
{
	return bsearch(prefix, own, count, sizeof(*own), ip_prefix_compare_qsort);
}

void part_add_remote_routes(const struct config *config, const struct registry *registry,
			    const struct facts *facts, struct state *state)
{
	CLEANUP(free) struct ip_prefix *own = sorted_prefixes(config);
	bool is_vrf = config->mode == OVERLAY_VRF;
	struct ip_address source4 = is_vrf ? vrf_source_address(config, facts, AF_INET)
					   : source_address(config, facts, AF_INET);
	struct ip_address source6 = is_vrf ? vrf_source_address(config, facts, AF_INET6)
					   : source_address(config, facts, AF_INET6);
	struct route route = { .space = SPACE_UNDERLAY, .table = ROUTE_TABLE_MAIN };

	if (!is_vrf)
		route.gateway = part_veth_address(SPACE_OVERLAY);
	for (size_t i = 0; registry && i < registry->nodes_count; i++) {
		const struct registry_node *node = &registry->nodes[i];

		if (node_id_compare(&node->id, &config->self) == 0)
			continue;
		for (size_t j = 0; j < node->prefixes_count; j++) {
			route.prefix = node->prefixes[j];
			if (is_at_home(&route.prefix, own, config->prefixes_count + 1))
				continue;
			route.metric = remote_metric(config, &route.prefix);
			route.source = route.prefix.address.family == AF_INET ? source4 : source6;
			part_add_route(&route, config->ifname, state);
		}
	}
}
