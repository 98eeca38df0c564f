// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireguard/status.h"
#include "wireguard/test_node.h"

#include "base/file.h"
#include "core/reconcile.h"
#include "netlink/link.h"
#include "process/child.h"
#include "wireguard/links.h"
#include "wireguard/uapi_client.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TEST_SKIPPED 77
#define IP_OF_A "192.168.77.1"
#define IP_OF_B "192.168.77.2"

struct fixture {
	struct test_node a, b;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	*state = fixture;
	test_isolate();
	test_nodes_new(&fixture->a, &fixture->b);
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	test_node_free(&fixture->a);
	test_node_free(&fixture->b);
	free(fixture);
	return 0;
}

static struct ip_endpoint live_endpoint(struct test_node *node)
{
	CLEANUP(wireguard_device_done) struct wireguard_device device = test_node_read(node);

	assert_int_equal(device.peers_count, 1);
	return device.peers[0].endpoint;
}

static void assert_endpoint(struct ip_endpoint endpoint, const char *expected)
{
	char text[IP_ENDPOINT_TEXT_SIZE];

	assert_string_equal(ip_endpoint_format(&endpoint, text), expected);
}

static void bring_up(struct fixture *fixture)
{
	test_node_up(&fixture->a);
	test_node_up(&fixture->b);
	/* The first packet waits for the handshake. */
	assert_int_equal(test_ping(&fixture->a, "3", IP_OF_B), 0);
}

static pid_t pid_of(struct test_node *node)
{
	CLEANUP(close) int fd = uapi_connect(node->link.name);
	pid_t pid = fd < 0 ? fd : child_of_socket(fd);

	assert_true(pid > 1);
	return pid;
}

static void ports_are_those_of_rait_in_both_directions(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(wireguard_device_done) struct wireguard_device at_a = { 0 }, at_b = { 0 };

	test_node_up(&fixture->a);
	/* B has no endpoint of its own: what it learns is what A's packets carry. */
	fixture->b.intended.endpoint = (struct ip_endpoint) { 0 };
	test_node_up(&fixture->b);
	assert_int_equal(test_ping(&fixture->a, "3", IP_OF_B), 0);
	assert_int_equal(test_ping(&fixture->b, "3", IP_OF_A), 0);
	at_a = test_node_read(&fixture->a);
	at_b = test_node_read(&fixture->b);
	assert_int_equal(at_a.listen_port, 50002);
	assert_int_equal(at_b.listen_port, 50001);
	assert_endpoint(at_a.peers[0].endpoint, "10.98.0.2:50001");
	assert_endpoint(at_b.peers[0].endpoint, "10.98.0.1:50002");
	assert_int_equal(test_node_converge(&fixture->b), 0);
}

static void device_is_in_the_overlay_and_ours(void **state)
{
	struct fixture *fixture = *state;
	struct test_node *node = &fixture->a;
	struct wireguard_link link;
	struct link_info info;
	struct netlink *netlink;

	test_node_up(node);
	test_node_enter(node);
	assert_false(link_exists(node->spaces, SPACE_UNDERLAY, node->link.name));
	assert_int_equal(wireguard_link_read(node->spaces, node->link.name, &link, NULL), 0);
	assert_true(link.is_tun);
	assert_string_equal(link.label, "example/a/0");
	assert_endpoint(link.recorded, "10.98.0.2:50001");
	assert_int_equal(spaces_rtnetlink(node->spaces, SPACE_OVERLAY, &netlink, NULL), 0);
	assert_int_equal(link_info_get(netlink, node->link.name, &info, NULL), 0);
	assert_int_equal(info.mtu, 1356);
	assert_true(info.up);
	/* wireguard-go's own link-local address would be a second one. */
	assert_int_equal(
		RUN(node, SPACE_OVERLAY, "ip", "-6", "addr", "show", "dev", node->link.name), 0);
	assert_false(test_output_has("inet6"));
	/* The process is where the UDP socket has to be. */
	assert_int_equal(wireguard_tunnels_pid(node->tunnels, node->link.name), pid_of(node));
}

static void second_apply_is_empty(void **state)
{
	struct fixture *fixture = *state;
	uint64_t netlink_before, before;

	bring_up(fixture);
	before = wireguard_tunnels_writes(fixture->a.tunnels);
	netlink_before = netlink_writes();
	assert_int_equal(before, 1);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(test_node_converge(&fixture->a), 0);
	assert_int_equal(wireguard_tunnels_writes(fixture->a.tunnels), before);
	assert_int_equal(netlink_writes(), netlink_before);
}

