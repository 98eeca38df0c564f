// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/test_mesh.h"

#include "babel/bird_version.h"
#include "babel/generation.h"
#include "babel/kernel_routes.h"
#include "babel/probe.h"
#include "base/memory.h"
#include "core/plan.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#define WORDS_MAX 40
#define PACKET_INTERVAL_MS 5
#define PACKET_LAST_MS 2000
#define PLANS_MAX 20

static bool is_installed(const char *program)
{
	static const char *const directories[] = { "/usr/sbin", "/sbin", "/usr/bin", "/bin",
						   "/usr/local/sbin" };
	char path[128];

	for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", directories[i], program);
		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

const char *mesh_missing(unsigned programs)
{
	struct facts facts = { 0 };

	if (geteuid() != 0)
		return "root";
	babel_probe(&facts);
	babel_probe_bird(&facts);
	if (programs & 1u << SPEAKER_BABELD && !facts.has_babeld)
		return "babeld";
	if (programs & 1u << SPEAKER_BIRD && !bird_version_is_usable(&facts.bird_version))
		return "BIRD 2.14 or later (package bird2 of Debian 13)";
	if (!is_installed("ip"))
		return "iproute2";
	if (!is_installed("nft"))
		return "nftables";
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return "network and mount namespaces";
	(void)mkdir("/run/netns", 0755);
	if (mount("none", "/run/netns", "tmpfs", 0, NULL) < 0)
		return "tmpfs";
	return NULL;
}

static void run_words(char *line)
{
	char *words[WORDS_MAX + 1];
	size_t count = 0;
	int status;
	pid_t pid;

	for (char *word; (word = strsep(&line, " ")) != NULL;) {
		assert_true(count < WORDS_MAX);
		words[count++] = word;
	}
	words[count] = NULL;
	assert_int_equal(posix_spawnp(&pid, words[0], NULL, NULL, words, environ), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status != 0)
		fail_msg("%s %s %s %s ... failed", words[0], words[1], words[2], words[3]);
}

static void run(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void run(const char *format, ...)
{
	char line[512];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	run_words(line);
}

void mesh_ip(const struct mesh_node *node, const char *format, ...)
{
	char line[512];
	int length = snprintf(line, sizeof(line), "ip -n %s ", node->netns);
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(line + length, sizeof(line) - (size_t)length, format, arguments);
	va_end(arguments);
	run_words(line);
}

void mesh_nft(const struct mesh_node *node, const char *command)
{
	run("nsenter --net=/run/netns/%s nft %s", node->netns, command);
}

void mesh_router_id(char id, uint8_t ret[BABEL_ROUTER_ID_SIZE])
{
	memset(ret, 0, BABEL_ROUTER_ID_SIZE / 2);
	memset(ret + BABEL_ROUTER_ID_SIZE / 2, id, BABEL_ROUTER_ID_SIZE / 2);
}

struct mesh_node *mesh_node(struct mesh *mesh, char letter)
{
	return &mesh->nodes[letter - 'a'];
}

static void make_node(struct mesh *mesh, char letter)
{
	struct mesh_node *node = mesh_node(mesh, letter);
	int number = letter - 'a' + 1;
	char text[IP_PREFIX_TEXT_SIZE];

	node->mesh = mesh;
	node->letter = letter;
	node->id = letter;
	(void)snprintf(node->netns, sizeof(node->netns), "aronet-t-%d-%c", (int)getpid(), letter);
	(void)snprintf(node->directory, sizeof(node->directory), "/tmp/aronet-t-XXXXXX");
	assert_non_null(mkdtemp(node->directory));
	(void)snprintf(text, sizeof(text), "fd00:%c::/64", letter);
	assert_int_equal(ip_prefix_parse(text, &node->prefixes[0]), 0);
	(void)snprintf(text, sizeof(text), "10.0.%d.0/24", number);
	assert_int_equal(ip_prefix_parse(text, &node->prefixes[1]), 0);

	run("ip netns add %s", node->netns);
	assert_int_equal(spaces_new("test", node->netns, &node->spaces, NULL), 0);
	run("ip netns exec %s sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1",
	    node->netns);
	run("nsenter --net=/run/netns/%s nft add table inet silence;add set inet silence ports "
	    "{type "
	    "inet_service;flags timeout;};add chain inet silence output {type filter hook output "
	    "priority 0;};add rule inet silence output udp sport @ports drop",
	    node->netns);
	mesh_ip(node, "link set lo up");
	mesh_ip(node, "addr add fd00:%c::1/128 dev lo nodad", letter);
	mesh_ip(node, "addr add 10.0.%d.1/32 dev lo", number);
	mesh_ip(node, "link add own0 type veth peer name own1");
	mesh_ip(node, "link set own0 up");
	mesh_ip(node, "link set own1 up");
	mesh_ip(node, "route add fd00:%c::/64 dev own0 proto 90 metric 50", letter);
	mesh_ip(node, "route add 10.0.%d.0/24 via inet6 fe80::99 dev own0 onlink proto 90", number);
}

void mesh_direct_routes(struct mesh *mesh, char from, char to)
{
	struct mesh_node *node = mesh_node(mesh, from);

	mesh_ip(node, "route add fd00:%c::/64 via fe80::%c dev %c%c proto 90 metric 32768", to, to,
		from, to);
	mesh_ip(node, "route add 10.0.%d.0/24 via inet6 fe80::%c dev %c%c proto 90 metric 32768",
		to - 'a' + 1, to, from, to);
}

static void make_link_end(struct mesh *mesh, char letter, char other)
{
	struct mesh_node *node = mesh_node(mesh, letter);
	size_t index = node->links[0][0] ? 1 : 0;
	char *link = node->links[index];

	node->rxcosts[index] = MESH_RXCOST;
	(void)snprintf(link, IFNAME_SIZE, "%c%c", letter, other);
	mesh_ip(node, "link set %s addrgenmode none", link);
	mesh_ip(node, "link set %s up", link);
	mesh_ip(node, "addr add fe80::%c/64 dev %s nodad", letter, link);
	mesh_direct_routes(mesh, letter, other);
}

static void make_link(struct mesh *mesh, char a, char b)
{
	run("ip link add %c%c netns %s type veth peer name %c%c netns %s", a, b,
	    mesh_node(mesh, a)->netns, b, a, mesh_node(mesh, b)->netns);
	make_link_end(mesh, a, b);
	make_link_end(mesh, b, a);
}

void mesh_init(struct mesh *mesh)
{
	*mesh = (struct mesh) { 0 };
	assert_int_equal(uv_loop_init(&mesh->loop), 0);
	for (char letter = 'a'; letter < 'a' + MESH_NODES; letter++)
		make_node(mesh, letter);
	make_link(mesh, 'a', 'b');
	make_link(mesh, 'a', 'c');
	make_link(mesh, 'b', 'c');
	for (char letter = 'a'; letter < 'a' + MESH_NODES; letter++)
		mesh_node_open(mesh_node(mesh, letter));
}

void mesh_done(struct mesh *mesh)
{
	mesh_flow_close(mesh);
	for (size_t i = 0; i < MESH_NODES; i++) {
		struct mesh_node *node = &mesh->nodes[i];

		if (node->babel && mesh_status(node).pid > 1)
			(void)kill(mesh_status(node).pid, SIGKILL);
		mesh_node_forget(node);
		state_free(node->intended);
		spaces_free(node->spaces);
		run("rm -r %s", node->directory);
		run("ip netns del %s", node->netns);
	}
	assert_int_equal(uv_loop_close(&mesh->loop), 0);
}

int mesh_set_up(void **state)
{
	struct mesh *mesh = NEW(struct mesh);

	mesh_init(mesh);
	*state = mesh;
	return 0;
}

int mesh_tear_down(void **state)
{
	mesh_done(*state);
	free(*state);
	return 0;
}

static int64_t now_ms(void)
{
	return (int64_t)(uv_hrtime() / 1000000);
}

int mesh_run(struct mesh *mesh, int timeout_ms, mesh_condition_fn *condition, void *userdata)
{
	int64_t start = now_ms();

	do {
		(void)uv_run(&mesh->loop, UV_RUN_NOWAIT);
		if (condition && condition(mesh, userdata))
			return (int)(now_ms() - start);
		(void)usleep(500);
	} while (now_ms() - start < timeout_ms);
	return condition ? -1 : timeout_ms;
}

static void on_done(void *userdata, uint64_t id, int result, const struct error *error)
{
	struct mesh_node *node = userdata;

	assert_int_equal(id, 1);
	assert_false(node->is_done);
	node->is_done = true;
	node->result = result;
	node->error = result < 0 ? *error : (struct error) { 0 };
}

static void on_dirty(void *userdata, const char *reason)
{
	struct mesh_node *node = userdata;

	assert_non_null(reason);
	node->dirty++;
}

/* What the firewall does in the daemon. */
static void silence(void *userdata, unsigned milliseconds)
{
	const struct mesh_node *node = userdata;

	run("nsenter --net=/run/netns/%s nft flush set inet silence ports;add element inet silence "
	    "ports {6696 timeout %ums}",
	    node->netns, milliseconds);
}

void mesh_node_open(struct mesh_node *node)
{
	struct babel_options options = {
		.loop = &node->mesh->loop,
		.spaces = node->spaces,
		.directory = node->directory,
		.events = { .userdata = node, .done = on_done, .dirty = on_dirty },
		.silence = silence,
		.silence_userdata = node,
		.deadline_ms = node->deadline_ms,
		.quiet_ms = node->deadline_ms,
		.clock_shift_ms = node->clock_shift_ms,
	};

	assert_int_equal(babel_new(&options, &node->babel, NULL), 0);
}

void mesh_node_forget(struct mesh_node *node)
{
	babel_free(TAKE(node->babel));
	(void)mesh_run(node->mesh, 20, NULL, NULL);
}

char *mesh_policy(const struct mesh_node *node, const char *more)
{
	struct babel_policy_node others[MESH_NODES - 1] = { 0 };
	struct babel_policy_input input = {
		.own = node->prefixes,
		.own_count = ARRAY_SIZE(node->prefixes),
		.no_transit = node->no_transit,
		.nodes = others,
	};
	CLEANUP(strbuf_done) struct strbuf buffer = { 0 };
	CLEANUP(free) char *text = NULL;
	size_t count = 0;

	for (size_t i = 0; i < MESH_NODES; i++) {
		const struct mesh_node *other = &node->mesh->nodes[i];

		if (other == node)
			continue;
		mesh_router_id(other->id, others[count].router_id);
		others[count].prefixes = other->prefixes;
		others[count].prefixes_count = ARRAY_SIZE(other->prefixes);
		others[count].links = &node->links[node->links[0][1] == other->letter ? 0 : 1];
		others[count].no_transit = other->no_transit;
		others[count++].links_count = 1;
	}
	input.nodes_count = count;
	text = babel_policy_make(&input);
	strbuf_puts(&buffer, text);
	strbuf_puts(&buffer, more);
	return strbuf_take(&buffer);
}

/* FNV-1a; that it is no SHA-256 makes no difference here. */
static void digest(const char *body, uint8_t ret[KEY_SIZE])
{
	uint64_t hash = 0xcbf29ce484222325;

	for (; *body; body++)
		hash = (hash ^ (uint8_t)*body) * 0x100000001b3;
	memset(ret, 0, KEY_SIZE);
	memcpy(ret, &hash, sizeof(hash));
}

void mesh_intend(struct mesh_node *node, const char *body, const char *without)
{
	struct object object = { .kind = OBJECT_SPEAKER,
				 .speaker = { .name = "babel", .table = ROUTE_TABLE_MAIN } };

	state_free(node->intended);
	node->intended = state_new();
	if (!body)
		return;
	object.speaker.program = node->program;
	mesh_router_id(node->id, object.speaker.router_id);
	digest(body, object.speaker.digest);
	object.speaker.body = body;
	assert_int_equal(state_add(node->intended, &object), 0);
	for (size_t i = 0; i < ARRAY_SIZE(node->links); i++) {
		object = (struct object) {
			.kind = OBJECT_BABEL_INTERFACE,
			.babel_interface = { .rxcost = node->rxcosts[i],
					     .hello_interval_ms = 1000 },
		};
		memcpy(object.babel_interface.link, node->links[i], IFNAME_SIZE);
		if (!without || strcmp(without, node->links[i]) != 0)
			assert_int_equal(state_add(node->intended, &object), 0);
	}
}

static bool is_done(struct mesh *mesh, void *userdata)
{
	const struct mesh_node *node = userdata;

	(void)mesh;
	return node->is_done;
}

static int apply(struct mesh_node *node, const struct operation *operation)
{
	struct backend backend = babel_backend(node->babel);
	int result;

	node->is_done = false;
	node->error = (struct error) { 0 };
	result = backend.apply(backend.userdata, operation, node->intended, 1, &node->error);
	if (result != -EINPROGRESS)
		return result;
	assert_false(node->is_done);
	assert_soon(node->mesh, is_done, node);
	return node->result;
}

static bool can_update(void *userdata, const struct object *from, const struct object *to)
{
	(void)userdata;
	(void)from;
	(void)to;
	return true;
}

/* Number of operations of one plan, all applied. */
static size_t plan_once(struct mesh_node *node, int *ret)
{
	struct backend backend = babel_backend(node->babel);
	CLEANUP(state_free) struct state *operational = state_new();
	CLEANUP(plan_free) struct plan *plan = NULL;

	assert_int_equal(
		backend.observe(backend.userdata, node->intended, operational, &node->error), 0);
	plan = plan_make(node->intended, operational, can_update, NULL);
	assert_int_equal(plan->conflicts_count, 0);
	*ret = 0;
	for (size_t i = 0; i < plan->operations_count && *ret == 0; i++)
		*ret = apply(node, &plan->operations[i]);
	return plan->operations_count;
}

int mesh_apply_once(struct mesh_node *node)
{
	int result;

	(void)plan_once(node, &result);
	return result;
}

unsigned mesh_converge(struct mesh_node *node)
{
	unsigned operations = 0;

	for (unsigned i = 0; i < PLANS_MAX; i++) {
		int result;
		size_t count = plan_once(node, &result);

		if (count == 0)
			return operations;
		if (result < 0 && result != -EAGAIN)
			fail_msg("node %c: %s: %s", node->letter, node->error.place,
				 node->error.text);
		operations += (unsigned)count;
		(void)mesh_run(node->mesh, 20, NULL, NULL);
	}
	fail_msg("node %c does not converge", node->letter);
	return 0;
}

struct babel_status mesh_status(const struct mesh_node *node)
{
	struct babel_status status;

	babel_status(node->babel, &status);
	return status;
}

/* rtm_protocol, see rt_protos of iproute2 */
static const uint8_t route_protocols[] = { [SPEAKER_BABELD] = 42, [SPEAKER_BIRD] = 12 };

unsigned mesh_kernel_routes(const struct mesh_node *node, const char *prefix, uint32_t metric)
{
	CLEANUP(free) struct kernel_route *routes = NULL;
	const struct kernel_route_place place = { .protocol = route_protocols[node->program],
						  .table = ROUTE_TABLE_MAIN };
	struct netlink *netlink;
	unsigned found = 0;
	size_t count;

	assert_int_equal(spaces_rtnetlink(node->spaces, SPACE_OVERLAY, &netlink, NULL), 0);
	assert_int_equal(kernel_routes_read(netlink, &place, &routes, &count, NULL), 0);
	for (size_t i = 0; i < count; i++) {
		char text[IP_PREFIX_TEXT_SIZE];

		if (routes[i].is_unreachable == (metric == MESH_UNREACHABLE) &&
		    (!prefix || !strcmp(prefix, ip_prefix_format(&routes[i].prefix, text))) &&
		    (metric == 0 || metric == routes[i].metric))
			found++;
	}
	return found;
}

static int open_socket(const struct mesh_node *node, int family, uint16_t port,
		       struct sockaddr_storage *ret)
{
	const struct ip_prefix *prefix = &node->prefixes[family == AF_INET6 ? 0 : 1];
	struct ip_endpoint endpoint = { .address = prefix->address, .port = port };
	socklen_t size;
	int fd;

	endpoint.address.bytes[family == AF_INET6 ? 15 : 3] = 1;
	size = ip_endpoint_to_sockaddr(&endpoint, ret);
	assert_int_equal(spaces_enter(node->spaces, SPACE_OVERLAY), 0);
	fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	spaces_leave(node->spaces);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)ret, size), 0);
	return fd;
}

