// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/backends.h"

#include "netlink/facts.h"
#include "netlink/link.h"
#include "netlink/test_machine.h"

#include <errno.h>
#include <linux/lwtunnel.h>
#include <netlink/cache.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/route.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define INSTANCE "test"
#define NETNS "aronet-t"

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix parsed = { 0 };

	assert_int_equal(ip_prefix_parse(text, &parsed), 0);
	return parsed;
}

static struct ip_address address(const char *text)
{
	struct ip_address parsed = { 0 };

	if (text)
		assert_int_equal(ip_address_parse(text, &parsed), 0);
	return parsed;
}

static void want(struct state *intended, const struct object *object)
{
	assert_int_equal(state_add(intended, object), 0);
}

static void want_netns(struct state *intended)
{
	want(intended, &(struct object) { .kind = OBJECT_NETNS,
					  .netns = { .space = SPACE_OVERLAY, .name = NETNS } });
}

static void want_link(struct state *intended, enum space space, enum link_kind kind, uint16_t mtu)
{
	want(intended, &(struct object) { .kind = OBJECT_LINK,
					  .link = { .space = space,
						    .name = "aronet",
						    .kind = kind,
						    .label = "veth",
						    .mtu = mtu,
						    .up = true } });
}

static void want_veth(struct state *intended, uint16_t mtu)
{
	want_netns(intended);
	want_link(intended, SPACE_UNDERLAY, LINK_VETH, mtu);
	want_link(intended, SPACE_OVERLAY, LINK_VETH_PEER, mtu);
}

static void want_address(struct state *intended, enum space space, const char *text)
{
	want(intended,
	     &(struct object) {
		     .kind = OBJECT_ADDRESS,
		     .address = { .space = space, .link = "aronet", .prefix = prefix(text) } });
}

static void want_route(struct state *intended, enum space space, const char *destination,
		       uint32_t metric, const char *gateway, const char *source)
{
	want(intended, &(struct object) { .kind = OBJECT_ROUTE,
					  .route = { .space = space,
						     .table = ROUTE_TABLE_MAIN,
						     .prefix = prefix(destination),
						     .metric = metric,
						     .gateway = address(gateway),
						     .link = "aronet",
						     .source = address(source) } });
}

/* All back ends of this folder but sysctl, in netns mode. */
static struct machine *new_machine(void)
{
	struct machine *machine = machine_new(INSTANCE, NETNS);

	namespace_backend(machine->spaces, &machine->backends[machine->backends_count++]);
	link_backend(machine->spaces, &machine->backends[machine->backends_count++]);
	address_backend(machine->spaces, &machine->backends[machine->backends_count++]);
	route_backend(machine->spaces, &machine->backends[machine->backends_count++]);
	return machine;
}

/* Leaves an empty /run/netns to the next test. */
static void dismantle(struct machine *machine)
{
	CLEANUP(state_free) struct state *nothing = state_new();

	(void)machine_converge(machine, nothing, NULL);
	assert_int_equal(spaces_fd(machine->spaces, SPACE_OVERLAY), -ENOENT);
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY, "test ! -e /run/netns/" NETNS, NULL),
			 0);
}

static bool shows(struct machine *machine, enum space space, const char *command, const char *text)
{
	char output[TEST_OUTPUT_SIZE];

	assert_int_equal(machine_run(machine, space, command, output), 0);
	if (strstr(output, text))
		return true;
	print_message("# %s: no \"%s\" in: %s\n", command, text, output);
	return false;
}

static void namespace_is_made_marked_and_removed(void **state)
{
	CLEANUP(machine_free) struct machine *machine = new_machine();
	CLEANUP(state_free) struct state *intended = state_new();
	char underlay[64], now[64];

	(void)state;
	assert_true(readlink("/proc/thread-self/ns/net", underlay, sizeof(underlay)) > 0);
	want_netns(intended);
	assert_int_equal(machine_converge(machine, intended, NULL), 1);
	assert_int_equal(machine_converge(machine, intended, NULL), 0);
	assert_true(shows(machine, SPACE_OVERLAY, "ip -j link show lo", "aronet:test:netns"));
	assert_true(shows(machine, SPACE_OVERLAY, "ip -j link show lo", "\"UP\""));
	assert_true(shows(machine, SPACE_UNDERLAY, "ip netns list", NETNS));
	assert_true(readlink("/proc/thread-self/ns/net", now, sizeof(now)) > 0);
	assert_memory_equal(underlay, now, 16);
	dismantle(machine);
}

