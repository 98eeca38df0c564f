// SPDX-License-Identifier: GPL-2.0-or-later
#include "intend/intend.h"

#include "base/memory.h"
#include "crypto/crypto.h"
#include "intend/tunnel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The node home/moon among home/sun and home/earth. */
enum {
	EARTH,
	MOON,
	SUN,
	NODES
};

struct world {
	struct registry registry;
	struct registry_node nodes[NODES];
	struct endpoint endpoints[NODES][2];
	struct ip_prefix prefixes[NODES][4];
	struct ip_prefix own[3];
	struct resolved_name names[1];
	struct config config;
	struct facts facts;
};

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix parsed;

	assert_int_equal(ip_prefix_parse(text, &parsed), 0);
	return parsed;
}

static struct ip_address address(const char *text)
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

static void give_prefix(struct registry_node *node, const char *text)
{
	node->prefixes[node->prefixes_count++] = prefix(text);
}

static void give_own_prefix(struct world *world, const char *text)
{
	world->own[world->config.prefixes_count++] = prefix(text);
	give_prefix(&world->nodes[MOON], text);
}

static int world_setup(void **state)
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
	};
	memset(world.config.wireguard_public, MOON + 1, KEY_SIZE);
	world.facts = (struct facts) { .has_userspace_wireguard = true,
				       .has_seg6 = true,
				       .names = world.names };
	*state = &world;
	return 0;
}

static struct state *must_intend(const struct world *world)
{
	struct state *state = NULL;
	struct error error = { 0 };

	if (intend(&world->config, &world->registry, &world->facts, &state, &error) < 0)
		fail_msg("%s", error.text);
	return state;
}

/* The route with the lowest metric, or NULL. @ret_count counts them all. */
static const struct route *find_routes(const struct state *state, enum space space,
				       const char *text, size_t *ret_count)
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

static void expect_route(const struct state *state, enum space space, const char *text,
			 uint32_t metric, size_t count)
{
	size_t found;
	const struct route *route = find_routes(state, space, text, &found);

	assert_int_equal(found, count);
	assert_int_equal(route ? route->metric : 0, metric);
}

static const char *ruleset_of(const struct state *state, enum space space)
{
	for (size_t i = 0; i < state_count(state); i++)
		if (state_at(state, i)->kind == OBJECT_RULESET &&
		    state_at(state, i)->ruleset.space == space)
			return state_at(state, i)->ruleset.body;
	fail_msg("no ruleset");
	return NULL;
}

static const char *policy_of(const struct state *state)
{
	for (size_t i = 0; i < state_count(state); i++)
		if (state_at(state, i)->kind == OBJECT_SPEAKER)
			return state_at(state, i)->speaker.body;
	fail_msg("no speaker");
	return NULL;
}

static struct tunnel tunnel_to(const struct tunnels *tunnels, const struct world *world,
			       unsigned index)
{
	for (size_t i = 0; i < tunnels->count; i++)
		if (tunnels->items[i].peer == &world->nodes[index])
			return tunnels->items[i];
	fail_msg("no tunnel");
	return (struct tunnel) { 0 };
}

static void name_sun(struct world *world, const char *resolved)
{
	struct endpoint *endpoint = &world->nodes[SUN].endpoints[0];

	endpoint->address = (struct ip_address) { 0 };
	strcpy(endpoint->name, "sun.example.net");
	world->names[0] = (struct resolved_name) { "sun.example.net", AF_INET, address(resolved) };
	world->facts.names_count = 1;
}

static void expect_endpoint_of_sun(const struct world *world, const char *expected, bool is_inside)
{
	CLEANUP(tunnels_done) struct tunnels tunnels = { 0 };
	char text[IP_ENDPOINT_TEXT_SIZE];
	struct tunnel sun, earth;

	tunnels_make(&world->config, &world->registry, &world->facts, &tunnels);
	sun = tunnel_to(&tunnels, world, SUN);
	earth = tunnel_to(&tunnels, world, EARTH);
	assert_string_equal(ip_endpoint_format(&sun.endpoint, text), expected);
	assert_int_equal(sun.leads_inside, is_inside);
	assert_string_equal(ip_endpoint_format(&earth.endpoint, text), "192.0.2.3:50001");
	assert_false(earth.leads_inside);
}

static void a_name_is_used_when_it_is_known(void **state)
{
	struct world *world = *state;

	name_sun(world, "192.0.2.2");
	expect_endpoint_of_sun(world, "192.0.2.2:50001", false);
	world->names[0].family = AF_INET6;
	expect_endpoint_of_sun(world, "", false);
	world->facts.names_count = 0;
	expect_endpoint_of_sun(world, "", false);
}