void mesh_flow_open(struct mesh *mesh, char from, char to, int family)
{
	uint16_t port = (uint16_t)(9000 + 2 * mesh->flows_count);
	struct mesh_flow *flow = &mesh->flows[mesh->flows_count++];
	struct sockaddr_storage address;

	assert_true(mesh->flows_count <= MESH_FLOWS);
	*flow = (struct mesh_flow) { 0 };
	flow->tx = open_socket(mesh_node(mesh, from), family, (uint16_t)(port + 1), &address);
	flow->rx = open_socket(mesh_node(mesh, to), family, port, &address);
	if (connect(flow->tx, (struct sockaddr *)&address, sizeof(address)) < 0)
		fail_msg("connect from %c to %c: %s", from, to, strerror(errno));
}

static void flow_receive(struct mesh_flow *flow)
{
	char packet[16];

	while (recv(flow->rx, packet, sizeof(packet), 0) > 0)
		flow->received++;
}

static bool all_arrived(struct mesh *mesh, void *userdata)
{
	bool all = true;

	(void)userdata;
	for (unsigned i = 0; i < mesh->flows_count; i++) {
		flow_receive(&mesh->flows[i]);
		all = all && mesh->flows[i].received == mesh->flows[i].sent;
	}
	return all;
}

void mesh_flow_run(struct mesh *mesh, unsigned count)
{
	int64_t next = now_ms();

	for (unsigned i = 0; i < count; i++) {
		for (unsigned j = 0; j < mesh->flows_count; j++) {
			flow_receive(&mesh->flows[j]);
			(void)!send(mesh->flows[j].tx, "x", 1, 0);
			mesh->flows[j].sent++;
		}
		next += PACKET_INTERVAL_MS;
		while (now_ms() < next)
			(void)mesh_run(mesh, 1, NULL, NULL);
	}
	(void)mesh_run(mesh, PACKET_LAST_MS, all_arrived, NULL);
}