static void foreign_namespace_is_a_conflict(void **state)
{
	CLEANUP(machine_free) struct machine *machine = new_machine();
	CLEANUP(state_free) struct state *intended = state_new();
	CLEANUP(state_free) struct state *nothing = state_new();
	size_t conflicts = 0;

	(void)state;
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY, "ip netns add " NETNS, NULL), 0);
	want_netns(intended);
	assert_int_equal(machine_converge(machine, intended, &conflicts), 0);
	assert_int_equal(conflicts, 1);
	assert_int_equal(machine_converge(machine, nothing, NULL), 0);
	assert_true(shows(machine, SPACE_UNDERLAY, "ip netns list", NETNS));
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY, "ip netns del " NETNS, NULL), 0);
}

static void deleted_namespace_is_made_anew_with_all_in_it(void **state)
{
	CLEANUP(machine_free) struct machine *machine = new_machine();
	CLEANUP(state_free) struct state *intended = state_new();

	(void)state;
	want_veth(intended, 1400);
	want_address(intended, SPACE_OVERLAY, "fd66::ffff:0:0:2/128");
	assert_int_equal(machine_converge(machine, intended, NULL), 4);
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY, "ip netns del " NETNS, NULL), 0);
	assert_true(machine_converge(machine, intended, NULL) > 0);
	assert_true(shows(machine, SPACE_OVERLAY, "ip -j addr", "fd66::ffff:0:0:2"));
	dismantle(machine);
}

/* Somebody has taken the far end away: the pair is made anew, and what was on it. */
static void half_a_pair_is_replaced(void **state)
{
	CLEANUP(machine_free) struct machine *machine = new_machine();
	CLEANUP(state_free) struct state *intended = state_new();

	(void)state;
	want_veth(intended, 1400);
	(void)machine_converge(machine, intended, NULL);
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY, "ip netns add scratch", NULL), 0);
	assert_int_equal(machine_run(machine, SPACE_OVERLAY,
				     "ip link set aronet down name gone netns scratch", NULL),
			 0);
	assert_true(machine_converge(machine, intended, NULL) > 0);
	assert_true(link_exists(machine->spaces, SPACE_OVERLAY, "aronet"));
	dismantle(machine);
}

static void leftover_file_is_bound_over(void **state)
{
	CLEANUP(machine_free) struct machine *machine = new_machine();
	CLEANUP(state_free) struct state *intended = state_new();

	(void)state;
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY, "touch /run/netns/" NETNS, NULL), 0);
	want_netns(intended);
	assert_int_equal(machine_converge(machine, intended, NULL), 1);
	dismantle(machine);
}

static void veth_is_made_changed_and_removed(void **state)
{
	CLEANUP(machine_free) struct machine *machine = new_machine();
	CLEANUP(state_free) struct state *intended = state_new();
	CLEANUP(state_free) struct state *smaller = state_new();
	uint64_t writes;

	(void)state;
	want_veth(intended, 1400);
	assert_int_equal(machine_converge(machine, intended, NULL), 3);
	writes = netlink_writes();
	assert_int_equal(machine_converge(machine, intended, NULL), 0);
	assert_int_equal(netlink_writes(), writes);
	assert_true(shows(machine, SPACE_UNDERLAY, "ip -j -d link show aronet",
			  "\"ifalias\":\"aronet:test:veth\""));
	assert_true(shows(machine, SPACE_OVERLAY, "ip -j -d link show aronet",
			  "\"ifalias\":\"aronet:test:veth\""));
	/* No automatic link-local address at either end. */
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY, "ip -6 addr | grep -q fe80", NULL),
			 1);
	assert_int_equal(machine_run(machine, SPACE_OVERLAY, "ip -6 addr | grep -q fe80", NULL), 1);

	want_veth(smaller, 1380);
	assert_int_equal(machine_converge(machine, smaller, NULL), 2);
	assert_int_equal(
		machine_run(machine, SPACE_OVERLAY, "ip link set aronet down alias ''", NULL), 0);
	assert_int_equal(machine_converge(machine, smaller, NULL), 1);
	dismantle(machine);
	assert_false(link_exists(machine->spaces, SPACE_UNDERLAY, "aronet"));
}

