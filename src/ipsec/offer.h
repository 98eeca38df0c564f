/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "vici/message.h"

#include <stdbool.h>

/*
 * Which algorithms a peer is offered, as proposals of charon. Pure.
 *
 * The strongest first; "default" last, for peers that know no better. A responder follows its own
 * order, so that both ends need it.
 *
 * Where this charon has ML-KEM, proposals with it stand before the others: an exchange of keys that
 * a quantum computer could not read later, in addition to the one with elliptic curves (RFC 9370).
 * A peer without it takes one of the others.
 */
struct ike_offer {
	bool has_mlkem; /* ML-KEM-768 */
};

/* Of what the reply to get-algorithms names; of the empty one, what every charon has. */
struct ike_offer ike_offer_of(const struct vici_section *algorithms);

bool ike_offer_equal(const struct ike_offer *a, const struct ike_offer *b);

/* The lists of load-conn, `proposals` and `esp_proposals`. */
void ike_offer_write_ike(const struct ike_offer *offer, struct vici_writer *writer);
void ike_offer_write_esp(const struct ike_offer *offer, struct vici_writer *writer);
