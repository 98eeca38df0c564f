// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/plan.h"

#include "base/memory.h"

#include <stdlib.h>

/*
 * The planner merges two sorted sets. For every observed object it first decides its fate, because
 * what happens to a parent decides about its children: a link that is made anew takes its
 * addresses and routes with it, so these are created again even if they are as intended now.
 */
enum fate {
	FATE_KEEP,    /* as intended, or foreign */
	FATE_UPDATE,  /* changed in place */
	FATE_REPLACE, /* deleted first, then created anew */
	FATE_DELETE,  /* not intended: deleted last */
	FATE_VANISH,  /* goes with a parent that is replaced: gone before anything is created */
	FATE_FADE,    /* goes with a parent that is deleted, at the end */
};

struct planner {
	const struct state *intended;
	const struct state *operational;
	plan_can_update_fn *can_update;
	void *userdata;
	enum fate *fates;    /* of the operational objects, by index */
	bool something_goes; /* one of them is replaced or deleted, so that its children matter */
	struct plan *plan;
};

const char *operation_type_name(enum operation_type type)
{
	static const char *const names[] = { "create", "update", "delete" };

	return names[type];
}

const struct object *operation_object(const struct operation *operation)
{
	return operation->type == OPERATION_DELETE ? operation->from : operation->to;
}

void operation_format(const struct operation *operation, struct strbuf *buffer)
{
	char key[OBJECT_KEY_TEXT_SIZE];

	strbuf_printf(buffer, "%s ", operation_type_name(operation->type));
	if (operation->type == OPERATION_CREATE) {
		object_format(operation->to, buffer);
		return;
	}
	strbuf_puts(buffer, object_format_key(operation_object(operation), key));
	if (operation->type == OPERATION_UPDATE) {
		strbuf_puts(buffer, " ");
		object_format_difference(operation->from, operation->to, buffer);
	}
}

