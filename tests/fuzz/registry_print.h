/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/strbuf.h"
#include "core/model.h"

/*
 * Everything that a registry means to a node, as text, so that two can be compared whole: "the
 * identical plan". Where it comes from is not in it.
 */
void registry_print(const struct registry *registry, struct strbuf *ret);

/*
 * What every accepted registry promises to the code behind it: nodes sorted, each once; names in
 * their alphabet; counts within their limits; prefixes masked and the network first.
 */
void registry_check_promises(const struct registry *registry);

/* What of that is about one node alone. */
void registry_check_node(const struct registry_node *node);
