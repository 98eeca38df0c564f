// SPDX-License-Identifier: GPL-2.0-or-later
#include "intend/tunnel.h"

#include "base/memory.h"
#include "core/object.h"
#include "crypto/crypto.h"
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

/* Those that are wanted, and kept ones; or all others. */
enum selection {
	SELECT_WANTED,
	SELECT_UNWANTED,
};

/* What is asked again for every tunnel. */
struct maker {
	const struct config *config;
	const struct facts *facts;
	const struct registry_node *self; /* this node in the registry; NULL if it is not there */
	enum selection selection;
	struct resolver resolver;
	struct tunnels *tunnels;
};

static void name_tunnel(const struct maker *maker, struct tunnel *tunnel)
{
	const struct config *config = maker->config;
	bool has_keys = tunnel->transport == TRANSPORT_WIREGUARD;
	const struct tunnel_end local = { &config->self, tunnel->local->serial_number,
					  has_keys ? config->wireguard_public : NULL };
	const struct tunnel_end remote = { &tunnel->peer->id, tunnel->remote->serial_number,
					   has_keys ? tunnel->peer->wireguard_key : NULL };

	tunnel_interface_name(tunnel->transport, &local, &remote, tunnel->ifname);
	tunnel_link_local_address(tunnel->transport, &local, &remote, &tunnel->local_address);
	tunnel_link_local_address(tunnel->transport, &remote, &local, &tunnel->peer_address);
}

static int compare_kept(const void *ifname, const void *kept)
{
	return strcmp(ifname, ((const struct kept_tunnel *)kept)->ifname);
}

/* Is @tunnel one that shall stay though it is not wanted? */
static bool find_kept(const struct facts *facts, struct tunnel *tunnel)
{
	const struct kept_tunnel *kept =
		facts->kept_count ? bsearch(tunnel->ifname, facts->kept, facts->kept_count,
					    sizeof(*facts->kept), compare_kept)
				  : NULL;

	tunnel->is_kept = kept;
	tunnel->is_leaving = kept && kept->is_leaving;
	return kept;
}

/*
 * RAIT's port scheme for WireGuard: every packet that a node sends goes to its own send_port at the
 * peer, so a node listens on its peer's send_port. IKE has one port at each end.
 */
static void find_ports(const struct maker *maker, struct tunnel *tunnel)
{
	bool is_known = ip_address_present(&tunnel->endpoint.address);

	if (tunnel->transport == TRANSPORT_IPSEC) {
		tunnel->endpoint.port = is_known ? tunnel->remote->port : 0;
		return;
	}
	tunnel->listen_port = tunnel->local->random_port ? 0 : tunnel->remote->send_port;
	tunnel->endpoint.port = is_known ? endpoint_send_port(tunnel->local, maker->self) : 0;
}

static void add_tunnel(const struct maker *maker, struct tunnel *tunnel)
{
	char peer_name[NODE_ID_TEXT_SIZE];

	tunnel->endpoint.address =
		resolver_find(&maker->resolver, tunnel->remote, &tunnel->leads_inside);
	find_ports(maker, tunnel);
	(void)snprintf(tunnel->label, sizeof(tunnel->label), "%s/%u",
		       node_id_format(&tunnel->peer->id, peer_name), tunnel->remote->serial_number);
	*ARRAY_APPEND(maker->tunnels->items, maker->tunnels->count) = *tunnel;
}

/* All tunnels between two endpoints that can join. */
static void join_endpoints(const struct maker *maker, const struct registry_node *peer,
			   const struct endpoint *local, const struct endpoint *remote)
{
	static const enum transport transports[] = { TRANSPORT_WIREGUARD, TRANSPORT_IPSEC };
	uint8_t possible = config_key_transports(maker->config) & node_key_transports(peer);
	uint8_t wanted = config_transports(maker->config, local, maker->self) &
			 node_transports(peer, remote);
	bool is_any = maker->selection == SELECT_UNWANTED || maker->facts->kept_count;

	for (size_t i = 0; i < ARRAY_SIZE(transports); i++) {
		struct tunnel tunnel = {
			.transport = transports[i], .peer = peer, .local = local, .remote = remote
		};
		bool is_wanted = wanted & transports[i];

		if (!(possible & transports[i]) || (!is_wanted && !is_any) ||
		    (is_wanted && maker->selection == SELECT_UNWANTED))
			continue;
		name_tunnel(maker, &tunnel);
		tunnel.is_kept = maker->selection == SELECT_UNWANTED;
		if (tunnel.is_kept || is_wanted || find_kept(maker->facts, &tunnel))
			add_tunnel(maker, &tunnel);
	}
}

