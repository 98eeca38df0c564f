// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/transport.h"

#include "base/memory.h"
#include "base/strbuf.h"
#include "netlink/attribute.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

/* Asked for; without CAP_NET_ADMIN the system's own limit stays. */
#define RECEIVE_QUEUE_BYTES (8 << 20)

/*
 * For each datagram of a dump the kernel takes, and clears, as much memory as was ever asked for on
 * the socket, up to 32 KiB. Devices of WireGuard are dumped one by one, hundreds of them, and each
 * is a few hundred bytes; one that is larger comes in several messages. With what the kernel keeps
 * behind the data this is 8 KiB.
 */
#define GENERIC_BUFFER_SIZE (8192 - 512)

/* All routes of a full Internet table fit; more is a runaway. */
#define DUMP_BYTES_MAX ((size_t)256 << 20)

struct netlink {
	int fd;
	int protocol;
	uint32_t port_id; /* ours, as the kernel gave it */
	uint32_t sequence;
	uint8_t request[NETLINK_BUFFER_SIZE];
	uint8_t answer[NETLINK_BUFFER_SIZE];
};

/*
 * The one counter of file scope: tests and `status` ask whether a second load wrote anything to
 * the kernel, over all sockets.
 */
static atomic_uint_least64_t writes;

uint64_t netlink_writes(void)
{
	return atomic_load(&writes);
}

static int set_options(int fd)
{
	const struct timeval timeout = { .tv_sec = NETLINK_TIMEOUT_SEC };
	const int queue = RECEIVE_QUEUE_BYTES;
	const int on = 1;

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &queue, sizeof(queue));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) < 0 ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on)) < 0)
		return -errno;
	return 0;
}

static int bind_port(int fd, uint32_t *ret)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	socklen_t size = sizeof(address);

	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &size) < 0)
		return -errno;
	*ret = address.nl_pid;
	return 0;
}

int netlink_open(int protocol, struct netlink **ret, struct error *error)
{
	CLEANUP(netlink_free) struct netlink *netlink = NEW(struct netlink);
	int result;

	netlink->protocol = protocol;
	netlink->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	if (netlink->fd < 0)
		return error_set(error, -errno, ERROR_APPLY, NULL, "cannot open netlink: %m");
	result = set_options(netlink->fd);
	if (result == 0)
		result = bind_port(netlink->fd, &netlink->port_id);
	if (result < 0)
		return error_set(error, result, ERROR_APPLY, NULL, "cannot set up netlink: %s",
				 strerror(-result));
	*ret = TAKE(netlink);
	return 0;
}

void netlink_free(struct netlink *netlink)
{
	if (!netlink)
		return;
	if (netlink->fd >= 0)
		(void)close(netlink->fd);
	/* Requests carry private keys of tunnels. */
	explicit_bzero(netlink, sizeof(*netlink));
	free(netlink);
}

struct nlmsghdr *netlink_request(struct netlink *netlink, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *message = (struct nlmsghdr *)netlink->request;

	/* The last request may have held a key, and padding has to be zero. */
	explicit_bzero(message, message->nlmsg_len);
	message = mnl_nlmsg_put_header(netlink->request);
	message->nlmsg_type = type;
	message->nlmsg_flags = NLM_F_REQUEST | flags;
	message->nlmsg_seq = ++netlink->sequence;
	return message;
}

static bool can_change_something(const struct netlink *netlink, const struct nlmsghdr *message)
{
	if (netlink->protocol == NETLINK_GENERIC)
		return message->nlmsg_type != GENL_ID_CTRL;
	if (netlink->protocol == NETLINK_NETFILTER)
		return false; /* changed by libnftables, which firewall/ counts */
	if (netlink->protocol == NETLINK_XFRM)
		return message->nlmsg_type != XFRM_MSG_GETSA &&
		       message->nlmsg_type != XFRM_MSG_GETPOLICY;
	/* rtnetlink numbers its types in fours: NEW, DEL, GET, SET. */
	return (message->nlmsg_type & 3) != (RTM_GETLINK & 3);
}

static int send_request(struct netlink *netlink, const struct nlmsghdr *message)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	ssize_t length;

	do
		length = sendto(netlink->fd, message, message->nlmsg_len, 0,
				(const struct sockaddr *)&kernel, sizeof(kernel));
	while (length < 0 && errno == EINTR);
	return length < 0 ? -errno : 0;
}

/*
 * One datagram. Returns its length, 0 for one that is not from the kernel, -EMSGSIZE for one that
 * was cut, -ETIMEDOUT.
 */
