/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "netlink/spaces.h"

/*
 * What the kernel tells about the machine. None of the probes makes anything, but asking may load
 * the module in question.
 */

/*
 * All global addresses in the underlay's namespace, with the length of their connected network, of
 * links that are not ours. *ret is sorted and owned by the caller.
 */
int netlink_underlay_addresses(struct spaces *spaces, struct ip_prefix **ret, size_t *ret_count,
			       struct error *error);

/* Errors count as "no". */
bool netlink_has_vrf(struct spaces *spaces);
bool netlink_has_wireguard(struct spaces *spaces);
bool netlink_has_seg6(void);