void mesh_flow_close(struct mesh *mesh)
{
	for (unsigned i = 0; i < mesh->flows_count; i++) {
		(void)close(mesh->flows[i].tx);
		(void)close(mesh->flows[i].rx);
	}
	mesh->flows_count = 0;
}

bool mesh_is_complete(struct mesh *mesh, void *userdata)
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
bool mesh_has_only_new(const struct mesh_node *node, const char *prefix, unsigned count)
{
	uint32_t metric = generation_metric(mesh_status(node).generation);

	return mesh_kernel_routes(node, prefix, metric) == count &&
	       mesh_kernel_routes(node, prefix, 0) == count;
}

/* Every node has exactly its four routes. */
bool mesh_is_clean(struct mesh *mesh, void *userdata)
{
	(void)userdata;
	for (size_t i = 0; i < MESH_NODES; i++)
		if (!mesh_has_only_new(&mesh->nodes[i], NULL, 4))
			return false;
	return mesh_is_complete(mesh, NULL);
}

bool mesh_is_direct(struct mesh *mesh, void *userdata)
{
	(void)userdata;
	for (size_t i = 0; i < MESH_NODES; i++) {
		struct babel_status status = mesh_status(&mesh->nodes[i]);

		for (size_t j = 0; j < status.routes_count; j++)
			if (status.routes[j].installed && status.routes[j].refmetric > 0)
				return false;
	}
	return mesh_is_clean(mesh, NULL);
}

