// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/grants.h"

#include "registry/test_support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GRANTS_MAX 6

/* A small world of 6 bits, so that random prefixes meet often. */
static struct ip_prefix random_prefix(unsigned *seed)
{
	uint8_t bytes[4] = { 10, 0, 0, (uint8_t)(rand_r(seed) % 64) };
	struct ip_prefix prefix = {
		.address = ip_address_from_bytes(AF_INET, bytes),
		.length = (uint8_t)(26 + rand_r(seed) % 7),
	};

	return ip_prefix_masked(&prefix);
}

static int compare_grants(const void *a, const void *b)
{
	const struct grant *left = a, *right = b;

	return ip_prefix_compare(&left->prefix, &right->prefix);
}

static void random_organization(unsigned *seed, struct grant grants[GRANTS_MAX],
				struct mesh_organization *ret)
{
	*ret = (struct mesh_organization) {
		.name = "example",
		.grants = grants,
		.grants_count = (size_t)rand_r(seed) % (GRANTS_MAX + 1),
	};
	for (size_t i = 0; i < ret->grants_count; i++) {
		grants[i] = (struct grant) { .prefix = random_prefix(seed) };
		grants[i].max_length = (uint8_t)(grants[i].prefix.length +
						 rand_r(seed) % (33 - grants[i].prefix.length));
	}
	if (ret->grants_count)
		qsort(grants, ret->grants_count, sizeof(*grants), compare_grants);
}

enum verdict {
	GRANTED,
	TOO_LONG,
	COVERING,
	OUTSIDE
};

static enum verdict judge_by_all(const struct mesh_organization *organization,
				 const struct ip_prefix *prefix)
{
	enum verdict verdict = OUTSIDE;

	for (size_t i = 0; i < organization->grants_count; i++) {
		const struct grant *grant = &organization->grants[i];

		if (ip_prefix_contains(&grant->prefix, prefix)) {
			if (prefix->length <= grant->max_length)
				return GRANTED;
			verdict = TOO_LONG;
		} else if (verdict == OUTSIDE && ip_prefix_contains(prefix, &grant->prefix)) {
			verdict = COVERING;
		}
	}
	return verdict;
}

static enum verdict judge(const struct mesh_organization *organization, struct ip_prefix *prefix)
{
	const struct registry_node node = {
		.id = { "example", "n" },
		.prefixes = prefix,
		.prefixes_count = 1,
	};
	struct error error = { 0 };

	if (grants_check_nodes(organization, &node, 1, &error) == 0)
		return GRANTED;
	assert_int_equal(error.code, ERROR_GRANT);
	if (strstr(error.text, " is longer than max_length "))
		return TOO_LONG;
	if (strstr(error.text, " covers grant "))
		return COVERING;
	assert_non_null(strstr(error.text, " is outside the grants of \"example\""));
	return OUTSIDE;
}

static void grants_agree_with_looking_at_all_of_them(void **state)
{
	unsigned seed = 20778, seen[4] = { 0 };

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		struct mesh_organization organization;
		struct grant grants[GRANTS_MAX];
		struct ip_prefix prefix = random_prefix(&seed);
		enum verdict expected;

		random_organization(&seed, grants, &organization);
		expected = judge_by_all(&organization, &prefix);
		assert_int_equal(judge(&organization, &prefix), expected);
		seen[expected]++;
	}
	for (size_t i = 0; i < ARRAY_SIZE(seen); i++)
		assert_true(seen[i] > 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grants_agree_with_looking_at_all_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
