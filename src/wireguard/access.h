/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "wireguard/device.h"
#include "wireguard/tunnels.h"

/* One device in the overlay, opened for reading and changing, by whichever way it is reached. */
struct access {
	const char *link; /* the caller's */
	bool is_tun;
	int fd;			 /* wireguard-go's control socket */
	struct netlink *netlink; /* kernel */
	uint16_t family;
};

/* -ENOENT with an error if the device, the overlay or the control socket is not there. */
int access_open(struct wireguard_tunnels *wireguard, const char *link, bool is_tun,
		struct access *ret, struct error *error);
void access_close(struct access *access);
CLEANUP_DEFINE_IN_PLACE(struct access, access_close);

int access_get(const struct access *access, struct wireguard_device *ret, struct error *error);
int access_set(const struct access *access, const struct wireguard_change *change,
	       struct error *error);
