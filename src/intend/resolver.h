/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/prefix_set.h"
#include "core/model.h"

/*
 * Where the endpoints of other nodes are. Private to intend. Borrows @facts and the registry.
 */
struct resolver {
	const struct resolved_name **names; /* sorted by name and family */
	size_t names_count;
	struct prefix_set overlay; /* all networks of the overlay, default routes aside */
};

void resolver_done(struct resolver *resolver);
CLEANUP_DEFINE_IN_PLACE(struct resolver, resolver_done);

void resolver_make(const struct config *config, const struct registry *registry,
		   const struct facts *facts, struct resolver *ret);

/*
 * The literal address of @endpoint, or what its name resolved to; absent if neither is there, or if
 * the name leads into the overlay (*ret_inside): a tunnel to there would run inside itself. Whoever
 * runs that name loses the tunnel to his own node, and nobody else anything; it is looked up again
 * while the tunnel is dead.
 */
struct ip_address resolver_find(const struct resolver *resolver, const struct endpoint *endpoint,
				bool *ret_inside);
