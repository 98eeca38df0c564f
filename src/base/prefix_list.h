/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "base/ip.h"

/* Some prefixes in any order, more than once if they are added so. Zero-initialised it is empty. */
struct prefix_list {
	struct ip_prefix *items;
	size_t count;
};

void prefix_list_done(struct prefix_list *list);
CLEANUP_DEFINE_IN_PLACE(struct prefix_list, prefix_list_done);

void prefix_list_add(struct prefix_list *list, const struct ip_prefix *prefixes, size_t count);

/* By ip_prefix_compare(). */
void prefix_list_sort(struct prefix_list *list);

/* Exactly @prefix, and not one around it? @list is sorted. */
bool prefix_list_has(const struct prefix_list *list, const struct ip_prefix *prefix);
