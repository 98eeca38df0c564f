// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/prefix_cover.h"

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix parsed = { 0 };

	assert_int_equal(ip_prefix_parse(text, &parsed), 0);
	return parsed;
}

/* "AROUND eq LENGTH; " of each pattern. */
static void expect_cover(const struct ip_prefix *prefixes, size_t count, const char *expected)
{
	CLEANUP(free) struct prefix_pattern *patterns = NULL;
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	size_t patterns_count = prefix_cover(prefixes, count, &patterns);

	for (size_t i = 0; i < patterns_count; i++) {
		char around[IP_PREFIX_TEXT_SIZE];

		ip_prefix_format(&patterns[i].around, around);
		strbuf_printf(&text, "%s eq %u; ", around, patterns[i].length);
	}
	assert_string_equal(strbuf_text(&text), expected);
}

static void nothing_is_covered_by_nothing(void **state)
{
	(void)state;
	expect_cover(NULL, 0, "");
}

static void one_prefix_is_covered_exactly(void **state)
{
	static const char *const rows[][2] = {
		{ "192.0.2.0/24", "192.0.2.0/24 eq 24; " },
		{ "192.0.2.1", "192.0.2.1/32 eq 32; " },
		{ "0.0.0.0/0", "0.0.0.0/0 eq 0; " },
		{ "fd66::/64", "fd66::/64 eq 64; " },
		{ "::/0", "::/0 eq 0; " },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ip_prefix twice[] = { prefix(rows[i][0]), prefix(rows[i][0]) };

		expect_cover(twice, 2, rows[i][1]);
	}
}

static void families_and_lengths_are_covered_apart(void **state)
{
	struct ip_prefix prefixes[] = {
		prefix("fd66:0:0:1::/64"), prefix("10.0.1.0/24"),     prefix("10.0.0.0/24"),
		prefix("10.0.0.0/25"),	   prefix("fd66:0:0:2::/64"), prefix("fd66:0:0:1::/64"),
	};

	(void)state;
	expect_cover(prefixes, ARRAY_SIZE(prefixes),
		     "10.0.0.0/23 eq 24; 10.0.0.0/25 eq 25; fd66::/62 eq 64; ");
}

static void what_is_less_than_half_full_is_split(void **state)
{
	struct ip_prefix prefixes[] = {
		prefix("10.0.0.0/24"), prefix("10.0.1.0/24"), prefix("10.0.7.0/24"),
		prefix("10.9.0.0/24"), prefix("10.8.0.0/24"),
	};

	(void)state;
	expect_cover(
		prefixes, ARRAY_SIZE(prefixes),
		"10.0.0.0/23 eq 24; 10.0.7.0/24 eq 24; 10.8.0.0/24 eq 24; 10.9.0.0/24 eq 24; ");
}

static void networks_in_a_row_need_few_patterns(void **state)
{
	CLEANUP(free) struct ip_prefix *prefixes = NEW_ARRAY(struct ip_prefix, 10000);

	(void)state;
	for (unsigned i = 0; i < 10000; i++) {
		prefixes[i] = prefix("fd66:0:0:0::/64");
		prefixes[i].address.bytes[6] = (uint8_t)(i >> 8);
		prefixes[i].address.bytes[7] = (uint8_t)i;
	}
	expect_cover(prefixes, 10000, "fd66::/50 eq 64; ");
}

static bool matches(const struct prefix_pattern *pattern, const struct ip_prefix *prefix)
{
	return pattern->length == prefix->length && ip_prefix_contains(&pattern->around, prefix);
}

/* In a world of 8 bits: each of the prefixes is matched once, and at most as many others. */
static void cover_matches_all_and_at_most_as_many_others(void **state)
{
	(void)state;
	srand(65);
	for (unsigned round = 0; round < 1000; round++) {
		CLEANUP(free) struct prefix_pattern *patterns = NULL;
		struct ip_prefix prefixes[48];
		bool given[256] = { 0 };
		unsigned length = (unsigned)rand() % 9, wanted = 0, matched = 0;
		size_t count = 1 + (size_t)rand() % ARRAY_SIZE(prefixes), patterns_count;

		for (size_t i = 0; i < count; i++) {
			prefixes[i] = (struct ip_prefix) { { AF_INET, { (uint8_t)rand() } },
							   (uint8_t)length };
			prefixes[i] = ip_prefix_masked(&prefixes[i]);
			given[prefixes[i].address.bytes[0]] = true;
		}
		patterns_count = prefix_cover(prefixes, count, &patterns);
		for (unsigned i = 0; i < 1U << length; i++) {
			struct ip_prefix one = { { AF_INET, { (uint8_t)(i << (8 - length)) } },
						 (uint8_t)length };
			unsigned times = 0;

			for (size_t j = 0; j < patterns_count; j++)
				times += matches(&patterns[j], &one);
			assert_in_range(times, given[one.address.bytes[0]] ? 1 : 0, 1);
			wanted += given[one.address.bytes[0]];
			matched += times;
		}
		assert_in_range(matched, wanted, 2 * wanted);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_covered_by_nothing),
		cmocka_unit_test(one_prefix_is_covered_exactly),
		cmocka_unit_test(families_and_lengths_are_covered_apart),
		cmocka_unit_test(what_is_less_than_half_full_is_split),
		cmocka_unit_test(networks_in_a_row_need_few_patterns),
		cmocka_unit_test(cover_matches_all_and_at_most_as_many_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
