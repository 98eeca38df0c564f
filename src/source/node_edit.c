// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/node_edit.h"

#include "source/json_edit.h"

#include <errno.h>
#include <string.h>

#define PORTS_COUNT 65536
#define PORT_MIN 1024 /* where a search that reached the end goes on */

struct json_object *org_edit_new(const uint8_t mesh_id[MESH_ID_SIZE], const char *name, int64_t now)
{
	struct json_object *org = json_object_new_object();

	json_set_text(org, "type", "aronet.org");
	json_set_number(org, "spec", DOCUMENT_SPEC);
	json_set_hex(org, "mesh_id", mesh_id, MESH_ID_SIZE);
	json_set_text(org, "organization", name);
	json_set_number(org, "version", 1);
	json_set_time(org, "issued", now);
	json_set_time(org, "expires", now + (int64_t)DOCUMENT_DAYS_MAX * DAY_SEC);
	json_set(org, "nodes", json_object_new_array());
	return org;
}

bool port_set_has(const struct port_set *ports, uint16_t port)
{
	return ports->bits[port / 8] >> (port % 8) & 1;
}

static void port_set_add(struct port_set *ports, uint16_t port)
{
	ports->bits[port / 8] |= (uint8_t)(1u << (port % 8));
}

void port_set_add_node(struct port_set *ports, const struct registry_node *node)
{
	for (unsigned i = 0; i < node->endpoints_count; i++)
		port_set_add(ports, node->endpoints[i].send_port);
}

/* From @wanted on, then from the first port that needs no privilege; 0 if all are taken. */
static uint16_t find_free_port(const struct port_set *taken, uint16_t wanted)
{
	for (unsigned i = wanted; i < PORTS_COUNT; i++)
		if (!port_set_has(taken, (uint16_t)i))
			return (uint16_t)i;
	for (unsigned i = PORT_MIN; i < wanted; i++)
		if (!port_set_has(taken, (uint16_t)i))
			return (uint16_t)i;
	return 0;
}

/* @json is the endpoint as it was sent; was validated with the request. */
static int allocate_port(struct json_object *json, const struct node_id *id, struct port_set *taken,
			 struct error *error)
{
	uint16_t port = (uint16_t)json_object_get_int(json_object_object_get(json, "port")),
		 free_port;
	char text[NODE_ID_TEXT_SIZE];
	struct json_object *send_port;

	if (json_object_object_get_ex(json, "send_port", &send_port)) {
		port = (uint16_t)json_object_get_int(send_port);
		if (port_set_has(taken, port))
			return error_set(
				error, -EEXIST, ERROR_OVERLAP, node_id_format(id, text),
				"send_port %u is that of another endpoint of the mesh; "
				"leave it out of the node's configuration, then a free one "
				"is found",
				port);
		port_set_add(taken, port);
		return 0;
	}
	free_port = find_free_port(taken, port);
	if (!free_port)
		return error_set(error, -ENOSPC, ERROR_TOO_BIG, node_id_format(id, text),
				 "no send_port is free in this mesh");
	if (free_port != port)
		json_set_number(json, "send_port", free_port);
	port_set_add(taken, free_port);
	return 0;
}

int org_edit_add_node(struct json_object *org, const struct join_request *request,
		      struct port_set *taken, struct error *error)
{
	struct json_object *nodes = json_array(org, "nodes"), *endpoints, *node = NULL;
	const struct node_id *id = &request->node.id;
	char text[NODE_ID_TEXT_SIZE];
	int result = 0;

	if (json_find(nodes, "common_name", id->common_name, true) >= 0)
		return error_set(error, -EEXIST, ERROR_NAME, node_id_format(id, text),
				 "is in the registry already; to replace it, remove it first");
	if (json_object_deep_copy(request->node_json, &node, NULL) < 0)
		return error_set(error, -ENOMEM, ERROR_FILE, node_id_format(id, text),
				 "cannot copy");
	endpoints = json_array(node, "endpoints");
	for (size_t i = 0; result == 0 && i < json_object_array_length(endpoints); i++)
		result = allocate_port(json_object_array_get_idx(endpoints, i), id, taken, error);
	if (result == 0)
		json_object_array_add(nodes, node);
	else
		json_object_put(node);
	return result;
}

/* The key that nodes without one share; there is one or none. */
static int add_organization_key(struct json_object *org, struct json_object *body,
				struct error *error)
{
	const char *key = json_text(body, "public_key"), *present = json_text(org, "public_key");

	if (!key[0] || !strcmp(key, present))
		return 0;
	if (present[0])
		return error_set(error, -EEXIST, ERROR_KEY_REUSED, NULL,
				 "organization \"%s\" has another public_key for nodes without one",
				 json_text(org, "organization"));
	json_set_text(org, "public_key", key);
	return 0;
}

int org_edit_add_body(struct json_object *org, struct json_object *body, struct error *error)
{
	struct json_object *nodes = json_array(org, "nodes"), *from = json_array(body, "nodes");
	int result = add_organization_key(org, body, error);

	for (size_t i = 0; result == 0 && i < json_object_array_length(from); i++) {
		struct json_object *node = json_object_array_get_idx(from, i);
		const char *name = json_text(node, "common_name");

		if (json_find(nodes, "common_name", name, true) >= 0)
			result =
				error_set(error, -EEXIST, ERROR_NAME, NULL,
					  "%s/%s is in the registry already; to replace it, remove "
					  "it first",
					  json_text(org, "organization"), name);
		else
			json_object_array_add(nodes, json_object_get(node));
	}
	return result;
}

int org_edit_remove_node(struct json_object *org, const char *common_name, struct error *error)
{
	struct json_object *nodes = json_array(org, "nodes");
	int index = json_find(nodes, "common_name", common_name, false);

	if (index < 0)
		return error_set(error, -ENOENT, ERROR_NAME, NULL,
				 "organization \"%s\" has no node \"%.63s\"",
				 json_text(org, "organization"), common_name);
	(void)json_object_array_del_idx(nodes, (size_t)index, 1);
	return 0;
}
