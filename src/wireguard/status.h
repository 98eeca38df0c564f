/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "wireguard/wireguard.h"

/* What a tunnel does at this moment, for people. */
struct wireguard_tunnel_status {
	char interface[IFNAME_SIZE];
	struct ip_endpoint endpoint; /* where the peer was heard last; absent if unknown */
	int64_t handshake_age_sec;   /* -1: none yet. Over 180 s: the session is dead */
	uint64_t rx_bytes, tx_bytes; /* since the peer was added */
	bool has_preshared_key;
};

/*
 * All of our tunnels, by name of the interface; *ret is malloc()ed. A tunnel whose device does not
 * answer is left out: the operational state says why.
 */
int wireguard_status(struct wireguard_tunnels *wireguard, struct wireguard_tunnel_status **ret,
		     size_t *ret_count, struct error *error);
