// SPDX-License-Identifier: GPL-2.0-or-later
/* The back end with a real BIRD, and with BIRD and babeld in one mesh. */
#include "babel/backend.h"

#include "babel/bird_control.h"
#include "babel/seqno.h"
#include "babel/test_mesh.h"
#include "base/memory.h"
#include "process/child.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

/* The cases build on each other: the mesh of the first one serves all. Three BIRDs at first. */

static void converge(struct mesh_node *node)
{
	CLEANUP(free) char *policy = mesh_policy(node, "");

	mesh_intend(node, policy, NULL);
	(void)mesh_converge(node);
}

static void birds_learn_from_each_other(void **state)
{
	struct mesh *mesh = *state;

	for (size_t i = 0; i < MESH_NODES; i++) {
		mesh->nodes[i].program = SPEAKER_BIRD;
		converge(&mesh->nodes[i]);
		assert_int_equal(strncmp(mesh_status(&mesh->nodes[i]).version, "bird-2.", 7), 0);
		assert_int_equal(mesh_status(&mesh->nodes[i]).program, SPEAKER_BIRD);
	}
	assert_soon(mesh, mesh_is_complete, NULL);
	assert_soon(mesh, mesh_is_clean, NULL);
	mesh_open_flows(mesh);
	mesh_flow_run(mesh, 20);
	mesh_expect_no_loss(mesh);
	mesh_flow_close(mesh);
}

/* The same way that the kernel has, under the owner's router-id. */
static bool shows_its_routes(struct mesh *mesh, void *userdata)
{
	const struct mesh_node *a = mesh_node(mesh, 'a');
	struct babel_status status = mesh_status(a);
	unsigned direct = 0;

	(void)userdata;
	for (size_t i = 0; i < status.routes_count; i++) {
		const struct babel_route *route = &status.routes[i];

		if (route->installed && route->refmetric == 0 && route->router_id[0] == 0 &&
		    route->router_id[7] == route->link[1])
			direct++;
	}
	return status.answers && direct == 4 && status.routes_count == 8;
}

static bool shows_its_neighbours(struct mesh *mesh, void *userdata)
{
	struct babel_status status = mesh_status(mesh_node(mesh, 'a'));

	(void)userdata;
	for (size_t i = 0; i < status.neighbours_count; i++)
		if (status.neighbours[i].reach < 0xc000 || status.neighbours[i].cost < 32 ||
		    status.neighbours[i].rxcost != 32 || !status.neighbours[i].has_rtt)
			return false;
	return status.answers && status.neighbours_count == 2;
}

static void status_is_what_bird_says(void **state)
{
	struct mesh *mesh = *state;

	assert_soon(mesh, shows_its_neighbours, NULL);
	assert_soon(mesh, shows_its_routes, NULL);
}

/* b is the only way between a and c. */
/* Does a hear of a prefix of b that its owner is @userdata? */
static bool hears_owner(struct mesh *mesh, void *userdata)
{
	const struct mesh_node *a = mesh_node(mesh, 'a');
	struct babel_status status = mesh_status(a);
	unsigned found = 0;

	for (size_t i = 0; i < status.routes_count; i++) {
		const struct babel_route *route = &status.routes[i];

		if (route->installed && !strcmp(route->link, "ab") &&
		    route->router_id[7] == *(const char *)userdata)
			found++;
	}
	return found == 2;
}

/* As when the first registry comes, or another key. */
static void new_router_id_is_told_to_the_neighbours(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *b = mesh_node(mesh, 'b');

	assert_soon(mesh, hears_owner, &b->id);
	b->id = 'x';
	converge(b);
	assert_soon(mesh, hears_owner, &b->id);
	b->id = b->letter;
	converge(b);
	assert_soon(mesh, hears_owner, &b->id);
	assert_soon(mesh, mesh_is_clean, NULL);
}