static void foreign_link_is_a_conflict(void **state)
{
	CLEANUP(machine_free) struct machine *machine = new_machine();
	CLEANUP(state_free) struct state *intended = state_new();
	struct object veth = { .kind = OBJECT_LINK,
			       .link = { .name = "aronet", .kind = LINK_VETH, .mtu = 1400 } };
	size_t conflicts = 0;

	(void)state;
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY,
				     "ip link add aronet type veth peer name other", NULL),
			 0);
	want_netns(intended);
	want(intended, &veth);
	assert_int_equal(machine_converge(machine, intended, &conflicts), 1);
	assert_int_equal(conflicts, 1);
	/* Even if it appears between observing and creating. */
	assert_int_equal(machine_apply(machine, OPERATION_CREATE, &veth, intended, NULL), -EEXIST);
	dismantle(machine);
	assert_true(link_exists(machine->spaces, SPACE_UNDERLAY, "aronet"));
}

static void link_of_another_instance_is_foreign(void **state)
{
	CLEANUP(machine_free) struct machine *machine = new_machine();
	CLEANUP(state_free) struct state *nothing = state_new();
	CLEANUP(state_free) struct state *operational = NULL;

	(void)state;
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY,
				     "ip link add name near type veth peer name far && ip link set "
				     "dev near group "
				     "6386287 alias aronet:test2:veth && ip link set dev far group "
				     "6386287 alias aronet:test:veth",
				     NULL),
			 0);
	operational = machine_observe(machine, nothing);
	assert_int_equal(state_count(operational), 1);
	assert_string_equal(state_at(operational, 0)->link.name, "far");
}

/* A crash between making and marking leaves a link with our group and no alias. */
static void half_made_link_is_finished(void **state)
{
	CLEANUP(machine_free) struct machine *machine = new_machine();
	CLEANUP(state_free) struct state *intended = state_new();
	size_t conflicts = 1;

	(void)state;
	want_netns(intended);
	assert_int_equal(machine_converge(machine, intended, NULL), 1);
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY,
				     "ip link add aronet group 6386287 type veth peer name aronet "
				     "group 6386287 netns " NETNS,
				     NULL),
			 0);
	want_link(intended, SPACE_UNDERLAY, LINK_VETH, 1400);
	want_link(intended, SPACE_OVERLAY, LINK_VETH_PEER, 1400);
	(void)machine_converge(machine, intended, &conflicts);
	assert_int_equal(conflicts, 0);
	assert_true(shows(machine, SPACE_OVERLAY, "ip -j link show aronet", "aronet:test:veth"));
	dismantle(machine);
}

static void adoption_keeps_the_suffix_of_the_same_label(void **state)
{
	CLEANUP(machine_free) struct machine *machine = new_machine();
	struct link link = { .name = "near", .label = "o/sun/0", .mtu = 1380, .up = true };
	char alias[LINK_ALIAS_SIZE];

	(void)state;
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY,
				     "ip link add name near type veth peer name far && ip link set "
				     "dev near alias "
				     "aronet:test:o/sun/0@192.0.2.1:5000",
				     NULL),
			 0);
	assert_int_equal(link_adopt(machine->spaces, &link, NULL), 0);
	assert_int_equal(link_alias_read(machine->spaces, SPACE_UNDERLAY, "near", alias, NULL), 0);
	assert_string_equal(alias, "aronet:test:o/sun/0@192.0.2.1:5000");
	(void)snprintf(link.label, sizeof(link.label), "o/moon/0");
	assert_int_equal(link_adopt(machine->spaces, &link, NULL), 0);
	assert_int_equal(link_alias_read(machine->spaces, SPACE_UNDERLAY, "near", alias, NULL), 0);
	assert_string_equal(alias, "aronet:test:o/moon/0");
}