static void changes_lose_no_ping(void **state)
{
	static const char *const ping[] = { "ping", "-q", "-n", "-c",	 "100", "-i",
					    "0.01", "-W", "1",	IP_OF_A, NULL };
	struct fixture *fixture = *state;
	struct test_node *a = &fixture->a;
	pid_t pid;

	bring_up(fixture);
	pid = test_start(&fixture->b, SPACE_OVERLAY, ping);
	for (unsigned i = 0; i < 8; i++) {
		a->intended.keepalive_sec = i % 2 ? 0 : 25;
		a->intended.fwmark = i % 2 ? 0 : 54;
		assert_int_equal(test_node_converge(a), 1);
		(void)usleep(100000);
	}
	assert_int_equal(test_wait(pid), 0);
	assert_true(test_output_has("100 received, 0% packet loss"));
	assert_int_equal(test_node_converge(a), 0);
}

static void roamed_endpoint_survives_a_change(void **state)
{
	struct fixture *fixture = *state;
	struct test_node *a = &fixture->a, *b = &fixture->b;

	bring_up(fixture);
	b->intended.listen_port = 50009;
	assert_int_equal(test_node_converge(b), 1);
	assert_int_equal(test_ping(b, "5", IP_OF_A), 0);
	assert_endpoint(live_endpoint(a), "10.98.0.2:50009");
	assert_int_equal(test_node_converge(a), 0);
	a->intended.keepalive_sec = 25;
	assert_int_equal(test_node_converge(a), 1);
	assert_endpoint(live_endpoint(a), "10.98.0.2:50009");
	assert_int_equal(test_ping(a, "5", IP_OF_B), 0);
}

static void changed_source_address_is_survived(void **state)
{
	struct fixture *fixture = *state;
	struct test_node *a = &fixture->a, *b = &fixture->b;
	struct wireguard_device before, after;

	bring_up(fixture);
	before = test_node_read(b);
	assert_int_equal(RUN(b, SPACE_UNDERLAY, "ip", "addr", "del", "10.98.0.2/24", "dev", "wire"),
			 0);
	assert_int_equal(
		RUN(b, SPACE_UNDERLAY, "ip", "addr", "add", "10.98.0.22/24", "dev", "wire"), 0);
	test_node_enter(b);
	assert_int_equal(wireguard_tunnels_source_changed(b->tunnels, NULL), 0);
	assert_int_equal(test_ping(b, "5", IP_OF_A), 0);
	assert_endpoint(live_endpoint(a), "10.98.0.22:50001");
	assert_int_equal(test_node_converge(a), 0);
	assert_int_equal(test_node_converge(b), 0);
	after = test_node_read(b);
	assert_int_equal(after.peers[0].last_handshake_sec, before.peers[0].last_handshake_sec);
	wireguard_device_done(&before);
	wireguard_device_done(&after);
}

static void changed_endpoint_is_set_once(void **state)
{
	struct fixture *fixture = *state;
	struct test_node *a = &fixture->a;
	struct wireguard_link link;

	bring_up(fixture);
	assert_int_equal(ip_endpoint_parse("10.98.0.77:50001", &a->intended.endpoint), 0);
	assert_int_equal(test_node_converge(a), 1);
	test_node_enter(a);
	assert_int_equal(wireguard_link_read(a->spaces, a->link.name, &link, NULL), 0);
	assert_endpoint(link.recorded, "10.98.0.77:50001");
	/* B speaks, and is heard again where it is. */
	assert_int_equal(test_ping(&fixture->b, "5", IP_OF_A), 0);
	assert_endpoint(live_endpoint(a), "10.98.0.2:50001");
	assert_int_equal(test_node_converge(a), 0);
	/* No longer configured: the record goes, the session stays. */
	a->intended.endpoint = (struct ip_endpoint) { 0 };
	assert_int_equal(test_node_converge(a), 1);
	assert_int_equal(test_node_converge(a), 0);
	assert_int_equal(test_ping(a, "5", IP_OF_B), 0);
}

static void killed_process_is_noticed_and_made_anew(void **state)
{
	struct fixture *fixture = *state;
	struct test_node *a = &fixture->a;
	pid_t pid;

	bring_up(fixture);
	pid = pid_of(a);
	assert_int_equal(kill(pid, SIGKILL), 0);
	test_node_wait(a, &a->dirty, 1);
	assert_non_null(strstr(a->reason, "wireguard-go of rait50002"));
	assert_int_equal(wireguard_tunnels_pid(a->tunnels, a->link.name), 0);
	test_node_up(a);
	assert_int_not_equal(pid_of(a), pid);
	assert_int_equal(test_ping(a, "3", IP_OF_B), 0);
}

