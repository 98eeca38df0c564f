// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/bird_config.h"

#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct babel_interface interfaces[] = { { "ar1", 32, 500 }, { "ar2", 96, 1000 } };

static const struct generation in_a_namespace = {
	.number = 7,
	.router_id = { 0xaa, 0xbb, 0xcc, 0xdd, 1, 2, 3, 255 },
	.table = 254,
	.interfaces = interfaces,
	.interfaces_count = 2,
};

static void format(const struct generation *generation, const char *policy_text,
		   struct strbuf *text)
{
	CLEANUP(babel_policy_done) struct babel_policy policy = { 0 };

	assert_int_equal(babel_policy_parse(policy_text, &policy, NULL), 0);
	bird_config_format(generation, &policy, text);
}

static void config_is_as_expected(void **state)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	(void)state;
	format(&in_a_namespace,
	       "announce 192.168.128.0/24\n"
	       "announce fd00:a::/64\n"
	       "accept 192.168.129.0/24 from 4f6f95965bc0b589 on ar1\n"
	       "accept fd00:b::/64 from 4f6f95965bc0b589 on ar1\n"
	       "accept fd00:b:1::/64 from 4f6f95965bc0b589 on ar1\n"
	       "accept fd00:c::/64 from 0123456789abcdef on ar2\n"
	       "accept 192.168.129.0/24 from 4f6f95965bc0b589\n"
	       "accept fd00:b::/64 from 4f6f95965bc0b589\n"
	       "accept fd00:c::/64 from 0123456789abcdef\n",
	       &text);
	assert_string_equal(strbuf_text(&text),
			    "router id 1.2.3.255;\n"
			    "log stderr { warning, error, fatal, bug, remote, auth };\n"
			    "timeformat protocol iso long;\n"
			    "protocol device aronet_device {\n"
			    "\tscan time 10;\n"
			    "}\n"
			    "protocol static aronet_own4 {\n"
			    "\tipv4;\n"
			    "\troute 192.168.128.0/24 unreachable;\n"
			    "}\n"
			    "function aronet_granted4() -> bool {\n"
			    "\tif source != RTS_BABEL || dest != RTD_UNICAST then return false;\n"
			    "\tif ifname = \"ar1\" then {\n"
			    "\t\tif net ~ [ 192.168.129.0/24 ] then return true;\n"
			    "\t}\n"
			    "\tif net ~ [ 192.168.129.0/24 ] then {\n"
			    "\t\tif babel_metric >= 65471 then return false;\n"
			    "\t\tbabel_metric = babel_metric + 64;\n"
			    "\t\treturn true;\n"
			    "\t}\n"
			    "\treturn false;\n"
			    "}\n"
			    "protocol kernel aronet_kernel4 {\n"
			    "\tipv4 { import none; export where aronet_granted4(); };\n"
			    "\tkernel table 254;\n"
			    "\tmetric 1031;\n"
			    "\tscan time 20;\n"
			    "}\n"
			    "protocol static aronet_own6 {\n"
			    "\tipv6;\n"
			    "\troute fd00:a::/64 unreachable;\n"
			    "}\n"
			    "function aronet_granted6() -> bool {\n"
			    "\tif source != RTS_BABEL || dest != RTD_UNICAST then return false;\n"
			    "\tif ifname = \"ar1\" then {\n"
			    "\t\tif net ~ [ fd00:b::/64, fd00:b:1::/64 ] then return true;\n"
			    "\t}\n"
			    "\tif ifname = \"ar2\" then {\n"
			    "\t\tif net ~ [ fd00:c::/64 ] then return true;\n"
			    "\t}\n"
			    "\tif net ~ [ fd00:c::/64, fd00:b::/64 ] then {\n"
			    "\t\tif babel_metric >= 65471 then return false;\n"
			    "\t\tbabel_metric = babel_metric + 64;\n"
			    "\t\treturn true;\n"
			    "\t}\n"
			    "\treturn false;\n"
			    "}\n"
			    "protocol kernel aronet_kernel6 {\n"
			    "\tipv6 { import none; export where aronet_granted6(); };\n"
			    "\tkernel table 254;\n"
			    "\tmetric 1031;\n"
			    "\tscan time 20;\n"
			    "}\n"
			    "protocol babel aronet_babel {\n"
			    "\tipv4 { import all; export where source = RTS_STATIC || "
			    "aronet_granted4(); };\n"
			    "\tipv6 { import all; export where source = RTS_STATIC || "
			    "aronet_granted6(); };\n"
			    "\tinterface \"ar1\" {\n"
			    "\t\ttype tunnel; rxcost 32; check link yes; rx buffer 9000;\n"
			    "\t\thello interval 500 ms; update interval 4000 ms;\n"
			    "\t\trtt min 10 ms; rtt max 1024 ms; rtt cost 256; rtt decay 64;\n"
			    "\t\textended next hop yes;\n"
			    "\t};\n"
			    "\tinterface \"ar2\" {\n"
			    "\t\ttype tunnel; rxcost 96; check link yes; rx buffer 9000;\n"
			    "\t\thello interval 1000 ms; update interval 8000 ms;\n"
			    "\t\trtt min 10 ms; rtt max 1024 ms; rtt cost 256; rtt decay 64;\n"
			    "\t\textended next hop yes;\n"
			    "\t};\n"
			    "}\n");
}