static void change_of_policy_loses_no_packet_and_is_no_restart(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *b = mesh_node(mesh, 'b');
	CLEANUP(free)
	char *policy = mesh_policy(b, "announce fd00:b:0:1::/64\n"
				      "accept fd01::/64 from 6464646464646464\n");
	CLEANUP(free) char *usual = mesh_policy(b, "");
	pid_t pid = mesh_status(b).pid;

	mesh_link_cut(mesh, 'a', 'c');
	assert_soon(mesh, mesh_is_clean, NULL);
	mesh_flow_open(mesh, 'a', 'c', AF_INET6);
	mesh_flow_open(mesh, 'c', 'a', AF_INET);
	mesh_flow_open(mesh, 'a', 'b', AF_INET6);
	mesh_flow_run(mesh, 20);
	for (unsigned i = 0; i < 4; i++) {
		mesh_intend(b, i % 2 ? usual : policy, NULL);
		assert_int_equal(mesh_converge(b), 1);
		mesh_flow_run(mesh, 400);
	}
	mesh_expect_no_loss(mesh);
	mesh_flow_close(mesh);
	assert_int_equal(mesh_status(b).pid, pid);
	mesh_link_join(mesh, 'a', 'c');
	assert_soon(mesh, mesh_is_clean, NULL);
}

static bool accepts_more(struct mesh *mesh, void *userdata)
{
	(void)userdata;
	return mesh_kernel_routes(mesh_node(mesh, 'a'), "fd00:b:0:1::/64", 0) == 1;
}

/* What is accepted or not any more is so at once, without an update of the neighbour. */
static void grants_come_and_go_without_a_restart(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *a = mesh_node(mesh, 'a');
	struct mesh_node *b = mesh_node(mesh, 'b');
	CLEANUP(free) char *announced = mesh_policy(b, "announce fd00:b:0:1::/64\n");
	CLEANUP(free)
	char *accepted = mesh_policy(a, "accept fd00:b:0:1::/64 from 0000000062626262 on ab\n");
	CLEANUP(free) char *usual = mesh_policy(a, "");
	pid_t pid = mesh_status(a).pid;

	mesh_intend(b, announced, NULL);
	assert_int_equal(mesh_converge(b), 1);
	assert_int_equal(mesh_run(mesh, 3000, accepts_more, NULL), -1);
	mesh_intend(a, accepted, NULL);
	assert_int_equal(mesh_converge(a), 1);
	assert_true(mesh_run(mesh, 1000, accepts_more, NULL) >= 0);
	mesh_intend(a, usual, NULL);
	assert_int_equal(mesh_converge(a), 1);
	assert_soon(mesh, mesh_is_clean, NULL);
	assert_int_equal(mesh_status(a).pid, pid);
	converge(b);
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
		    status.neighbours[i].cost < BABEL_INFINITY)
			return true;
	return false;
}

static bool hears_no_neighbour(struct mesh *mesh, void *userdata)
{
	return mesh_status(((struct expected_neighbour *)userdata)->node).answers &&
	       !hears_neighbour(mesh, userdata);
}

static void interfaces_come_and_go(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *a = mesh_node(mesh, 'a');
	CLEANUP(free) char *policy = mesh_policy(a, "");
	struct expected_neighbour expected = { a, "ab" };
	pid_t pid = mesh_status(a).pid;

	mesh_intend(a, policy, "ab");
	assert_int_equal(mesh_converge(a), 1);
	assert_soon(mesh, hears_no_neighbour, &expected);
	mesh_intend(a, policy, NULL);
	assert_int_equal(mesh_converge(a), 1);
	print_message("# heard after %d ms\n",
		      mesh_run(mesh, MESH_WAIT_MS, hears_neighbour, &expected));
	assert_true(hears_neighbour(mesh, &expected));
	assert_int_equal(mesh_status(a).pid, pid);
	assert_soon(mesh, mesh_is_clean, NULL);
}

/* Not this process and its group, which 0 would be. */
static void must_kill(pid_t pid, int signal)
{
	assert_true(pid > 1);
	assert_int_equal(kill(pid, signal), 0);
}