/* How near two nodes come to a tunnel. */
enum nearness {
	NO_FAMILY,	 /* in common, of any endpoints */
	NEITHER_LISTENS, /* of those that have one */
	NO_TRANSPORT,
};

/* Why nothing joins the two. */
static const char *explain(const struct config *config, const struct registry_node *peer,
			   enum nearness nearness)
{
	static const char *const texts[] = {
		[NO_FAMILY] = "no address family in common",
		[NEITHER_LISTENS] = "both ends only dial out (behind NAT)",
		[NO_TRANSPORT] = "no transport in common",
	};
	uint8_t ours = config_key_transports(config), theirs = node_key_transports(peer);

	if (ours & theirs)
		return texts[nearness];
	if (ours & TRANSPORT_WIREGUARD)
		return ours & TRANSPORT_IPSEC ? "the registry has no key of it"
					      : "the registry has no WireGuard key of it";
	return "the registry has no Ed25519 key of it, and this node no WireGuard key";
}

static void add_peer(const struct maker *maker, const struct registry_node *peer)
{
	const struct config *config = maker->config;
	struct tunnels *tunnels = maker->tunnels;
	enum nearness nearness = NO_FAMILY;
	size_t before = tunnels->count;

	for (unsigned i = 0; i < config->endpoints_count; i++)
		for (unsigned j = 0; j < peer->endpoints_count; j++) {
			const struct endpoint *local = &config->endpoints[i];
			const struct endpoint *remote = &peer->endpoints[j];
			enum nearness found = NO_TRANSPORT;

			if (local->family != remote->family)
				continue;
			if (endpoint_dials_out_only(local) && endpoint_dials_out_only(remote))
				found = NEITHER_LISTENS;
			else
				join_endpoints(maker, peer, local, remote);
			if (found > nearness)
				nearness = found;
		}
	if (tunnels->count == before && maker->selection == SELECT_WANTED)
		*ARRAY_APPEND(tunnels->without, tunnels->without_count) =
			(struct untunnelled) { .peer = peer,
					       .reason = explain(config, peer, nearness) };
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
		      const struct facts *facts, enum selection selection, struct tunnels *tunnels)
{
	struct maker maker = {
		.config = config,
		.facts = facts,
		.self = registry_find(registry, &config->self),
		.selection = selection,
		.tunnels = tunnels,
	};

	resolver_make(config, registry, facts, &maker.resolver);
	for (size_t i = 0; i < registry->nodes_count; i++)
		if (&registry->nodes[i] != maker.self)
			add_peer(&maker, &registry->nodes[i]);
	resolver_done(&maker.resolver);
}

/*
 * High ones: by hand people take small numbers. Nobody who chooses the name of a node can aim at a
 * number, because our private key has a part in it.
 */
#define IF_ID_BASE 0x40000000u

static uint32_t if_id_of(const struct config *config, const struct tunnel *tunnel)
{
	static const char purpose[] = "aronet if_id v1";
	struct crypto_hash *hash = crypto_hash_new();
	uint8_t digest[CRYPTO_KEY_SIZE];
	uint32_t number;

	crypto_hash_add(hash, purpose, sizeof(purpose));
	crypto_hash_add(hash, config->identity_seed, KEY_SIZE);
	crypto_hash_add(hash, tunnel->ifname, strlen(tunnel->ifname));
	crypto_hash_finish(hash, digest);
	memcpy(&number, digest, sizeof(number));
	return IF_ID_BASE | (number & (IF_ID_BASE - 1));
}

static int compare_if_id(const void *a, const void *b)
{
	const struct tunnel *const *left = a, *const *right = b;

	if ((*left)->if_id != (*right)->if_id)
		return (*left)->if_id < (*right)->if_id ? -1 : 1;
	return strcmp((*left)->ifname, (*right)->ifname);
}