static void link_moves_between_spaces(void **state)
{
	CLEANUP(machine_free) struct machine *machine = new_machine();
	CLEANUP(state_free) struct state *intended = state_new();

	(void)state;
	want_netns(intended);
	(void)machine_converge(machine, intended, NULL);
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY,
				     "ip link add name near type veth peer name far", NULL),
			 0);
	assert_int_equal(
		link_move_to_space(machine->spaces, "near", SPACE_UNDERLAY, SPACE_OVERLAY, NULL),
		0);
	assert_true(link_exists(machine->spaces, SPACE_OVERLAY, "near"));
	assert_false(link_exists(machine->spaces, SPACE_UNDERLAY, "near"));
	dismantle(machine);
}

static void missing_veth_peer_is_enoent(void **state)
{
	CLEANUP(machine_free) struct machine *machine = new_machine();
	CLEANUP(state_free) struct state *intended = state_new();
	struct object peer = {
		.kind = OBJECT_LINK,
		.link = { .space = SPACE_OVERLAY, .name = "aronet", .kind = LINK_VETH_PEER }
	};

	(void)state;
	want_netns(intended);
	(void)machine_converge(machine, intended, NULL);
	assert_int_equal(machine_apply(machine, OPERATION_CREATE, &peer, intended, NULL), -ENOENT);
	dismantle(machine);
}

static void want_all(struct state *intended, const char *source)
{
	want_veth(intended, 1400);
	want_address(intended, SPACE_UNDERLAY, "fd66::ffff:0:0:1/128");
	want_address(intended, SPACE_UNDERLAY, "192.168.120.1/32");
	want_address(intended, SPACE_UNDERLAY, "192.168.120.2/32");
	want_address(intended, SPACE_OVERLAY, "fe80::1/64");
	want_address(intended, SPACE_OVERLAY, "fd66::ffff:0:0:2/80");
	/* The route to the gateway sorts behind the routes over it. */
	want_route(intended, SPACE_UNDERLAY, "192.168.0.0/16", 0, "fd66::ffff:0:0:2", source);
	want_route(intended, SPACE_UNDERLAY, "fd00::/16", 512, "fd66::ffff:0:0:2", NULL);
	want_route(intended, SPACE_UNDERLAY, "fd66::ffff:0:0:2/128", 512, NULL, NULL);
	want_route(intended, SPACE_OVERLAY, "192.168.120.0/24", 100, "fe80::2", NULL);
	want_route(intended, SPACE_OVERLAY, "10.0.0.0/8", 0, NULL, NULL);
}

static void addresses_and_routes_come_and_go(void **state)
{
	CLEANUP(machine_free) struct machine *machine = new_machine();
	CLEANUP(state_free) struct state *intended = state_new();
	CLEANUP(state_free) struct state *other = state_new();
	CLEANUP(state_free) struct state *bare = state_new();
	uint64_t writes;

	(void)state;
	want_all(intended, "192.168.120.1");
	assert_int_equal(machine_converge(machine, intended, NULL), 13);
	writes = netlink_writes();
	assert_int_equal(machine_converge(machine, intended, NULL), 0);
	assert_int_equal(netlink_writes(), writes);
	assert_true(shows(machine, SPACE_UNDERLAY, "ip -j route show 192.168.0.0/16",
			  "\"host\":\"fd66::ffff:0:0:2\""));
	assert_true(shows(machine, SPACE_UNDERLAY, "ip -j route show 192.168.0.0/16",
			  "\"prefsrc\":\"192.168.120.1\""));
	assert_true(shows(machine, SPACE_UNDERLAY, "ip -j -N route show 192.168.0.0/16",
			  "\"protocol\":\"90\""));
	assert_true(shows(machine, SPACE_OVERLAY, "ip -j -6 route", "\"dst\":\"fe80::/64\""));
	assert_int_equal(machine_run(machine, SPACE_OVERLAY,
				     "ip -6 route | grep -q 'fd66::ffff:0:0:0/80'", NULL),
			 1);
	/* One route changes in place. */
	want_all(other, "192.168.120.2");
	assert_int_equal(machine_converge(machine, other, NULL), 1);
	assert_true(shows(machine, SPACE_UNDERLAY, "ip -j route show 192.168.0.0/16",
			  "\"prefsrc\":\"192.168.120.2\""));
	/* Down and up: the kernel forgets IPv6 addresses and routes, and all comes back. */
	assert_int_equal(machine_run(machine, SPACE_OVERLAY,
				     "ip link set aronet down; ip link set aronet up", NULL),
			 0);
	assert_true(machine_converge(machine, other, NULL) > 0);
	/* Addresses and routes go, the links stay. */
	want_veth(bare, 1400);
	assert_int_equal(machine_converge(machine, bare, NULL), 10);
	assert_true(shows(machine, SPACE_UNDERLAY, "ip -j route", "[]"));
	dismantle(machine);
}

