/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "daemon/node.h"

#include <json-c/json.h>

/*
 * What `aronet status --json` shows: the node, its tunnels, what Babel knows, what was dropped,
 * what does not work and what was repaired. Read from what the reconciler and the back ends hold;
 * only WireGuard's and nftables' counters are asked for anew. The caller owns the result.
 */
struct json_object *status_make(struct node *node, const char *config_path, uint64_t started_usec);

/* Each problem and conflict as {"object", "text"}, for the answer to a load. */
struct json_object *status_problems(struct node *node);
struct json_object *status_warnings(const struct node_warnings *warnings);

/* `aronet daemon info`: where things are. */
struct json_object *status_info(struct node *node, const char *config_path);
