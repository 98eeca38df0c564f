/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/backend.h"
#include "netlink/spaces.h"

/*
 * Network devices.
 *
 * Ours have the group LINK_GROUP and the alias "aronet:INSTANCE:LABEL" or
 * "aronet:INSTANCE:LABEL@SUFFIX". The suffix is a note of the tunnel's back end (the endpoint that
 * was set last); it is no part of the label and is kept as long as the label stays.
 */
#define LINK_ALIAS_SIZE 256 /* IFALIASZ */

/*
 * The back end of all links. It observes links of every kind, because that is one dump, but claims
 * no LINK_WIREGUARD_TUN: these are made, changed and deleted by the back end that runs their
 * process. @spaces is kept and must outlive the back end.
 *
 * In VRF mode links of ours are reported in the overlay.
 */
void link_backend(struct spaces *spaces, struct backend *ret);

/* "aronet:INSTANCE:LABEL@SUFFIX", without "@" if @suffix is "". Returns @buffer. */
const char *link_alias_format(const char *instance, const char *label, const char *suffix,
			      char buffer[LINK_ALIAS_SIZE]);

/*
 * Is @alias one of @instance? Then *ret_label and *ret_suffix (both may be NULL) point to its parts
 * in @alias, which is cut at the "@". Without a suffix *ret_suffix is "".
 */
bool link_alias_split(char *alias, const char *instance, const char **ret_label,
		      const char **ret_suffix);

/* What to change of a link; zero means: leave it. */
struct link_settings {
	const char *alias;
	uint32_t group;
	uint32_t mtu;
	uint32_t master; /* interface index */
	bool no_master;
	int netns_fd;	 /* to move it there; 0 is none */
	bool no_address; /* addrgenmode none: no link-local address but those that we set */
	/*
	 * Ways out and back may differ, and routers in the overlay need no IPv4 address. The larger
	 * of this and net.ipv4.conf.all.rp_filter counts.
	 */
	bool no_rp_filter;
	bool multicast; /* an xfrm interface is made without; Babel needs it */
	bool up;	/* after all else but the address mode: not together with no_address */
};
int link_set(struct netlink *netlink, const char *name, const struct link_settings *settings,
	     struct error *error);
int link_set_up(struct netlink *netlink, const char *name, bool up, struct error *error);

/*
 * Make the existing link @link->name in @link->space ours and as @link says: mark it, then no
 * automatic address, in the overlay no reverse path filter, MTU and, last, up or down. A suffix of
 * the alias is kept if the label is the same.
 */
int link_adopt(struct spaces *spaces, const struct link *link, struct error *error);

/* The same for a link that was made a moment ago, down, with LINK_GROUP and its MTU. */
int link_adopt_new(struct spaces *spaces, const struct link *link, struct error *error);

/* "" if there is none. -ENODEV without such a link. */
int link_alias_read(struct spaces *spaces, enum space space, const char *name,
		    char ret[LINK_ALIAS_SIZE], struct error *error);

/* The link goes down on its way; its addresses are lost, its UDP sockets stay where they are. */
int link_move_to_space(struct spaces *spaces, const char *name, enum space from, enum space to,
		       struct error *error);

bool link_exists(struct spaces *spaces, enum space space, const char *name);

/* A link that is not there is no error. */
int link_delete(struct spaces *spaces, enum space space, const char *name, struct error *error);

/* Interface index, or 0. */
uint32_t link_index(struct netlink *netlink, const char *name);
