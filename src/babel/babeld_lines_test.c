// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/babeld_lines.h"
#include "babel/babeld_tables.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct babeld_line parse(const char *text)
{
	struct babeld_line line;

	assert_int_equal(babeld_line_parse(text, strlen(text), &line), 0);
	return line;
}

static void lines_of_the_header_are_read(void **state)
{
	(void)state;
	assert_int_equal(parse("BABEL 1.0").type, BABELD_LINE_GREETING);
	assert_int_equal(parse("version babeld-1.12.1").type, BABELD_LINE_VERSION);
	assert_string_equal(parse("version babeld-1.12.1").text, "babeld-1.12.1");
	assert_int_equal(parse("host moon").type, BABELD_LINE_HOST);
	assert_int_equal(parse("my-id 4f:6f:95:96:5b:c0:b5:89").router_id[7], 0x89);
	assert_int_equal(parse("ok").type, BABELD_LINE_OK);
	assert_int_equal(parse("bad").type, BABELD_LINE_BAD);
	assert_int_equal(parse("no").type, BABELD_LINE_NO);
	assert_string_equal(parse("no No such interface").text, "No such interface");
}

static void lines_of_interfaces_are_read(void **state)
{
	struct babeld_line line = parse("change interface ar2 up true ipv6 fe80::1 ipv4 10.0.0.1");

	(void)state;
	assert_int_equal(line.type, BABELD_LINE_EVENT);
	assert_int_equal(line.action, BABELD_CHANGE);
	assert_int_equal(line.thing, BABELD_INTERFACE);
	assert_true(line.interface.up);
	assert_int_equal(line.interface.ipv6.family, AF_INET6);
	assert_int_equal(line.interface.ipv4.family, AF_INET);
	assert_false(parse("add interface aro-none up false").interface.up);
}

static void lines_of_neighbours_are_read(void **state)
{
	struct babeld_line line =
		parse("add neighbour 56013e38d220 address fe80::2 if ar2 reach f800 ureach 0000 "
		      "rxcost 32 txcost 96 rtt 12.512 rttcost 7 cost 103");

	(void)state;
	assert_int_equal(line.thing, BABELD_NEIGHBOUR);
	assert_true(line.neighbour.id == 0x56013e38d220);
	assert_string_equal(line.neighbour.link, "ar2");
	assert_int_equal(line.neighbour.reach, 0xf800);
	assert_int_equal(line.neighbour.rxcost, 32);
	assert_int_equal(line.neighbour.txcost, 96);
	assert_int_equal(line.neighbour.cost, 103);
	assert_true(line.neighbour.has_rtt);
	assert_int_equal(line.neighbour.rtt_usec, 12512);
	line = parse("change neighbour 1 address fe80::2 if ar2 reach 0000 ureach 0000 "
		     "rxcost 65535 txcost 65535 cost 65535");
	assert_false(line.neighbour.has_rtt);
	assert_int_equal(line.neighbour.cost, BABEL_INFINITY);
}

static void lines_of_routes_are_read(void **state)
{
	struct babeld_line line =
		parse("add route 55d0 prefix 192.168.129.0/24 from 0.0.0.0/0 installed yes "
		      "id 4f:6f:95:96:5b:c0:b5:89 metric 96 refmetric 0 via fe80::2 if ar2");

	(void)state;
	assert_int_equal(line.thing, BABELD_ROUTE);
	assert_true(line.route.installed);
	assert_int_equal(line.route.prefix.length, 24);
	assert_int_equal(line.route.metric, 96);
	assert_int_equal(line.route.router_id[0], 0x4f);
	assert_string_equal(line.route.link, "ar2");
	line = parse("add xroute fd00::/64-::/0 prefix fd00::/64 from ::/0 metric 0");
	assert_int_equal(line.thing, BABELD_XROUTE);
	assert_int_equal(line.xroute.length, 64);
	assert_int_equal(line.xroute.address.bytes[0], 0xfd);
}

static void strange_lines_are_refused(void **state)
{
	static const char *const lines[] = {
		"",
		" ok",
		"ok ",
		"ok ok",
		"OK",
		"BABEL 2.0",
		"version",
		"my-id 4f:6f:95:96:5b:c0:b5",
		"my-id 4f-6f-95-96-5b-c0-b5-89",
		"add",
		"add interface",
		"add interface abcdefghijklmnop up true",
		"add interface ar2 up maybe",
		"add interface ar2 up true ipv6",
		"add interface ar2 up true ipv4 10.0.0.1 ipv6 fe80::1",
		"add interface  ar2 up true",
		"add tunnel ar2 up true",
		"move interface ar2 up true",
		"add neighbour xyz address fe80::2 if ar2 reach f800 ureach 0000 rxcost 1 txcost 1 "
		"cost 2",
		"add neighbour 1 address fe80::2 if ar2 reach f80 ureach 0000 rxcost 1 txcost 1 "
		"cost 2",
		"add neighbour 1 address fe80::2 if ar2 reach f800 ureach 0000 rxcost -1 txcost 1 "
		"cost 2",
		"add neighbour 1 address fe80::2 if ar2 reach f800 ureach 0000 rxcost 1 txcost 1 "
		"rtt 1.5 cost 2",
		"add neighbour 1 address fe80::2 if ar2 reach f800 ureach 0000 rxcost 1 txcost 1 "
		"cost 65536",
		"add route 1 prefix fd00::/129 from ::/0 installed yes id 4f:6f:95:96:5b:c0:b5:89 "
		"metric 1 refmetric 0 via fe80::2 if ar2",
		"add route 1 prefix fd00::/64 from ::/0 installed yes id 4f:6f:95:96:5b:c0:b5:89 "
		"metric 1 refmetric 0 via fe80::2 if ar2 more",
		"host a\tb",
	};
	struct babeld_line line;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (babeld_line_parse(lines[i], strlen(lines[i]), &line) != -EINVAL)
			fail_msg("accepted \"%s\"", lines[i]);
}

