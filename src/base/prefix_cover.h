/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/ip.h"

/* All prefixes of @length bits inside @around. */
struct prefix_pattern {
	struct ip_prefix around;
	uint8_t length; /* bits, at least that of @around */
};

/*
 * Few patterns that together match each of @prefixes. At least half of what a pattern matches is in
 * @prefixes, so they match at most twice as many prefixes as were given: 10,000 networks that were
 * handed out one after the other become a few dozen patterns, and one that stands alone is matched
 * exactly. Sorted by family, length and address; none matches what another one does.
 *
 * Prefixes are masked, in any order, and may repeat. @ret is owned by the caller, NULL if there are
 * none. Returns the number of patterns. n log n.
 */
size_t prefix_cover(const struct ip_prefix *prefixes, size_t count, struct prefix_pattern **ret);
