/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "firewall/text.h"

/*
 * What may reach babeld. It believes any link-local sender on its interfaces, keeps a neighbour for
 * each of them for minutes, writes a line for every TLV that it does not like, and works through a
 * list of filters for each prefix. So only the one node at the end of a tunnel is heard, in packets
 * that the audit can read, and not more often than is of use.
 *
 * Private to firewall. The chain "babel" is entered from input, where link-local traffic ends.
 */
#define BABEL_PACKETS_PER_SECOND 50 /* hellos, requests and answers */
/*
 * And every prefix comes once in four seconds, some forty in a packet: this is twice what it takes.
 * What the burst allows is more than a full update at once.
 */
#define BABEL_PREFIXES_PER_PACKET_SECOND 80
#define BABEL_BURST_SECONDS 5

/* While port 6696 is in it, babeld is not heard: firewall_silence_babel(). */
#define BABEL_SILENT_SET "babel_silent"

void babel_format_counters(struct strbuf *ret);
void babel_format_sets(const struct firewall_rules *rules, struct strbuf *ret);

/* @tunnel: the expression of nftables for the name of the tunnel that a packet came by. */
void babel_format_chain(const struct firewall_rules *rules, const char *tunnel, struct strbuf *ret);

/* A rule of the input chain, and the chain "output" for what is made in the overlay. */
extern const char babel_rule[];
extern const char babel_output_chain[];
