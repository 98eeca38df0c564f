/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/warning.h"
#include "registry/bundle.h"
#include "registry/trust.h"

/*
 * Steps 0 to 8 of the registry specification, section 4: from a bundle of which nothing is known to
 * a checked registry and the trust state that its acceptance would leave. Pure: no file, no clock,
 * no global; `aronet registry verify`, `publish` and the daemon call it, the daemon in a thread.
 */
struct verify_options {
	const struct trust *trust;  /* accepted before; NULL: nothing yet, then the pin counts */
	const uint8_t *mesh_sha256; /* pin: digest of a mesh document; NULL: none */
	int64_t clock;		    /* seconds since the epoch, the system's or --at's */
	int64_t build_date;	    /* the program's; the clock is not before */
	bool clock_is_given;	    /* --at: taken as it is */
	bool was_accepted;	    /* at start, from last-good.json: dates are not checked */
	bool allow_empty;	    /* no node at all is meant */
	size_t nodes_before;	    /* in force now; only for the text of a refusal */
};

struct verified {
	struct registry *registry;
	struct trust *trust;	     /* to be recorded when the registry is accepted */
	unsigned signatures_checked; /* Ed25519 operations; fewer where digests were known */
};

void verified_done(struct verified *verified);
CLEANUP_DEFINE_IN_PLACE(struct verified, verified_done);

/*
 * The errors of the specification's table, in the order of its steps. Warnings: W04, W06 and those
 * of the documents. *ret is written only on success.
 */
int registry_verify(const struct bundle *bundle, const struct verify_options *options,
		    struct warnings *warnings, struct verified *ret, struct error *error);
