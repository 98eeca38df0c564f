// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/listener.h"

#include "base/memory.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>

#define USEC_PER_SEC 1000000ull
#define HEADERS_SIZE (sizeof(struct ip6_hdr) + sizeof(struct udphdr))
#define PACKET_MAX 65536 /* more than the payload of an IPv6 packet */

/* One socket, for as long as libuv needs it. */
struct ear {
	uv_poll_t poll;
	int fd;
};

struct listener {
	uv_loop_t *loop;
	struct spaces *spaces;
	struct audit *audit;
	struct ear *ear; /* NULL: there is no overlay */
	dev_t device;	 /* of the namespace that it is in */
	ino_t inode;
	uv_timer_t timer; /* the audit's next tick, or the end of a pause */
	bool is_paused;
	uint64_t second; /* that @spent_usec belongs to */
	uint64_t spent_usec;
	struct listener_stats stats;
	uint8_t packet[PACKET_MAX];
};

/*
 * UDP to Babel's port from a link-local address, right behind the IPv6 header. babeld takes nothing
 * else, and the firewall drops Babel packets with extension headers or in fragments.
 */
static struct sock_filter babel_only[] = {
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, offsetof(struct ip6_hdr, ip6_nxt)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 6),
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, offsetof(struct ip6_hdr, ip6_src)),
	BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xffc0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xfe80, 0, 3),
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS,
		 sizeof(struct ip6_hdr) + offsetof(struct udphdr, uh_dport)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, BABEL_PORT, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, PACKET_MAX),
	BPF_STMT(BPF_RET | BPF_K, 0),
};

static uint64_t now_usec(void)
{
	return uv_hrtime() / 1000;
}

/* Not the time of the day: on a busy machine others run while we seem to listen. */
static uint64_t processor_usec(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * USEC_PER_SEC + (uint64_t)now.tv_nsec / 1000;
}

static void on_timer(uv_timer_t *timer);

static void set_timer(struct listener *listener, uint64_t at_usec)
{
	uint64_t now = now_usec();

	if (at_usec == UINT64_MAX)
		(void)uv_timer_stop(&listener->timer);
	else
		(void)uv_timer_start(&listener->timer, on_timer,
				     at_usec > now ? (at_usec - now + 999) / 1000 : 0, 0);
}

static void tick(struct listener *listener)
{
	uint64_t due = audit_tick(listener->audit, now_usec());
	uint64_t end = (listener->second + 1) * USEC_PER_SEC;

	set_timer(listener, listener->is_paused && end < due ? end : due);
}

