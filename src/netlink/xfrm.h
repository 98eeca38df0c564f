/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/ip.h"
#include "netlink/spaces.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The kernel's IPsec states (SAs) and policies in the underlay. charon makes them, and takes them
 * away when it ends in peace; what a charon that crashed has left is removed here. Which are ours
 * is told by the number of the xfrm interface (if_id).
 *
 * A kernel without XFRM has none, and nothing is to be deleted: no error.
 */
struct xfrm_packet_mark {
	uint32_t value, mask; /* 0 and 0: none */
};

struct xfrm_state {
	uint32_t if_id;	  /* 0: none */
	uint32_t spi;	  /* in host byte order, as charon's "spi-in" is read in base 16 */
	uint8_t protocol; /* IPPROTO_ESP; others are strangers' */
	struct ip_address source, destination;
	/* Of ESP in UDP; both 0: not encapsulated */
	uint16_t source_port, destination_port;
	struct xfrm_packet_mark mark; /* of packets that it is for; part of what it is found by */
};

/* All states in no order; *ret is to be freed with free(), and NULL if there are none. */
int xfrm_states_read(struct spaces *spaces, struct xfrm_state **ret, size_t *ret_count,
		     struct error *error);

/* By destination, SPI, protocol and mark. One that is gone is no error. */
int xfrm_state_delete(struct spaces *spaces, const struct xfrm_state *state, struct error *error);

enum xfrm_direction {
	XFRM_IN,
	XFRM_OUT,
	XFRM_FORWARD,
};

struct xfrm_policy {
	uint32_t if_id; /* 0: none */
	uint32_t index; /* the kernel's number of it */
	enum xfrm_direction direction;
	struct ip_prefix source, destination;
	struct xfrm_packet_mark mark;
};

/* All policies of networks in no order, as above; sockets' own ones are not among them. */
int xfrm_policies_read(struct spaces *spaces, struct xfrm_policy **ret, size_t *ret_count,
		       struct error *error);

/* By index, direction, if_id and mark. One that is gone is no error. */
int xfrm_policy_delete(struct spaces *spaces, const struct xfrm_policy *policy,
		       struct error *error);

/* All states or policies of the interface @if_id, which is not 0. */
int xfrm_states_delete(struct spaces *spaces, uint32_t if_id, struct error *error);
int xfrm_policies_delete(struct spaces *spaces, uint32_t if_id, struct error *error);