static void foreign_routes_and_addresses_stay(void **state)
{
	CLEANUP(machine_free) struct machine *machine = new_machine();
	CLEANUP(state_free) struct state *intended = state_new();
	CLEANUP(state_free) struct state *bare = state_new();
	size_t conflicts = 0;

	(void)state;
	want_veth(intended, 1400);
	want_veth(bare, 1400);
	(void)machine_converge(machine, intended, NULL);
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY,
				     "ip addr add 10.9.9.9/32 dev aronet && ip route add "
				     "10.1.0.0/16 dev aronet && ip -6 route add fd01::/64 dev "
				     "aronet metric 512 && ip route add 10.2.0.0/16 dev aronet",
				     NULL),
			 0);
	want_route(intended, SPACE_UNDERLAY, "10.1.0.0/16", 0, NULL, NULL);
	want_route(intended, SPACE_UNDERLAY, "fd01::/64", 512, NULL, NULL);
	want_route(intended, SPACE_UNDERLAY, "fd02::/64", 512, NULL, NULL);
	assert_int_equal(machine_converge(machine, intended, &conflicts), 1);
	assert_int_equal(conflicts, 2);
	assert_int_equal(machine_converge(machine, bare, NULL), 1);
	assert_true(shows(machine, SPACE_UNDERLAY, "ip -j route", "10.1.0.0/16"));
	assert_true(shows(machine, SPACE_UNDERLAY, "ip -j route", "10.2.0.0/16"));
	assert_true(shows(machine, SPACE_UNDERLAY, "ip -j -6 route", "fd01::/64"));
	assert_true(shows(machine, SPACE_UNDERLAY, "ip -j addr", "10.9.9.9"));
	dismantle(machine);
}

static void apply_of_what_is_so_is_success(void **state)
{
	CLEANUP(machine_free) struct machine *machine = new_machine();
	CLEANUP(state_free) struct state *intended = state_new();

	(void)state;
	want_all(intended, "192.168.120.1");
	(void)machine_converge(machine, intended, NULL);
	for (size_t i = 0; i < state_count(intended); i++) {
		struct error error = { 0 };

		if (machine_apply(machine, OPERATION_CREATE, state_at(intended, i), intended,
				  &error) < 0)
			fail_msg("%s", error.text);
	}
	assert_int_equal(machine_converge(machine, intended, NULL), 0);
	for (unsigned round = 0; round < 2; round++)
		for (size_t i = state_count(intended); i-- > 0;) {
			struct error error = { 0 };

			if (machine_apply(machine, OPERATION_DELETE, state_at(intended, i),
					  intended, &error) < 0)
				fail_msg("%s", error.text);
		}
	dismantle(machine);
}

