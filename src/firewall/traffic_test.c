// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/memory.h"
#include "firewall/test_spaces.h"
#include "firewall/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

/* The order matters to cmocka. */
#include <setjmp.h>
#include <stddef.h>

#include <cmocka.h>

/*
 *  lan --lan0-- underlay (this process) --aronet-- overlay --ar-1-- peer
 *
 * The peer plays the rest of the overlay: node fd67::/64, 192.168.122.0/24. This node is fd66::/64,
 * 192.168.121.0/24. The lan is the world outside. Everything is routed, so that what does not
 * arrive was dropped by the rules.
 */
static const char topology[] =
	"set -e\n"
	"o='ip -n " TEST_OVERLAY "'; p='ip -n aronet-t-peer'; l='ip -n aronet-t-lan'\n"
	"ip netns add aronet-t-peer; ip netns add aronet-t-lan\n"
	"for n in " TEST_OVERLAY " aronet-t-peer aronet-t-lan; do\n"
	" ip -n $n link set lo up\n"
	" nsenter --net=/run/netns/$n sysctl -qw $SYSCTLS\n"
	"done\n"
	"ip link set lo up; sysctl -qw $SYSCTLS\n"
	"ip link add aronet type veth peer name aronet netns " TEST_OVERLAY "\n"
	"ip link add lan0 type veth peer name eth0 netns aronet-t-lan\n"
	"$o link add ar-1 type veth peer name eth0 netns aronet-t-peer\n"
	"ip link set aronet up; ip link set lan0 up; $l link set eth0 up\n"
	"$o link set aronet up; $o link set ar-1 mtu 1400 up; $p link set eth0 up\n"
	/* this node */
	"ip addr add fd66::ffff:0:0:1/128 dev aronet nodad; ip addr add 192.168.121.1/32 dev "
	"aronet\n"
	"ip addr add 203.0.113.1/32 dev lo\n"
	"ip route add fd66::ffff:0:0:2/128 dev aronet\n"
	"for d in fd67::/64 2001:db8:99::/48; do ip route add $d via fd66::ffff:0:0:2; done\n"
	"ip route add 192.168.122.0/24 via inet6 fd66::ffff:0:0:2 src 192.168.121.1\n"
	"$o addr add fd66::ffff:0:0:2/128 dev aronet nodad; $o addr add fe80::1/64 dev ar-1 nodad\n"
	"$o route add fd66::ffff:0:0:1/128 dev aronet\n"
	"$o route add default via fd66::ffff:0:0:1; $o -4 route add default via inet6 "
	"fd66::ffff:0:0:1\n"
	"$o route add fd67::/64 via fe80::2 dev ar-1\n"
	"$o route add 192.168.122.0/24 via inet6 fe80::2 dev ar-1\n"
	"$o route add fd66::ffff:0:0:b/128 encap seg6local action End.DX4 nh4 0.0.0.0 dev ar-1\n"
	/* the peer, with sources that it may and may not use */
	"$p addr add fe80::2/64 dev eth0 nodad\n"
	"for a in fd67::1 fd66::9 2001:db8:99::1; do $p addr add $a dev lo nodad; done\n"
	"for a in 192.168.122.1 192.168.121.9 198.51.100.1; do $p addr add $a dev lo; done\n"
	"$p route add fd66::/64 via fe80::1 dev eth0 src fd67::1\n"
	"$p route add 192.168.121.0/24 via inet6 fe80::1 dev eth0 src 192.168.122.1\n"
	"$p route add 192.168.121.7 encap seg6 mode encap segs fd66::ffff:0:0:b dev eth0 "
	"src 192.168.122.1\n"
	"$p -4 route add default via inet6 fe80::1 dev eth0\n"
	"ip addr add 192.168.121.7/32 dev lo; $p sr tunsrc set fd67::1\n"
	/* the world outside */
	"ip addr add 192.0.2.1/24 dev lan0; ip addr add 2001:db8::1/64 dev lan0 nodad\n"
	"$l addr add 192.0.2.2/24 dev eth0; $l addr add 2001:db8::2/64 dev eth0 nodad\n"
	"$l addr add 192.168.122.9 dev lo; $l addr add fd67::9 dev lo nodad\n"
	"$l route add default via 192.0.2.1; $l route add default via 2001:db8::1\n";

