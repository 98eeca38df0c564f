// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireguard/test_node.h"

#include "base/file.h"
#include "base/memory.h"
#include "crypto/crypto.h"
#include "wireguard/uapi_client.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#define OUTPUT "/run/output"

const char *test_missing_feature(void)
{
	if (geteuid() != 0)
		return "root";
	if (!wireguard_probe().has_userspace)
		return "wireguard-go and /dev/net/tun";
	return NULL;
}

void test_isolate(void)
{
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	/* wireguard-go's sockets and the names of namespaces are below. */
	assert_int_equal(mount("tmpfs", "/run", "tmpfs", 0, "mode=755"), 0);
	assert_int_equal(mkdir("/run/netns", 0755), 0);
}

/* A network namespace, bound at /run/netns/@name. Returns a descriptor; we are in it afterwards. */
static int make_namespace(const char *name)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "/run/netns/%s", name);
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(mount("/proc/self/ns/net", path, NULL, MS_BIND, NULL), 0);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static void note_done(void *userdata, uint64_t id, int result, const struct error *error)
{
	struct test_node *node = userdata;

	node->last_id = id;
	node->done++;
	node->result = result;
	node->error = *error;
}

static void note_dirty(void *userdata, const char *reason)
{
	struct test_node *node = userdata;

	node->dirty++;
	(void)snprintf(node->reason, sizeof(node->reason), "%s", reason);
}

static void start_backend(struct test_node *node)
{
	const struct backend_events events = { node, note_done, note_dirty };

	test_node_enter(node);
	assert_int_equal(spaces_new("test", node->overlay, &node->spaces, &node->error), 0);
	assert_int_equal(wireguard_tunnels_new(node->loop, node->spaces, node->runtime_dir, &events,
					       &node->tunnels, &node->error),
			 0);
	node->backend = wireguard_tunnels_backend(node->tunnels);
}

static void stop_backend(struct test_node *node)
{
	test_node_enter(node);
	wireguard_tunnels_free(TAKE(node->tunnels));
	spaces_free(TAKE(node->spaces));
	/* Close callbacks. */
	(void)uv_run(node->loop, UV_RUN_NOWAIT);
}

void test_node_restart(struct test_node *node)
{
	stop_backend(node);
	start_backend(node);
}

void test_node_replace_overlay(struct test_node *node)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/run/netns/%s", node->overlay);
	spaces_forget_overlay(node->spaces);
	assert_int_equal(umount2(path, MNT_DETACH), 0);
	assert_int_equal(unlink(path), 0);
	(void)close(make_namespace(node->overlay));
	test_node_enter(node);
}

void test_node_enter(const struct test_node *node)
{
	assert_int_equal(setns(node->underlay_fd, CLONE_NEWNET), 0);
}

static void node_new(struct test_node *node, const char *name, const char *link)
{
	char underlay[32];

	memset(node, 0, sizeof(*node));
	(void)snprintf(node->overlay, sizeof(node->overlay), "aronet-t-%d-%s", (int)getpid(), name);
	(void)snprintf(underlay, sizeof(underlay), "aronet-t-%d-u%s", (int)getpid(), name);
	(void)snprintf(node->runtime_dir, sizeof(node->runtime_dir), "/run/%s", name);
	(void)close(make_namespace(node->overlay));
	node->underlay_fd = make_namespace(underlay);
	node->loop = NEW(uv_loop_t);
	assert_int_equal(uv_loop_init(node->loop), 0);
	node->link = (struct link) {
		.space = SPACE_OVERLAY, .kind = LINK_WIREGUARD_TUN, .mtu = 1356, .up = true
	};
	(void)snprintf(node->link.name, sizeof(node->link.name), "%s", link);
	(void)snprintf(node->link.label, sizeof(node->link.label), "example/%s/0", name);
	memcpy(node->intended.link, node->link.name, sizeof(node->intended.link));
	start_backend(node);
}

static void connect_underlays(struct test_node *a, struct test_node *b)
{
	char other[64];

	test_node_enter(b);
	(void)snprintf(other, sizeof(other), "/proc/%d/fd/%d", (int)getpid(), b->underlay_fd);
	assert_int_equal(RUN(a, SPACE_UNDERLAY, "ip", "link", "add", "wire", "type", "veth", "peer",
			     "name", "wire", "netns", other),
			 0);
	assert_int_equal(RUN(a, SPACE_UNDERLAY, "ip", "addr", "add", "10.98.0.1/24", "dev", "wire"),
			 0);
	assert_int_equal(RUN(b, SPACE_UNDERLAY, "ip", "addr", "add", "10.98.0.2/24", "dev", "wire"),
			 0);
	assert_int_equal(RUN(a, SPACE_UNDERLAY, "ip", "link", "set", "wire", "up"), 0);
	assert_int_equal(RUN(b, SPACE_UNDERLAY, "ip", "link", "set", "wire", "up"), 0);
}

static struct ip_endpoint endpoint(const char *text)
{
	struct ip_endpoint ret;

	assert_int_equal(ip_endpoint_parse(text, &ret), 0);
	return ret;
}