/* libnl-route-3 reads what we have written. */
static void libnl_reads_what_we_write(void **state)
{
	CLEANUP(machine_free) struct machine *machine = new_machine();
	CLEANUP(state_free) struct state *intended = state_new();
	struct nl_sock *socket = nl_socket_alloc();
	struct nl_cache *addresses, *routes;
	struct rtnl_link *link = NULL;
	unsigned ours = 0;

	(void)state;
	want_all(intended, "192.168.120.1");
	(void)machine_converge(machine, intended, NULL);
	assert_int_equal(nl_connect(socket, NETLINK_ROUTE), 0);
	assert_int_equal(rtnl_link_get_kernel(socket, 0, "aronet", &link), 0);
	assert_string_equal(rtnl_link_get_type(link), "veth");
	assert_string_equal(rtnl_link_get_ifalias(link), "aronet:test:veth");
	assert_int_equal(rtnl_link_get_group(link), LINK_GROUP);
	assert_int_equal(rtnl_link_get_mtu(link), 1400);

	assert_int_equal(rtnl_addr_alloc_cache(socket, &addresses), 0);
	for (struct nl_object *item = nl_cache_get_first(addresses); item;
	     item = nl_cache_get_next(item))
		ours += rtnl_addr_get_ifindex((struct rtnl_addr *)item) ==
			rtnl_link_get_ifindex(link);
	assert_int_equal(ours, 3);

	ours = 0;
	assert_int_equal(rtnl_route_alloc_cache(socket, AF_UNSPEC, 0, &routes), 0);
	for (struct nl_object *item = nl_cache_get_first(routes); item;
	     item = nl_cache_get_next(item)) {
		struct rtnl_route *route = (struct rtnl_route *)item;

		if (rtnl_route_get_protocol(route) != ROUTE_PROTOCOL)
			continue;
		ours++;
		assert_int_equal(rtnl_route_get_table(route), ROUTE_TABLE_MAIN);
		assert_int_equal(rtnl_route_nh_get_ifindex(rtnl_route_nexthop_n(route, 0)),
				 rtnl_link_get_ifindex(link));
	}
	assert_int_equal(ours, 3);
	nl_cache_free(addresses);
	nl_cache_free(routes);
	rtnl_link_put(link);
	nl_socket_free(socket);
	dismantle(machine);
}

static void underlay_addresses_are_those_of_others(void **state)
{
	CLEANUP(machine_free) struct machine *machine = new_machine();
	CLEANUP(state_free) struct state *intended = state_new();
	CLEANUP(free) struct ip_prefix *addresses = NULL;
	char text[IP_PREFIX_TEXT_SIZE];
	size_t count = 0;

	(void)state;
	want_all(intended, "192.168.120.1");
	(void)machine_converge(machine, intended, NULL);
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY,
				     "ip link add eth0 type veth peer name e && ip link set eth0 "
				     "up && ip addr add 2001:db8::1/64 dev eth0 nodad && ip addr "
				     "add 192.0.2.1/24 dev eth0",
				     NULL),
			 0);
	assert_int_equal(netlink_underlay_addresses(machine->spaces, &addresses, &count, NULL), 0);
	assert_int_equal(count, 2);
	assert_string_equal(ip_prefix_format(&addresses[0], text), "192.0.2.1/24");
	assert_string_equal(ip_prefix_format(&addresses[1], text), "2001:db8::1/64");
	dismantle(machine);
}

/* Without a VRF driver, but that is not needed to tell whose route is whose. */
static void spaces_share_a_namespace_in_vrf_mode(void **state)
{
	CLEANUP(machine_free) struct machine *machine = machine_new(INSTANCE, NULL);
	CLEANUP(state_free) struct state *intended = state_new();
	CLEANUP(state_free) struct state *nothing = state_new();
	struct object own = { .kind = OBJECT_ROUTE,
			      .route = { .space = SPACE_OVERLAY,
					 .table = 128,
					 .prefix = prefix("fd67::/64"),
					 .metric = 512,
					 .link = "aronet" } };

	(void)state;
	route_backend(machine->spaces, &machine->backends[machine->backends_count++]);
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY,
				     "ip link add aronet type veth peer name far && ip link set "
				     "aronet group 0x61726f alias aronet:test:x up",
				     NULL),
			 0);
	want_route(intended, SPACE_UNDERLAY, "fd67::/64", 512, NULL, NULL);
	want(intended, &own);
	assert_int_equal(machine_converge(machine, intended, NULL), 2);
	assert_int_equal(machine_converge(machine, intended, NULL), 0);
	assert_true(shows(machine, SPACE_UNDERLAY, "ip -j -6 route show table 128", "fd67::/64"));
	assert_int_equal(machine_converge(machine, nothing, NULL), 2);
	assert_true(shows(machine, SPACE_UNDERLAY, "ip -j -6 route show table 128", "[]"));
}