/* BIRD deletes what it finds of BIRD's in its table; not so what has the metric of another one. */
static void killed_bird_is_replaced_and_its_routes_stay(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *a = mesh_node(mesh, 'a');
	pid_t pid = mesh_status(a).pid;

	mesh_open_flows(mesh);
	a->dirty = 0;
	must_kill(pid, SIGKILL);
	assert_true(mesh_run(mesh, CONTROL_DEADLINE_MS, mesh_node_is_dirty, a) >= 0);
	assert_int_equal(mesh_status(a).pid, 0);
	assert_int_equal(mesh_kernel_routes(a, NULL, 0), 4);
	assert_true(mesh_converge(a) >= 1);
	assert_int_not_equal(mesh_status(a).pid, pid);
	for (unsigned i = 0; i < 20; i++) {
		mesh_flow_run(mesh, 20);
		assert_in_range(mesh_kernel_routes(a, NULL, 0), 4, 8);
	}
	assert_soon(mesh, mesh_is_clean, NULL);
	mesh_flow_run(mesh, 20);
	mesh_expect_no_loss(mesh);
	mesh_flow_close(mesh);
}

static void hung_bird_is_replaced(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *a = mesh_node(mesh, 'a');
	pid_t pid = mesh_status(a).pid;

	a->dirty = 0;
	must_kill(pid, SIGSTOP);
	assert_true(mesh_run(mesh, 4 * CONTROL_DEADLINE_MS, mesh_node_is_dirty, a) >= 0);
	assert_false(child_is(pid, "bird"));
	assert_true(mesh_converge(a) >= 1);
	assert_soon(mesh, mesh_is_clean, NULL);
}

static void restarted_daemon_adopts_the_bird(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *a = mesh_node(mesh, 'a');
	struct babel_status before = mesh_status(a);

	mesh_node_forget(a);
	assert_true(child_is(before.pid, "bird"));
	mesh_node_open(a);
	assert_int_equal(mesh_converge(a), 0);
	assert_int_equal(mesh_status(a).pid, before.pid);
	assert_true(mesh_status(a).generation == before.generation);
	assert_soon(mesh, mesh_node_answers, a);
	assert_int_equal(mesh_converge(a), 0);
	assert_int_equal(mesh_status(a).neighbours_count, 2);
	assert_int_equal(mesh_kernel_routes(a, NULL, 0), 4);
}

static void stray_bird_is_killed(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *a = mesh_node(mesh, 'a');
	pid_t pid = mesh_status(a).pid;
	char path[128];

	mesh_node_forget(a);
	(void)snprintf(path, sizeof(path), "%s/bird.generation", a->directory);
	assert_int_equal(unlink(path), 0);
	mesh_node_open(a);
	assert_int_equal(mesh_status(a).pid, 0);
	assert_true(mesh_converge(a) >= 1);
	assert_false(child_is(pid, "bird"));
	assert_soon(mesh, mesh_is_complete, NULL);
}

static void intend_registry(struct mesh *mesh, char letter, bool c_no_transit)
{
	mesh_node(mesh, 'c')->no_transit = c_no_transit;
	converge(mesh_node(mesh, letter));
}

/* Who of a and c heeds the registry is enough. */
static void node_without_transit_is_no_way_to_others(void **state)
{
	struct mesh *mesh = *state;

	mesh_link_cut(mesh, 'a', 'b');
	assert_soon(mesh, mesh_hears_b, NULL);
	intend_registry(mesh, 'a', true);
	assert_soon(mesh, mesh_has_lost_b, NULL);
	assert_int_equal(mesh_run(mesh, 2000, mesh_reaches_b, NULL), -1);
	intend_registry(mesh, 'c', true);
	intend_registry(mesh, 'a', false);
	assert_soon(mesh, mesh_has_lost_b, NULL); /* when c's retraction is here */
	assert_int_equal(mesh_run(mesh, 3000, mesh_reaches_b, NULL), -1);
	intend_registry(mesh, 'c', false);
	assert_soon(mesh, mesh_hears_b, NULL);
}

/* Less than the 28 s after which a route that nobody repeats is forgotten. */
#define LOSS_MS 20000

static void loss_behind_a_transit_node_is_noticed(void **state)
{
	struct mesh *mesh = *state;

	mesh_link_cut(mesh, 'b', 'c');
	assert_true(mesh_run(mesh, LOSS_MS, mesh_has_lost_b, NULL) >= 0);
	mesh_link_join(mesh, 'b', 'c');
	mesh_link_join(mesh, 'a', 'b');
	assert_soon(mesh, mesh_is_complete, NULL);
	assert_soon(mesh, mesh_is_clean, NULL);
}

