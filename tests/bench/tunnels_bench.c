// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the kernel takes for N WireGuard tunnels when nobody thinks about them: tunnels_bench N FILE
// makes them in the network namespace of FILE (/run/netns/NAME), their sockets in its own, with the
// requests that aronet makes, one after the other, and prints the milliseconds of each kind. They
// are there afterwards: the namespace is the caller's to delete. Needs root and WireGuard in the
// kernel.
//
// It makes all that aronet makes for each tunnel: the link with its mark, the device, the address,
// and the two routes to the peer's network, of the overlay and of the host. Left out is what nodes
// have once (namespace, veth pair, SIDs, nftables rules, babeld), all that reads, and the listeners
// to which the kernel sends an event for each change.
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/wireguard.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <libmnl/libmnl.h>

#define FIRST_PORT 30001
#define MTU 1420
#define GROUP 54
#define LOOPBACK_INDEX 1

enum step {
	STEP_LINK,
	STEP_MARK,
	STEP_WIREGUARD,
	STEP_RECORD,
	STEP_UP,
	STEP_ADDRESS,
	STEP_ROUTE,
	STEPS
};
static const char *const step_names[STEPS] = {
	[STEP_LINK] = "link",		[STEP_MARK] = "mark",	  [STEP_UP] = "up",
	[STEP_WIREGUARD] = "wireguard", [STEP_RECORD] = "record", [STEP_ADDRESS] = "address",
	[STEP_ROUTE] = "route",
};

static union {
	struct nlmsghdr header;
	char bytes[16384];
} buffer;
static unsigned sequence;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static struct mnl_socket *open_netlink(int protocol)
{
	struct mnl_socket *netlink = mnl_socket_open2(protocol, SOCK_CLOEXEC);

	if (!netlink || mnl_socket_bind(netlink, 0, MNL_SOCKET_AUTOPID) < 0)
		fail("netlink");
	return netlink;
}

static struct nlmsghdr *begin(uint16_t type, uint16_t flags)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer.bytes);

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	request->nlmsg_seq = ++sequence;
	return request;
}

static void call(struct mnl_socket *netlink, mnl_cb_t answer, void *userdata, const char *what)
{
	int result = MNL_CB_OK;

	if (mnl_socket_sendto(netlink, buffer.bytes, buffer.header.nlmsg_len) < 0)
		fail(what);
	while (result > MNL_CB_STOP) {
		ssize_t length = mnl_socket_recvfrom(netlink, buffer.bytes, sizeof(buffer.bytes));

		if (length < 0)
			fail(what);
		result = mnl_cb_run(buffer.bytes, (size_t)length, sequence,
				    mnl_socket_get_portid(netlink), answer, userdata);
	}
	if (result < 0)
		fail(what);
}

static int take_family(const struct nlmsghdr *message, void *userdata)
{
	struct nlattr *attribute;

	mnl_attr_for_each(attribute, message, sizeof(struct genlmsghdr))
	{
		if (mnl_attr_get_type(attribute) == CTRL_ATTR_FAMILY_ID)
			*(uint16_t *)userdata = mnl_attr_get_u16(attribute);
	}
	return MNL_CB_OK;
}

static struct nlmsghdr *begin_generic(uint16_t family, uint8_t command)
{
	struct nlmsghdr *request = begin(family, 0);
	struct genlmsghdr *header = mnl_nlmsg_put_extra_header(request, sizeof(*header));

	header->cmd = command;
	header->version = 1;
	return request;
}