/* A.send_port = 50001, B.send_port = 50002: each listens on the other's and sends to its own. */
void test_nodes_new(struct test_node *a, struct test_node *b)
{
	node_new(a, "a", "rait50002");
	node_new(b, "b", "rait50001");
	connect_underlays(a, b);
	crypto_x25519_generate(a->intended.private_key);
	crypto_x25519_generate(b->intended.private_key);
	crypto_x25519_public(a->intended.private_key, b->intended.peer_key);
	crypto_x25519_public(b->intended.private_key, a->intended.peer_key);
	a->intended.listen_port = 50002;
	a->intended.endpoint = endpoint("10.98.0.2:50001");
	b->intended.listen_port = 50001;
	b->intended.endpoint = endpoint("10.98.0.1:50002");
}

/* The test must not leave processes behind, whatever went wrong. */
void test_node_free(struct test_node *node)
{
	CLEANUP(close) int fd = uapi_connect(node->link.name);
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid > 1)
		(void)kill(peer.pid, SIGKILL);
	stop_backend(node);
	assert_int_equal(uv_loop_close(node->loop), 0);
	free(node->loop);
	(void)close(node->underlay_fd);
}

void test_node_wait(struct test_node *node, const unsigned *counter, unsigned value)
{
	test_node_enter(node);
	for (unsigned i = 0; i < 1200 && *counter < value; i++) {
		(void)uv_run(node->loop, UV_RUN_NOWAIT);
		(void)usleep(5000);
	}
	assert_true(*counter >= value);
}

int test_node_apply_link(struct test_node *node, enum operation_type type)
{
	struct object object = { .kind = OBJECT_LINK, .link = node->link };
	struct operation operation = { .type = type, .from = &object, .to = &object };
	CLEANUP(state_free) struct state *intended = state_new();
	unsigned done = node->done;
	int result;

	test_node_enter(node);
	assert_true(node->backend.claims(node->backend.userdata, &object));
	result = node->backend.apply(node->backend.userdata, &operation, intended, 4711,
				     &node->error);
	if (result != -EINPROGRESS)
		return result;
	test_node_wait(node, &node->done, done + 1);
	assert_int_equal(node->last_id, 4711);
	return node->result;
}

int test_node_try(struct test_node *node, unsigned *ret_operations)
{
	struct object object = { .kind = OBJECT_WIREGUARD, .wireguard = node->intended };
	CLEANUP(state_free) struct state *intended = state_new();
	CLEANUP(state_free) struct state *operational = state_new();
	CLEANUP(plan_free) struct plan *plan = NULL;
	int result;

	test_node_enter(node);
	assert_int_equal(state_add(intended, &object), 0);
	memset(&node->error, 0, sizeof(node->error));
	result = node->backend.observe(node->backend.userdata, intended, operational, &node->error);
	if (result < 0)
		return result;
	plan = plan_make(intended, operational, node->backend.can_update, node->backend.userdata);
	for (size_t i = 0; result == 0 && i < plan->operations_count; i++)
		result = node->backend.apply(node->backend.userdata, &plan->operations[i], intended,
					     4711, &node->error);
	*ret_operations = (unsigned)plan->operations_count;
	return result;
}

unsigned test_node_converge(struct test_node *node)
{
	unsigned operations = 0;
	int result = test_node_try(node, &operations);

	if (result < 0)
		fail_msg("%s: %s", node->error.place, node->error.text);
	return operations;
}

void test_node_up(struct test_node *node)
{
	int result = test_node_apply_link(node, OPERATION_CREATE);

	if (result < 0)
		fail_msg("%s: %s", node->error.place, node->error.text);
	assert_int_equal(test_node_converge(node), 1);
	assert_int_equal(
		RUN(node, SPACE_OVERLAY, "ip", "addr", "add",
		    node->intended.listen_port == 50002 ? "192.168.77.1/24" : "192.168.77.2/24",
		    "dev", node->link.name),
		0);
}

struct wireguard_device test_node_read(struct test_node *node)
{
	CLEANUP(close) int fd = uapi_connect(node->link.name);
	struct wireguard_device device = { 0 };

	assert_true(fd >= 0);
	assert_int_equal(uapi_get(fd, node->link.name, &device, &node->error), 0);
	return device;
}

pid_t test_start(const struct test_node *node, enum space space, const char *const *argv)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid)
		return pid;
	if (setns(node->underlay_fd, CLONE_NEWNET) < 0 ||
	    (space == SPACE_OVERLAY && spaces_enter(node->spaces, space) < 0))
		_exit(126);
	(void)dup2(open(OUTPUT, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), STDOUT_FILENO);
	(void)execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

int test_wait(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int test_run(const struct test_node *node, enum space space, const char *const *argv)
{
	return test_wait(test_start(node, space, argv));
}

bool test_output_has(const char *text)
{
	CLEANUP(free) char *output = NULL;
	size_t size;

	assert_int_equal(file_read(OUTPUT, 65536, &output, &size, NULL), 0);
	return strstr(output, text) != NULL;
}

int test_ping(const struct test_node *node, const char *count, const char *address)
{
	return RUN(node, SPACE_OVERLAY, "ping", "-q", "-n", "-c", count, "-i", "0.01", "-W", "1",
		   address);
}
