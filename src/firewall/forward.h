/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "base/warning.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Chains of others through which the host's forwarded packets go, and which drop by default, as
 * that of Docker or ufw. Packets of the overlay are among these: in a VRF those from tunnel to
 * tunnel, everywhere those from and to networks behind this host. An "accept" of our table does not
 * help, because each base chain judges for itself; and the firewall of the host is not ours to
 * change.
 *
 * Rules are not evaluated, with all that they jump to. It counts as mended when a rule of the chain
 * itself, or of the one that Docker leaves to the operator, compares with the name of our link and
 * does not drop: then somebody has thought of the overlay. No other chain's rules are read. A rule
 * that accepts us in other words is not recognised, so it is a warning that says "may", and no
 * reason to call the node degraded. What is not seen: rules that drop where the policy is to accept
 * (firewalld), and iptables-legacy.
 */
#define FORWARD_NAME_SIZE 256 /* NFT_NAME_MAXLEN */

struct forward_chain {
	uint8_t family; /* NFPROTO_IPV4, NFPROTO_IPV6 or NFPROTO_INET */
	char table[FORWARD_NAME_SIZE];
	char name[FORWARD_NAME_SIZE];
	bool has_docker_user; /* its table has the chain that Docker leaves to the operator */
	bool lets_link_pass;  /* a rule of one of the two names our link, and does not drop */
};

struct forward_chains {
	struct forward_chain *items;
	size_t count;
};

void forward_chains_done(struct forward_chains *chains);
CLEANUP_DEFINE_IN_PLACE(struct forward_chains, forward_chains_done);

/* What the host forwards for the overlay. */
struct forwarded {
	const char *link; /* by which it enters and leaves the overlay: the VRF, or the veth */
	bool ipv4;
	bool ipv6;
};

/* W07 for each of the chains that such packets meet, with the commands that would let them pass. */
void forward_warn(const struct forward_chains *chains, const struct forwarded *forwarded,
		  struct warnings *warnings);
