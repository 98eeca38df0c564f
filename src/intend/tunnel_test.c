// SPDX-License-Identifier: GPL-2.0-or-later
/* Which tunnels there are, with two transports. */
#include "intend/tunnel.h"

#include "base/memory.h"
#include "intend/test_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WG TRANSPORT_WIREGUARD
#define IKE TRANSPORT_IPSEC

static struct tunnels make(const struct world *world)
{
	struct tunnels tunnels;

	tunnels_make(&world->config, &world->registry, &world->facts, &tunnels);
	return tunnels;
}

/* The tunnel to that node; NULL if there is none. */
static const struct tunnel *find(const struct tunnels *tunnels, const struct world *world,
				 unsigned index, enum transport transport)
{
	for (size_t i = 0; i < tunnels->count; i++)
		if (tunnels->items[i].peer == &world->nodes[index] &&
		    tunnels->items[i].transport == transport)
			return &tunnels->items[i];
	return NULL;
}

static struct tunnel must_find(const struct tunnels *tunnels, const struct world *world,
			       unsigned index, enum transport transport)
{
	const struct tunnel *tunnel = find(tunnels, world, index, transport);

	if (tunnel)
		return *tunnel;
	fail_msg("no tunnel");
	return (struct tunnel) { 0 };
}

static uint8_t transports_to(const struct world *world, unsigned index)
{
	CLEANUP(tunnels_done) struct tunnels tunnels = make(world);

	return (uint8_t)((find(&tunnels, world, index, WG) ? WG : 0) |
			 (find(&tunnels, world, index, IKE) ? IKE : 0));
}

/* "" if there is a tunnel to the node. */
static const char *reason_without(const struct world *world, unsigned index)
{
	CLEANUP(tunnels_done) struct tunnels tunnels = make(world);

	for (size_t i = 0; i < tunnels.without_count; i++)
		if (tunnels.without[i].peer == &world->nodes[index])
			return tunnels.without[i].reason;
	return "";
}

static void pairs_have_a_tunnel_for_each_transport_in_common(void **state)
{
	static const struct {
		uint8_t ours, theirs, expected;
	} cases[] = {
		{ 0, 0, WG },	      { WG, 0, WG },
		{ IKE, 0, IKE },      { WG | IKE, 0, WG | IKE },
		{ WG | IKE, WG, WG }, { WG | IKE, IKE, IKE },
		{ WG, WG | IKE, WG }, { IKE, WG | IKE, IKE },
		{ WG, IKE, 0 },	      { IKE, WG, 0 },
	};
	struct world *world = *state;

	world_give_identities(world);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		world->config.endpoints[0].transports = cases[i].ours;
		world->nodes[SUN].endpoints[0].transports = cases[i].theirs;
		if (transports_to(world, SUN) != cases[i].expected)
			fail_msg("case %zu", i);
		assert_string_equal(reason_without(world, SUN),
				    cases[i].expected ? "" : "no transport in common");
	}
}

/* The two endpoints of sun are apart. */
static void transports_are_those_of_the_endpoint(void **state)
{
	CLEANUP(tunnels_done) struct tunnels tunnels = { 0 };
	struct world *world = *state;
	struct registry_node *sun = &world->nodes[SUN];

	world_give_identities(world);
	sun->endpoints_count = 2;
	sun->endpoints[1] = sun->endpoints[0];
	sun->endpoints[1].serial_number = 1;
	sun->endpoints[0].transports = WG;
	sun->endpoints[1].transports = IKE;
	world->config.endpoints[0].transports = WG | IKE;
	tunnels = make(world);
	assert_ptr_equal(must_find(&tunnels, world, SUN, WG).remote, &sun->endpoints[0]);
	assert_ptr_equal(must_find(&tunnels, world, SUN, IKE).remote, &sun->endpoints[1]);
}

static void peer_without_a_key_in_common_is_named_with_the_reason(void **state)
{
	static const struct {
		uint8_t ours, theirs;
		const char *reason;
	} cases[] = {
		{ WG, IKE, "the registry has no WireGuard key of it" },
		{ IKE, WG,
		  "the registry has no Ed25519 key of it, and this node no WireGuard key" },
		{ WG | IKE, 0, "the registry has no key of it" },
		{ WG, 0, "the registry has no WireGuard key of it" },
		{ WG, WG, "" },
		{ IKE, IKE, "" },
	};
	struct world *world = *state;
	struct registry_node *sun = &world->nodes[SUN];

	world_give_identities(world);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		world->config.has_wireguard = cases[i].ours & WG;
		world->config.has_identity = cases[i].ours & IKE;
		sun->has_wireguard = cases[i].theirs & WG;
		sun->has_identity = cases[i].theirs & IKE;
		assert_string_equal(reason_without(world, SUN), cases[i].reason);
	}
}