static ssize_t receive(struct netlink *netlink)
{
	struct sockaddr_nl sender = { 0 };
	bool is_generic = netlink->protocol == NETLINK_GENERIC;
	struct iovec vector = {
		.iov_base = netlink->answer,
		.iov_len = is_generic ? GENERIC_BUFFER_SIZE : sizeof(netlink->answer),
	};
	struct msghdr header = {
		.msg_name = &sender,
		.msg_namelen = sizeof(sender),
		.msg_iov = &vector,
		.msg_iovlen = 1,
	};
	ssize_t length;

	do
		length = recvmsg(netlink->fd, &header, 0);
	while (length < 0 && errno == EINTR);
	if (length < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	/* Any process may send to our port; only port 0 is the kernel. */
	if (header.msg_namelen != sizeof(sender) || sender.nl_pid != 0)
		return 0;
	return header.msg_flags & MSG_TRUNC ? -EMSGSIZE : length;
}

struct extended_ack {
	const char *text;
	uint16_t missing_type;
};

static int read_extended_ack(const struct nlattr *attribute, void *userdata)
{
	struct extended_ack *ack = userdata;

	if (mnl_attr_get_type(attribute) == NLMSGERR_ATTR_MSG &&
	    mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0)
		ack->text = mnl_attr_get_str(attribute);
#ifdef NLMSGERR_ATTR_MISS_TYPE
	if (mnl_attr_get_type(attribute) == NLMSGERR_ATTR_MISS_TYPE &&
	    mnl_attr_validate(attribute, MNL_TYPE_U32) == 0)
		ack->missing_type = (uint16_t)mnl_attr_get_u32(attribute);
#endif
	return MNL_CB_OK;
}

#define ERRNO_MAX 4095 /* include/linux/err.h: MAX_ERRNO */

/* @offset: where in @message the attributes of the extended ack begin. */
static int report(const struct nlmsghdr *message, size_t offset, int result, const char *what,
		  struct error *error)
{
	struct extended_ack ack = { 0 };

	if (result < -ERRNO_MAX)
		return error_set(error, -EBADMSG, ERROR_APPLY, NULL, "%s: malformed answer", what);
	if (message->nlmsg_flags & NLM_F_ACK_TLVS && offset < mnl_nlmsg_get_payload_len(message))
		(void)mnl_attr_parse(message, (unsigned)offset, read_extended_ack, &ack);
	if (ack.text)
		return error_set(error, result, ERROR_APPLY, NULL, "%s: %s", what, ack.text);
	return error_set(error, result, ERROR_APPLY, NULL, "%s: %s", what, strerror(-result));
}

static int read_acknowledgement(const struct nlmsghdr *message, const char *what,
				struct error *error)
{
	const struct nlmsgerr *answer = mnl_nlmsg_get_payload(message);
	size_t offset = sizeof(*answer);

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*answer))
		return error_set(error, -EBADMSG, ERROR_APPLY, NULL, "%s: short answer", what);
	if (answer->error >= 0)
		return 0;
	/* Unless told otherwise the kernel repeats the request between error and attributes. */
	if (!(message->nlmsg_flags & NLM_F_CAPPED))
		offset = sizeof(answer->error) + MNL_ALIGN(answer->msg.nlmsg_len);
	return report(message, offset, answer->error, what, error);
}

static int read_end_of_dump(const struct nlmsghdr *message, const char *what, struct error *error)
{
	const int *result = mnl_nlmsg_get_payload(message);

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*result) || *result >= 0)
		return 0;
	return report(message, sizeof(*result), *result, what, error);
}

/* An answer to one request while it is being read. */
struct exchange {
	struct netlink *netlink;
	const char *what;
	struct strbuf messages; /* what came before the end, aligned */
	bool keep;		/* false: nobody wants the messages */
	bool incomplete;	/* the table changed meanwhile, or something was lost */
	bool ended;
};

/* The kernel's list of SAs has their keys in it: what is left of it here is wiped. */
static void exchange_done(struct exchange *exchange)
{
	if (exchange->netlink->protocol == NETLINK_XFRM && exchange->messages.bytes) {
		explicit_bzero(exchange->messages.bytes, exchange->messages.size);
		explicit_bzero(exchange->netlink->answer, sizeof(exchange->netlink->answer));
	}
	strbuf_done(&exchange->messages);
}

static int take_message(struct exchange *exchange, const struct nlmsghdr *message,
			struct error *error)
{
	static const uint8_t padding[MNL_ALIGNTO];
	size_t length = message->nlmsg_len;

	if (message->nlmsg_flags & NLM_F_DUMP_INTR)
		exchange->incomplete = true;
	if (message->nlmsg_type == NLMSG_ERROR || message->nlmsg_type == NLMSG_DONE)
		exchange->ended = true;
	if (message->nlmsg_type == NLMSG_ERROR)
		return read_acknowledgement(message, exchange->what, error);
	if (message->nlmsg_type == NLMSG_DONE)
		return read_end_of_dump(message, exchange->what, error);
	if (message->nlmsg_type < NLMSG_MIN_TYPE || !exchange->keep)
		return 0;
	if (exchange->messages.length + length > DUMP_BYTES_MAX)
		return error_set(error, -EFBIG, ERROR_TOO_BIG, NULL, "%s: more than %zu bytes",
				 exchange->what, DUMP_BYTES_MAX);
	strbuf_append(&exchange->messages, message, length);
	strbuf_append(&exchange->messages, padding, MNL_ALIGN(length) - length);
	return 0;
}

