// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/backends.h"
#include "netlink/facts.h"
#include "netlink/link.h"
#include "netlink/link_info.h"
#include "netlink/test_machine.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct object tunnel = {
	.kind = OBJECT_LINK,
	.link = { .space = SPACE_OVERLAY,
		  .name = "ar0",
		  .kind = LINK_WIREGUARD,
		  .label = "o/sun/0",
		  .mtu = 1380,
		  .up = true },
};

static const struct object vrf = {
	.kind = OBJECT_LINK,
	.link = { .space = SPACE_OVERLAY,
		  .name = "aronet",
		  .kind = LINK_VRF,
		  .label = "vrf",
		  .mtu = 65535,
		  .up = true,
		  .table = TEST_VRF_TABLE },
};

static const struct object member = {
	.kind = OBJECT_VRF_MEMBER,
	.vrf_member = { .link = "ar0", .vrf = "aronet" },
};

/* Links and members, and addresses, in VRF mode. */
static struct machine *vrf_machine(void)
{
	struct machine *machine = machine_new("test", NULL);

	link_backend(machine->spaces, &machine->backends[machine->backends_count++]);
	vrf_member_backend(machine->spaces, &machine->backends[machine->backends_count++]);
	address_backend(machine->spaces, &machine->backends[machine->backends_count++]);
	vrf_rule_backend(machine->spaces, &machine->backends[machine->backends_count++]);
	route_backend(machine->spaces, &machine->backends[machine->backends_count++]);
	return machine;
}

/* A VRF with a tunnel in it. */
static struct state *vrf_with_tunnel(void)
{
	struct state *intended = state_new();

	assert_int_equal(state_add(intended, &vrf), 0);
	assert_int_equal(state_add(intended, &tunnel), 0);
	assert_int_equal(state_add(intended, &member), 0);
	return intended;
}

static struct object address_of_tunnel(void)
{
	struct object object = {
		.kind = OBJECT_ADDRESS,
		.address = { .space = SPACE_OVERLAY,
			     .link = "ar0",
			     .prefix = { { .family = AF_INET6, .bytes = { 0xfe, 0x80 } }, 64 } },
	};

	object.address.prefix.address.bytes[15] = 1;
	return object;
}

static void tunnel_appears_in_the_overlay_only(void **state)
{
	CLEANUP(machine_free) struct machine *machine = machine_new("test", "aronet-t");
	CLEANUP(state_free) struct state *intended = state_new();
	struct object netns = { .kind = OBJECT_NETNS,
				.netns = { .space = SPACE_OVERLAY, .name = "aronet-t" } };
	char alias[LINK_ALIAS_SIZE];

	(void)state;
	namespace_backend(machine->spaces, &machine->backends[machine->backends_count++]);
	link_backend(machine->spaces, &machine->backends[machine->backends_count++]);
	assert_int_equal(state_add(intended, &netns), 0);
	assert_int_equal(state_add(intended, &tunnel), 0);
	assert_int_equal(machine_converge(machine, intended, NULL), 2);
	assert_int_equal(machine_converge(machine, intended, NULL), 0);
	assert_false(link_exists(machine->spaces, SPACE_UNDERLAY, "ar0"));
	assert_int_equal(link_alias_read(machine->spaces, SPACE_OVERLAY, "ar0", alias, NULL), 0);
	assert_string_equal(alias, "aronet:test:o/sun/0");
}

static bool is_up(struct machine *machine, const char *name)
{
	struct netlink *netlink;
	struct link_info info;

	assert_int_equal(spaces_rtnetlink(machine->spaces, SPACE_OVERLAY, &netlink, NULL), 0);
	assert_int_equal(link_info_get(netlink, name, &info, NULL), 0);
	return info.up;
}