/* Of several endpoints, what the nearest lacks. */
static void peer_without_an_endpoint_in_common_is_named_with_the_reason(void **state)
{
	struct world *world = *state;
	struct registry_node *sun = &world->nodes[SUN];
	struct endpoint *local = &world->config.endpoints[0];

	world_give_identities(world);
	local->transports = WG;
	sun->endpoints_count = 2;
	sun->endpoints[1] = sun->endpoints[0];
	sun->endpoints[0].family = sun->endpoints[1].family =
		local->family == AF_INET ? AF_INET6 : AF_INET;
	sun->endpoints[0].transports = sun->endpoints[1].transports = IKE;
	assert_string_equal(reason_without(world, SUN), "no address family in common");
	sun->endpoints[1].family = local->family;
	assert_string_equal(reason_without(world, SUN), "no transport in common");
	sun->endpoints[0].transports = sun->endpoints[1].transports = WG;
	local->address = sun->endpoints[1].address = (struct ip_address) { 0 };
	assert_string_equal(reason_without(world, SUN), "both ends only dial out (behind NAT)");
}

static void nodes_of_other_transports_are_reached_through_one_with_both(void **state)
{
	CLEANUP(tunnels_done) struct tunnels tunnels = { 0 };
	struct world *world = *state;

	world_give_identities(world);
	world->config.endpoints[0].transports = WG;
	world->nodes[SUN].endpoints[0].transports = IKE;
	tunnels = make(world);
	assert_int_equal(tunnels.without_count, 1);
	assert_false(tunnels.without[0].is_cut_off);
	tunnels_done(&tunnels);
	world->nodes[EARTH].endpoints[0].transports = WG;
	tunnels = make(world);
	assert_int_equal(tunnels.without_count, 1);
	assert_true(tunnels.without[0].is_cut_off);
}

/* IKE has one port at each end, whatever the send_port is. */
static void ipsec_goes_to_the_port_of_the_peer(void **state)
{
	CLEANUP(tunnels_done) struct tunnels tunnels = { 0 };
	struct world *world = *state;
	char text[IP_ENDPOINT_TEXT_SIZE];
	struct tunnel sun;

	world_give_identities(world);
	world->config.endpoints[0].transports = IKE;
	world->nodes[SUN].endpoints[0].port = 13000;
	tunnels = make(world);
	sun = must_find(&tunnels, world, SUN, IKE);
	assert_string_equal(ip_endpoint_format(&sun.endpoint, text), "192.0.2.2:13000");
	assert_int_equal(sun.listen_port, 0);
	tunnels_done(&tunnels);
	world->nodes[SUN].endpoints[0].address = (struct ip_address) { 0 };
	tunnels = make(world);
	sun = must_find(&tunnels, world, SUN, IKE);
	assert_string_equal(ip_endpoint_format(&sun.endpoint, text), "");
	assert_int_equal(sun.endpoint.port, 0);
}

static void if_ids_are_unique_and_of_ipsec_alone(void **state)
{
	CLEANUP(tunnels_done) struct tunnels tunnels = { 0 };
	struct world *world = *state;

	world_give_identities(world);
	world->config.endpoints[0].transports = WG | IKE;
	tunnels = make(world);
	assert_int_equal(tunnels.count, 4);
	for (size_t i = 0; i < tunnels.count; i++) {
		assert_int_equal(tunnels.items[i].if_id != 0, tunnels.items[i].transport == IKE);
		for (size_t j = 0; j < i && tunnels.items[i].if_id; j++)
			assert_int_not_equal(tunnels.items[i].if_id, tunnels.items[j].if_id);
	}
}

static uint32_t if_id_of_sun(const struct world *world)
{
	CLEANUP(tunnels_done) struct tunnels tunnels = make(world);

	return must_find(&tunnels, world, SUN, IKE).if_id;
}

