// SPDX-License-Identifier: GPL-2.0-or-later
#include "intend/parts.h"

#include "babel/policy.h"
#include "base/memory.h"
#include "base/prefix_list.h"
#include "crypto/crypto.h"
#include "firewall/text.h"
#include "registry/identity.h"
#include "srv6/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The same for every tunnel: cost of a wired link; a dead neighbour is noticed within two seconds.
 */
#define BABEL_RXCOST 32
#define BABEL_HELLO_INTERVAL_MS 500
/* Of a tunnel that shall go: dearer than any way around, so that both ends move their traffic. */
#define BABEL_RXCOST_LEAVING 8192
#define TUNNEL_NAME_PATTERN "ar*" /* tunnel_interface_name() */

/* All that this node announces: its network and its further prefixes. */
static struct prefix_list own_prefixes(const struct config *config)
{
	struct prefix_list list = { 0 };

	prefix_list_add(&list, &config->network, 1);
	prefix_list_add(&list, config->prefixes, config->prefixes_count);
	return list;
}

static bool is_no_transit(const struct config *config, const struct registry *registry)
{
	const struct registry_node *self = registry ? registry_find(registry, &config->self) : NULL;

	return self && self->no_transit;
}

/* The tunnels to nodes that carry no transit; owned by the caller. */
static size_t limits_of(const struct tunnels *tunnels, struct firewall_limit **ret)
{
	struct firewall_limit *limits = NULL;
	size_t count = 0;

	for (size_t i = 0; i < tunnels->count; i++) {
		const struct tunnel *tunnel = &tunnels->items[i];

		if (tunnel->peer->no_transit)
			*ARRAY_APPEND(limits, count) = (struct firewall_limit) {
				.link = tunnel->ifname,
				.prefixes = tunnel->peer->prefixes,
				.prefixes_count = tunnel->peer->prefixes_count,
			};
	}
	*ret = limits;
	return count;
}

static int compare_ports(const void *a, const void *b)
{
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

/* Where the packets of this node's tunnels go to, each once; owned by the caller. */
static size_t tunnel_ports(const struct config *config, const struct registry *registry,
			   const struct tunnels *tunnels, uint16_t **ret)
{
	const struct registry_node *self = registry ? registry_find(registry, &config->self) : NULL;
	uint16_t *ports = NULL;
	size_t count = 0, kept = 0;

	for (unsigned i = 0; i < config->endpoints_count; i++)
		*ARRAY_APPEND(ports, count) = endpoint_send_port(&config->endpoints[i], self);
	for (size_t i = 0; i < tunnels->count; i++)
		if (tunnels->items[i].transport == TRANSPORT_IPSEC)
			*ARRAY_APPEND(ports, count) = tunnels->items[i].remote->port;
	if (count)
		qsort(ports, count, sizeof(*ports), compare_ports);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || ports[i] != ports[kept - 1])
			ports[kept++] = ports[i];
	*ret = ports;
	return kept;
}

/* Who may speak Babel to us; owned by the caller. */
static struct firewall_tunnel *speakers_of(const struct tunnels *tunnels)
{
	struct firewall_tunnel *speakers = NEW_ARRAY(struct firewall_tunnel, tunnels->count);

	for (size_t i = 0; i < tunnels->count; i++)
		speakers[i] = (struct firewall_tunnel) { tunnels->items[i].ifname,
							 tunnels->items[i].peer_address };
	return speakers;
}

typedef void format_fn(const struct firewall_rules *rules, struct strbuf *ret);

static void add_ruleset(const struct config *config, enum space space, format_fn *format,
			const struct firewall_rules *rules, struct state *state)
{
	struct object object = { .kind = OBJECT_RULESET, .ruleset.space = space };
	CLEANUP(strbuf_done) struct strbuf body = { 0 };

	format(rules, &body);
	(void)snprintf(object.ruleset.name, sizeof(object.ruleset.name), "%s", config->ifname);
	crypto_sha256(body.bytes, body.length, object.ruleset.digest);
	object.ruleset.body = strbuf_text(&body);
	(void)state_add(state, &object);
}

