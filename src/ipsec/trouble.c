// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/trouble.h"

#include "base/cleanup.h"

#include <stdio.h>
#include <string.h>

/*
 * Texts of strongSwan 5.9 and 6.0 (sa/ikev2/tasks, encoding/payloads/notify_payload.c), the more
 * telling ones first: of one failure charon writes several lines, in this order.
 */
static const struct {
	const char *part;
	struct trouble trouble;
	const char *words_with_ppk; /* NULL: the same */
} table[] = {
	{ "NO_PROPOSAL_CHOSEN notify, no CHILD_SA built",
	  { "peer cannot make the SA, or refuses its proposal: its log tells", true } },
	{ "received NO_PROPOSAL_CHOSEN notify",
	  { "peer refuses our proposal, or does not know us", true } },
	{ "received AUTHENTICATION_FAILED notify",
	  { "peer refuses our key or identity: its registry has another one, or none", true },
	  "peer refuses our key, identity, or PPK: its registry has others, or it has another "
	  "secret of the mesh, or none" },
	{ "PPK required but peer does not support PPK",
	  { "peer has no PPK, which is required here: has it the secret of the mesh?", true } },
	{ "PPK required but no PPK_IDENTITY received",
	  { "peer offers no PPK, which is required here: has it the secret of the mesh?", true } },
	{ "PPK required but no PPK found for",
	  { "no PPK in common: another secret of the mesh, or clocks differ by more than a day",
	    true } },
	{ "PPK required but no PPK_ID configured",
	  { "a PPK is required, and this node does not have the secret of the mesh", true } },
	{ "received TS_UNACCEPTABLE notify", { "peer refuses our traffic selectors", true } },
	{ "received INTERNAL_ADDRESS_FAILURE notify", { "peer has no address for us", true } },
	{ "received FAILED_CP_REQUIRED notify", { "peer wants us to ask for an address", true } },
	{ "peer didn't accept DH group", { "peer wants another key exchange", false } },
	{ "peer didn't accept key exchange method", { "peer wants another key exchange", false } },
	{ "signature validation failed",
	  { "peer signs with another key than the registry has of it", true } },
	{ "no trusted ",
	  { "peer proves itself with another key than the registry has of it", true } },
	{ "constraint check failed", { "peer is somebody else than the registry says", true } },
	{ "no private key found", { "the IKE daemon does not have our private key", true } },
	/* Of its netlink, whatever it wanted: root without a capability. */
	{ "Operation not permitted (1)",
	  { "the IKE daemon may not make SAs: something like AppArmor denies it CAP_NET_ADMIN",
	    true } },
	{ "unable to add SAD entry", { "the kernel refuses the SA; see the log", true } },
	{ "IPsec SA (SAD) in kernel", { "the kernel refuses the SA; see the log", true } },
	{ "unable to install IPsec policies",
	  { "the kernel refuses the policy; see the log", true } },
	{ "Network is unreachable", { "no route to the peer", false } },
	{ "error writing to socket: Operation not permitted",
	  { "this host's firewall drops what is sent to the peer", false } },
	{ "giving up after", { "no answer", true } },
	/* Not "received retransmit of request with ID 1": the peer's. */
	{ "of request with message ID", { "no answer", false } },
};

bool trouble_find(const char *message, bool uses_ppk, struct trouble *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		if (!strstr(message, table[i].part))
			continue;
		*ret = table[i].trouble;
		if (uses_ppk && table[i].words_with_ppk)
			ret->words = table[i].words_with_ppk;
		return true;
	}
	return false;
}

const char *trouble_format(const struct trouble *trouble, const struct ip_endpoint *peer,
			   char buffer[TROUBLE_TEXT_SIZE])
{
	char text[IP_ENDPOINT_TEXT_SIZE];

	if (ip_address_present(&peer->address))
		(void)snprintf(buffer, TROUBLE_TEXT_SIZE, "%s (%s)", trouble->words,
			       ip_endpoint_format(peer, text));
	else
		(void)snprintf(buffer, TROUBLE_TEXT_SIZE, "%s", trouble->words);
	return buffer;
}