/* Else an SA would have to go because of somebody else. */
static void if_id_does_not_depend_on_other_peers_and_keys(void **state)
{
	struct world *world = *state;
	uint32_t before;

	world_give_identities(world);
	world->config.endpoints[0].transports = IKE;
	before = if_id_of_sun(world);
	world->nodes[EARTH].endpoints[0].transports = WG;
	assert_int_equal(if_id_of_sun(world), before);
	world->nodes[SUN].identity_key[0] ^= 1;
	world->nodes[SUN].endpoints[0].address = address("192.0.2.99");
	assert_int_equal(if_id_of_sun(world), before);
	world->config.endpoints[0].transports = WG | IKE;
	assert_int_equal(if_id_of_sun(world), before);
	/* Nobody else can tell which it is. */
	world->config.identity_seed[0] ^= 1;
	assert_int_not_equal(if_id_of_sun(world), before);
}

/* Both ran IPsec until now, and change to WireGuard. The caller frees facts.kept. */
static void keep_tunnel_to_sun(struct world *world, bool is_leaving)
{
	CLEANUP(tunnels_done) struct tunnels tunnels = { 0 };
	struct kept_tunnel *kept = NEW(struct kept_tunnel);

	world_give_identities(world);
	world->config.endpoints[0].transports = IKE;
	tunnels = make(world);
	memcpy(kept->ifname, must_find(&tunnels, world, SUN, IKE).ifname, IFNAME_SIZE);
	kept->is_leaving = is_leaving;
	world->config.endpoints[0].transports = WG;
	world->facts.kept = kept;
	world->facts.kept_count = 1;
}

static void unwanted_tunnel_stays_if_it_is_kept(void **state)
{
	struct world *world = *state;
	CLEANUP(tunnels_done) struct tunnels tunnels = { 0 };
	struct tunnel kept;

	keep_tunnel_to_sun(world, false);
	assert_int_equal(transports_to(world, SUN), WG | IKE);
	assert_int_equal(transports_to(world, EARTH), WG);
	tunnels = make(world);
	kept = must_find(&tunnels, world, SUN, IKE);
	assert_true(kept.is_kept);
	assert_false(kept.is_leaving);
	assert_int_not_equal(kept.if_id, 0);
	assert_false(must_find(&tunnels, world, SUN, WG).is_kept);
	world->facts.kept_count = 0;
	assert_int_equal(transports_to(world, SUN), WG);
	free(world->facts.kept);
}

static void kept_tunnel_leaves_when_it_is_told(void **state)
{
	struct world *world = *state;
	CLEANUP(tunnels_done) struct tunnels tunnels = { 0 };

	keep_tunnel_to_sun(world, true);
	tunnels = make(world);
	assert_true(must_find(&tunnels, world, SUN, IKE).is_leaving);
	assert_false(must_find(&tunnels, world, SUN, WG).is_leaving);
	free(world->facts.kept);
}

static void tunnel_that_is_wanted_again_is_no_kept_one(void **state)
{
	struct world *world = *state;
	CLEANUP(tunnels_done) struct tunnels tunnels = { 0 };

	keep_tunnel_to_sun(world, true);
	world->config.endpoints[0].transports = WG | IKE;
	tunnels = make(world);
	assert_false(must_find(&tunnels, world, SUN, IKE).is_kept);
	assert_false(must_find(&tunnels, world, SUN, IKE).is_leaving);
	free(world->facts.kept);
}

/* Without a key on both sides there is nothing that could run on. */
static void kept_tunnel_ends_with_the_key(void **state)
{
	struct world *world = *state;

	keep_tunnel_to_sun(world, false);
	world->nodes[SUN].has_identity = false;
	assert_int_equal(transports_to(world, SUN), WG);
	free(world->facts.kept);
}

