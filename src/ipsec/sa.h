/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "base/ip.h"
#include "vici/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * IKE_SAs and CHILD_SAs as charon tells of them, in list-sa and in the events ike-updown,
 * child-updown, ike-rekey and child-rekey. Pure. What charon leaves out is zero or "": events of
 * different kinds and versions tell different things, and of an IKE_SA that is only being made
 * there is little to tell.
 */
#define SA_NAME_SIZE 64	     /* of connections and CHILD_SAs; ours are shorter */
#define SA_STATE_SIZE 16     /* "ESTABLISHED" */
#define SA_IDENTITY_SIZE 512 /* charon prints identities of any length; for people only */
#define SA_ALGORITHM_SIZE 32 /* "PRF_HMAC_SHA2_384" */
#define SA_CHILDREN_MAX 64   /* of one IKE_SA; more than one or two are leftovers of rekeying */

struct child_sa {
	char name[SA_NAME_SIZE]; /* of its configuration; the section has a number behind it */
	uint32_t unique_id;
	char state[SA_STATE_SIZE];
	uint32_t spi_in, spi_out; /* host byte order */
	uint32_t if_id_in, if_id_out;
	bool is_udp_encapsulated;
	char encryption[SA_ALGORITHM_SIZE];
	uint32_t encryption_bits;
	uint64_t bytes_in, packets_in, bytes_out, packets_out;
	/* Since it was installed; until it is rekeyed, and ends, 0 when that is overdue. */
	uint64_t age_s, rekey_s, life_s;
};

struct ike_sa {
	char connection[SA_NAME_SIZE]; /* "(unnamed)" as long as charon does not know which */
	uint32_t unique_id;
	char state[SA_STATE_SIZE];
	bool is_initiator;
	struct ip_endpoint local, remote; /* absent if charon says "%any" */
	char remote_identity[SA_IDENTITY_SIZE];
	bool is_local_behind_nat, is_remote_behind_nat;
	bool has_ppk; /* its keys come from a PPK, too (RFC 8784) */
	char encryption[SA_ALGORITHM_SIZE];
	uint32_t encryption_bits;
	char prf[SA_ALGORITHM_SIZE];
	char group[SA_ALGORITHM_SIZE];
	char additional_exchange[SA_ALGORITHM_SIZE]; /* of keys, the first (RFC 9370) */
	uint64_t age_s, rekey_s; /* since it was established; until it is rekeyed */
	struct child_sa *children;
	size_t children_count;
	bool has_more_children; /* than SA_CHILDREN_MAX */
};

void ike_sa_done(struct ike_sa *sa);
CLEANUP_DEFINE_IN_PLACE(struct ike_sa, ike_sa_done);

/*
 * The section of an IKE_SA, called @connection. -EBADMSG if it has no unique_id or no state; a
 * CHILD_SA without them is left out. Other values that are not what they should be are as if they
 * were not there: nothing that a charon of tomorrow says of one tunnel shall hide another.
 */
int ike_sa_read(const char *connection, const struct vici_section *section, struct ike_sa *ret);

/* It has been authenticated, and can have CHILD_SAs. */
bool ike_sa_is_established(const struct ike_sa *sa);

/* Its states are in the kernel, and both directions carry traffic. */
bool child_sa_carries(const struct child_sa *child);

/* One of its CHILD_SAs does. */
bool ike_sa_carries(const struct ike_sa *sa);
