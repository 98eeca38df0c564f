// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/import_private.h"

#include "registry/legacy.h"
#include "registry/name.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>

/*
 * Original aronet and ranet: an array of organizations, each with a key that all its nodes share.
 * node_read() knows both; what it is too strict for is completed in the document before.
 */
struct organization_reader {
	struct import *import;
	struct import_organization *organization;
};

static int read_name(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct organization_reader *reader = target;

	return name_read(cursor, "organization", reader->organization->name, error);
}

static int read_key(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct organization_reader *reader = target;
	int result = node_read_identity_key(cursor, reader->organization->key, error);

	reader->organization->has_key = result == 0;
	return result;
}

/* Original aronet takes ip4 where neither address_family nor an IP address tells. */
static void complete_endpoint(struct import *import, const struct json_cursor *cursor)
{
	struct json_cursor family, address;
	struct ip_address literal;

	if (!json_object_is_type(cursor->value, json_type_object) ||
	    json_cursor_member(cursor, "address_family", &family) == 0)
		return;
	(void)json_cursor_member(cursor, "address", &address);
	if (json_object_is_type(address.value, json_type_string) &&
	    ip_address_parse(json_object_get_string(address.value), &literal) == 0)
		return;
	(void)json_object_object_add(cursor->value, "address_family",
				     json_object_new_string("ip4"));
	report_at(import->report, cursor,
		  "endpoint without address_family; taken as ip4, as aronet did");
}

/* ranet's nodes may have no remarks. */
static void complete_node(struct import *import, const struct json_cursor *node)
{
	struct json_cursor remarks, endpoints;

	if (!json_object_is_type(node->value, json_type_object))
		return;
	(void)json_cursor_member(node, "remarks", &remarks);
	if (!remarks.value)
		(void)json_object_object_add(node->value, "remarks", json_object_new_object());
	(void)json_cursor_member(node, "endpoints", &endpoints);
	if (!json_object_is_type(endpoints.value, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(endpoints.value); i++) {
		struct json_cursor endpoint = json_cursor_item(&endpoints, i);

		complete_endpoint(import, &endpoint);
	}
}

static void drop_placeholders(struct import *import, const struct import_node *from,
			      struct registry_node *node)
{
	char text[IP_ADDRESS_TEXT_SIZE];

	for (unsigned i = 0; i < node->endpoints_count; i++) {
		struct endpoint *endpoint = &node->endpoints[i];

		if (!ip_address_present(&endpoint->address) ||
		    !address_is_placeholder(&endpoint->address))
			continue;
		report_at(import->report, from->cursor,
			  "address %s of endpoint %u stands for no address; it only dials out",
			  ip_address_format(&endpoint->address, text), endpoint->serial_number);
		endpoint->address = (struct ip_address) { 0 };
	}
}

static int read_node(const struct json_cursor *cursor, const struct organization_reader *reader,
		     struct error *error)
{
	const struct import_organization *organization = reader->organization;
	struct node_context context = {
		.organization = organization->name,
		.organization_key = organization->has_key ? organization->key : NULL,
		.network_optional = true,
	};
	struct import *import = reader->import;
	struct import_node *node = import_add_node(import, cursor, error);
	struct json_cursor remarks;
	int result;

	if (!node)
		return -EFBIG;
	complete_node(import, cursor);
	result = node_read(cursor, &context, &node->node, error);
	if (result < 0)
		return result;
	drop_placeholders(import, node, &node->node);
	(void)json_cursor_member(cursor, "remarks", &remarks);
	import_add_remarks(import, &remarks, node);
	import_take_prefix(import, node);
	return 0;
}

static int read_nodes(const struct json_cursor *cursor, void *target, struct error *error)
{
	size_t count;
	int result = json_expect_array(cursor, REGISTRY_NODES_MAX, &count, error);

	for (size_t i = 0; result == 0 && i < count; i++) {
		struct json_cursor item = json_cursor_item(cursor, i);

		result = read_node(&item, target, error);
	}
	return result;
}

/* Name and key are read before the nodes, which need both. */
static const struct json_member organization_members[] = {
	{ "organization", true, read_name },
	{ "public_key", true, read_key },
	{ "nodes", true, read_nodes },
};

int import_read_array(struct import *import, const struct json_cursor *root, struct error *error)
{
	size_t count;
	int result = json_expect_array(root, LEGACY_ORGANIZATIONS_MAX - import->organizations_count,
				       &count, error);

	for (size_t i = 0; result == 0 && i < count; i++) {
		struct organization_reader reader = {
			import,
			ARRAY_APPEND(import->organizations, import->organizations_count),
		};
		struct json_cursor item = json_cursor_item(root, i);

		reader.organization->cursor = cursor_keep(&item);
		result = json_read_object(&item, organization_members,
					  ARRAY_SIZE(organization_members), false, &reader, error);
	}
	return result;
}
