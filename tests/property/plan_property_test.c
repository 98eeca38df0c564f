// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The planner's invariants over random pairs of states. Numbers are those of docs/architecture.md.
 */
#include "core/plan.h"
#include "memory_backend.h"
#include "random_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#define CASES 10000

struct situation {
	struct state *intended;
	struct memory_machine machine;
};

static void situation_done(struct situation *situation)
{
	state_free(situation->intended);
	memory_machine_done(&situation->machine);
}
CLEANUP_DEFINE_IN_PLACE(struct situation, situation_done);

static struct situation random_situation(struct random *random)
{
	struct situation situation = { .intended = random_state(random) };

	memory_machine_init(&situation.machine);
	state_free(situation.machine.state);
	situation.machine.state = random_state_with_foreign(random);
	situation.machine.updatable_kinds = (unsigned)random_u64(random);
	return situation;
}

static struct plan *make_plan(struct situation *situation)
{
	return plan_make(situation->intended, situation->machine.state, memory_machine_can_update,
			 &situation->machine);
}

static void print_state(const char *name, const struct state *state)
{
	for (size_t i = 0; i < state_count(state); i++) {
		CLEANUP(strbuf_done) struct strbuf text = { 0 };

		object_format(state_at(state, i), &text);
		printf("# %s: %s%s\n", name, state_at(state, i)->foreign ? "(foreign) " : "",
		       strbuf_text(&text));
	}
}

/* Says what is wrong and shows the situation; always false. */
static bool broken(const struct situation *situation, const char *what)
{
	printf("# %s\n", what);
	print_state("intended", situation->intended);
	print_state("machine", situation->machine.state);
	return false;
}

/* The operations point into the machine's state, which changes under them: work on a copy. */
static struct state *copy_of(const struct state *state)
{
	struct state *copy = state_new();

	for (size_t i = 0; i < state_count(state); i++)
		(void)state_add(copy, state_at(state, i));
	return copy;
}

/* Carry out the first @limit operations of a fresh plan; returns how many the plan has. */
static size_t apply_plan(struct situation *situation, size_t limit)
{
	CLEANUP(state_free) struct state *operational = copy_of(situation->machine.state);
	CLEANUP(plan_free)
	struct plan *plan = plan_make(situation->intended, operational, memory_machine_can_update,
				      &situation->machine);

	for (size_t i = 0; i < plan->operations_count && i < limit; i++)
		(void)memory_machine_apply(&situation->machine, &plan->operations[i]);
	return plan->operations_count;
}

/* A foreign object that goes with a link of ours makes room for a second plan. */
static void settle(struct situation *situation)
{
	for (unsigned i = 0; i < 5 && apply_plan(situation, SIZE_MAX); i++)
		;
}

static bool plan_after_apply_is_empty(struct random *random)
{
	CLEANUP(situation_done) struct situation situation = random_situation(random);
	bool without_foreign = random_chance(random, 50);

	if (without_foreign) {
		state_free(situation.machine.state);
		situation.machine.state = random_state(random);
		(void)apply_plan(&situation, SIZE_MAX);
	} else {
		settle(&situation);
	}
	if (situation.machine.violation[0])
		return broken(&situation, situation.machine.violation);
	if (apply_plan(&situation, 0) != 0)
		return broken(&situation, "the second plan is not empty");
	if (without_foreign && !state_equal(situation.intended, situation.machine.state))
		return broken(&situation, "the machine is not as intended");
	return true;
}

static bool foreign_objects_stay_as_they_are(struct random *random)
{
	CLEANUP(situation_done) struct situation situation = random_situation(random);
	CLEANUP(state_free) struct state *before = copy_of(situation.machine.state);
	CLEANUP(plan_free) struct plan *plan = make_plan(&situation);

	for (size_t i = 0; i < plan->operations_count; i++) {
		const struct object *there =
			state_find(before, operation_object(&plan->operations[i]));

		if (there && there->foreign)
			return broken(&situation, "an operation on a foreign object");
	}
	return true;
}

