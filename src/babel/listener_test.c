// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/listener.h"

#include "babel/test_mesh.h"
#include "base/memory.h"

#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define BABEL_GROUP "ff02::1:6"

/* Node a listens; c is a member that lies, b one that does not. */
struct fixture {
	struct mesh mesh;
	struct audit *audit;
	struct listener *listener;
	struct strbuf told;
	uint64_t heard; /* packets until now */
};

static void tell(void *userdata, enum audit_event event, const struct audit_finding *finding)
{
	struct fixture *fixture = userdata;

	if (event == AUDIT_BEGAN)
		strbuf_printf(&fixture->told, "%s by %s\n", audit_kind_name(finding->kind),
			      audit_name(fixture->audit, finding->router_id));
}

static int set_up(void **state)
{
	struct fixture *fixture = NEW(struct fixture);
	CLEANUP(babel_policy_done) struct babel_policy policy = { 0 };
	CLEANUP(free) char *text = NULL;
	struct audit_name names[MESH_NODES] = { 0 };
	uint8_t own[BABEL_ROUTER_ID_SIZE];
	struct mesh_node *a;

	mesh_init(&fixture->mesh);
	a = mesh_node(&fixture->mesh, 'a');
	mesh_router_id('a', own);
	for (size_t i = 0; i < MESH_NODES; i++) {
		mesh_router_id(fixture->mesh.nodes[i].letter, names[i].router_id);
		names[i].name[0] = fixture->mesh.nodes[i].letter;
	}
	text = mesh_policy(a, "");
	assert_int_equal(babel_policy_parse(text, &policy, NULL), 0);
	fixture->audit = audit_new(1, tell, fixture);
	audit_set_policy(fixture->audit, &policy, own, names, MESH_NODES, uv_hrtime() / 1000);
	fixture->listener = listener_new(&fixture->mesh.loop, a->spaces, fixture->audit);
	assert_int_equal(listener_follow(fixture->listener), 0);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	listener_free(fixture->listener);
	(void)mesh_run(&fixture->mesh, 20, NULL, NULL);
	audit_free(fixture->audit);
	mesh_done(&fixture->mesh);
	strbuf_done(&fixture->told);
	free(fixture);
	return 0;
}

static struct listener_stats stats_of(const struct fixture *fixture)
{
	struct listener_stats stats;

	listener_stats(fixture->listener, &stats);
	return stats;
}

/* A socket of @node that sends out of @link. @address NULL: from its link-local address. */
static int open_socket(const struct mesh_node *node, const char *link, const char *address)
{
	struct sockaddr_in6 from = { .sin6_family = AF_INET6, .sin6_port = htons(BABEL_PORT) };
	const int one = 1;
	char text[32];
	int index, fd;

	(void)snprintf(text, sizeof(text), "fe80::%c", node->letter);
	assert_int_equal(inet_pton(AF_INET6, address ? address : text, &from.sin6_addr), 1);
	assert_int_equal(spaces_enter(node->spaces, SPACE_OVERLAY), 0);
	index = (int)if_nametoindex(link);
	fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	spaces_leave(node->spaces);
	assert_true(fd >= 0 && index > 0);
	from.sin6_scope_id = (uint32_t)index;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	assert_int_equal(setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index, sizeof(index)), 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&from, sizeof(from)), 0);
	return fd;
}

/* Router-id c and the default route. */
static const uint8_t default_route[] = {
	42,  2,	  0, 24, 6, 10, 0, 0, 0, 0,   0, 0, 'c', 'c',
	'c', 'c', 8, 10, 2, 0,	0, 0, 1, 144, 0, 1, 0,	 0,
};

static void send_to_port(int fd, uint16_t port)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	assert_int_equal(inet_pton(AF_INET6, BABEL_GROUP, &to.sin6_addr), 1);
	(void)!sendto(fd, default_route, sizeof(default_route), MSG_DONTWAIT,
		      (const struct sockaddr *)&to, sizeof(to));
}

