// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/prefix_cover.h"

#include "base/cleanup.h"
#include "base/memory.h"

#include <string.h>

struct cover {
	struct prefix_pattern *patterns;
	size_t count;
};

/* By family, length, address: those that one pattern can match stand together. */
static int compare_by_length(const void *a, const void *b)
{
	const struct ip_prefix *left = a, *right = b;

	if (left->address.family != right->address.family)
		return left->address.family < right->address.family ? -1 : 1;
	if (left->length != right->length)
		return left->length < right->length ? -1 : 1;
	return ip_address_compare(&left->address, &right->address);
}

static size_t sort_unique(struct ip_prefix *prefixes, size_t count)
{
	size_t kept = 0;

	qsort(prefixes, count, sizeof(*prefixes), compare_by_length);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || compare_by_length(&prefixes[kept - 1], &prefixes[i]) != 0)
			prefixes[kept++] = prefixes[i];
	return kept;
}

static struct ip_prefix shorten(const struct ip_prefix *prefix, uint8_t length)
{
	struct ip_prefix around = *prefix;

	around.length = length;
	return ip_prefix_masked(&around);
}

/* The longest prefix around both, which are of one length. */
static struct ip_prefix common_prefix(const struct ip_prefix *a, const struct ip_prefix *b)
{
	struct ip_prefix around = *a;

	while (!ip_prefix_contains(&around, b))
		around = shorten(&around, around.length - 1);
	return around;
}

/* Are at least half of the prefixes of @length bits in @around among @count different ones? */
static bool is_half_full(const struct ip_prefix *around, uint8_t length, size_t count)
{
	unsigned bits = length - around->length;

	return bits <= 1 || (bits - 1 < 8 * sizeof(count) && count >= (size_t)1 << (bits - 1));
}

/*
 * @prefixes are sorted, different and of one family and length. What lies between the first and the
 * last is one pattern if it is full enough; else its two halves are looked at by themselves.
 */
static void cover_range(const struct ip_prefix *prefixes, size_t count, struct cover *cover)
{
	struct ip_prefix around = common_prefix(&prefixes[0], &prefixes[count - 1]);
	struct ip_prefix half;
	size_t first = 0;

	if (is_half_full(&around, prefixes[0].length, count)) {
		*ARRAY_APPEND(cover->patterns, cover->count) =
			(struct prefix_pattern) { around, prefixes[0].length };
		return;
	}
	half = shorten(&prefixes[0], around.length + 1);
	while (ip_prefix_contains(&half, &prefixes[first]))
		first++;
	cover_range(prefixes, first, cover);
	cover_range(prefixes + first, count - first, cover);
}

static bool is_same_kind(const struct ip_prefix *a, const struct ip_prefix *b)
{
	return a->address.family == b->address.family && a->length == b->length;
}

size_t prefix_cover(const struct ip_prefix *prefixes, size_t count, struct prefix_pattern **ret)
{
	CLEANUP(free) struct ip_prefix *sorted = NULL;
	struct cover cover = { 0 };

	if (count > 0) {
		sorted = NEW_ARRAY(struct ip_prefix, count);
		memcpy(sorted, prefixes, count * sizeof(*sorted));
		count = sort_unique(sorted, count);
	}
	for (size_t begin = 0, end; begin < count; begin = end) {
		for (end = begin + 1; end < count && is_same_kind(&sorted[begin], &sorted[end]);)
			end++;
		cover_range(sorted + begin, end - begin, &cover);
	}
	*ret = cover.patterns;
	return cover.count;
}
