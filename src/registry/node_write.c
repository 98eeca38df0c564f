// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/node_write.h"

#include "crypto/crypto.h"

static void add(struct json_object *object, const char *name, struct json_object *value)
{
	(void)json_object_object_add_ex(object, name, value, JSON_C_OBJECT_ADD_KEY_IS_NEW);
}

static void add_text(struct json_object *object, const char *name, const char *text)
{
	add(object, name, json_object_new_string(text));
}

const char *address_family_name(uint16_t family)
{
	return family == AF_INET ? "ip4" : "ip6";
}

static struct json_object *transports_to_json(uint8_t transports)
{
	struct json_object *list = json_object_new_array();

	if (transports & TRANSPORT_WIREGUARD)
		(void)json_object_array_add(list, json_object_new_string("wireguard"));
	if (transports & TRANSPORT_IPSEC)
		(void)json_object_array_add(list, json_object_new_string("ipsec"));
	return list;
}

struct json_object *endpoint_to_json(const struct endpoint *endpoint)
{
	struct json_object *object = json_object_new_object();
	char text[IP_ADDRESS_TEXT_SIZE];

	add(object, "serial_number", json_object_new_int64(endpoint->serial_number));
	if (endpoint_dials_out_only(endpoint))
		add(object, "address", NULL);
	else if (endpoint->name[0])
		add_text(object, "address", endpoint->name);
	else
		add_text(object, "address", ip_address_format(&endpoint->address, text));
	add_text(object, "address_family", address_family_name(endpoint->family));
	add(object, "port", json_object_new_int(endpoint->port));
	if (endpoint->send_port && endpoint->send_port != endpoint->port)
		add(object, "send_port", json_object_new_int(endpoint->send_port));
	if (endpoint->transports)
		add(object, "transports", transports_to_json(endpoint->transports));
	return object;
}

struct json_object *prefixes_to_json(const struct ip_prefix *prefixes, size_t count)
{
	struct json_object *list = json_object_new_array();
	char text[IP_PREFIX_TEXT_SIZE];

	for (size_t i = 0; i < count; i++)
		(void)json_object_array_add(
			list, json_object_new_string(ip_prefix_format(&prefixes[i], text)));
	return list;
}

static struct json_object *wireguard_to_json(const uint8_t key[KEY_SIZE])
{
	struct json_object *list = json_object_new_array(), *entry = json_object_new_object();
	char text[CRYPTO_KEY_BASE64_SIZE];

	add_text(entry, "public_key", crypto_key_to_base64(key, text));
	(void)json_object_array_add(list, entry);
	return list;
}

static struct json_object *endpoints_to_json(const struct registry_node *node)
{
	struct json_object *list = json_object_new_array();

	for (unsigned i = 0; i < node->endpoints_count; i++)
		(void)json_object_array_add(list, endpoint_to_json(&node->endpoints[i]));
	return list;
}

/* prefixes[0] is the network, if there is one. */
static struct json_object *remarks_to_json(const struct registry_node *node)
{
	bool has_network = ip_address_present(&node->network.address);
	struct json_object *remarks = json_object_new_object();
	char text[IP_PREFIX_TEXT_SIZE];

	if (has_network)
		add_text(remarks, "network", ip_prefix_format(&node->network, text));
	add(remarks, "prefixs",
	    prefixes_to_json(node->prefixes + has_network, node->prefixes_count - has_network));
	return remarks;
}

struct json_object *node_to_json(const struct registry_node *node)
{
	struct json_object *object = json_object_new_object();
	char pem[CRYPTO_ED25519_PEM_SIZE];

	add_text(object, "common_name", node->id.common_name);
	if (node->has_identity)
		add_text(object, "public_key",
			 crypto_ed25519_public_to_pem(node->identity_key, pem));
	if (node->has_wireguard)
		add(object, "wireguard", wireguard_to_json(node->wireguard_key));
	add(object, "endpoints", endpoints_to_json(node));
	if (node->anycast_count)
		add(object, "anycast", prefixes_to_json(node->anycast, node->anycast_count));
	add(object, "remarks", remarks_to_json(node));
	return object;
}
