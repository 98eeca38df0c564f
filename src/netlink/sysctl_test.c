// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/sysctl.h"

#include "base/file.h"
#include "netlink/backends.h"
#include "netlink/sysctl_saved.h"
#include "netlink/test_machine.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define NETNS "aronet-t"
#define SAVED "/run/netns/sysctl.saved" /* in the test's own, empty file system */
#define FORWARDING "net/ipv4/ip_forward"

struct setup {
	struct machine *machine;
	struct sysctls *sysctls;
};

static void setup_done(struct setup *setup)
{
	sysctls_free(setup->sysctls);
	machine_free(setup->machine);
}
CLEANUP_DEFINE_IN_PLACE(struct setup, setup_done);

/* A daemon that has just started on the machine. */
static void start_daemon(struct setup *setup)
{
	sysctls_free(setup->sysctls);
	setup->sysctls = sysctls_new(setup->machine->spaces, SAVED);
	setup->machine->backends_count = 0;
	namespace_backend(setup->machine->spaces,
			  &setup->machine->backends[setup->machine->backends_count++]);
	sysctl_backend(setup->sysctls, &setup->machine->backends[setup->machine->backends_count++]);
}

static struct setup new_setup(void)
{
	struct setup setup = { .machine = machine_new("test", NETNS) };

	start_daemon(&setup);
	return setup;
}

static struct object wanted(enum space space, const char *path, const char *value)
{
	struct object object = { .kind = OBJECT_SYSCTL, .sysctl.space = space };

	(void)snprintf(object.sysctl.path, sizeof(object.sysctl.path), "%s", path);
	(void)snprintf(object.sysctl.value, sizeof(object.sysctl.value), "%s", value);
	return object;
}

static struct state *want(enum space space, const char *path, const char *value)
{
	struct state *intended = state_new();
	struct object sysctl = wanted(space, path, value);
	struct object netns = { .kind = OBJECT_NETNS,
				.netns = { .space = SPACE_OVERLAY, .name = NETNS } };

	assert_int_equal(state_add(intended, &sysctl), 0);
	assert_int_equal(state_add(intended, &netns), 0);
	return intended;
}

static void set_by_hand(const char *path, const char *value)
{
	char full[128];

	(void)snprintf(full, sizeof(full), "/proc/sys/%s", path);
	assert_int_equal(file_write_value(AT_FDCWD, full, value), 0);
}

static void assert_value(const char *path, const char *value)
{
	char full[128], now[SYSCTL_VALUE_SIZE];

	(void)snprintf(full, sizeof(full), "/proc/sys/%s", path);
	assert_int_equal(file_read_value(AT_FDCWD, full, now, sizeof(now)), 0);
	assert_string_equal(now, value);
}

static bool is_saved(void)
{
	return access(SAVED, F_OK) == 0;
}

static void underlay_value_is_restored(void **state)
{
	CLEANUP(setup_done) struct setup setup = new_setup();
	CLEANUP(state_free) struct state *intended = want(SPACE_UNDERLAY, FORWARDING, "1");
	CLEANUP(state_free) struct state *nothing = state_new();

	(void)state;
	set_by_hand(FORWARDING, "0");
	assert_int_equal(machine_converge(setup.machine, intended, NULL), 2);
	assert_value(FORWARDING, "1");
	assert_true(is_saved());
	/* After kill -9 the next daemon knows. */
	start_daemon(&setup);
	assert_int_equal(machine_converge(setup.machine, intended, NULL), 0);
	(void)machine_converge(setup.machine, nothing, NULL);
	assert_value(FORWARDING, "0");
	assert_false(is_saved());
}

static void value_that_is_right_already_is_left_alone(void **state)
{
	CLEANUP(setup_done) struct setup setup = new_setup();
	CLEANUP(state_free) struct state *intended = want(SPACE_UNDERLAY, FORWARDING, "1");
	CLEANUP(state_free) struct state *nothing = state_new();

	(void)state;
	set_by_hand(FORWARDING, "1");
	assert_int_equal(machine_converge(setup.machine, intended, NULL), 1); /* the namespace */
	assert_false(is_saved());
	(void)machine_converge(setup.machine, nothing, NULL);
	assert_value(FORWARDING, "1");
}

static void value_changed_by_others_is_repaired_but_not_restored(void **state)
{
	CLEANUP(setup_done) struct setup setup = new_setup();
	CLEANUP(state_free)
	struct state *intended = want(SPACE_UNDERLAY, "net/ipv4/ip_default_ttl", "70");
	CLEANUP(state_free) struct state *nothing = state_new();

	(void)state;
	set_by_hand("net/ipv4/ip_default_ttl", "64");
	(void)machine_converge(setup.machine, intended, NULL);
	set_by_hand("net/ipv4/ip_default_ttl", "80");
	assert_int_equal(machine_converge(setup.machine, intended, NULL), 1);
	assert_value("net/ipv4/ip_default_ttl", "70");
	set_by_hand("net/ipv4/ip_default_ttl", "90");
	(void)machine_converge(setup.machine, nothing, NULL);
	assert_value("net/ipv4/ip_default_ttl", "90");
	assert_false(is_saved());
}

