// SPDX-License-Identifier: GPL-2.0-or-later
#include "intend/test_world.h"

#include "base/memory.h"
#include "crypto/crypto.h"
#include "intend/tunnel.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

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

static void host_forwards_for_networks_behind_it(void **state)
{
	struct world *world = *state;
	struct ip_prefix extra[] = { prefix("10.0.0.1/24") };

	assert_false(intend_forwards(&world->config, &world->registry, AF_INET));
	assert_false(intend_forwards(&world->config, &world->registry, AF_INET6));
	world->config.extra_ips = extra;
	world->config.extra_ips_count = 1;
	give_own_prefix(world, "10.0.0.1/32");
	assert_false(intend_forwards(&world->config, &world->registry, AF_INET));
	give_own_prefix(world, "10.0.1.0/24");
	assert_true(intend_forwards(&world->config, &world->registry, AF_INET));
	assert_false(intend_forwards(&world->config, &world->registry, AF_INET6));
	assert_false(intend_forwards(&world->config, NULL, AF_INET));
	give_own_prefix(world, "::/0");
	assert_true(intend_forwards(&world->config, &world->registry, AF_INET6));
}

static void what_the_kernel_lacks_is_named(void **state)
{
	struct world *world = *state;
	const struct {
		bool *fact;
		const char *text;
	} all[] = {
		{ &world->facts.has_seg6, "CONFIG_IPV6_SEG6_LWTUNNEL" },
		{ &world->facts.has_nf_tables, "CONFIG_NF_TABLES" },
		{ &world->facts.has_userspace_wireguard, "CONFIG_WIREGUARD" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct error error = { 0 };
		struct state *none = NULL;

		*all[i].fact = false;
		assert_int_equal(intend(&world->config, NULL, &world->facts, &none, &error),
				 -EOPNOTSUPP);
		*all[i].fact = true;
		assert_null(none);
		assert_int_equal(error.code, ERROR_UNSUPPORTED);
		assert_non_null(strstr(error.text, all[i].text));
	}
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
		cmocka_unit_test_setup(host_forwards_for_networks_behind_it, world_setup),
		cmocka_unit_test_setup(what_the_kernel_lacks_is_named, world_setup),
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