static const char sysctls[] =
	"net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 "
	"net.ipv6.conf.all.forwarding=1 net.ipv6.conf.all.seg6_enabled=1 "
	"net.ipv6.conf.default.seg6_enabled=1 net.ipv6.conf.default.accept_dad=0";

#define PEER "aronet-t-peer"
#define LAN "aronet-t-lan"

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix parsed;

	assert_int_equal(ip_prefix_parse(text, &parsed), 0);
	return parsed;
}

/* What differs between the tests. */
struct variant {
	bool no_transit; /* neither for the peer nor for this node */
	bool has_guest;	 /* a node more, with prefixes of both families and a tunnel */
};

static void apply_rules(struct test_spaces *test, const struct variant *variant)
{
	const struct ip_prefix own[] = { prefix("fd66::/64"), prefix("192.168.121.0/24") };
	const struct ip_prefix remote[] = { prefix("fd67::/64"), prefix("192.168.122.0/24"),
					    prefix("fd68::/64"), prefix("192.168.123.0/24"),
					    prefix("fd69::/64"), prefix("192.168.124.0/24") };
	const struct ip_prefix sids[] = { prefix("fd67:0:0:0:ffff::/80"),
					  prefix("fd69:0:0:0:ffff::/80") };
	const struct firewall_limit limit = { "ar-1", remote, 2 };
	const struct firewall_tunnel tunnels[] = { { "ar-1", prefix("fe80::2").address },
						   { "ar-2", prefix("fe80::3").address } };
	size_t absent = variant->has_guest ? 0 : 1;
	const struct firewall_rules rules = {
		.link = "aronet",
		.tunnel_pattern = "ar*",
		.own = own,
		.own_count = ARRAY_SIZE(own),
		.remote = remote,
		.remote_count = ARRAY_SIZE(remote) - 2 * absent,
		.own_sids = prefix("fd66:0:0:0:ffff::/80"),
		.remote_sids = sids,
		.remote_sids_count = ARRAY_SIZE(sids) - absent,
		.host_address = prefix("fd66::ffff:0:0:1").address,
		.limits = &limit,
		.limits_count = variant->no_transit,
		.no_transit = variant->no_transit,
		.tunnels = tunnels,
		.tunnels_count = ARRAY_SIZE(tunnels) - absent,
	};

	for (enum space space = SPACE_UNDERLAY; space <= SPACE_OVERLAY; space++) {
		CLEANUP(strbuf_done) struct strbuf body = { 0 };
		struct object object;
		struct error error;

		if (space == SPACE_UNDERLAY)
			firewall_format_underlay(&rules, &body);
		else
			firewall_format_overlay(&rules, &body);
		object = test_ruleset(space, strbuf_text(&body));
		if (test_apply(test, OPERATION_UPDATE, &object, &error) < 0)
			fail_msg("%s: %s", error.place, error.text);
	}
}

static int set_up(void **state)
{
	struct test_spaces *test = calloc(1, sizeof(*test));

	test_spaces_init(test);
	(void)setenv("SYSCTLS", sysctls, 1);
	if (test_run("%s", topology) != 0)
		return -1;
	apply_rules(test, &(struct variant) { 0 });
	*state = test;
	return 0;
}

static int tear_down(void **state)
{
	(void)test_run("ip netns del " PEER "; ip netns del " LAN
		       "; ip link del aronet 2>/dev/null; ip link del lan0 2>/dev/null; ip addr "
		       "flush dev lo");
	test_spaces_done(*state);
	free(*state);
	return 0;
}

static uint64_t counted(struct test_spaces *test, enum space space, const char *name)
{
	CLEANUP(firewall_counters_done) struct firewall_counters counters = { 0 };
	struct error error;

	assert_int_equal(firewall_counters(test->firewall, space, &counters, &error), 0);
	for (size_t i = 0; i < counters.count; i++)
		if (!strcmp(counters.items[i].name, name))
			return counters.items[i].packets;
	fail_msg("no counter %s", name);
	return 0;
}

static uint64_t counted_all(struct test_spaces *test)
{
	CLEANUP(firewall_counters_done) struct firewall_counters counters = { 0 };
	struct error error;
	uint64_t sum = 0;

	for (enum space space = SPACE_UNDERLAY; space <= SPACE_OVERLAY; space++) {
		firewall_counters_done(&counters);
		assert_int_equal(firewall_counters(test->firewall, space, &counters, &error), 0);
		for (size_t i = 0; i < counters.count; i++)
			sum += counters.items[i].packets;
	}
	return sum;
}