static bool has_more_routes(struct mesh *mesh, void *userdata)
{
	(void)userdata;
	return !mesh_has_only_new(mesh_node(mesh, 'a'), NULL, 4) ||
	       !mesh_has_only_new(mesh_node(mesh, 'b'), NULL, 4);
}

/* Prefixes that nobody has, and parts of others, do not get into a routing table. */
static void rogue_announcements_are_refused(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *a = mesh_node(mesh, 'a');
	struct mesh_node *c = mesh_node(mesh, 'c');
	CLEANUP(free) char *rogue = mesh_policy(c, MESH_ROGUE_ANNOUNCED);
	CLEANUP(free) char *gullible = mesh_policy(a, MESH_ROGUE_ACCEPTED);

	mesh_intend(c, rogue, NULL);
	assert_int_equal(mesh_converge(c), 1);
	mesh_intend(a, gullible, NULL);
	assert_int_equal(mesh_converge(a), 1);
	/* It does announce them: who accepts them gets them. And loses them again. */
	assert_soon(mesh, mesh_is_fooled, NULL);
	converge(a);
	assert_soon(mesh, mesh_is_clean, NULL);
	assert_int_equal(mesh_run(mesh, 2000, has_more_routes, NULL), -1);
	converge(c);
}

/*
 * c may not carry transit, and says that b's prefix is its own. Whatever BIRD at a makes of that,
 * it is refused there: no packet goes to c. What is left is the route of last resort.
 */
static bool has_refused_b(struct mesh *mesh, void *userdata)
{
	struct babel_status status = mesh_status(mesh_node(mesh, 'a'));

	(void)userdata;
	for (size_t i = 0; i < status.routes_count; i++)
		if (!strcmp(status.routes[i].link, "ac") &&
		    !ip_prefix_compare(&status.routes[i].prefix,
				       &mesh_node(mesh, 'b')->prefixes[0]))
			return !status.routes[i].installed;
	return false;
}

static void stolen_prefix_is_refused(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *a = mesh_node(mesh, 'a');
	struct mesh_node *c = mesh_node(mesh, 'c');
	CLEANUP(free) char *rogue = NULL;

	intend_registry(mesh, 'a', true);
	rogue = mesh_policy(c, "announce fd00:b::/64\n");
	mesh_intend(c, rogue, NULL);
	(void)mesh_converge(c);
	mesh_flow_open(mesh, 'a', 'b', AF_INET6);
	mesh_link_cut(mesh, 'b', 'c');
	assert_soon(mesh, has_refused_b, NULL);
	mesh_flow_run(mesh, 400);
	mesh_expect_no_loss(mesh);
	mesh_flow_close(mesh);
	mesh_link_join(mesh, 'b', 'c');
	intend_registry(mesh, 'c', false);
	intend_registry(mesh, 'a', false);
	assert_soon(mesh, mesh_is_clean, NULL);
	assert_int_equal(mesh_kernel_routes(a, "fd00:b::/64", 0), 1);
}

/* BIRD counts from 1: numbers that go with the clock are older than that now. */
#define CLOCK_SEQNO 0xc000

static void set_clock(struct mesh_node *node, uint16_t seqno)
{
	uint16_t ahead = (uint16_t)(seqno - seqno_at(seqno_clock_ms(), 0));

	mesh_node_forget(node);
	node->clock_shift_ms = (int64_t)SEQNO_MS * ahead;
	mesh_node_open(node);
	assert_soon(node->mesh, mesh_node_answers, node);
}

/*
 * One after the other changes its program, and has nothing of the former one left. What the new one
 * announces is taken for newer, whatever the time of day is.
 */