static void restarted_daemon_adopts(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(wireguard_device_done) struct wireguard_device before = { 0 }, after = { 0 };
	struct test_node *a = &fixture->a;
	pid_t pid;

	bring_up(fixture);
	pid = pid_of(a);
	before = test_node_read(a);
	assert_true(before.peers[0].last_handshake_sec > 0);
	test_node_restart(a);
	assert_int_equal(wireguard_tunnels_pid(a->tunnels, a->link.name), 0);
	assert_int_equal(test_node_converge(a), 0);
	assert_int_equal(wireguard_tunnels_pid(a->tunnels, a->link.name), pid);
	assert_int_equal(wireguard_tunnels_writes(a->tunnels), 0);
	after = test_node_read(a);
	assert_int_equal(after.peers[0].last_handshake_sec, before.peers[0].last_handshake_sec);
	assert_int_equal(kill(pid, SIGKILL), 0);
	test_node_wait(a, &a->dirty, 1);
}

static int take_port(struct test_node *node, uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd;

	test_node_enter(node);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void taken_port_is_an_error_that_names_the_holder(void **state)
{
	struct fixture *fixture = *state;
	struct test_node *a = &fixture->a;
	int fd = take_port(a, 50002);
	unsigned operations;
	char self[32];

	assert_int_equal(test_node_apply_link(a, OPERATION_CREATE), 0);
	assert_int_equal(test_node_try(a, &operations), -EADDRINUSE);
	(void)snprintf(self, sizeof(self), "(process %d)", (int)getpid());
	assert_non_null(strstr(a->error.text, "50002"));
	assert_non_null(strstr(a->error.text, self));
	/* Not forgotten: it is tried again. */
	assert_int_equal(test_node_try(a, &operations), -EADDRINUSE);
	(void)close(fd);
	assert_int_equal(test_node_try(a, &operations), 0);
	assert_int_equal(test_node_converge(a), 0);
}

static void foreign_peer_is_removed_and_the_session_stays(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(wireguard_device_done) struct wireguard_device before = { 0 }, after = { 0 };
	CLEANUP(close) int fd = -1;
	struct test_node *a = &fixture->a;
	/* It steals the allowed IPs from our peer. */
	struct wireguard_change change = { .has_peer = true,
					   .adds_peer = true,
					   .replaces_allowed_ips = true,
					   .peer_key = { 1, 2, 3 } };

	bring_up(fixture);
	before = test_node_read(a);
	fd = uapi_connect(a->link.name);
	assert_int_equal(uapi_set(fd, a->link.name, &change, &a->error), 0);
	assert_int_equal(test_node_converge(a), 1);
	assert_int_equal(test_node_converge(a), 0);
	after = test_node_read(a);
	assert_int_equal(after.peers_count, 1);
	assert_true(after.peers[0].allows_ipv4 && after.peers[0].allows_ipv6);
	assert_int_equal(after.peers[0].last_handshake_sec, before.peers[0].last_handshake_sec);
	assert_int_equal(test_ping(a, "5", IP_OF_B), 0);
}

static void deletion_leaves_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct test_node *a = &fixture->a;
	char path[UAPI_PATH_SIZE];
	pid_t pid;

	bring_up(fixture);
	pid = pid_of(a);
	assert_int_equal(test_node_apply_link(a, OPERATION_DELETE), 0);
	assert_false(child_is(pid, "wireguard-go"));
	assert_int_equal(access(uapi_path(a->link.name, path), F_OK), -1);
	assert_false(link_exists(a->spaces, SPACE_OVERLAY, a->link.name));
	assert_int_equal(test_node_apply_link(a, OPERATION_DELETE), 0);
	(void)uv_run(a->loop, UV_RUN_NOWAIT);
	assert_int_equal(a->dirty, 0);
	test_node_up(a);
	assert_int_equal(test_ping(a, "3", IP_OF_B), 0);
}

