// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/bird_version.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void versions_are_read(void **state)
{
	static const struct {
		const char *text;
		struct bird_version version;
		bool is_usable;
	} cases[] = {
		{ "BIRD version 2.17.6\n", { 2, 17, 6 }, true },
		{ "BIRD version 2.14\n", { 2, 14, 0 }, true },
		{ "BIRD version 2.15.1+branch.foo\n", { 2, 15, 1 }, true },
		{ "BIRD version 2.0.12\n", { 2, 0, 12 }, false },
		{ "BIRD version 2.13.1\n", { 2, 13, 1 }, false },
		{ "BIRD version 1.6.8\n", { 1, 6, 8 }, false },
		{ "BIRD version 3.1.2\n", { 3, 1, 2 }, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bird_version version = { 0 };

		assert_int_equal(bird_version_parse(cases[i].text, &version), 0);
		assert_memory_equal(&version, &cases[i].version, sizeof(version));
		assert_int_equal(bird_version_is_usable(&version), cases[i].is_usable);
	}
}

static void other_texts_are_no_version(void **state)
{
	static const char *const texts[] = {
		"",
		"BIRD",
		"BIRD version ",
		"BIRD version 2",
		"BIRD version 2.",
		"BIRD version 2.x",
		"BIRD version 99999.1",
		"bird version 2.17",
		"babeld-1.12.1\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct bird_version version = { 0 };

		assert_int_equal(bird_version_parse(texts[i], &version), -EINVAL);
		assert_false(bird_version_is_usable(&version));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_are_read),
		cmocka_unit_test(other_texts_are_no_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
