// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Looks for what must not be readable on the simulated internet. To be run in the network namespace
 *of its router:
 *
 *	clear-text ADDRESS...
 *
 * A frame is in clear if it has, at any offset, so in any kind of encapsulation,
 *
 * - one of the IPv6 addresses: 16 bytes, which nothing else has by chance, or
 * - two of the IPv4 addresses, one after the other as in a header. The four bytes of a single one
 *turn up in encrypted traffic once in a few million frames; eight do not.
 *
 * Frames count when they enter the router, on whichever interface, also one that is made later.
 *What the router itself sends is not looked at: none of it comes from a node.
 *
 * Says "listening" when it is, and at SIGTERM "frames N clear N lost N", where those lost are those
 *that came faster than it could look at them. The first few frames in clear are described then. Its
 *exit status is 1 if any was in clear or lost.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * How much of a frame is looked at. Headers come first: Ethernet, IPv6, UDP, VXLAN, Ethernet and
 * IPv6 with a routing header of five segments have the innermost addresses before byte 256. In a
 * frame of several segments (GSO) it is the first one that is looked at; all are of one flow.
 */
#define LOOKED_AT_BYTES 256
/*
 * 32 MB: about 90000 frames, a second of what two processors can send; and a block is closed after
 * BLOCK_MS even if it is not full, so a slow trickle fills all of them in 12 seconds.
 */
#define BLOCK_BYTES (256u * 1024)
#define BLOCKS 128u
#define BLOCK_MS 100
#define ADDRESSES_MAX 64
#define DESCRIBED_MAX 5
#define DUMPED_BYTES 64

struct patterns {
	struct in6_addr addresses6[ADDRESSES_MAX];
	struct in_addr addresses4[ADDRESSES_MAX];
	unsigned addresses6_count, addresses4_count;
	bool begins[256]; /* by the first byte of each, so that most offsets cost one look */
};

struct frame {
	char interface[IF_NAMESIZE];
	uint8_t bytes[LOOKED_AT_BYTES];
	size_t size;
	size_t offset; /* of what gave it away */
};

struct watch {
	struct patterns patterns;
	int fd;
	uint8_t *ring;
	unsigned block; /* the next one */
	uint64_t frames, clear;
	struct frame described[DESCRIBED_MAX];
};

static volatile sig_atomic_t ended;

static void on_end(int number)
{
	(void)number;
	ended = 1;
}

static void add_address(struct patterns *patterns, const char *text)
{
	struct in6_addr *address6 = &patterns->addresses6[patterns->addresses6_count];
	struct in_addr *address4 = &patterns->addresses4[patterns->addresses4_count];

	if (patterns->addresses6_count == ADDRESSES_MAX ||
	    patterns->addresses4_count == ADDRESSES_MAX)
		errx(2, "too many addresses");
	if (inet_pton(AF_INET6, text, address6) == 1) {
		patterns->begins[address6->s6_addr[0]] = true;
		patterns->addresses6_count++;
	} else if (inet_pton(AF_INET, text, address4) == 1) {
		patterns->begins[*(const uint8_t *)address4] = true;
		patterns->addresses4_count++;
	} else {
		errx(2, "expected an address, found \"%s\"", text);
	}
}

static bool is_address6(const struct patterns *patterns, const uint8_t *bytes)
{
	for (unsigned i = 0; i < patterns->addresses6_count; i++)
		if (memcmp(bytes, &patterns->addresses6[i], 16) == 0)
			return true;
	return false;
}

static bool is_address4(const struct patterns *patterns, const uint8_t *bytes)
{
	for (unsigned i = 0; i < patterns->addresses4_count; i++)
		if (memcmp(bytes, &patterns->addresses4[i], 4) == 0)
			return true;
	return false;
}

/* Returns where the first pattern is, or -1. */
static ssize_t find(const struct patterns *patterns, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i + 8 <= size; i++) {
		if (!patterns->begins[bytes[i]])
			continue;
		if (i + 16 <= size && is_address6(patterns, bytes + i))
			return (ssize_t)i;
		if (is_address4(patterns, bytes + i) && is_address4(patterns, bytes + i + 4))
			return (ssize_t)i;
	}
	return -1;
}

static void look_at(struct watch *watch, const struct tpacket3_hdr *header)
{
	const uint8_t *bytes = (const uint8_t *)header + header->tp_mac;
	const struct sockaddr_ll *link =
		(const void *)((const uint8_t *)header + TPACKET_ALIGN(sizeof(*header)));
	ssize_t offset = find(&watch->patterns, bytes, header->tp_snaplen);

	watch->frames++;
	if (offset < 0)
		return;
	if (watch->clear < DESCRIBED_MAX) {
		struct frame *frame = &watch->described[watch->clear];

		if (!if_indextoname((unsigned)link->sll_ifindex, frame->interface))
			(void)strcpy(frame->interface, "?");
		frame->size = header->tp_snaplen;
		frame->offset = (size_t)offset;
		memcpy(frame->bytes, bytes, frame->size);
	}
	watch->clear++;
}