static uint16_t find_wireguard(struct mnl_socket *netlink)
{
	struct nlmsghdr *request = begin_generic(GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	uint16_t family = 0;

	mnl_attr_put_strz(request, CTRL_ATTR_FAMILY_NAME, WG_GENL_NAME);
	call(netlink, take_family, &family, "no WireGuard in this kernel");
	return family;
}

static struct nlmsghdr *begin_link(const char *name, uint16_t flags, bool up)
{
	struct nlmsghdr *request = begin(RTM_NEWLINK, flags);
	struct ifinfomsg *header = mnl_nlmsg_put_extra_header(request, sizeof(*header));

	header->ifi_flags = header->ifi_change = up ? IFF_UP : 0;
	mnl_attr_put_strz(request, IFLA_IFNAME, name);
	return request;
}

static void make_link(struct mnl_socket *netlink, const char *name, int netns_fd)
{
	struct nlmsghdr *request = begin_link(name, NLM_F_CREATE | NLM_F_EXCL, false);
	struct nlattr *info = mnl_attr_nest_start(request, IFLA_LINKINFO);

	mnl_attr_put_strz(request, IFLA_INFO_KIND, "wireguard");
	mnl_attr_nest_end(request, info);
	mnl_attr_put_u32(request, IFLA_MTU, MTU);
	mnl_attr_put_u32(request, IFLA_GROUP, GROUP);
	mnl_attr_put_u32(request, IFLA_NET_NS_FD, (uint32_t)netns_fd);
	call(netlink, NULL, NULL, "link");
}

static void mark_link(struct mnl_socket *netlink, const char *name)
{
	struct nlmsghdr *request = begin_link(name, 0, false);
	struct nlattr *families, *inet6;

	mnl_attr_put_str(request, IFLA_IFALIAS, "aronet:bench:example/node/0");
	families = mnl_attr_nest_start(request, IFLA_AF_SPEC);
	inet6 = mnl_attr_nest_start(request, AF_INET6);
	mnl_attr_put_u8(request, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	mnl_attr_nest_end(request, inet6);
	mnl_attr_nest_end(request, families);
	call(netlink, NULL, NULL, "mark");
}

static void put_any(struct nlmsghdr *request, uint16_t family, size_t size)
{
	static const uint8_t any[sizeof(struct in6_addr)];
	struct nlattr *nest = mnl_attr_nest_start(request, 0);

	mnl_attr_put_u16(request, WGALLOWEDIP_A_FAMILY, family);
	mnl_attr_put(request, WGALLOWEDIP_A_IPADDR, size, any);
	mnl_attr_put_u8(request, WGALLOWEDIP_A_CIDR_MASK, 0);
	mnl_attr_nest_end(request, nest);
}

static void put_peer(struct nlmsghdr *request, unsigned number)
{
	struct nlattr *peer = mnl_attr_nest_start(request, 0), *allowed;
	const struct sockaddr_in endpoint = {
		.sin_family = AF_INET,
		.sin_port = htons(20001),
		.sin_addr.s_addr = htonl(0xcb007182 + number % 120), /* 203.0.113.130 */
	};
	char key[WG_KEY_LEN + 16]; /* of which the first 32 count */

	(void)snprintf(key, sizeof(key), "a key of the benchmark, %08u", number);
	mnl_attr_put(request, WGPEER_A_PUBLIC_KEY, WG_KEY_LEN, key);
	mnl_attr_put_u32(request, WGPEER_A_FLAGS, WGPEER_F_REPLACE_ALLOWEDIPS);
	mnl_attr_put(request, WGPEER_A_ENDPOINT, sizeof(endpoint), &endpoint);
	allowed = mnl_attr_nest_start(request, WGPEER_A_ALLOWEDIPS);
	put_any(request, AF_INET, sizeof(struct in_addr));
	put_any(request, AF_INET6, sizeof(struct in6_addr));
	mnl_attr_nest_end(request, allowed);
	mnl_attr_nest_end(request, peer);
}

static void set_wireguard(struct mnl_socket *netlink, uint16_t family, const char *name,
			  unsigned number)
{
	struct nlmsghdr *request = begin_generic(family, WG_CMD_SET_DEVICE);
	static const uint8_t private_key[WG_KEY_LEN] = { 8, [WG_KEY_LEN - 1] = 64 };
	struct nlattr *peers;

	mnl_attr_put_strz(request, WGDEVICE_A_IFNAME, name);
	mnl_attr_put(request, WGDEVICE_A_PRIVATE_KEY, WG_KEY_LEN, private_key);
	mnl_attr_put_u16(request, WGDEVICE_A_LISTEN_PORT, (uint16_t)(FIRST_PORT + number));
	peers = mnl_attr_nest_start(request, WGDEVICE_A_PEERS);
	put_peer(request, number);
	mnl_attr_nest_end(request, peers);
	call(netlink, NULL, NULL, "wireguard");
}

static void record_endpoint(struct mnl_socket *netlink, const char *name)
{
	struct nlmsghdr *request = begin_link(name, 0, false);

	mnl_attr_put_str(request, IFLA_IFALIAS, "aronet:bench:example/node/0@203.0.113.130:20001");
	call(netlink, NULL, NULL, "record");
}

static void add_address(struct mnl_socket *netlink, const char *name, unsigned number)
{
	struct nlmsghdr *request = begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
	struct ifaddrmsg *header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
	const struct in6_addr address = {
		.s6_addr = { 0xfe, 0x80, [14] = (uint8_t)(number >> 8), [15] = (uint8_t)number }
	};

	header->ifa_family = AF_INET6;
	header->ifa_prefixlen = 64;
	header->ifa_index = if_nametoindex(name);
	mnl_attr_put(request, IFA_LOCAL, sizeof(address), &address);
	mnl_attr_put_u32(request, IFA_FLAGS, IFA_F_NODAD);
	call(netlink, NULL, NULL, "address");
}

/* To the peer's network, in the main table. Without @gateway over the loopback interface. */
static void add_route(struct mnl_socket *netlink, unsigned index, const struct in6_addr *gateway,
		      unsigned number)
{
	struct nlmsghdr *request = begin(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
	struct rtmsg *header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
	const struct in6_addr network = {
		.s6_addr = { 0xfd, 0x70, [6] = (uint8_t)(number >> 8), [7] = (uint8_t)number }
	};

	header->rtm_family = AF_INET6;
	header->rtm_dst_len = 64;
	header->rtm_protocol = RTPROT_STATIC;
	header->rtm_type = RTN_UNICAST;
	header->rtm_flags = gateway ? RTNH_F_ONLINK : 0;
	mnl_attr_put_u32(request, RTA_TABLE, RT_TABLE_MAIN);
	mnl_attr_put(request, RTA_DST, sizeof(network), &network);
	mnl_attr_put_u32(request, RTA_PRIORITY, 32768);
	if (gateway)
		mnl_attr_put(request, RTA_GATEWAY, sizeof(*gateway), gateway);
	mnl_attr_put_u32(request, RTA_OIF, index);
	call(netlink, NULL, NULL, "route");
}

static void add_routes(struct mnl_socket *underlay, struct mnl_socket *overlay, const char *name,
		       unsigned number)
{
	static const struct in6_addr peer = { .s6_addr = { 0xfe, 0x80, [8] = 1, [15] = 1 } };

	add_route(overlay, if_nametoindex(name), &peer, number);
	add_route(underlay, LOOPBACK_INDEX, NULL, number);
}

static double now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

struct bench {
	struct mnl_socket *underlay, *overlay, *generic;
	uint16_t family;
	int netns_fd;
};

static void take_step(const struct bench *bench, enum step step, unsigned number)
{
	char name[IFNAMSIZ];

	(void)snprintf(name, sizeof(name), "bench%u", number);
	switch (step) {
	case STEP_LINK:
		make_link(bench->underlay, name, bench->netns_fd);
		break;
	case STEP_MARK:
		mark_link(bench->overlay, name);
		break;
	case STEP_UP:
		(void)begin_link(name, 0, true);
		call(bench->overlay, NULL, NULL, "up");
		break;
	case STEP_WIREGUARD:
		set_wireguard(bench->generic, bench->family, name, number);
		break;
	case STEP_RECORD:
		record_endpoint(bench->overlay, name);
		break;
	case STEP_ADDRESS:
		add_address(bench->overlay, name, number);
		break;
	case STEP_ROUTE:
		add_routes(bench->underlay, bench->overlay, name, number);
		break;
	case STEPS:
		break;
	}
}

int main(int argc, char **argv)
{
	unsigned count = argc == 3 ? (unsigned)atoi(argv[1]) : 0;
	double total = 0, start, spent;
	struct bench bench;

	bench.netns_fd = count ? open(argv[2], O_RDONLY | O_CLOEXEC) : -1;
	if (bench.netns_fd < 0) {
		(void)fprintf(stderr, "usage: %s N /run/netns/NAME\n", argv[0]);
		return 2;
	}
	bench.underlay = open_netlink(NETLINK_ROUTE);
	if (setns(bench.netns_fd, CLONE_NEWNET) < 0)
		fail(argv[2]);
	bench.overlay = open_netlink(NETLINK_ROUTE);
	bench.generic = open_netlink(NETLINK_GENERIC);
	bench.family = find_wireguard(bench.generic);
	for (enum step step = STEP_LINK; step < STEPS; step++) {
		start = now_ms();
		for (unsigned i = 0; i < count; i++)
			take_step(&bench, step, i);
		spent = now_ms() - start;
		total += spent;
		(void)printf("%s %.1f\n", step_names[step], spent);
	}
	(void)printf("total %.1f\n", total);
	return 0;
}
