// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/backend.h"

#include "babel/babeld_config.h"
#include "babel/babeld_control.h"
#include "babel/test_mesh.h"
#include "base/strbuf.h"
#include "process/child.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The cases build on each other: the mesh of the first one serves all. */

static bool is_complete(struct mesh *mesh, void *userdata)
{
	(void)userdata;
	for (size_t i = 0; i < MESH_NODES; i++)
		for (size_t j = 0; j < MESH_NODES; j++)
			for (size_t k = 0; k < 2 && i != j; k++) {
				char text[IP_PREFIX_TEXT_SIZE];

				ip_prefix_format(&mesh->nodes[j].prefixes[k], text);
				if (mesh_kernel_routes(&mesh->nodes[i], text, 0) == 0)
					return false;
			}
	return true;
}

/* @count routes to @prefix, all of the present generation: nothing that an old one has left. */
static bool has_only_new(const struct mesh_node *node, const char *prefix, unsigned count)
{
	uint32_t metric = babeld_metric(mesh_status(node).generation);

	return mesh_kernel_routes(node, prefix, metric) == count &&
	       mesh_kernel_routes(node, prefix, 0) == count;
}

/* Every node has exactly its four routes. */
static bool is_clean(struct mesh *mesh, void *userdata)
{
	(void)userdata;
	for (size_t i = 0; i < MESH_NODES; i++)
		if (!has_only_new(&mesh->nodes[i], NULL, 4))
			return false;
	return is_complete(mesh, NULL);
}

/* Each goes directly to each: a new babeld may first hear of a node by way of the other. */
static bool is_direct(struct mesh *mesh, void *userdata)
{
	(void)userdata;
	for (size_t i = 0; i < MESH_NODES; i++) {
		struct babel_status status = mesh_status(&mesh->nodes[i]);

		for (size_t j = 0; j < status.routes_count; j++)
			if (status.routes[j].installed && status.routes[j].refmetric > 0)
				return false;
	}
	return is_clean(mesh, NULL);
}

static void speakers_fill_the_routing_tables(void **state)
{
	struct mesh *mesh = *state;

	for (size_t i = 0; i < MESH_NODES; i++) {
		CLEANUP(free) char *policy = mesh_policy(&mesh->nodes[i], "");

		mesh_intend(&mesh->nodes[i], policy, NULL);
		assert_true(mesh_converge(&mesh->nodes[i]) > 0);
		assert_string_equal(mesh_status(&mesh->nodes[i]).version, "babeld-1.12.1");
	}
	assert_soon(mesh, is_complete, NULL);
	assert_soon(mesh, is_direct, NULL);
	assert_int_equal(mesh_status(mesh_node(mesh, 'a')).neighbours_count, 2);
}

static void expect_no_loss(struct mesh *mesh)
{
	for (unsigned i = 0; i < mesh->flows_count; i++)
		if (mesh->flows[i].received != mesh->flows[i].sent)
			fail_msg("flow %u: %u of %u packets arrived", i, mesh->flows[i].received,
				 mesh->flows[i].sent);
}

static void ipv4_runs_over_ipv6_next_hops(void **state)
{
	struct mesh *mesh = *state;

	mesh_ip(mesh_node(mesh, 'a'), "route del 10.0.3.0/24 proto 90 metric 32768");
	mesh_flow_open(mesh, 'a', 'c', AF_INET);
	mesh_flow_run(mesh, 20);
	expect_no_loss(mesh);
	mesh_flow_close(mesh);
	mesh_ip(mesh_node(mesh, 'a'),
		"route add 10.0.3.0/24 via inet6 fe80::c dev ac proto 90 metric 32768");
}

static void open_flows(struct mesh *mesh)
{
	static const char pairs[][2] = { "ab", "ba", "bc", "cb", "ac", "ca" };

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		mesh_flow_open(mesh, pairs[i][0], pairs[i][1], AF_INET6);
	mesh_flow_open(mesh, 'a', 'c', AF_INET);
	mesh_flow_open(mesh, 'c', 'b', AF_INET);
}