/* Looks at all that is in blocks which the kernel has closed, and gives these back. */
static void look_at_blocks(struct watch *watch)
{
	for (;;) {
		struct tpacket_block_desc *block =
			(void *)(watch->ring + (size_t)watch->block * BLOCK_BYTES);
		struct tpacket_hdr_v1 *header = &block->hdr.bh1;
		const uint8_t *frame = (const uint8_t *)block + header->offset_to_first_pkt;

		if (!(__atomic_load_n(&header->block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
			return;
		for (unsigned i = 0; i < header->num_pkts; i++) {
			const struct tpacket3_hdr *next = (const void *)frame;

			look_at(watch, next);
			frame += next->tp_next_offset;
		}
		__atomic_store_n(&header->block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
		watch->block = (watch->block + 1) % BLOCKS;
	}
}

static void set_option(int fd, int level, int option, const void *value, socklen_t size)
{
	if (setsockopt(fd, level, option, value, size) < 0)
		err(2, "packet socket, option %d", option);
}

/* It gets frames only when it is bound to a protocol, and by then all options are set. */
static void begin(struct watch *watch)
{
	const struct sockaddr_ll everywhere = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
	};
	struct sock_filter cut[] = { BPF_STMT(BPF_RET | BPF_K, LOOKED_AT_BYTES) };
	const struct sock_fprog program = { .len = 1, .filter = cut };
	const struct tpacket_req3 ring = {
		.tp_block_size = BLOCK_BYTES,
		.tp_block_nr = BLOCKS,
		.tp_frame_size = 2048, /* not what a frame takes: it has to divide a block */
		.tp_frame_nr = BLOCKS * BLOCK_BYTES / 2048,
		.tp_retire_blk_tov = BLOCK_MS,
	};
	const int version = TPACKET_V3, one = 1;

	watch->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (watch->fd < 0)
		err(2, "packet socket");
	set_option(watch->fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version));
	set_option(watch->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one));
	set_option(watch->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
	set_option(watch->fd, SOL_PACKET, PACKET_RX_RING, &ring, sizeof(ring));
	watch->ring = mmap(NULL, (size_t)BLOCKS * BLOCK_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
			   watch->fd, 0);
	if (watch->ring == MAP_FAILED)
		err(2, "the ring of the packet socket");
	if (bind(watch->fd, (const struct sockaddr *)&everywhere, sizeof(everywhere)) < 0)
		err(2, "packet socket");
}

/* SIGTERM comes while it waits, at no other time. */
static void look_until_end(struct watch *watch)
{
	const struct sigaction action = { .sa_handler = on_end };
	sigset_t blocked, before;

	(void)sigemptyset(&blocked);
	(void)sigaddset(&blocked, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &blocked, &before);
	(void)sigdelset(&before, SIGTERM);
	(void)sigaction(SIGTERM, &action, NULL);
	(void)puts("listening");
	(void)fflush(stdout);
	while (!ended) {
		struct pollfd poll_fd = { .fd = watch->fd, .events = POLLIN };

		if (ppoll(&poll_fd, 1, NULL, &before) < 0 && errno != EINTR)
			err(2, "ppoll");
		look_at_blocks(watch);
	}
	/* What came before the signal is in a block that the kernel has not closed. */
	(void)poll(NULL, 0, 2 * BLOCK_MS);
	look_at_blocks(watch);
}

static uint64_t lost(const struct watch *watch)
{
	struct tpacket_stats_v3 statistics = { 0 };
	socklen_t size = sizeof(statistics);

	if (getsockopt(watch->fd, SOL_PACKET, PACKET_STATISTICS, &statistics, &size) < 0)
		err(2, "PACKET_STATISTICS");
	return statistics.tp_drops;
}

/* The addresses of the outer header, its protocol, and the ports if that has some. */
static void print_outer(const struct frame *frame)
{
	const uint8_t *ip = frame->bytes + ETH_HLEN;
	char source[INET6_ADDRSTRLEN], destination[INET6_ADDRSTRLEN];
	unsigned type, protocol, ports;
	uint16_t port[2];
	int family = AF_INET;

	if (frame->size < ETH_HLEN + sizeof(struct ip6_hdr) + sizeof(port))
		return;
	type = (unsigned)frame->bytes[12] << 8 | frame->bytes[13];
	if (type == ETH_P_IP) {
		protocol = ip[offsetof(struct iphdr, protocol)];
		ports = (ip[0] & 0xfu) * 4;
		ip += offsetof(struct iphdr, saddr);
	} else if (type == ETH_P_IPV6) {
		family = AF_INET6;
		protocol = ip[offsetof(struct ip6_hdr, ip6_nxt)];
		ports = sizeof(struct ip6_hdr);
		ip += offsetof(struct ip6_hdr, ip6_src);
	} else {
		(void)printf(", type %04x", type);
		return;
	}
	(void)inet_ntop(family, ip, source, sizeof(source));
	(void)inet_ntop(family, ip + (family == AF_INET ? 4 : 16), destination,
			sizeof(destination));
	(void)printf(", %s to %s, protocol %u", source, destination, protocol);
	if (protocol != IPPROTO_UDP && protocol != IPPROTO_TCP)
		return;
	memcpy(port, frame->bytes + ETH_HLEN + ports, sizeof(port));
	(void)printf(", port %u to %u", ntohs(port[0]), ntohs(port[1]));
}

static void describe(const struct frame *frame)
{
	(void)printf("on %s", frame->interface);
	print_outer(frame);
	(void)printf(", in clear from byte %zu on:", frame->offset);
	for (size_t i = 0; i < frame->size && i < DUMPED_BYTES; i++)
		(void)printf("%s%02x", i % 16 == 0 ? "\n    " : " ", frame->bytes[i]);
	(void)puts("");
}

int main(int argc, char **argv)
{
	static struct watch watch;
	uint64_t lost_frames;

	for (int i = 1; i < argc; i++)
		add_address(&watch.patterns, argv[i]);
	if (argc < 2)
		errx(2, "which addresses?");
	begin(&watch);
	look_until_end(&watch);
	lost_frames = lost(&watch);
	(void)printf("frames %llu clear %llu lost %llu\n", (unsigned long long)watch.frames,
		     (unsigned long long)watch.clear, (unsigned long long)lost_frames);
	for (unsigned i = 0; i < DESCRIBED_MAX && i < watch.clear; i++)
		describe(&watch.described[i]);
	return watch.clear > 0 || lost_frames > 0;
}
