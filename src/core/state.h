/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "core/object.h"

/*
 * A set of objects: the intended state (what shall be) or the operational state (what is), in the
 * words of RFC 8342. At most one object per key.
 */
struct state;

struct state *state_new(void);
void state_free(struct state *state);
CLEANUP_DEFINE(struct state *, state_free);

/*
 * Put a copy of @object into the set, and of its body if it has one. An object with the same key
 * that is already there is kept and -EEXIST returned, unless it is foreign and the new one is ours.
 */
int state_add(struct state *state, const struct object *object);

/* Move all objects of @from into @state, as state_add() would. @from is empty then. */
void state_take(struct state *state, struct state *from);

/* The object with the key of @like, or NULL. Valid until it is replaced or the set freed. */
const struct object *state_find(const struct state *state, const struct object *like);

/*
 * The same for many keys in ascending order, as in another set: it goes through @state once.
 * *@place is 0 before the first, then where the search ended: the index of the object if it was
 * found.
 */
const struct object *state_find_next(const struct state *state, const struct object *like,
				     size_t *place);

/* The objects in order. Indexes are valid until the next state_add(). */
size_t state_count(const struct state *state);
const struct object *state_at(const struct state *state, size_t index);

/* How many objects are of kinds before @kind, an enum object_kind or OBJECT_KINDS. */
size_t state_count_before(const struct state *state, unsigned kind);

/* Run the body for every object of a kind: `const struct object *object` is in scope. */
#define STATE_FOR_EACH(state, wanted_kind, object)                                                 \
	for (size_t index_ = state_count_before((state), (wanted_kind)),                           \
		    end_ = state_count_before((state), (wanted_kind) + 1);                         \
	     index_ < end_; index_++)                                                              \
		for (const struct object *object = state_at((state), index_); object; object = NULL)

/* Same keys, same specs, regardless of bodies. */
bool state_equal(const struct state *a, const struct state *b);
