/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"

#include <libmnl/libmnl.h>
#include <stdint.h>

/*
 * A netlink socket with requests and answers: sequence numbers, the kernel's extended error texts,
 * dumps that are repeated when the table changed under them. Calls block for at most
 * NETLINK_TIMEOUT_SEC; the kernel answers a request before sendmsg() returns.
 *
 * A socket belongs for ever to the network namespace in which it was opened.
 */
struct netlink;

#define NETLINK_TIMEOUT_SEC 5
#define NETLINK_BUFFER_SIZE 65536 /* one message, either way */

/*
 * @protocol: NETLINK_ROUTE, NETLINK_GENERIC, NETLINK_NETFILTER, NETLINK_XFRM. In the calling thread's
 * network namespace.
 */
int netlink_open(int protocol, struct netlink **ret, struct error *error);
void netlink_free(struct netlink *netlink);
CLEANUP_DEFINE(struct netlink *, netlink_free);

/*
 * Begin a request in the socket's own buffer of NETLINK_BUFFER_SIZE bytes; valid until the next
 * call on this socket. Add headers and attributes with libmnl.
 */
struct nlmsghdr *netlink_request(struct netlink *netlink, uint16_t type, uint16_t flags);

/*
 * Send the request and wait for its acknowledgement. Returns 0 or the kernel's -errno; @error then
 * has the extended-ack text, or strerror() where the kernel gave none ("RTM_NEWLINK: Unknown device
 * type"). @what is for the message.
 */
int netlink_call(struct netlink *netlink, const char *what, struct error *error);

/*
 * The same for a request with answers (RTM_GETLINK of one link): they are handed to @message, as
 * in netlink_dump(), before the acknowledgement's result is returned.
 */
typedef int netlink_message_fn(void *userdata, const struct nlmsghdr *message);
int netlink_get(struct netlink *netlink, const char *what, netlink_message_fn *message,
		void *userdata, struct error *error);

/*
 * Send the request as a dump (NLM_F_DUMP is added) and hand every message to @message, which
 * returns 0 or -errno. The whole dump is collected before the first call and begun anew when the
 * kernel says NLM_F_DUMP_INTR or the socket overran, NETLINK_DUMP_TRIES times.
 */
#define NETLINK_DUMP_TRIES 10
int netlink_dump(struct netlink *netlink, const char *what, netlink_message_fn *message,
		 void *userdata, struct error *error);

/* Requests sent over all sockets of this process that can change something (not GET). */
uint64_t netlink_writes(void);
