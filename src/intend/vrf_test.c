// SPDX-License-Identifier: GPL-2.0-or-later
#include "intend/test_world.h"

#include "core/plan.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TABLE 128

static int vrf_setup(void **state)
{
	int result = world_setup(state);
	struct world *world = *state;

	world->config.mode = OVERLAY_VRF;
	world->config.route_table = TABLE;
	world->facts.has_vrf = true;
	world->facts.has_bird = true;
	world->facts.bird_version = (struct bird_version) { 2, 17, 6 };
	return result;
}

static const struct object *only_of(const struct state *state, enum object_kind kind)
{
	const struct object *found = NULL;

	STATE_FOR_EACH(state, kind, object)
	{
		assert_null(found);
		found = object;
	}
	assert_non_null(found);
	return found;
}

static const struct link *main_link(const struct state *state)
{
	STATE_FOR_EACH(state, OBJECT_LINK, object)
	if (!strcmp(object->link.name, "aronet"))
		return &object->link;
	fail_msg("no main link");
	return NULL;
}

static void host_forwards_from_tunnel_to_tunnel(void **state)
{
	struct world *world = *state;

	assert_true(intend_forwards(&world->config, &world->registry, AF_INET));
	assert_true(intend_forwards(&world->config, &world->registry, AF_INET6));
	assert_false(intend_forwards(&world->config, NULL, AF_INET6));
	world->nodes[MOON].no_transit = true;
	assert_false(intend_forwards(&world->config, &world->registry, AF_INET));
	give_own_prefix(world, "10.0.1.0/24");
	assert_true(intend_forwards(&world->config, &world->registry, AF_INET));
}

static void vrf_takes_the_place_of_the_namespace(void **state)
{
	struct world *world = *state;
	CLEANUP(state_free) struct state *intended = must_intend(world);

	assert_int_equal(main_link(intended)->kind, LINK_VRF);
	assert_int_equal(main_link(intended)->table, TABLE);
	assert_int_equal(main_link(intended)->space, SPACE_OVERLAY);
	STATE_FOR_EACH(intended, OBJECT_NETNS, object)
	fail_msg("a namespace: %s", object->netns.name);
	STATE_FOR_EACH(intended, OBJECT_SYSCTL, object)
	assert_int_equal(object->sysctl.space, SPACE_UNDERLAY);
}

static void every_tunnel_is_in_the_vrf(void **state)
{
	struct world *world = *state;
	CLEANUP(state_free) struct state *intended = must_intend(world);
	size_t members = 0;

	STATE_FOR_EACH(intended, OBJECT_WIREGUARD, object)
	{
		struct object member = { .kind = OBJECT_VRF_MEMBER };
		const struct object *found;

		memcpy(member.vrf_member.link, object->wireguard.link, IFNAME_SIZE);
		found = state_find(intended, &member);
		assert_non_null(found);
		assert_string_equal(found->vrf_member.vrf, "aronet");
		members++;
	}
	assert_int_equal(members, NODES - 1);
}

/* Programs need not know that there is a VRF. */
static void host_finds_remote_networks_in_its_own_table(void **state)
{
	struct world *world = *state;
	CLEANUP(state_free) struct state *intended = NULL;
	const struct route *route;
	size_t count;

	give_prefix(&world->nodes[SUN], "192.168.2.0/24");
	intended = must_intend(world);
	route = find_routes(intended, SPACE_UNDERLAY, "fd66:2::/64", &count);
	assert_int_equal(count, 1);
	assert_int_equal(route->table, ROUTE_TABLE_MAIN);
	assert_int_equal(route->metric, METRIC_DIRECT + TABLE);
	assert_string_equal(route->link, "aronet");
	assert_false(ip_address_present(&route->gateway));
	assert_true(ip_address_present(&route->source));
	route = find_routes(intended, SPACE_UNDERLAY, "192.168.2.0/24", &count);
	assert_int_equal(count, 1);
	assert_string_equal(route->link, "aronet");
}

static void host_reaches_its_own_addresses_in_the_vrf(void **state)
{
	struct world *world = *state;
	struct ip_prefix extra[] = { prefix("192.168.1.1/32") };
	CLEANUP(state_free) struct state *intended = NULL;

	give_own_prefix(world, "192.168.1.0/24");
	world->config.extra_ips = extra;
	world->config.extra_ips_count = 1;
	intended = must_intend(world);
	expect_route(intended, SPACE_UNDERLAY, "fd66:1::ffff:0:0:1/128", METRIC_DIRECT + TABLE, 1);
	expect_route(intended, SPACE_UNDERLAY, "192.168.1.1/32", METRIC_DIRECT + TABLE, 1);
}

