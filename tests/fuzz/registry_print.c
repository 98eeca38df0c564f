// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry_print.h"

#include "base/hex.h"
#include "fuzz.h"
#include "registry/check.h"
#include "registry/name.h"

#include <inttypes.h>
#include <string.h>

static void print_key(const char *name, bool is_there, const uint8_t key[KEY_SIZE],
		      struct strbuf *ret)
{
	char text[2 * KEY_SIZE + 1];

	if (is_there)
		strbuf_printf(ret, " %s %s", name, hex_format(key, KEY_SIZE, text));
}

static void print_endpoint(const struct endpoint *endpoint, struct strbuf *ret)
{
	char address[IP_ADDRESS_TEXT_SIZE];

	strbuf_printf(ret,
		      "  endpoint %" PRIu32 " family %u address %s name %s port %u send %u on %u\n",
		      endpoint->serial_number, endpoint->family,
		      ip_address_format(&endpoint->address, address), endpoint->name,
		      endpoint->port, endpoint->send_port, endpoint->transports);
}

static void print_prefixes(const char *name, const struct ip_prefix *prefixes, size_t count,
			   struct strbuf *ret)
{
	char text[IP_PREFIX_TEXT_SIZE];

	for (size_t i = 0; i < count; i++)
		strbuf_printf(ret, "  %s %s\n", name, ip_prefix_format(&prefixes[i], text));
}

static void print_node(const struct registry_node *node, struct strbuf *ret)
{
	strbuf_printf(ret, "node %s/%s%s%s", node->id.organization, node->id.common_name,
		      node->identity_is_shared ? " shared" : "", node->no_transit ? " leaf" : "");
	print_key("identity", node->has_identity || node->identity_is_shared, node->identity_key,
		  ret);
	print_key("wireguard", node->has_wireguard, node->wireguard_key, ret);
	strbuf_puts(ret, "\n");
	for (unsigned i = 0; i < node->endpoints_count; i++)
		print_endpoint(&node->endpoints[i], ret);
	print_prefixes("network", &node->network, 1, ret);
	print_prefixes("prefix", node->prefixes, node->prefixes_count, ret);
	print_prefixes("anycast", node->anycast, node->anycast_count, ret);
}

void registry_print(const struct registry *registry, struct strbuf *ret)
{
	for (size_t i = 0; i < registry->nodes_count; i++)
		print_node(&registry->nodes[i], ret);
}

static void check_endpoints(const struct registry_node *node)
{
	FUZZ_CHECK(node->endpoints_count <= NODE_ENDPOINTS_MAX);
	for (unsigned i = 0; i < node->endpoints_count; i++) {
		const struct endpoint *endpoint = &node->endpoints[i];

		FUZZ_CHECK(endpoint->family == AF_INET || endpoint->family == AF_INET6);
		FUZZ_CHECK(endpoint->port);
		FUZZ_CHECK(!ip_address_present(&endpoint->address) ||
			   endpoint->address.family == endpoint->family);
		FUZZ_CHECK(!endpoint->name[0] || host_name_is_valid(endpoint->name));
		FUZZ_CHECK(!i || node->endpoints[i - 1].serial_number < endpoint->serial_number);
	}
}

static void check_prefixes(const struct registry_node *node)
{
	bool has_network = ip_address_present(&node->network.address);

	FUZZ_CHECK(node->prefixes_count <= NODE_PREFIXES_MAX);
	for (size_t i = 0; i < node->prefixes_count; i++) {
		FUZZ_CHECK(!ip_prefix_has_host_bits(&node->prefixes[i]));
		FUZZ_CHECK(node->prefixes[i].length <= ip_address_bits(&node->prefixes[i].address));
	}
	FUZZ_CHECK(!has_network || (node->prefixes_count &&
				    !ip_prefix_compare(&node->network, &node->prefixes[0])));
	for (size_t i = 0; i < node->anycast_count; i++)
		FUZZ_CHECK(registry_node_is_anycast(node, &node->anycast[i]));
}

void registry_check_node(const struct registry_node *node)
{
	FUZZ_CHECK(name_is_valid(node->id.organization));
	FUZZ_CHECK(name_is_valid(node->id.common_name));
	check_endpoints(node);
	check_prefixes(node);
}

void registry_check_promises(const struct registry *registry)
{
	FUZZ_CHECK(registry->nodes_count <= REGISTRY_NODES_MAX);
	for (size_t i = 0; i < registry->nodes_count; i++) {
		const struct registry_node *node = &registry->nodes[i];

		registry_check_node(node);
		FUZZ_CHECK(!i || node_id_compare(&registry->nodes[i - 1].id, &node->id) < 0);
		FUZZ_CHECK(registry_find(registry, &node->id) == node);
	}
	FUZZ_CHECK(registry_check(registry, NULL) == 0);
}
