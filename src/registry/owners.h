/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "registry/identity.h"

/*
 * Which node a registry gives a prefix to, to be asked about often: n log n to make, log n a
 * question.
 */
struct owner {
	struct ip_prefix prefix;
	const struct registry_node *node;
};

struct owners {
	struct owner *items; /* sorted by prefix */
	size_t count;
};

void owners_done(struct owners *owners);
CLEANUP_DEFINE_IN_PLACE(struct owners, owners_done);

/* @registry may be NULL; it must outlive @ret. */
void owners_make(const struct registry *registry, struct owners *ret);

/*
 * The node with exactly @prefix; of several (anycast) the one with @router_id, which may be NULL,
 * else the first by name. NULL if nobody has it.
 */
const struct registry_node *owners_find(const struct owners *owners, const struct ip_prefix *prefix,
					const uint8_t *router_id);
