/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "netlink/spaces.h"

/*
 * What the kernel tells about the machine. None of the probes makes anything, but asking may load
 * the module in question.
 */

/*
 * All global addresses in the underlay's namespace, with the length of their connected network, of
 * links that are not ours and in no VRF. *ret is sorted and owned by the caller.
 */
int netlink_underlay_addresses(struct spaces *spaces, struct ip_prefix **ret, size_t *ret_count,
			       struct error *error);

/* The name of a VRF with that table which is not ours; "": there is none. */
int netlink_vrf_of_table(struct spaces *spaces, uint32_t table, char ret[IFNAME_SIZE],
			 struct error *error);

/* Errors count as "no". */
bool netlink_has_vrf(struct spaces *spaces);
bool netlink_has_wireguard(struct spaces *spaces);
bool netlink_has_seg6(struct spaces *spaces);
bool netlink_has_nf_tables(void); /* to be called in the underlay */
/* Can routes have that LWTUNNEL_ENCAP_*, of those that Linux 5.7 knows? */
bool netlink_has_encapsulation(struct spaces *spaces, uint16_t type);
