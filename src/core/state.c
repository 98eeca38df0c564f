// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/state.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>

struct state {
	struct object **objects; /* sorted by object_compare(); each one's address is stable */
	size_t count;
	size_t size;
};

struct state *state_new(void)
{
	return NEW(struct state);
}

static const char **body_of(struct object *object)
{
	switch (object->kind) {
	case OBJECT_RULESET:
		return &object->ruleset.body;
	case OBJECT_SPEAKER:
		return &object->speaker.body;
	case OBJECT_NETNS:
	case OBJECT_SYSCTL:
	case OBJECT_LINK:
	case OBJECT_ADDRESS:
	case OBJECT_WIREGUARD:
	case OBJECT_SID:
	case OBJECT_ROUTE:
	case OBJECT_BABEL_INTERFACE:
		break;
	}
	return NULL;
}

static struct object *object_copy(const struct object *object)
{
	struct object *copy = memory_dup(object, sizeof(*object));
	const char **body = body_of(copy);

	if (body && *body)
		*body = memory_strdup(*body);
	return copy;
}

static void object_free(struct object *object)
{
	const char **body = body_of(object);

	if (body)
		free((void *)(uintptr_t)*body);
	explicit_bzero(object, sizeof(*object)); /* it may hold a private key */
	free(object);
}

void state_free(struct state *state)
{
	if (!state)
		return;
	for (size_t i = 0; i < state->count; i++)
		object_free(state->objects[i]);
	free(state->objects);
	free(state);
}

/* The place of @like, or the place where it would be. */
static size_t state_search(const struct state *state, const struct object *like, bool *ret_found)
{
	size_t low = 0, high = state->count;

	*ret_found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = object_compare(state->objects[middle], like);

		if (order == 0) {
			*ret_found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void state_insert(struct state *state, size_t place, struct object *object)
{
	if (state->count == state->size) {
		state->size = state->size ? state->size * 2 : 32;
		state->objects = memory_grow(state->objects, state->size, sizeof(*state->objects));
	}
	memmove(&state->objects[place + 1], &state->objects[place],
		(state->count - place) * sizeof(*state->objects));
	state->objects[place] = object;
	state->count++;
}

int state_add(struct state *state, const struct object *object)
{
	bool found;
	size_t place = state_search(state, object, &found);

	if (found && (object->foreign || !state->objects[place]->foreign))
		return -EEXIST;
	if (found) {
		object_free(state->objects[place]);
		state->objects[place] = object_copy(object);
	} else {
		state_insert(state, place, object_copy(object));
	}
	return 0;
}

const struct object *state_find(const struct state *state, const struct object *like)
{
	bool found;
	size_t place = state_search(state, like, &found);

	return found ? state->objects[place] : NULL;
}

size_t state_count(const struct state *state)
{
	return state->count;
}

const struct object *state_at(const struct state *state, size_t index)
{
	return state->objects[index];
}

bool state_equal(const struct state *a, const struct state *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (object_compare(a->objects[i], b->objects[i]) ||
		    !object_spec_equal(a->objects[i], b->objects[i]))
			return false;
	return true;
}
