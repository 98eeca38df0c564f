// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/monitor.h"

#include "netlink/backends.h"
#include "netlink/test_machine.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NETNS "aronet-t"
#define QUIET_MS 150

struct seen {
	unsigned count;
	char reasons[512];
};

static void note(void *userdata, const char *reason)
{
	struct seen *seen = userdata;
	size_t used = strlen(seen->reasons);

	seen->count++;
	(void)snprintf(seen->reasons + used, sizeof(seen->reasons) - used, "%s;", reason);
}

struct setup {
	uv_loop_t loop;
	struct machine *machine;
	struct monitor *monitor;
	struct seen seen;
};

static int set_up(void **state)
{
	struct setup *setup = calloc(1, sizeof(*setup));
	struct error error = { 0 };

	assert_int_equal(uv_loop_init(&setup->loop), 0);
	setup->machine = machine_new("test", NETNS);
	namespace_backend(setup->machine->spaces,
			  &setup->machine->backends[setup->machine->backends_count++]);
	if (monitor_new(&setup->loop, setup->machine->spaces, note, &setup->seen, &setup->monitor,
			&error) < 0)
		fail_msg("%s", error.text);
	*state = setup;
	return 0;
}

static int tear_down(void **state)
{
	struct setup *setup = *state;

	monitor_free(setup->monitor);
	assert_int_equal(uv_run(&setup->loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&setup->loop), 0);
	machine_free(setup->machine);
	free(setup);
	return 0;
}

static void stop(uv_timer_t *timer)
{
	uv_stop(timer->loop);
}

/* Let the loop run for a while, and say what was heard. */
static const char *listen_for_a_while(struct setup *setup)
{
	uv_timer_t timer;

	setup->seen = (struct seen) { 0 };
	assert_int_equal(uv_timer_init(&setup->loop, &timer), 0);
	assert_int_equal(uv_timer_start(&timer, stop, QUIET_MS, 0), 0);
	(void)uv_run(&setup->loop, UV_RUN_DEFAULT);
	uv_close((uv_handle_t *)&timer, NULL);
	(void)uv_run(&setup->loop, UV_RUN_NOWAIT);
	return setup->seen.reasons;
}

static void run(struct setup *setup, enum space space, const char *command)
{
	assert_int_equal(machine_run(setup->machine, space, command, NULL), 0);
}

static void make_namespace(struct setup *setup)
{
	CLEANUP(state_free) struct state *intended = state_new();
	struct object netns = { .kind = OBJECT_NETNS,
				.netns = { .space = SPACE_OVERLAY, .name = NETNS } };

	assert_int_equal(state_add(intended, &netns), 0);
	assert_int_equal(machine_converge(setup->machine, intended, NULL), 1);
	(void)listen_for_a_while(setup);
}

static void quiet_machine_says_nothing(void **state)
{
	struct setup *setup = *state;

	make_namespace(setup);
	assert_string_equal(listen_for_a_while(setup), "");
}

static void changes_in_both_spaces_are_heard(void **state)
{
	static const enum space spaces[] = { SPACE_UNDERLAY, SPACE_OVERLAY };
	struct setup *setup = *state;

	make_namespace(setup);
	for (size_t i = 0; i < ARRAY_SIZE(spaces); i++) {
		run(setup, spaces[i],
		    "ip link add name near type veth peer name far && ip link set near up");
		assert_non_null(strstr(listen_for_a_while(setup), "link"));
		run(setup, spaces[i], "ip addr add 10.0.0.1/32 dev near");
		assert_non_null(strstr(listen_for_a_while(setup), "address"));
		run(setup, spaces[i], "ip route add 10.2.0.0/16 dev near");
		assert_non_null(strstr(listen_for_a_while(setup), "route"));
		run(setup, spaces[i], "ip -6 route add fd02::/64 dev near");
		assert_non_null(strstr(listen_for_a_while(setup), "route"));
		run(setup, spaces[i], "nft add table inet aronet-test");
		assert_non_null(strstr(listen_for_a_while(setup), "nftables"));
	}
}

static void routes_of_babel_are_not_heard(void **state)
{
	struct setup *setup = *state;

	run(setup, SPACE_UNDERLAY,
	    "ip link add name near type veth peer name far && ip link set "
	    "near up");
	(void)listen_for_a_while(setup);
	run(setup, SPACE_UNDERLAY,
	    "for i in $(seq 20); do ip route add 10.$i.0.0/16 dev near proto 42; ip -6 route add "
	    "fd$i::/64 dev near proto 42; done");
	assert_string_equal(listen_for_a_while(setup), "");
	run(setup, SPACE_UNDERLAY, "ip route add 10.99.0.0/16 dev near");
	assert_string_equal(listen_for_a_while(setup), "route;");
}

static void deleted_namespace_is_heard_and_followed(void **state)
{
	struct setup *setup = *state;

	make_namespace(setup);
	run(setup, SPACE_UNDERLAY, "ip netns del " NETNS);
	assert_non_null(strstr(listen_for_a_while(setup), "network namespace"));
	assert_int_equal(spaces_fd(setup->machine->spaces, SPACE_OVERLAY), -ENOENT);
	make_namespace(setup);
	run(setup, SPACE_OVERLAY, "ip link add name near type veth peer name far");
	assert_non_null(strstr(listen_for_a_while(setup), "link"));
}

static void other_names_are_not_heard(void **state)
{
	struct setup *setup = *state;

	run(setup, SPACE_UNDERLAY, "ip netns add somebody && ip netns del somebody");
	assert_string_equal(listen_for_a_while(setup), "");
}

/* More events than the queue holds, while nobody reads. */
static void lost_events_are_a_reason(void **state)
{
	struct setup *setup = *state;
	FILE *batch = fopen("/run/netns/batch", "w");

	assert_non_null(batch);
	for (unsigned i = 0; i < 25000; i++)
		(void)fprintf(batch, "route add 10.%u.%u.0/24 dev lo proto 42\n", i / 250 % 250,
			      i % 250);
	assert_int_equal(fclose(batch), 0);
	run(setup, SPACE_UNDERLAY, "ip link set lo up");
	(void)listen_for_a_while(setup);
	run(setup, SPACE_UNDERLAY, "ip -force -batch /run/netns/batch");
	assert_non_null(strstr(listen_for_a_while(setup), "events were lost"));
}

#define MONITOR_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MONITOR_TEST(quiet_machine_says_nothing),
		MONITOR_TEST(changes_in_both_spaces_are_heard),
		MONITOR_TEST(routes_of_babel_are_not_heard),
		MONITOR_TEST(deleted_namespace_is_heard_and_followed),
		MONITOR_TEST(other_names_are_not_heard),
		MONITOR_TEST(lost_events_are_a_reason),
	};

	machine_isolate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
