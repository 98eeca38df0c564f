// SPDX-License-Identifier: GPL-2.0-or-later
#include "fake_kernel.h"

#include "core/backend.h"
#include "core/plan.h"
#include "netlink/link_info.h"
#include "netlink/transport.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define DATAGRAM_BYTES_MAX 16384

ssize_t __wrap_sendto(int fd, const void *bytes, size_t size, int flags,
		      const struct sockaddr *address, socklen_t address_size);
ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags);
int __wrap_spaces_rtnetlink(struct spaces *spaces, enum space space, struct netlink **ret,
			    struct error *error);
int __wrap_spaces_links(struct spaces *spaces, enum space space, const struct link_infos **ret,
			struct error *error);
int __wrap_spaces_fd(struct spaces *spaces, enum space space);
const char *__wrap_spaces_instance(const struct spaces *spaces);
const char *__wrap_spaces_netns_name(const struct spaces *spaces);
uint32_t __wrap_spaces_overlay_table(const struct spaces *spaces);

/* Functions that are replaced get no argument of ours, hence these. */
static struct fake_kernel *current;
static struct netlink *netlink;
static struct nlmsghdr asked;	   /* the request that is being answered */
static struct link_infos links[2]; /* by space */

struct spaces *fake_kernel_use(struct fake_kernel *kernel)
{
	current = kernel;
	return (struct spaces *)kernel;
}

struct netlink *fake_kernel_netlink(void)
{
	struct error error;

	/* Once, and never closed: it costs more than what is to be tested. */
	if (!netlink && netlink_open(NETLINK_ROUTE, &netlink, &error) < 0)
		fuzz_fail(__FILE__, __LINE__, error.text);
	return netlink;
}

ssize_t __wrap_sendto(int fd, const void *bytes, size_t size, int flags,
		      const struct sockaddr *address, socklen_t address_size)
{
	struct sockaddr_nl own = { 0 };
	socklen_t own_size = sizeof(own);

	(void)flags, (void)address, (void)address_size;
	FUZZ_CHECK(size >= sizeof(asked));
	memcpy(&asked, bytes, sizeof(asked));
	FUZZ_CHECK(getsockname(fd, (struct sockaddr *)&own, &own_size) == 0);
	asked.nlmsg_pid = own.nl_pid;
	return (ssize_t)size;
}

static void put_message(const struct nlmsghdr *header, const uint8_t *bytes, size_t size,
			struct iovec *datagram, size_t *used)
{
	struct nlmsghdr ours = *header;

	ours.nlmsg_seq = asked.nlmsg_seq;
	ours.nlmsg_pid = asked.nlmsg_pid;
	memcpy((char *)datagram->iov_base + *used, bytes, size);
	memcpy((char *)datagram->iov_base + *used, &ours, sizeof(ours));
	*used += size;
}

/* The next message of the input, or the end of the answer. False after the last one. */
static bool next_message(struct iovec *datagram, size_t *used)
{
	static const struct {
		struct nlmsghdr header;
		int result;
	} done = { { .nlmsg_len = sizeof(done), .nlmsg_type = NLMSG_DONE }, 0 };
	struct fuzz_input *input = &current->answers;
	struct nlmsghdr header;
	size_t size;

	if (input->size < sizeof(header)) {
		put_message(&done.header, (const uint8_t *)&done, sizeof(done), datagram, used);
		return false;
	}
	memcpy(&header, input->bytes, sizeof(header));
	/* A length that lies is handed on, with what there is. */
	size = NLMSG_ALIGN((size_t)header.nlmsg_len);
	if (size < sizeof(header) || size > input->size)
		size = input->size;
	if (size > DATAGRAM_BYTES_MAX - *used) {
		if (*used)
			return false;
		size = DATAGRAM_BYTES_MAX;
	}
	put_message(&header, input->bytes, size, datagram, used);
	input->bytes += size;
	input->size -= size;
	return header.nlmsg_type != NLMSG_DONE && header.nlmsg_type != NLMSG_ERROR;
}

ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags)
{
	static const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	size_t used = 0;

	(void)fd, (void)flags;
	FUZZ_CHECK(message->msg_iovlen == 1 && message->msg_iov->iov_len >= DATAGRAM_BYTES_MAX * 2);
	while (next_message(message->msg_iov, &used))
		;
	if (message->msg_name)
		memcpy(message->msg_name, &kernel, sizeof(kernel));
	message->msg_namelen = sizeof(kernel);
	message->msg_flags = 0;
	return (ssize_t)used;
}

