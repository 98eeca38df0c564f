// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/node.h"

#include "registry/name.h"

#include "base/memory.h"
#include "crypto/crypto.h"

#include <stdlib.h>
#include <string.h>

#define NETWORK_LENGTH_MAX 64

struct node_reader {
	const struct node_context *context;
	struct registry_node *node;
};

static int read_common_name(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct node_reader *reader = target;

	return name_read(cursor, "common_name", reader->node->id.common_name, error);
}

int node_read_identity_key(const struct json_cursor *cursor, uint8_t ret[KEY_SIZE],
			   struct error *error)
{
	const char *pem;
	int result = json_read_string(cursor, &pem, error);

	if (result < 0)
		return result;
	if (crypto_ed25519_public_from_pem(pem, ret) < 0)
		return json_cursor_fail(cursor, error, ERROR_KEY_FORMAT,
					"public_key must be a PEM Ed25519 key (113 bytes)");
	return 0;
}

static int read_public_key(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct node_reader *reader = target;
	int result = node_read_identity_key(cursor, reader->node->identity_key, error);

	if (result == 0)
		reader->node->has_identity = true;
	return result;
}

static int read_wireguard_key(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct node_reader *reader = target;
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	if (crypto_key_from_base64(text, reader->node->wireguard_key) < 0)
		return json_cursor_fail(cursor, error, ERROR_KEY_FORMAT,
					"a WireGuard key is 44 characters of base64 (32 bytes), as "
					"printed by wg pubkey");
	reader->node->has_wireguard = true;
	return 0;
}

static const struct json_member wireguard_members[] = {
	{ "public_key", true, read_wireguard_key },
};

static int read_wireguard(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct json_cursor item;
	size_t count;
	int result = json_expect_array(cursor, NODE_WIREGUARD_KEYS_MAX, &count, error);

	if (result < 0 || count == 0)
		return result;
	if (count > 1) {
		item = json_cursor_item(cursor, 1);
		return json_cursor_fail(&item, error, ERROR_VALUE,
					"a second WireGuard key, used from a given time on, is not "
					"supported by this version; list one key");
	}
	item = json_cursor_item(cursor, 0);
	return json_read_object(&item, wireguard_members, ARRAY_SIZE(wireguard_members), false,
				target, error);
}

static int compare_endpoints(const void *a, const void *b)
{
	const struct endpoint *left = a, *right = b;

	return left->serial_number < right->serial_number
		       ? -1
		       : left->serial_number > right->serial_number;
}

static int check_serial_number(const struct json_cursor *cursor, const struct registry_node *node,
			       bool has_serial, size_t count, struct error *error)
{
	const struct endpoint *endpoint = &node->endpoints[node->endpoints_count];

	if (!has_serial && count > 1)
		return json_cursor_fail(cursor, error, ERROR_MISSING,
					"missing member \"serial_number\"; only a single endpoint "
					"may do without");
	for (unsigned i = 0; i < node->endpoints_count; i++)
		if (node->endpoints[i].serial_number == endpoint->serial_number)
			return json_cursor_fail(cursor, error, ERROR_VALUE,
						"serial_number %u appears twice in this node",
						endpoint->serial_number);
	return 0;
}

static int read_endpoints(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct node_reader *reader = target;
	struct registry_node *node = reader->node;
	size_t count;
	int result = json_expect_array(cursor, NODE_ENDPOINTS_MAX, &count, error);

	if (result < 0 || count == 0)
		return result;
	node->endpoints = NEW_ARRAY(struct endpoint, count);
	for (size_t i = 0; i < count; i++) {
		struct json_cursor item = json_cursor_item(cursor, i);
		bool has_serial;

		result = endpoint_read(&item, &node->endpoints[i], &has_serial, error);
		if (result == 0)
			result = check_serial_number(&item, node, has_serial, count, error);
		if (result < 0)
			return result;
		node->endpoints_count++;
	}
	qsort(node->endpoints, node->endpoints_count, sizeof(node->endpoints[0]),
	      compare_endpoints);
	return 0;
}

/* A prefix without its host bits; the original masked them silently. */
static int read_prefix(const struct json_cursor *cursor, const struct node_reader *reader,
		       struct ip_prefix *ret, struct error *error)
{
	char before[IP_PREFIX_TEXT_SIZE], after[IP_PREFIX_TEXT_SIZE], id[NODE_ID_TEXT_SIZE];
	char quoted[JSON_QUOTE_SIZE];
	struct ip_prefix prefix;
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	if (ip_prefix_parse(text, &prefix) < 0)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"%s is not a prefix; expected ADDRESS/LENGTH",
					json_quote(text, quoted));
	*ret = ip_prefix_masked(&prefix);
	if (ip_prefix_has_host_bits(&prefix))
		warnings_add(reader->context->warnings, "W02",
			     "node %s: %s has host bits; used as %s",
			     node_id_format(&reader->node->id, id),
			     ip_prefix_format(&prefix, before), ip_prefix_format(ret, after));
	return 0;
}

static int read_network(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct node_reader *reader = target;
	struct ip_prefix network;
	char text[IP_PREFIX_TEXT_SIZE];
	int result = read_prefix(cursor, reader, &network, error);

	if (result < 0)
		return result;
	if (network.address.family != AF_INET6 || network.length > NETWORK_LENGTH_MAX)
		return json_cursor_fail(
			cursor, error, ERROR_VALUE,
			"network %s must be IPv6 and /%u or shorter; other networks "
			"belong into \"prefixs\"",
			ip_prefix_format(&network, text), NETWORK_LENGTH_MAX);
	reader->node->network = network;
	*ARRAY_APPEND(reader->node->prefixes, reader->node->prefixes_count) = network;
	return 0;
}