/* With all links up nobody needs b as transit. */
static void change_of_policy_loses_no_packet(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *b = mesh_node(mesh, 'b');
	CLEANUP(free) char *policy = mesh_policy(b, "announce fd00:b:0:1::/64\n");
	uint64_t generation = mesh_status(b).generation;
	pid_t pid = mesh_status(b).pid;

	open_flows(mesh);
	mesh_flow_run(mesh, 50);
	mesh_intend(b, policy, NULL);
	assert_int_equal(mesh_converge(b), 1);
	assert_true(mesh_status(b).generation == generation + 1);
	assert_false(child_is(pid, "babeld"));
	mesh_flow_run(mesh, 400);
	expect_no_loss(mesh);
	assert_soon(mesh, is_clean, NULL);
	mesh_flow_run(mesh, 50);
	expect_no_loss(mesh);
	mesh_flow_close(mesh);
}

static void generations_may_follow_each_other_closely(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *b = mesh_node(mesh, 'b');
	uint64_t generation = mesh_status(b).generation;

	open_flows(mesh);
	for (unsigned i = 0; i < 3; i++) {
		char more[64];
		CLEANUP(free) char *policy = NULL;

		(void)snprintf(more, sizeof(more), "announce fd00:b:0:%u::/64\n", i + 2);
		policy = mesh_policy(b, i == 2 ? "" : more);
		mesh_intend(b, policy, NULL);
		assert_int_equal(mesh_converge(b), 1);
		mesh_flow_run(mesh, 20);
	}
	assert_true(mesh_status(b).generation == generation + 3);
	mesh_flow_run(mesh, 100);
	expect_no_loss(mesh);
	mesh_flow_close(mesh);
	assert_soon(mesh, is_clean, NULL);
}

static void link_cut(struct mesh *mesh, char a, char b)
{
	mesh_ip(mesh_node(mesh, a), "link set %c%c down", a, b);
	mesh_ip(mesh_node(mesh, b), "link set %c%c down", b, a);
}

static void link_join(struct mesh *mesh, char a, char b)
{
	mesh_ip(mesh_node(mesh, a), "link set %c%c up", a, b);
	mesh_ip(mesh_node(mesh, b), "link set %c%c up", b, a);
	mesh_ip(mesh_node(mesh, a), "addr add fe80::%c/64 dev %c%c nodad", a, a, b);
	mesh_ip(mesh_node(mesh, b), "addr add fe80::%c/64 dev %c%c nodad", b, b, a);
	mesh_direct_routes(mesh, a, b);
	mesh_direct_routes(mesh, b, a);
}

/* a and c reach each other only through b, whose babeld is replaced. */
static void change_in_a_transit_node_loses_no_packet(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *b = mesh_node(mesh, 'b');
	CLEANUP(free) char *policy = mesh_policy(b, "announce fd00:b:0:1::/64\n");

	assert_soon(mesh, is_direct, NULL);
	link_cut(mesh, 'a', 'c');
	assert_soon(mesh, is_clean, NULL);
	mesh_flow_open(mesh, 'a', 'c', AF_INET6);
	mesh_flow_open(mesh, 'c', 'a', AF_INET);
	mesh_flow_run(mesh, 20);
	expect_no_loss(mesh);
	mesh_intend(b, policy, NULL);
	assert_int_equal(mesh_converge(b), 1);
	mesh_flow_run(mesh, 3000);
	expect_no_loss(mesh);
	mesh_flow_close(mesh);
	link_join(mesh, 'a', 'c');
	assert_soon(mesh, is_clean, NULL);
}

static int now_ms(void)
{
	return (int)(uv_hrtime() / 1000000);
}

/* As many filters as a very large mesh needs: babeld reads them for seconds. */
#define MANY_FILTERS 15000

static char *large_policy(const struct mesh_node *node)
{
	CLEANUP(strbuf_done) struct strbuf more = { 0 };

	for (unsigned i = 0; i < MANY_FILTERS; i++)
		strbuf_printf(&more, "accept fd01:0:%x::/64 from 64646464%08x\n", 2 * i, i);
	return mesh_policy(node, strbuf_text(&more));
}

