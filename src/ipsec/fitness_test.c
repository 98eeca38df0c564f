// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/fitness.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* What is wrong with a charon that has loaded @plugins, with a space between them. */
static const char *fault_of(const char *plugins, bool is_userspace, char buffer[256])
{
	const struct charon_settings settings = { .port = 12025, .is_userspace = is_userspace };
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };
	struct vici_section stats;
	char name[32];
	int length;

	vici_begin_list(&message, "plugins");
	for (; sscanf(plugins, "%31s%n", name, &length) == 1; plugins += length)
		vici_put_item(&message, name);
	vici_end_list(&message);
	assert_int_equal(vici_message_read(message.bytes, message.size, &stats), 0);
	return fitness_fault(&stats, &settings, buffer, 256);
}

static void expect(const char *plugins, bool is_userspace, const char *part)
{
	char buffer[256];
	const char *fault = fault_of(plugins, is_userspace, buffer);

	if (part ? !strstr(fault, part) : fault[0])
		fail_msg("%s: \"%s\"", plugins, fault);
}

static void charon_of_a_distribution_is_fit(void **state)
{
	(void)state;
	expect("aesni aes rc2 sha2 x509 pubkey pkcs1 pem openssl kernel-netlink socket-default "
	       "vici",
	       false, NULL);
	expect("pem pubkey kernel-libipsec kernel-netlink", true, NULL);
}

static void what_is_missing_is_named_with_its_package(void **state)
{
	(void)state;
	expect("", false, "kernel-netlink; install the package libstrongswan");
	expect("pem kernel-netlink", false, "its plugin pubkey");
	expect("pem pubkey kernel-netlink", true, "the package libcharon-extra-plugins");
}

/* Names that only begin or end so are others. */
static void plugin_with_a_longer_name_is_another(void **state)
{
	(void)state;
	expect("pems pubkey kernel-netlink", false, "its plugin pem;");
}

static void charon_that_does_esp_itself_is_refused(void **state)
{
	(void)state;
	expect("pem pubkey kernel-libipsec kernel-netlink", false, "does ESP itself");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(charon_of_a_distribution_is_fit),
		cmocka_unit_test(what_is_missing_is_named_with_its_package),
		cmocka_unit_test(plugin_with_a_longer_name_is_another),
		cmocka_unit_test(charon_that_does_esp_itself_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
