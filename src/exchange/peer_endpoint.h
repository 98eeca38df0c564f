/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "exchange/report.h"
#include "registry/node.h"
#include "json/json.h"

/*
 * Endpoints of peers. Where a peer sends from, a port of its own in the mesh, is all that is known
 * of its ports: it becomes `port`, too.
 */

/* "ip4", "ip6"; "" is ip4, as in RAIT. */
int peer_read_family(const struct json_cursor *cursor, uint16_t *ret, struct error *error);

/* 1 to 65535; HCL takes a text of digits for the number, too. */
int peer_read_port(const struct json_cursor *cursor, struct endpoint *endpoint,
		   struct error *error);

/* An address that cannot be used is none, and the report says so. */
int peer_read_address(const struct json_cursor *cursor, struct report *report,
		      struct endpoint *endpoint, struct error *error);

/* A list of endpoints; those that cannot be used are left out. */
int peer_read_endpoints(const struct json_cursor *cursor, struct report *report,
			struct registry_node *node, struct error *error);

/* With the next serial number. False if @node has NODE_ENDPOINTS_MAX already. */
bool peer_add_endpoint(struct registry_node *node, const struct endpoint *endpoint);