static void config_of_an_empty_policy_refuses_all(void **state)
{
	static const struct generation alone = { .number = 1, .router_id = { 1, [7] = 1 } };
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	(void)state;
	format(&alone, "", &text);
	assert_non_null(
		strstr(strbuf_text(&text),
		       "function aronet_granted6() -> bool {\n"
		       "\tif source != RTS_BABEL || dest != RTD_UNICAST then return false;\n"
		       "\treturn false;\n}\n"));
	assert_null(strstr(strbuf_text(&text), "return true"));
	assert_null(strstr(strbuf_text(&text), "interface"));
}

/* A link that is limited is limited for both families, whatever its node has. */
static void config_without_transit_refuses_the_rest(void **state)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	(void)state;
	format(&in_a_namespace,
	       "announce fd00:a::/64\n"
	       "announce nothing else\n"
	       "accept fd00:b::/64 from 4f6f95965bc0b589 on ar2\n"
	       "accept nothing else on ar2\n"
	       "accept fd00:c::/64 from 0123456789abcdef\n",
	       &text);
	assert_non_null(
		strstr(strbuf_text(&text),
		       "function aronet_granted4() -> bool {\n"
		       "\tif source != RTS_BABEL || dest != RTD_UNICAST then return false;\n"
		       "\tif ifname = \"ar2\" then {\n"
		       "\t\treturn false;\n"
		       "\t}\n"
		       "\treturn false;\n"));
	assert_non_null(strstr(strbuf_text(&text),
			       "\tif ifname = \"ar2\" then {\n"
			       "\t\tif net ~ [ fd00:b::/64 ] then return true;\n"
			       "\t\treturn false;\n"
			       "\t}\n"
			       "\tif net ~ [ fd00:c::/64 ] then {\n"));
	assert_non_null(strstr(strbuf_text(&text), "export where source = RTS_STATIC; };\n"));
	assert_null(strstr(strbuf_text(&text), "RTS_STATIC ||"));
}

static void config_in_a_vrf_has_its_table(void **state)
{
	struct generation generation = in_a_namespace;
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	(void)state;
	generation.table = 100000;
	strcpy(generation.vrf, "aronet");
	format(&generation, "", &text);
	assert_non_null(strstr(strbuf_text(&text), "protocol babel aronet_babel {\n"
						   "\tvrf \"aronet\";\n"));
	assert_non_null(strstr(strbuf_text(&text), "\tkernel table 100000;\n"));
	assert_null(strstr(strbuf_text(&text), "table 254"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(config_is_as_expected),
		cmocka_unit_test(config_of_an_empty_policy_refuses_all),
		cmocka_unit_test(config_without_transit_refuses_the_rest),
		cmocka_unit_test(config_in_a_vrf_has_its_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