/* One echo request; is it answered? @netns NULL: from the underlay. */
static bool ping_for(const char *seconds, const char *netns, const char *source,
		     const char *destination)
{
	return test_run("%s%s ping -qnc 1 -W %s -I %s %s >/dev/null",
			netns ? "nsenter --net=/run/netns/" : "", netns ? netns : "", seconds,
			source, destination) == 0;
}

/* For what is to be dropped. */
static bool ping(const char *netns, const char *source, const char *destination)
{
	return ping_for("0.3", netns, source, destination);
}

/* Whatever else the machine has to do. */
static bool reaches(const char *netns, const char *source, const char *destination)
{
	return ping_for("5", netns, source, destination);
}

static void legitimate_traffic_passes(void **state)
{
	assert_true(reaches(PEER, "fd67::1", "fd66::ffff:0:0:1"));
	assert_true(reaches(PEER, "192.168.122.1", "192.168.121.1"));
	assert_true(reaches(NULL, "fd66::ffff:0:0:1", "fd67::1"));
	assert_true(reaches(NULL, "192.168.121.1", "192.168.122.1"));
	assert_true(reaches(PEER, "fe80::2%eth0", "fe80::1"));
	assert_true(reaches(LAN, "192.0.2.2", "192.0.2.1"));
	assert_true(reaches(LAN, "2001:db8::2", "2001:db8::1"));
	assert_true(reaches(LAN, "2001:db8::2", "fd66::ffff:0:0:1"));
	assert_int_equal(counted_all(*state), 0);
}

static void encapsulated_traffic_is_checked_inside(void **state)
{
	/* The answer takes the plain way back. */
	assert_true(reaches(PEER, "192.168.122.1", "192.168.121.7"));
	assert_int_equal(counted_all(*state), 0);
	assert_false(ping(PEER, "192.168.121.9", "192.168.121.7"));
	assert_int_equal(counted(*state, SPACE_OVERLAY, "spoofed_source"), 1);
	assert_false(ping(PEER, "198.51.100.1", "192.168.121.7"));
	assert_int_equal(counted(*state, SPACE_OVERLAY, "unknown_source"), 1);
	assert_int_equal(counted_all(*state), 2);
}

/* One row: who sends what, and which counter of which space shows that it was dropped. */
static const struct drop {
	const char *netns;
	const char *source;
	const char *destination;
	enum space space;
	const char *counter;
} drops[] = {
	{ PEER, "192.168.121.9", "192.168.121.1", SPACE_OVERLAY, "spoofed_source" },
	{ PEER, "fd66::9", "fd66::ffff:0:0:1", SPACE_OVERLAY, "spoofed_source" },
	{ PEER, "fd66::9", "fd66::ffff:0:0:2", SPACE_OVERLAY, "spoofed_source" },
	{ PEER, "198.51.100.1", "192.168.121.1", SPACE_OVERLAY, "unknown_source" },
	{ PEER, "2001:db8:99::1", "fd66::ffff:0:0:1", SPACE_OVERLAY, "unknown_source" },
	{ NULL, "203.0.113.1", "192.168.122.1", SPACE_OVERLAY, "unauthorized_source" },
	{ NULL, "2001:db8::1", "fd67::1", SPACE_OVERLAY, "unauthorized_source" },
	{ LAN, "192.0.2.2", "192.168.122.1", SPACE_UNDERLAY, "unauthorized_source" },
	{ LAN, "2001:db8::2", "fd67::1", SPACE_UNDERLAY, "unauthorized_source" },
	{ LAN, "192.168.122.9", "192.0.2.1", SPACE_UNDERLAY, "spoofed_source" },
	{ LAN, "fd67::9", "2001:db8::1", SPACE_UNDERLAY, "spoofed_source" },
	{ LAN, "2001:db8::2", "fd66::ffff:0:0:b", SPACE_UNDERLAY, "sid_from_outside" },
	{ LAN, "2001:db8::2", "fd67::ffff:0:0:a", SPACE_UNDERLAY, "sid_from_outside" },
	/* The address of a node is no SID: its sender is what is wrong. */
	{ LAN, "2001:db8::2", "fd67::ffff:0:0:1", SPACE_UNDERLAY, "unauthorized_source" },
};

