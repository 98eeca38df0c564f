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

void sysctl_backend(struct sysctls *sysctls, struct backend *ret);
