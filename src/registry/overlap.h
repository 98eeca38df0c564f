/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/ip.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* When claims of different owners may overlap. */
enum claim_sharing {
	CLAIM_EXCLUSIVE, /* never */
	CLAIM_ANYCAST,	 /* equal prefixes, if both say so and are of one group */
	CLAIM_SHARED,	 /* in any way, if both say so */
};

/*
 * Who claims a prefix. Claims of one owner may overlap each other; those of different owners must
 * not, unless they are shared. @source is for the caller, to find out what a claim was made from.
 */
struct claim {
	struct ip_prefix prefix;
	uint32_t owner;
	uint32_t source;
	enum claim_sharing sharing;
	uint32_t group; /* CLAIM_ANYCAST only */
	/*
	 * A default route leads to what nobody else claims. It takes nothing away from what lies in
	 * it, so it overlaps equal prefixes only.
	 */
	bool covers_nothing;
};

/*
 * Find two claims of different owners that overlap though they must not, and point *ret_outer and
 * *ret_inner to them; the outer one covers or equals the inner one. Sorts @claims; n log n.
 * IPv4-mapped IPv6 prefixes must have gone through prefix_unmapped().
 */
bool claims_find_overlap(struct claim *claims, size_t count, const struct claim **ret_outer,
			 const struct claim **ret_inner);

/* ::ffff:a.b.c.d/(96 + n) as a.b.c.d/n, which is what the kernel makes of it; others as they are.
 */
struct ip_prefix prefix_unmapped(const struct ip_prefix *prefix);
