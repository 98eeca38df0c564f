// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A Babel speaker that announces whatever it is told to, for scenarios with a hostile member. To be
 * run in the overlay of that member, in the place of its babeld:
 *
 *	hostile-speaker [OPTION...] LINK... -- [PREFIX=ROUTER-ID=METRIC]...
 *
 * -n COUNT: and COUNT prefixes of its own invention.
 *
 * -f RATE: with all that, RATE packets a second instead of a full update in four seconds.
 *
 * -s: each packet of a flood from another link-local address.
 *
 * -m: each packet of a flood full of TLVs that break the rules.
 *
 * -q SEQNO: the sequence number of all it announces; else newer than that of a babeld before it,
 *which goes by the same clock.
 *
 * It says hello and answers the hellos of its neighbours, so that they believe it as far as they
 * believe anybody. It runs until it is killed, and then says nothing any more.
 */
#include "babel/packet.h"
#include "base/cleanup.h"
#include "base/hex.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LINKS_MAX 16
#define NEIGHBOURS_MAX 64
#define ANNOUNCEMENTS_MAX 64
#define PAYLOAD_MAX 1200
#define TICK_MS 500
#define UPDATE_TICKS 8 /* a full update in so many ticks */

struct announcement {
	struct ip_prefix prefix;
	uint8_t router_id[BABEL_ROUTER_ID_SIZE];
	uint16_t metric;
};

struct heard {
	struct in6_addr address;
	unsigned link; /* its ifindex */
};

struct speaker {
	int fd;
	unsigned links[LINKS_MAX];
	unsigned links_count;
	struct announcement announcements[ANNOUNCEMENTS_MAX];
	unsigned announcements_count;
	unsigned invented;
	unsigned rate; /* packets a second; 0: no flood */
	bool as_strangers, in_disguise, malformed;
	struct heard heard[NEIGHBOURS_MAX];
	unsigned heard_count;
	uint16_t hello, seqno;
	uint64_t sent;
};

struct packet {
	uint8_t bytes[PAYLOAD_MAX + 64];
	size_t size;
};

static void put(struct packet *packet, const void *bytes, size_t size)
{
	memcpy(packet->bytes + packet->size, bytes, size);
	packet->size += size;
}

static void put_u16(struct packet *packet, unsigned value)
{
	put(packet, (const uint8_t[]) { (uint8_t)(value >> 8), (uint8_t)value }, 2);
}

static void begin(struct packet *packet)
{
	packet->size = 0;
	put(packet, "\x2a\x02\0\0", 4);
}

/* From any of 65536 addresses, or from the one of the link. */
static void choose_source(const struct speaker *speaker, unsigned link, struct in6_pktinfo *ret)
{
	*ret = (struct in6_pktinfo) { .ipi6_ifindex = link };
	if (!speaker->in_disguise)
		return;
	ret->ipi6_addr.s6_addr[0] = 0xfe;
	ret->ipi6_addr.s6_addr[1] = 0x80;
	ret->ipi6_addr.s6_addr[8] = 0xbd;
	ret->ipi6_addr.s6_addr[14] = (uint8_t)(speaker->sent >> 8);
	ret->ipi6_addr.s6_addr[15] = (uint8_t)speaker->sent;
}

static void send_on(struct speaker *speaker, struct packet *packet, unsigned link)
{
	struct sockaddr_in6 group = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(BABEL_PORT),
		.sin6_scope_id = link,
	};
	struct iovec payload = { packet->bytes, packet->size };
	union {
		char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
		struct cmsghdr header;
	} control = { 0 };
	struct msghdr message = {
		.msg_name = &group,
		.msg_namelen = sizeof(group),
		.msg_iov = &payload,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = IPPROTO_IPV6;
	header->cmsg_type = IPV6_PKTINFO;
	header->cmsg_len = CMSG_LEN(sizeof(struct in6_pktinfo));
	choose_source(speaker, link, (struct in6_pktinfo *)(void *)CMSG_DATA(header));
	(void)inet_pton(AF_INET6, "ff02::1:6", &group.sin6_addr);
	packet->bytes[2] = (uint8_t)((packet->size - 4) >> 8);
	packet->bytes[3] = (uint8_t)(packet->size - 4);
	speaker->sent++;
	/* A tunnel without a session, or one that has gone: the next time, then. */
	(void)!sendmsg(speaker->fd, &message, 0);
}

