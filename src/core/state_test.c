// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/state.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define NUMBERS 9973 /* a prime: multiples of any number modulo it are all different */

/* The route with that number; @metric is part of the key. */
static struct object route(uint32_t number)
{
	struct object object = { .kind = OBJECT_ROUTE };

	object.route.space = SPACE_OVERLAY;
	object.route.table = ROUTE_TABLE_MAIN;
	object.route.metric = number;
	return object;
}

static void expect_all_in_order(const struct state *state, uint32_t count)
{
	assert_int_equal(state_count(state), count);
	for (uint32_t i = 0; i < count; i++) {
		struct object wanted = route(i);
		const struct object *found = state_find(state, &wanted);

		assert_ptr_equal(found, state_at(state, i));
		assert_int_equal(found->route.metric, i);
	}
}

static void a_state_is_sorted_in_whatever_order_it_is_made(void **state)
{
	/* Ascending, descending, and jumping about. */
	static const uint32_t strides[] = { 1, NUMBERS - 1, 3571, 4986 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(strides); i++) {
		CLEANUP(state_free) struct state *set = state_new();
		struct object absent = route(NUMBERS);

		for (uint32_t j = 0; j < NUMBERS; j++) {
			struct object object =
				route((uint32_t)((uint64_t)j * strides[i] % NUMBERS));

			assert_int_equal(state_add(set, &object), 0);
			assert_int_equal(state_add(set, &object), -EEXIST);
		}
		expect_all_in_order(set, NUMBERS);
		assert_null(state_find(set, &absent));
	}
}

static void an_empty_state_has_nothing(void **state)
{
	CLEANUP(state_free) struct state *set = state_new();
	struct object object = route(1);

	(void)state;
	assert_int_equal(state_count(set), 0);
	assert_null(state_find(set, &object));
}

static void ours_takes_the_place_of_a_foreign_object(void **state)
{
	CLEANUP(state_free) struct state *set = state_new();
	struct object ours = route(1), foreign = route(1);

	(void)state;
	foreign.foreign = true;
	assert_int_equal(state_add(set, &foreign), 0);
	assert_int_equal(state_add(set, &ours), 0);
	assert_int_equal(state_add(set, &foreign), -EEXIST);
	assert_int_equal(state_count(set), 1);
	assert_false(state_at(set, 0)->foreign);
}

/* Every third is in both; in the part that is taken it comes second. */
static void a_state_takes_what_another_has(void **state)
{
	CLEANUP(state_free) struct state *set = state_new();
	CLEANUP(state_free) struct state *part = state_new();

	(void)state;
	for (uint32_t i = 0; i < NUMBERS; i++) {
		struct object object = route(i);

		if (i % 3 != 1)
			assert_int_equal(state_add(set, &object), 0);
		object.foreign = i % 3 == 2;
		if (i % 3 != 0)
			assert_int_equal(state_add(part, &object), 0);
	}
	state_take(set, part);
	expect_all_in_order(set, NUMBERS);
	assert_int_equal(state_count(part), 0);
	for (uint32_t i = 0; i < NUMBERS; i++)
		assert_false(state_at(set, i)->foreign);
	state_take(part, set);
	expect_all_in_order(part, NUMBERS);
	assert_int_equal(state_count(set), 0);
}

static void a_sequence_of_keys_is_found_in_one_pass(void **state)
{
	CLEANUP(state_free) struct state *set = state_new();
	size_t place = 0;

	(void)state;
	for (uint32_t i = 10; i < NUMBERS; i += 2) {
		struct object object = route(i);

		assert_int_equal(state_add(set, &object), 0);
	}
	for (uint32_t i = 0; i < NUMBERS + 10; i++) {
		struct object like = route(i);
		const struct object *found = state_find_next(set, &like, &place);

		assert_ptr_equal(found, state_find(set, &like));
		if (found)
			assert_ptr_equal(found, state_at(set, place));
	}
	assert_int_equal(place, state_count(set));
}

static void objects_of_a_kind_are_found_among_others(void **state)
{
	static const enum object_kind kinds[] = { OBJECT_LINK, OBJECT_SPEAKER };
	CLEANUP(state_free) struct state *set = state_new();
	unsigned counts[OBJECT_KINDS] = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 2000; i++) {
		struct object object = route(i);

		(void)state_add(set, &object);
	}
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct object object = { .kind = kinds[i] };

		(void)state_add(set, &object);
	}
	for (enum object_kind kind = 0; kind < OBJECT_KINDS; kind++)
		STATE_FOR_EACH(set, kind, object)
		{
			assert_int_equal(object->kind, kind);
			counts[kind]++;
		}
	assert_int_equal(counts[OBJECT_LINK], 1);
	assert_int_equal(counts[OBJECT_ROUTE], 2000);
	assert_int_equal(counts[OBJECT_SPEAKER], 1);
	assert_int_equal(counts[OBJECT_SID], 0);
	assert_int_equal(state_count_before(set, OBJECT_KINDS), state_count(set));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_state_is_sorted_in_whatever_order_it_is_made),
		cmocka_unit_test(an_empty_state_has_nothing),
		cmocka_unit_test(ours_takes_the_place_of_a_foreign_object),
		cmocka_unit_test(a_state_takes_what_another_has),
		cmocka_unit_test(a_sequence_of_keys_is_found_in_one_pass),
		cmocka_unit_test(objects_of_a_kind_are_found_among_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
