/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

/*
 * What a datagram of a multicast group of @protocol (NETLINK_ROUTE, NETLINK_NETFILTER) is about:
 * "link", "address", "route", "rule", "nftables", or NULL if nothing in it matters to us.
 */
const char *monitor_event_reason(int protocol, const void *datagram, size_t length);
