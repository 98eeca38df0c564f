// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/prefix_list.h"

#include "base/memory.h"

#include <stdlib.h>

void prefix_list_done(struct prefix_list *list)
{
	free(list->items);
	*list = (struct prefix_list) { 0 };
}

void prefix_list_add(struct prefix_list *list, const struct ip_prefix *prefixes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		*ARRAY_APPEND(list->items, list->count) = prefixes[i];
}

void prefix_list_sort(struct prefix_list *list)
{
	if (list->count > 0)
		qsort(list->items, list->count, sizeof(list->items[0]), ip_prefix_compare_qsort);
}

bool prefix_list_has(const struct prefix_list *list, const struct ip_prefix *prefix)
{
	return list->count > 0 &&
	       bsearch(prefix, list->items, list->count, sizeof(*prefix), ip_prefix_compare_qsort);
}
