// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/generation.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define DIGEST "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const char text[] = "generation 7\n"
			   "pid 1234\n"
			   "program bird\n"
			   "table 1000\n"
			   "vrf aronet\n"
			   "router-id 4f6f95965bc0b589\n"
			   "digest " DIGEST "\n"
			   "seqno-offset 40000\n"
			   "interface ar1 32 1000\n"
			   "interface ar2 96 250\n";

static void record_survives_the_round_trip(void **state)
{
	CLEANUP(generation_done) struct generation generation = { 0 };
	CLEANUP(strbuf_done) struct strbuf buffer = { 0 };

	(void)state;
	assert_int_equal(generation_parse(text, &generation), 0);
	assert_int_equal(generation.pid, 1234);
	assert_int_equal(generation.program, SPEAKER_BIRD);
	assert_int_equal(generation.table, 1000);
	assert_string_equal(generation.vrf, "aronet");
	assert_int_equal(generation_find(&generation, "ar2")->hello_interval_ms, 250);
	generation_format(&generation, &buffer);
	assert_string_equal(strbuf_text(&buffer), text);
}

/* So that an upgrade adopts it. */
static void record_without_a_program_is_one_of_babeld(void **state)
{
	CLEANUP(generation_done) struct generation generation = { 0 };

	(void)state;
	assert_int_equal(generation_parse("generation 1\npid 2\n", &generation), 0);
	assert_int_equal(generation.program, SPEAKER_BABELD);
	assert_int_equal(generation.table, ROUTE_TABLE_MAIN);
	assert_string_equal(generation.vrf, "");
	assert_int_equal(generation.seqno_offset, 0);
}

static void record_follows_its_interfaces(void **state)
{
	CLEANUP(generation_done) struct generation generation = { 0 };
	struct babel_interface changed = { "ar1", 64, 1000 };

	(void)state;
	assert_int_equal(generation_parse(text, &generation), 0);
	generation_put(&generation, &changed);
	assert_int_equal(generation.interfaces_count, 2);
	assert_int_equal(generation_find(&generation, "ar1")->rxcost, 64);
	assert_null(generation_find(&generation, "ar"));
	assert_null(generation_find(&generation, "ar3"));
}

static void interfaces_are_found_in_whatever_order_they_came(void **state)
{
	CLEANUP(generation_done) struct generation generation = { 0 };
	struct babel_interface interface = { .hello_interval_ms = 1000 };

	(void)state;
	/* 37 and 100 have no divisor in common: each number comes once. */
	for (unsigned i = 0; i < 100; i++) {
		(void)snprintf(interface.link, sizeof(interface.link), "ar%u", i * 37 % 100);
		interface.rxcost = (uint16_t)(i * 37 % 100);
		generation_put(&generation, &interface);
	}
	assert_int_equal(generation.interfaces_count, 100);
	for (unsigned i = 0; i < 100; i++) {
		(void)snprintf(interface.link, sizeof(interface.link), "ar%u", i);
		assert_int_equal(generation_find(&generation, interface.link)->rxcost, i);
	}
}

static void damaged_record_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"pid 1\n",
		"generation 0\n",
		"generation\n",
		"generation 1\npid -1\n",
		"generation 1\nprogram frr\n",
		"generation 1\ntable 4294967296\n",
		"generation 1\nvrf \n",
		"generation 1\nvrf abcdefghijklmnop\n",
		"generation 1\nrouter-id 4f\n",
		"generation 1\ndigest zz\n",
		"generation 1\nseqno-offset 65536\n",
		"generation 1\ninterface\n",
		"generation 1\ninterface ar1 32\n",
		"generation 1\ninterface ar1 32 65536\n",
		"generation 1\ninterface ar1 32 1000 1\n",
		"generation 1\ninterface abcdefghijklmnop 32 1000\n",
		"generation 1\n\nfoo 1\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct generation generation = { 0 };

		if (generation_parse(texts[i], &generation) != -EINVAL)
			fail_msg("accepted \"%s\"", texts[i]);
	}
}

static void metric_of_a_new_generation_loses_against_the_old(void **state)
{
	(void)state;
	assert_int_equal(generation_metric(1), 1025);
	assert_int_equal(generation_metric(2), 1026);
	assert_int_equal(generation_metric(GENERATION_METRICS), GENERATION_METRIC_BASE);
	assert_int_equal(generation_metric(UINT64_MAX),
			 GENERATION_METRIC_BASE + GENERATION_METRICS - 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(record_survives_the_round_trip),
		cmocka_unit_test(record_without_a_program_is_one_of_babeld),
		cmocka_unit_test(record_follows_its_interfaces),
		cmocka_unit_test(interfaces_are_found_in_whatever_order_they_came),
		cmocka_unit_test(damaged_record_is_refused),
		cmocka_unit_test(metric_of_a_new_generation_loses_against_the_old),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
