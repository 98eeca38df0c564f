// SPDX-License-Identifier: GPL-2.0-or-later
/* What babeld learns and refuses by the policy; backend_test.c tests the process. */
#include "babel/backend.h"

#include "babel/test_mesh.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The cases build on each other: the mesh of the first one serves all. */

static void speakers_fill_the_routing_tables(void **state)
{
	struct mesh *mesh = *state;

	for (size_t i = 0; i < MESH_NODES; i++) {
		CLEANUP(free) char *policy = mesh_policy(&mesh->nodes[i], "");

		mesh_intend(&mesh->nodes[i], policy, NULL);
		assert_true(mesh_converge(&mesh->nodes[i]) > 0);
	}
	assert_soon(mesh, mesh_is_complete, NULL);
	assert_soon(mesh, mesh_is_direct, NULL);
	assert_int_equal(mesh_status(mesh_node(mesh, 'a')).neighbours_count, 2);
}

/* Intend the registry's policy, as if it said of c what @c_no_transit says. */
static void intend_registry(struct mesh *mesh, char letter, bool c_no_transit)
{
	struct mesh_node *node = mesh_node(mesh, letter);
	CLEANUP(free) char *policy = NULL;

	mesh_node(mesh, 'c')->no_transit = c_no_transit;
	policy = mesh_policy(node, "");
	mesh_intend(node, policy, NULL);
	(void)mesh_converge(node);
}

/*
 * The present babelds of a, b and c have heard their neighbours, and nothing is left of those
 * before: now a would know of b, too.
 */
static bool is_heard_through_c(struct mesh *mesh, void *userdata)
{
	const struct mesh_node *c = mesh_node(mesh, 'c');

	(void)userdata;
	return mesh_has_only_new(mesh_node(mesh, 'a'), "fd00:c::/64", 1) &&
	       mesh_has_only_new(mesh_node(mesh, 'a'), "10.0.3.0/24", 1) &&
	       mesh_has_only_new(mesh_node(mesh, 'b'), "fd00:c::/64", 1) &&
	       mesh_has_only_new(c, "fd00:b::/64", 1) && mesh_has_only_new(c, "10.0.2.0/24", 1);
}

/* What a hears of b comes through c only; who of a and c heeds the registry is enough. */
static void node_without_transit_is_no_way_to_others(void **state)
{
	static const struct {
		bool a_heeds, c_heeds;
	} cases[] = { { true, false }, { false, true }, { true, true } };
	struct mesh *mesh = *state;

	mesh_link_cut(mesh, 'a', 'b');
	intend_registry(mesh, 'a', false);
	assert_soon(mesh, mesh_hears_b, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		intend_registry(mesh, 'c', cases[i].c_heeds);
		intend_registry(mesh, 'a', cases[i].a_heeds);
		assert_soon(mesh, is_heard_through_c, NULL);
		assert_int_equal(mesh_run(mesh, 2000, mesh_reaches_b, NULL), -1);
	}
	intend_registry(mesh, 'c', false);
	intend_registry(mesh, 'a', false);
	assert_soon(mesh, mesh_hears_b, NULL);
	mesh_link_join(mesh, 'a', 'b');
	assert_soon(mesh, mesh_is_clean, NULL);
}

/* Less than the 48 s after which babeld forgets a route that nobody repeats. */
#define LOSS_MS 30000

/* a reaches b through c. When c loses b, a hears it, although c is not the one who announced b. */
static void loss_behind_a_transit_node_is_noticed(void **state)
{
	struct mesh *mesh = *state;

	mesh_link_cut(mesh, 'a', 'b');
	assert_soon(mesh, mesh_hears_b, NULL);
	mesh_link_cut(mesh, 'b', 'c');
	assert_true(mesh_run(mesh, LOSS_MS, mesh_has_lost_b, NULL) >= 0);
	mesh_link_join(mesh, 'b', 'c');
	mesh_link_join(mesh, 'a', 'b');
	assert_soon(mesh, mesh_is_clean, NULL);
	assert_soon(mesh, mesh_is_direct, NULL);
}

/* babeld would wait for 65 s: it passes a request on once. */
#define RECOVERY_S 40
/* More than a's tunnel to b can cost, however late the machine answers (max-rtt-penalty). */
#define DETOUR_RXCOST 2000
#define FULL_UPDATE_MS 8000

/* The link of b and c costs this from now on. */
static void set_cost_of_detour(struct mesh *mesh, uint16_t rxcost)
{
	mesh_link_set_rxcost(mesh, 'b', 'c', rxcost);
	intend_registry(mesh, 'b', false);
	intend_registry(mesh, 'c', false);
}

static bool never(struct mesh *mesh, void *userdata)
{
	(void)mesh;
	(void)userdata;
	return false;
}

static bool is_detour_expensive(struct mesh *mesh, void *userdata)
{
	struct babel_status status = mesh_status(mesh_node(mesh, 'c'));

	(void)userdata;
	for (size_t i = 0; i < status.neighbours_count; i++)
		if (status.neighbours[i].cost >= DETOUR_RXCOST &&
		    status.neighbours[i].cost < BABEL_INFINITY)
			return true;
	return false;
}

