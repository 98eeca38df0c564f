// SPDX-License-Identifier: GPL-2.0-or-later
#include "intend/test_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct ip_prefix prefix(const char *text)
{
	struct ip_prefix parsed;

	assert_int_equal(ip_prefix_parse(text, &parsed), 0);
	return parsed;
}

struct ip_address address(const char *text)
{
	struct ip_address parsed;

	assert_int_equal(ip_address_parse(text, &parsed), 0);
	return parsed;
}

static void node_make(struct world *world, unsigned index, const char *name, const char *network,
		      const char *endpoint)
{
	struct registry_node *node = &world->nodes[index];

	*node = (struct registry_node) {
		.has_wireguard = true,
		.endpoints = world->endpoints[index],
		.endpoints_count = 1,
		.network = prefix(network),
		.prefixes = world->prefixes[index],
		.prefixes_count = 1,
	};
	node->endpoints[0] = (struct endpoint) {
		.family = AF_INET,
		.address = address(endpoint),
		.port = 12025,
		.send_port = (uint16_t)(50000 + index),
	};
	strcpy(node->id.organization, "home");
	strcpy(node->id.common_name, name);
	memset(node->wireguard_key, (int)index + 1, KEY_SIZE);
	node->prefixes[0] = node->network;
}

void give_prefix(struct registry_node *node, const char *text)
{
	node->prefixes[node->prefixes_count++] = prefix(text);
}

void give_own_prefix(struct world *world, const char *text)
{
	world->own[world->config.prefixes_count++] = prefix(text);
	give_prefix(&world->nodes[MOON], text);
}

int world_setup(void **state)
{
	static struct world world;

	world = (struct world) { 0 };
	node_make(&world, EARTH, "earth", "fd66:3::/64", "192.0.2.3");
	node_make(&world, MOON, "moon", "fd66:1::/64", "192.0.2.1");
	node_make(&world, SUN, "sun", "fd66:2::/64", "192.0.2.2");
	world.registry = (struct registry) { .nodes = world.nodes, .nodes_count = NODES };
	world.config = (struct config) {
		.self = { "home", "moon" },
		.mode = OVERLAY_NETNS,
		.ifname = "aronet",
		.netns_name = "aronet",
		.network = prefix("fd66:1::/64"),
		.prefixes = world.own,
		.endpoints = { { .family = AF_INET,
				 .address = address("192.0.2.1"),
				 .port = 12025,
				 .mtu = 1420 } },
		.endpoints_count = 1,
		.has_wireguard = true,
	};
	memset(world.config.wireguard_public, MOON + 1, KEY_SIZE);
	world.facts = (struct facts) { .has_userspace_wireguard = true,
				       .has_seg6 = true,
				       .has_nf_tables = true,
				       .has_babeld = true,
				       .names = world.names };
	*state = &world;
	return 0;
}

void world_give_identities(struct world *world)
{
	for (unsigned i = 0; i < NODES; i++) {
		world->nodes[i].has_identity = true;
		memset(world->nodes[i].identity_key, 0x80 + (int)i, KEY_SIZE);
	}
	world->config.has_identity = true;
	memset(world->config.identity_seed, 0x90, KEY_SIZE);
	memset(world->config.identity_public, 0x80 + MOON, KEY_SIZE);
}

struct state *must_intend(const struct world *world)
{
	struct state *state = NULL;
	struct error error = { 0 };

	if (intend(&world->config, &world->registry, &world->facts, &state, &error) < 0)
		fail_msg("%s", error.text);
	return state;
}

const struct route *find_routes(const struct state *state, enum space space, const char *text,
				size_t *ret_count)
{
	struct ip_prefix wanted = prefix(text);
	const struct route *best = NULL;

	*ret_count = 0;
	for (size_t i = 0; i < state_count(state); i++) {
		const struct object *object = state_at(state, i);

		if (object->kind != OBJECT_ROUTE || object->route.space != space ||
		    ip_prefix_compare(&object->route.prefix, &wanted) != 0)
			continue;
		++*ret_count;
		if (!best || object->route.metric < best->metric)
			best = &object->route;
	}
	return best;
}

void expect_route(const struct state *state, enum space space, const char *text, uint32_t metric,
		  size_t count)
{
	size_t found;
	const struct route *route = find_routes(state, space, text, &found);

	assert_int_equal(found, count);
	assert_int_equal(route ? route->metric : 0, metric);
}

const char *ruleset_of(const struct state *state, enum space space)
{
	for (size_t i = 0; i < state_count(state); i++)
		if (state_at(state, i)->kind == OBJECT_RULESET &&
		    state_at(state, i)->ruleset.space == space)
			return state_at(state, i)->ruleset.body;
	fail_msg("no ruleset");
	return NULL;
}
