/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "core/object.h"
#include "netlink/transport.h"

/*
 * The two network namespaces of a node and one rtnetlink and one generic netlink socket in each.
 * In VRF mode both spaces are the same namespace.
 *
 * The overlay namespace may appear and vanish while the daemon runs; sockets are opened when they
 * are first asked for and closed by spaces_forget_overlay().
 */
struct spaces;

/* Where iproute2 keeps named network namespaces. */
#define NETNS_DIRECTORY "/run/netns"

/*
 * To be called in the underlay. @instance marks what is ours. The overlay is the network namespace
 * @netns_name, or the VRF with the table @table.
 */
int spaces_new(const char *instance, const char *netns_name, struct spaces **ret,
	       struct error *error);
int spaces_new_vrf(const char *instance, uint32_t table, struct spaces **ret, struct error *error);
void spaces_free(struct spaces *spaces);
CLEANUP_DEFINE(struct spaces *, spaces_free);

const char *spaces_instance(const struct spaces *spaces);
const char *spaces_netns_name(const struct spaces *spaces); /* NULL in VRF mode */

/* The routing table of the overlay: main in a namespace of its own, else that of the VRF. */
uint32_t spaces_overlay_table(const struct spaces *spaces);

/* A descriptor of the namespace, owned by @spaces, or -ENOENT while there is none. */
int spaces_fd(struct spaces *spaces, enum space space);

/*
 * A new descriptor of the network namespace that is bound at NETNS_DIRECTORY/@name now, owned by
 * the caller, or -ENOENT.
 */
int spaces_open_netns(const char *name);

/*
 * Run what follows in @space, on the calling (main) thread, until spaces_leave(). Sockets, children
 * and /proc/sys/net files opened in between belong to that namespace. Aborts if the way back to the
 * underlay fails: nothing sane can be done in the wrong namespace.
 */
int spaces_enter(struct spaces *spaces, enum space space);

/* The same with a network namespace made now. It vanishes with spaces_leave() unless it is bound.
 */
int spaces_enter_new(struct spaces *spaces);
void spaces_leave(struct spaces *spaces);

/* Sockets in @space; -ENOENT with an error while it does not exist. Owned by @spaces. */
int spaces_rtnetlink(struct spaces *spaces, enum space space, struct netlink **ret,
		     struct error *error);
int spaces_generic(struct spaces *spaces, enum space space, struct netlink **ret,
		   struct error *error);

/* The same for IPsec, which is in the underlay only; -EPROTONOSUPPORT if the kernel has none. */
int spaces_xfrm(struct spaces *spaces, struct netlink **ret, struct error *error);

/*
 * All links of @space, owned by @spaces. Outside of an observation they are read at each call, and
 * are valid until the next one. Within, they are read once, because every back end needs them: with
 * hundreds of tunnels that is most of what an observation costs. Then they are valid to its end or
 * until the overlay is forgotten.
 */
struct link_infos;
int spaces_links(struct spaces *spaces, enum space space, const struct link_infos **ret,
		 struct error *error);
void spaces_begin_observation(struct spaces *spaces);
void spaces_end_observation(struct spaces *spaces);

/* The namespace was deleted or made anew: close what belongs to the old one. */
void spaces_forget_overlay(struct spaces *spaces);
