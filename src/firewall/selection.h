/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "base/ip.h"

#include <stdbool.h>
#include <stddef.h>

/* Prefixes of somebody else, in any order. */
struct list {
	const struct ip_prefix *prefixes;
	size_t count;
};

/* Those of one family, sorted, without repetition, without /0. Private to firewall. */
struct selection {
	struct ip_prefix *prefixes;
	size_t count;
};

void selection_done(struct selection *selection);
CLEANUP_DEFINE_IN_PLACE(struct selection, selection_done);

/* Adds those of @list, into a selection that stays sorted. */
void selection_add(struct selection *selection, uint16_t family, struct list list);

/* Keeps those that are (or are not) in @other, too. */
void selection_keep(struct selection *selection, const struct selection *other, bool common);

/* Drops those that lie in another one: intervals of a set must not overlap. */
void selection_merge(struct selection *selection);

/* Is there a /0 of @family? */
bool list_has_default(struct list list, uint16_t family);
