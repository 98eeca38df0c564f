/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "babel/policy.h"
#include "base/ip.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a Babel packet announces: the Update TLVs of RFC 8966 with what they depend on, Router-Id,
 * Next Hop and the compression of prefixes, IPv4 by way of IPv6 (RFC 9229) and routes for certain
 * sources (RFC 9079). Pure; every length comes from outside and is checked against the packet.
 *
 * Everything else is skipped: hellos, requests, what authenticates (RFC 8967), TLVs that are not
 * known. What follows the body (the trailer) announces nothing.
 */
#define BABEL_PORT 6696
#define BABEL_METRIC_INFINITY 0xffff /* a retraction */

struct babel_update {
	struct ip_prefix prefix;    /* masked; absent: everything, which can only be retracted */
	struct ip_prefix source;    /* for packets from there only; absent: from anywhere */
	struct ip_address next_hop; /* absent: the sender */
	uint8_t router_id[BABEL_ROUTER_ID_SIZE]; /* of the origin; zero if a retraction has none */
	uint16_t interval_centiseconds;		 /* until the next update */
	uint16_t seqno;
	uint16_t metric;
};

/* The network prefix of the last Update with flag P, whose first bytes others may leave out. */
struct babel_default_prefix {
	bool is_known;
	uint8_t bytes[16];
};
#define BABEL_ENCODINGS 5 /* values of AE that are known, RFC 8966 section 4.1.4, RFC 9229 */

/* A packet while it is read. Borrows its bytes. All but @malformed is private. */
struct babel_packet {
	const uint8_t *bytes; /* the body */
	size_t size;
	size_t at;
	unsigned malformed; /* TLVs that break the rules, so far */
	bool has_router_id;
	uint8_t router_id[BABEL_ROUTER_ID_SIZE];
	struct ip_address next_hop4, next_hop6;
	struct babel_default_prefix defaults[BABEL_ENCODINGS];
};

/* -EINVAL if this is no packet of Babel version 2. A body that is cut off is read as far as it
 * goes. */
int babel_packet_open(const void *bytes, size_t size, struct babel_packet *ret);

/*
 * The next Update. False at the end. Left out are Updates that a receiver has to ignore: malformed
 * ones, those with an unknown address encoding, those with a mandatory sub-TLV that is not known.
 */
bool babel_packet_next(struct babel_packet *packet, struct babel_update *ret);