static void send_everywhere(struct speaker *speaker, struct packet *packet)
{
	for (unsigned i = 0; i < speaker->links_count; i++)
		send_on(speaker, packet, speaker->links[i]);
}

/* RFC 8966 sections 4.6.5 and 4.6.6: a hello, and "I heard you" at a cost of 96 to each neighbour.
 */
static void say_hello(struct speaker *speaker)
{
	for (unsigned i = 0; i < speaker->links_count; i++) {
		struct packet packet;

		begin(&packet);
		put(&packet, "\x04\x06\0\0", 4);
		put_u16(&packet, speaker->hello);
		put_u16(&packet, TICK_MS / 10);
		for (unsigned j = 0; j < speaker->heard_count; j++) {
			if (speaker->heard[j].link != speaker->links[i])
				continue;
			put(&packet, "\x05\x0e\x03\0\0\x60", 6);
			put_u16(&packet, 3 * TICK_MS / 10);
			put(&packet, speaker->heard[j].address.s6_addr + 8, 8);
		}
		send_on(speaker, &packet, speaker->links[i]);
	}
	speaker->hello++;
}

static void put_announcement(struct packet *packet, const struct announcement *announcement,
			     const struct speaker *speaker)
{
	const struct ip_prefix *prefix = &announcement->prefix;
	size_t size = (prefix->length + 7u) / 8;
	uint8_t encoding = prefix->address.family == AF_INET ? 4 : 2;

	put(packet, "\x06\x0a\0\0", 4);
	put(packet, announcement->router_id, sizeof(announcement->router_id));
	put(packet, (const uint8_t[]) { 8, (uint8_t)(10 + size), encoding, 0, prefix->length, 0 },
	    6);
	put_u16(packet, UPDATE_TICKS * TICK_MS / 10);
	put_u16(packet, speaker->seqno);
	put_u16(packet, announcement->metric);
	put(packet, prefix->address.bytes, size);
}

/* 2001:db8:N:N::/64 under the first router-id. */
static struct announcement invent(const struct speaker *speaker, unsigned number)
{
	struct announcement invented = speaker->announcements[0];
	uint8_t bytes[16] = { 0x20, 0x01, 0x0d, 0xb8 };

	bytes[5] = (uint8_t)(number >> 16);
	bytes[6] = (uint8_t)(number >> 8);
	bytes[7] = (uint8_t)number;
	invented.prefix.address = ip_address_from_bytes(AF_INET6, bytes);
	invented.prefix.length = 64;
	return invented;
}

/* The next packet of a full update, from announcement *@next on; 0 again after the last. */
static void fill(const struct speaker *speaker, struct packet *packet, unsigned *next)
{
	unsigned count = speaker->announcements_count + speaker->invented;

	begin(packet);
	while (speaker->malformed && packet->size < PAYLOAD_MAX)
		put(packet, "\x08\x01", 3); /* an Update of one byte */
	while (*next < count && packet->size < PAYLOAD_MAX) {
		struct announcement invented;

		if (*next < speaker->announcements_count) {
			put_announcement(packet, &speaker->announcements[*next], speaker);
		} else {
			invented = invent(speaker, *next);
			put_announcement(packet, &invented, speaker);
		}
		++*next;
	}
	if (*next >= count)
		*next = 0;
}

static void send_full_update(struct speaker *speaker)
{
	unsigned next = 0;

	do {
		struct packet packet;

		fill(speaker, &packet, &next);
		send_everywhere(speaker, &packet);
		if (next % 1000 == 0)
			(void)poll(NULL, 0, 1); /* what queues cannot hold is lost */
	} while (next > 0);
}

