/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/object.h"
#include "ipsec/identity.h"
#include "ipsec/offer.h"
#include "vici/message.h"

#include <stdbool.h>

/*
 * What charon is told of the way to one endpoint of one peer: load-conn. Pure.
 *
 * One IKE_SA and one CHILD_SA, called IKE_CHILD_NAME, in tunnel mode for all addresses; which
 * packets take it is decided by the xfrm interface with the same if_id and by routes. The same for
 * all peers, original aronet and ranet among them. charon does nothing by itself (dial.h).
 *
 * With ESP in userspace there is no if_id: the CHILD_SA is for the two inner addresses only.
 */
#define IKE_CHILD_NAME "default"
#define IKE_DPD_DELAY_S 5

/*
 * "aronet-LINK-AUTHENTICATION-ALL": the name of a connection says what it is, because charon tells
 * nothing else of what it was given. A daemon that starts anew finds out from it whether charon
 * knows what it should, and of an SA whether the peer's key and both identities are still right.
 */
#define IKE_NAME_PREFIX "aronet-"
#define IKE_NAME_DIGEST_DIGITS 16
#define IKE_NAME_SIZE (sizeof(IKE_NAME_PREFIX) + IFNAME_SIZE + 2 * (1 + IKE_NAME_DIGEST_DIGITS))

struct ike_name {
	char link[IFNAME_SIZE];
	char authentication[IKE_NAME_DIGEST_DIGITS + 1]; /* of keys and identities */
	char all[IKE_NAME_DIGEST_DIGITS + 1];		 /* of all that is written */
};

/* Of @connection when @offer is what its peer is offered. */
void ike_name_make(const struct ike_connection *connection, const struct ike_offer *offer,
		   struct ike_name *ret);
const char *ike_name_format(const struct ike_name *name, char buffer[IKE_NAME_SIZE]);

/* False if @text is not one of ours. */
bool ike_name_parse(const char *text, struct ike_name *ret);

/*
 * What a connection says for the time of a dial alone, and its name does not depend on: an SA does
 * not end because a day does, or because its peer has moved.
 */
struct ike_hints {
	/* Where a peer whose address is not known was seen. Absent: nowhere. */
	struct ip_endpoint seen;
	/*
	 * The PPK that is offered, or NULL. A connection that names one refuses all others of the
	 * peer, yesterday's and those of the other secret among them; without, every one that
	 * charon knows will do.
	 */
	const char *ppk_id;
};

/* The message of load-conn, under the name of ike_name_make(). @hints may be NULL: there are none.
 */
void ike_connection_write(const struct ike_connection *connection, const struct ike_offer *offer,
			  const struct ike_hints *hints, struct vici_writer *writer);
