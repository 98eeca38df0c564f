/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/ip.h"
#include "core/model.h"

/*
 * What both ends of a tunnel, and a daemon after a restart, derive alike from the registry
 * (registry specification, section 7).
 */
#define ROUTER_ID_SIZE 8

/*
 * Babel router-id (RFC 8966 section 2.1): four zeros, for BIRD has room for 32 bits and puts zeros
 * before them, and bytes 4 to 7 of SHA-256 of the node's Ed25519 key, else of its WireGuard key.
 * Nodes that share their organization's key have their name hashed too.
 */
void registry_node_router_id(const struct registry_node *node, uint8_t ret[ROUTER_ID_SIZE]);

/* A router-id and whose it is. */
struct router_id_owner {
	uint8_t router_id[ROUTER_ID_SIZE];
	const struct node_id *node;
};

/*
 * E_KEY_REUSED if two nodes have the same router-id, or one has zeros only, which RFC 8966 section
 * 4.1.3 does not allow. Sorts @owners. Two of 10,000 nodes are that by chance in one mesh of a
 * hundred, two of 1000 in one of ten thousand; then one of them needs another key.
 */
int router_ids_check(struct router_id_owner *owners, size_t count, struct error *error);

/* One end of a tunnel. */
struct tunnel_end {
	const struct node_id *node;
	uint32_t serial_number; /* of its endpoint */
	/*
	 * Of WireGuard: a changed key gets an interface of its own, beside the one before. NULL
	 * with IPsec, where an interface outlives the keys.
	 */
	const uint8_t *key;
};

/* Name of the interface of @local to @remote: "ar" and 10 characters of base32. */
void tunnel_interface_name(enum transport transport, const struct tunnel_end *local,
			   const struct tunnel_end *remote, char ret[IFNAME_SIZE]);

/*
 * Link-local address of @local on that interface. The other end, which is called with local and
 * remote exchanged, computes its own; both can compute the address of the peer.
 */
void tunnel_link_local_address(enum transport transport, const struct tunnel_end *local,
			       const struct tunnel_end *remote, struct ip_address *ret);
