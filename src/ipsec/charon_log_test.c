// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/charon_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* As 5.9.8 writes it. */
static const char usual[] =
	"00[LIB] providers loaded by OpenSSL: legacy default\n"
	"00[LIB] plugin 'ml': failed to load - ml_plugin_create not found and no plugin file "
	"available\n"
	"00[LIB] loaded plugins: charon-systemd random nonce openssl kdf hmac pem vici\n"
	"00[JOB] spawning 16 worker threads\n";

static void expect(const char *log, const char *expected)
{
	char text[512] = "";

	assert_int_equal(charon_log_explain(log, text, sizeof(text)), expected != NULL);
	assert_string_equal(text, expected ? expected : "");
}

static void usual_log_says_nothing_bad(void **state)
{
	(void)state;
	expect(usual, NULL);
	expect("", NULL);
	expect("00[LIB] plugin 'elsewhere': failed to load - no plugin file available", NULL);
}

static void missing_plugin_is_named_with_its_package(void **state)
{
	(void)state;
	expect("00[LIB] plugin 'vici': failed to load - vici_plugin_create not found and no plugin "
	       "file available\n00[JOB] spawning 16 worker threads\n",
	       "its plugin vici is not installed; install the package strongswan-swanctl");
	expect("00[LIB] plugin 'openssl': failed to load - openssl_plugin_create not found and no "
	       "plugin file available",
	       "its plugin openssl is not installed; install the package "
	       "libstrongswan-standard-plugins");
}

static void plugin_that_cannot_be_loaded_is_quoted(void **state)
{
	(void)state;
	expect("00[LIB] plugin 'openssl' failed to load: libcrypto.so.3: no version information\n",
	       "cannot load its plugin openssl (package libstrongswan-standard-plugins): \"00[LIB] "
	       "plugin 'openssl' failed to load: libcrypto.so.3: no version information\"");
}

static void what_else_is_known_is_explained(void **state)
{
	(void)state;
	expect("00[LIB] no files found matching '/run/charon.aronet.conf'\n"
	       "00[LIB] abort initialization due to invalid configuration\n",
	       "cannot read its configuration");
	expect("00[LIB] abort initialization due to invalid configuration\n",
	       "cannot read its configuration");
	expect("00[CFG] syntax error, unexpected end of file, expecting : or '{' or '='\n"
	       "00[CFG] invalid config file '/run/charon.aronet.conf'\n"
	       "00[LIB] abort initialization due to invalid configuration\n",
	       "does not understand its configuration");
	expect("00[LIB] failed to create TUN device: Operation not permitted\n",
	       "cannot make a TUN device, which ESP by itself needs; is there a /dev/net/tun?");
}

static void socket_that_cannot_be_made_is_told(void **state)
{
	(void)state;
	expect("00[CFG] creating vici socket failed\n00[JOB] spawning 16 worker threads\n",
	       "may not open its control socket");
	expect("00[NET] unable to set SO_MARK on socket: Operation not permitted\n", NULL);
}

static void denial_is_what_root_may_do_elsewhere(void **state)
{
	(void)state;
	assert_true(
		charon_log_has_denial("00[KNL] unable to create netlink socket: Permission "
				      "denied (13)\n00[LIB] plugin 'kernel-netlink': failed "
				      "to load - kernel_netlink_plugin_create returned NULL\n"));
	assert_true(charon_log_has_denial(
		"00[LIB] abort initialization due to invalid configuration\n"));
	assert_false(charon_log_has_denial(
		"00[CFG] invalid config file '/run/charon.aronet.conf'\n"
		"00[LIB] abort initialization due to invalid configuration\n"));
	assert_true(charon_log_has_denial("00[CFG] creating vici socket failed\n"));
	assert_false(charon_log_has_denial(usual));
	assert_false(charon_log_has_denial(
		"00[LIB] failed to create TUN device: Operation not permitted\n"));
	assert_false(charon_log_has_denial(""));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(usual_log_says_nothing_bad),
		cmocka_unit_test(missing_plugin_is_named_with_its_package),
		cmocka_unit_test(plugin_that_cannot_be_loaded_is_quoted),
		cmocka_unit_test(what_else_is_known_is_explained),
		cmocka_unit_test(socket_that_cannot_be_made_is_told),
		cmocka_unit_test(denial_is_what_root_may_do_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
