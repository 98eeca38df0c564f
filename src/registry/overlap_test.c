// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/overlap.h"

#include "registry/refusal.h"
#include "registry/test_support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct claim claim(const char *prefix, uint32_t owner)
{
	struct ip_prefix parsed = test_prefix(prefix);

	return (struct claim) { .prefix = prefix_unmapped(&parsed), .owner = owner };
}

static void overlap_finds_equal_and_covering_prefixes(void **state)
{
	static const struct {
		const char *one, *other, *outer;
	} rows[] = {
		{ "10.0.0.0/8", "10.0.0.0/8", "10.0.0.0/8" },
		{ "10.1.2.0/24", "10.0.0.0/8", "10.0.0.0/8" },
		{ "fd66::/48", "fd66:0:0:7::/64", "fd66::/48" },
		{ "::ffff:10.0.0.0/104", "10.255.0.0/16", "10.0.0.0/8" },
		{ "0.0.0.0/0", "255.255.255.255", "0.0.0.0/0" },
	};
	char text[IP_PREFIX_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct claim claims[] = { claim(rows[i].one, 1), claim(rows[i].other, 2) };
		const struct claim *outer = NULL, *inner = NULL;

		assert_true(claims_find_overlap(claims, 2, &outer, &inner));
		assert_string_equal(ip_prefix_format(&outer->prefix, text), rows[i].outer);
		assert_int_not_equal(outer->owner, inner->owner);
	}
}

static void overlap_allows_neighbours_and_one_owner(void **state)
{
	struct claim claims[] = {
		claim("10.0.0.0/9", 1),	   claim("10.128.0.0/9", 2),	claim("10.0.0.0/16", 1),
		claim("10.0.0.0/24", 1),   claim("10.0.0.0/24", 1),	claim("::/96", 3),
		claim("fd66::/64", 1),	   claim("fd66:0:0:1::/64", 2), claim("10.127.0.0/16", 1),
		claim("10.128.1.0/24", 2),
	};
	const struct claim *outer, *inner;

	(void)state;
	assert_false(claims_find_overlap(claims, ARRAY_SIZE(claims), &outer, &inner));
	assert_false(claims_find_overlap(NULL, 0, &outer, &inner));
}

/* All 129 lengths around one address, the last one of somebody else. */
static void overlap_follows_the_deepest_nesting(void **state)
{
	struct ip_address address = test_address("fd66::1");
	const struct claim *outer, *inner;
	struct claim claims[129];

	(void)state;
	for (unsigned length = 0; length <= 128; length++) {
		struct ip_prefix prefix = { .address = address, .length = (uint8_t)length };

		claims[length] = (struct claim) { .prefix = ip_prefix_masked(&prefix), .owner = 1 };
	}
	assert_false(claims_find_overlap(claims, ARRAY_SIZE(claims), &outer, &inner));
	for (size_t i = 0; i < ARRAY_SIZE(claims); i++)
		claims[i].owner = claims[i].prefix.length == 128 ? 2 : 1;
	assert_true(claims_find_overlap(claims, ARRAY_SIZE(claims), &outer, &inner));
	assert_int_equal(inner->owner, 2);
}

/* A small world of 6 bits, so that random claims meet often. */
static struct claim random_claim(unsigned *seed)
{
	uint8_t bytes[4] = { 10, 0, 0, (uint8_t)(rand_r(seed) % 64) };
	struct ip_prefix prefix = {
		.address = ip_address_from_bytes(AF_INET, bytes),
		.length = (uint8_t)(26 + rand_r(seed) % 7),
	};

	return (struct claim) {
		.prefix = ip_prefix_masked(&prefix),
		.owner = (uint32_t)(rand_r(seed) % 3),
	};
}

/* The same, shared in some way more often than not. Owners 0 and 1 are of one group. */
static struct claim random_shared_claim(unsigned *seed)
{
	struct claim claim = random_claim(seed);
	unsigned sharing = (unsigned)rand_r(seed) % 8;

	claim.sharing = sharing == 0 ? CLAIM_EXCLUSIVE : sharing < 4 ? CLAIM_ANYCAST : CLAIM_SHARED;
	claim.group = claim.owner / 2;
	claim.covers_nothing = claim.prefix.length == 26 && rand_r(seed) % 2;
	return claim;
}