/* Its socket is opened once: with the port that the device gets. */
static void new_tunnel_waits_for_its_port(void **state)
{
	CLEANUP(machine_free) struct machine *machine = vrf_machine();
	CLEANUP(state_free) struct state *intended = state_new();
	const struct object device = { .kind = OBJECT_WIREGUARD, .wireguard.link = "ar0" };

	(void)state;
	assert_int_equal(state_add(intended, &tunnel), 0);
	assert_int_equal(machine_apply(machine, OPERATION_CREATE, &tunnel, intended, NULL), 0);
	assert_true(is_up(machine, "ar0"));
	assert_int_equal(machine_apply(machine, OPERATION_DELETE, &tunnel, intended, NULL), 0);
	assert_int_equal(state_add(intended, &device), 0);
	assert_int_equal(machine_apply(machine, OPERATION_CREATE, &tunnel, intended, NULL), 0);
	assert_false(is_up(machine, "ar0"));
	/* Whoever died in between is no reason to leave it down. */
	assert_int_equal(machine_apply(machine, OPERATION_UPDATE, &tunnel, intended, NULL), 0);
	assert_true(is_up(machine, "ar0"));
}

static void tunnel_is_put_back_into_its_vrf(void **state)
{
	CLEANUP(machine_free) struct machine *machine = vrf_machine();
	CLEANUP(state_free) struct state *intended = vrf_with_tunnel();

	(void)state;
	assert_int_equal(machine_converge(machine, intended, NULL), 3);
	assert_int_equal(machine_converge(machine, intended, NULL), 0);
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY, "ip link set dev ar0 nomaster", NULL),
			 0);
	assert_int_equal(machine_converge(machine, intended, NULL), 1);
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY,
				     "ip link show dev ar0 | grep -q 'master aronet'", NULL),
			 0);
}

static void tunnel_is_taken_out_of_another_vrf(void **state)
{
	CLEANUP(machine_free) struct machine *machine = vrf_machine();
	CLEANUP(state_free) struct state *intended = vrf_with_tunnel();

	(void)state;
	assert_int_equal(machine_converge(machine, intended, NULL), 3);
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY,
				     "ip link add other type vrf table 99 && ip link set other up "
				     "&& ip link set dev ar0 master other",
				     NULL),
			 0);
	assert_int_equal(machine_converge(machine, intended, NULL), 1);
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY,
				     "ip link show dev ar0 | grep -q 'master aronet'", NULL),
			 0);
}

/* The kernel flushes what a link had outside. */
static void addresses_come_after_the_vrf(void **state)
{
	CLEANUP(machine_free) struct machine *machine = vrf_machine();
	CLEANUP(state_free) struct state *intended = vrf_with_tunnel();
	struct object address = address_of_tunnel();

	(void)state;
	assert_int_equal(state_add(intended, &address), 0);
	assert_int_equal(machine_converge(machine, intended, NULL), 4);
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY,
				     "ip -6 addr show dev ar0 | grep -q fe80::1/64", NULL),
			 0);
}

static void vrf_with_another_table_is_made_anew(void **state)
{
	CLEANUP(machine_free) struct machine *machine = vrf_machine();
	CLEANUP(state_free) struct state *intended = vrf_with_tunnel();
	CLEANUP(state_free) struct state *other = state_new();
	struct object elsewhere = vrf;

	(void)state;
	elsewhere.link.table = TEST_VRF_TABLE + 1;
	assert_int_equal(state_add(other, &elsewhere), 0);
	assert_int_equal(state_add(other, &tunnel), 0);
	assert_int_equal(state_add(other, &member), 0);
	assert_int_equal(machine_converge(machine, other, NULL), 3);
	/* The old one goes, and the tunnel's place in it; the new one comes, with the tunnel. */
	assert_int_equal(machine_converge(machine, intended, NULL), 3);
}

