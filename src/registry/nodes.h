/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "registry/node.h"

/*
 * Read the array `nodes` of an organization and append to @nodes, which counts for all
 * organizations together: more than REGISTRY_NODES_MAX are E_TOO_BIG. The caller has
 * registry_node_done() called for all of them, also on failure. Errors: those of node_read(), and
 * E_NAME for names that are equal ignoring case. Warnings: those of node_read() and one W01 if
 * nodes share the organization's key.
 */
int nodes_read(const struct json_cursor *cursor, const struct node_context *context,
	       struct registry_node **nodes, size_t *nodes_count, struct error *error);