/* Starts one as a daemon would have done that crashed before it moved the device. */
static pid_t start_orphan(struct test_node *node, const char *log)
{
	const char *const argv[] = { "wireguard-go", "-f", node->link.name, NULL };
	static const char *const environment[] = { "WG_PROCESS_FOREGROUND=1", NULL };
	struct child_options options = {
		.argv = argv, .environment = environment, .netns_fd = -1, .log_path = log
	};
	pid_t pid;
	int fd;

	test_node_enter(node);
	assert_int_equal(child_spawn(&options, &pid, &node->error), 0);
	for (unsigned i = 0; i < 500 && (fd = uapi_connect(node->link.name)) < 0; i++)
		(void)usleep(10000);
	assert_true(fd >= 0);
	(void)close(fd);
	return pid;
}

static void half_started_process_of_ours_is_replaced(void **state)
{
	struct fixture *fixture = *state;
	struct test_node *a = &fixture->a;
	char log[96];
	pid_t pid;

	(void)snprintf(log, sizeof(log), "%s/private/log/%s.log", a->runtime_dir, a->link.name);
	pid = start_orphan(a, log);
	test_node_up(a);
	assert_false(child_is(pid, "wireguard-go"));
	assert_int_not_equal(pid_of(a), pid);
}

/* No device has its mark yet: whoever comes next could not know whose it is. */
static void process_that_does_not_answer_yet_ends_with_the_daemon(void **state)
{
	struct fixture *fixture = *state;
	struct test_node *a = &fixture->a;
	struct object wanted = { .kind = OBJECT_LINK, .link = a->link };
	const struct operation create = { .type = OPERATION_CREATE, .to = &wanted };
	CLEANUP(state_free) struct state *intended = state_new();

	test_node_enter(a);
	assert_int_equal(a->backend.apply(a->backend.userdata, &create, intended, 1, &a->error),
			 -EINPROGRESS);
	for (unsigned i = 0; i < 500 && !link_exists(a->spaces, SPACE_UNDERLAY, a->link.name); i++)
		(void)usleep(10000);
	test_node_restart(a);
	assert_int_equal(a->done, 0);
	assert_int_equal(uapi_connect(a->link.name), -ENOENT);
	assert_false(link_exists(a->spaces, SPACE_UNDERLAY, a->link.name));
}

/* The device has its mark already, and the plan deletes what is ours and not intended. */
static void deletion_of_the_leftover_spares_the_new_process(void **state)
{
	struct fixture *fixture = *state;
	struct test_node *a = &fixture->a;
	struct object wanted = { .kind = OBJECT_LINK, .link = a->link };
	struct object leftover = wanted;
	const struct operation create = { .type = OPERATION_CREATE, .to = &wanted };
	const struct operation delete = { .type = OPERATION_DELETE, .from = &leftover };
	CLEANUP(state_free) struct state *intended = state_new();
	char log[96];

	(void)snprintf(log, sizeof(log), "%s/private/log/%s.log", a->runtime_dir, a->link.name);
	(void)start_orphan(a, log);
	leftover.link.space = SPACE_UNDERLAY;
	assert_int_equal(link_adopt(a->spaces, &leftover.link, &a->error), 0);
	assert_int_equal(a->backend.apply(a->backend.userdata, &create, intended, 1, &a->error),
			 -EINPROGRESS);
	assert_int_equal(a->backend.apply(a->backend.userdata, &delete, intended, 2, &a->error), 0);
	test_node_wait(a, &a->done, 1);
	assert_int_equal(a->last_id, 1);
	assert_int_equal(a->result, 0);
	assert_int_equal(test_node_converge(a), 1);
}

static void process_whose_overlay_was_deleted_is_replaced(void **state)
{
	struct fixture *fixture = *state;
	struct test_node *a = &fixture->a;
	pid_t pid;

	bring_up(fixture);
	pid = pid_of(a);
	test_node_replace_overlay(a);
	test_node_up(a);
	assert_false(child_is(pid, "wireguard-go"));
	assert_int_equal(test_ping(a, "5", IP_OF_B), 0);
}

static void process_of_somebody_else_is_left_alone(void **state)
{
	struct fixture *fixture = *state;
	struct test_node *a = &fixture->a;
	pid_t pid = start_orphan(a, "/run/other.log");

	assert_int_equal(test_node_apply_link(a, OPERATION_CREATE), -EADDRINUSE);
	assert_non_null(strstr(a->error.text, "was not started by aronet"));
	assert_true(child_is(pid, "wireguard-go"));
}

