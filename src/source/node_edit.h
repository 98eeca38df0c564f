/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/model.h"
#include "registry/request.h"

#include <json-c/json.h>

/* Changes to the JSON of an organization's document. */

/* A new document without nodes; version 1, dates are set when it is signed. */
struct json_object *org_edit_new(const uint8_t mesh_id[MESH_ID_SIZE], const char *name,
				 int64_t now);

/* Ports that a mesh uses as send_port: one bit each. */
struct port_set {
	uint8_t bits[65536 / 8];
};

/* Of the endpoints of @node. */
void port_set_add_node(struct port_set *ports, const struct registry_node *node);
bool port_set_has(const struct port_set *ports, uint16_t port);

/*
 * Append the node of @request as it was sent, except for send_ports: every peer listens on a port
 * of its own for each endpoint of the mesh, and the node that asks does not know which are taken.
 * An endpoint without a send_port of its own gets the first free port from its `port` on, which is
 * written down only if it is another one; what is used is added to @taken.
 *
 * E_OVERLAP for a send_port that the request asks for and that is taken, E_NAME for a node of this
 * name (ignoring case); -ENOSPC and E_TOO_BIG if no port is free.
 */
int org_edit_add_node(struct json_object *org, const struct join_request *request,
		      struct port_set *taken, struct error *error);

/*
 * Append the nodes of @body, an organization as exchange_import() makes it, and take its
 * `public_key`. E_NAME for a node of a name that is there (ignoring case), E_KEY_REUSED if the
 * organization has another `public_key`. Takes references of the nodes.
 */
int org_edit_add_body(struct json_object *org, struct json_object *body, struct error *error);

/* E_NAME if there is no such node. */
int org_edit_remove_node(struct json_object *org, const char *common_name, struct error *error);