static int take_datagram(struct exchange *exchange, size_t length, struct error *error)
{
	const struct nlmsghdr *message = (const struct nlmsghdr *)exchange->netlink->answer;
	int remaining = (int)length;
	int result = 0;

	for (; result == 0 && message_is_whole(message, remaining);
	     message = mnl_nlmsg_next(message, &remaining)) {
		/* The rest of an earlier exchange that ran into its time limit. */
		if (message->nlmsg_seq != exchange->netlink->sequence ||
		    message->nlmsg_pid != exchange->netlink->port_id)
			continue;
		result = take_message(exchange, message, error);
	}
	return result;
}

/*
 * Read to the end of the answer even when it is already worthless: the kernel refuses a new dump
 * while one is running.
 */
static int read_answer(struct exchange *exchange, struct error *error)
{
	while (!exchange->ended) {
		ssize_t length = receive(exchange->netlink);
		int result;

		if (length == -ENOBUFS || length == -EMSGSIZE) {
			exchange->incomplete = true;
			continue;
		}
		if (length < 0)
			return error_set(error, (int)length, ERROR_APPLY, NULL, "%s: %s",
					 exchange->what, strerror((int)-length));
		result = take_datagram(exchange, (size_t)length, error);
		if (result < 0)
			return result;
	}
	return 0;
}

static int perform(struct exchange *exchange, const struct nlmsghdr *request, struct error *error)
{
	int result = send_request(exchange->netlink, request);

	if (result < 0)
		return error_set(error, result, ERROR_APPLY, NULL, "%s: cannot send: %s",
				 exchange->what, strerror(-result));
	return read_answer(exchange, error);
}

static int hand_over(const struct exchange *exchange, netlink_message_fn *message, void *userdata,
		     struct error *error)
{
	const struct nlmsghdr *header = (const struct nlmsghdr *)exchange->messages.bytes;
	int remaining = (int)exchange->messages.length;
	int result = 0;

	for (; result == 0 && remaining > 0 && message_is_whole(header, remaining);
	     header = mnl_nlmsg_next(header, &remaining))
		result = message(userdata, header);
	if (result < 0)
		return error_set(error, result, ERROR_APPLY, NULL, "%s: malformed answer",
				 exchange->what);
	return result;
}

int netlink_get(struct netlink *netlink, const char *what, netlink_message_fn *message,
		void *userdata, struct error *error)
{
	struct nlmsghdr *request = (struct nlmsghdr *)netlink->request;
	struct exchange exchange = { .netlink = netlink, .what = what, .keep = message != NULL };
	int result;

	request->nlmsg_flags |= NLM_F_ACK;
	if (can_change_something(netlink, request))
		atomic_fetch_add(&writes, 1);
	result = perform(&exchange, request, error);
	if (result == 0 && message && exchange.incomplete)
		result = error_set(error, -EMSGSIZE, ERROR_APPLY, NULL,
				   "%s: a part of the answer was lost", what);
	if (result == 0 && message)
		result = hand_over(&exchange, message, userdata, error);
	exchange_done(&exchange);
	return result;
}

int netlink_call(struct netlink *netlink, const char *what, struct error *error)
{
	return netlink_get(netlink, what, NULL, NULL, error);
}

/* Returns 1 if the dump has to be begun anew. */
static int dump_once(struct netlink *netlink, const char *what, netlink_message_fn *message,
		     void *userdata, struct error *error)
{
	struct exchange exchange = { .netlink = netlink, .what = what, .keep = true };
	int result = perform(&exchange, (struct nlmsghdr *)netlink->request, error);

	if (result == 0 && exchange.incomplete)
		result = 1;
	if (result == 0)
		result = hand_over(&exchange, message, userdata, error);
	exchange_done(&exchange);
	return result;
}

int netlink_dump(struct netlink *netlink, const char *what, netlink_message_fn *message,
		 void *userdata, struct error *error)
{
	struct nlmsghdr *request = (struct nlmsghdr *)netlink->request;

	request->nlmsg_flags |= NLM_F_DUMP;
	for (unsigned try = 0; try < NETLINK_DUMP_TRIES; try++) {
		int result = dump_once(netlink, what, message, userdata, error);

		if (result <= 0)
			return result;
		request->nlmsg_seq = ++netlink->sequence;
	}
	return error_set(error, -EAGAIN, ERROR_APPLY, NULL,
			 "%s: the table changed during each of %d dumps", what, NETLINK_DUMP_TRIES);
}
