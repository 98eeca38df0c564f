// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The reconciler against a machine in memory whose owner, failures and answers the test controls.
 * Time is a number that the test moves.
 */
#include "core/reconcile.h"
#include "memory_backend.h"
#include "random_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#define CASES 2000
#define SECOND 1000000ull

struct world {
	struct memory_machine machine;
	struct reconciler *reconciler;
	uint64_t now_usec;
	unsigned events[RECONCILER_FIGHT + 1];
};

static void count_event(void *userdata, enum reconciler_event event,
			const struct operation *operation, const char *text)
{
	struct world *world = userdata;

	(void)operation, (void)text;
	world->events[event]++;
}

static void world_init(struct world *world)
{
	struct backend backend;

	*world = (struct world) { .now_usec = SECOND };
	memory_machine_init(&world->machine);
	backend = memory_machine_backend(&world->machine);
	world->reconciler = reconciler_new(&backend, 1, count_event, world);
}

static void world_done(struct world *world)
{
	reconciler_free(world->reconciler);
	memory_machine_done(&world->machine);
}
CLEANUP_DEFINE_IN_PLACE(struct world, world_done);

/* Let time pass until nothing is due for @usec; at most 1000 steps. */
static void run(struct world *world, uint64_t usec)
{
	uint64_t end = world->now_usec + usec;

	for (unsigned i = 0; i < 1000; i++) {
		uint64_t next = reconciler_step(world->reconciler, world->now_usec);

		if (world->machine.pending_count) {
			uint64_t id = world->machine.pending[--world->machine.pending_count];

			reconciler_complete(world->reconciler, id, 0, NULL, world->now_usec);
			continue;
		}
		if (next > end)
			break;
		world->now_usec = next > world->now_usec ? next : world->now_usec;
	}
	world->now_usec = end;
}

static struct state *copy_of(const struct state *state)
{
	struct state *copy = state_new();

	for (size_t i = 0; i < state_count(state); i++)
		(void)state_add(copy, state_at(state, i));
	return copy;
}

static bool converges_to_what_is_intended(struct random *random)
{
	CLEANUP(world_done) struct world world;
	CLEANUP(state_free) struct state *intended = random_state(random);

	world_init(&world);
	world.machine.asynchronous = random_chance(random, 50);
	reconciler_set_intended(world.reconciler, copy_of(intended));
	run(&world, SECOND);
	return reconciler_settled(world.reconciler) && !world.machine.violation[0] &&
	       state_equal(world.machine.state, intended) && world.events[RECONCILER_REPAIRED] == 0;
}

static bool heals_what_strangers_do(struct random *random)
{
	CLEANUP(world_done) struct world world;
	CLEANUP(state_free) struct state *intended = random_state(random);
	size_t count = state_count(intended);
	unsigned operations;

	world_init(&world);
	if (count == 0)
		return true;
	reconciler_set_intended(world.reconciler, copy_of(intended));
	run(&world, SECOND);
	operations = world.machine.operations;
	memory_machine_remove(&world.machine,
			      state_at(intended, random_below(random, (unsigned)count)));
	reconciler_mark_dirty(world.reconciler, world.now_usec);
	run(&world, SECOND);
	return state_equal(world.machine.state, intended) &&
	       world.machine.operations > operations && world.events[RECONCILER_REPAIRED] > 0;
}

static bool a_second_set_of_the_same_writes_nothing(struct random *random)
{
	CLEANUP(world_done) struct world world;
	CLEANUP(state_free) struct state *intended = random_state(random);
	unsigned operations;

	world_init(&world);
	reconciler_set_intended(world.reconciler, copy_of(intended));
	run(&world, SECOND);
	operations = world.machine.operations;
	reconciler_set_intended(world.reconciler, copy_of(intended));
	run(&world, SECOND);
	return world.machine.operations == operations;
}

