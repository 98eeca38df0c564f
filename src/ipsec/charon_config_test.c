// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/charon_config.h"

#include "ipsec/dial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char golden[] =
	"charon {\n"
	"\tload_modular = no\n"
	"\tload = random nonce openssl ml hmac kdf pem pkcs1 pkcs8 pubkey kernel-netlink "
	"socket-default vici counters\n"
	"\tport = 0\n"
	"\tport_nat_t = 12025\n"
	"\tinstall_routes = no\n"
	"\tinstall_virtual_ip = no\n"
	"\trouting_table = 0\n"
	"\tfollow_redirects = no\n"
	"\tretransmit_timeout = 2\n"
	"\tretransmit_base = 1.5\n"
	"\tretransmit_tries = 4\n"
	"\tcookie_threshold = 30\n"
	"\tblock_threshold = 50\n"
	"\tinit_limit_half_open = 1000\n"
	"\tinit_limit_job_load = 1000\n"
	"\tjournal {\n"
	"\t\tdefault = -1\n"
	"\t}\n"
	"\tfilelog {\n"
	"\t\tstderr {\n"
	"\t\t\ttime_format = %Y-%m-%d %H:%M:%S\n"
	"\t\t\tdefault = 1\n"
	"\t\t\tnet = 0\n"
	"\t\t\tenc = 0\n"
	"\t\t\tflush_line = yes\n"
	"\t\t}\n"
	"\t}\n"
	"\tplugins {\n"
	"\t\tvici {\n"
	"\t\t\tsocket = unix:///run/charon.aronet.vici\n"
	"\t\t}\n"
	"\t\tsocket-default {\n"
	"\t\t\tset_source = yes\n"
	"\t\t\tset_sourceif = yes\n"
	"\t\t}\n"
	"\t}\n"
	"}\n";

static const char *written(bool is_userspace, struct strbuf *text)
{
	const struct charon_settings settings = { .port = 12025, .is_userspace = is_userspace };

	charon_config_write(&settings, "/run/charon.aronet.vici", text);
	return strbuf_text(text);
}

static void config_is_as_expected(void **state)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	(void)state;
	assert_string_equal(written(false, &text), golden);
}

static void libipsec_comes_before_the_kernel(void **state)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	(void)state;
	assert_non_null(strstr(written(true, &text), "pubkey kernel-libipsec kernel-netlink"));
}

static void settings_are_read_back(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		CLEANUP(strbuf_done) struct strbuf text = { 0 };
		struct charon_settings settings = { 0 };

		assert_true(charon_config_read(written(i == 1, &text), &settings));
		assert_int_equal(settings.port, 12025);
		assert_int_equal(settings.is_userspace, i == 1);
	}
}

static void other_text_has_no_settings(void **state)
{
	struct charon_settings settings = { 0 };

	(void)state;
	assert_false(charon_config_read("", &settings));
	assert_false(charon_config_read("port_nat_t = x", &settings));
}

static double value_of(const char *key)
{
	const char *line = strstr(golden, key);

	assert_non_null(line);
	return strtod(strchr(line, '=') + 1, NULL);
}

/* Both are told what charon has to try before a dial is over. */
static void charon_gives_up_before_the_deadline(void **state)
{
	double pause = value_of("retransmit_timeout"), sum = pause;

	(void)state;
	for (int i = 0; i < (int)value_of("retransmit_tries"); i++)
		sum += pause *= value_of("retransmit_base");
	assert_true(sum > 26.3 && sum < 26.4);
	assert_true(sum * 1e6 < (double)DIAL_DEADLINE_USEC);
	assert_true(sum * 1e6 + 5e6 > (double)DIAL_DEADLINE_USEC);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(config_is_as_expected),
		cmocka_unit_test(libipsec_comes_before_the_kernel),
		cmocka_unit_test(settings_are_read_back),
		cmocka_unit_test(other_text_has_no_settings),
		cmocka_unit_test(charon_gives_up_before_the_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
