/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/ip.h"
#include "core/model.h"
#include "ipsec/identity.h"
#include "vici/message.h"

#include <stdbool.h>

/*
 * What charon is told of the way to one endpoint of one peer: load-conn. Pure.
 *
 * One IKE_SA and one CHILD_SA, called IKE_CHILD_NAME, in tunnel mode for all addresses; which
 * packets take it is decided by the xfrm interface with the same if_id and by routes. The same for
 * all peers, original aronet and ranet among them. charon does nothing by itself (dial.h).
 */
#define IKE_CHILD_NAME "default"
#define IKE_DPD_DELAY_S 5

struct ike_connection {
	const char *name; /* borrowed */
	uint32_t if_id;	  /* not 0 */
	uint16_t family;  /* of the underlay */
	/* charon has one port: that of all its connections, and its port_nat_t. */
	uint16_t local_port;
	struct ip_endpoint remote; /* absent address: it dials */
	bool may_move;		   /* MOBIKE (RFC 4555): both ends agree that addresses change */
	uint8_t own_key[KEY_SIZE], peer_key[KEY_SIZE]; /* Ed25519 */
	uint8_t own_identity[IKE_IDENTITY_SIZE], peer_identity[IKE_IDENTITY_SIZE];
	size_t own_identity_size, peer_identity_size;
};

void ike_connection_write(const struct ike_connection *connection, struct vici_writer *writer);
