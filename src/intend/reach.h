/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/model.h"

/*
 * Can a node without a direct tunnel be reached through others? Only nodes that carry transit pass
 * anything on. Pure; answers from what the registry says, not from which tunnels work just now.
 *
 * Whether two nodes can have a tunnel depends on how each is attached per address family and
 * transport: not at all, dialling out only, or with an address that others can dial. That makes 81
 * classes of nodes, and it is enough to know which classes can be reached.
 */
#define REACH_CLASSES 81

struct reach {
	unsigned self;		     /* class of this node */
	bool through[REACH_CLASSES]; /* a node that carries transit is there and can be reached */
};

/* What node @config->self of @registry reaches. */
void reach_make(const struct config *config, const struct registry *registry, struct reach *ret);

/* Directly or through others. */
bool reach_node(const struct reach *reach, const struct registry_node *node);