static void forged_traffic_is_dropped_and_counted(void **state)
{
	uint64_t all = 0;

	for (size_t i = 0; i < ARRAY_SIZE(drops); i++) {
		const struct drop *drop = &drops[i];
		uint64_t before = counted(*state, drop->space, drop->counter);

		if (ping(drop->netns, drop->source, drop->destination))
			fail_msg("%s to %s was answered", drop->source, drop->destination);
		if (counted(*state, drop->space, drop->counter) != before + 1)
			fail_msg("%s to %s was not counted as %s", drop->source, drop->destination,
				 drop->counter);
		assert_int_equal(counted_all(*state), ++all); /* and as nothing else */
	}
}

static void host_may_masquerade_its_lan(void **state)
{
	assert_int_equal(test_run("nft 'table ip nat { chain post { type nat hook postrouting "
				  "priority srcnat; oifname aronet snat to 192.168.121.1; }; }'"),
			 0);
	assert_true(reaches(LAN, "192.0.2.2", "192.168.122.1"));
	assert_int_equal(counted_all(*state), 0);
}

/* A third node behind the peer, and a second tunnel, to a fourth. */
static const char more_nodes[] =
	"set -e; o='ip -n " TEST_OVERLAY "'; p='ip -n " PEER "'\n"
	"$o link add ar-2 type veth peer name ar-2x; $o link set ar-2 up; $o link set ar-2x up\n"
	"$o addr add fe80::3/64 dev ar-2 nodad\n"
	"$o route add fd69::/64 via fe80::4 dev ar-2; $o neigh add fe80::4 lladdr "
	"02:00:00:00:00:04 "
	"dev ar-2\n"
	"$o route add fd68::/64 via fe80::2 dev ar-1\n"
	"$o route add 192.168.123.0/24 via inet6 fe80::2 dev ar-1\n"
	"for d in fd68::/64; do ip route add $d via fd66::ffff:0:0:2; done\n"
	"ip route add 192.168.123.0/24 via inet6 fd66::ffff:0:0:2 src 192.168.121.1\n"
	"$p addr add fd68::1 dev lo nodad; $p addr add 192.168.123.1 dev lo\n"
	"$p route add fd69::/64 via fe80::1 dev eth0\n"
	"$p route add 192.168.121.8 encap seg6 mode encap segs fd66::ffff:0:0:b dev eth0\n"
	"ip addr add 192.168.121.8/32 dev lo";

static uint64_t relayed(struct test_spaces *test)
{
	return counted(test, SPACE_OVERLAY, "relayed_source");
}

static void node_without_transit_has_its_own_sources_only(void **state)
{
	assert_int_equal(test_run("%s", more_nodes), 0);
	assert_true(reaches(PEER, "fd68::1", "fd66::ffff:0:0:1"));
	assert_true(reaches(PEER, "192.168.123.1", "192.168.121.1"));
	assert_true(reaches(PEER, "192.168.123.1", "192.168.121.8")); /* by way of a SID */
	apply_rules(*state, &(struct variant) { .no_transit = true });
	assert_true(reaches(PEER, "fd67::1", "fd66::ffff:0:0:1"));
	assert_true(reaches(PEER, "192.168.122.1", "192.168.121.1"));
	assert_true(reaches(PEER, "fe80::2%eth0", "fe80::1"));
	assert_true(reaches(PEER, "192.168.122.1", "192.168.121.8"));
	assert_int_equal(counted_all(*state), 0);
	assert_false(ping(PEER, "fd68::1", "fd66::ffff:0:0:1"));
	assert_false(ping(PEER, "192.168.123.1", "192.168.121.1"));
	assert_false(ping(PEER, "192.168.123.1", "192.168.121.8"));
	assert_int_equal(relayed(*state), 3);
	assert_false(ping(PEER, "198.51.100.1", "192.168.121.1"));
	assert_false(ping(PEER, "fd66::9", "fd66::ffff:0:0:1"));
	assert_int_equal(counted(*state, SPACE_OVERLAY, "unknown_source"), 1);
	assert_int_equal(counted(*state, SPACE_OVERLAY, "spoofed_source"), 1);
	assert_int_equal(counted_all(*state), 5);
}

