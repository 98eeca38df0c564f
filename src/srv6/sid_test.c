// SPDX-License-Identifier: GPL-2.0-or-later
#include "srv6/sid.h"

#include "netlink/facts.h"
#include "netlink/link.h"
#include "netlink/test_machine.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/*
 * The overlay of these tests is the middle of three namespaces in a row, made by ip(8):
 *
 *	left (fd61::/64, 192.168.121.1) -- overlay (fd62::/64) -- right (fd63::/64, 192.168.123.1)
 */
#define NETNS "aronet-t"

static const char topology[] =
	"set -e\n"
	"ip netns add left; ip netns add " NETNS "; ip netns add right\n"
	"for n in left " NETNS " right; do\n"
	"  ip netns exec $n sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv4.ip_forward=1 "
	"net.ipv6.conf.default.seg6_enabled=1 net.ipv6.conf.all.seg6_enabled=1 "
	"net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 "
	"net.ipv6.conf.default.accept_dad=0\n"
	"  ip -n $n link set lo up; done\n"
	"ip -n left link add name r type veth peer name l netns " NETNS "\n"
	"ip -n " NETNS " link add name r type veth peer name l netns right\n"
	"ip -n left addr add fe80::1/64 dev r nodad; ip -n left link set dev r up\n"
	"ip -n " NETNS " addr add fe80::2/64 dev l nodad; ip -n " NETNS " link set dev l up\n"
	"ip -n " NETNS " addr add fe80::1/64 dev r nodad; ip -n " NETNS " link set dev r up\n"
	"ip -n right addr add fe80::2/64 dev l nodad; ip -n right link set dev l up\n"
	"ip -n left addr add fd61::1/128 dev lo; ip -n left addr add 192.168.121.1/32 dev lo\n"
	"ip -n " NETNS " addr add 192.168.122.1/32 dev lo\n"
	"ip -n right addr add fd63::1/128 dev lo; ip -n right addr add 192.168.123.1/32 dev lo\n"
	"ip -n left route add fd62::/64 via fe80::2 dev r; ip -n left route add fd63::/64 via "
	"fe80::2 "
	"dev r\n"
	"ip -n right route add fd62::/64 via fe80::1 dev l; ip -n right route add fd61::/64 via "
	"fe80::1 dev l\n"
	"ip -n " NETNS " route add fd61::/64 via fe80::1 dev l; ip -n " NETNS
	" route add fd63::/64 via "
	"fe80::2 dev r\n"
	"ip -n " NETNS " route add 192.168.121.0/24 via inet6 fe80::1 dev l\n"
	"ip -n " NETNS " route add 192.168.123.0/24 via inet6 fe80::2 dev r\n";

static void run(struct machine *machine, const char *command)
{
	char output[TEST_OUTPUT_SIZE];

	if (machine_run(machine, SPACE_UNDERLAY, command, output) != 0)
		fail_msg("%s: %s", command, output);
}

static struct machine *new_machine(void)
{
	struct machine *machine = machine_new("test", NETNS);

	sid_backend(machine->spaces, &machine->backends[machine->backends_count++]);
	run(machine, topology);
	return machine;
}

static void want_sid(struct state *intended, const char *address, enum sid_behavior behavior,
		     const char *link)
{
	struct object object = { .kind = OBJECT_SID,
				 .sid = { .table = ROUTE_TABLE_MAIN, .behavior = behavior } };

	assert_int_equal(ip_prefix_parse(address, &object.sid.sid), 0);
	(void)snprintf(object.sid.link, sizeof(object.sid.link), "%s", link);
	assert_int_equal(state_add(intended, &object), 0);
}

static void want_all(struct state *intended, const char *link)
{
	want_sid(intended, "fd62::ffff:0:0:a", SID_END, link);
	want_sid(intended, "fd62::ffff:0:0:b", SID_END_DX4, link);
	want_sid(intended, "fd62::ffff:0:0:c", SID_END_DX6, link);
}

static bool shows(struct machine *machine, const char *text)
{
	char output[TEST_OUTPUT_SIZE];

	assert_int_equal(
		machine_run(machine, SPACE_OVERLAY, "ip -6 -d -N route show proto 90", output), 0);
	return strstr(output, text) != NULL;
}

