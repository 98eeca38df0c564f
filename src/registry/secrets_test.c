// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/secrets.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define DAY 86400
#define MIDNIGHT (20778 * (int64_t)DAY)
#define CHANGE (MIDNIGHT + 3600) /* from there the second secret is in use */

#define FIRST                                                                                      \
	{                                                                                          \
		1                                                                                  \
	}
#define SECOND                                                                                     \
	{                                                                                          \
		2                                                                                  \
	}

static struct registry make_registry(unsigned count)
{
	return (struct registry) {
		.secrets = { { .id = FIRST }, { .id = SECOND, .from = CHANGE } },
		.secrets_count = count,
	};
}

static struct config make_config(unsigned count)
{
	return (struct config) {
		.psk = PSK_MESH,
		.secrets = { { .id = FIRST }, { .id = SECOND } },
		.secrets_count = count,
	};
}

static void newest_secret_whose_time_has_come_is_in_use(void **state)
{
	const struct registry two = make_registry(2), one = make_registry(1), none = { 0 };

	(void)state;
	assert_ptr_equal(secrets_in_use(&two, 0), &two.secrets[0]);
	assert_ptr_equal(secrets_in_use(&two, CHANGE - 1), &two.secrets[0]);
	assert_ptr_equal(secrets_in_use(&two, CHANGE), &two.secrets[1]);
	assert_ptr_equal(secrets_in_use(&one, CHANGE), &one.secrets[0]);
	assert_null(secrets_in_use(&none, CHANGE));
	assert_null(secrets_in_use(NULL, CHANGE));
}

static void epochs_are_days_of_utc(void **state)
{
	(void)state;
	assert_int_equal(secrets_epoch(MIDNIGHT - 1), 20777);
	assert_int_equal(secrets_epoch(MIDNIGHT), 20778);
	assert_int_equal(secrets_epoch(-1), 0);
}

/* What follows from the clock stands still between them. */
static void changes_are_at_midnight_and_when_a_secret_comes_into_use(void **state)
{
	const struct registry registry = make_registry(2);
	const struct config config = make_config(2);
	const struct {
		int64_t now, last, next;
	} cases[] = {
		{ MIDNIGHT - 1, MIDNIGHT - DAY, MIDNIGHT },
		{ MIDNIGHT, MIDNIGHT, CHANGE },
		{ CHANGE - 1, MIDNIGHT, CHANGE },
		{ CHANGE, CHANGE, MIDNIGHT + DAY },
		{ MIDNIGHT + DAY, MIDNIGHT + DAY, MIDNIGHT + 2 * (int64_t)DAY },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(secrets_last_change(&config, &registry, cases[i].now),
				 cases[i].last);
		assert_int_equal(secrets_next_change(&config, &registry, cases[i].now),
				 cases[i].next);
	}
}

static void nothing_follows_from_the_clock_without_a_secret(void **state)
{
	const struct registry registry = make_registry(1), none = { 0 };
	struct config config = make_config(1);

	(void)state;
	assert_int_equal(secrets_last_change(&config, &none, CHANGE), 0);
	assert_int_equal(secrets_next_change(&config, NULL, CHANGE), 0);
	config.psk = PSK_NONE;
	assert_int_equal(secrets_last_change(&config, &registry, CHANGE), 0);
	assert_int_equal(secrets_next_change(&config, &registry, CHANGE), 0);
}

static void missing_secret_is_a_problem_while_it_is_in_use(void **state)
{
	const struct registry registry = make_registry(2);
	const struct config config = make_config(1);
	char text[SECRETS_PROBLEM_SIZE];

	(void)state;
	assert_false(secrets_problem(&config, &registry, CHANGE - 1, text));
	assert_true(secrets_problem(&config, &registry, CHANGE, text));
	assert_non_null(strstr(text, "uses the secret 0200000000000000, which this node does not"));
	assert_non_null(strstr(text, "name it in \"psk_secrets\" and reload"));
}

static void expect_warning(const struct config *config, const struct registry *registry,
			   int64_t now, const char *text)
{
	CLEANUP(warnings_done) struct warnings warnings = { 0 };

	secrets_compare(config, registry, now, &warnings);
	if (!text) {
		assert_int_equal(warnings.count, 0);
		return;
	}
	assert_int_equal(warnings.count, 1);
	assert_string_equal(warnings.items[0].code, "E_SELF");
	if (!strstr(warnings.items[0].text, text))
		fail_msg("%s", warnings.items[0].text);
}

static void disagreement_about_secrets_is_told(void **state)
{
	const struct registry two = make_registry(2), one = make_registry(1), none = { 0 };
	const struct config both = make_config(2), first = make_config(1), without = { 0 };

	(void)state;
	expect_warning(&both, &two, MIDNIGHT, NULL);
	expect_warning(&without, &none, MIDNIGHT, NULL);
	expect_warning(&without, &one, MIDNIGHT, "set \"psk\": \"mesh\"");
	expect_warning(&both, &none, MIDNIGHT, "but the mesh names no secret");
	expect_warning(&both, &one, MIDNIGHT,
		       "the secret 0200000000000000 of this node "
		       "(/psk_secrets/1) is none of the mesh");
	/* Time to do something about it; when it has come there is a problem. */
	expect_warning(&first, &two, MIDNIGHT,
		       "uses the secret 0200000000000000 from "
		       "2026-11-21T01:00:00Z on");
	expect_warning(&first, &two, CHANGE, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(newest_secret_whose_time_has_come_is_in_use),
		cmocka_unit_test(epochs_are_days_of_utc),
		cmocka_unit_test(changes_are_at_midnight_and_when_a_secret_comes_into_use),
		cmocka_unit_test(nothing_follows_from_the_clock_without_a_secret),
		cmocka_unit_test(missing_secret_is_a_problem_while_it_is_in_use),
		cmocka_unit_test(disagreement_about_secrets_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