static void over_long_lines_are_refused(void **state)
{
	char text[BABELD_LINE_MAX + 1];
	struct babeld_line line;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "no ", 3);
	assert_int_equal(babeld_line_parse(text, BABELD_LINE_MAX, &line), 0);
	assert_int_equal(strlen(line.text), sizeof(line.text) - 1);
	assert_int_equal(babeld_line_parse(text, BABELD_LINE_MAX + 1, &line), -EINVAL);
}

static void many_words_are_refused(void **state)
{
	char text[2 * 40];
	struct babeld_line line;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i += 2)
		memcpy(text + i, "a ", 2);
	assert_int_equal(babeld_line_parse(text, sizeof(text) - 1, &line), -EINVAL);
}

static void versions_are_compared(void **state)
{
	(void)state;
	assert_true(babeld_version_at_least("babeld-1.12.1", 1, 12));
	assert_true(babeld_version_at_least("babeld-1.12", 1, 12));
	assert_true(babeld_version_at_least("babeld-1.13.1-3-gabcdef", 1, 12));
	assert_true(babeld_version_at_least("babeld-2.0", 1, 12));
	assert_false(babeld_version_at_least("babeld-1.11.9", 1, 12));
	assert_false(babeld_version_at_least("babeld-1.9.2", 1, 12));
	assert_false(babeld_version_at_least("babeld-unknown", 1, 12));
	assert_false(babeld_version_at_least("bird-2.14", 1, 12));
	assert_false(babeld_version_at_least("babeld-99999999999.12", 1, 12));
}

static void tables_follow_the_events(void **state)
{
	CLEANUP(babeld_tables_done) struct babeld_tables tables = { 0 };
	static const char *const lines[] = {
		"add interface ar2 up false",
		"add interface ar1 up false",
		"change interface ar2 up true ipv6 fe80::1",
		"add neighbour 9 address fe80::2 if ar2 reach 0000 ureach 0000 rxcost 1 txcost 1 "
		"cost 2",
		"add neighbour 3 address fe80::3 if ar2 reach 0000 ureach 0000 rxcost 1 txcost 1 "
		"cost 2",
		"change neighbour 9 address fe80::2 if ar2 reach ff00 ureach 0000 rxcost 1 txcost "
		"1 "
		"cost 2",
		"flush neighbour 3 address fe80::3 if ar2 reach 0000 ureach 0000 rxcost 1 txcost 1 "
		"cost 2",
		"flush neighbour 4 address fe80::3 if ar2 reach 0000 ureach 0000 rxcost 1 txcost 1 "
		"cost 2",
		"flush interface ar1 up false",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct babeld_line line = parse(lines[i]);

		babeld_tables_apply(&tables, &line);
	}
	assert_int_equal(tables.links_count, 1);
	assert_true(babeld_tables_find_link(&tables, "ar2")->up);
	assert_null(babeld_tables_find_link(&tables, "ar1"));
	assert_int_equal(tables.neighbours_count, 1);
	assert_true(tables.neighbours[0].id == 9);
	assert_int_equal(tables.neighbours[0].reach, 0xff00);
	assert_false(tables.truncated);
}

static void tables_are_bounded(void **state)
{
	CLEANUP(babeld_tables_done) struct babeld_tables tables = { 0 };
	struct babeld_line line = parse("add neighbour 1 address fe80::2 if ar2 reach 0000 "
					"ureach 0000 rxcost 1 txcost 1 cost 2");

	(void)state;
	for (uint64_t id = 0; id < BABELD_NEIGHBOURS_MAX + 10; id++) {
		line.neighbour.id = id;
		babeld_tables_apply(&tables, &line);
	}
	assert_int_equal(tables.neighbours_count, BABELD_NEIGHBOURS_MAX);
	assert_true(tables.truncated);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_the_header_are_read),
		cmocka_unit_test(lines_of_interfaces_are_read),
		cmocka_unit_test(lines_of_neighbours_are_read),
		cmocka_unit_test(lines_of_routes_are_read),
		cmocka_unit_test(strange_lines_are_refused),
		cmocka_unit_test(over_long_lines_are_refused),
		cmocka_unit_test(many_words_are_refused),
		cmocka_unit_test(versions_are_compared),
		cmocka_unit_test(tables_follow_the_events),
		cmocka_unit_test(tables_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
