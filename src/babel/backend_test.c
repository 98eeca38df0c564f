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

static void speakers_fill_the_routing_tables(void **state)
{
	struct mesh *mesh = *state;

	for (size_t i = 0; i < MESH_NODES; i++) {
		CLEANUP(free) char *policy = mesh_policy(&mesh->nodes[i], "");

		mesh_intend(&mesh->nodes[i], policy, NULL);
		assert_true(mesh_converge(&mesh->nodes[i]) > 0);
		assert_string_equal(mesh_status(&mesh->nodes[i]).version, "babeld-1.12.1");
	}
	assert_soon(mesh, mesh_is_complete, NULL);
	assert_soon(mesh, mesh_is_direct, NULL);
	assert_int_equal(mesh_status(mesh_node(mesh, 'a')).neighbours_count, 2);
}

static void ipv4_runs_over_ipv6_next_hops(void **state)
{
	struct mesh *mesh = *state;

	mesh_ip(mesh_node(mesh, 'a'), "route del 10.0.3.0/24 proto 90 metric 32768");
	mesh_flow_open(mesh, 'a', 'c', AF_INET);
	mesh_flow_run(mesh, 20);
	mesh_expect_no_loss(mesh);
	mesh_flow_close(mesh);
	mesh_ip(mesh_node(mesh, 'a'),
		"route add 10.0.3.0/24 via inet6 fe80::c dev ac proto 90 metric 32768");
}

/* With all links up nobody needs b as transit. */
static void change_of_policy_loses_no_packet(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *b = mesh_node(mesh, 'b');
	CLEANUP(free) char *policy = mesh_policy(b, "announce fd00:b:0:1::/64\n");
	uint64_t generation = mesh_status(b).generation;
	pid_t pid = mesh_status(b).pid;

	mesh_open_flows(mesh);
	mesh_flow_run(mesh, 50);
	mesh_intend(b, policy, NULL);
	assert_int_equal(mesh_converge(b), 1);
	assert_true(mesh_status(b).generation == generation + 1);
	assert_false(child_is(pid, "babeld"));
	mesh_flow_run(mesh, 400);
	mesh_expect_no_loss(mesh);
	assert_soon(mesh, mesh_is_clean, NULL);
	mesh_flow_run(mesh, 50);
	mesh_expect_no_loss(mesh);
	mesh_flow_close(mesh);
}

static void generations_may_follow_each_other_closely(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *b = mesh_node(mesh, 'b');
	uint64_t generation = mesh_status(b).generation;

	mesh_open_flows(mesh);
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
	mesh_expect_no_loss(mesh);
	mesh_flow_close(mesh);
	assert_soon(mesh, mesh_is_clean, NULL);
}

/* a and c reach each other only through b, whose babeld is replaced. */
static void change_in_a_transit_node_loses_no_packet(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *b = mesh_node(mesh, 'b');
	CLEANUP(free) char *policy = mesh_policy(b, "announce fd00:b:0:1::/64\n");

	assert_soon(mesh, mesh_is_direct, NULL);
	mesh_link_cut(mesh, 'a', 'c');
	assert_soon(mesh, mesh_is_clean, NULL);
	mesh_flow_open(mesh, 'a', 'c', AF_INET6);
	mesh_flow_open(mesh, 'c', 'a', AF_INET);
	mesh_flow_run(mesh, 20);
	mesh_expect_no_loss(mesh);
	mesh_intend(b, policy, NULL);
	assert_int_equal(mesh_converge(b), 1);
	mesh_flow_run(mesh, 3000);
	mesh_expect_no_loss(mesh);
	mesh_flow_close(mesh);
	mesh_link_join(mesh, 'a', 'c');
	assert_soon(mesh, mesh_is_clean, NULL);
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

	assert_soon(mesh, mesh_is_direct, NULL);
	mesh_link_cut(mesh, 'a', 'c');
	assert_soon(mesh, mesh_is_clean, NULL);
	mesh_flow_open(mesh, 'a', 'c', AF_INET6);
	mesh_flow_open(mesh, 'c', 'a', AF_INET);
	mesh_intend(b, large, NULL);
	time_ms = now_ms();
	assert_int_equal(mesh_converge(b), 1);
	print_message("# %d filters: replaced after %d ms\n", 2 * MANY_FILTERS, now_ms() - time_ms);
	mesh_flow_run(mesh, 2000);
	mesh_expect_no_loss(mesh);
	assert_soon(mesh, mesh_is_clean, NULL);
	mesh_intend(b, usual, NULL);
	assert_int_equal(mesh_converge(b), 1);
	mesh_flow_run(mesh, 1000);
	mesh_expect_no_loss(mesh);
	mesh_flow_close(mesh);
	mesh_link_join(mesh, 'a', 'c');
	assert_soon(mesh, mesh_is_clean, NULL);
}

