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

void sysctl_backend(struct sysctls *sysctls, struct backend *ret);