/* That peer dials in or stays away; the others are not concerned. */
static void a_name_that_leads_into_the_overlay_is_not_used(void **state)
{
	struct world *world = *state;

	give_prefix(&world->nodes[EARTH], "198.51.100.0/24");
	name_sun(world, "198.51.100.9");
	expect_endpoint_of_sun(world, "", true);
	name_sun(world, "198.51.101.9");
	expect_endpoint_of_sun(world, "198.51.101.9:50001", false);
}

/* Else no name could be used by those who accept an exit. */
static void a_default_route_is_no_place_in_the_overlay(void **state)
{
	struct world *world = *state;

	give_prefix(&world->nodes[EARTH], "0.0.0.0/0");
	name_sun(world, "198.51.100.9");
	expect_endpoint_of_sun(world, "198.51.100.9:50001", false);
}

/*
 * Serial numbers for which the first 50 bits of the hashes agree, found by a search of two minutes.
 * The keys are those of the specification's nodes moon and sun.
 */
static void two_tunnels_with_one_interface_name_are_refused(void **state)
{
	struct world *world = *state;
	struct endpoint *ours = world->config.endpoints;
	struct endpoint *theirs = world->nodes[SUN].endpoints;
	struct state *intended = NULL;
	struct error error = { 0 };

	(void)crypto_key_from_base64("Av5sZbS3vEH43ceLOWuP1WMHruZc3Ok3zerxnGVpWWs=",
				     world->config.wireguard_public);
	(void)crypto_key_from_base64("F4HXck+2xZJgWv6h76ROgWdMNIsOpjPOHZ/Zxu2lgH4=",
				     world->nodes[SUN].wireguard_key);
	ours[1] = ours[0];
	theirs[1] = theirs[0];
	world->config.endpoints_count = world->nodes[SUN].endpoints_count = 2;
	ours[0].serial_number = 223261;
	theirs[0].serial_number = 860634483;
	ours[1].serial_number = 231451;
	theirs[1].serial_number = 251779177;
	assert_true(intend(&world->config, &world->registry, &world->facts, &intended, &error) < 0);
	assert_null(intended);
	assert_int_equal(error.code, ERROR_KEY_REUSED);
	assert_string_equal(error.text,
			    "the tunnels to home/sun/251779177 and home/sun/860634483 would have "
			    "the same interface name arnarpgaz2d3; make a new key for one of the "
			    "nodes");
	theirs[1].serial_number++;
	state_free(must_intend(world));
}

static void an_exit_is_used_after_the_hosts_own_default_route(void **state)
{
	struct world *world = *state;
	CLEANUP(state_free) struct state *intended = NULL;

	give_prefix(&world->nodes[SUN], "0.0.0.0/0");
	intended = must_intend(world);
	expect_route(intended, SPACE_UNDERLAY, "0.0.0.0/0", METRIC_EXIT, 1);
	expect_route(intended, SPACE_OVERLAY, "0.0.0.0/0", METRIC_LAST_RESORT, 1);
	expect_route(intended, SPACE_UNDERLAY, "fd66:2::/64", METRIC_DIRECT, 1);
	expect_route(intended, SPACE_UNDERLAY, "::/0", 0, 0);
	assert_non_null(strstr(policy_of(intended), "accept 0.0.0.0/0 from "));
	assert_non_null(strstr(ruleset_of(intended, SPACE_OVERLAY),
			       "meta nfproto ipv4 accept comment \"the overlay has an exit\""));
	/* What this node's tunnels send has its own send_port as destination. */
	assert_non_null(strstr(ruleset_of(intended, SPACE_UNDERLAY),
			       "iif 0 ip daddr != @remote4 udp dport @tunnel_ports counter name "
			       "tunnel_in_tunnel drop"));
	assert_non_null(strstr(ruleset_of(intended, SPACE_UNDERLAY), "elements = { 50001 }"));
}

static void an_exit_does_not_use_another(void **state)
{
	struct world *world = *state;
	CLEANUP(state_free) struct state *intended = NULL;

	give_prefix(&world->nodes[SUN], "0.0.0.0/0");
	give_own_prefix(world, "0.0.0.0/0");
	intended = must_intend(world);
	expect_route(intended, SPACE_UNDERLAY, "0.0.0.0/0", 0, 0);
	/* Its own way out goes before the neighbour's. */
	expect_route(intended, SPACE_OVERLAY, "0.0.0.0/0", METRIC_DIRECT, 2);
	assert_non_null(strstr(policy_of(intended), "announce 0.0.0.0/0\n"));
	assert_null(strstr(ruleset_of(intended, SPACE_UNDERLAY), "tunnel_in_tunnel"));
}