/* The kernel refuses an address of the VRF as source of a route in the main table. */
static void source_of_ipv4_is_named_only_where_the_host_has_it(void **state)
{
	struct world *world = *state;
	struct ip_prefix extra[] = { prefix("192.168.1.1/32") };
	struct ip_prefix host[] = { prefix("192.168.1.7/24") };
	CLEANUP(state_free) struct state *with_extra = NULL;
	CLEANUP(state_free) struct state *without = NULL;
	struct ip_address expected = address("192.168.1.7");
	const struct route *route;
	size_t count;

	give_own_prefix(world, "192.168.1.0/24");
	give_prefix(&world->nodes[SUN], "192.168.2.0/24");
	world->facts.underlay_addresses = host;
	world->facts.underlay_addresses_count = 1;
	without = must_intend(world);
	world->config.extra_ips = extra;
	world->config.extra_ips_count = 1;
	with_extra = must_intend(world);
	route = find_routes(with_extra, SPACE_UNDERLAY, "192.168.2.0/24", &count);
	assert_false(ip_address_present(&route->source));
	route = find_routes(without, SPACE_UNDERLAY, "192.168.2.0/24", &count);
	assert_int_equal(ip_address_compare(&route->source, &expected), 0);
}

/* The kernel takes no other. */
static void source_of_ipv6_is_an_address_of_the_vrf(void **state)
{
	struct world *world = *state;
	struct ip_prefix host[] = { prefix("fd66:1::7/64") };
	struct ip_address expected = address("fd66:1::ffff:0:0:1");
	CLEANUP(state_free) struct state *intended = NULL;
	const struct route *route;
	size_t count;

	world->facts.underlay_addresses = host;
	world->facts.underlay_addresses_count = 1;
	intended = must_intend(world);
	route = find_routes(intended, SPACE_UNDERLAY, "fd66:2::/64", &count);
	assert_int_equal(ip_address_compare(&route->source, &expected), 0);
}

static void own_networks_are_left_to_the_host(void **state)
{
	static const char *const own[] = { "fd66:1::/64", "192.168.1.0/24" };
	struct world *world = *state;
	CLEANUP(state_free) struct state *intended = NULL;

	give_own_prefix(world, "192.168.1.0/24");
	intended = must_intend(world);
	for (size_t i = 0; i < 2; i++) {
		size_t count;
		const struct route *route = find_routes(intended, SPACE_OVERLAY, own[i], &count);

		assert_int_equal(count, 1);
		assert_int_equal(route->type, ROUTE_THROW);
		assert_int_equal(route->table, TABLE);
		assert_string_equal(route->link, "");
	}
}

/* Else a packet of the overlay would follow the host's default route. */
static void table_of_the_vrf_has_an_end(void **state)
{
	static const char *const all[] = { "0.0.0.0/0", "::/0" };
	struct world *world = *state;
	CLEANUP(state_free) struct state *intended = must_intend(world);

	for (size_t i = 0; i < 2; i++) {
		size_t count;
		const struct route *route = find_routes(intended, SPACE_OVERLAY, all[i], &count);

		assert_int_equal(count, 1);
		assert_int_equal(route->type, ROUTE_UNREACHABLE);
		assert_int_equal(route->table, TABLE);
		assert_true(route->metric > METRIC_LAST_RESORT);
	}
}

static void last_resort_is_in_the_table_of_the_vrf(void **state)
{
	struct world *world = *state;
	CLEANUP(state_free) struct state *intended = must_intend(world);
	size_t count;
	const struct route *route = find_routes(intended, SPACE_OVERLAY, "fd66:2::/64", &count);

	assert_int_equal(count, 1);
	assert_int_equal(route->table, TABLE);
	assert_int_equal(route->metric, METRIC_LAST_RESORT);
}

static void decapsulation_looks_up_in_the_vrf(void **state)
{
	struct world *world = *state;
	CLEANUP(state_free) struct state *intended = must_intend(world);
	unsigned decapsulating = 0;

	STATE_FOR_EACH(intended, OBJECT_SID, object)
	{
		assert_int_equal(object->sid.table, TABLE);
		assert_string_equal(object->sid.link, "aronet");
		decapsulating += object->sid.behavior == SID_END_DT46;
	}
	assert_int_equal(decapsulating, 2);
}

static void speaker_and_firewall_know_the_vrf(void **state)
{
	struct world *world = *state;
	CLEANUP(state_free) struct state *intended = must_intend(world);
	const struct speaker *speaker = &only_of(intended, OBJECT_SPEAKER)->speaker;

	assert_int_equal(speaker->program, SPEAKER_BIRD);
	assert_int_equal(speaker->table, TABLE);
	assert_string_equal(speaker->vrf, "aronet");
	assert_int_equal(only_of(intended, OBJECT_RULESET)->ruleset.space, SPACE_UNDERLAY);
	assert_non_null(strstr(ruleset_of(intended, SPACE_UNDERLAY), "meta sdifname"));
}

