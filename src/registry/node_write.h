/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/model.h"

#include <json-c/json.h>

/*
 * The node as node_read() reads it (registry specification, section 3.3); the organization is what
 * stands around it. Nothing is written that is implied: a key that is the organization's, a
 * send_port that equals the port, transports that are all the keys allow. A node without a network
 * has none in its remarks. The caller owns the object.
 */
struct json_object *node_to_json(const struct registry_node *node);

/* One element of `endpoints`. */
struct json_object *endpoint_to_json(const struct endpoint *endpoint);

/* A list of prefixes as text. */
struct json_object *prefixes_to_json(const struct ip_prefix *prefixes, size_t count);

/* "ip4" or "ip6" */
const char *address_family_name(uint16_t family);
