/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/warning.h"
#include "core/model.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * config.json: the members of the original aronet in both of its versions and some of our own,
 * described in assets/schema/config.schema.json. Comments (# and //) and trailing commas are
 * allowed, nothing else beyond JSON. Whatever is refused here is refused before the kernel is
 * touched.
 *
 * Errors have the place "FILE:LINE:COLUMN: /daemon/network"; every one is EXIT_CONFIG. Warnings:
 * W02.
 */
#define CONFIG_SIZE_MAX (1u << 20) /* bytes; 256 prefixes and 8 endpoints need 16 KiB */
#define CONFIG_EXTRA_IPS_MAX 64
#define CONFIG_RUNTIME_DIR_MAX 90 /* bytes: a socket's path in it must fit into sun_path, 108 */
#define CONFIG_STATE_DIR_MAX 1024
#define CONFIG_GROUP_MAX 32		/* useradd(8) */
#define CONFIG_MESH_SIZE_MAX (8u << 20) /* bytes of the pinned document, like any other */
#define CONFIG_SOURCE_MAX 2048		/* characters */
#define CONFIG_POLICY_ITEMS_MAX 1024	/* of each list of `policy` */
#define CONFIG_EXPIRY_GRACE_MAX_SEC (366u * 86400)
#define CONFIG_INTERVAL_MAX_SEC 86400

#define CONFIG_VICI_SOCKET_DEFAULT "/run/charon.vici" /* strongSwan's own */
#define CONFIG_IFNAME_DEFAULT "aronet"
#define CONFIG_NETNS_NAME_DEFAULT "aronet"
#define CONFIG_RUNTIME_DIR_DEFAULT "/run/aronet"
#define CONFIG_STATE_DIR_DEFAULT "/var/lib/aronet"
#define CONFIG_EXPIRY_GRACE_DEFAULT_SEC 86400
#define CONFIG_INTERVAL_DEFAULT_SEC 300 /* registry specification, section 11 */
#define CONFIG_ROUTE_TABLE_DEFAULT 128	/* as in the original aronet */
/*
 * MTU of the tunnels: 1500 bytes of underlay less 80 of WireGuard over IPv6. What enters the
 * overlay from this host is kept smaller by SRV6_DETOUR_OVERHEAD, so that a detour does not
 * fragment.
 */
#define CONFIG_MTU_DEFAULT 1420

/*
 * Read and check the file at @path and the key files that it names. Only a regular file that others
 * cannot write; with a key in it, that others cannot read either.
 */
int config_load(const char *path, struct warnings *warnings, struct config **ret,
		struct error *error);

/* The same from memory. Relative paths of key files start in the directory of @name. */
int config_parse(const char *text, size_t size, const char *name, struct warnings *warnings,
		 struct config **ret, struct error *error);

/*
 * Name of the member at @index of an object of config.json: "" (the whole), "daemon", "endpoints"
 * (one of them), "wireguard", "ipsec", "babel", "registry" or "policy". NULL after the last.
 */
const char *config_member_name(const char *object, size_t index, bool *ret_required);
