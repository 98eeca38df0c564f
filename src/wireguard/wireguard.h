/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/backend.h"
#include "netlink/spaces.h"

#include <uv.h>

/*
 * The back end for tunnels: WireGuard devices of the kernel and of wireguard-go, and the TUN links
 * that wireguard-go makes. Links of the kernel are made, and all links are observed, by the netlink
 * back end.
 */
struct wireguard_tunnels;

/*
 * @runtime_dir: logs of wireguard-go go to private/log below it. @spaces and what @events points to
 * must outlive the result.
 */
int wireguard_tunnels_new(uv_loop_t *loop, struct spaces *spaces, const char *runtime_dir,
			  const struct backend_events *events, struct wireguard_tunnels **ret,
			  struct error *error);

/* Tunnels and processes stay. */
void wireguard_tunnels_free(struct wireguard_tunnels *wireguard);
CLEANUP_DEFINE(struct wireguard_tunnels *, wireguard_tunnels_free);

/* Its functions; valid as long as @wireguard. */
struct backend wireguard_tunnels_backend(struct wireguard_tunnels *wireguard);

/* Changes sent to devices so far. A machine that is as intended needs none. */
uint64_t wireguard_tunnels_writes(const struct wireguard_tunnels *wireguard);

/* The process of wireguard-go that serves @link; 0 if none is known. */
pid_t wireguard_tunnels_pid(const struct wireguard_tunnels *wireguard, const char *link);

/*
 * An address of the underlay has gone. wireguard-go sends from the address on which it was reached
 * last; when that is gone, Linux answers ENETUNREACH, wireguard-go (0.0.20220316) waits for EINVAL
 * and stays silent until its peer speaks, which cannot find it any more. This sets all live
 * endpoints to what they are, which costs no session. The kernel's WireGuard needs no help and gets
 * none.
 */
int wireguard_tunnels_source_changed(struct wireguard_tunnels *wireguard, struct error *error);

/* What the machine can do, for struct facts. To be called in the underlay. */
struct wireguard_features {
	bool has_kernel;    /* generic netlink family "wireguard" */
	bool has_userspace; /* wireguard-go in PATH, and /dev/net/tun can be opened */
};
struct wireguard_features wireguard_probe(void);