static void interface_of_somebody_else_is_left_alone(void **state)
{
	struct fixture *fixture = *state;
	struct test_node *a = &fixture->a;

	assert_int_equal(RUN(a, SPACE_UNDERLAY, "ip", "link", "add", a->link.name, "type", "veth",
			     "peer", "name", "other"),
			 0);
	assert_int_equal(test_node_apply_link(a, OPERATION_CREATE), -EEXIST);
	assert_non_null(strstr(a->error.text, "underlay"));
	assert_true(link_exists(a->spaces, SPACE_UNDERLAY, a->link.name));
}

/* Makes a process that does not answer; that takes a moment. */
static void suspend(pid_t pid)
{
	char path[32], text[128] = "";

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	assert_int_equal(kill(pid, SIGSTOP), 0);
	for (unsigned i = 0; i < 500 && !strstr(text, ") T "); i++) {
		(void)usleep(1000);
		assert_int_equal(file_read_value(AT_FDCWD, path, text, sizeof(text)), 0);
	}
}

static void hanging_process_is_reported_and_does_not_block(void **state)
{
	struct fixture *fixture = *state;
	struct test_node *a = &fixture->a;
	unsigned operations = 0;
	pid_t pid;

	test_node_up(a);
	pid = pid_of(a);
	suspend(pid);
	assert_int_equal(test_node_try(a, &operations), -ETIMEDOUT);
	assert_int_equal(operations, 1);
	assert_non_null(strstr(a->error.text, "does not answer"));
	assert_int_equal(kill(pid, SIGCONT), 0);
	assert_int_equal(test_node_converge(a), 0);
	suspend(pid);
	assert_int_equal(test_node_apply_link(a, OPERATION_DELETE), 0);
	assert_false(child_is(pid, "wireguard-go"));
}

static void status_shows_the_live_tunnel(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(free) struct wireguard_tunnel_status *tunnels = NULL;
	size_t count = 0;

	bring_up(fixture);
	test_node_enter(&fixture->a);
	assert_int_equal(wireguard_status(fixture->a.tunnels, &tunnels, &count, NULL), 0);
	assert_int_equal(count, 1);
	assert_string_equal(tunnels[0].interface, "rait50002");
	assert_endpoint(tunnels[0].endpoint, "10.98.0.2:50001");
	assert_in_range(tunnels[0].handshake_age_sec, 0, 60);
	assert_true(tunnels[0].rx_bytes > 0 && tunnels[0].tx_bytes > 0);
}

static void note_event(void *userdata, enum reconciler_event event,
		       const struct operation *operation, const char *text)
{
	struct test_node *node = userdata;

	(void)operation;
	if (event == RECONCILER_FAILED || event == RECONCILER_CONFLICT)
		(void)snprintf(node->reason, sizeof(node->reason), "%s", text);
}

/* The clock of the reconciler is moved by hand; wireguard-go needs the real one. */
static void settle(struct test_node *node, struct reconciler *reconciler, uint64_t *now_usec)
{
	unsigned done = node->done;

	reconciler_mark_dirty(reconciler, *now_usec);
	for (unsigned i = 0; i < 1000; i++) {
		*now_usec += 60000;
		(void)reconciler_step(reconciler, *now_usec);
		if (reconciler_settled(reconciler))
			return;
		(void)uv_run(node->loop, UV_RUN_NOWAIT);
		if (node->done != done)
			reconciler_complete(reconciler, node->last_id, node->result, &node->error,
					    uv_hrtime() / 1000);
		done = node->done;
		(void)usleep(5000);
	}
	fail_msg("does not settle: %s", node->reason);
}