static int64_t now_usec(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* For one tick, at the rate that was asked for or as fast as it goes. */
static void flood(struct speaker *speaker, unsigned *next)
{
	int64_t begin_usec = now_usec();
	uint64_t due = (uint64_t)speaker->rate * TICK_MS / 1000;

	for (uint64_t i = 0; i < due; i++) {
		int64_t passed = now_usec() - begin_usec;
		struct packet packet;

		if (passed >= TICK_MS * 1000)
			break;
		if (passed < (int64_t)(i * 1000000 / speaker->rate) - 2000)
			(void)poll(NULL, 0, 2);
		fill(speaker, &packet, next);
		send_on(speaker, &packet, speaker->links[i % speaker->links_count]);
	}
}

static void remember(struct speaker *speaker, const struct sockaddr_in6 *from)
{
	for (unsigned i = 0; i < speaker->heard_count; i++)
		if (speaker->heard[i].link == from->sin6_scope_id &&
		    memcmp(&speaker->heard[i].address, &from->sin6_addr, 16) == 0)
			return;
	if (speaker->heard_count < NEIGHBOURS_MAX)
		speaker->heard[speaker->heard_count++] =
			(struct heard) { from->sin6_addr, from->sin6_scope_id };
}

static void listen_for(struct speaker *speaker, int64_t until_usec)
{
	for (int64_t now; (now = now_usec()) < until_usec;) {
		struct pollfd poll_fd = { .fd = speaker->fd, .events = POLLIN };
		struct sockaddr_in6 from;
		socklen_t size = sizeof(from);
		uint8_t bytes[2048];

		if (poll(&poll_fd, 1, (int)((until_usec - now) / 1000 + 1)) > 0 &&
		    recvfrom(speaker->fd, bytes, sizeof(bytes), MSG_DONTWAIT,
			     (struct sockaddr *)&from, &size) > 0)
			remember(speaker, &from);
	}
}

static void open_socket(struct speaker *speaker)
{
	const struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(BABEL_PORT) };
	const int one = 1, zero = 0;

	speaker->fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (speaker->fd < 0 ||
	    setsockopt(speaker->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    setsockopt(speaker->fd, IPPROTO_IPV6, IPV6_FREEBIND, &one, sizeof(one)) < 0 ||
	    setsockopt(speaker->fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, &zero, sizeof(zero)) < 0 ||
	    bind(speaker->fd, (const struct sockaddr *)&any, sizeof(any)) < 0)
		err(1, "cannot speak Babel here");
}

static void join(struct speaker *speaker, const char *link)
{
	struct ipv6_mreq group = { .ipv6mr_interface = if_nametoindex(link) };

	(void)inet_pton(AF_INET6, "ff02::1:6", &group.ipv6mr_multiaddr);
	if (speaker->links_count == LINKS_MAX ||
	    setsockopt(speaker->fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &group, sizeof(group)) < 0)
		err(1, "%s", link);
	speaker->links[speaker->links_count++] = group.ipv6mr_interface;
}

static void add_announcement(struct speaker *speaker, char *text)
{
	struct announcement *announcement = &speaker->announcements[speaker->announcements_count];
	const char *prefix = strsep(&text, "=");
	const char *id = strsep(&text, "=");

	if (speaker->announcements_count++ == ANNOUNCEMENTS_MAX || !id || !text ||
	    ip_prefix_parse(prefix, &announcement->prefix) < 0 ||
	    hex_parse(id, announcement->router_id, BABEL_ROUTER_ID_SIZE) < 0)
		errx(2, "expected PREFIX=ROUTER-ID=METRIC, found \"%s\"", prefix);
	announcement->metric = (uint16_t)strtoul(text, NULL, 10);
}

static void read_options(struct speaker *speaker, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "+n:f:smq:")) != -1) {
		if (option == 'n')
			speaker->invented = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 'f')
			speaker->rate = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 's')
			speaker->as_strangers = true;
		else if (option == 'm')
			speaker->malformed = true;
		else if (option == 'q')
			speaker->seqno = (uint16_t)strtoul(optarg, NULL, 10);
		else
			exit(2);
	}
	open_socket(speaker);
	for (; optind < argc && strcmp(argv[optind], "--") != 0; optind++)
		join(speaker, argv[optind]);
	for (optind++; optind < argc; optind++)
		add_announcement(speaker, argv[optind]);
	if (speaker->links_count == 0 || speaker->announcements_count == 0)
		errx(2, "a link and an announcement are needed");
}

int main(int argc, char **argv)
{
	static struct speaker speaker;
	unsigned next = 0;

	speaker.seqno = (uint16_t)((uint64_t)time(NULL) * 4);
	read_options(&speaker, argc, argv);
	for (unsigned tick = 0;; tick++) {
		int64_t end_usec = now_usec() + TICK_MS * 1000;

		speaker.in_disguise = false;
		say_hello(&speaker);
		speaker.in_disguise = speaker.as_strangers;
		if (speaker.rate > 0)
			flood(&speaker, &next);
		else if (tick % UPDATE_TICKS == 1)
			send_full_update(&speaker);
		listen_for(&speaker, end_usec);
	}
}
