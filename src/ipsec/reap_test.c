// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/reap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SAS_MAX 4

/* "NUMBER STATE AGE CHILD-STATE" each; "-" is no child. */
struct description {
	uint32_t unique_id;
	const char *state;
	unsigned age_s;
	const char *child;
};

static const struct {
	const char *name;
	struct description sas[SAS_MAX];
	bool is_ours;
	const char *chosen;
} cases[] = {
	{ "nothing", { { 0 } }, true, "" },
	{ "one that carries", { { 1, "ESTABLISHED", 500, "INSTALLED" } }, true, "" },
	{ "the older of two, after a while",
	  { { 1, "ESTABLISHED", 12, "INSTALLED" }, { 2, "ESTABLISHED", 11, "INSTALLED" } },
	  true,
	  "1 " },
	{ "whatever their order",
	  { { 2, "ESTABLISHED", 11, "INSTALLED" }, { 1, "ESTABLISHED", 12, "INSTALLED" } },
	  true,
	  "1 " },
	{ "of the same age, the lower number",
	  { { 8, "ESTABLISHED", 60, "INSTALLED" }, { 9, "ESTABLISHED", 60, "INSTALLED" } },
	  true,
	  "8 " },
	{ "all but one of three",
	  { { 1, "ESTABLISHED", 30, "INSTALLED" },
	    { 2, "ESTABLISHED", 20, "INSTALLED" },
	    { 3, "ESTABLISHED", 10, "INSTALLED" } },
	  true,
	  "1 2 " },
	{ "not yet",
	  { { 1, "ESTABLISHED", 12, "INSTALLED" }, { 2, "ESTABLISHED", 9, "INSTALLED" } },
	  true,
	  "" },
	{ "not by the other end",
	  { { 1, "ESTABLISHED", 12, "INSTALLED" }, { 2, "ESTABLISHED", 11, "INSTALLED" } },
	  false,
	  "" },
	{ "not while one is rekeyed",
	  { { 1, "REKEYED", 3600, "REKEYED" }, { 2, "ESTABLISHED", 11, "INSTALLED" } },
	  true,
	  "" },
	{ "nor deleted",
	  { { 1, "DELETING", 3600, "INSTALLED" }, { 2, "ESTABLISHED", 30, "-" } },
	  true,
	  "" },
	{ "a child that is rekeyed carries", { { 1, "ESTABLISHED", 3600, "REKEYING" } }, true, "" },
	{ "one without a child, by either end", { { 1, "ESTABLISHED", 30, "-" } }, false, "1 " },
	{ "but not at once", { { 1, "ESTABLISHED", 29, "-" } }, false, "" },
	{ "nor one that is being made", { { 1, "CONNECTING", 0, "-" } }, true, "" },
	{ "one whose child has been deleted",
	  { { 1, "ESTABLISHED", 100, "DELETED" }, { 2, "ESTABLISHED", 5, "INSTALLED" } },
	  false,
	  "1 " },
};

static void check(size_t number)
{
	struct ike_sa sas[SAS_MAX] = { 0 };
	struct child_sa children[SAS_MAX] = { 0 };
	uint32_t chosen[SAS_MAX];
	char text[64] = "";
	size_t count = 0;

	for (; count < SAS_MAX && cases[number].sas[count].state; count++) {
		const struct description *from = &cases[number].sas[count];

		sas[count].unique_id = from->unique_id;
		sas[count].age_s = from->age_s;
		(void)snprintf(sas[count].state, SA_STATE_SIZE, "%s", from->state);
		(void)snprintf(children[count].state, SA_STATE_SIZE, "%s", from->child);
		sas[count].children = &children[count];
		sas[count].children_count = strcmp(from->child, "-") != 0;
	}
	count = reap_choose(sas, count, cases[number].is_ours, chosen);
	for (size_t i = 0; i < count; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%u ", chosen[i]);
	if (strcmp(text, cases[number].chosen) != 0)
		fail_msg("%s: found \"%s\", expected \"%s\"", cases[number].name, text,
			 cases[number].chosen);
}

static void only_what_is_too_much_is_chosen(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(i);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_too_much_is_chosen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
