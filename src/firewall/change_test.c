// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewall/change.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The order matters to cmocka. */
#include <setjmp.h>
#include <stddef.h>

#include <cmocka.h>

#define SET(name, elements) "\tset " name " {\n\t\ttype ipv4_addr\n" elements "\t}\n\n"
#define CHAIN(name, rules) "\tchain " name " {\n" rules "\t}\n\n"

/* @from becomes @to by these scripts. */
static void expect(const char *from, const char *to, const char *sets, const char *rules,
		   const char *rest)
{
	CLEANUP(firewall_change_done) struct firewall_change change = { 0 };

	assert_true(firewall_format_change("t", from, to, &change));
	assert_string_equal(strbuf_text(&change.sets), sets);
	assert_string_equal(strbuf_text(&change.rules), rules);
	assert_string_equal(strbuf_text(&change.rest), rest);
}

static void expect_none(const char *from, const char *to)
{
	CLEANUP(firewall_change_done) struct firewall_change change = { 0 };

	assert_false(firewall_format_change("t", from, to, &change));
}

static void same_body_needs_nothing(void **state)
{
	static const char body[] =
		SET("s", "\t\telements = { 1.1.1.1 }\n") CHAIN("c", "\t\tdrop\n");

	(void)state;
	expect(body, body, "", "", "");
	expect("", "", "", "", "");
}

static void elements_come_and_go(void **state)
{
	static const char none[] = SET("s", "");
	static const char some[] = SET("s", "\t\telements = { 1.1.1.1,\n\t\t\t     2.2.2.2,\n"
					    "\t\t\t     3.3.3.3 }\n");
	static const char others[] = SET("s", "\t\telements = { 4.4.4.4, 3.3.3.3, 0.0.0.1 }\n");

	(void)state;
	expect(none, some, "add element inet t s { 1.1.1.1, 2.2.2.2, 3.3.3.3 }\n", "", "");
	expect(some, none, "delete element inet t s { 1.1.1.1, 2.2.2.2, 3.3.3.3 }\n", "", "");
	expect(some, others,
	       "delete element inet t s { 1.1.1.1, 2.2.2.2 }\n"
	       "add element inet t s { 0.0.0.1, 4.4.4.4 }\n",
	       "", "");
}

static void elements_of_two_parts_are_one(void **state)
{
	(void)state;
	expect(SET("s", "\t\telements = { \"a\" . fe80::1 }\n"),
	       SET("s", "\t\telements = { \"a\" . fe80::1,\n\t\t\t     \"b\" . fe80::1 }\n"),
	       "add element inet t s { \"b\" . fe80::1 }\n", "", "");
}

static void changed_chain_is_flushed_and_written_again(void **state)
{
	static const char before[] = CHAIN("a", "\t\tdrop\n") CHAIN("b", "\t\taccept\n");
	static const char after[] = CHAIN("a", "\t\tdrop\n") CHAIN("b", "\t\tdrop\n");

	(void)state;
	expect(before, after, "",
	       "flush chain inet t b\n"
	       "table inet t {\n\tchain b {\n\t\tdrop\n\t}\n}\n",
	       "");
}

/* A set stands with all its elements before a rule asks it, and until none does any more. */
static void sets_come_before_rules_and_go_after_them(void **state)
{
	static const char with[] =
		SET("s", "\t\telements = { 1.1.1.1 }\n") CHAIN("c", "\t\tip saddr @s drop\n");
	static const char without[] = CHAIN("c", "\t\tdrop\n");

	(void)state;
	expect(without, with,
	       "table inet t {\n\tset s {\n\t\ttype ipv4_addr\n"
	       "\t\telements = { 1.1.1.1 }\n\t}\n}\n",
	       "flush chain inet t c\n"
	       "table inet t {\n\tchain c {\n\t\tip saddr @s drop\n\t}\n}\n",
	       "");
	expect(with, without, "",
	       "flush chain inet t c\n"
	       "table inet t {\n\tchain c {\n\t\tdrop\n\t}\n}\n",
	       "delete set inet t s\n");
}

static void counters_come_before_rules_and_go_after_them(void **state)
{
	static const char counter[] = "\tcounter n {\n\t\tcomment \"why\"\n\t}\n\n";

	(void)state;
	expect("", counter, "table inet t {\n\tcounter n {\n\t\tcomment \"why\"\n\t}\n}\n", "", "");
	expect(counter, "", "", "", "delete counter inet t n\n");
}

static void chain_goes_when_nobody_jumps_to_it_any_more(void **state)
{
	(void)state;
	expect(CHAIN("a", "\t\tjump b\n") CHAIN("b", "\t\tdrop\n"), CHAIN("a", "\t\tdrop\n"), "",
	       "flush chain inet t a\nflush chain inet t b\n"
	       "table inet t {\n\tchain a {\n\t\tdrop\n\t}\n}\n"
	       "delete chain inet t b\n",
	       "");
}

static void what_cannot_be_changed_is_said(void **state)
{
	static const char set[] = SET("s", "");
	static const char hook[] = CHAIN("c", "\t\ttype filter hook input priority 0;\n");
	static const char *const others[] = {
		"\tset s {\n\t\ttype ipv6_addr\n\t}\n",
		"\tset s {\n\t\ttype ipv4_addr\n\t\tflags interval\n\t\telements = { 1.1.1.1 "
		"}\n\t}\n",
		CHAIN("c", "\t\ttype filter hook output priority 0;\n"),
		CHAIN("c", "\t\tdrop\n"),
		"\tcounter n {\n\t}\n",
	};
	static const char counter[] = "\tcounter n {\n\t\tcomment \"why\"\n\t}\n";

	(void)state;
	expect_none(set, others[0]);
	expect_none(set, others[1]);
	expect_none(hook, others[2]);
	expect_none(hook, others[3]);
	expect_none(counter, others[4]);
}

static void bodies_of_another_form_are_not_guessed_at(void **state)
{
	static const char *const bodies[] = {
		"junk",
		"\t",
		"\tchain",
		"\tchain c",
		"\tchain c {",
		"\tchain c {\n",
		"\tchain c { }\n",
		"\tset s {\n\t\t}\n",
		"\tmap m {\n\t}\n",
		"\tchain c {\n\t}\njunk",
		"\tchain\nc {\n\t}\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		expect_none(bodies[i], "");
		expect_none("", bodies[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_body_needs_nothing),
		cmocka_unit_test(elements_come_and_go),
		cmocka_unit_test(elements_of_two_parts_are_one),
		cmocka_unit_test(changed_chain_is_flushed_and_written_again),
		cmocka_unit_test(sets_come_before_rules_and_go_after_them),
		cmocka_unit_test(counters_come_before_rules_and_go_after_them),
		cmocka_unit_test(chain_goes_when_nobody_jumps_to_it_any_more),
		cmocka_unit_test(what_cannot_be_changed_is_said),
		cmocka_unit_test(bodies_of_another_form_are_not_guessed_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