static void reconciler_converges_and_stays_quiet(void **state)
{
	struct fixture *fixture = *state;
	struct test_node *a = &fixture->a;
	struct object link = { .kind = OBJECT_LINK, .link = a->link };
	struct object device = { .kind = OBJECT_WIREGUARD, .wireguard = a->intended };
	struct backend backends[] = { { 0 }, a->backend };
	CLEANUP(reconciler_free) struct reconciler *reconciler = NULL;
	struct state *intended = state_new();
	uint64_t now_usec = 1000000, writes;

	test_node_enter(a);
	link_backend(a->spaces, &backends[0]);
	reconciler = reconciler_new(backends, ARRAY_SIZE(backends), note_event, a);
	(void)state_add(intended, &link);
	(void)state_add(intended, &device);
	reconciler_set_intended(reconciler, intended);
	settle(a, reconciler, &now_usec);
	assert_string_equal(a->reason, "");
	assert_int_equal(reconciler_stats(reconciler)->operations, 2);
	assert_int_equal(reconciler_stats(reconciler)->failures, 0);

	writes = netlink_writes();
	settle(a, reconciler, &now_usec);
	assert_int_equal(reconciler_stats(reconciler)->operations, 2);
	assert_int_equal(netlink_writes(), writes);
	assert_int_equal(wireguard_tunnels_writes(a->tunnels), 1);

	assert_int_equal(kill(pid_of(a), SIGKILL), 0);
	test_node_wait(a, &a->dirty, 1);
	settle(a, reconciler, &now_usec);
	assert_int_equal(reconciler_stats(reconciler)->operations, 4);
	assert_int_equal(reconciler_stats(reconciler)->repairs, 2);

	reconciler_set_intended(reconciler, state_new());
	settle(a, reconciler, &now_usec);
	assert_false(link_exists(a->spaces, SPACE_OVERLAY, a->link.name));
	assert_int_equal(uapi_connect(a->link.name), -ENOENT);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

static void give_preshared_key(struct test_node *node, uint8_t byte)
{
	memset(node->intended.preshared_key, byte, KEY_SIZE);
}

/* Both change at about the same time, as at midnight, and it is taken away again. */
static void preshared_key_changes_lose_no_ping(void **state)
{
	static const char *const ping[] = { "ping", "-q", "-n", "-c",	 "100", "-i",
					    "0.01", "-W", "1",	IP_OF_A, NULL };
	static const uint8_t values[] = { 0x11, 0x22, 0 };
	struct fixture *fixture = *state;
	pid_t pid;

	bring_up(fixture);
	pid = test_start(&fixture->b, SPACE_OVERLAY, ping);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		CLEANUP(wireguard_device_done) struct wireguard_device device = { 0 };

		give_preshared_key(&fixture->a, values[i]);
		give_preshared_key(&fixture->b, values[i]);
		assert_int_equal(test_node_converge(&fixture->a), 1);
		(void)usleep(100000);
		assert_int_equal(test_node_converge(&fixture->b), 1);
		(void)usleep(100000);
		device = test_node_read(&fixture->a);
		assert_memory_equal(device.peers[0].preshared_key,
				    fixture->a.intended.preshared_key, KEY_SIZE);
		assert_int_equal(test_node_converge(&fixture->a), 0);
	}
	assert_int_equal(test_wait(pid), 0);
	assert_true(test_output_has("100 received, 0% packet loss"));
}

static void peers_with_other_preshared_keys_do_not_connect(void **state)
{
	struct fixture *fixture = *state;

	give_preshared_key(&fixture->a, 0x11);
	give_preshared_key(&fixture->b, 0x22);
	test_node_up(&fixture->a);
	test_node_up(&fixture->b);
	assert_int_not_equal(test_ping(&fixture->a, "50", IP_OF_B), 0);
	give_preshared_key(&fixture->b, 0x11);
	assert_int_equal(test_node_converge(&fixture->b), 1);
	/* A handshake that was refused is tried again after five seconds. */
	assert_int_equal(test_ping(&fixture->a, "800", IP_OF_B), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ports_are_those_of_rait_in_both_directions),
		TEST(device_is_in_the_overlay_and_ours),
		TEST(second_apply_is_empty),
		TEST(changes_lose_no_ping),
		TEST(preshared_key_changes_lose_no_ping),
		TEST(peers_with_other_preshared_keys_do_not_connect),
		TEST(roamed_endpoint_survives_a_change),
		TEST(changed_source_address_is_survived),
		TEST(changed_endpoint_is_set_once),
		TEST(killed_process_is_noticed_and_made_anew),
		TEST(restarted_daemon_adopts),
		TEST(taken_port_is_an_error_that_names_the_holder),
		TEST(foreign_peer_is_removed_and_the_session_stays),
		TEST(deletion_leaves_nothing),
		TEST(half_started_process_of_ours_is_replaced),
		TEST(process_that_does_not_answer_yet_ends_with_the_daemon),
		TEST(deletion_of_the_leftover_spares_the_new_process),
		TEST(process_whose_overlay_was_deleted_is_replaced),
		TEST(process_of_somebody_else_is_left_alone),
		TEST(interface_of_somebody_else_is_left_alone),
		TEST(hanging_process_is_reported_and_does_not_block),
		TEST(status_shows_the_live_tunnel),
		TEST(reconciler_converges_and_stays_quiet),
	};
	const char *missing = test_missing_feature();

	if (missing) {
		(void)fprintf(stderr, "skipped: needs %s\n", missing);
		return getenv("ARONET_TESTS_MUST_RUN") ? 1 : TEST_SKIPPED;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
