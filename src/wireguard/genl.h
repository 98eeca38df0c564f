/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "netlink/transport.h"
#include "wireguard/device.h"

/*
 * WireGuard of the kernel: generic netlink family "wireguard", version 1 (linux/wireguard.h). The
 * socket must have been opened in the namespace where the interface is.
 */

/* The id of the family; -ENOENT without one. Loads the module where the kernel can. */
int genl_find_family(struct netlink *netlink, uint16_t *ret, struct error *error);

int genl_get(struct netlink *netlink, uint16_t family, const char *link,
	     struct wireguard_device *ret, struct error *error);
int genl_set(struct netlink *netlink, uint16_t family, const char *link,
	     const struct wireguard_change *change, struct error *error);

/*
 * The codec, for the above and for tests.
 *
 * A dump is split over messages, also inside the list of allowed IPs of one peer: the later message
 * begins with the same peer, which is joined with the one before. Feed all messages of one dump to
 * the same @device.
 */
int genl_parse_device(const struct nlmsghdr *message, struct wireguard_device *device);

/*
 * One message removes at most this many peers (40 bytes each), so that it fits into
 * NETLINK_BUFFER_SIZE. Peers are removed from @first_removed on; returns the index of the next. The
 * rest of the change is put into the last message: our peer comes after the removals, because an
 * allowed IP that is given to it is taken from another.
 */
#define GENL_REMOVALS_MAX 512
size_t genl_put_change(struct nlmsghdr *message, const char *link,
		       const struct wireguard_change *change, size_t first_removed);