static int read_prefixes(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct node_reader *reader = target;
	struct registry_node *node = reader->node;
	size_t count;
	int result = json_expect_array(cursor, NODE_PREFIXES_MAX, &count, error);

	if (result == 0 && node->prefixes_count + count > NODE_PREFIXES_MAX)
		return json_cursor_fail(
			cursor, error, ERROR_TOO_BIG,
			"%zu prefixes with the network and those of the other list; "
			"limit %u",
			node->prefixes_count + count, NODE_PREFIXES_MAX);
	for (size_t i = 0; result == 0 && i < count; i++) {
		struct json_cursor item = json_cursor_item(cursor, i);
		struct ip_prefix prefix = { 0 };

		result = read_prefix(&item, reader, &prefix, error);
		if (result == 0)
			*ARRAY_APPEND(node->prefixes, node->prefixes_count) = prefix;
	}
	return result;
}

/* network is read first: it is prefixes[0]. */
static const struct json_member remarks_members[] = {
	{ "network", true, read_network },
	{ "prefixs", false, read_prefixes },
	{ "extra_network", false, read_prefixes },
};

/* Sorted behind the network, if there is one, each one once: both lists are one set. */
static void sort_prefixes(struct registry_node *node)
{
	size_t first = ip_address_present(&node->network.address) ? 1 : 0, kept = first;

	if (node->prefixes_count > first)
		qsort(node->prefixes + first, node->prefixes_count - first,
		      sizeof(node->prefixes[0]), ip_prefix_compare_qsort);
	for (size_t i = first; i < node->prefixes_count; i++) {
		const struct ip_prefix *prefix = &node->prefixes[i];

		if (ip_prefix_compare(prefix, &node->network) == 0 ||
		    (kept && ip_prefix_compare(prefix, &node->prefixes[kept - 1]) == 0))
			continue;
		node->prefixes[kept++] = *prefix;
	}
	node->prefixes_count = kept;
}

static int read_remarks(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct node_reader *reader = target;
	struct json_member members[ARRAY_SIZE(remarks_members)];
	int result;

	memcpy(members, remarks_members, sizeof(members));
	members[0].required = !reader->context->network_optional;
	result = json_read_object(cursor, members, ARRAY_SIZE(members), true, target, error);
	if (result == 0)
		sort_prefixes(reader->node);
	return result;
}

int node_read_remarks(const struct json_cursor *cursor, const struct node_context *context,
		      struct registry_node *node, struct error *error)
{
	struct node_reader reader = { .context = context, .node = node };

	return read_remarks(cursor, &reader, error);
}

static int read_anycast_prefix(const struct json_cursor *cursor, const struct node_reader *reader,
			       struct error *error)
{
	struct registry_node *node = reader->node;
	char text[IP_PREFIX_TEXT_SIZE];
	struct ip_prefix prefix;
	int result = read_prefix(cursor, reader, &prefix, error);

	if (result < 0)
		return result;
	if (ip_prefix_compare(&prefix, &node->network) == 0)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"%s is the network of this node, where its SIDs are; only "
					"further prefixes can be on several nodes",
					ip_prefix_format(&prefix, text));
	if (!bsearch(&prefix, node->prefixes + 1, node->prefixes_count - 1, sizeof(prefix),
		     ip_prefix_compare_qsort))
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"%s is not among the prefixes of this node; list it in "
					"\"prefixs\", too",
					ip_prefix_format(&prefix, text));
	*ARRAY_APPEND(node->anycast, node->anycast_count) = prefix;
	return 0;
}

/* Prefixes that stand twice are told once: the list is a set. */
static int read_anycast(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct node_reader *reader = target;
	struct registry_node *node = reader->node;
	size_t count, kept = 0;
	int result = json_expect_array(cursor, NODE_PREFIXES_MAX, &count, error);

	for (size_t i = 0; result == 0 && i < count; i++) {
		struct json_cursor item = json_cursor_item(cursor, i);

		result = read_anycast_prefix(&item, reader, error);
	}
	if (node->anycast_count == 0)
		return result;
	qsort(node->anycast, node->anycast_count, sizeof(node->anycast[0]),
	      ip_prefix_compare_qsort);
	for (size_t i = 1; i < node->anycast_count; i++)
		if (ip_prefix_compare(&node->anycast[kept], &node->anycast[i]) != 0)
			node->anycast[++kept] = node->anycast[i];
	node->anycast_count = kept + 1;
	return result;
}

/*
 * common_name is read first: warnings about the other members name the node. anycast names
 * prefixes of remarks.
 */
static const struct json_member node_members[] = {
	{ "common_name", true, read_common_name }, { "public_key", false, read_public_key },
	{ "wireguard", false, read_wireguard },	   { "endpoints", true, read_endpoints },
	{ "remarks", true, read_remarks },	   { "anycast", false, read_anycast },
};

const struct member_table node_member_tables[NODE_MEMBER_TABLES] = {
	{ "node", node_members, ARRAY_SIZE(node_members), false },
	{ "wireguard", wireguard_members, ARRAY_SIZE(wireguard_members), false },
	{ "remarks", remarks_members, ARRAY_SIZE(remarks_members), true },
};

int node_read(const struct json_cursor *cursor, const struct node_context *context,
	      struct registry_node *node, struct error *error)
{
	struct node_reader reader = { .context = context, .node = node };
	int result;

	strcpy(node->id.organization, context->organization); /* passed name_read() */
	result = json_read_object(cursor, node_members, ARRAY_SIZE(node_members), false, &reader,
				  error);
	if (result < 0)
		return result;
	if (!node->has_identity && context->organization_key) {
		memcpy(node->identity_key, context->organization_key, KEY_SIZE);
		node->identity_is_shared = true;
	}
	return 0;
}