static void successor_is_the_wanted_tunnel_of_the_same_pair(void **state)
{
	struct world *world = *state;
	CLEANUP(tunnels_done) struct tunnels tunnels = { 0 };
	struct registry_node *sun = &world->nodes[SUN];
	const struct tunnel *successor;
	struct tunnel kept;

	keep_tunnel_to_sun(world, false);
	sun->endpoints_count = 2;
	sun->endpoints[1] = sun->endpoints[0];
	sun->endpoints[1].serial_number = 1;
	tunnels = make(world);
	kept = must_find(&tunnels, world, SUN, IKE);
	successor = tunnels_successor(&tunnels, &kept);
	assert_non_null(successor);
	assert_int_equal(successor->transport, WG);
	assert_ptr_equal(successor->remote, &sun->endpoints[0]);
	tunnels_done(&tunnels);
	/* Another pair of endpoints is another way. */
	world->config.endpoints[0].transports = WG;
	sun->endpoints[0].transports = IKE;
	tunnels = make(world);
	kept = must_find(&tunnels, world, SUN, IKE);
	assert_true(kept.is_kept);
	assert_non_null(find(&tunnels, world, SUN, WG));
	assert_null(tunnels_successor(&tunnels, &kept));
	free(world->facts.kept);
}

static void unwanted_are_the_transports_with_keys_that_do_not_run(void **state)
{
	static const struct {
		uint8_t ours, theirs, keys, expected;
	} cases[] = {
		{ WG, 0, WG | IKE, IKE },
		{ IKE, 0, WG | IKE, WG },
		{ WG | IKE, 0, WG | IKE, 0 },
		{ WG, IKE, WG | IKE, WG | IKE },
		{ WG | IKE, IKE, WG | IKE, WG },
		{ WG, 0, WG, 0 },
		{ IKE, 0, IKE, 0 },
		{ WG, 0, IKE, IKE },
	};
	struct world *world = *state;

	world_give_identities(world);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(tunnels_done) struct tunnels tunnels = { 0 };
		uint8_t found = 0;

		world->config.endpoints[0].transports = cases[i].ours;
		world->nodes[SUN].endpoints[0].transports = cases[i].theirs;
		world->nodes[SUN].has_wireguard = cases[i].keys & WG;
		world->nodes[SUN].has_identity = cases[i].keys & IKE;
		tunnels_make_unwanted(&world->config, &world->registry, &world->facts, &tunnels);
		assert_int_equal(tunnels.without_count, 0);
		for (size_t j = 0; j < tunnels.count; j++) {
			assert_true(tunnels.items[j].is_kept);
			assert_false(tunnels.items[j].is_leaving);
			if (tunnels.items[j].peer == &world->nodes[SUN])
				found |= (uint8_t)tunnels.items[j].transport;
		}
		if (found != cases[i].expected)
			fail_msg("case %zu", i);
	}
}

/* Its name is how it is recognised among the links that are there. */
static void unwanted_tunnel_is_the_one_that_was_wanted(void **state)
{
	struct world *world = *state;
	CLEANUP(tunnels_done) struct tunnels wanted = { 0 };
	CLEANUP(tunnels_done) struct tunnels unwanted = { 0 };
	const struct tunnel *after;
	struct tunnel before;

	world_give_identities(world);
	world->config.endpoints[0].transports = IKE;
	wanted = make(world);
	world->config.endpoints[0].transports = WG;
	tunnels_make_unwanted(&world->config, &world->registry, &world->facts, &unwanted);
	before = must_find(&wanted, world, SUN, IKE);
	after = tunnels_find(&unwanted, before.ifname);
	assert_non_null(after);
	assert_int_equal(after->if_id, before.if_id);
	assert_int_equal(ip_address_compare(&after->local_address, &before.local_address), 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup(name, world_setup)
	const struct CMUnitTest tests[] = {
		CASE(pairs_have_a_tunnel_for_each_transport_in_common),
		CASE(transports_are_those_of_the_endpoint),
		CASE(peer_without_a_key_in_common_is_named_with_the_reason),
		CASE(peer_without_an_endpoint_in_common_is_named_with_the_reason),
		CASE(nodes_of_other_transports_are_reached_through_one_with_both),
		CASE(ipsec_goes_to_the_port_of_the_peer),
		CASE(if_ids_are_unique_and_of_ipsec_alone),
		CASE(if_id_does_not_depend_on_other_peers_and_keys),
		CASE(unwanted_tunnel_stays_if_it_is_kept),
		CASE(kept_tunnel_leaves_when_it_is_told),
		CASE(tunnel_that_is_wanted_again_is_no_kept_one),
		CASE(kept_tunnel_ends_with_the_key),
		CASE(successor_is_the_wanted_tunnel_of_the_same_pair),
		CASE(unwanted_are_the_transports_with_keys_that_do_not_run),
		CASE(unwanted_tunnel_is_the_one_that_was_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
