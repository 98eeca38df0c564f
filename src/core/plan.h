/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "core/state.h"

/*
 * The difference between two states as an ordered list of operations. Pure: no descriptor, no
 * clock. An empty plan means that the machine is as intended.
 *
 * Order: first what has to be deleted because it will be made anew, then creations and updates in
 * the order of kinds, then the remaining deletions backwards. An object that vanishes together with
 * its parent gets no deletion of its own.
 */
enum operation_type {
	OPERATION_CREATE, /* to */
	OPERATION_UPDATE, /* from, to: same key, changed in place */
	OPERATION_DELETE, /* from */
};
const char *operation_type_name(enum operation_type type);

#define OPERATION_NO_PARENT ((size_t)-1)

struct operation {
	enum operation_type type;
	const struct object *from;
	const struct object *to;
	/* Operations of the same plan that must have succeeded before this one. */
	size_t parents[OBJECT_PARENTS_MAX + 1];
	unsigned parents_count;
};

/* The object meant: `to`, or `from` for a deletion. */
const struct object *operation_object(const struct operation *operation);

/* "create route overlay ...", "update link overlay ar2 mtu 1420 -> 1356" */
void operation_format(const struct operation *operation, struct strbuf *buffer);

struct plan {
	struct operation *operations;
	size_t operations_count;
	/* Foreign objects that sit where something of ours should be: left alone, reported. */
	const struct object **conflicts;
	size_t conflicts_count;
};

/* Can a back end turn @from into @to in place? Both have the same key. */
typedef bool plan_can_update_fn(void *userdata, const struct object *from, const struct object *to);

/*
 * Plan how to get from @operational to @intended. The plan points into both, which must stay
 * unchanged and outlive it. Owned by the caller.
 */
struct plan *plan_make(const struct state *intended, const struct state *operational,
		       plan_can_update_fn *can_update, void *userdata);
void plan_free(struct plan *plan);
CLEANUP_DEFINE(struct plan *, plan_free);