/* An exit's default route must not make its underlay address one of the overlay. */
static void an_exit_speaks_from_its_own_network(void **state)
{
	struct world *world = *state;
	struct ip_prefix underlay[] = { prefix("192.0.2.1/24"), prefix("10.1.0.7/24") };
	CLEANUP(state_free) struct state *intended = NULL;
	char text[IP_ADDRESS_TEXT_SIZE];
	const struct route *route;
	size_t count;

	world->facts.underlay_addresses = underlay;
	world->facts.underlay_addresses_count = 2;
	give_own_prefix(world, "0.0.0.0/0");
	give_own_prefix(world, "10.1.0.0/24");
	give_prefix(&world->nodes[SUN], "10.2.0.0/24");
	intended = must_intend(world);
	route = find_routes(intended, SPACE_UNDERLAY, "10.2.0.0/24", &count);
	assert_int_equal(count, 1);
	assert_string_equal(ip_address_format(&route->source, text), "10.1.0.7");
}

static void anycast_of_others_is_one_route(void **state)
{
	struct world *world = *state;
	CLEANUP(state_free) struct state *intended = NULL;
	const char *policy;

	give_prefix(&world->nodes[SUN], "10.53.0.0/24");
	give_prefix(&world->nodes[EARTH], "10.53.0.0/24");
	intended = must_intend(world);
	expect_route(intended, SPACE_UNDERLAY, "10.53.0.0/24", METRIC_DIRECT, 1);
	expect_route(intended, SPACE_OVERLAY, "10.53.0.0/24", METRIC_LAST_RESORT, 1);
	policy = strstr(policy_of(intended), "accept 10.53.0.0/24 from ");
	assert_non_null(policy);
	assert_non_null(strstr(policy + 1, "accept 10.53.0.0/24 from "));
	assert_non_null(strstr(ruleset_of(intended, SPACE_OVERLAY),
			       "\tset shared4 {\n\t\ttype ipv4_addr\n\t\tflags interval\n"
			       "\t\tcomment \"of this node and of others (anycast)\"\n\t}\n"));
}

static void anycast_of_this_node_stays_at_home(void **state)
{
	struct world *world = *state;
	CLEANUP(state_free) struct state *intended = NULL;
	const char *overlay, *underlay;

	give_own_prefix(world, "10.53.0.0/24");
	give_prefix(&world->nodes[EARTH], "10.53.0.0/24");
	intended = must_intend(world);
	/* On the host no way into the overlay, in the overlay first to the host. */
	expect_route(intended, SPACE_UNDERLAY, "10.53.0.0/24", 0, 0);
	expect_route(intended, SPACE_OVERLAY, "10.53.0.0/24", METRIC_DIRECT, 2);
	assert_non_null(strstr(policy_of(intended), "announce 10.53.0.0/24\n"));
	assert_non_null(strstr(policy_of(intended), "accept 10.53.0.0/24 from "));
	/* Its sources come from both sides. */
	overlay = ruleset_of(intended, SPACE_OVERLAY);
	assert_non_null(strstr(overlay, "ip saddr @own4 ip saddr != @shared4 counter"));
	underlay = strstr(ruleset_of(intended, SPACE_UNDERLAY), "set remote4");
	assert_non_null(underlay);
	assert_null(strstr(underlay, "10.53.0.0/24"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_name_is_used_when_it_is_known, world_setup),
		cmocka_unit_test_setup(a_name_that_leads_into_the_overlay_is_not_used, world_setup),
		cmocka_unit_test_setup(a_default_route_is_no_place_in_the_overlay, world_setup),
		cmocka_unit_test_setup(two_tunnels_with_one_interface_name_are_refused,
				       world_setup),
		cmocka_unit_test_setup(an_exit_is_used_after_the_hosts_own_default_route,
				       world_setup),
		cmocka_unit_test_setup(an_exit_does_not_use_another, world_setup),
		cmocka_unit_test_setup(an_exit_speaks_from_its_own_network, world_setup),
		cmocka_unit_test_setup(anycast_of_others_is_one_route, world_setup),
		cmocka_unit_test_setup(anycast_of_this_node_stays_at_home, world_setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
