/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "netlink/link_info.h"

/*
 * Our tunnel interfaces in the overlay, as they stand there. Behind the label in their alias is the
 * configured endpoint that was set last ("aronet:INSTANCE:LABEL@203.0.113.5:20001"): it is kept in
 * the kernel, with the tunnel, because the device itself only knows where its peer has roamed to.
 */
struct wireguard_link {
	char name[IFNAME_SIZE];
	bool is_tun; /* of wireguard-go */
	bool is_up;
	char label[sizeof(((struct link *)NULL)->label)];
	struct ip_endpoint recorded; /* absent if none */
};

/* False if @info is not a tunnel of ours. */
bool wireguard_link_from_info(const struct link_info *info, const char *instance,
			      struct wireguard_link *ret);

/* All of them; none while there is no overlay. *ret is malloc()ed. */
int wireguard_links_read(struct spaces *spaces, struct wireguard_link **ret, size_t *ret_count,
			 struct error *error);

/* The one called @name; -ENODEV if it is not there or not ours. */
int wireguard_link_read(struct spaces *spaces, const char *name, struct wireguard_link *ret,
			struct error *error);

/* Write @link->recorded into the alias and, with @goes_up, take the link up after that. */
int wireguard_link_record(struct spaces *spaces, const struct wireguard_link *link, bool goes_up,
			  struct error *error);