static void birds_and_babelds_learn_from_each_other(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *b = mesh_node(mesh, 'b');
	pid_t pid = mesh_status(b).pid;

	set_clock(b, CLOCK_SEQNO);
	b->program = SPEAKER_BABELD;
	converge(b);
	assert_false(child_is(pid, "bird"));
	assert_int_equal(mesh_status(b).program, SPEAKER_BABELD);
	b->program = SPEAKER_BIRD;
	assert_int_equal(mesh_kernel_routes(b, NULL, 0), 0);
	b->program = SPEAKER_BABELD;
	assert_soon(mesh, mesh_is_complete, NULL);
	assert_soon(mesh, mesh_is_clean, NULL);
	mesh_open_flows(mesh);
	mesh_flow_run(mesh, 100);
	mesh_expect_no_loss(mesh);
	mesh_flow_close(mesh);
	/* Through the other kind, in both directions. */
	mesh_link_cut(mesh, 'a', 'c');
	assert_soon(mesh, mesh_is_clean, NULL);
	mesh_flow_open(mesh, 'a', 'c', AF_INET6);
	mesh_flow_open(mesh, 'c', 'a', AF_INET);
	mesh_flow_run(mesh, 100);
	mesh_expect_no_loss(mesh);
	mesh_flow_close(mesh);
	mesh_link_join(mesh, 'a', 'c');
	mesh_link_cut(mesh, 'a', 'b');
	assert_soon(mesh, mesh_is_clean, NULL);
	mesh_flow_open(mesh, 'a', 'b', AF_INET6);
	mesh_flow_open(mesh, 'b', 'a', AF_INET);
	mesh_flow_run(mesh, 100);
	mesh_expect_no_loss(mesh);
	mesh_flow_close(mesh);
	mesh_link_join(mesh, 'a', 'b');
	assert_soon(mesh, mesh_is_clean, NULL);
}

/* As on a machine where somebody runs BIRD: same namespace, other files. */
static pid_t start_foreign_bird(const struct mesh_node *node, char path[64])
{
	char control[80];
	const char *const argv[] = { "ip", "netns", "exec", node->netns, "bird", "-f",
				     "-c", path,    "-s",   control,	 NULL };
	int fd;
	pid_t pid;

	(void)snprintf(path, 64, "/tmp/aronet-t-%d.conf", (int)getpid());
	(void)snprintf(control, sizeof(control), "%s.ctl", path);
	fd = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_true(dprintf(fd, "router id 1.1.1.1;\nprotocol device {}\n") > 0);
	(void)close(fd);
	assert_int_equal(
		posix_spawnp(&pid, argv[0], NULL, NULL, (char *const *)(uintptr_t)argv, environ),
		0);
	return pid;
}

static bool is_foreign_bird(struct mesh *mesh, void *userdata)
{
	(void)mesh;
	return child_is(*(pid_t *)userdata, "bird");
}

static void stopped_bird_leaves_nothing(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *a = mesh_node(mesh, 'a');
	static const char *const files[] = { "bird.conf", "bird.conf.new", "bird.ctl",
					     "bird.generation", "log/bird.log" };
	pid_t pid = mesh_status(a).pid;
	char foreign_path[64], control[80];
	pid_t foreign = start_foreign_bird(a, foreign_path);

	assert_soon(mesh, is_foreign_bird, &foreign);
	mesh_intend(a, NULL, NULL);
	assert_true(mesh_converge(a) >= 1);
	assert_false(child_is(pid, "bird"));
	assert_int_equal(mesh_kernel_routes(a, NULL, 0), 0);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char path[128];

		(void)snprintf(path, sizeof(path), "%s/%s", a->directory, files[i]);
		assert_int_equal(access(path, F_OK), -1);
	}
	assert_true(child_is(foreign, "bird"));
	child_stop(foreign, 1000);
	(void)snprintf(control, sizeof(control), "%s.ctl", foreign_path);
	(void)unlink(control);
	(void)unlink(foreign_path);
}

static void dead_bird_that_is_not_wanted_is_cleaned_up(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *c = mesh_node(mesh, 'c');
	pid_t pid = mesh_status(c).pid;

	assert_true(mesh_kernel_routes(c, NULL, 0) > 0);
	mesh_node_forget(c);
	must_kill(pid, SIGKILL);
	child_stop(pid, 0);
	mesh_node_open(c);
	mesh_intend(c, NULL, NULL);
	assert_int_equal(mesh_converge(c), 1);
	assert_int_equal(mesh_kernel_routes(c, NULL, 0), 0);
}

