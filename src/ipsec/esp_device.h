/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "netlink/spaces.h"

#include <sys/types.h>

/*
 * The TUN device of a charon that does ESP by itself (kernel-libipsec): "ipsec0", or another number
 * if that was taken. It carries the packets of all its SAs, and goes with the process.
 *
 * An SA between two addresses has a route through the device only if the near one is an address of
 * this host, and without a route charon refuses the SA. So they are put there before a connection
 * is loaded.
 */
#define ESP_DEVICE_PATTERN "ipsec*"

/* The name of the device of the process @pid. -ENODEV with an error if it has none. */
int esp_device_find(pid_t pid, char ret[IFNAME_SIZE], struct error *error);

/* Put @address there; it may be there already. */
int esp_device_add(struct spaces *spaces, pid_t pid, const struct ip_address *address,
		   struct error *error);

/* All that is there of what aronet puts there (object.h, INNER_PREFIX); malloc()ed. */
int esp_device_list(struct spaces *spaces, pid_t pid, struct ip_address **ret, size_t *ret_count,
		    struct error *error);

/* Best effort. */
void esp_device_remove(struct spaces *spaces, pid_t pid, const struct ip_address *address);