static void killed_speaker_is_replaced_and_its_routes_stay(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *a = mesh_node(mesh, 'a');
	pid_t pid = mesh_status(a).pid;

	mesh_open_flows(mesh);
	a->dirty = 0;
	assert_int_equal(kill(pid, SIGKILL), 0);
	/* By its end, not by its silence. */
	assert_true(mesh_run(mesh, BABELD_QUIET_MS / 2, mesh_node_is_dirty, a) >= 0);
	assert_int_equal(mesh_status(a).pid, 0);
	assert_int_equal(mesh_kernel_routes(a, NULL, 0), 4);
	mesh_flow_run(mesh, 50);
	assert_int_equal(mesh_kernel_routes(a, NULL, 0), 4);
	assert_true(mesh_converge(a) >= 1);
	assert_int_not_equal(mesh_status(a).pid, pid);
	assert_in_range(mesh_kernel_routes(a, NULL, 0), 4, 8);
	mesh_flow_run(mesh, 400);
	assert_soon(mesh, mesh_is_clean, NULL);
	mesh_flow_run(mesh, 20);
	mesh_expect_no_loss(mesh);
	mesh_flow_close(mesh);
}

/* What babeld needs to answer, many times over; how long ours are is tested elsewhere. */
#define SHORT_DEADLINE_MS 1000

/* It does not answer any more, but lives, and the kernel still has its routes. */
static void hung_speaker_is_replaced_and_its_routes_stay(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *a = mesh_node(mesh, 'a');
	pid_t pid = mesh_status(a).pid;

	mesh_node_forget(a);
	a->deadline_ms = SHORT_DEADLINE_MS;
	mesh_node_open(a);
	assert_soon(mesh, mesh_node_answers, a);
	mesh_open_flows(mesh);
	a->dirty = 0;
	assert_int_equal(kill(pid, SIGSTOP), 0);
	mesh_flow_run(mesh, 100);
	assert_soon(mesh, mesh_node_is_dirty, a);
	assert_false(child_is(pid, "babeld"));
	assert_int_equal(mesh_kernel_routes(a, NULL, 0), 4);
	assert_true(mesh_converge(a) >= 1);
	assert_int_not_equal(mesh_status(a).pid, pid);
	assert_soon(mesh, mesh_is_clean, NULL);
	mesh_flow_run(mesh, 20);
	mesh_expect_no_loss(mesh);
	mesh_flow_close(mesh);
	mesh_node_forget(a);
	a->deadline_ms = 0;
	mesh_node_open(a);
	assert_soon(mesh, mesh_node_answers, a);
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
	assert_soon(mesh, mesh_node_answers, a);
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
	assert_soon(mesh, mesh_is_clean, NULL);
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
		cmocka_unit_test(stopped_speaker_leaves_nothing),
		cmocka_unit_test(dead_speaker_that_is_not_wanted_is_cleaned_up),
		cmocka_unit_test(failure_to_start_tells_what_babeld_said),
		cmocka_unit_test(vrf_is_refused),
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
