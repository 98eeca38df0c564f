// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireguard/genl.h"
#include "wireguard/wireguard.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>

static bool kernel_has_wireguard(void)
{
	CLEANUP(netlink_free) struct netlink *netlink = NULL;
	uint16_t family;

	return netlink_open(NETLINK_GENERIC, &netlink, NULL) == 0 &&
	       genl_find_family(netlink, &family, NULL) == 0;
}

static bool is_in_path(const char *program)
{
	const char *path = getenv("PATH");

	while (path && *path) {
		size_t length = strcspn(path, ":");
		char file[PATH_MAX];

		(void)snprintf(file, sizeof(file), "%.*s/%s", (int)length, path, program);
		if (access(file, X_OK) == 0)
			return true;
		path += length + (path[length] == ':');
	}
	return false;
}

/* The node may exist without a driver behind it, or without permission: only opening tells. */
static bool can_open_tun(void)
{
	CLEANUP(close) int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	return fd >= 0;
}

struct wireguard_features wireguard_probe(void)
{
	return (struct wireguard_features) {
		.has_kernel = kernel_has_wireguard(),
		.has_userspace = is_in_path("wireguard-go") && can_open_tun(),
	};
}