static void failure_to_start_tells_what_bird_said(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *a = mesh_node(mesh, 'a');
	char path[128];

	/* A directory in the way of its socket. */
	(void)snprintf(path, sizeof(path), "%s/bird.ctl", a->directory);
	assert_int_equal(mkdir(path, 0700), 0);
	mesh_intend(a, "", NULL);
	assert_int_equal(mesh_apply_once(a), -ECHILD);
	assert_non_null(strstr(a->error.text, "control socket"));
	assert_int_equal(rmdir(path), 0);
}

/* A name that ends its own quotation. */
static void add_impossible_interface(struct mesh_node *node)
{
	struct object object = {
		.kind = OBJECT_BABEL_INTERFACE,
		.babel_interface = { .link = "q\"q", .rxcost = 32, .hello_interval_ms = 1000 },
	};

	assert_int_equal(state_add(node->intended, &object), 0);
}

/* With the place, and BIRD goes on as before. */
static void refused_configuration_is_told_with_its_line(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *a = mesh_node(mesh, 'a');
	CLEANUP(free) char *policy = mesh_policy(a, "");
	pid_t pid = mesh_status(a).pid;

	mesh_intend(a, policy, NULL);
	add_impossible_interface(a);
	assert_int_equal(mesh_apply_once(a), -EREMOTEIO);
	assert_non_null(strstr(a->error.text, "refused its configuration with 8002: "));
	assert_non_null(strstr(a->error.text, "/bird.conf.new:"));
	assert_non_null(strstr(a->error.text, "syntax error"));
	mesh_intend(a, policy, NULL);
	assert_int_equal(mesh_converge(a), 0);
	assert_int_equal(mesh_status(a).pid, pid);
	assert_soon(mesh, shows_its_neighbours, NULL);
	assert_string_equal(mesh_status(a).problem, "");
}

static void refused_configuration_of_a_new_bird_is_told_with_its_line(void **state)
{
	struct mesh *mesh = *state;
	struct mesh_node *a = mesh_node(mesh, 'a');

	mesh_intend(a, "", NULL);
	add_impossible_interface(a);
	assert_int_equal(mesh_apply_once(a), -ECHILD);
	assert_non_null(strstr(a->error.text, "/bird.conf:"));
	assert_non_null(strstr(a->error.text, "syntax error"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(birds_learn_from_each_other),
		cmocka_unit_test(status_is_what_bird_says),
		cmocka_unit_test(refused_configuration_is_told_with_its_line),
		cmocka_unit_test(new_router_id_is_told_to_the_neighbours),
		cmocka_unit_test(change_of_policy_loses_no_packet_and_is_no_restart),
		cmocka_unit_test(grants_come_and_go_without_a_restart),
		cmocka_unit_test(interfaces_come_and_go),
		cmocka_unit_test(killed_bird_is_replaced_and_its_routes_stay),
		cmocka_unit_test(hung_bird_is_replaced),
		cmocka_unit_test(restarted_daemon_adopts_the_bird),
		cmocka_unit_test(stray_bird_is_killed),
		cmocka_unit_test(node_without_transit_is_no_way_to_others),
		cmocka_unit_test(loss_behind_a_transit_node_is_noticed),
		cmocka_unit_test(rogue_announcements_are_refused),
		cmocka_unit_test(stolen_prefix_is_refused),
		cmocka_unit_test(birds_and_babelds_learn_from_each_other),
		cmocka_unit_test(stopped_bird_leaves_nothing),
		cmocka_unit_test(dead_bird_that_is_not_wanted_is_cleaned_up),
		cmocka_unit_test(failure_to_start_tells_what_bird_said),
		cmocka_unit_test(refused_configuration_of_a_new_bird_is_told_with_its_line),
	};
	const char *missing = mesh_missing(1u << SPEAKER_BABELD | 1u << SPEAKER_BIRD);
	const char *must_run = getenv("ARONET_TESTS_MUST_RUN");

	if (missing) {
		print_message("1..0 # SKIP needs %s\n", missing);
		return must_run && !strcmp(must_run, "1") ? 1 : 77;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, mesh_set_up, mesh_tear_down);
}
