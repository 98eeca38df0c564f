// SPDX-License-Identifier: GPL-2.0-or-later
#include "random_state.h"

#include <stdio.h>
#include <string.h>

#define LINK_NAMES 6
#define TRIES 24

static const char *const link_names[LINK_NAMES] = { "aronet", "ara", "arb", "arc", "ard", "are" };

/* Give a field one of few values. Texts that name a link or a speaker are set by the caller. */
static void random_field(struct random *random, struct object *object, const struct field *field)
{
	char *value = (char *)object + field->offset;
	struct ip_endpoint endpoint = { .port = 1 };
	struct ip_prefix prefix = { .length = 64 };
	struct ip_address address = { 0 };
	uint32_t number;

	switch (field->type) {
	case FIELD_ENUM:
		number = random_below(random, field->names_count);
		memcpy(value, &number, sizeof(number));
		return;
	case FIELD_BOOL:
		*(bool *)value = random_chance(random, 50);
		return;
	case FIELD_U16:
	case FIELD_U32:
		value[0] = (char)random_below(random, 3);
		return;
	case FIELD_TEXT:
		(void)snprintf(value, field->size, "%c", 'a' + (int)random_below(random, 3));
		return;
	case FIELD_PREFIX:
		prefix.address.family = AF_INET6;
		prefix.address.bytes[0] = 0xfd;
		prefix.address.bytes[1] = (uint8_t)random_below(random, 4);
		memcpy(value, &prefix, sizeof(prefix));
		return;
	case FIELD_ADDRESS:
	case FIELD_ENDPOINT:
		if (random_chance(random, 70))
			address.family = AF_INET;
		address.bytes[0] = address.family ? (uint8_t)random_below(random, 3) : 0;
		endpoint.address = address;
		memcpy(value, field->type == FIELD_ADDRESS ? (void *)&address : (void *)&endpoint,
		       field->size);
		return;
	case FIELD_PUBLIC_KEY:
	case FIELD_SECRET:
	case FIELD_BYTES:
		value[0] = (char)random_below(random, 3);
		return;
	}
}

static struct object random_object(struct random *random)
{
	struct object object = { .kind = random_below(random, OBJECT_KINDS) };
	const struct object_type *type = object_type(object.kind);

	for (size_t i = 0; i < type->fields_count; i++) {
		const struct field *field = &type->fields[i];
		char *value = (char *)&object + field->offset;

		random_field(random, &object, field);
		if (!strcmp(field->name, "link") || !strcmp(field->name, "vrf") ||
		    (object.kind == OBJECT_LINK && field->key && field->type == FIELD_TEXT))
			(void)snprintf(value, field->size, "%s",
				       link_names[random_below(random, LINK_NAMES)]);
	}
	if (object.kind == OBJECT_NETNS)
		object.netns.space = SPACE_OVERLAY;
	if (object.kind == OBJECT_SPEAKER)
		(void)snprintf(object.speaker.name, sizeof(object.speaker.name), "babel");
	if (object.kind == OBJECT_IKE_DAEMON)
		(void)snprintf(object.ike_daemon.name, sizeof(object.ike_daemon.name),
			       IKE_DAEMON_NAME);
	/* The ends of a veth pair have their own kinds; see below for the other end. */
	if (object.kind == OBJECT_LINK && object.link.kind == LINK_VETH_PEER)
		object.link.space = SPACE_OVERLAY;
	else if (object.kind == OBJECT_LINK && object.link.kind == LINK_VETH)
		object.link.space = SPACE_UNDERLAY;
	return object;
}

/* Add @object if all that it needs is there. */
static void add_if_whole(struct state *state, const struct object *object)
{
	struct object parents[OBJECT_PARENTS_MAX];
	unsigned count = object_parents(object, parents);

	for (unsigned i = 0; i < count; i++) {
		const struct object *parent = state_find(state, &parents[i]);

		if (!parent || parent->foreign)
			return;
	}
	(void)state_add(state, object);
}

static struct state *random_state_foreign(struct random *random, unsigned foreign_percent)
{
	struct object objects[TRIES * 4];
	struct state *state = state_new();
	unsigned count = random_below(random, TRIES * 4);

	for (unsigned i = 0; i < count; i++) {
		objects[i] = random_object(random);
		objects[i].foreign = random_chance(random, foreign_percent);
	}
	if (random_chance(random, 80))
		(void)state_add(state, &(struct object) { .kind = OBJECT_NETNS,
							  .netns = { SPACE_OVERLAY, "aronet" } });
	/* Parents have lower kinds than their children, but for the far end of a veth pair. */
	for (unsigned kind = 0; kind < OBJECT_KINDS; kind++)
		for (unsigned pass = 0; pass < 2; pass++)
			for (unsigned i = 0; i < count; i++)
				if (objects[i].kind == kind)
					add_if_whole(state, &objects[i]);
	return state;
}

struct state *random_state(struct random *random)
{
	return random_state_foreign(random, 0);
}

struct state *random_state_with_foreign(struct random *random)
{
	return random_state_foreign(random, 10);
}