void part_add_rulesets(const struct config *config, const struct registry *registry,
		       const struct tunnels *tunnels, struct state *state)
{
	CLEANUP(free) struct firewall_tunnel *speakers = speakers_of(tunnels);
	CLEANUP(free) struct firewall_limit *limits = NULL;
	CLEANUP(prefix_list_done) struct prefix_list own = own_prefixes(config);
	CLEANUP(prefix_list_done) struct prefix_list remote = { 0 };
	CLEANUP(prefix_list_done) struct prefix_list remote_sids = { 0 };
	CLEANUP(free) uint16_t *ports = NULL;
	struct firewall_rules rules = {
		.link = config->ifname,
		.link_group = LINK_GROUP,
		.tunnel_pattern = TUNNEL_NAME_PATTERN,
		.own_sids = srv6_internal_prefix(&config->network),
		.host_address = srv6_internal_address(&config->network, SRV6_MAIN),
		.no_transit = is_no_transit(config, registry),
		.vxlan_port = config->ipsec_backend == IPSEC_USERSPACE ? LINK_VXLAN_PORT : 0,
	};

	for (size_t i = 0; registry && i < registry->nodes_count; i++) {
		const struct registry_node *node = &registry->nodes[i];
		struct ip_prefix sids = srv6_internal_prefix(&node->network);

		if (node_id_compare(&node->id, &config->self) == 0)
			continue;
		prefix_list_add(&remote, node->prefixes, node->prefixes_count);
		prefix_list_add(&remote_sids, &sids, 1);
	}
	rules.own = own.items;
	rules.own_count = own.count;
	rules.remote = remote.items;
	rules.remote_count = remote.count;
	rules.remote_sids = remote_sids.items;
	rules.remote_sids_count = remote_sids.count;
	rules.tunnels = speakers;
	rules.tunnels_count = tunnels->count;
	rules.limits_count = limits_of(tunnels, &limits);
	rules.limits = limits;
	rules.tunnel_ports_count = tunnel_ports(config, registry, tunnels, &ports);
	rules.tunnel_ports = ports;
	if (config->mode == OVERLAY_VRF) {
		add_ruleset(config, SPACE_UNDERLAY, firewall_format_vrf, &rules, state);
		return;
	}
	add_ruleset(config, SPACE_UNDERLAY, firewall_format_underlay, &rules, state);
	add_ruleset(config, SPACE_OVERLAY, firewall_format_overlay, &rules, state);
}

/*
 * Others know our router-id from the registry. A node that is not in it has one all the same, so
 * that it keeps it when it is added with the key that it has.
 */
static void own_router_id(const struct config *config, const struct registry *registry,
			  uint8_t ret[ROUTER_ID_SIZE])
{
	const struct registry_node *self = registry ? registry_find(registry, &config->self) : NULL;
	struct registry_node node = {
		.id = config->self,
		.has_wireguard = config->has_wireguard,
		.has_identity = !config->has_wireguard,
	};

	memcpy(node.wireguard_key, config->wireguard_public, KEY_SIZE);
	memcpy(node.identity_key, config->identity_public, KEY_SIZE);
	registry_node_router_id(self ? self : &node, ret);
}

/* All tunnels, those to one node side by side in the order of the registry. */
struct links {
	const struct registry_node **peers;
	char (*names)[IFNAME_SIZE]; /* of the tunnel to the peer with the same index */
	size_t count;
};

static void links_done(struct links *links)
{
	free(links->peers);
	free(links->names);
}
CLEANUP_DEFINE_IN_PLACE(struct links, links_done);

