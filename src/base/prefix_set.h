/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "base/ip.h"

/*
 * The addresses in any of some prefixes, to be asked about often: n log n to make, log n a
 * question. Zero-initialised it is empty. Prefixes are added first, then prefix_set_close() is
 * called once, then questions are asked.
 */
struct prefix_set {
	struct ip_prefix *items; /* after closing: sorted, none inside another */
	size_t count;
};

void prefix_set_done(struct prefix_set *set);
CLEANUP_DEFINE_IN_PLACE(struct prefix_set, prefix_set_done);

/* @prefix is masked. */
void prefix_set_add(struct prefix_set *set, const struct ip_prefix *prefix);
void prefix_set_close(struct prefix_set *set);

/* The prefix of the set that @prefix equals or lies in; NULL if there is none. */
const struct ip_prefix *prefix_set_around(const struct prefix_set *set,
					  const struct ip_prefix *prefix);

/* The same for one address. */
const struct ip_prefix *prefix_set_around_address(const struct prefix_set *set,
						  const struct ip_address *address);
