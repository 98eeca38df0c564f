// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/overlap.h"

#include <stdlib.h>
#include <string.h>

#define MAPPED_LENGTH 96
/* Prefixes that cover each other differ in length; a default route may be there in both ways. */
#define NESTED_MAX 130

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

/*
 * Whoever shares less comes first, see struct level. Then by owner and source, so that the order
 * of the documents does not decide which two are told.
 */
static int compare_claims(const void *a, const void *b)
{
	const struct claim *left = a, *right = b;
	int order = ip_prefix_compare(&left->prefix, &right->prefix);

	if (order)
		return order;
	if (left->covers_nothing != right->covers_nothing)
		return left->covers_nothing ? 1 : -1;
	if (left->sharing != right->sharing)
		return left->sharing < right->sharing ? -1 : 1;
	if (left->owner != right->owner)
		return left->owner < right->owner ? -1 : 1;
	return left->source < right->source ? -1 : left->source > right->source;
}

/*
 * All claims of one prefix and one value of covers_nothing that were looked at so far. If they are
 * of several owners they all tolerate each other, and two of them stand for all.
 */
struct level {
	const struct claim *first;
	const struct claim *second; /* of another owner; NULL if there is none */
};

static bool tolerate(const struct claim *outer, const struct claim *inner)
{
	if (outer->owner == inner->owner)
		return true;
	if (outer->sharing == CLAIM_SHARED && inner->sharing == CLAIM_SHARED)
		return true;
	return outer->sharing == CLAIM_ANYCAST && inner->sharing == CLAIM_ANYCAST &&
	       outer->group == inner->group && outer->prefix.length == inner->prefix.length;
}

/* A claim of @level that does not tolerate @claim, which equals it or lies in it; or NULL. */
static const struct claim *level_find_opponent(const struct level *level, const struct claim *claim)
{
	if (level->first->covers_nothing && level->first->prefix.length != claim->prefix.length)
		return NULL;
	if (!tolerate(level->first, claim))
		return level->first;
	return level->second && !tolerate(level->second, claim) ? level->second : NULL;
}

static bool level_is_of(const struct level *level, const struct claim *claim)
{
	return level->first->prefix.length == claim->prefix.length &&
	       level->first->covers_nothing == claim->covers_nothing;
}

static void level_add(struct level *level, const struct claim *claim)
{
	if (!level->second && level->first->owner != claim->owner)
		level->second = claim;
}

/* Sorted, a prefix comes directly before all that it covers. The levels are what is around. */
bool claims_find_overlap(struct claim *claims, size_t count, const struct claim **ret_outer,
			 const struct claim **ret_inner)
{
	struct level levels[NESTED_MAX];
	unsigned depth = 0;

	if (!count)
		return false;
	qsort(claims, count, sizeof(*claims), compare_claims);
	for (const struct claim *claim = claims; claim < claims + count; claim++) {
		while (depth &&
		       !ip_prefix_contains(&levels[depth - 1].first->prefix, &claim->prefix))
			depth--;
		for (unsigned i = depth; i > 0; i--) {
			const struct claim *opponent = level_find_opponent(&levels[i - 1], claim);

			if (!opponent)
				continue;
			*ret_outer = opponent;
			*ret_inner = claim;
			return true;
		}
		if (depth && level_is_of(&levels[depth - 1], claim))
			level_add(&levels[depth - 1], claim);
		else
			levels[depth++] = (struct level) { .first = claim };
	}
	return false;
}
