// SPDX-License-Identifier: GPL-2.0-or-later
#include "intend/parts.h"

#include "babel/policy.h"
#include "base/memory.h"
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
#define TUNNEL_NAME_PATTERN "ar*" /* tunnel_interface_name() */

struct prefix_list {
	struct ip_prefix *items;
	size_t count;
};

static void prefix_list_done(struct prefix_list *list)
{
	free(list->items);
}
CLEANUP_DEFINE_IN_PLACE(struct prefix_list, prefix_list_done);

static void prefix_list_add(struct prefix_list *list, const struct ip_prefix *prefixes,
			    size_t count)
{
	for (size_t i = 0; i < count; i++)
		*ARRAY_APPEND(list->items, list->count) = prefixes[i];
}

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

static void add_ruleset(const struct config *config, enum space space,
			const struct firewall_rules *rules, struct state *state)
{
	struct object object = { .kind = OBJECT_RULESET, .ruleset.space = space };
	CLEANUP(strbuf_done) struct strbuf body = { 0 };

	if (space == SPACE_UNDERLAY)
		firewall_format_underlay(rules, &body);
	else
		firewall_format_overlay(rules, &body);
	(void)snprintf(object.ruleset.name, sizeof(object.ruleset.name), "%s", config->ifname);
	crypto_sha256(body.bytes, body.length, object.ruleset.digest);
	object.ruleset.body = strbuf_text(&body);
	(void)state_add(state, &object);
}

void part_add_rulesets(const struct config *config, const struct registry *registry,
		       const struct tunnels *tunnels, struct state *state)
{
	CLEANUP(free) struct firewall_limit *limits = NULL;
	CLEANUP(prefix_list_done) struct prefix_list own = own_prefixes(config);
	CLEANUP(prefix_list_done) struct prefix_list remote = { 0 };
	CLEANUP(prefix_list_done) struct prefix_list remote_sids = { 0 };
	struct firewall_rules rules = {
		.link = config->ifname,
		.tunnel_pattern = TUNNEL_NAME_PATTERN,
		.own_sids = srv6_internal_prefix(&config->network),
		.host_address = srv6_internal_address(&config->network, SRV6_MAIN),
		.no_transit = is_no_transit(config, registry),
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
	rules.limits_count = limits_of(tunnels, &limits);
	rules.limits = limits;
	add_ruleset(config, SPACE_UNDERLAY, &rules, state);
	add_ruleset(config, SPACE_OVERLAY, &rules, state);
}

/*
 * Others know our router-id from the registry. A node that is not in it has one all the same, so
 * that it keeps it when it is added with the key that it has.
 */
static void own_router_id(const struct config *config, const struct registry *registry,
			  uint8_t ret[ROUTER_ID_SIZE])
{
	const struct registry_node *self = registry ? registry_find(registry, &config->self) : NULL;
	struct registry_node node = { .id = config->self, .has_wireguard = true };

	memcpy(node.wireguard_key, config->wireguard_public, KEY_SIZE);
	registry_node_router_id(self ? self : &node, ret);
}

/* The direct tunnels to @node, as names; owned by the caller. */
static size_t links_to(const struct tunnels *tunnels, const struct registry_node *node,
		       char (**ret)[IFNAME_SIZE])
{
	char(*links)[IFNAME_SIZE] = NULL;
	size_t count = 0;

	for (size_t i = 0; i < tunnels->count; i++)
		if (tunnels->items[i].peer == node)
			memcpy(*ARRAY_APPEND(links, count), tunnels->items[i].ifname, IFNAME_SIZE);
	*ret = links;
	return count;
}

static void policy_node_fill(const struct registry_node *node, const struct tunnels *tunnels,
			     struct babel_policy_node *ret)
{
	char(*links)[IFNAME_SIZE];

	registry_node_router_id(node, ret->router_id);
	ret->prefixes = node->prefixes;
	ret->prefixes_count = node->prefixes_count;
	ret->links_count = links_to(tunnels, node, &links);
	ret->links = (const char(*)[IFNAME_SIZE])links;
	ret->no_transit = node->no_transit;
}

static char *make_policy(const struct config *config, const struct registry *registry,
			 const struct tunnels *tunnels)
{
	CLEANUP(prefix_list_done) struct prefix_list own = own_prefixes(config);
	struct babel_policy_input input = { .own = own.items, .own_count = own.count };
	struct babel_policy_node *nodes = NULL;
	size_t count = 0;
	char *policy;

	for (size_t i = 0; registry && i < registry->nodes_count; i++)
		if (node_id_compare(&registry->nodes[i].id, &config->self) != 0)
			policy_node_fill(&registry->nodes[i], tunnels, ARRAY_APPEND(nodes, count));
	input.no_transit = is_no_transit(config, registry);
	input.nodes = nodes;
	input.nodes_count = count;
	policy = babel_policy_make(&input);
	for (size_t i = 0; i < count; i++)
		free((void *)(uintptr_t)nodes[i].links);
	free(nodes);
	return policy;
}

void part_add_speaker(const struct config *config, const struct registry *registry,
		      const struct tunnels *tunnels, struct state *state)
{
	CLEANUP(free) char *policy = make_policy(config, registry, tunnels);
	struct object speaker = { .kind = OBJECT_SPEAKER, .speaker.name = "babel" };
	struct object interface = { .kind = OBJECT_BABEL_INTERFACE };

	own_router_id(config, registry, speaker.speaker.router_id);
	crypto_sha256(policy, strlen(policy), speaker.speaker.digest);
	speaker.speaker.body = policy;
	(void)state_add(state, &speaker);

	interface.babel_interface.rxcost = BABEL_RXCOST;
	interface.babel_interface.hello_interval_ms = BABEL_HELLO_INTERVAL_MS;
	for (size_t i = 0; i < tunnels->count; i++) {
		memcpy(interface.babel_interface.link, tunnels->items[i].ifname, IFNAME_SIZE);
		(void)state_add(state, &interface);
	}
}
