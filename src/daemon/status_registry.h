/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "daemon/node.h"

#include <json-c/json.h>

/* The part of `aronet status --json` that is about the registry in force: "registry". */
void status_put_registry(const struct node_registry *registry, struct json_object *status);

/*
 * Appends {"object": CODE, "text": ...}: what is wrong with what was recorded, and tunnels that are
 * down because of an expiry.
 */
void status_put_registry_problems(const struct node_registry *registry,
				  struct json_object *problems);

/*
 * The same two for the source that is followed: "source" with its name and "success_sec_ago", null
 * if it never worked; nothing where none is configured.
 */
void status_put_source(struct node *node, struct json_object *status);
void status_put_source_problem(struct node *node, struct json_object *problems);