static void announce(const struct mesh_node *node, const char *link)
{
	CLEANUP(close) int fd = open_socket(node, link, NULL);

	send_to_port(fd, BABEL_PORT);
}

static bool has_told(struct mesh *mesh, void *userdata)
{
	const struct fixture *fixture = userdata;

	(void)mesh;
	return fixture->told.length > 0;
}

static void announcement_is_heard(void **state)
{
	struct fixture *fixture = *state;

	announce(mesh_node(&fixture->mesh, 'c'), "ca");
	assert_soon(&fixture->mesh, has_told, fixture);
	assert_string_equal(strbuf_text(&fixture->told), "default-route by c\n");
	assert_int_equal(stats_of(fixture).packets, 1);
	assert_int_equal(stats_of(fixture).missed, 0);
}

static void other_packets_are_not_heard(void **state)
{
	struct fixture *fixture = *state;
	struct mesh_node *c = mesh_node(&fixture->mesh, 'c');
	CLEANUP(close) int local = open_socket(c, "ca", NULL);
	CLEANUP(close) int global = open_socket(c, "ca", "fd00:c::1");

	send_to_port(local, BABEL_PORT + 1);
	send_to_port(global, BABEL_PORT);
	/* Our own, and those between others. */
	announce(mesh_node(&fixture->mesh, 'a'), "ac");
	announce(c, "cb");
	(void)mesh_run(&fixture->mesh, 200, NULL, NULL);
	assert_int_equal(stats_of(fixture).packets, 0);
	send_to_port(local, BABEL_PORT);
	assert_soon(&fixture->mesh, has_told, fixture);
	assert_int_equal(stats_of(fixture).packets, 1);
}

/* The tunnel between a and c anew; its end in c is called cx, because ca may take time to go. */
static void join(struct fixture *fixture)
{
	struct mesh_node *a = mesh_node(&fixture->mesh, 'a');
	struct mesh_node *c = mesh_node(&fixture->mesh, 'c');

	mesh_ip(a, "link add ac type veth peer name cx netns %s", c->netns);
	mesh_ip(a, "link set ac up");
	mesh_ip(c, "link set cx addrgenmode none");
	mesh_ip(c, "link set cx up");
	mesh_ip(c, "addr add fe80::c/64 dev cx nodad");
}

static void interface_that_appears_later_is_heard(void **state)
{
	struct fixture *fixture = *state;

	mesh_ip(mesh_node(&fixture->mesh, 'a'), "link del ac");
	(void)mesh_run(&fixture->mesh, 50, NULL, NULL);
	join(fixture);
	announce(mesh_node(&fixture->mesh, 'c'), "cx");
	assert_soon(&fixture->mesh, has_told, fixture);
	assert_int_equal(stats_of(fixture).packets, 1);
}

static void new_namespace_is_followed(void **state)
{
	struct fixture *fixture = *state;
	struct mesh_node *a = mesh_node(&fixture->mesh, 'a');
	char command[128];

	assert_true(stats_of(fixture).is_listening);
	(void)snprintf(command, sizeof(command), "ip netns del %s", a->netns);
	assert_int_equal(system(command), 0); /* NOLINT: a test */
	spaces_forget_overlay(a->spaces);
	assert_int_equal(listener_follow(fixture->listener), 0);
	assert_false(stats_of(fixture).is_listening);
	(void)snprintf(command, sizeof(command), "ip netns add %s", a->netns);
	assert_int_equal(system(command), 0); /* NOLINT: a test */
	assert_int_equal(listener_follow(fixture->listener), 0);
	assert_true(stats_of(fixture).is_listening);
	join(fixture);
	announce(mesh_node(&fixture->mesh, 'c'), "cx");
	assert_soon(&fixture->mesh, has_told, fixture);
}

