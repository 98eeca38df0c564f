// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/apparmor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void expect(const char *label, const char *name, bool is_enforced)
{
	struct apparmor_profile profile = { 0 };

	assert_int_equal(apparmor_parse(label, strlen(label), &profile), name[0] != '\0');
	assert_string_equal(profile.name, name);
	assert_int_equal(profile.is_enforced, is_enforced);
}

static void label_is_a_profile_and_its_mode(void **state)
{
	(void)state;
	expect("/usr/sbin/charon-systemd (enforce)", "/usr/sbin/charon-systemd", true);
	expect("/usr/sbin/charon-systemd (complain)", "/usr/sbin/charon-systemd", false);
	expect("charon (kill)", "charon", true);
	expect("a (enforce) b (complain)", "a (enforce) b", false);
}

static void what_denies_nothing_is_no_profile(void **state)
{
	char label[512];

	(void)state;
	expect("unconfined", "", false);
	expect("firefox (unconfined)", "", false);
	expect("system_u:system_r:ipsec_t:s0", "", false);
	expect(" (enforce)", "", false);
	expect("", "", false);
	memset(label, 'x', sizeof(label));
	memcpy(label + sizeof(label) - sizeof(" (enforce)"), " (enforce)", sizeof(" (enforce)"));
	expect(label, "", false);
}

static void profile_is_found_by_its_program(void **state)
{
	static const char profiles[] = "firefox (unconfined)\n"
				       "/usr/sbin/swanctl (enforce)\n"
				       "/usr/sbin/charon-systemd-other (enforce)\n"
				       "/usr/sbin/charon-systemd (complain)\n"
				       "/usr/bin/man (enforce)\n";
	struct apparmor_profile profile = { 0 };

	(void)state;
	assert_true(apparmor_find(profiles, "charon-systemd", &profile));
	assert_string_equal(profile.name, "/usr/sbin/charon-systemd");
	assert_false(profile.is_enforced);
	assert_true(apparmor_find("charon-systemd (enforce)", "charon-systemd", &profile));
	assert_true(profile.is_enforced);
	assert_false(apparmor_find(profiles, "charon", &profile));
	assert_false(apparmor_find(profiles, "firefox", &profile));
	assert_false(apparmor_find("", "charon-systemd", &profile));
}

static void advice_names_profile_and_files(void **state)
{
	const struct apparmor_profile enforced = { "/usr/sbin/charon-systemd", true };
	const struct apparmor_profile named = { "charon", false };
	CLEANUP(strbuf_done) struct strbuf certain = { 0 }, possible = { 0 };

	(void)state;
	apparmor_advise(&enforced, true, &certain);
	assert_string_equal(
		strbuf_text(&certain),
		"AppArmor denies it that by the profile /usr/sbin/charon-systemd (enforce): "
		"see DENIED in dmesg, and rules with \"deny\", which are not logged; correct "
		"/etc/apparmor.d/local/usr.sbin.charon-systemd and run apparmor_parser -r "
		"/etc/apparmor.d/usr.sbin.charon-systemd");
	apparmor_advise(&named, false, &possible);
	assert_string_equal(
		strbuf_text(&possible),
		"if AppArmor denies it something by the profile charon (complain): see "
		"DENIED in dmesg, and rules with \"deny\", which are not logged; correct "
		"/etc/apparmor.d/local/charon and run apparmor_parser -r "
		"/etc/apparmor.d/charon");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(label_is_a_profile_and_its_mode),
		cmocka_unit_test(what_denies_nothing_is_no_profile),
		cmocka_unit_test(profile_is_found_by_its_program),
		cmocka_unit_test(advice_names_profile_and_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
