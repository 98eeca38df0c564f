// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/backends.h"
#include "netlink/facts.h"
#include "netlink/link.h"
#include "netlink/link_info.h"
#include "netlink/test_machine.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TABLE 128

static struct object tunnel(void)
{
	return (struct object) { .kind = OBJECT_LINK,
				 .link = { .space = SPACE_OVERLAY,
					   .name = "ar0",
					   .kind = LINK_WIREGUARD,
					   .label = "o/sun/0",
					   .mtu = 1380,
					   .up = true } };
}

static struct object vrf(void)
{
	return (struct object) { .kind = OBJECT_LINK,
				 .link = { .space = SPACE_OVERLAY,
					   .name = "aronet",
					   .kind = LINK_VRF,
					   .label = "vrf",
					   .mtu = 65535,
					   .up = true } };
}

static void tunnel_appears_in_the_overlay_only(void **state)
{
	CLEANUP(machine_free) struct machine *machine = machine_new("test", "aronet-t");
	CLEANUP(state_free) struct state *intended = state_new();
	struct links links = { .spaces = machine->spaces };
	struct object netns = { .kind = OBJECT_NETNS,
				.netns = { .space = SPACE_OVERLAY, .name = "aronet-t" } };
	struct object object = tunnel();
	char alias[LINK_ALIAS_SIZE];

	(void)state;
	namespace_backend(machine->spaces, &machine->backends[machine->backends_count++]);
	link_backend(&links, &machine->backends[machine->backends_count++]);
	assert_int_equal(state_add(intended, &netns), 0);
	assert_int_equal(state_add(intended, &object), 0);
	assert_int_equal(machine_converge(machine, intended, NULL), 2);
	assert_int_equal(machine_converge(machine, intended, NULL), 0);
	assert_false(link_exists(machine->spaces, SPACE_UNDERLAY, "ar0"));
	assert_int_equal(link_alias_read(machine->spaces, SPACE_OVERLAY, "ar0", alias, NULL), 0);
	assert_string_equal(alias, "aronet:test:o/sun/0");
}

static void tunnel_is_put_back_into_its_vrf(void **state)
{
	CLEANUP(machine_free) struct machine *machine = machine_new("test", NULL);
	CLEANUP(state_free) struct state *intended = state_new();
	struct links links = { .spaces = machine->spaces, .vrf_table = TABLE };
	struct object main_link = vrf();
	struct object object = tunnel();

	(void)state;
	link_backend(&links, &machine->backends[machine->backends_count++]);
	assert_int_equal(state_add(intended, &main_link), 0);
	assert_int_equal(state_add(intended, &object), 0);
	assert_int_equal(machine_converge(machine, intended, NULL), 2);
	assert_int_equal(machine_converge(machine, intended, NULL), 0);
	assert_int_equal(machine_run(machine, SPACE_UNDERLAY, "ip link set dev ar0 nomaster", NULL),
			 0);
	assert_int_equal(machine_converge(machine, intended, NULL), 1);
}

static void vrf_with_another_table_is_made_anew(void **state)
{
	CLEANUP(machine_free) struct machine *machine = machine_new("test", NULL);
	CLEANUP(state_free) struct state *intended = state_new();
	struct links links = { .spaces = machine->spaces, .vrf_table = TABLE };
	struct object main_link = vrf();

	(void)state;
	link_backend(&links, &machine->backends[machine->backends_count++]);
	assert_int_equal(state_add(intended, &main_link), 0);
	assert_int_equal(machine_converge(machine, intended, NULL), 1);
	links.vrf_table = TABLE + 1;
	assert_int_equal(machine_converge(machine, intended, NULL), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tunnel_appears_in_the_overlay_only),
		cmocka_unit_test(tunnel_is_put_back_into_its_vrf),
		cmocka_unit_test(vrf_with_another_table_is_made_anew),
	};

	machine_isolate();
	CLEANUP(machine_free) struct machine *machine = machine_new("probe", NULL);

	if (!netlink_has_wireguard(machine->spaces) || !netlink_has_vrf(machine->spaces))
		machine_skip("WireGuard and VRF");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