static void sids_are_made_changed_and_removed(void **state)
{
	CLEANUP(machine_free) struct machine *machine = new_machine();
	CLEANUP(state_free) struct state *intended = state_new();
	CLEANUP(state_free) struct state *moved = state_new();
	CLEANUP(state_free) struct state *nothing = state_new();
	uint64_t writes;

	(void)state;
	want_all(intended, "l");
	assert_int_equal(machine_converge(machine, intended, NULL), 3);
	writes = netlink_writes();
	assert_int_equal(machine_converge(machine, intended, NULL), 0);
	assert_int_equal(netlink_writes(), writes);
	assert_true(shows(machine, "fd62::ffff:0:0:a  encap seg6local action End "));
	assert_true(shows(machine, "action End.DX4 nh4 0.0.0.0"));
	assert_true(shows(machine, "action End.DX6 nh6 ::"));
	want_all(moved, "r");
	assert_int_equal(machine_converge(machine, moved, NULL), 3);
	assert_false(shows(machine, "dev l"));
	assert_int_equal(machine_converge(machine, nothing, NULL), 3);
	assert_false(shows(machine, "seg6local"));
}

static void sid_that_does_something_else_is_repaired(void **state)
{
	CLEANUP(machine_free) struct machine *machine = new_machine();
	CLEANUP(state_free) struct state *intended = state_new();

	(void)state;
	want_all(intended, "l");
	(void)machine_converge(machine, intended, NULL);
	run(machine, "ip -n " NETNS " -6 route replace fd62::ffff:0:0:b/128 metric 1024 proto 90 "
		     "encap seg6local action End.DX4 nh4 10.0.0.1 dev l");
	assert_int_equal(machine_converge(machine, intended, NULL), 1);
	assert_true(shows(machine, "action End.DX4 nh4 0.0.0.0"));
}

static void foreign_sid_is_a_conflict(void **state)
{
	CLEANUP(machine_free) struct machine *machine = new_machine();
	CLEANUP(state_free) struct state *intended = state_new();
	CLEANUP(state_free) struct state *nothing = state_new();
	size_t conflicts = 0;

	(void)state;
	run(machine, "ip -n " NETNS " -6 route add fd62::ffff:0:0:b/128 encap seg6local action "
		     "End.DX4 nh4 10.0.0.1 dev l");
	want_all(intended, "l");
	assert_int_equal(machine_converge(machine, intended, &conflicts), 2);
	assert_int_equal(conflicts, 1);
	assert_int_equal(machine_converge(machine, nothing, NULL), 2);
	run(machine, "ip -n " NETNS " -6 -d route | grep -q 'nh4 10.0.0.1'");
}

/* IPv4 and IPv6 from left to right, wrapped to the SIDs of the middle. */
static void packets_are_forwarded_through_sids(void **state)
{
	CLEANUP(machine_free) struct machine *machine = new_machine();
	CLEANUP(state_free) struct state *intended = state_new();

	(void)state;
	want_all(intended, "l");
	(void)machine_converge(machine, intended, NULL);
	run(machine, "ip -n right route add 192.168.121.0/24 via inet6 fe80::1 dev l src "
		     "192.168.123.1");
	/* Unwrapped in the middle, and on from there. */
	run(machine,
	    "ip -n left route add 192.168.123.0/24 src 192.168.121.1 encap seg6 mode encap "
	    "segs fd62::ffff:0:0:b dev r");
	run(machine, "ip netns exec left ping -c 2 -i 0.2 -W 2 192.168.123.1 2>&1");
	run(machine, "ip -n left -6 route add fd63::1/128 src fd61::1 encap seg6 mode encap segs "
		     "fd62::ffff:0:0:c dev r");
	run(machine, "ip netns exec left ping -c 2 -i 0.2 -W 2 fd63::1 2>&1");
	/* The middle as a waypoint only. */
	run(machine,
	    "ip -n left -6 route replace fd63::1/128 src fd61::1 encap seg6 mode inline segs "
	    "fd62::ffff:0:0:a dev r");
	run(machine, "ip netns exec left ping -c 2 -i 0.2 -W 2 fd63::1 2>&1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sids_are_made_changed_and_removed),
		cmocka_unit_test(sid_that_does_something_else_is_repaired),
		cmocka_unit_test(foreign_sid_is_a_conflict),
		cmocka_unit_test(packets_are_forwarded_through_sids),
	};

	CLEANUP(spaces_free) struct spaces *spaces = NULL;

	machine_isolate();
	if (spaces_new("test", NULL, &spaces, NULL) < 0 || !netlink_has_seg6(spaces))
		machine_skip("SRv6 (CONFIG_IPV6_SEG6_LWTUNNEL)");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