static void node_without_transit_forwards_nothing_between_tunnels(void **state)
{
	assert_int_equal(test_run("%s", more_nodes), 0);
	assert_int_equal(
		test_run("nsenter --net=/run/netns/" TEST_OVERLAY
			 " nft 'table ip6 watch { counter passed {}; chain c { type filter "
			 "hook postrouting priority 0; oifname ar-2 ip6 daddr fd69::/64 "
			 "counter name passed; }; }'"),
		0);
#define PASSED(packets)                                                                            \
	test_run("nsenter --net=/run/netns/" TEST_OVERLAY " nft list counter ip6 watch passed | "  \
		 "grep -q 'packets " packets " '")
	assert_false(ping(PEER, "fd67::1", "fd69::1")); /* nobody answers there */
	assert_int_equal(PASSED("1"), 0);
	apply_rules(*state, &(struct variant) { .no_transit = true });
	assert_false(ping(PEER, "fd67::1", "fd69::1"));
	assert_int_equal(PASSED("1"), 0);
	assert_int_equal(counted(*state, SPACE_OVERLAY, "transit"), 1);
	assert_int_equal(counted_all(*state), 1);
}

static int socket_in(const char *netns, int family, int type)
{
	CLEANUP(close) int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	CLEANUP(close) int other = -1;
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "/run/netns/%s", netns);
	other = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(setns(other, CLONE_NEWNET), 0);
	fd = socket(family, type | SOCK_CLOEXEC, 0);
	assert_int_equal(setns(home, CLONE_NEWNET), 0);
	return fd;
}

/* Where babeld would listen in the overlay, and who speaks to it from the peer. */
struct babel_sockets {
	int receiver, sender;
};

static struct sockaddr_in6 babel_address(const char *address)
{
	struct sockaddr_in6 result = { .sin6_family = AF_INET6, .sin6_port = htons(6696) };

	if (address)
		assert_int_equal(inet_pton(AF_INET6, address, &result.sin6_addr), 1);
	result.sin6_scope_id = (uint32_t)atoi(getenv("PEER_IFINDEX"));
	return result;
}

/* @source of the peer; the interface index of its eth0 is found by asking for it. */
static struct babel_sockets open_babel(const char *source)
{
	struct babel_sockets sockets = { socket_in(TEST_OVERLAY, AF_INET6, SOCK_DGRAM),
					 socket_in(PEER, AF_INET6, SOCK_DGRAM) };
	struct ifreq request = { .ifr_name = "eth0" };
	char index[16];
	struct sockaddr_in6 any, from;

	assert_int_equal(ioctl(sockets.sender, SIOCGIFINDEX, &request), 0);
	(void)snprintf(index, sizeof(index), "%d", request.ifr_ifindex);
	(void)setenv("PEER_IFINDEX", index, 1);
	any = babel_address(NULL);
	from = babel_address(source);
	assert_int_equal(bind(sockets.receiver, (struct sockaddr *)&any, sizeof(any)), 0);
	assert_int_equal(bind(sockets.sender, (struct sockaddr *)&from, sizeof(from)), 0);
	return sockets;
}

static void close_babel(struct babel_sockets *sockets)
{
	(void)close(sockets->receiver);
	(void)close(sockets->sender);
}

static void say(const struct babel_sockets *sockets, const char *destination, size_t size)
{
	struct sockaddr_in6 to = babel_address(destination);
	uint8_t bytes[4000] = { 42, 2 };

	(void)!sendto(sockets->sender, bytes, size, 0, (struct sockaddr *)&to, sizeof(to));
}

