/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/backend.h"

#include <stdbool.h>

/*
 * A machine in memory. It behaves as the kernel does where the planner relies on it: nothing is
 * made without its parents, what depends on a deleted object goes with it, and what belongs to
 * others refuses to be touched. Breaking one of these rules is recorded in `violation`.
 */
#define MEMORY_PENDING_MAX 256

struct memory_machine {
	struct state *state;
	char violation[256]; /* "" while nothing forbidden was tried */
	unsigned operations;
	/* Kinds that can be changed in place, as a bit set. */
	unsigned updatable_kinds;
	/* Fail every operation on this kind with this errno; 0: none. */
	int fail_errno;
	enum object_kind fail_kind;
	bool asynchronous; /* answer -EINPROGRESS and keep the id */
	uint64_t pending[MEMORY_PENDING_MAX];
	unsigned pending_count;
	bool observe_fails;
};

void memory_machine_init(struct memory_machine *machine);
void memory_machine_done(struct memory_machine *machine);
CLEANUP_DEFINE_IN_PLACE(struct memory_machine, memory_machine_done);

/* The machine as a back end that claims every object. */
struct backend memory_machine_backend(struct memory_machine *machine);

bool memory_machine_can_update(void *userdata, const struct object *from, const struct object *to);
int memory_machine_apply(struct memory_machine *machine, const struct operation *operation);

/* What a stranger does: delete @like and all that depends on it, or put something there. */
void memory_machine_remove(struct memory_machine *machine, const struct object *like);
void memory_machine_put(struct memory_machine *machine, const struct object *object);