int __wrap_spaces_rtnetlink(struct spaces *spaces, enum space space, struct netlink **ret,
			    struct error *error)
{
	(void)spaces, (void)space, (void)error;
	*ret = fake_kernel_netlink();
	return 0;
}

int __wrap_spaces_links(struct spaces *spaces, enum space space, const struct link_infos **ret,
			struct error *error)
{
	(void)spaces;
	link_infos_done(&links[space]);
	*ret = &links[space];
	return link_infos_load(fake_kernel_netlink(), &links[space], error);
}

int __wrap_spaces_fd(struct spaces *spaces, enum space space)
{
	(void)spaces, (void)space;
	return 0;
}

const char *__wrap_spaces_instance(const struct spaces *spaces)
{
	(void)spaces;
	return "aronet";
}

const char *__wrap_spaces_netns_name(const struct spaces *spaces)
{
	return ((const struct fake_kernel *)spaces)->has_netns ? "aronet" : NULL;
}

uint32_t __wrap_spaces_overlay_table(const struct spaces *spaces)
{
	(void)spaces;
	return ROUTE_TABLE_MAIN;
}

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix prefix = { 0 };

	FUZZ_CHECK(ip_prefix_parse(text, &prefix) == 0);
	return prefix;
}

struct state *fake_kernel_intended(const struct fake_kernel *kernel)
{
	const struct object objects[] = {
		{ .kind = OBJECT_LINK,
		  .link = { .space = SPACE_UNDERLAY,
			    .name = "aronet",
			    .kind = LINK_VETH,
			    .label = "veth",
			    .mtu = 1356,
			    .up = true } },
		{ .kind = OBJECT_LINK,
		  .link = { .space = SPACE_OVERLAY,
			    .name = "aronet",
			    .kind = kernel->has_netns ? LINK_VETH_PEER : LINK_VRF,
			    .label = "veth",
			    .mtu = 1356,
			    .up = true } },
		{ .kind = OBJECT_LINK,
		  .link = { .space = SPACE_OVERLAY,
			    .name = "arlwabvlup2v",
			    .kind = LINK_WIREGUARD,
			    .label = "example/sun/0",
			    .mtu = 1420,
			    .up = true } },
		{ .kind = OBJECT_VRF_MEMBER,
		  .vrf_member = { .link = "arlwabvlup2v", .vrf = "aronet" } },
		{ .kind = OBJECT_ADDRESS,
		  .address = { .space = SPACE_OVERLAY,
			       .link = "aronet",
			       .prefix = prefix("fd66:1::1/64") } },
		{ .kind = OBJECT_SID,
		  .sid = { .table = ROUTE_TABLE_MAIN,
			   .sid = prefix("fd66:1:0:0:ffff::1"),
			   .behavior = SID_END,
			   .link = "aronet" } },
		{ .kind = OBJECT_ROUTE,
		  .route = { .space = SPACE_OVERLAY,
			     .table = ROUTE_TABLE_MAIN,
			     .prefix = prefix("fd66:2::/64"),
			     .metric = 1024,
			     .link = "aronet" } },
		{ .kind = OBJECT_ROUTE,
		  .route = { .space = SPACE_UNDERLAY,
			     .table = ROUTE_TABLE_MAIN,
			     .prefix = prefix("192.168.128.0/17"),
			     .metric = 256,
			     .link = "aronet" } },
	};
	struct state *state = state_new();

	for (size_t i = 0; i < ARRAY_SIZE(objects); i++)
		FUZZ_CHECK(state_add(state, &objects[i]) == 0);
	return state;
}

static bool can_update(void *userdata, const struct object *from, const struct object *to)
{
	const struct backend *backend = userdata;

	return !backend->claims(backend->userdata, to) || !backend->can_update ||
	       backend->can_update(backend->userdata, from, to);
}

static void print_plan(const struct plan *plan)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	for (size_t i = 0; i < plan->operations_count; i++)
		operation_format(&plan->operations[i], &text);
}

void fake_kernel_observe(const struct backend *backend, const struct state *intended)
{
	CLEANUP(state_free) struct state *operational = state_new();
	CLEANUP(plan_free) struct plan *plan = NULL;
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct error error = { 0 };
	int result = backend->observe(backend->userdata, intended, operational, &error);

	if (result < 0)
		fuzz_check_refusal(result, &error);
	for (size_t i = 0; i < state_count(operational); i++)
		object_format(state_at(operational, i), &text);
	plan = plan_make(intended, operational, can_update, (void *)(uintptr_t)backend);
	print_plan(plan);
}
