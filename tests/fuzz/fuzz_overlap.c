// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who claims whose prefix: the sorted search against a comparison of each with each. The addresses
 * come from few bits, so that prefixes meet.
 */
#include "base/cleanup.h"
#include "base/memory.h"
#include "fuzz.h"
#include "registry/overlap.h"

#include <string.h>

#define CLAIM_BYTES 4
#define CLAIMS_MAX 64
#define OWNERS 4

static struct claim take_claim(struct fuzz_input *input, uint32_t source)
{
	uint8_t bytes[CLAIM_BYTES];
	struct claim claim = { .source = source };
	uint8_t address[16] = { 0xfd, 0x66 };
	unsigned bits;

	fuzz_take(input, bytes, sizeof(bytes));
	claim.owner = bytes[0] % OWNERS;
	/* The two bytes that vary stand where the length can reach them. */
	address[2] = bytes[1];
	address[3] = bytes[2];
	claim.prefix.address = ip_address_from_bytes(bytes[0] & 0x80 ? AF_INET6 : AF_INET, address);
	bits = ip_address_bits(&claim.prefix.address);
	claim.prefix.length = (uint8_t)(bytes[3] % (bits + 1));
	claim.prefix = ip_prefix_masked(&claim.prefix);
	return claim;
}

static bool is_overlap(const struct claim *a, const struct claim *b)
{
	return a->owner != b->owner && ip_prefix_overlaps(&a->prefix, &b->prefix);
}

static bool has_overlap(const struct claim *claims, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++)
			if (is_overlap(&claims[i], &claims[j]))
				return true;
	return false;
}

/* It is one of those that went in. */
static bool is_claim(const struct claim *claims, size_t count, const struct claim *claim)
{
	return claim->source < count && claims[claim->source].owner == claim->owner &&
	       !ip_prefix_compare(&claims[claim->source].prefix, &claim->prefix);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	size_t count = size / CLAIM_BYTES < CLAIMS_MAX ? size / CLAIM_BYTES : CLAIMS_MAX;
	CLEANUP(free) struct claim *claims = NEW_ARRAY(struct claim, count);
	CLEANUP(free) struct claim *sorted = NEW_ARRAY(struct claim, count);
	const struct claim *outer = NULL, *inner = NULL;
	bool found;

	for (size_t i = 0; i < count; i++)
		sorted[i] = claims[i] = take_claim(&input, (uint32_t)i);
	found = claims_find_overlap(sorted, count, &outer, &inner);
	FUZZ_CHECK(found == has_overlap(claims, count));
	if (!found)
		return 0;
	FUZZ_CHECK(is_overlap(outer, inner));
	FUZZ_CHECK(ip_prefix_contains(&outer->prefix, &inner->prefix));
	FUZZ_CHECK(is_claim(claims, count, outer) && is_claim(claims, count, inner));
	return 0;
}