/* The index of the operational object with the key of @like, or -1. */
static ssize_t operational_index(const struct planner *planner, const struct object *like)
{
	size_t low = 0, high = state_count(planner->operational);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = object_compare(state_at(planner->operational, middle), like);

		if (order == 0)
			return (ssize_t)middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

/* What the fates of its parents mean for @object: FATE_VANISH, FATE_FADE or FATE_KEEP. */
static enum fate fate_by_parents(const struct planner *planner, const struct object *object)
{
	struct object parents[OBJECT_PARENTS_MAX];
	enum fate fate = FATE_KEEP;
	unsigned count;

	if (!planner->something_goes)
		return FATE_KEEP;
	count = object_parents(object, parents);
	for (unsigned i = 0; i < count; i++) {
		ssize_t index = operational_index(planner, &parents[i]);
		enum fate parent = index < 0 ? FATE_KEEP : planner->fates[index];

		if (parent == FATE_REPLACE || parent == FATE_VANISH)
			return FATE_VANISH;
		if (parent == FATE_DELETE || parent == FATE_FADE)
			fate = FATE_FADE;
	}
	return fate;
}

/* @wanted is the intended object with the same key, or NULL. */
static enum fate decide_fate(const struct planner *planner, const struct object *object,
			     const struct object *wanted)
{
	enum fate by_parents = fate_by_parents(planner, object);

	if (object->foreign)
		return FATE_KEEP;
	if (by_parents == FATE_VANISH || (by_parents == FATE_FADE && !wanted))
		return by_parents;
	if (!wanted)
		return FATE_DELETE;
	/* A wanted object on a link that goes is moved to its new link before that (update). */
	if (object_spec_equal(object, wanted))
		return FATE_KEEP;
	if (planner->can_update && !planner->can_update(planner->userdata, object, wanted))
		return FATE_REPLACE;
	return FATE_UPDATE;
}

/* Parents sort before their children, so a parent's fate is known when it is asked for. */
static void decide_fates(struct planner *planner)
{
	size_t place = 0;

	for (size_t i = 0; i < state_count(planner->operational); i++) {
		const struct object *object = state_at(planner->operational, i);
		const struct object *wanted = state_find_next(planner->intended, object, &place);

		planner->fates[i] = decide_fate(planner, object, wanted);
		if (planner->fates[i] != FATE_KEEP && planner->fates[i] != FATE_UPDATE)
			planner->something_goes = true;
	}
}

/*
 * The kernel takes the children of a link or namespace along. Processes live on: they are ended by
 * an operation of their own even if what they serve goes. A VXLAN says in the underlay that it goes
 * (MLD), so it goes while the filters are there, and not with the namespace of the overlay.
 */
static bool needs_own_deletion(const struct object *object)
{
	return object->kind == OBJECT_SPEAKER ||
	       (object->kind == OBJECT_LINK &&
		(object->link.kind == LINK_WIREGUARD_TUN || object->link.kind == LINK_VXLAN));
}

static struct operation *plan_append(struct plan *plan, enum operation_type type,
				     const struct object *from, const struct object *to)
{
	struct operation *operation = ARRAY_APPEND(plan->operations, plan->operations_count);

	*operation = (struct operation) { .type = type, .from = from, .to = to };
	return operation;
}

/* Deletions go backwards, in two phases: of what is made anew, and of what is not wanted. */
static void plan_deletions(struct planner *planner, enum fate phase)
{
	for (size_t i = state_count(planner->operational); i-- > 0;) {
		const struct object *object = state_at(planner->operational, i);
		enum fate fate = planner->fates[i];

		if (fate == FATE_VANISH && needs_own_deletion(object))
			fate = FATE_REPLACE;
		if (fate == FATE_FADE && needs_own_deletion(object))
			fate = FATE_DELETE;
		if (fate == phase)
			(void)plan_append(planner->plan, OPERATION_DELETE, object, NULL);
	}
}

/* Among the deletions, which come first: in descending order. */
static size_t find_deletion(const struct plan *plan, size_t deletions, const struct object *like)
{
	size_t low = 0, high = deletions;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = object_compare(plan->operations[middle].from, like);

		if (order == 0)
			return middle;
		if (order > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return OPERATION_NO_PARENT;
}

/* Among the creations and updates, which follow in ascending order. */
static size_t find_creation(const struct plan *plan, size_t deletions, const struct object *like)
{
	size_t low = deletions, high = plan->operations_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = object_compare(plan->operations[middle].to, like);

		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return OPERATION_NO_PARENT;
}

/*
 * Can @object be made: does everything exist, or come earlier in this plan, that it needs? It does
 * not where a foreign object sits in the place of a parent.
 */
static bool can_be_made(const struct planner *planner, size_t deletions,
			const struct object *object)
{
	struct object parents[OBJECT_PARENTS_MAX];
	unsigned count = object_parents(object, parents);

	for (unsigned i = 0; i < count; i++) {
		ssize_t index = operational_index(planner, &parents[i]);

		if (!state_find(planner->intended, &parents[i]) ||
		    find_creation(planner->plan, deletions, &parents[i]) != OPERATION_NO_PARENT)
			continue;
		if (index < 0 || planner->fates[index] != FATE_KEEP ||
		    state_at(planner->operational, (size_t)index)->foreign)
			return false;
	}
	return true;
}

static void plan_parents(struct plan *plan, size_t deletions, struct operation *operation)
{
	struct object parents[OBJECT_PARENTS_MAX];
	unsigned count = object_parents(operation->to, parents);
	size_t found = find_deletion(plan, deletions, operation->to);

	if (found != OPERATION_NO_PARENT)
		operation->parents[operation->parents_count++] = found;
	for (unsigned i = 0; i < count; i++) {
		found = find_creation(plan, deletions, &parents[i]);
		if (found != OPERATION_NO_PARENT)
			operation->parents[operation->parents_count++] = found;
	}
}

static void plan_creations(struct planner *planner)
{
	struct plan *plan = planner->plan;
	size_t deletions = plan->operations_count;
	size_t place = 0;

	for (size_t i = 0; i < state_count(planner->intended); i++) {
		const struct object *wanted = state_at(planner->intended, i);
		const struct object *found = state_find_next(planner->operational, wanted, &place);

		if (found && found->foreign)
			*ARRAY_APPEND(plan->conflicts, plan->conflicts_count) = found;
		else if ((found && planner->fates[place] == FATE_KEEP) ||
			 !can_be_made(planner, deletions, wanted))
			continue;
		else if (found && planner->fates[place] == FATE_UPDATE)
			(void)plan_append(plan, OPERATION_UPDATE, found, wanted);
		else
			(void)plan_append(plan, OPERATION_CREATE, NULL, wanted);
	}
	for (size_t i = deletions; i < plan->operations_count; i++)
		plan_parents(plan, deletions, &plan->operations[i]);
}

struct plan *plan_make(const struct state *intended, const struct state *operational,
		       plan_can_update_fn *can_update, void *userdata)
{
	struct planner planner = {
		.intended = intended,
		.operational = operational,
		.can_update = can_update,
		.userdata = userdata,
		.fates = NEW_ARRAY(enum fate, state_count(operational)),
		.plan = NEW(struct plan),
	};

	decide_fates(&planner);
	plan_deletions(&planner, FATE_REPLACE);
	plan_creations(&planner);
	plan_deletions(&planner, FATE_DELETE);
	free(planner.fates);
	return planner.plan;
}

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	free(plan->operations);
	free(plan->conflicts);
	free(plan);
}
