// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/prefix_set.h"

#include "base/memory.h"

#include <stdlib.h>

void prefix_set_done(struct prefix_set *set)
{
	free(set->items);
	*set = (struct prefix_set) { 0 };
}

void prefix_set_add(struct prefix_set *set, const struct ip_prefix *prefix)
{
	*ARRAY_APPEND(set->items, set->count) = *prefix;
}

/* Sorted, a prefix comes directly before all that lies in it. */
void prefix_set_close(struct prefix_set *set)
{
	size_t kept = 0;

	if (set->count == 0)
		return;
	qsort(set->items, set->count, sizeof(set->items[0]), ip_prefix_compare_qsort);
	for (size_t i = 1; i < set->count; i++)
		if (!ip_prefix_contains(&set->items[kept], &set->items[i]))
			set->items[++kept] = set->items[i];
	set->count = kept + 1;
}

/*
 * What is around @prefix does not sort behind it, and nothing of the set comes between the two: it
 * would lie in the outer one. So it is the last that does not sort behind.
 */
const struct ip_prefix *prefix_set_around(const struct prefix_set *set,
					  const struct ip_prefix *prefix)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ip_prefix_compare(&set->items[middle], prefix) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || !ip_prefix_contains(&set->items[low - 1], prefix))
		return NULL;
	return &set->items[low - 1];
}

const struct ip_prefix *prefix_set_around_address(const struct prefix_set *set,
						  const struct ip_address *address)
{
	struct ip_prefix single = ip_prefix_single(address);

	return prefix_set_around(set, &single);
}