/*
 * a loses b and has to ask for a newer sequence number by way of c, for b's routes through c cost
 * more than those it had. What c passes on is lost.
 */
static void lost_request_does_not_keep_a_prefix_out_of_reach(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *a = mesh_node(mesh, 'a');
	unsigned seconds = 0;

	set_cost_of_detour(mesh, DETOUR_RXCOST);
	assert_soon(mesh, is_detour_expensive, NULL);
	assert_soon(mesh, mesh_is_clean, NULL);
	/* b's new babeld has a newer sequence number; a shall know it from b itself. */
	assert_int_equal(mesh_run(mesh, 2 * FULL_UPDATE_MS, never, NULL), -1);
	mesh_nft(mesh_node(mesh, 'c'), "add table inet loss;add chain inet loss output "
				       "{type filter hook output priority 0;};add rule inet loss "
				       "output oifname cb ip6 daddr fe80::b udp sport 6696 drop");
	mesh_link_cut(mesh, 'a', 'b');
	assert_soon(mesh, mesh_has_lost_b, NULL);
	assert_int_equal(mesh_run(mesh, 2000, mesh_hears_b, NULL), -1);
	mesh_nft(mesh_node(mesh, 'c'), "delete table inet loss");
	while (!mesh_hears_b(mesh, NULL)) {
		assert_true(seconds++ < RECOVERY_S);
		(void)mesh_run(mesh, 1000, mesh_hears_b, NULL);
		if (a->dirty > 0)
			(void)mesh_converge(a);
	}
	mesh_link_join(mesh, 'a', 'b');
	set_cost_of_detour(mesh, MESH_RXCOST);
	assert_soon(mesh, mesh_is_clean, NULL);
	assert_soon(mesh, mesh_is_direct, NULL);
}

static bool is_sober(struct mesh *mesh, void *userdata)
{
	(void)userdata;
	return mesh_has_only_new(mesh_node(mesh, 'a'), NULL, 4) &&
	       mesh_has_only_new(mesh_node(mesh, 'b'), NULL, 4);
}

static bool has_more_routes(struct mesh *mesh, void *userdata)
{
	(void)userdata;
	return mesh_kernel_routes(mesh_node(mesh, 'a'), NULL, 0) > 4 ||
	       mesh_kernel_routes(mesh_node(mesh, 'b'), NULL, 0) > 4;
}

/* Others' that c announces are known as unreachable, like what it takes back. */
static void expect_only_own_routes_of(const struct mesh_node *c, const struct mesh_node *at)
{
	struct babel_status status = mesh_status(at);

	for (size_t i = 0; i < status.routes_count; i++)
		if (status.routes[i].router_id[7] == c->letter &&
		    status.routes[i].metric < BABEL_INFINITY)
			assert_true(!ip_prefix_compare(&status.routes[i].prefix, &c->prefixes[0]) ||
				    !ip_prefix_compare(&status.routes[i].prefix, &c->prefixes[1]));
}

/* Whatever a node tells, only what the registry grants it gets into a routing table. */
static void rogue_announcements_are_refused(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *a = mesh_node(mesh, 'a');
	struct mesh_node *c = mesh_node(mesh, 'c');
	CLEANUP(free)
	char *rogue = mesh_policy(c, MESH_ROGUE_ANNOUNCED "announce fd00:b::/64\n");
	CLEANUP(free) char *gullible = mesh_policy(a, MESH_ROGUE_ACCEPTED);
	CLEANUP(free) char *registry = mesh_policy(a, "");

	mesh_ip(c, "route add ::/0 dev own0 proto 90 metric 60");
	mesh_ip(c, "route add 0.0.0.0/0 dev own0 proto 90 metric 60");
	mesh_ip(c, "route add fd00:c:0:0:1::/80 dev own0 proto 90 metric 60");
	mesh_intend(c, rogue, NULL);
	assert_int_equal(mesh_converge(c), 1);
	/* It does announce them: who accepts them gets them. */
	mesh_intend(a, gullible, NULL);
	assert_int_equal(mesh_converge(a), 1);
	assert_soon(mesh, mesh_is_fooled, NULL);
	/* And loses them, when it has heard c again, in whose updates they are. */
	mesh_intend(a, registry, NULL);
	assert_int_equal(mesh_converge(a), 1);
	assert_soon(mesh, is_sober, NULL);
	assert_int_equal(mesh_run(mesh, 2000, has_more_routes, NULL), -1);
	expect_only_own_routes_of(c, a);
	expect_only_own_routes_of(c, mesh_node(mesh, 'b'));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(speakers_fill_the_routing_tables),
		cmocka_unit_test(node_without_transit_is_no_way_to_others),
		cmocka_unit_test(loss_behind_a_transit_node_is_noticed),
		cmocka_unit_test(lost_request_does_not_keep_a_prefix_out_of_reach),
		cmocka_unit_test(rogue_announcements_are_refused),
	};
	const char *missing = mesh_missing(1u << SPEAKER_BABELD);
	const char *must_run = getenv("ARONET_TESTS_MUST_RUN");

	if (missing) {
		print_message("1..0 # SKIP needs %s\n", missing);
		return must_run && !strcmp(must_run, "1") ? 1 : 77;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, mesh_set_up, mesh_tear_down);
}
