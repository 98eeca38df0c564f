/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/backend.h"
#include "netlink/spaces.h"

/*
 * Files below /proc/sys/net.
 *
 * What is changed in the underlay belongs to the machine: before the first change the old value is
 * saved in a file, and restored when the object is deleted, but only if the value is still the one
 * that we set. Overlay values vanish with the namespace; their deletion does nothing.
 */
struct sysctls;

/* @saved_path: "RUNTIME/private/sysctl.saved"; it exists only while something is saved. */
struct sysctls *sysctls_new(struct spaces *spaces, const char *saved_path);
void sysctls_free(struct sysctls *sysctls);
CLEANUP_DEFINE(struct sysctls *, sysctls_free);

/*
 * The links of the underlay that take routes from router advertisements only as long as the host
 * does not forward IPv6 (accept_ra is 1), and those that we have made take them all the same (2).
 * "default" stands for links to come. *ret is owned by the caller.
 */
int sysctls_advertised_links(const struct sysctls *sysctls, char (**ret)[IFNAME_SIZE],
			     size_t *ret_count, struct error *error);

/*
 * net.ipv4.conf.all.rp_filter of the underlay; 0 if it cannot be read. The kernel takes the larger
 * of this and the link's own value, which link.h sets to 0. 1 (strict, RFC 3704) drops packets that
 * come by another link than the way back; so does 2 (loose) on a link without an IPv4 address, as
 * tunnels are. In a VRF the tunnel is compared, not the VRF. All seen with Linux 6.12.
 */
unsigned sysctls_rp_filter(const struct sysctls *sysctls);

void sysctl_backend(struct sysctls *sysctls, struct backend *ret);