static uint64_t processor_usec(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static bool has_heard_more(struct mesh *mesh, void *userdata)
{
	const struct fixture *fixture = userdata;

	(void)mesh;
	return stats_of(fixture).packets > fixture->heard;
}

/* However fast c sends, listening costs no more than its share of each second. */
static void flood_costs_no_more_than_its_share(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(close) int fd = open_socket(mesh_node(&fixture->mesh, 'c'), "ca", NULL);
	const uint64_t seconds = 4;
	uint64_t begin = uv_hrtime(), spent = 0, sent = 0;
	struct listener_stats stats;

	while (uv_hrtime() - begin < seconds * 1000000000) {
		uint64_t before;

		for (unsigned i = 0; i < 200; i++, sent++)
			send_to_port(fd, BABEL_PORT);
		before = processor_usec();
		(void)uv_run(&fixture->mesh.loop, UV_RUN_NOWAIT);
		spent += processor_usec() - before;
	}
	stats = stats_of(fixture);
	print_message("# of %llu packets in %llu s %llu heard, %llu missed: %.0f ms\n",
		      (unsigned long long)sent, (unsigned long long)seconds,
		      (unsigned long long)stats.packets, (unsigned long long)stats.missed,
		      (double)spent / 1e3);
	assert_true(stats.missed > 0);
	assert_true(stats.packets > AUDIT_PACKETS_PER_SECOND_MAX);
	/* Five seconds begin in that time; the last turn of each may take longer. */
	assert_true(spent < (seconds + 1) * LISTENER_BUDGET_USEC * 3 / 2);
	assert_non_null(strstr(strbuf_text(&fixture->told), "flood by c\n"));
	/* And it goes on afterwards. */
	(void)mesh_run(&fixture->mesh, 1500, NULL, NULL);
	fixture->heard = stats_of(fixture).packets;
	send_to_port(fd, BABEL_PORT);
	assert_soon(&fixture->mesh, has_heard_more, fixture);
}

static bool routes_are_there(struct mesh *mesh, void *userdata)
{
	(void)userdata;
	return mesh_kernel_routes(mesh_node(mesh, 'a'), NULL, 0) == 4 &&
	       mesh_kernel_routes(mesh_node(mesh, 'c'), NULL, 0) == 4;
}

static bool has_heard_enough(struct mesh *mesh, void *userdata)
{
	(void)mesh;
	return stats_of(userdata).packets > 10;
}

/* What babeld writes is understood, and only the one that lies is found. */
static void babelds_are_told_apart(void **state)
{
	struct fixture *fixture = *state;
	struct mesh *mesh = &fixture->mesh;
	struct mesh_node *c = mesh_node(mesh, 'c');
	CLEANUP(free) char *rogue = mesh_policy(c, "announce ::/0\n");

	for (size_t i = 0; i < MESH_NODES; i++) {
		CLEANUP(free) char *policy = mesh_policy(&mesh->nodes[i], "");

		mesh_intend(&mesh->nodes[i], policy, NULL);
		(void)mesh_converge(&mesh->nodes[i]);
	}
	assert_soon(mesh, routes_are_there, NULL);
	assert_soon(mesh, has_heard_enough, fixture);
	assert_null(audit_finding(fixture->audit, 0));
	mesh_ip(c, "route add ::/0 dev own0 proto 90 metric 60");
	mesh_intend(c, rogue, NULL);
	(void)mesh_converge(c);
	assert_soon(mesh, has_told, fixture);
	assert_string_equal(strbuf_text(&fixture->told), "default-route by c\n");
	assert_null(audit_finding(fixture->audit, 1));
}

int main(void)
{
#define LISTENER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		LISTENER_TEST(announcement_is_heard),
		LISTENER_TEST(other_packets_are_not_heard),
		LISTENER_TEST(interface_that_appears_later_is_heard),
		LISTENER_TEST(new_namespace_is_followed),
		LISTENER_TEST(flood_costs_no_more_than_its_share),
		LISTENER_TEST(babelds_are_told_apart),
	};
	const char *missing = mesh_missing(1u << SPEAKER_BABELD);
	const char *must_run = getenv("ARONET_TESTS_MUST_RUN");

	if (missing) {
		print_message("1..0 # SKIP needs %s\n", missing);
		return must_run && !strcmp(must_run, "1") ? 1 : 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
