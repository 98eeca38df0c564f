// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/export_private.h"

#include "crypto/crypto.h"
#include "registry/node_write.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Original aronet and ranet: an array of organizations, each with one key for all its nodes. */

struct array_writer {
	struct export *export;
	enum export_format format;
	size_t wireguard_keys; /* left out */
	size_t endpoints;      /* for WireGuard only, left out */
	size_t anycast;	       /* nodes with such prefixes */
};

static void add(struct json_object *object, const char *name, struct json_object *value)
{
	(void)json_object_object_add(object, name, value);
}

/* The nodes [first, last) of one organization. */
struct range {
	size_t first;
	size_t last;
};

static struct range next_organization(const struct export *export, size_t first)
{
	const char *organization = export->nodes[first].node->id.organization;
	size_t last = first;

	while (last < export->count &&
	       !strcmp(export->nodes[last].node->id.organization, organization))
		last++;
	return (struct range) { first, last };
}

/*
 * The key of the organization: that which nodes share, else that of its only node with one. NULL:
 * there is none, or too many.
 */
static const uint8_t *find_key(const struct export *export, const struct range *range)
{
	const uint8_t *own = NULL;
	size_t own_count = 0;

	for (size_t i = range->first; i < range->last; i++) {
		const struct registry_node *node = export->nodes[i].node;

		if (node->identity_is_shared)
			return node->identity_key;
		if (node->has_identity) {
			own = node->identity_key;
			own_count++;
		}
	}
	return own_count == 1 ? own : NULL;
}

static void report_organization(const struct export *export, const struct range *range)
{
	const char *name = export->nodes[range->first].node->id.organization;
	bool has_identity = false;

	for (size_t i = range->first; i < range->last; i++)
		has_identity |= export->nodes[i].node->has_identity;
	report_add(export->report, NULL, "organization \"%s\" left out: %s", name,
		   has_identity
			   ? "its nodes have keys of their own, and the format has one for "
			     "all of them"
			   : "its nodes have no public_key, and the format knows no WireGuard");
}

static struct json_object *write_endpoint(const struct array_writer *writer,
					  const struct endpoint *endpoint)
{
	struct json_object *object = endpoint_to_json(endpoint);
	char text[16];

	json_object_object_del(object, "send_port");
	json_object_object_del(object, "transports");
	if (writer->format == EXPORT_RANET) {
		(void)snprintf(text, sizeof(text), "%" PRIu32, endpoint->serial_number);
		add(object, "serial_number", json_object_new_string(text));
	}
	return object;
}

static struct json_object *write_endpoints(struct array_writer *writer,
					   const struct registry_node *node)
{
	struct json_object *list = json_object_new_array();

	for (unsigned i = 0; i < node->endpoints_count; i++) {
		const struct endpoint *endpoint = &node->endpoints[i];

		if (endpoint->transports == TRANSPORT_WIREGUARD)
			writer->endpoints++;
		else
			(void)json_object_array_add(list, write_endpoint(writer, endpoint));
	}
	return list;
}

static struct json_object *write_remarks(const struct array_writer *writer,
					 const struct export_node *from)
{
	struct json_object *remarks = json_object_new_object();
	char text[IP_PREFIX_TEXT_SIZE];

	add(remarks, "network",
	    json_object_new_string(ip_prefix_format(&from->node->network, text)));
	add(remarks, "prefixs", export_prefixes(from->node));
	if (writer->format == EXPORT_ARONET)
		add(remarks, "extra_network", export_prefixes(from->node));
	if (!from->remarks)
		return remarks;
	json_object_object_foreach(from->remarks, name, value)
	{
		if (!remark_is_own(name))
			add(remarks, name, json_object_get(value));
	}
	return remarks;
}

static struct json_object *write_node(struct array_writer *writer, const struct export_node *from)
{
	struct json_object *object = json_object_new_object();

	writer->wireguard_keys += from->node->has_wireguard;
	writer->anycast += from->node->anycast_count > 0;
	writer->export->carried++;
	add(object, "common_name", json_object_new_string(from->node->id.common_name));
	add(object, "endpoints", write_endpoints(writer, from->node));
	add(object, "remarks", write_remarks(writer, from));
	return object;
}

static struct json_object *write_nodes(struct array_writer *writer, const struct range *range,
				       const uint8_t *key)
{
	struct json_object *list = json_object_new_array();
	char id[NODE_ID_TEXT_SIZE];

	for (size_t i = range->first; i < range->last; i++) {
		const struct export_node *from = &writer->export->nodes[i];
		bool has_key = from->node->has_identity || from->node->identity_is_shared;

		if (has_key && !memcmp(from->node->identity_key, key, KEY_SIZE))
			(void)json_object_array_add(list, write_node(writer, from));
		else
			report_add(writer->export->report, NULL,
				   "%s left out: %s, and the format has one key for all nodes of "
				   "an organization",
				   node_id_format(&from->node->id, id),
				   has_key ? "it has a key of its own" : "it has no public_key");
	}
	return list;
}

static void write_organization(struct array_writer *writer, const struct range *range,
			       struct json_object *array)
{
	const struct export *export = writer->export;
	const uint8_t *key = find_key(export, range);
	char pem[CRYPTO_ED25519_PEM_SIZE];
	struct json_object *object;

	if (!key) {
		report_organization(export, range);
		return;
	}
	object = json_object_new_object();
	add(object, "public_key", json_object_new_string(crypto_ed25519_public_to_pem(key, pem)));
	add(object, "organization",
	    json_object_new_string(export->nodes[range->first].node->id.organization));
	add(object, "nodes", write_nodes(writer, range, key));
	(void)json_object_array_add(array, object);
}

static void report_losses(const struct array_writer *writer)
{
	struct report *report = writer->export->report;

	if (writer->wireguard_keys)
		report_add(report, NULL, "WireGuard keys left out: %zu", writer->wireguard_keys);
	if (writer->endpoints)
		report_add(report, NULL, "endpoints for WireGuard only left out: %zu",
			   writer->endpoints);
	if (writer->anycast)
		report_add(report, NULL,
			   "nodes whose prefixes others may announce, too (\"anycast\"), which is "
			   "not told: %zu",
			   writer->anycast);
}

void export_array(struct export *export, enum export_format format, struct strbuf *ret)
{
	struct array_writer writer = { .export = export, .format = format };
	struct json_object *array = json_object_new_array();
	struct range range = { 0, 0 };

	while (range.last < export->count) {
		range = next_organization(export, range.last);
		write_organization(&writer, &range, array);
	}
	report_losses(&writer);
	strbuf_printf(ret, "%s\n",
		      json_object_to_json_string_ext(
			      array, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
					     JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(array);
}
