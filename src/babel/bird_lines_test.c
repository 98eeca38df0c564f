// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/bird_lines.h"

#include "base/cleanup.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void lines_have_codes(void **state)
{
	static const struct {
		const char *line;
		struct bird_line expected; /* but for the text */
		const char *text;
	} cases[] = {
		{ "0001 BIRD 2.17.6 ready.", { true, true, false, 1, NULL }, "BIRD 2.17.6 ready." },
		{ "1024-aronet_babel:", { true, false, false, 1024, NULL }, "aronet_babel:" },
		{ "0000 ", { true, true, false, 0, NULL }, "" },
		{ " fe80::b  ab", { false, false, false, 0, NULL }, "fe80::b  ab" },
		{ " \tvia fe80::b on ab", { false, false, false, 0, NULL }, "\tvia fe80::b on ab" },
		{ " ", { false, false, false, 0, NULL }, "" },
		{ "+started", { false, false, true, 0, NULL }, "started" },
		{ "9001 unexpected", { true, true, false, 9001, NULL }, "unexpected" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct bird_line line;

		if (bird_line_parse(cases[i].line, strlen(cases[i].line), &line) < 0)
			fail_msg("refused \"%s\"", cases[i].line);
		assert_int_equal(line.is_code, cases[i].expected.is_code);
		assert_int_equal(line.is_last, cases[i].expected.is_last);
		assert_int_equal(line.is_unasked, cases[i].expected.is_unasked);
		assert_int_equal(line.code, cases[i].expected.code);
		assert_string_equal(line.text, cases[i].text);
	}
}

static void other_lines_are_refused(void **state)
{
	static const char *const lines[] = {
		"",	  "0001",   "001 x",	 "00012 x",	  "x001 x",
		"0001_x", "-001 x", "0001 \x01", "0001 \xc3\xa4", "BABEL 1.0",
	};
	char longest[BIRD_LINE_MAX + 2];
	struct bird_line line;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (bird_line_parse(lines[i], strlen(lines[i]), &line) != -EINVAL)
			fail_msg("accepted \"%s\"", lines[i]);
	memset(longest, ' ', sizeof(longest));
	longest[BIRD_LINE_MAX] = '\0';
	assert_int_equal(bird_line_parse(longest, BIRD_LINE_MAX, &line), 0);
	longest[BIRD_LINE_MAX] = ' ';
	longest[BIRD_LINE_MAX + 1] = '\0';
	assert_int_equal(bird_line_parse(longest, BIRD_LINE_MAX + 1, &line), -EINVAL);
}

static void greeting_has_the_version(void **state)
{
	static const char *const others[] = {
		"",
		"BIRD ready.",
		"BIRD x ready.",
		"BIRD 2.17 ready",
		"BIRD 2.17 ready. ",
		"FRR 2.17 ready.",
	};
	char version[BABEL_VERSION_SIZE];

	(void)state;
	assert_int_equal(bird_greeting_parse("BIRD 2.17.6 ready.", version), 0);
	assert_string_equal(version, "bird-2.17.6");
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_int_equal(bird_greeting_parse(others[i], version), -EINVAL);
}

static void neighbours_are_read(void **state)
{
	struct babel_neighbour neighbour;
	char text[IP_ADDRESS_TEXT_SIZE];

	(void)state;
	assert_int_equal(bird_neighbour_parse("fe80::b                   ab             33      4 "
					      "     6   0.960 No       1.201",
					      &neighbour),
			 BIRD_ROW_DATA);
	assert_string_equal(ip_address_format(&neighbour.address, text), "fe80::b");
	assert_string_equal(neighbour.link, "ab");
	assert_int_equal(neighbour.cost, 33);
	assert_int_equal(neighbour.reach, 0xfc00);
	assert_true(neighbour.has_rtt);
	assert_int_equal(neighbour.rtt_usec, 1201);
	assert_int_equal(bird_neighbour_parse("fe80::b ab 65535 0 0 4.000 Yes 0.000", &neighbour),
			 BIRD_ROW_DATA);
	assert_int_equal(neighbour.reach, 0);
	assert_false(neighbour.has_rtt);
	assert_int_equal(bird_neighbour_parse("fe80::b ab 32 0 16 4.000 No 0.100", &neighbour),
			 BIRD_ROW_DATA);
	assert_int_equal(neighbour.reach, 0xffff);
	assert_int_equal(neighbour.rtt_usec, 100);
}

static void headings_are_no_data(void **state)
{
	struct babel_neighbour neighbour;
	struct babel_route route;

	(void)state;
	assert_int_equal(bird_neighbour_parse("aronet_babel:", &neighbour), BIRD_ROW_NONE);
	assert_int_equal(bird_neighbour_parse("aronet_babel: is not up", &neighbour),
			 BIRD_ROW_NONE);
	assert_int_equal(bird_neighbour_parse("IP address                Interface  Metric Routes "
					      "Hellos Expires Auth  RTT (ms)",
					      &neighbour),
			 BIRD_ROW_NONE);
	assert_int_equal(bird_babel_route_parse("Prefix                   Nexthop                  "
						" Interface Metric F Seqno Expires",
						&route),
			 BIRD_ROW_NONE);
	assert_int_equal(bird_route_parse("Table master4:", &route), BIRD_ROW_NONE);
	assert_int_equal(bird_route_parse("\tvia fe80::c on ac", &route), BIRD_ROW_NONE);
	assert_int_equal(bird_route_parse("", &route), BIRD_ROW_NONE);
}

static void routes_are_read(void **state)
{
	static const uint8_t origin[] = { 0, 0, 0, 0, 0x63, 0x63, 0xab, 0x01 };
	struct babel_route route;
	char text[IP_PREFIX_TEXT_SIZE];

	(void)state;
	assert_int_equal(bird_babel_route_parse("10.0.3.0/24              fe80::c                  "
						" ac            32 *     1  24.011",
						&route),
			 BIRD_ROW_DATA);
	assert_string_equal(ip_prefix_format(&route.prefix, text), "10.0.3.0/24");
	assert_string_equal(ip_address_format(&route.via, text), "fe80::c");
	assert_string_equal(route.link, "ac");
	assert_int_equal(route.metric, 32);
	assert_true(route.installed);
	assert_int_equal(bird_babel_route_parse("fd00:b::/64 fe80::c ac 128 + 1 24.011", &route),
			 BIRD_ROW_DATA);
	assert_false(route.installed);
	assert_int_equal(bird_babel_route_parse("fd00:b::/64 fe80::c ac 65535   1 0.000", &route),
			 BIRD_ROW_DATA);
	assert_int_equal(route.metric, BABEL_INFINITY);
	assert_int_equal(
		bird_route_parse("fd00:c::/64          unicast [aronet_babel 16:30:12.260] "
				 "* (130/96) [00:00:00:00:63:63:ab:01]",
				 &route),
		BIRD_ROW_DATA);
	assert_string_equal(ip_prefix_format(&route.prefix, text), "fd00:c::/64");
	assert_int_equal(route.metric, 96);
	assert_memory_equal(route.router_id, origin, sizeof(origin));
	assert_int_equal(bird_route_parse("fd00:c::/64 unicast [aronet_babel 2026-11-26 16:30:12] "
					  "(130/96) [00:00:00:00:63:63:ab:01]",
					  &route),
			 BIRD_ROW_DATA);
}

static void entries_are_read(void **state)
{
	static const uint8_t origin[] = { 0, 0, 0, 0, 0x63, 0x63, 0xab, 0x01 };
	static const char *const headings[] = {
		"aronet_babel:",
		"Prefix                   Router ID               Metric Seqno  Routes Sources",
		"fd00:a::/64              <none>                       -     -       1       0",
		"aronet_babel: is not up",
	};
	static const char *const others[] = {
		"fd00:c::/64 00:00:00:00:63:63:ab:01 0 1 0",
		"fd00:c::/64 00:00:00:00:63:63:ab 0 1 0 0",
		"fd00:c:: 00:00:00:00:63:63:ab:01 0 1 0 0",
		"fd00:c::/64 00:00:00:00:63:63:ab:01 0 65536 0 0",
		"fd00:c::/64 00:00:00:00:63:63:ab:01 0 - 0 0",
	};
	uint8_t router_id[BABEL_ROUTER_ID_SIZE];
	uint16_t seqno;

	(void)state;
	assert_int_equal(bird_entry_parse("fd00:c::/64              00:00:00:00:63:63:ab:01      0"
					  " 40001       0       0",
					  router_id, &seqno),
			 BIRD_ROW_DATA);
	assert_memory_equal(router_id, origin, sizeof(origin));
	assert_int_equal(seqno, 40001);
	for (size_t i = 0; i < ARRAY_SIZE(headings); i++)
		assert_int_equal(bird_entry_parse(headings[i], router_id, &seqno), BIRD_ROW_NONE);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (bird_entry_parse(others[i], router_id, &seqno) != -EINVAL)
			fail_msg("accepted \"%s\"", others[i]);
}

static void other_rows_are_refused(void **state)
{
	static const char *const neighbours[] = {
		"fe80::b ab 32 4 6 0.960 No",
		"fe80::b ab 65536 4 6 0.960 No 0.201",
		"fe80::b ab 32 4 17 0.960 No 0.201",
		"fe80::x ab 32 4 6 0.960 No 0.201",
		"fe80::b ab 32 4 6 0.96 No 0.201",
		"fe80::b ab 32 4 6 0.960 Perhaps 0.201",
		"fe80::b ab 32 4 6 0.960 No 0.201 1",
		"fe80::b abcdefghijklmnop 32 4 6 0.960 No 0.201",
		"fe80::b ab 32 4 6 .960 No 0.201",
		"fe80::b ab 32 4 6 0.960 No -1.201",
	};
	static const char *const babel_routes[] = {
		"10.0.3.0/24 fe80::c ac 32 ! 1 24.011",
		"10.0.3.0 fe80::c ac 32 * 1 24.011",
		"10.0.3.0/24 fe80::c ac 32 *",
		"10.0.3.0/24 10.0.0.300 ac 32 * 1 24.011",
		"10.0.3.0/24 fe80::c ac 32 * 70000 24.011",
	};
	static const char *const routes[] = {
		"fd00:c::/64 unreachable [own 16:30] * (200/1) [00:00:00:00:63:63:ab:01]",
		"fd00:c::/64 unicast [own 16:30] * (200) [00:00:00:00:63:63:ab:01]",
		"fd00:c::/64 unicast [own 16:30] * (130/32) [00:00:00:00:63:63:ab]",
		"fd00:c::/64 unicast [own 16:30] * (130/32) 00:00:00:00:63:63:ab:01",
		"fd00:c::/64 unicast [own 16:30] * (130/70000) [00:00:00:00:63:63:ab:01]",
		"unicast",
	};
	struct babel_neighbour neighbour;
	struct babel_route route;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(neighbours); i++)
		if (bird_neighbour_parse(neighbours[i], &neighbour) != -EINVAL)
			fail_msg("accepted \"%s\"", neighbours[i]);
	for (size_t i = 0; i < ARRAY_SIZE(babel_routes); i++)
		if (bird_babel_route_parse(babel_routes[i], &route) != -EINVAL)
			fail_msg("accepted \"%s\"", babel_routes[i]);
	for (size_t i = 0; i < ARRAY_SIZE(routes); i++)
		if (bird_route_parse(routes[i], &route) != -EINVAL)
			fail_msg("accepted \"%s\"", routes[i]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_have_codes),
		cmocka_unit_test(other_lines_are_refused),
		cmocka_unit_test(greeting_has_the_version),
		cmocka_unit_test(neighbours_are_read),
		cmocka_unit_test(headings_are_no_data),
		cmocka_unit_test(routes_are_read),
		cmocka_unit_test(entries_are_read),
		cmocka_unit_test(other_rows_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