static unsigned heard(const struct babel_sockets *sockets)
{
	uint8_t bytes[4000];
	unsigned count = 0;

	(void)usleep(20000);
	while (recv(sockets->receiver, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		count++;
	return count;
}

static void neighbour_is_heard_and_nobody_else(void **state)
{
	static const struct {
		const char *source, *destination;
		bool is_heard;
	} cases[] = {
		{ "fe80::2", "fe80::1", true },
		{ "fe80::3", "fe80::1", false },
		{ "fd67::1", "fd66::ffff:0:0:2", false },
		{ "fd67::1", "fe80::1", false },
	};
	uint64_t strangers = 0;

	assert_int_equal(test_run("ip -n " PEER " addr add fe80::3/64 dev eth0 nodad"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct babel_sockets sockets = open_babel(cases[i].source);

		say(&sockets, cases[i].destination, 100);
		if (heard(&sockets) != cases[i].is_heard)
			fail_msg("from %s to %s", cases[i].source, cases[i].destination);
		strangers += !cases[i].is_heard;
		assert_int_equal(counted(*state, SPACE_OVERLAY, "babel_stranger"), strangers);
		close_babel(&sockets);
	}
	assert_int_equal(counted_all(*state), strangers);
}

static void babel_packets_are_not_hidden(void **state)
{
	struct babel_sockets sockets = open_babel("fe80::2");
	/* Hop-by-hop options: padding only. */
	const uint8_t options[8] = { 0, 0, 1, 4 };

	assert_int_equal(test_run("ip -n " PEER " link set eth0 mtu 1400"), 0);
	say(&sockets, "fe80::1", 3000); /* in fragments */
	assert_int_equal(heard(&sockets), 0);
	assert_int_equal(counted(*state, SPACE_OVERLAY, "babel_hidden"), 1);
	assert_int_equal(
		setsockopt(sockets.sender, IPPROTO_IPV6, IPV6_HOPOPTS, options, sizeof(options)),
		0);
	say(&sockets, "fe80::1", 100);
	assert_int_equal(heard(&sockets), 0);
	assert_int_equal(counted(*state, SPACE_OVERLAY, "babel_hidden"), 2);
	assert_int_equal(counted_all(*state), 2);
	close_babel(&sockets);
}

static void babel_is_limited(void **state)
{
	struct babel_sockets sockets = open_babel("fe80::2");
	const int queue = 16 << 20;
	unsigned passed;

	assert_int_equal(
		setsockopt(sockets.receiver, SOL_SOCKET, SO_RCVBUFFORCE, &queue, sizeof(queue)), 0);
	for (unsigned i = 0; i < 200; i++)
		say(&sockets, "fe80::1", 100);
	assert_int_equal(heard(&sockets), 200); /* the burst is 250 here */
	for (unsigned i = 0; i < 5000; i++)
		say(&sockets, "fe80::1", 100);
	passed = heard(&sockets);
	assert_in_range(passed, 50, 300);
	assert_int_equal(counted(*state, SPACE_OVERLAY, "babel_flood"), 5000 - passed);
	close_babel(&sockets);
}

static bool peer_hears(const struct babel_sockets *sockets)
{
	struct sockaddr_in6 to = babel_address("fe80::2");
	struct ifreq request = { .ifr_name = "ar-1" };
	uint8_t byte = 0;

	assert_int_equal(ioctl(sockets->receiver, SIOCGIFINDEX, &request), 0);
	to.sin6_scope_id = (uint32_t)request.ifr_ifindex;
	(void)!sendto(sockets->receiver, &byte, 1, 0, (struct sockaddr *)&to, sizeof(to));
	(void)usleep(20000);
	return recv(sockets->sender, &byte, 1, MSG_DONTWAIT) == 1;
}

static void new_babeld_is_silent_for_a_while(void **state)
{
	struct test_spaces *test = *state;
	struct babel_sockets sockets = open_babel("fe80::2");

	assert_true(peer_hears(&sockets));
	assert_int_equal(firewall_silence_babel(test->firewall, 60000, NULL), 0);
	assert_false(peer_hears(&sockets));
	/* Said again, it is the new time that counts. */
	assert_int_equal(firewall_silence_babel(test->firewall, 300, NULL), 0);
	assert_false(peer_hears(&sockets));
	(void)usleep(400000);
	assert_true(peer_hears(&sockets));
	close_babel(&sockets);
}

/* Whatever others use that port for: it is theirs beyond this namespace. */
static void port_of_babel_is_free_for_the_host(void **state)
{
	struct babel_sockets sockets = open_babel("fd67::1");
	struct sockaddr_in6 any = babel_address(NULL);
	CLEANUP(close) int host = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint8_t byte;

	assert_int_equal(bind(host, (struct sockaddr *)&any, sizeof(any)), 0);
	say(&sockets, "fd66::ffff:0:0:1", 1);
	assert_int_equal(heard(&sockets), 0);
	assert_int_equal(recv(host, &byte, 1, MSG_DONTWAIT), 1);
	assert_int_equal(counted_all(*state), 0);
	close_babel(&sockets);
}

/* The segment size of a connection from the peer, as the listener understood its SYN. */
static int segment_size(const char *address)
{
	struct ip_endpoint endpoint = { .address = prefix(address).address, .port = 4242 };
	int family = endpoint.address.family;
	CLEANUP(close) int listener = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CLEANUP(close) int client = socket_in(PEER, family, SOCK_STREAM);
	CLEANUP(close) int server = -1;
	struct sockaddr_storage storage;
	socklen_t size = ip_endpoint_to_sockaddr(&endpoint, &storage);
	socklen_t value_size = sizeof(int);
	int value = -1;

	assert_int_equal(bind(listener, (struct sockaddr *)&storage, size), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(connect(client, (struct sockaddr *)&storage, size), 0);
	server = accept(listener, NULL, NULL);
	assert_true(server >= 0);
	assert_int_equal(getsockopt(server, IPPROTO_TCP, TCP_MAXSEG, &value, &value_size), 0);
	return value;
}

static void segments_fit_the_tunnel(void **state)
{
	const int timestamps = 12; /* TCP option, RFC 7323 */

	(void)state;
	/* Both ends have 1500 bytes; the tunnel between them 1400. */
	assert_int_equal(segment_size("192.168.121.1"), 1400 - 40 - timestamps);
	assert_int_equal(segment_size("fd66::ffff:0:0:1"), 1400 - 60 - timestamps);
}

/* Of a flood of echo requests in both families while @count times the rules change. */
static void change_under_flood(struct test_spaces *test, size_t count,
			       const struct variant *variant)
{
	const struct variant plain = { 0 };

	assert_int_equal(test_run("cd %s; for a in 192.168.121.1 fd66::ffff:0:0:1; do\n"
				  " nsenter --net=/run/netns/" PEER
				  " ping -qfn $a >flood.$a 2>&1 & echo $! >>pids\n"
				  "done",
				  test->runtime_dir),
			 0);
	for (size_t i = 0; i < count; i++) {
		apply_rules(test, variant);
		apply_rules(test, &plain);
	}
	assert_int_equal(
		test_run("cd %s; for p in $(cat pids); do\n"
			 " kill -INT $p; while kill -0 $p 2>/dev/null; do sleep 0.1; done\n"
			 "done; cat flood.*; rm pids\n"
			 "test $(cat flood.* | grep -c ' 0%% packet loss') = 2",
			 test->runtime_dir),
		0);
	assert_int_equal(counted_all(test), 0);
}

static void nodes_that_come_and_go_cost_no_packet(void **state)
{
	change_under_flood(*state, 50, &(struct variant) { .has_guest = true });
}

static void change_of_policy_costs_no_packet(void **state)
{
	change_under_flood(*state, 50, &(struct variant) { .no_transit = true });
}

int main(void)
{
#define TRAFFIC_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TRAFFIC_TEST(legitimate_traffic_passes),
		TRAFFIC_TEST(encapsulated_traffic_is_checked_inside),
		TRAFFIC_TEST(forged_traffic_is_dropped_and_counted),
		TRAFFIC_TEST(node_without_transit_has_its_own_sources_only),
		TRAFFIC_TEST(node_without_transit_forwards_nothing_between_tunnels),
		TRAFFIC_TEST(neighbour_is_heard_and_nobody_else),
		TRAFFIC_TEST(babel_packets_are_not_hidden),
		TRAFFIC_TEST(babel_is_limited),
		TRAFFIC_TEST(new_babeld_is_silent_for_a_while),
		TRAFFIC_TEST(port_of_babel_is_free_for_the_host),
		TRAFFIC_TEST(host_may_masquerade_its_lan),
		TRAFFIC_TEST(segments_fit_the_tunnel),
		TRAFFIC_TEST(nodes_that_come_and_go_cost_no_packet),
		TRAFFIC_TEST(change_of_policy_costs_no_packet),
	};

	if (test_spaces_unshare() < 0) {
		(void)fprintf(stderr, "skipped: needs root and network namespaces\n");
		return getenv("ARONET_TESTS_MUST_RUN") ? 1 : 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
