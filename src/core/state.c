// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/state.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>

/*
 * The set is one sorted sequence, cut into pieces: what is put in moves the objects behind it in
 * one piece, not all of them. With ten thousand nodes there are 200,000 objects, and they come in
 * the order of tunnels, not in that of the set.
 */
#define PIECE_OBJECTS_MAX 512

struct piece {
	size_t start; /* objects in the pieces before */
	unsigned count;
	struct object *objects[PIECE_OBJECTS_MAX]; /* each one's address is stable */
};

struct state {
	struct piece **pieces; /* none is empty */
	size_t pieces_count;
	size_t count;
};

/* Where an object is, or would be: before the object with this index. */
struct position {
	size_t piece;
	unsigned index;
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
	case OBJECT_VRF_MEMBER:
	case OBJECT_VRF_RULE:
	case OBJECT_ADDRESS:
	case OBJECT_WIREGUARD:
	case OBJECT_IKE_DAEMON:
	case OBJECT_IKE_PPK:
	case OBJECT_IKE_CONNECTION:
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
	for (size_t i = 0; i < state->pieces_count; i++) {
		for (unsigned j = 0; j < state->pieces[i]->count; j++)
			object_free(state->pieces[i]->objects[j]);
		free(state->pieces[i]);
	}
	free(state->pieces);
	free(state);
}

/* The last piece that does not begin behind @like, or the first. */
static size_t find_piece(const struct state *state, const struct object *like)
{
	size_t low = 0, high = state->pieces_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (object_compare(state->pieces[middle]->objects[0], like) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? low - 1 : 0;
}

/* Often objects come in the order of the set. */
static bool is_behind_all(const struct state *state, const struct object *like,
			  struct position *ret)
{
	const struct piece *last = state->pieces[state->pieces_count - 1];

	*ret = (struct position) { state->pieces_count - 1, last->count };
	return object_compare(last->objects[last->count - 1], like) < 0;
}

static struct position state_search(const struct state *state, const struct object *like,
				    bool *ret_found)
{
	struct position position = { 0 };
	const struct piece *piece;
	unsigned high;

	*ret_found = false;
	if (state->pieces_count == 0 || is_behind_all(state, like, &position))
		return position;
	position = (struct position) { find_piece(state, like), 0 };
	piece = state->pieces[position.piece];
	high = piece->count;
	while (position.index < high) {
		unsigned middle = position.index + (high - position.index) / 2;
		int order = object_compare(piece->objects[middle], like);

		if (order == 0) {
			*ret_found = true;
			return (struct position) { position.piece, middle };
		}
		if (order < 0)
			position.index = middle + 1;
		else
			high = middle;
	}
	return position;
}

static void insert_piece(struct state *state, size_t place, struct piece *piece)
{
	state->pieces = memory_grow(state->pieces, state->pieces_count + 1, sizeof(*state->pieces));
	memmove(&state->pieces[place + 1], &state->pieces[place],
		(state->pieces_count - place) * sizeof(*state->pieces));
	state->pieces[place] = piece;
	state->pieces_count++;
}

/* Moves the second half of a full piece into one of its own. */
static struct position split_piece(struct state *state, struct position position)
{
	struct piece *piece = state->pieces[position.piece], *second = NEW(struct piece);
	const unsigned half = PIECE_OBJECTS_MAX / 2;

	memcpy(second->objects, piece->objects + half, half * sizeof(piece->objects[0]));
	piece->count = second->count = half;
	second->start = piece->start + half;
	insert_piece(state, position.piece + 1, second);
	if (position.index <= half)
		return position;
	return (struct position) { position.piece + 1, position.index - half };
}

static void state_insert(struct state *state, struct position position, struct object *object)
{
	struct piece *piece;

	if (state->pieces_count == 0)
		insert_piece(state, 0, NEW(struct piece));
	if (state->pieces[position.piece]->count == PIECE_OBJECTS_MAX)
		position = split_piece(state, position);
	piece = state->pieces[position.piece];
	memmove(&piece->objects[position.index + 1], &piece->objects[position.index],
		(piece->count - position.index) * sizeof(piece->objects[0]));
	piece->objects[position.index] = object;
	piece->count++;
	for (size_t i = position.piece + 1; i < state->pieces_count; i++)
		state->pieces[i]->start++;
	state->count++;
}

/* Takes @object, or leaves it to the caller and returns -EEXIST. */
static int state_put(struct state *state, struct object *object)
{
	bool found;
	struct position position = state_search(state, object, &found);
	struct object **place;

	if (!found) {
		state_insert(state, position, object);
		return 0;
	}
	place = &state->pieces[position.piece]->objects[position.index];
	if (object->foreign || !(*place)->foreign)
		return -EEXIST;
	object_free(*place);
	*place = object;
	return 0;
}

int state_add(struct state *state, const struct object *object)
{
	struct object *copy = object_copy(object);
	int result = state_put(state, copy);

	if (result < 0)
		object_free(copy);
	return result;
}

void state_take(struct state *state, struct state *from)
{
	for (size_t i = 0; i < from->pieces_count; i++) {
		struct piece *piece = from->pieces[i];

		for (unsigned j = 0; j < piece->count; j++)
			if (state_put(state, piece->objects[j]) < 0)
				object_free(piece->objects[j]);
		free(piece);
	}
	free(TAKE(from->pieces));
	from->pieces_count = from->count = 0;
}

const struct object *state_find(const struct state *state, const struct object *like)
{
	bool found;
	struct position position = state_search(state, like, &found);

	return found ? state->pieces[position.piece]->objects[position.index] : NULL;
}

const struct object *state_find_next(const struct state *state, const struct object *like,
				     size_t *place)
{
	for (; *place < state->count; ++*place) {
		const struct object *object = state_at(state, *place);
		int order = object_compare(object, like);

		if (order >= 0)
			return order == 0 ? object : NULL;
	}
	return NULL;
}

size_t state_count(const struct state *state)
{
	return state->count;
}

const struct object *state_at(const struct state *state, size_t index)
{
	size_t low = 0, high = state->pieces_count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (state->pieces[middle]->start <= index)
			low = middle;
		else
			high = middle;
	}
	return state->pieces[low]->objects[index - state->pieces[low]->start];
}

size_t state_count_before(const struct state *state, unsigned kind)
{
	size_t low = 0, high = state->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (state_at(state, middle)->kind < kind)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool state_equal(const struct state *a, const struct state *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct object *left = state_at(a, i), *right = state_at(b, i);

		if (object_compare(left, right) || !object_spec_equal(left, right))
			return false;
	}
	return true;
}
