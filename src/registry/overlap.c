// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/overlap.h"

#include <stdlib.h>
#include <string.h>

#define MAPPED_LENGTH 96
/* Prefixes that cover each other differ in length, so no more than this can be nested. */
#define NESTED_MAX 129

struct ip_prefix prefix_unmapped(const struct ip_prefix *prefix)
{
	static const uint8_t mapped[MAPPED_LENGTH / 8] = { [10] = 0xff, [11] = 0xff };

	if (prefix->address.family != AF_INET6 || prefix->length < MAPPED_LENGTH ||
	    memcmp(prefix->address.bytes, mapped, sizeof(mapped)) != 0)
		return *prefix;
	return (struct ip_prefix) {
		.address = ip_address_from_bytes(AF_INET, prefix->address.bytes + sizeof(mapped)),
		.length = (uint8_t)(prefix->length - MAPPED_LENGTH),
	};
}

static int compare_claims(const void *a, const void *b)
{
	const struct claim *left = a, *right = b;
	int order = ip_prefix_compare(&left->prefix, &right->prefix);

	if (order)
		return order;
	if (left->owner != right->owner)
		return left->owner < right->owner ? -1 : 1;
	return left->source < right->source ? -1 : left->source > right->source;
}

/*
 * Sorted, a prefix comes directly before all that it covers. The stack holds the prefixes around
 * the present one; as long as nothing was found they all have the same owner, and looking at the
 * innermost is enough. Equal prefixes of one owner are kept once.
 */
bool claims_find_overlap(struct claim *claims, size_t count, const struct claim **ret_outer,
			 const struct claim **ret_inner)
{
	const struct claim *around[NESTED_MAX];
	unsigned depth = 0;

	if (count)
		qsort(claims, count, sizeof(*claims), compare_claims);
	for (size_t i = 0; i < count; i++) {
		const struct claim *claim = &claims[i];

		while (depth && !ip_prefix_contains(&around[depth - 1]->prefix, &claim->prefix))
			depth--;
		if (depth && around[depth - 1]->owner != claim->owner) {
			*ret_outer = around[depth - 1];
			*ret_inner = claim;
			return true;
		}
		if (!depth || around[depth - 1]->prefix.length != claim->prefix.length)
			around[depth++] = claim;
	}
	return false;
}