static int compare_peers(const void *a, const void *b)
{
	const struct tunnel *const *left = a, *const *right = b;

	if ((*left)->peer != (*right)->peer)
		return (*left)->peer < (*right)->peer ? -1 : 1;
	return strcmp((*left)->ifname, (*right)->ifname);
}

static void links_make(const struct tunnels *tunnels, struct links *ret)
{
	CLEANUP(free)
	const struct tunnel **sorted = NEW_ARRAY(const struct tunnel *, tunnels->count);

	for (size_t i = 0; i < tunnels->count; i++)
		sorted[i] = &tunnels->items[i];
	qsort(sorted, tunnels->count, sizeof(*sorted), compare_peers);
	ret->count = tunnels->count;
	ret->peers = NEW_ARRAY(const struct registry_node *, tunnels->count);
	ret->names = memory_zalloc(tunnels->count, sizeof(*ret->names));
	for (size_t i = 0; i < tunnels->count; i++) {
		ret->peers[i] = sorted[i]->peer;
		memcpy(ret->names[i], sorted[i]->ifname, IFNAME_SIZE);
	}
}

/* @next is the index of the first link to @node, and is moved behind its last. */
static void policy_node_fill(const struct registry_node *node, const struct links *links,
			     size_t *next, struct babel_policy_node *ret)
{
	registry_node_router_id(node, ret->router_id);
	ret->prefixes = node->prefixes;
	ret->prefixes_count = node->prefixes_count;
	ret->links = (const char(*)[IFNAME_SIZE])links->names + *next;
	while (*next < links->count && links->peers[*next] == node) {
		ret->links_count++;
		++*next;
	}
	ret->no_transit = node->no_transit;
}

static char *make_policy(const struct config *config, const struct registry *registry,
			 const struct tunnels *tunnels)
{
	CLEANUP(prefix_list_done) struct prefix_list own = own_prefixes(config);
	CLEANUP(links_done) struct links links = { 0 };
	CLEANUP(free) struct babel_policy_node *nodes = NULL;
	size_t count = 0, next = 0;

	links_make(tunnels, &links);
	for (size_t i = 0; registry && i < registry->nodes_count; i++)
		if (node_id_compare(&registry->nodes[i].id, &config->self) != 0)
			policy_node_fill(&registry->nodes[i], &links, &next,
					 ARRAY_APPEND(nodes, count));
	return babel_policy_make(&(struct babel_policy_input) {
		.own = own.items,
		.own_count = own.count,
		.no_transit = is_no_transit(config, registry),
		.nodes = nodes,
		.nodes_count = count,
	});
}

void part_add_speaker(const struct config *config, const struct registry *registry,
		      const struct tunnels *tunnels, enum speaker_program program,
		      struct state *state)
{
	CLEANUP(free) char *policy = make_policy(config, registry, tunnels);
	struct object speaker = { .kind = OBJECT_SPEAKER, .speaker.name = "babel" };
	struct object interface = { .kind = OBJECT_BABEL_INTERFACE };

	speaker.speaker.program = program;
	speaker.speaker.table = part_overlay_table(config);
	if (config->mode == OVERLAY_VRF)
		(void)snprintf(speaker.speaker.vrf, sizeof(speaker.speaker.vrf), "%s",
			       config->ifname);
	own_router_id(config, registry, speaker.speaker.router_id);
	crypto_sha256(policy, strlen(policy), speaker.speaker.digest);
	speaker.speaker.body = policy;
	(void)state_add(state, &speaker);

	interface.babel_interface.hello_interval_ms = BABEL_HELLO_INTERVAL_MS;
	for (size_t i = 0; i < tunnels->count; i++) {
		memcpy(interface.babel_interface.link, tunnels->items[i].ifname, IFNAME_SIZE);
		interface.babel_interface.rxcost =
			tunnels->items[i].is_leaving ? BABEL_RXCOST_LEAVING : BABEL_RXCOST;
		(void)state_add(state, &interface);
	}
}