/* The first 24 bits of both interface ids, put together so that both ends get the same. */
static uint32_t vni_of(const struct tunnel *tunnel)
{
	const uint8_t *local = tunnel->local_address.bytes + 8;
	const uint8_t *peer = tunnel->peer_address.bytes + 8;
	uint32_t vni = 0;

	for (unsigned i = 0; i < 3; i++)
		vni = vni << 8 | (local[i] ^ peer[i]);
	return vni ? vni : 1; /* 0 is none */
}

struct ip_address tunnel_inner_address(const struct ip_address *link_local)
{
	const struct ip_prefix inner = INNER_PREFIX;
	struct ip_address address = *link_local;

	memcpy(address.bytes, inner.address.bytes, 8);
	return address;
}

/*
 * Of two if_ids that are the same one is moved on; with a hundred tunnels that happens by chance on
 * one of 200,000 nodes.
 */
static void number_tunnels(const struct config *config, struct tunnels *tunnels)
{
	CLEANUP(free)
	struct tunnel **sorted = NEW_ARRAY(struct tunnel *, tunnels->count);
	size_t count = 0;

	for (size_t i = 0; i < tunnels->count; i++) {
		if (tunnels->items[i].transport != TRANSPORT_IPSEC)
			continue;
		if (config->ipsec_backend == IPSEC_USERSPACE) {
			tunnels->items[i].vni = vni_of(&tunnels->items[i]);
			continue;
		}
		tunnels->items[i].if_id = if_id_of(config, &tunnels->items[i]);
		sorted[count++] = &tunnels->items[i];
	}
	if (count)
		qsort(sorted, count, sizeof(struct tunnel *), compare_if_id);
	for (size_t i = 1; i < count; i++)
		if (sorted[i]->if_id <= sorted[i - 1]->if_id)
			sorted[i]->if_id = sorted[i - 1]->if_id + 1;
}

static void make(const struct config *config, const struct registry *registry,
		 const struct facts *facts, enum selection selection, struct tunnels *ret)
{
	struct tunnels tunnels = { 0 };

	if (registry)
		add_peers(config, registry, facts, selection, &tunnels);
	if (tunnels.count)
		qsort(tunnels.items, tunnels.count, sizeof(tunnels.items[0]), compare_ifname);
	number_tunnels(config, &tunnels);
	*ret = tunnels;
}

void tunnels_make(const struct config *config, const struct registry *registry,
		  const struct facts *facts, struct tunnels *ret)
{
	make(config, registry, facts, SELECT_WANTED, ret);
	find_ways_around(ret, config, registry);
}

void tunnels_make_unwanted(const struct config *config, const struct registry *registry,
			   const struct facts *facts, struct tunnels *ret)
{
	make(config, registry, facts, SELECT_UNWANTED, ret);
}

const struct tunnel *tunnels_successor(const struct tunnels *tunnels, const struct tunnel *kept)
{
	for (size_t i = 0; i < tunnels->count; i++) {
		const struct tunnel *tunnel = &tunnels->items[i];

		if (!tunnel->is_kept && tunnel->transport != kept->transport &&
		    tunnel->peer == kept->peer && tunnel->local == kept->local &&
		    tunnel->remote == kept->remote)
			return tunnel;
	}
	return NULL;
}

static int compare_vni(const void *a, const void *b)
{
	const struct tunnel *const *left = a, *const *right = b;

	return (*left)->vni < (*right)->vni ? -1 : (*left)->vni > (*right)->vni;
}

static int check_vnis(const struct tunnels *tunnels, struct error *error)
{
	CLEANUP(free)
	const struct tunnel **sorted = NEW_ARRAY(const struct tunnel *, tunnels->count);

	for (size_t i = 0; i < tunnels->count; i++)
		sorted[i] = &tunnels->items[i];
	if (tunnels->count)
		qsort(sorted, tunnels->count, sizeof(*sorted), compare_vni);
	for (size_t i = 1; i < tunnels->count; i++)
		if (sorted[i]->vni && sorted[i]->vni == sorted[i - 1]->vni)
			return error_set(error, -EEXIST, ERROR_KEY_REUSED, NULL,
					 "the tunnels to %s and %s would have the same number %u "
					 "in VXLAN; give an endpoint of one of the nodes another "
					 "serial_number",
					 sorted[i - 1]->label, sorted[i]->label, sorted[i]->vni);
	return 0;
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
	return check_vnis(tunnels, error);
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