bool mesh_hears_b(struct mesh *mesh, void *userdata)
{
	const struct mesh_node *a = mesh_node(mesh, 'a');

	(void)userdata;
	return mesh_kernel_routes(a, "fd00:b::/64", 0) > 0 &&
	       mesh_kernel_routes(a, "10.0.2.0/24", 0) > 0;
}

bool mesh_reaches_b(struct mesh *mesh, void *userdata)
{
	const struct mesh_node *a = mesh_node(mesh, 'a');

	(void)userdata;
	return mesh_kernel_routes(a, "fd00:b::/64", 0) > 0 ||
	       mesh_kernel_routes(a, "10.0.2.0/24", 0) > 0;
}

bool mesh_has_lost_b(struct mesh *mesh, void *userdata)
{
	return !mesh_reaches_b(mesh, userdata);
}

bool mesh_is_fooled(struct mesh *mesh, void *userdata)
{
	static const char *const rogue[] = { "::/0", "0.0.0.0/0", "fd00:c:0:0:1::/80" };

	(void)userdata;
	for (size_t i = 0; i < ARRAY_SIZE(rogue); i++)
		if (mesh_kernel_routes(mesh_node(mesh, 'a'), rogue[i], 0) != 1)
			return false;
	return true;
}

bool mesh_node_is_dirty(struct mesh *mesh, void *userdata)
{
	const struct mesh_node *node = userdata;

	(void)mesh;
	return node->dirty > 0;
}

