// SPDX-License-Identifier: GPL-2.0-or-later
#include "memory_backend.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void memory_machine_init(struct memory_machine *machine)
{
	*machine = (struct memory_machine) { .state = state_new(), .updatable_kinds = ~0u };
}

void memory_machine_done(struct memory_machine *machine)
{
	state_free(machine->state);
}

static bool depends_on_any(const struct object *object, const struct state *gone)
{
	struct object parents[OBJECT_PARENTS_MAX];
	unsigned count = object_parents(object, parents);

	for (unsigned i = 0; i < count; i++)
		if (state_find(gone, &parents[i]))
			return true;
	return false;
}

void memory_machine_remove(struct memory_machine *machine, const struct object *like)
{
	CLEANUP(state_free) struct state *gone = state_new();
	struct state *rest = state_new();

	/* Parents sort before children: one pass finds all that goes. */
	for (size_t i = 0; i < state_count(machine->state); i++) {
		const struct object *object = state_at(machine->state, i);
		bool goes = object_compare(object, like) == 0 || depends_on_any(object, gone);

		(void)state_add(goes ? gone : rest, object);
	}
	state_free(machine->state);
	machine->state = rest;
}

void memory_machine_put(struct memory_machine *machine, const struct object *object)
{
	if (state_find(machine->state, object)) {
		struct state *rest = state_new();

		for (size_t i = 0; i < state_count(machine->state); i++)
			if (object_compare(state_at(machine->state, i), object))
				(void)state_add(rest, state_at(machine->state, i));
		state_free(machine->state);
		machine->state = rest;
	}
	(void)state_add(machine->state, object);
}

static void violate(struct memory_machine *machine, const char *rule,
		    const struct operation *operation)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	operation_format(operation, &text);
	(void)snprintf(machine->violation, sizeof(machine->violation), "%s: %s", rule,
		       strbuf_text(&text));
}

static bool has_parents(const struct memory_machine *machine, const struct object *object)
{
	struct object parents[OBJECT_PARENTS_MAX];
	unsigned count = object_parents(object, parents);

	for (unsigned i = 0; i < count; i++) {
		const struct object *parent = state_find(machine->state, &parents[i]);

		if (!parent || parent->foreign)
			return false;
	}
	return true;
}

int memory_machine_apply(struct memory_machine *machine, const struct operation *operation)
{
	const struct object *object = operation_object(operation);
	const struct object *there = state_find(machine->state, object);

	machine->operations++;
	if (machine->fail_errno && object->kind == machine->fail_kind)
		return -machine->fail_errno;
	if (there && there->foreign)
		violate(machine, "touches what is not ours", operation);
	else if (operation->type == OPERATION_CREATE && there)
		violate(machine, "creates what exists", operation);
	else if (operation->type == OPERATION_UPDATE && !there)
		violate(machine, "updates what is not there", operation);
	else if (operation->type == OPERATION_DELETE && !there)
		violate(machine, "deletes what is not there", operation);
	else if (operation->type != OPERATION_DELETE && !has_parents(machine, object))
		violate(machine, "used before created", operation);
	if (operation->type == OPERATION_DELETE)
		memory_machine_remove(machine, object);
	else
		memory_machine_put(machine, object);
	return 0;
}

bool memory_machine_can_update(void *userdata, const struct object *from, const struct object *to)
{
	const struct memory_machine *machine = userdata;

	(void)to;
	return machine->updatable_kinds & (1u << from->kind);
}

static bool claims(void *userdata, const struct object *object)
{
	(void)userdata;
	(void)object;
	return true;
}

static int observe(void *userdata, const struct state *intended, struct state *operational,
		   struct error *error)
{
	const struct memory_machine *machine = userdata;

	(void)intended;
	for (size_t i = 0; i < state_count(machine->state); i++) {
		if (machine->observe_fails && i == state_count(machine->state) / 2)
			return error_set(error, -EIO, ERROR_APPLY, NULL, "half a dump");
		(void)state_add(operational, state_at(machine->state, i));
	}
	if (machine->observe_fails)
		return error_set(error, -EIO, ERROR_APPLY, NULL, "half a dump");
	return 0;
}

static int apply(void *userdata, const struct operation *operation, const struct state *intended,
		 uint64_t id, struct error *error)
{
	struct memory_machine *machine = userdata;
	int result = memory_machine_apply(machine, operation);

	(void)intended;
	if (result < 0)
		return error_set(error, result, ERROR_APPLY, NULL, "the machine says no");
	if (!machine->asynchronous || machine->pending_count == MEMORY_PENDING_MAX)
		return 0;
	machine->pending[machine->pending_count++] = id;
	return -EINPROGRESS;
}

struct backend memory_machine_backend(struct memory_machine *machine)
{
	return (struct backend) {
		.name = "memory",
		.userdata = machine,
		.claims = claims,
		.observe = observe,
		.can_update = memory_machine_can_update,
		.apply = apply,
	};
}