static void overlay_value_is_set_in_the_namespace_only(void **state)
{
	CLEANUP(setup_done) struct setup setup = new_setup();
	CLEANUP(state_free) struct state *intended = want(SPACE_OVERLAY, FORWARDING, "1");

	(void)state;
	set_by_hand(FORWARDING, "0");
	assert_int_equal(machine_converge(setup.machine, intended, NULL), 2);
	assert_int_equal(machine_converge(setup.machine, intended, NULL), 0);
	assert_value(FORWARDING, "0");
	assert_int_equal(spaces_enter(setup.machine->spaces, SPACE_OVERLAY), 0);
	assert_value(FORWARDING, "1");
	set_by_hand(FORWARDING, "0");
	spaces_leave(setup.machine->spaces);
	assert_int_equal(machine_converge(setup.machine, intended, NULL), 1);
	assert_false(is_saved());
}

static void sysctl_that_does_not_exist_is_named(void **state)
{
	CLEANUP(setup_done) struct setup setup = new_setup();
	CLEANUP(state_free)
	struct state *intended = want(SPACE_UNDERLAY, "net/ipv4/conf/nobody/rp_filter", "0");
	struct object object = wanted(SPACE_UNDERLAY, "net/ipv4/conf/nobody/rp_filter", "0");
	CLEANUP(state_free) struct state *operational = machine_observe(setup.machine, intended);
	struct error error = { 0 };

	(void)state;
	assert_int_equal(state_count(operational), 0);
	assert_int_equal(machine_apply(setup.machine, OPERATION_CREATE, &object, intended, &error),
			 -ENOENT);
	assert_non_null(strstr(error.text, "/proc/sys/net/ipv4/conf/nobody/rp_filter"));
	assert_false(is_saved());
}

static void damaged_record_is_refused(void **state)
{
	static const char *const damaged[] = {
		"net/ipv4/ip_forward\t1\n",
		"net/ipv4/ip_forward\t1\t0\t0\n",
		"kernel/core_pattern\t1\t0\n",
		"net/../kernel/core_pattern\t1\t0\n",
		"\n\n",
	};
	CLEANUP(setup_done) struct setup setup = new_setup();
	struct saved_values values = { 0 };
	struct error error = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(damaged); i++) {
		assert_int_equal(file_replace(SAVED, damaged[i], strlen(damaged[i]), 0600, NULL),
				 0);
		assert_int_equal(saved_values_read(SAVED, &values, &error), -EBADMSG);
		assert_int_equal(error.code, ERROR_STATE_CORRUPT);
	}
}

#define DEFAULT "net/ipv6/conf/default/"

static bool hears_advertisements(const struct setup *setup, const char *link)
{
	CLEANUP(free) char(*links)[IFNAME_SIZE] = NULL;
	bool found = false;
	size_t count;

	assert_int_equal(sysctls_advertised_links(setup->sysctls, &links, &count, NULL), 0);
	for (size_t i = 0; i < count; i++)
		found |= !strcmp(links[i], link);
	return found;
}

static void links_that_would_not_hear_advertisements_are_found(void **state)
{
	CLEANUP(setup_done) struct setup setup = new_setup();

	(void)state;
	set_by_hand(DEFAULT "forwarding", "0");
	set_by_hand(DEFAULT "accept_ra", "1");
	assert_true(hears_advertisements(&setup, "default"));
	assert_false(hears_advertisements(&setup, "all"));
	assert_false(hears_advertisements(&setup, "lo"));
	set_by_hand(DEFAULT "accept_ra", "0");
	assert_false(hears_advertisements(&setup, "default"));
	set_by_hand(DEFAULT "accept_ra", "2");
	assert_false(hears_advertisements(&setup, "default"));
	/* They are not heard as it is. */
	set_by_hand(DEFAULT "accept_ra", "1");
	set_by_hand(DEFAULT "forwarding", "1");
	assert_false(hears_advertisements(&setup, "default"));
}

static void links_that_we_have_changed_stay_in_mind(void **state)
{
	CLEANUP(setup_done) struct setup setup = new_setup();
	CLEANUP(state_free) struct state *intended = want(SPACE_UNDERLAY, DEFAULT "accept_ra", "2");
	CLEANUP(state_free) struct state *nothing = state_new();

	(void)state;
	set_by_hand(DEFAULT "forwarding", "0");
	set_by_hand(DEFAULT "accept_ra", "1");
	assert_int_equal(machine_converge(setup.machine, intended, NULL), 2);
	set_by_hand(DEFAULT "forwarding", "1");
	assert_true(hears_advertisements(&setup, "default"));
	assert_int_equal(machine_converge(setup.machine, nothing, NULL), 2);
	assert_value(DEFAULT "accept_ra", "1");
	assert_false(hears_advertisements(&setup, "default"));
}

static void reverse_path_filter_is_read(void **state)
{
	CLEANUP(setup_done) struct setup setup = new_setup();

	(void)state;
	set_by_hand("net/ipv4/conf/all/rp_filter", "2");
	assert_int_equal(sysctls_rp_filter(setup.sysctls), 2);
	set_by_hand("net/ipv4/conf/all/rp_filter", "0");
	assert_int_equal(sysctls_rp_filter(setup.sysctls), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(underlay_value_is_restored),
		cmocka_unit_test(value_that_is_right_already_is_left_alone),
		cmocka_unit_test(value_changed_by_others_is_repaired_but_not_restored),
		cmocka_unit_test(overlay_value_is_set_in_the_namespace_only),
		cmocka_unit_test(sysctl_that_does_not_exist_is_named),
		cmocka_unit_test(links_that_would_not_hear_advertisements_are_found),
		cmocka_unit_test(links_that_we_have_changed_stay_in_mind),
		cmocka_unit_test(reverse_path_filter_is_read),
		cmocka_unit_test(damaged_record_is_refused),
	};

	machine_isolate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