static bool is_parent_of(const struct object *parent, const struct object *child)
{
	struct object parents[OBJECT_PARENTS_MAX];
	unsigned count = object_parents(child, parents);

	for (unsigned i = 0; i < count; i++)
		if (object_compare(&parents[i], parent) == 0)
			return true;
	return false;
}

static bool created_before_used_and_deleted_after(struct random *random)
{
	CLEANUP(situation_done) struct situation situation = random_situation(random);
	CLEANUP(plan_free) struct plan *plan = make_plan(&situation);

	for (size_t i = 0; i < plan->operations_count; i++)
		for (size_t j = i + 1; j < plan->operations_count; j++) {
			const struct operation *first = &plan->operations[i];
			const struct operation *later = &plan->operations[j];

			if (first->type != OPERATION_DELETE && later->type == OPERATION_CREATE &&
			    is_parent_of(later->to, first->to))
				return broken(&situation, "used before it is created");
			if (first->type == OPERATION_DELETE && later->type == OPERATION_DELETE &&
			    is_parent_of(first->from, later->from))
				return broken(&situation, "deleted before its last use");
		}
	return true;
}

static bool any_prefix_leads_to_the_same_end(struct random *random)
{
	CLEANUP(situation_done) struct situation situation = random_situation(random);
	struct situation whole = { .intended = copy_of(situation.intended) };
	size_t count;
	bool same;

	whole.machine = situation.machine;
	whole.machine.state = copy_of(situation.machine.state);
	count = apply_plan(&whole, SIZE_MAX);
	settle(&whole);
	(void)apply_plan(&situation, count ? random_below(random, (unsigned)count + 1) : 0);
	settle(&situation);
	same = state_equal(whole.machine.state, situation.machine.state);
	situation_done(&whole);
	return same || broken(&situation, "stopping half-way leads elsewhere");
}

static bool what_can_be_changed_in_place_is_never_deleted(struct random *random)
{
	CLEANUP(situation_done) struct situation situation = random_situation(random);
	CLEANUP(plan_free) struct plan *plan = NULL;

	situation.machine.updatable_kinds = ~0u;
	plan = make_plan(&situation);
	for (size_t i = 0; i < plan->operations_count; i++) {
		const struct operation *operation = &plan->operations[i];

		if (operation->type == OPERATION_DELETE &&
		    state_find(situation.intended, operation->from) &&
		    operation->from->kind != OBJECT_SPEAKER && operation->from->kind != OBJECT_LINK)
			return broken(&situation, "deletes what is wanted");
	}
	return true;
}

static bool the_order_of_insertion_does_not_matter(struct random *random)
{
	CLEANUP(state_free) struct state *state = random_state(random);
	CLEANUP(state_free) struct state *backwards = state_new();

	for (size_t i = state_count(state); i-- > 0;)
		(void)state_add(backwards, state_at(state, i));
	for (size_t i = 0; i < state_count(state); i++)
		if (object_compare(state_at(state, i), state_at(backwards, i)))
			return false;
	return state_equal(state, backwards);
}

#define PROPERTY(check)                                                                            \
	static void test_##check(void **unused)                                                    \
	{                                                                                          \
		(void)unused;                                                                      \
		assert_true(random_check(#check, CASES, check));                                   \
	}
PROPERTY(plan_after_apply_is_empty)
PROPERTY(foreign_objects_stay_as_they_are)
PROPERTY(created_before_used_and_deleted_after)
PROPERTY(any_prefix_leads_to_the_same_end)
PROPERTY(what_can_be_changed_in_place_is_never_deleted)
PROPERTY(the_order_of_insertion_does_not_matter)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plan_after_apply_is_empty),
		cmocka_unit_test(test_foreign_objects_stay_as_they_are),
		cmocka_unit_test(test_created_before_used_and_deleted_after),
		cmocka_unit_test(test_any_prefix_leads_to_the_same_end),
		cmocka_unit_test(test_what_can_be_changed_in_place_is_never_deleted),
		cmocka_unit_test(test_the_order_of_insertion_does_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