/* a and c reach each other only through b, whose old babeld goes on until the new one is ready. */
static void reading_of_many_filters_loses_no_packet(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *b = mesh_node(mesh, 'b');
	CLEANUP(free) char *large = large_policy(b);
	CLEANUP(free) char *usual = mesh_policy(b, "");
	int time_ms;

	assert_soon(mesh, is_direct, NULL);
	link_cut(mesh, 'a', 'c');
	assert_soon(mesh, is_clean, NULL);
	mesh_flow_open(mesh, 'a', 'c', AF_INET6);
	mesh_flow_open(mesh, 'c', 'a', AF_INET);
	mesh_intend(b, large, NULL);
	time_ms = now_ms();
	assert_int_equal(mesh_converge(b), 1);
	print_message("# %d filters: replaced after %d ms\n", 2 * MANY_FILTERS, now_ms() - time_ms);
	mesh_flow_run(mesh, 2000);
	expect_no_loss(mesh);
	assert_soon(mesh, is_clean, NULL);
	mesh_intend(b, usual, NULL);
	assert_int_equal(mesh_converge(b), 1);
	mesh_flow_run(mesh, 1000);
	expect_no_loss(mesh);
	mesh_flow_close(mesh);
	link_join(mesh, 'a', 'c');
	assert_soon(mesh, is_clean, NULL);
}

static bool is_dirty(struct mesh *mesh, void *userdata)
{
	const struct mesh_node *node = userdata;

	(void)mesh;
	return node->dirty > 0;
}

static void killed_speaker_is_replaced_and_its_routes_stay(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *a = mesh_node(mesh, 'a');
	pid_t pid = mesh_status(a).pid;

	open_flows(mesh);
	a->dirty = 0;
	assert_int_equal(kill(pid, SIGKILL), 0);
	/* By its end, not by its silence. */
	assert_true(mesh_run(mesh, BABELD_QUIET_MS / 2, is_dirty, a) >= 0);
	assert_int_equal(mesh_status(a).pid, 0);
	assert_int_equal(mesh_kernel_routes(a, NULL, 0), 4);
	mesh_flow_run(mesh, 50);
	assert_int_equal(mesh_kernel_routes(a, NULL, 0), 4);
	assert_true(mesh_converge(a) >= 1);
	assert_int_not_equal(mesh_status(a).pid, pid);
	assert_in_range(mesh_kernel_routes(a, NULL, 0), 4, 8);
	mesh_flow_run(mesh, 400);
	assert_soon(mesh, is_clean, NULL);
	mesh_flow_run(mesh, 20);
	expect_no_loss(mesh);
	mesh_flow_close(mesh);
}

/* It does not answer any more, but lives, and the kernel still has its routes. */
static void hung_speaker_is_replaced_and_its_routes_stay(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *a = mesh_node(mesh, 'a');
	pid_t pid = mesh_status(a).pid;
	int time_ms;

	open_flows(mesh);
	a->dirty = 0;
	assert_int_equal(kill(pid, SIGSTOP), 0);
	mesh_flow_run(mesh, 100);
	time_ms = mesh_run(mesh, BABELD_QUIET_MS + 3 * BABELD_DEADLINE_MS, is_dirty, a);
	assert_true(time_ms >= 0);
	print_message("# noticed after %d ms\n", time_ms + 500);
	assert_false(child_is(pid, "babeld"));
	assert_int_equal(mesh_kernel_routes(a, NULL, 0), 4);
	assert_true(mesh_converge(a) >= 1);
	assert_int_not_equal(mesh_status(a).pid, pid);
	assert_soon(mesh, is_clean, NULL);
	mesh_flow_run(mesh, 20);
	expect_no_loss(mesh);
	mesh_flow_close(mesh);
}

static bool answers(struct mesh *mesh, void *userdata)
{
	(void)mesh;
	return mesh_status(userdata).answers;
}

