// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/prefix_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix parsed = { 0 };

	assert_int_equal(ip_prefix_parse(text, &parsed), 0);
	return parsed;
}

static void set_add(struct prefix_set *set, const char *text)
{
	struct ip_prefix parsed = prefix(text);

	prefix_set_add(set, &parsed);
}

static void prefix_set_finds_what_is_around(void **state)
{
	static const struct {
		const char *question, *around; /* NULL: nothing */
	} rows[] = {
		{ "10.1.2.3", "10.0.0.0/8" },
		{ "10.0.0.0/8", "10.0.0.0/8" },
		{ "10.255.255.255", "10.0.0.0/8" },
		{ "8.0.0.0/5", NULL }, /* covers one */
		{ "9.255.255.255", NULL },
		{ "11.0.0.0", NULL },
		{ "172.16.5.0/25", "172.16.5.0/24" },
		{ "172.16.4.255", NULL },
		{ "172.16.6.0", NULL },
		{ "::a01:203", NULL }, /* not 10.1.2.3 */
		{ "fd66:0:0:7::/64", "fd66::/32" },
		{ "fd67::1", NULL },
		{ "::", NULL },
	};
	CLEANUP(prefix_set_done) struct prefix_set set = { 0 };

	(void)state;
	set_add(&set, "172.16.5.0/24");
	set_add(&set, "fd66:0:0:1::/64");
	set_add(&set, "10.1.0.0/16");
	set_add(&set, "10.0.0.0/8");
	set_add(&set, "10.0.0.0/8");
	set_add(&set, "fd66::/32");
	prefix_set_close(&set);
	assert_int_equal(set.count, 3);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ip_prefix question = prefix(rows[i].question);
		const struct ip_prefix *found = prefix_set_around(&set, &question);
		char text[IP_PREFIX_TEXT_SIZE] = "";

		if (found)
			ip_prefix_format(found, text);
		assert_string_equal(text, rows[i].around ? rows[i].around : "");
	}
}

static void an_empty_prefix_set_has_nothing(void **state)
{
	CLEANUP(prefix_set_done) struct prefix_set set = { 0 };
	struct ip_prefix question = prefix("10.0.0.0/8");

	(void)state;
	prefix_set_close(&set);
	assert_null(prefix_set_around(&set, &question));
}

/* In a world of 8 bits, the same answer as by looking at every prefix that was added. */
static void prefix_set_agrees_with_looking_at_all(void **state)
{
	(void)state;
	srand(66);
	for (unsigned round = 0; round < 300; round++) {
		CLEANUP(prefix_set_done) struct prefix_set set = { 0 };
		struct ip_prefix added[6];

		for (size_t i = 0; i < ARRAY_SIZE(added); i++) {
			added[i] = (struct ip_prefix) {
				.address = { .family = AF_INET, .bytes = { (uint8_t)rand() } },
				.length = (uint8_t)(1 + rand() % 8),
			};
			added[i] = ip_prefix_masked(&added[i]);
			prefix_set_add(&set, &added[i]);
		}
		prefix_set_close(&set);
		for (unsigned first = 0; first < 256; first++) {
			struct ip_address address = { AF_INET, { (uint8_t)first, 1, 2, 3 } };
			bool expected = false;

			for (size_t i = 0; i < ARRAY_SIZE(added); i++)
				expected |= ip_prefix_contains_address(&added[i], &address);
			assert_int_equal(!!prefix_set_around_address(&set, &address), expected);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefix_set_finds_what_is_around),
		cmocka_unit_test(an_empty_prefix_set_has_nothing),
		cmocka_unit_test(prefix_set_agrees_with_looking_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