#define PROPERTY(check)                                                                            \
	static void test_##check(void **unused)                                                    \
	{                                                                                          \
		(void)unused;                                                                      \
		assert_true(random_check(#check, CASES, check));                                   \
	}
PROPERTY(converges_to_what_is_intended)
PROPERTY(heals_what_strangers_do)
PROPERTY(a_second_set_of_the_same_writes_nothing)

static struct object link_object(const char *name)
{
	struct object object = { .kind = OBJECT_LINK, .link.kind = LINK_VRF };

	(void)snprintf(object.link.name, sizeof(object.link.name), "%s", name);
	return object;
}

static struct state *two_links(void)
{
	struct state *state = state_new();
	struct object first = link_object("ara"), second = link_object("arb");

	(void)state_add(state, &first);
	(void)state_add(state, &second);
	return state;
}

static void test_failing_object_is_quarantined_and_retried(void **unused)
{
	CLEANUP(world_done) struct world world;
	const struct problem *problems;

	(void)unused;
	world_init(&world);
	world.machine.fail_errno = EPERM;
	world.machine.fail_kind = OBJECT_LINK;
	reconciler_set_intended(world.reconciler, two_links());
	run(&world, SECOND);
	assert_int_equal(reconciler_problems(world.reconciler, &problems), 2);
	assert_int_equal(problems[0].result, -EPERM);
	assert_string_equal(problems[0].text, "the machine says no");
	assert_int_equal(world.machine.operations, 2);
	assert_int_equal(world.events[RECONCILER_FAILED], 2);

	world.machine.fail_errno = 0;
	run(&world, 10 * SECOND);
	assert_int_equal(reconciler_problems(world.reconciler, &problems), 0);
	assert_int_equal(state_count(world.machine.state), 2);
}

static void test_what_the_kernel_lacks_is_said_once(void **unused)
{
	CLEANUP(world_done) struct world world;
	const struct problem *problems;

	(void)unused;
	world_init(&world);
	world.machine.fail_errno = EOPNOTSUPP;
	world.machine.fail_kind = OBJECT_LINK;
	reconciler_set_intended(world.reconciler, two_links());
	run(&world, 100 * SECOND);
	assert_int_equal(reconciler_problems(world.reconciler, &problems), 2);
	assert_int_equal(world.events[RECONCILER_FAILED], 1);
}

static void test_busy_is_retried_sooner_than_refused(void **unused)
{
	CLEANUP(world_done) struct world world;

	(void)unused;
	world_init(&world);
	world.machine.fail_errno = EBUSY;
	world.machine.fail_kind = OBJECT_LINK;
	reconciler_set_intended(world.reconciler, two_links());
	run(&world, SECOND);
	assert_true(world.machine.operations >= 4);
	assert_true(world.machine.operations <= 8);
}

static void test_same_repair_again_and_again_is_a_fight(void **unused)
{
	CLEANUP(world_done) struct world world;
	struct object link = link_object("ara");

	(void)unused;
	world_init(&world);
	reconciler_set_intended(world.reconciler, two_links());
	run(&world, SECOND);
	for (unsigned i = 0; i < 10; i++) {
		memory_machine_remove(&world.machine, &link);
		reconciler_mark_dirty(world.reconciler, world.now_usec);
		run(&world, SECOND);
	}
	assert_int_equal(world.events[RECONCILER_FIGHT], 1);
	assert_int_equal(world.events[RECONCILER_REPAIRED], 5);
	run(&world, 30 * SECOND);
	assert_int_equal(world.events[RECONCILER_REPAIRED], 6);
	assert_int_equal(state_count(world.machine.state), 2);
}

static void test_failed_observation_plans_nothing(void **unused)
{
	CLEANUP(world_done) struct world world;
	const struct problem *problems;

	(void)unused;
	world_init(&world);
	reconciler_set_intended(world.reconciler, two_links());
	run(&world, SECOND);
	world.machine.observe_fails = true;
	reconciler_mark_dirty(world.reconciler, world.now_usec);
	run(&world, SECOND);
	assert_int_equal(world.machine.operations, 2);
	assert_int_equal(reconciler_problems(world.reconciler, &problems), 1);
	assert_string_equal(problems[0].object, "observe memory");
	world.machine.observe_fails = false;
	run(&world, 10 * SECOND);
	assert_int_equal(reconciler_problems(world.reconciler, &problems), 0);
	assert_int_equal(world.machine.operations, 2);
}

static void test_foreign_object_in_the_way_is_told_once(void **unused)
{
	CLEANUP(world_done) struct world world;
	struct object foreign = link_object("ara");

	(void)unused;
	world_init(&world);
	foreign.foreign = true;
	memory_machine_put(&world.machine, &foreign);
	reconciler_set_intended(world.reconciler, two_links());
	run(&world, SECOND);
	reconciler_mark_dirty(world.reconciler, world.now_usec);
	run(&world, SECOND);
	assert_int_equal(world.events[RECONCILER_CONFLICT], 1);
	assert_int_equal(world.machine.operations, 1);
	assert_string_equal(world.machine.violation, "");
}

static void test_new_intention_waits_for_what_is_in_progress(void **unused)
{
	CLEANUP(world_done) struct world world;

	(void)unused;
	world_init(&world);
	world.machine.asynchronous = true;
	reconciler_set_intended(world.reconciler, two_links());
	(void)reconciler_step(world.reconciler, world.now_usec);
	assert_int_equal(world.machine.pending_count, 2);
	reconciler_set_intended(world.reconciler, state_new());
	assert_int_equal(state_count(reconciler_intended(world.reconciler)), 0);
	(void)reconciler_step(world.reconciler, world.now_usec);
	assert_false(reconciler_settled(world.reconciler));
	world.machine.asynchronous = false;
	run(&world, SECOND);
	assert_true(reconciler_settled(world.reconciler));
	assert_int_equal(state_count(world.machine.state), 0);
}

/* An event between the end of an operation and the next step must not put that step off. */
static void test_end_of_an_operation_is_due_at_once(void **unused)
{
	CLEANUP(world_done) struct world world;

	(void)unused;
	world_init(&world);
	world.machine.asynchronous = true;
	reconciler_set_intended(world.reconciler, two_links());
	(void)reconciler_step(world.reconciler, world.now_usec);
	while (world.machine.pending_count)
		reconciler_complete(world.reconciler,
				    world.machine.pending[--world.machine.pending_count], 0, NULL,
				    world.now_usec);
	reconciler_mark_dirty(world.reconciler, world.now_usec);
	assert_true(reconciler_next_step(world.reconciler) <= world.now_usec);
	run(&world, SECOND);
	assert_true(reconciler_settled(world.reconciler));
}

/* What takes longer than the interval of full observations is waited for, not polled. */
static void test_long_operation_makes_nothing_due(void **unused)
{
	CLEANUP(world_done) struct world world;

	(void)unused;
	world_init(&world);
	world.machine.asynchronous = true;
	reconciler_set_intended(world.reconciler, two_links());
	(void)reconciler_step(world.reconciler, world.now_usec);
	world.now_usec += 3600 * SECOND;
	assert_true(reconciler_step(world.reconciler, world.now_usec) > world.now_usec);
	reconciler_mark_dirty(world.reconciler, world.now_usec);
	assert_true(reconciler_next_step(world.reconciler) > world.now_usec);
}

/* Settled without a problem has to mean that nothing of it is left. */
static void test_taking_down_does_not_wait_for_a_fight(void **unused)
{
	CLEANUP(world_done) struct world world;
	struct object link = link_object("ara");

	(void)unused;
	world_init(&world);
	reconciler_set_intended(world.reconciler, two_links());
	run(&world, SECOND);
	while (!world.events[RECONCILER_FIGHT]) {
		memory_machine_remove(&world.machine, &link);
		reconciler_mark_dirty(world.reconciler, world.now_usec);
		run(&world, SECOND);
	}
	reconciler_set_intended(world.reconciler, state_new());
	run(&world, SECOND);
	assert_true(reconciler_settled(world.reconciler));
	assert_int_equal(state_count(world.machine.state), 0);
}

static void test_new_intention_does_not_wait_for_quarantine(void **unused)
{
	CLEANUP(world_done) struct world world;
	const struct problem *problems;

	(void)unused;
	world_init(&world);
	world.machine.fail_errno = EPERM;
	world.machine.fail_kind = OBJECT_LINK;
	reconciler_set_intended(world.reconciler, two_links());
	run(&world, 60 * SECOND);
	world.machine.fail_errno = 0;
	reconciler_set_intended(world.reconciler, two_links());
	run(&world, SECOND);
	assert_int_equal(reconciler_problems(world.reconciler, &problems), 0);
	assert_int_equal(state_count(world.machine.state), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_converges_to_what_is_intended),
		cmocka_unit_test(test_heals_what_strangers_do),
		cmocka_unit_test(test_a_second_set_of_the_same_writes_nothing),
		cmocka_unit_test(test_failing_object_is_quarantined_and_retried),
		cmocka_unit_test(test_what_the_kernel_lacks_is_said_once),
		cmocka_unit_test(test_busy_is_retried_sooner_than_refused),
		cmocka_unit_test(test_same_repair_again_and_again_is_a_fight),
		cmocka_unit_test(test_failed_observation_plans_nothing),
		cmocka_unit_test(test_foreign_object_in_the_way_is_told_once),
		cmocka_unit_test(test_new_intention_waits_for_what_is_in_progress),
		cmocka_unit_test(test_end_of_an_operation_is_due_at_once),
		cmocka_unit_test(test_long_operation_makes_nothing_due),
		cmocka_unit_test(test_taking_down_does_not_wait_for_a_fight),
		cmocka_unit_test(test_new_intention_does_not_wait_for_quarantine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
