// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewall/selection.h"

#include "base/memory.h"

#include <stdlib.h>

void selection_done(struct selection *selection)
{
	free(selection->prefixes);
}

static void selection_sort(struct selection *selection)
{
	size_t kept = 0;

	if (selection->count == 0)
		return;
	qsort(selection->prefixes, selection->count, sizeof(*selection->prefixes),
	      ip_prefix_compare_qsort);
	for (size_t i = 1; i < selection->count; i++)
		if (ip_prefix_compare(&selection->prefixes[i], &selection->prefixes[kept]) != 0)
			selection->prefixes[++kept] = selection->prefixes[i];
	selection->count = kept + 1;
}

void selection_add(struct selection *selection, uint16_t family, struct list list)
{
	for (size_t i = 0; i < list.count; i++) {
		const struct ip_prefix *prefix = &list.prefixes[i];

		if (prefix->address.family == family && prefix->length > 0)
			*ARRAY_APPEND(selection->prefixes, selection->count) = *prefix;
	}
	selection_sort(selection);
}

static bool selection_has(const struct selection *selection, const struct ip_prefix *prefix)
{
	return selection->count && bsearch(prefix, selection->prefixes, selection->count,
					   sizeof(*prefix), ip_prefix_compare_qsort);
}

void selection_keep(struct selection *selection, const struct selection *other, bool common)
{
	size_t kept = 0;

	for (size_t i = 0; i < selection->count; i++)
		if (selection_has(other, &selection->prefixes[i]) == common)
			selection->prefixes[kept++] = selection->prefixes[i];
	selection->count = kept;
}

void selection_merge(struct selection *selection)
{
	size_t kept = 0;

	/* Sorted: what contains others comes before them. */
	for (size_t i = 0; i < selection->count; i++)
		if (!kept ||
		    !ip_prefix_contains(&selection->prefixes[kept - 1], &selection->prefixes[i]))
			selection->prefixes[kept++] = selection->prefixes[i];
	selection->count = kept;
}

bool list_has_default(struct list list, uint16_t family)
{
	for (size_t i = 0; i < list.count; i++)
		if (list.prefixes[i].length == 0 && list.prefixes[i].address.family == family)
			return true;
	return false;
}