bool mesh_node_answers(struct mesh *mesh, void *userdata)
{
	(void)mesh;
	return mesh_status(userdata).answers;
}

void mesh_expect_no_loss(struct mesh *mesh)
{
	for (unsigned i = 0; i < mesh->flows_count; i++)
		if (mesh->flows[i].received != mesh->flows[i].sent)
			fail_msg("flow %u: %u of %u packets arrived", i, mesh->flows[i].received,
				 mesh->flows[i].sent);
}

void mesh_open_flows(struct mesh *mesh)
{
	static const char pairs[][2] = { "ab", "ba", "bc", "cb", "ac", "ca" };

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		mesh_flow_open(mesh, pairs[i][0], pairs[i][1], AF_INET6);
	mesh_flow_open(mesh, 'a', 'c', AF_INET);
	mesh_flow_open(mesh, 'c', 'b', AF_INET);
}

void mesh_link_cut(struct mesh *mesh, char a, char b)
{
	mesh_ip(mesh_node(mesh, a), "link set %c%c down", a, b);
	mesh_ip(mesh_node(mesh, b), "link set %c%c down", b, a);
}

void mesh_link_join(struct mesh *mesh, char a, char b)
{
	mesh_ip(mesh_node(mesh, a), "link set %c%c up", a, b);
	mesh_ip(mesh_node(mesh, b), "link set %c%c up", b, a);
	mesh_ip(mesh_node(mesh, a), "addr add fe80::%c/64 dev %c%c nodad", a, a, b);
	mesh_ip(mesh_node(mesh, b), "addr add fe80::%c/64 dev %c%c nodad", b, b, a);
	mesh_direct_routes(mesh, a, b);
	mesh_direct_routes(mesh, b, a);
}

static void set_rxcost(struct mesh_node *node, char other, uint16_t rxcost)
{
	for (size_t i = 0; i < ARRAY_SIZE(node->links); i++)
		if (node->links[i][1] == other)
			node->rxcosts[i] = rxcost;
}

void mesh_link_set_rxcost(struct mesh *mesh, char a, char b, uint16_t rxcost)
{
	set_rxcost(mesh_node(mesh, a), b, rxcost);
	set_rxcost(mesh_node(mesh, b), a, rxcost);
}