static void restarted_daemon_adopts_the_speaker(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *a = mesh_node(mesh, 'a');
	struct babel_status before = mesh_status(a);

	mesh_node_forget(a);
	assert_true(child_is(before.pid, "babeld"));
	mesh_node_open(a);
	assert_int_equal(mesh_converge(a), 0);
	assert_int_equal(mesh_status(a).pid, before.pid);
	assert_true(mesh_status(a).generation == before.generation);
	assert_soon(mesh, answers, a);
	assert_int_equal(mesh_converge(a), 0);
	assert_int_equal(mesh_status(a).neighbours_count, 2);
	assert_int_equal(mesh_kernel_routes(a, NULL, 0), 4);
}

struct expected_neighbour {
	const struct mesh_node *node;
	const char *link;
};

static bool hears_neighbour(struct mesh *mesh, void *userdata)
{
	const struct expected_neighbour *expected = userdata;
	struct babel_status status = mesh_status(expected->node);

	(void)mesh;
	for (size_t i = 0; i < status.neighbours_count; i++)
		if (!strcmp(status.neighbours[i].link, expected->link) &&
		    status.neighbours[i].reach != 0 && status.neighbours[i].rxcost < BABEL_INFINITY)
			return true;
	return false;
}

/* It takes two hellos, one a second; more than this is babeld's next look at its interfaces. */
#define ADDED_MS 10000

