// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/offer.h"

#define IKE_PROPOSAL                                                                               \
	"aes256gcm16-aes128gcm16-chacha20poly1305-prfsha384-prfsha256-x25519-ecp384-ecp256"
/*
 * Without exchanges of keys: the first CHILD_SA takes its keys from the IKE_SA (RFC 7296 section
 * 1.2), and so do its successors then. With them each successor has keys of its own.
 */
#define ESP_PROPOSAL "aes256gcm16-aes128gcm16-chacha20poly1305"
/* The first additional exchange, which charon makes behind the first one. */
#define AND_MLKEM "-ke1_mlkem768"

/* charon's constant of RFC 9370's registry, in the section of key exchange methods. */
#define KEY_EXCHANGES "ke"
#define MLKEM "ML_KEM_768"

struct ike_offer ike_offer_of(const struct vici_section *algorithms)
{
	struct ike_offer offer = { 0 };
	struct vici_section methods;
	struct vici_value plugin;

	if (vici_find_section(algorithms, KEY_EXCHANGES, &methods))
		offer.has_mlkem = vici_find(&methods, MLKEM, &plugin);
	return offer;
}

bool ike_offer_equal(const struct ike_offer *a, const struct ike_offer *b)
{
	return a->has_mlkem == b->has_mlkem;
}

static void write_list(struct vici_writer *writer, const char *name, const char *best,
		       const char *usual)
{
	vici_begin_list(writer, name);
	if (best)
		vici_put_item(writer, best);
	vici_put_item(writer, usual);
	vici_put_item(writer, "default");
	vici_end_list(writer);
}

void ike_offer_write_ike(const struct ike_offer *offer, struct vici_writer *writer)
{
	write_list(writer, "proposals", offer->has_mlkem ? IKE_PROPOSAL AND_MLKEM : NULL,
		   IKE_PROPOSAL);
}

void ike_offer_write_esp(const struct ike_offer *offer, struct vici_writer *writer)
{
	write_list(writer, "esp_proposals",
		   offer->has_mlkem ? ESP_PROPOSAL "-x25519" AND_MLKEM : NULL, ESP_PROPOSAL);
}