/* The kernel forgets what it has learned on all other links as soon as forwarding is turned on. */
static void host_keeps_what_router_advertisements_told_it(void **state)
{
	static char links[][IFNAME_SIZE] = { "a0", "default", "eth0" };
	struct world *world = *state;
	CLEANUP(state_free) struct state *intended = NULL;
	unsigned guards = 0;
	bool forwards = false;

	world->facts.advertised_links = links;
	world->facts.advertised_links_count = 3;
	intended = must_intend(world);
	STATE_FOR_EACH(intended, OBJECT_SYSCTL, object)
	{
		if (!strcmp(object->sysctl.path, "net/ipv6/conf/all/forwarding"))
			forwards = true;
		if (!strstr(object->sysctl.path, "/accept_ra"))
			continue;
		assert_false(forwards);
		assert_string_equal(object->sysctl.value, "2");
		guards++;
	}
	assert_int_equal(guards, 3);
	assert_true(forwards);
}

/* Two overlays with the same prefixes. */
static void instances_on_one_host_have_nothing_in_common(void **state)
{
	struct world *world = *state;
	CLEANUP(state_free) struct state *first = must_intend(world);
	CLEANUP(state_free) struct state *second = NULL;
	char key[OBJECT_KEY_TEXT_SIZE];

	strcpy(world->config.ifname, "aronet2");
	world->config.route_table = TABLE + 1;
	memset(world->config.wireguard_public, 77, KEY_SIZE); /* names of tunnels follow from it */
	second = must_intend(world);
	for (size_t i = 0; i < state_count(second); i++) {
		const struct object *object = state_at(second, i);

		/* Each has its own daemon, and what both want of the host alike is no quarrel. */
		if (object->kind == OBJECT_SPEAKER || object->kind == OBJECT_SYSCTL ||
		    object->kind == OBJECT_VRF_RULE)
			continue;
		if (state_find(first, object))
			fail_msg("both have %s", object_format_key(object, key));
	}
}

static void missing_vrf_driver_is_refused(void **state)
{
	struct world *world = *state;
	struct state *intended = NULL;
	struct error error = { 0 };

	world->facts.has_vrf = false;
	assert_int_equal(intend(&world->config, NULL, &world->facts, &intended, &error),
			 -EOPNOTSUPP);
	assert_string_equal(error.place, "/daemon/mode");
	assert_non_null(strstr(error.text, "CONFIG_NET_VRF"));
}

static void table_of_another_vrf_is_refused(void **state)
{
	struct world *world = *state;
	struct state *intended = NULL;
	struct error error = { 0 };

	strcpy(world->facts.table_owner, "mgmt");
	assert_int_equal(intend(&world->config, NULL, &world->facts, &intended, &error),
			 -EOPNOTSUPP);
	assert_string_equal(error.place, "/daemon/route_table");
	assert_string_equal(error.text, "table 128 is that of another VRF, mgmt; choose a number "
					"that nothing else uses");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(host_forwards_from_tunnel_to_tunnel, vrf_setup),
		cmocka_unit_test_setup(vrf_takes_the_place_of_the_namespace, vrf_setup),
		cmocka_unit_test_setup(every_tunnel_is_in_the_vrf, vrf_setup),
		cmocka_unit_test_setup(host_finds_remote_networks_in_its_own_table, vrf_setup),
		cmocka_unit_test_setup(host_reaches_its_own_addresses_in_the_vrf, vrf_setup),
		cmocka_unit_test_setup(source_of_ipv4_is_named_only_where_the_host_has_it,
				       vrf_setup),
		cmocka_unit_test_setup(source_of_ipv6_is_an_address_of_the_vrf, vrf_setup),
		cmocka_unit_test_setup(own_networks_are_left_to_the_host, vrf_setup),
		cmocka_unit_test_setup(table_of_the_vrf_has_an_end, vrf_setup),
		cmocka_unit_test_setup(last_resort_is_in_the_table_of_the_vrf, vrf_setup),
		cmocka_unit_test_setup(decapsulation_looks_up_in_the_vrf, vrf_setup),
		cmocka_unit_test_setup(speaker_and_firewall_know_the_vrf, vrf_setup),
		cmocka_unit_test_setup(host_keeps_what_router_advertisements_told_it, vrf_setup),
		cmocka_unit_test_setup(instances_on_one_host_have_nothing_in_common, vrf_setup),
		cmocka_unit_test_setup(missing_vrf_driver_is_refused, vrf_setup),
		cmocka_unit_test_setup(table_of_another_vrf_is_refused, vrf_setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