/* Adding needs no restart; taking away does, and loses nothing either. */
static void interfaces_come_and_go(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *a = mesh_node(mesh, 'a');
	CLEANUP(free) char *policy = mesh_policy(a, "");
	struct expected_neighbour expected = { a, "ab" };
	pid_t pid;

	for (unsigned i = 0; i < 3; i++) {
		int time_ms;

		mesh_intend(a, policy, "ab");
		assert_int_equal(mesh_converge(a), 1);
		assert_int_equal(mesh_run(mesh, 1500, hears_neighbour, &expected), -1);
		pid = mesh_status(a).pid;
		mesh_intend(a, policy, NULL);
		assert_int_equal(mesh_converge(a), 1);
		time_ms = mesh_run(mesh, ADDED_MS, hears_neighbour, &expected);
		assert_true(time_ms >= 0);
		assert_int_equal(mesh_status(a).pid, pid);
		print_message("# heard after %d ms\n", time_ms);
	}
	assert_soon(mesh, is_clean, NULL);
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

static bool hears_b_through_c(struct mesh *mesh, void *userdata)
{
	const struct mesh_node *a = mesh_node(mesh, 'a');

	(void)userdata;
	return mesh_kernel_routes(a, "fd00:b::/64", 0) > 0 &&
	       mesh_kernel_routes(a, "10.0.2.0/24", 0) > 0;
}

static bool reaches_b(struct mesh *mesh, void *userdata)
{
	const struct mesh_node *a = mesh_node(mesh, 'a');

	(void)userdata;
	return mesh_kernel_routes(a, "fd00:b::/64", 0) > 0 ||
	       mesh_kernel_routes(a, "10.0.2.0/24", 0) > 0;
}

/*
 * The present babelds of a, b and c have heard their neighbours, and nothing is left of those
 * before: now a would know of b, too.
 */
static bool is_heard_through_c(struct mesh *mesh, void *userdata)
{
	const struct mesh_node *c = mesh_node(mesh, 'c');

	(void)userdata;
	return has_only_new(mesh_node(mesh, 'a'), "fd00:c::/64", 1) &&
	       has_only_new(mesh_node(mesh, 'a'), "10.0.3.0/24", 1) &&
	       has_only_new(mesh_node(mesh, 'b'), "fd00:c::/64", 1) &&
	       has_only_new(c, "fd00:b::/64", 1) && has_only_new(c, "10.0.2.0/24", 1);
}

/* What a hears of b comes through c only; who of a and c heeds the registry is enough. */
static void node_without_transit_is_no_way_to_others(void **state)
{
	static const struct {
		bool a_heeds, c_heeds;
	} cases[] = { { true, false }, { false, true }, { true, true } };
	struct mesh *mesh = *state;

	link_cut(mesh, 'a', 'b');
	intend_registry(mesh, 'a', false);
	assert_soon(mesh, hears_b_through_c, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		intend_registry(mesh, 'c', cases[i].c_heeds);
		intend_registry(mesh, 'a', cases[i].a_heeds);
		assert_soon(mesh, is_heard_through_c, NULL);
		assert_int_equal(mesh_run(mesh, 2000, reaches_b, NULL), -1);
	}
	intend_registry(mesh, 'c', false);
	intend_registry(mesh, 'a', false);
	assert_soon(mesh, hears_b_through_c, NULL);
	link_join(mesh, 'a', 'b');
	assert_soon(mesh, is_clean, NULL);
}

static bool has_lost_b(struct mesh *mesh, void *userdata)
{
	return !reaches_b(mesh, userdata);
}

/* Far less than the 48 s after which babeld forgets a route that nobody repeats. */
#define LOSS_MS 16000

/* a reaches b through c. When c loses b, a hears it, although c is not the one who announced b. */
static void loss_behind_a_transit_node_is_noticed(void **state)
{
	struct mesh *mesh = *state;

	link_cut(mesh, 'a', 'b');
	assert_soon(mesh, hears_b_through_c, NULL);
	link_cut(mesh, 'b', 'c');
	assert_true(mesh_run(mesh, LOSS_MS, has_lost_b, NULL) >= 0);
	link_join(mesh, 'b', 'c');
	link_join(mesh, 'a', 'b');
	assert_soon(mesh, is_clean, NULL);
	assert_soon(mesh, is_direct, NULL);
}

static bool is_fooled(struct mesh *mesh, void *userdata)
{
	static const char *const rogue[] = { "::/0", "0.0.0.0/0", "fd00:c:0:0:1::/80" };

	(void)userdata;
	for (size_t i = 0; i < ARRAY_SIZE(rogue); i++)
		if (mesh_kernel_routes(mesh_node(mesh, 'a'), rogue[i], 0) != 1)
			return false;
	return true;
}

static bool is_sober(struct mesh *mesh, void *userdata)
{
	(void)userdata;
	return has_only_new(mesh_node(mesh, 'a'), NULL, 4) &&
	       has_only_new(mesh_node(mesh, 'b'), NULL, 4);
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
		if (status.routes[i].router_id[0] == c->letter &&
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
	char *rogue = mesh_policy(c, "announce ::/0\nannounce fd00:b::/64\n"
				     "announce fd00:c:0:0:1::/80\n"
				     "announce 0.0.0.0/0\n");
	CLEANUP(free)
	char *gullible = mesh_policy(a, "accept ::/0 from 6363636363636363\n"
					"accept 0.0.0.0/0 from 6363636363636363\n"
					"accept fd00:c:0:0:1::/80 from 6363636363636363\n");
	CLEANUP(free) char *registry = mesh_policy(a, "");

	mesh_ip(c, "route add ::/0 dev own0 proto 90 metric 60");
	mesh_ip(c, "route add 0.0.0.0/0 dev own0 proto 90 metric 60");
	mesh_ip(c, "route add fd00:c:0:0:1::/80 dev own0 proto 90 metric 60");
	mesh_intend(c, rogue, NULL);
	assert_int_equal(mesh_converge(c), 1);
	/* It does announce them: who accepts them gets them. */
	mesh_intend(a, gullible, NULL);
	assert_int_equal(mesh_converge(a), 1);
	assert_soon(mesh, is_fooled, NULL);
	/* And loses them, when it has heard c again, in whose updates they are. */
	mesh_intend(a, registry, NULL);
	assert_int_equal(mesh_converge(a), 1);
	assert_soon(mesh, is_sober, NULL);
	assert_int_equal(mesh_run(mesh, 2000, has_more_routes, NULL), -1);
	expect_only_own_routes_of(c, a);
	expect_only_own_routes_of(c, mesh_node(mesh, 'b'));
}

static void stopped_speaker_leaves_nothing(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *a = mesh_node(mesh, 'a');
	static const char *const files[] = { "babel.conf", "babel.ctl", "babel.state",
					     "babel.generation", "log/babeld.log" };
	pid_t pid = mesh_status(a).pid;

	mesh_intend(a, NULL, NULL);
	assert_true(mesh_converge(a) >= 1);
	assert_false(child_is(pid, "babeld"));
	assert_int_equal(mesh_kernel_routes(a, NULL, 0), 0);
	assert_int_equal(mesh_kernel_routes(a, NULL, MESH_UNREACHABLE), 0);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char path[128];

		(void)snprintf(path, sizeof(path), "%s/%s", a->directory, files[i]);
		assert_int_equal(access(path, F_OK), -1);
	}
}

/* Killed while no daemon watched: what it left is found by its record. */
static void dead_speaker_that_is_not_wanted_is_cleaned_up(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *b = mesh_node(mesh, 'b');
	pid_t pid = mesh_status(b).pid;

	assert_true(mesh_kernel_routes(b, NULL, 0) > 0);
	mesh_node_forget(b);
	assert_int_equal(kill(pid, SIGKILL), 0);
	child_stop(pid, 0);
	mesh_node_open(b);
	mesh_intend(b, NULL, NULL);
	assert_int_equal(mesh_converge(b), 1);
	assert_int_equal(mesh_kernel_routes(b, NULL, 0), 0);
	assert_int_equal(mesh_kernel_routes(b, NULL, MESH_UNREACHABLE), 0);
}

static void failure_to_start_tells_what_babeld_said(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *a = mesh_node(mesh, 'a');
	char path[128];

	/* A directory in the way of its socket. */
	(void)snprintf(path, sizeof(path), "%s/babel.ctl", a->directory);
	assert_int_equal(mkdir(path, 0700), 0);
	mesh_intend(a, "", NULL);
	assert_int_equal(mesh_apply_once(a), -ECHILD);
	assert_non_null(strstr(a->error.text, "local_server_socket"));
	assert_int_equal(rmdir(path), 0);
}

static void vrf_is_refused(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *a = mesh_node(mesh, 'a');
	struct spaces *spaces = a->spaces;

	mesh_node_forget(a);
	assert_int_equal(spaces_new("test", NULL, &a->spaces, NULL), 0);
	mesh_node_open(a);
	mesh_intend(a, "", NULL);
	assert_int_equal(mesh_apply_once(a), -EOPNOTSUPP);
	assert_int_equal(a->error.code, ERROR_UNSUPPORTED);
	mesh_node_forget(a);
	spaces_free(a->spaces);
	a->spaces = spaces;
	mesh_node_open(a);
}

static int set_up(void **state)
{
	struct mesh *mesh = calloc(1, sizeof(*mesh));

	mesh_init(mesh);
	*state = mesh;
	return 0;
}

static int tear_down(void **state)
{
	mesh_done(*state);
	free(*state);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(speakers_fill_the_routing_tables),
		cmocka_unit_test(ipv4_runs_over_ipv6_next_hops),
		cmocka_unit_test(change_of_policy_loses_no_packet),
		cmocka_unit_test(generations_may_follow_each_other_closely),
		cmocka_unit_test(change_in_a_transit_node_loses_no_packet),
		cmocka_unit_test(reading_of_many_filters_loses_no_packet),
		cmocka_unit_test(killed_speaker_is_replaced_and_its_routes_stay),
		cmocka_unit_test(hung_speaker_is_replaced_and_its_routes_stay),
		cmocka_unit_test(restarted_daemon_adopts_the_speaker),
		cmocka_unit_test(interfaces_come_and_go),
		cmocka_unit_test(node_without_transit_is_no_way_to_others),
		cmocka_unit_test(loss_behind_a_transit_node_is_noticed),
		cmocka_unit_test(rogue_announcements_are_refused),
		cmocka_unit_test(stopped_speaker_leaves_nothing),
		cmocka_unit_test(dead_speaker_that_is_not_wanted_is_cleaned_up),
		cmocka_unit_test(failure_to_start_tells_what_babeld_said),
		cmocka_unit_test(vrf_is_refused),
	};
	const char *missing = mesh_missing();
	const char *must_run = getenv("ARONET_TESTS_MUST_RUN");

	if (missing) {
		print_message("1..0 # SKIP needs %s\n", missing);
		return must_run && !strcmp(must_run, "1") ? 1 : 77;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
