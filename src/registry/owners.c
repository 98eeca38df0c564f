// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/owners.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

void owners_done(struct owners *owners)
{
	free(owners->items);
	*owners = (struct owners) { 0 };
}

/* Nodes are sorted by name, so their addresses are an order. */
static int compare_owners(const void *a, const void *b)
{
	const struct owner *left = a, *right = b;
	int order = ip_prefix_compare(&left->prefix, &right->prefix);

	if (order)
		return order;
	return left->node < right->node ? -1 : left->node > right->node;
}

void owners_make(const struct registry *registry, struct owners *ret)
{
	struct owners owners = { 0 };

	for (size_t i = 0; registry && i < registry->nodes_count; i++)
		for (size_t j = 0; j < registry->nodes[i].prefixes_count; j++)
			*ARRAY_APPEND(owners.items, owners.count) = (struct owner) {
				registry->nodes[i].prefixes[j],
				&registry->nodes[i],
			};
	if (owners.count)
		qsort(owners.items, owners.count, sizeof(owners.items[0]), compare_owners);
	*ret = owners;
}

/* The index of the first item that does not sort before @prefix. */
static size_t owners_search(const struct owners *owners, const struct ip_prefix *prefix)
{
	size_t low = 0, high = owners->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ip_prefix_compare(&owners->items[middle].prefix, prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct registry_node *owners_find(const struct owners *owners, const struct ip_prefix *prefix,
					const uint8_t *router_id)
{
	size_t first = owners_search(owners, prefix), end = first;
	uint8_t own[ROUTER_ID_SIZE];

	while (end < owners->count && ip_prefix_compare(&owners->items[end].prefix, prefix) == 0)
		end++;
	if (first == end)
		return NULL;
	for (size_t i = first; router_id && end - first > 1 && i < end; i++) {
		registry_node_router_id(owners->items[i].node, own);
		if (!memcmp(router_id, own, sizeof(own)))
			return owners->items[i].node;
	}
	return owners->items[first].node;
}