/* What the kernel has dropped because the queue was full; reading it sets it to zero. */
static void count_missed(struct listener *listener)
{
	struct tpacket_stats stats;
	socklen_t size = sizeof(stats);

	if (getsockopt(listener->ear->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0)
		listener->stats.missed += stats.tp_drops;
}

static void on_readable(uv_poll_t *poll, int status, int events);

static void go_on(struct listener *listener)
{
	if (!listener->is_paused || !listener->ear)
		return;
	listener->is_paused = false;
	count_missed(listener);
	(void)uv_poll_start(&listener->ear->poll, UV_READABLE, on_readable);
}

static void on_timer(uv_timer_t *timer)
{
	struct listener *listener = timer->data;

	if (listener->second != now_usec() / USEC_PER_SEC)
		go_on(listener);
	tick(listener);
}

/* The name is the kernel's at this moment: numbers and names of interfaces may change. */
static bool interface_name(const struct ear *ear, const struct sockaddr_ll *sender,
			   char ret[IFNAMSIZ])
{
	struct ifreq request = { .ifr_ifindex = sender->sll_ifindex };

	if (ioctl(ear->fd, SIOCGIFNAME, &request) < 0)
		return false;
	memcpy(ret, request.ifr_name, IFNAMSIZ);
	ret[IFNAMSIZ - 1] = '\0';
	return true;
}

/* The filter has made sure of the headers, not of the lengths in them. */
static void hear_packet(struct listener *listener, const struct sockaddr_ll *sender, size_t size)
{
	const struct udphdr *udp = (const void *)(listener->packet + sizeof(struct ip6_hdr));
	size_t udp_size = size < HEADERS_SIZE ? 0 : ntohs(udp->uh_ulen);
	char name[IFNAMSIZ];

	listener->stats.packets++;
	if (udp_size < sizeof(*udp) || !interface_name(listener->ear, sender, name))
		return;
	/* Less than the packet: padding. More: cut off, which the audit calls malformed. */
	if (udp_size > size - sizeof(struct ip6_hdr))
		udp_size = size - sizeof(struct ip6_hdr);
	audit_packet(listener->audit, name, listener->packet + HEADERS_SIZE,
		     udp_size - sizeof(*udp), now_usec());
}

static int read_packet(struct listener *listener)
{
	struct sockaddr_ll sender = { 0 };
	socklen_t sender_size = sizeof(sender);
	ssize_t size = recvfrom(listener->ear->fd, listener->packet, sizeof(listener->packet),
				MSG_DONTWAIT, (struct sockaddr *)&sender, &sender_size);

	if (size < 0)
		return errno == EINTR || errno == ENETDOWN ? 0 : -errno;
	hear_packet(listener, &sender, (size_t)size);
	return 0;
}

/* Returns true when this second's share is used up. */
static bool is_spent(struct listener *listener, uint64_t usec)
{
	uint64_t second = now_usec() / USEC_PER_SEC;

	if (listener->second != second) {
		listener->second = second;
		listener->spent_usec = 0;
	}
	listener->spent_usec += usec;
	return listener->spent_usec > LISTENER_BUDGET_USEC;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct listener *listener = poll->data;
	uint64_t began_usec = processor_usec();

	(void)status, (void)events;
	for (unsigned i = 0; i < LISTENER_PACKETS_PER_TURN; i++)
		if (read_packet(listener) < 0)
			break;
	if (is_spent(listener, processor_usec() - began_usec)) {
		listener->is_paused = true;
		audit_overrun(listener->audit, now_usec());
		(void)uv_poll_stop(poll);
	}
	tick(listener);
}

/* Nothing may be queued before the filter is there, hence protocol 0 at first. */
static int open_socket(void)
{
	CLEANUP(close)
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const struct sock_fprog program = { ARRAY_SIZE(babel_only), babel_only };
	const struct sockaddr_ll all = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IPV6), /* which leaves out what is sent */
	};
	const int queue = LISTENER_QUEUE_BYTES;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0 ||
	    bind(fd, (const struct sockaddr *)&all, sizeof(all)) < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &queue, sizeof(queue));
	return take_fd(&fd);
}

static void ear_closed(uv_handle_t *handle)
{
	struct ear *ear = handle->data;

	(void)close(ear->fd);
	free(ear);
}

static void stop_listening(struct listener *listener)
{
	struct ear *ear = TAKE(listener->ear);

	listener->inode = 0;
	listener->is_paused = false;
	if (!ear)
		return;
	ear->poll.data = ear;
	uv_close((uv_handle_t *)&ear->poll, ear_closed);
}

static int start_listening(struct listener *listener)
{
	CLEANUP(close) int fd = -1;
	struct ear *ear;
	int result = spaces_enter(listener->spaces, SPACE_OVERLAY);

	if (result < 0)
		return result;
	fd = open_socket();
	spaces_leave(listener->spaces);
	if (fd < 0)
		return fd;
	ear = NEW(struct ear);
	result = uv_poll_init(listener->loop, &ear->poll, fd);
	if (result < 0) {
		free(ear);
		return result;
	}
	ear->fd = take_fd(&fd);
	ear->poll.data = listener;
	listener->ear = ear;
	return uv_poll_start(&ear->poll, UV_READABLE, on_readable);
}

int listener_follow(struct listener *listener)
{
	int netns = spaces_fd(listener->spaces, SPACE_OVERLAY);
	struct stat status;
	int result;

	if (netns < 0 || fstat(netns, &status) < 0) {
		stop_listening(listener);
		return 0;
	}
	if (listener->ear && status.st_dev == listener->device && status.st_ino == listener->inode)
		return 0;
	stop_listening(listener);
	result = start_listening(listener);
	if (result < 0)
		return result;
	listener->device = status.st_dev;
	listener->inode = status.st_ino;
	return 0;
}

struct listener *listener_new(uv_loop_t *loop, struct spaces *spaces, struct audit *audit)
{
	struct listener *listener = NEW(struct listener);

	listener->loop = loop;
	listener->spaces = spaces;
	listener->audit = audit;
	(void)uv_timer_init(loop, &listener->timer);
	listener->timer.data = listener;
	return listener;
}

static void listener_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void listener_free(struct listener *listener)
{
	if (!listener)
		return;
	stop_listening(listener);
	uv_close((uv_handle_t *)&listener->timer, listener_closed);
}

void listener_stats(const struct listener *listener, struct listener_stats *ret)
{
	*ret = listener->stats;
	ret->is_listening = listener->ear != NULL;
}