/* Both go into the VRF's table, and neither is anybody's route. */
static void routes_that_lead_nowhere_come_and_go(void **state)
{
	CLEANUP(machine_free) struct machine *machine = vrf_machine();
	CLEANUP(state_free) struct state *intended = vrf_with_tunnel();
	static const uint16_t families[] = { AF_INET, AF_INET6 };
	struct object route = { .kind = OBJECT_ROUTE,
				.route = { .space = SPACE_OVERLAY, .table = TEST_VRF_TABLE } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		route.route.prefix = (struct ip_prefix) { { .family = families[i] }, 0 };
		route.route.metric = 4278198272;
		route.route.type = ROUTE_UNREACHABLE;
		assert_int_equal(state_add(intended, &route), 0);
		route.route.prefix.address.bytes[0] = 0xfd;
		route.route.prefix.length = 8;
		route.route.metric = 256;
		route.route.type = ROUTE_THROW;
		assert_int_equal(state_add(intended, &route), 0);
	}
	assert_int_equal(machine_converge(machine, intended, NULL), 7);
	assert_int_equal(machine_converge(machine, intended, NULL), 0);
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY,
				     "ip -4 route show table 128 | grep -q '^throw 253.0.0.0/8' && "
				     "ip -6 route show table 128 | grep -q '^unreachable default'",
				     NULL),
			 0);
	state_free(intended);
	intended = state_new();
	/* The tunnel leaves its VRF by going. */
	assert_int_equal(machine_converge(machine, intended, NULL), 6);
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY,
				     "[ -z \"$(ip -4 route show table 128; ip -6 route show table "
				     "128)\" ]",
				     NULL),
			 0);
}

static void rule_of_vrfs_is_made_again_and_left_behind(void **state)
{
	CLEANUP(machine_free) struct machine *machine = vrf_machine();
	CLEANUP(state_free) struct state *intended = vrf_with_tunnel();
	CLEANUP(state_free) struct state *nothing = state_new();
	const struct object rules[] = {
		{ .kind = OBJECT_VRF_RULE, .vrf_rule.family = AF_INET },
		{ .kind = OBJECT_VRF_RULE, .vrf_rule.family = AF_INET6 },
	};
	static const char both[] = "[ $(ip -4 rule | grep -c l3mdev) = 1 ] && "
				   "[ $(ip -6 rule | grep -c l3mdev) = 1 ]";

	(void)state;
	assert_int_equal(state_add(intended, &rules[0]), 0);
	assert_int_equal(state_add(intended, &rules[1]), 0);
	/* Those two come with the VRF, beside the plan. */
	(void)machine_converge(machine, intended, NULL);
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY, both, NULL), 0);
	assert_int_equal(machine_converge(machine, intended, NULL), 0);
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY,
				     "ip -4 rule del pref 1000 && ip -6 rule del pref 1000", NULL),
			 0);
	assert_int_equal(machine_converge(machine, intended, NULL), 2);
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY, both, NULL), 0);
	/* Somebody wants it elsewhere. */
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY,
				     "ip -4 rule add pref 100 l3mdev && ip -4 rule del pref 1000",
				     NULL),
			 0);
	assert_int_equal(machine_converge(machine, intended, NULL), 0);
	(void)machine_converge(machine, nothing, NULL);
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY, both, NULL), 0);
}

static void routes_of_another_instance_are_left_alone(void **state)
{
	CLEANUP(machine_free) struct machine *machine = vrf_machine();
	CLEANUP(state_free) struct state *intended = vrf_with_tunnel();

	(void)state;
	assert_int_equal(machine_converge(machine, intended, NULL), 3);
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY,
				     "ip link add other type vrf table 99 && ip link set other up "
				     "alias aronet:other:vrf group 0x61726f && "
				     "ip route add throw 192.0.2.0/24 table 99 proto 90 && "
				     "ip route add 198.51.100.0/24 dev other proto 90",
				     NULL),
			 0);
	assert_int_equal(machine_converge(machine, intended, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tunnel_appears_in_the_overlay_only),
		cmocka_unit_test(new_tunnel_waits_for_its_port),
		cmocka_unit_test(tunnel_is_put_back_into_its_vrf),
		cmocka_unit_test(tunnel_is_taken_out_of_another_vrf),
		cmocka_unit_test(addresses_come_after_the_vrf),
		cmocka_unit_test(vrf_with_another_table_is_made_anew),
		cmocka_unit_test(routes_that_lead_nowhere_come_and_go),
		cmocka_unit_test(rule_of_vrfs_is_made_again_and_left_behind),
		cmocka_unit_test(routes_of_another_instance_are_left_alone),
	};

	machine_isolate();
	CLEANUP(machine_free) struct machine *machine = machine_new("probe", NULL);

	if (!netlink_has_wireguard(machine->spaces) || !netlink_has_vrf(machine->spaces))
		machine_skip("WireGuard and VRF");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
