// SPDX-License-Identifier: GPL-2.0-or-later
/* What a node with IPsec intends. */
#include "intend/test_world.h"

#include "base/memory.h"
#include "intend/tunnel.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BOTH (TRANSPORT_WIREGUARD | TRANSPORT_IPSEC)

/* moon has IPsec with sun, earth is not there. */
static int ipsec_setup(void **state)
{
	int result = world_setup(state);
	struct world *world = *state;

	world_give_identities(world);
	world->config.endpoints[0].transports = TRANSPORT_IPSEC;
	world->nodes[EARTH].endpoints_count = 0;
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

static size_t count_of(const struct state *state, enum object_kind kind)
{
	size_t count = 0;

	STATE_FOR_EACH(state, kind, object)
	count += object->kind == kind;
	return count;
}

static const struct link *tunnel_link(const struct state *state, enum link_kind kind)
{
	STATE_FOR_EACH(state, OBJECT_LINK, object)
	if (object->link.kind == kind)
		return &object->link;
	fail_msg("no such link");
	return NULL;
}

static void ipsec_peer_has_an_xfrm_interface(void **state)
{
	CLEANUP(state_free) struct state *intended = must_intend(*state);
	const struct link *link = tunnel_link(intended, LINK_XFRM);
	bool has_address = false;

	assert_int_equal(link->space, SPACE_OVERLAY);
	assert_int_not_equal(link->if_id, 0);
	assert_int_equal(link->mtu, 1400);
	assert_true(link->up);
	assert_string_equal(link->label, "home/sun/0");
	assert_int_equal(count_of(intended, OBJECT_WIREGUARD), 0);
	assert_int_equal(count_of(intended, OBJECT_VRF_MEMBER), 0);
	assert_string_equal(only_of(intended, OBJECT_BABEL_INTERFACE)->babel_interface.link,
			    link->name);
	STATE_FOR_EACH(intended, OBJECT_ADDRESS, object)
	has_address |= !strcmp(object->address.link, link->name) &&
		       object->address.prefix.address.bytes[0] == 0xfe;
	assert_true(has_address);
}

static void ipsec_peer_has_a_connection(void **state)
{
	struct world *world = *state;
	CLEANUP(state_free) struct state *intended = NULL;
	const struct ike_connection *connection;
	const struct link *link;

	world->nodes[SUN].endpoints[0].port = 13000;
	world->nodes[SUN].endpoints[0].serial_number = 7;
	intended = must_intend(world);
	connection = &only_of(intended, OBJECT_IKE_CONNECTION)->ike_connection;
	link = tunnel_link(intended, LINK_XFRM);
	assert_string_equal(connection->link, link->name);
	assert_int_equal(connection->if_id, link->if_id);
	assert_int_equal(node_id_compare(&connection->own.node, &world->config.self), 0);
	assert_memory_equal(connection->own.key, world->config.identity_public, KEY_SIZE);
	assert_int_equal(connection->own.serial_number, 0);
	assert_int_equal(node_id_compare(&connection->peer.node, &world->nodes[SUN].id), 0);
	assert_memory_equal(connection->peer.key, world->nodes[SUN].identity_key, KEY_SIZE);
	assert_int_equal(connection->peer.serial_number, 7);
	assert_int_equal(connection->family, AF_INET);
	assert_int_equal(connection->port, 12025);
	assert_int_equal(connection->peer_port, 13000);
	assert_int_equal(ip_address_compare(&connection->peer_address,
					    &world->nodes[SUN].endpoints[0].address),
			 0);
	assert_true(connection->is_dialled);
	assert_true(connection->may_move);
}

/* Nodes of original aronet and ranet have no key for WireGuard; neither end may be known. */
static void connection_says_who_dials_and_who_moves(void **state)
{
	struct world *world = *state;
	CLEANUP(state_free) struct state *intended = NULL;
	const struct ike_connection *connection;

	world->nodes[SUN].has_wireguard = false;
	world->config.endpoints[0].address = (struct ip_address) { 0 };
	intended = must_intend(world);
	connection = &only_of(intended, OBJECT_IKE_CONNECTION)->ike_connection;
	assert_false(connection->may_move);
	assert_false(connection->is_dialled);
	assert_true(ip_address_present(&connection->peer_address));
	world->config.endpoints[0].address = address("192.0.2.1");
	world->nodes[SUN].endpoints[0].address = (struct ip_address) { 0 };
	state_free(TAKE(intended));
	intended = must_intend(world);
	connection = &only_of(intended, OBJECT_IKE_CONNECTION)->ike_connection;
	assert_true(connection->is_dialled);
	assert_false(ip_address_present(&connection->peer_address));
}

static void daemon_has_the_port_and_the_key(void **state)
{
	struct world *world = *state;
	CLEANUP(state_free) struct state *intended = must_intend(world);
	const struct ike_daemon *daemon = &only_of(intended, OBJECT_IKE_DAEMON)->ike_daemon;

	assert_string_equal(daemon->name, IKE_DAEMON_NAME);
	assert_int_equal(daemon->port, 12025);
	assert_memory_equal(daemon->public_key, world->config.identity_public, KEY_SIZE);
	assert_memory_equal(daemon->private_key, world->config.identity_seed, KEY_SIZE);
}

/* Which of the endpoints has IPsec may be for the registry to say. */
static void daemon_has_the_port_of_an_endpoint_with_ipsec(void **state)
{
	struct world *world = *state;
	struct endpoint *ours = world->config.endpoints;
	struct endpoint *registered = world->nodes[MOON].endpoints;
	CLEANUP(state_free) struct state *intended = NULL;

	ours[1] = ours[0];
	ours[1].serial_number = 1;
	ours[1].port = 12027;
	ours[0].transports = ours[1].transports = 0;
	registered[1] = registered[0];
	registered[1].serial_number = 1;
	registered[1].transports = TRANSPORT_IPSEC;
	world->config.endpoints_count = world->nodes[MOON].endpoints_count = 2;
	intended = must_intend(world);
	assert_int_equal(only_of(intended, OBJECT_IKE_DAEMON)->ike_daemon.port, 12027);
	assert_int_equal(only_of(intended, OBJECT_IKE_CONNECTION)->ike_connection.port, 12027);
	assert_int_equal(count_of(intended, OBJECT_WIREGUARD), 1);
}

static void daemon_runs_before_there_is_a_peer(void **state)
{
	struct world *world = *state;
	struct state *intended = NULL;

	assert_int_equal(intend(&world->config, NULL, &world->facts, &intended, NULL), 0);
	assert_int_equal(count_of(intended, OBJECT_IKE_DAEMON), 1);
	assert_int_equal(count_of(intended, OBJECT_IKE_CONNECTION), 0);
	state_free(intended);
}

static void node_without_ipsec_has_no_ike_daemon(void **state)
{
	struct world *world = *state;
	CLEANUP(state_free) struct state *intended = NULL;

	world->config.endpoints[0].transports = TRANSPORT_WIREGUARD;
	intended = must_intend(world);
	assert_int_equal(count_of(intended, OBJECT_IKE_DAEMON), 0);
	assert_int_equal(count_of(intended, OBJECT_IKE_CONNECTION), 0);
	assert_int_equal(count_of(intended, OBJECT_WIREGUARD), 1);
}

static void xfrm_interface_is_in_the_vrf(void **state)
{
	struct world *world = *state;
	CLEANUP(state_free) struct state *intended = NULL;

	world->config.mode = OVERLAY_VRF;
	world->config.route_table = 128;
	world->facts.has_vrf = world->facts.has_bird = true;
	world->facts.bird_version = (struct bird_version) { 2, 17, 6 };
	intended = must_intend(world);
	assert_string_equal(only_of(intended, OBJECT_VRF_MEMBER)->vrf_member.link,
			    tunnel_link(intended, LINK_XFRM)->name);
}

static void both_transports_are_two_interfaces(void **state)
{
	struct world *world = *state;
	CLEANUP(state_free) struct state *intended = NULL;

	world->config.endpoints[0].transports = BOTH;
	intended = must_intend(world);
	assert_int_equal(tunnel_link(intended, LINK_XFRM)->mtu, 1400);
	assert_int_equal(tunnel_link(intended, LINK_WIREGUARD_TUN)->mtu, 1420);
	assert_int_equal(tunnel_link(intended, LINK_WIREGUARD_TUN)->if_id, 0);
	assert_int_equal(count_of(intended, OBJECT_BABEL_INTERFACE), 2);
	assert_int_equal(count_of(intended, OBJECT_IKE_CONNECTION), 1);
	assert_int_equal(count_of(intended, OBJECT_WIREGUARD), 1);
}

static void mtu_of_ipsec_is_never_less_than_ipv6_needs(void **state)
{
	struct world *world = *state;

	world->config.endpoints[0].transports = BOTH;
	for (uint16_t mtu = 1280; mtu <= 1310; mtu = (uint16_t)(mtu + 10)) {
		CLEANUP(state_free) struct state *intended = NULL;

		world->config.endpoints[0].mtu = mtu;
		intended = must_intend(world);
		assert_int_equal(tunnel_link(intended, LINK_WIREGUARD_TUN)->mtu, mtu);
		assert_int_equal(tunnel_link(intended, LINK_XFRM)->mtu,
				 mtu < 1300 ? 1280 : mtu - 20);
	}
}

static void expect_inner(const struct ip_address *inner, const struct ip_address *link_local)
{
	struct ip_address expected = address("fd61:726f:6e65:7400::");

	memcpy(expected.bytes + 8, link_local->bytes + 8, 8);
	assert_int_equal(ip_address_compare(inner, &expected), 0);
}

static void charon_of_the_operator_is_known_by_its_socket(void **state)
{
	struct world *world = *state;
	CLEANUP(state_free) struct state *intended = NULL, *own = NULL;
	const struct ike_daemon *daemon;
	char socket[] = "/run/vici";

	own = must_intend(world);
	daemon = &only_of(own, OBJECT_IKE_DAEMON)->ike_daemon;
	assert_int_equal(daemon->kind, IKE_DAEMON_PRIVATE);
	assert_string_equal(daemon->socket, "");
	world->config.ike_daemon_kind = IKE_DAEMON_SYSTEM;
	world->config.vici_socket = socket;
	intended = must_intend(world);
	world->config.vici_socket = NULL;
	daemon = &only_of(intended, OBJECT_IKE_DAEMON)->ike_daemon;
	assert_int_equal(daemon->kind, IKE_DAEMON_SYSTEM);
	assert_string_equal(daemon->socket, socket);
}

static void ipsec_in_userspace_is_vxlan_in_esp(void **state)
{
	struct world *world = *state;
	CLEANUP(tunnels_done) struct tunnels tunnels = { 0 };
	CLEANUP(state_free) struct state *intended = NULL;
	const struct ike_connection *connection;
	const struct link *link;

	world->config.ipsec_backend = IPSEC_USERSPACE;
	intended = must_intend(world);
	tunnels_make(&world->config, &world->registry, &world->facts, &tunnels);
	assert_int_equal(tunnels.count, 1);
	link = tunnel_link(intended, LINK_VXLAN);
	assert_int_equal(link->if_id, 0);
	assert_int_equal(link->mtu, 1330);
	assert_in_range(link->vni, 1, 0xffffff);
	expect_inner(&link->local, &tunnels.items[0].local_address);
	expect_inner(&link->remote, &tunnels.items[0].peer_address);
	assert_true(only_of(intended, OBJECT_IKE_DAEMON)->ike_daemon.is_userspace);
	connection = &only_of(intended, OBJECT_IKE_CONNECTION)->ike_connection;
	assert_int_equal(connection->if_id, 0);
	assert_int_equal(ip_address_compare(&connection->inner_address, &link->local), 0);
	assert_int_equal(ip_address_compare(&connection->peer_inner_address, &link->remote), 0);
	assert_false(connection->may_move);
	assert_non_null(strstr(ruleset_of(intended, SPACE_UNDERLAY), "udp dport 24946 iifname"));
}

static void vxlan_numbers_that_meet_are_refused(void **state)
{
	struct tunnel items[] = { { .ifname = "ara", .label = "home/sun/0", .vni = 7 },
				  { .ifname = "arb", .label = "home/earth/0" },
				  { .ifname = "arc", .label = "home/mars/0" },
				  { .ifname = "ard", .label = "home/venus/0", .vni = 9 } };
	const struct tunnels tunnels = { .items = items, .count = ARRAY_SIZE(items) };
	struct error error = { 0 };

	(void)state;
	assert_int_equal(tunnels_check(&tunnels, &error), 0);
	items[3].vni = 7;
	assert_int_equal(tunnels_check(&tunnels, &error), -EEXIST);
	assert_non_null(strstr(error.text, "home/sun/0"));
	assert_non_null(strstr(error.text, "home/venus/0"));
}

/* Neither by the configuration nor by what the registry says instead. */
static void wireguard_is_needed_where_it_runs_only(void **state)
{
	struct world *world = *state;
	struct state *intended = NULL;
	uint8_t *ours = &world->config.endpoints[0].transports;

	world->facts.has_userspace_wireguard = false;
	state_free(must_intend(world));
	assert_int_equal(intend(&world->config, NULL, &world->facts, &intended, NULL), 0);
	state_free(TAKE(intended));
	*ours = BOTH;
	assert_int_equal(intend(&world->config, &world->registry, &world->facts, &intended, NULL),
			 -EOPNOTSUPP);
	*ours = 0;
	assert_int_equal(intend(&world->config, &world->registry, &world->facts, &intended, NULL),
			 -EOPNOTSUPP);
	world->nodes[MOON].endpoints[0].transports = TRANSPORT_IPSEC;
	state_free(must_intend(world));
	assert_int_equal(intend(&world->config, NULL, &world->facts, &intended, NULL), -EOPNOTSUPP);
	world->config.has_wireguard = false;
	assert_int_equal(intend(&world->config, NULL, &world->facts, &intended, NULL), 0);
	state_free(intended);
}

static const char *tunnel_ports(const struct state *state)
{
	const char *text = strstr(ruleset_of(state, SPACE_UNDERLAY), "set tunnel_ports");

	assert_non_null(text);
	return text;
}

static void each_port_is_in_the_ruleset_once(void **state)
{
	struct world *world = *state;
	struct endpoint *ours = world->config.endpoints;
	CLEANUP(state_free) struct state *intended = NULL;

	give_prefix(&world->nodes[SUN], "0.0.0.0/0"); /* an exit, else the set is not needed */
	world->nodes[EARTH].endpoints_count = 1;
	ours[1] = ours[0];
	ours[1].serial_number = 1;
	ours[1].send_port = 50009;
	world->config.endpoints_count = 2;
	intended = must_intend(world);
	assert_non_null(strstr(tunnel_ports(intended), "elements = { 12025, 50001, 50009 }"));
	state_free(TAKE(intended));
	world->nodes[SUN].endpoints[0].port = 50009;
	world->nodes[EARTH].endpoints[0].port = 4500;
	intended = must_intend(world);
	assert_non_null(strstr(tunnel_ports(intended), "elements = { 4500, 50001, 50009 }"));
}

static uint16_t rxcost_of(const struct state *state, const char *ifname)
{
	STATE_FOR_EACH(state, OBJECT_BABEL_INTERFACE, object)
	if (!strcmp(object->babel_interface.link, ifname))
		return object->babel_interface.rxcost;
	fail_msg("Babel does not run on %s", ifname);
	return 0;
}

/* It is there with all that belongs to it, until the other one works; then traffic moves. */
static void kept_tunnel_is_dear_when_it_leaves(void **state)
{
	struct world *world = *state;
	CLEANUP(state_free) struct state *before = must_intend(world);
	const struct link *link = tunnel_link(before, LINK_XFRM);
	struct kept_tunnel kept = { .is_leaving = false };

	memcpy(kept.ifname, link->name, IFNAME_SIZE);
	world->config.endpoints[0].transports = TRANSPORT_WIREGUARD;
	world->facts.kept = &kept;
	world->facts.kept_count = 1;
	for (unsigned i = 0; i < 2; i++) {
		CLEANUP(state_free) struct state *after = NULL;

		kept.is_leaving = i == 1;
		after = must_intend(world);
		assert_string_equal(tunnel_link(after, LINK_XFRM)->name, link->name);
		assert_int_equal(tunnel_link(after, LINK_XFRM)->if_id, link->if_id);
		assert_int_equal(count_of(after, OBJECT_IKE_DAEMON), 1);
		assert_int_equal(count_of(after, OBJECT_IKE_CONNECTION), 1);
		assert_int_equal(rxcost_of(after, link->name), kept.is_leaving ? 8192 : 32);
		assert_int_equal(rxcost_of(after, tunnel_link(after, LINK_WIREGUARD_TUN)->name),
				 32);
	}
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup(name, ipsec_setup)
	const struct CMUnitTest tests[] = {
		CASE(ipsec_peer_has_an_xfrm_interface),
		CASE(ipsec_peer_has_a_connection),
		CASE(connection_says_who_dials_and_who_moves),
		CASE(daemon_has_the_port_and_the_key),
		CASE(daemon_has_the_port_of_an_endpoint_with_ipsec),
		CASE(daemon_runs_before_there_is_a_peer),
		CASE(node_without_ipsec_has_no_ike_daemon),
		CASE(xfrm_interface_is_in_the_vrf),
		CASE(both_transports_are_two_interfaces),
		CASE(mtu_of_ipsec_is_never_less_than_ipv6_needs),
		CASE(charon_of_the_operator_is_known_by_its_socket),
		CASE(ipsec_in_userspace_is_vxlan_in_esp),
		CASE(vxlan_numbers_that_meet_are_refused),
		CASE(wireguard_is_needed_where_it_runs_only),
		CASE(each_port_is_in_the_ruleset_once),
		CASE(kept_tunnel_is_dear_when_it_leaves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
