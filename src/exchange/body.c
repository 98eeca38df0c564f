// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/import_private.h"

#include "crypto/crypto.h"
#include "registry/node_write.h"

#include <string.h>

/* Say the port that peers listen on, so that a later change of `port` does not move it. */
static void add_send_ports(struct json_object *node, const struct registry_node *from)
{
	struct json_object *endpoints = json_object_object_get(node, "endpoints");

	for (unsigned i = 0; i < from->endpoints_count; i++)
		(void)json_object_object_add(json_object_array_get_idx(endpoints, i), "send_port",
					     json_object_new_int(from->endpoints[i].send_port));
}

static struct json_object *make_node(const struct import_node *node)
{
	struct json_object *object = node_to_json(&node->node);
	struct json_object *remarks = json_object_object_get(object, "remarks");

	if (node->is_peer)
		add_send_ports(object, &node->node);
	if (!node->remarks)
		return object;
	json_object_object_foreach(node->remarks, name, value)
	{
		(void)json_object_object_add(remarks, name, json_object_get(value));
	}
	return object;
}

struct json_object *import_make_body(const struct import *import,
				     const struct import_organization *organization)
{
	struct json_object *body = json_object_new_object(), *nodes = json_object_new_array();
	char pem[CRYPTO_ED25519_PEM_SIZE];

	(void)json_object_object_add(body, "organization",
				     json_object_new_string(organization->name));
	if (organization->has_key)
		(void)json_object_object_add(body, "public_key",
					     json_object_new_string(crypto_ed25519_public_to_pem(
						     organization->key, pem)));
	for (size_t i = 0; i < import->nodes_count; i++)
		if (!strcmp(import->nodes[i].node.id.organization, organization->name))
			(void)json_object_array_add(nodes, make_node(&import->nodes[i]));
	(void)json_object_object_add(body, "nodes", nodes);
	return body;
}