static bool must_not_overlap(const struct claim *a, const struct claim *b)
{
	const struct claim *outer = a->prefix.length <= b->prefix.length ? a : b;
	bool equal = a->prefix.length == b->prefix.length;

	if (a->owner == b->owner || (outer->covers_nothing && !equal))
		return false;
	if (a->sharing == CLAIM_SHARED && b->sharing == CLAIM_SHARED)
		return false;
	return !(equal && a->sharing == CLAIM_ANYCAST && b->sharing == CLAIM_ANYCAST &&
		 a->group == b->group);
}

static bool overlap_by_pairs(const struct claim *claims, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++)
			if (must_not_overlap(&claims[i], &claims[j]) &&
			    ip_prefix_overlaps(&claims[i].prefix, &claims[j].prefix))
				return true;
	return false;
}

static unsigned compare_random_rounds(struct claim (*make)(unsigned *seed))
{
	unsigned seed = 20778, found = 0;
	struct claim claims[6];

	for (unsigned round = 0; round < 20000; round++) {
		const struct claim *outer, *inner;
		size_t count = (size_t)rand_r(&seed) % (ARRAY_SIZE(claims) + 1);
		bool expected, result;

		for (size_t i = 0; i < count; i++)
			claims[i] = make(&seed);
		expected = overlap_by_pairs(claims, count);
		result = claims_find_overlap(claims, count, &outer, &inner);
		assert_int_equal(result, expected);
		if (result) {
			assert_true(ip_prefix_contains(&outer->prefix, &inner->prefix));
			assert_true(must_not_overlap(outer, inner));
		}
		found += result;
	}
	return found;
}

static void overlap_agrees_with_comparing_all_pairs(void **state)
{
	(void)state;
	assert_in_range(compare_random_rounds(random_claim), 2000, 18000);
	assert_in_range(compare_random_rounds(random_shared_claim), 2000, 18000);
}

/* The second row of one owner must not be hidden by the first, which gives nothing away. */
static void overlap_sees_both_kinds_of_default_route(void **state)
{
	struct claim claims[] = {
		claim("0.0.0.0/0", 1),
		claim("0.0.0.0/0", 1),
		claim("10.0.0.0/8", 2),
	};
	const struct claim *outer, *inner;

	(void)state;
	claims[0].covers_nothing = claims[1].covers_nothing = true;
	assert_false(claims_find_overlap(claims, ARRAY_SIZE(claims), &outer, &inner));
	claims[1].covers_nothing = false;
	assert_true(claims_find_overlap(claims, ARRAY_SIZE(claims), &outer, &inner));
	assert_false(outer->covers_nothing);
}

static void refusal_covers_the_list_and_nothing_else(void **state)
{
	static const char *const bad[] = {
		"0.0.0.0/0",	"::/0",		  "0.0.0.0/8",		 "127.0.0.0/8",
		"127.1.2.3/32", "169.254.0.0/16", "224.0.0.0/4",	 "240.0.0.0/4",
		"128.0.0.0/1",	"::1/128",	  "::ffff:10.0.0.0/104", "::/64",
		"fe80::/64",	"fe80::/10",	  "ff02::/16",		 "8000::/1",
		"168.0.0.0/7",
	};
	static const char *const good[] = {
		"10.0.0.0/8", "1.0.0.0/8", "223.255.255.0/24", "169.253.0.0/16", "fd66::/64",
		"2000::/3",   "fc00::/7",  "::1:0:0:0/80",     "fec0::/10",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct ip_prefix prefix = test_prefix(bad[i]);

		if (!prefix_refusal(&prefix))
			fail_msg("%s is not refused", bad[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		struct ip_prefix prefix = test_prefix(good[i]);

		if (prefix_refusal(&prefix))
			fail_msg("%s is refused", good[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(overlap_finds_equal_and_covering_prefixes),
		cmocka_unit_test(overlap_allows_neighbours_and_one_owner),
		cmocka_unit_test(overlap_follows_the_deepest_nesting),
		cmocka_unit_test(overlap_agrees_with_comparing_all_pairs),
		cmocka_unit_test(overlap_sees_both_kinds_of_default_route),
		cmocka_unit_test(refusal_covers_the_list_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
