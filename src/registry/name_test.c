// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/name.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void host_names_are_those_of_rfc_1123(void **state)
{
	static const char *const good[] = {
		"moon", "a", "x-1.example.net", "xn--bcher-kva.example", "1and1.example", "1.2.3.a",
	};
	static const char *const bad[] = {
		"",	 ".",	      "a.",   ".a",	    "a..b",   "-a.b",	   "a-.b",
		"a_b.c", "a b",	      "a;b",  "10.1",	    "0x7f.1", "1.2.3.4.5", "fe80::1%eth0",
		"a/b",	 "b\xc3\xbc", "a\nb", "2130706433", "a.0x1",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		if (!host_name_is_valid(good[i]))
			fail_msg("\"%s\" is refused", good[i]);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (host_name_is_valid(bad[i]))
			fail_msg("\"%s\" is accepted", bad[i]);
}

static void host_names_have_limits(void **state)
{
	char label[65], name[255];

	(void)state;
	memset(label, 'a', sizeof(label));
	label[64] = '\0';
	assert_false(host_name_is_valid(label));
	label[63] = '\0';
	assert_true(host_name_is_valid(label));
	for (size_t i = 0; i < sizeof(name); i++)
		name[i] = i % 50 == 49 ? '.' : 'a';
	name[254] = '\0';
	assert_false(host_name_is_valid(name));
	name[253] = '\0';
	assert_true(host_name_is_valid(name));
}

static void duplicates_are_found_ignoring_case(void **state)
{
	struct named names[] = { { "b", 0 }, { "moon", 1 }, { "c", 2 }, { "MOON", 3 }, { "d", 4 } };
	struct named different[] = { { "b", 0 }, { "a", 1 }, { "B1", 2 } };
	size_t first, second;

	(void)state;
	assert_true(name_find_duplicate(names, ARRAY_SIZE(names), &first, &second));
	assert_int_equal(first, 1);
	assert_int_equal(second, 3);
	assert_false(name_find_duplicate(different, ARRAY_SIZE(different), &first, &second));
	assert_false(name_find_duplicate(NULL, 0, &first, &second));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(host_names_are_those_of_rfc_1123),
		cmocka_unit_test(host_names_have_limits),
		cmocka_unit_test(duplicates_are_found_ignoring_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
