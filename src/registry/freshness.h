/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/warning.h"
#include "registry/verify.h"

/*
 * What time it is for a verification, and whether documents are fresh (registry specification,
 * section 4, steps 0 and 4 to 6).
 */
#define FRESHNESS_FUTURE_MAX_SEC DAY_SEC       /* `issued` may be so much after the clock */
#define FRESHNESS_WARNING_SEC (3 * DAY_SEC)    /* W04 from so much before the expiry */
#define FRESHNESS_CLOCK_TOLERANCE_SEC (5 * 60) /* clocks differ by so much without W06 */

struct freshness {
	int64_t now;	   /* not before last_seen and the build date, unless the time was given */
	bool is_plausible; /* the system clock was not before these: `issued` can be judged by it */
	bool is_asked_for; /* dates count: not at start from a registry that was accepted before */
};

/* No clock can be before what was signed and accepted, or before the program was made. */
int64_t freshness_now(int64_t clock, int64_t last_seen, int64_t build_date);

/* Step 0. W06 where the system clock cannot be right. */
struct freshness freshness_make(const struct verify_options *options, struct warnings *warnings);

/* E_EXPIRED or E_FUTURE; @what is `manifest 481`. */
int freshness_check(const struct freshness *freshness, const struct document_header *header,
		    const char *what, struct error *error);

/* "10 years", "3 days", "1 hour": the largest unit of which there is one. */
#define FRESHNESS_DURATION_SIZE 32
const char *freshness_duration(int64_t seconds, char buffer[FRESHNESS_DURATION_SIZE]);
