// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/babeld_config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char policy_text[] = "announce 192.168.128.0/24\n"
				  "announce fd00:a::/64\n"
				  "accept 192.168.129.0/24 from 4f6f95965bc0b589 on arlwabvlup2v\n"
				  "accept fd00:c::/64 from 0123456789abcdef\n";

static const struct babeld_parameters parameters = {
	.router_id = { 0xaa, 0xbb, 0xcc, 0xdd, 0x00, 0x01, 0x02, 0x03 },
	.generation = 7,
};

static void config_is_as_expected(void **state)
{
	CLEANUP(babel_policy_done) struct babel_policy policy = { 0 };
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	(void)state;
	assert_int_equal(babel_policy_parse(policy_text, &policy, NULL), 0);
	babeld_config_format(&parameters, &policy, &text);
	assert_string_equal(
		strbuf_text(&text),
		"skip-kernel-setup true\n"
		"export-table 254\n"
		"import-table 254\n"
		"router-id aa:bb:cc:dd:00:01:02:03\n"
		"kernel-priority 1031\n"
		"smoothing-half-life 1\n"
		"link-detect true\n"
		"in src-ip ::/0 src-ge 1 deny\n"
		"in src-ip 0.0.0.0/0 src-ge 1 deny\n"
		"redistribute ip 192.168.128.0/24 eq 24 proto 90 allow\n"
		"redistribute ip fd00:a::/64 eq 64 proto 90 allow\n"
		"in if arlwabvlup2v id 4f:6f:95:96:5b:c0:b5:89 ip 192.168.129.0/24 eq 24 allow\n"
		"in id 01:23:45:67:89:ab:cd:ef ip fd00:c::/64 eq 64 metric 64\n"
		"in ip fd00:c::/64 eq 64 metric 65534\n"
		"redistribute local deny\n"
		"redistribute deny\n"
		"in deny\n");
}

static void config_of_an_empty_policy_denies_all(void **state)
{
	struct babel_policy policy = { 0 };
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	(void)state;
	babeld_config_format(&parameters, &policy, &text);
	assert_non_null(strstr(strbuf_text(&text), "in src-ip 0.0.0.0/0 src-ge 1 deny\n"
						   "redistribute local deny\n"
						   "redistribute deny\n"
						   "in deny\n"));
}

/* A filter that denies comes after what the same neighbour, or this node, may announce. */
static void config_without_transit_denies_the_rest(void **state)
{
	CLEANUP(babel_policy_done) struct babel_policy policy = { 0 };
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	(void)state;
	assert_int_equal(babel_policy_parse("announce 192.168.128.0/24\n"
					    "announce fd00:a::/64\n"
					    "announce nothing else\n"
					    "accept fd00:b::/64 from 4f6f95965bc0b589 on ar2\n"
					    "accept nothing else on ar2\n"
					    "accept fd00:c::/64 from 0123456789abcdef\n",
					    &policy, NULL),
			 0);
	babeld_config_format(&parameters, &policy, &text);
	assert_non_null(strstr(strbuf_text(&text),
			       "redistribute ip 192.168.128.0/24 eq 24 proto 90 allow\n"
			       "redistribute ip fd00:a::/64 eq 64 proto 90 allow\n"
			       "out ip 192.168.128.0/24 eq 24 allow\n"
			       "out ip fd00:a::/64 eq 64 allow\n"
			       "out deny\n"
			       "in if ar2 id 4f:6f:95:96:5b:c0:b5:89 ip fd00:b::/64 eq 64 allow\n"
			       "in if ar2 deny\n"
			       "in id 01:23:45:67:89:ab:cd:ef ip fd00:c::/64 eq 64 metric 64\n"
			       "in ip fd00:c::/64 eq 64 metric 65534\n"
			       "redistribute local deny\n"));
}

/* After all else, and in few lines; not for what only its owner may announce. */
static void config_reads_retractions_of_what_comes_through_others(void **state)
{
	CLEANUP(babel_policy_done) struct babel_policy policy = { 0 };
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	(void)state;
	assert_int_equal(babel_policy_parse("accept fd00:1::/64 from 4f6f95965bc0b589 on ar2\n"
					    "accept nothing else on ar2\n"
					    "accept 10.0.0.0/24 from 0123456789abcdef\n"
					    "accept 10.0.1.0/24 from 4f6f95965bc0b589\n"
					    "accept 10.0.1.0/24 from 0123456789abcdef\n"
					    "accept fd00:c::/64 from 0123456789abcdef\n",
					    &policy, NULL),
			 0);
	babeld_config_format(&parameters, &policy, &text);
	assert_non_null(strstr(strbuf_text(&text),
			       "in id 4f:6f:95:96:5b:c0:b5:89 ip 10.0.1.0/24 eq 24 metric 64\n"
			       "in ip 10.0.0.0/23 eq 24 metric 65534\n"
			       "in ip fd00:c::/64 eq 64 metric 65534\n"
			       "redistribute local deny\n"));
}

static void interface_is_as_expected(void **state)
{
	static const struct {
		struct babel_interface interface;
		const char *text;
	} cases[] = {
		{ { "arlwabvlup2v", 32, 1000 },
		  "interface arlwabvlup2v type tunnel split-horizon true rxcost 32 rtt-min 1 "
		  "rtt-max 1024 max-rtt-penalty 1024 rtt-decay 192 hello-interval 1 "
		  "update-interval 8" },
		{ { "ar2", 96, 250 },
		  "interface ar2 type tunnel split-horizon true rxcost 96 rtt-min 1 "
		  "rtt-max 1024 max-rtt-penalty 1024 rtt-decay 192 hello-interval 0.250 "
		  "update-interval 2" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(strbuf_done) struct strbuf text = { 0 };

		babeld_config_format_interface(&cases[i].interface, &text);
		assert_string_equal(strbuf_text(&text), cases[i].text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(config_is_as_expected),
		cmocka_unit_test(config_of_an_empty_policy_denies_all),
		cmocka_unit_test(config_without_transit_denies_the_rest),
		cmocka_unit_test(config_reads_retractions_of_what_comes_through_others),
		cmocka_unit_test(interface_is_as_expected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