static void probes_agree_with_ip_and_leave_nothing(void **state)
{
	CLEANUP(machine_free) struct machine *machine = new_machine();
	bool vrf = netlink_has_vrf(machine->spaces);
	bool wireguard = netlink_has_wireguard(machine->spaces);

	(void)state;
	assert_false(link_exists(machine->spaces, SPACE_UNDERLAY, "aronet-probe"));
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY,
				     "ip link add v type vrf table 10 2>/dev/null", NULL) == 0,
			 vrf);
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY,
				     "ip link add w type wireguard 2>/dev/null", NULL) == 0,
			 wireguard);
}

static bool ip_finds_unsupported(struct machine *machine, const char *encapsulation)
{
	char command[256];

	(void)snprintf(command, sizeof(command),
		       "ip -6 route add fd00::/64 encap %s dev lo 2>&1 | "
		       "grep -q 'encapsulation type not supported'",
		       encapsulation);
	return machine_run(machine, SPACE_UNDERLAY, command, NULL) == 0;
}

/* No kernel has all of them. */
static void encapsulations_are_probed_without_making_a_route(void **state)
{
	static const struct {
		uint16_t type;
		const char *text;
	} all[] = {
		{ LWTUNNEL_ENCAP_SEG6, "seg6 mode encap segs fd01::1" },
		{ LWTUNNEL_ENCAP_SEG6_LOCAL, "seg6local action End" },
		{ LWTUNNEL_ENCAP_MPLS, "mpls 100" },
		{ LWTUNNEL_ENCAP_ILA, "ila 1:2:3:4" },
		{ LWTUNNEL_ENCAP_RPL, "rpl segs fd01::1" },
	};
	CLEANUP(machine_free) struct machine *machine = new_machine();

	(void)state;
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY, "ip link set lo up", NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		bool has = netlink_has_encapsulation(machine->spaces, all[i].type);

		assert_true(shows(machine, SPACE_UNDERLAY, "ip -j -6 route show 100::/64", "[]"));
		assert_int_equal(has, !ip_finds_unsupported(machine, all[i].text));
		print_message("# %s: %s\n", all[i].text, has ? "yes" : "no");
	}
	/* The same while the link that is asked for is down. */
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY, "ip link set lo down", NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		assert_int_equal(netlink_has_encapsulation(machine->spaces, all[i].type),
				 !ip_finds_unsupported(machine, all[i].text));
}

static void nf_tables_are_probed(void **state)
{
	CLEANUP(machine_free) struct machine *machine = new_machine();

	(void)state;
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY, "nft list ruleset", NULL) == 0,
			 netlink_has_nf_tables());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(namespace_is_made_marked_and_removed),
		cmocka_unit_test(foreign_namespace_is_a_conflict),
		cmocka_unit_test(deleted_namespace_is_made_anew_with_all_in_it),
		cmocka_unit_test(half_a_pair_is_replaced),
		cmocka_unit_test(leftover_file_is_bound_over),
		cmocka_unit_test(veth_is_made_changed_and_removed),
		cmocka_unit_test(foreign_link_is_a_conflict),
		cmocka_unit_test(link_of_another_instance_is_foreign),
		cmocka_unit_test(half_made_link_is_finished),
		cmocka_unit_test(adoption_keeps_the_suffix_of_the_same_label),
		cmocka_unit_test(link_moves_between_spaces),
		cmocka_unit_test(missing_veth_peer_is_enoent),
		cmocka_unit_test(addresses_and_routes_come_and_go),
		cmocka_unit_test(foreign_routes_and_addresses_stay),
		cmocka_unit_test(apply_of_what_is_so_is_success),
		cmocka_unit_test(libnl_reads_what_we_write),
		cmocka_unit_test(underlay_addresses_are_those_of_others),
		cmocka_unit_test(spaces_share_a_namespace_in_vrf_mode),
		cmocka_unit_test(probes_agree_with_ip_and_leave_nothing),
		cmocka_unit_test(encapsulations_are_probed_without_making_a_route),
		cmocka_unit_test(nf_tables_are_probed),
	};

	machine_isolate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
