// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A registry that is exported and imported again is what it was, as far as the format carries it.
 * What a format does not carry is taken out here, by rules written down a second time.
 */
#include "base/memory.h"
#include "exchange/export.h"
#include "exchange/import.h"
#include "random.h"
#include "registry/node_write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define CASES 400
#define ORGANIZATIONS_MAX 3
#define NODES_MAX 5 /* of one organization */

/* A registry, and the documents with the remarks that it was made from. */
struct world {
	struct registry *registry;
	struct json_object *documents[ORGANIZATIONS_MAX];
	size_t count;
	struct random *random;
	unsigned number; /* makes ports, addresses and networks unique */
};

static void world_done(struct world *world)
{
	registry_free(world->registry);
	for (size_t i = 0; i < world->count; i++)
		json_object_put(world->documents[i]);
}
CLEANUP_DEFINE_IN_PLACE(struct world, world_done);

static void make_key(struct random *random, uint8_t key[KEY_SIZE])
{
	for (unsigned i = 0; i < KEY_SIZE; i++)
		key[i] = (uint8_t)random_u64(random);
	key[KEY_SIZE - 1] &= 0x3f; /* below 2^255-19 */
}

static void make_address(struct world *world, struct endpoint *endpoint)
{
	unsigned number = world->number;
	char text[IP_ADDRESS_TEXT_SIZE];

	switch (random_below(world->random, 3)) {
	case 0:
		(void)snprintf(endpoint->name, sizeof(endpoint->name), "h%u.example", number);
		break;
	case 1:
		(void)snprintf(text, sizeof(text),
			       endpoint->family == AF_INET ? "198.18.%u.%u" : "2001:db8:%x::%x",
			       number / 250, number % 250 + 1);
		assert_int_equal(ip_address_parse(text, &endpoint->address), 0);
		break;
	default: /* only dials out */
		break;
	}
}

static void make_endpoints(struct world *world, struct registry_node *node)
{
	unsigned count = random_below(world->random, 5), serial = 0;

	for (unsigned i = 0; i < count; i++) {
		struct endpoint *endpoint = ARRAY_APPEND(node->endpoints, node->endpoints_count);

		world->number++;
		serial += random_below(world->random, 3);
		endpoint->serial_number = serial++;
		endpoint->family = random_chance(world->random, 50) ? AF_INET : AF_INET6;
		endpoint->port = (uint16_t)(10000 + world->number);
		endpoint->send_port = (uint16_t)(20000 + world->number);
		endpoint->transports = (uint8_t)random_below(world->random, 4);
		make_address(world, endpoint);
	}
}

/* @base with a number of its own in the 16 bits at byte @at. */
static struct ip_prefix make_prefix(struct world *world, const char *base, unsigned at)
{
	struct ip_prefix prefix;

	world->number++;
	assert_int_equal(ip_prefix_parse(base, &prefix), 0);
	prefix.address.bytes[at] = (uint8_t)(world->number >> 8);
	prefix.address.bytes[at + 1] = (uint8_t)world->number;
	return prefix;
}

/* The network, then other prefixes in order, as node_read() leaves them. */
static void make_prefixes(struct world *world, struct registry_node *node)
{
	unsigned count = random_below(world->random, 4);

	node->network = random_chance(world->random, 50) ? make_prefix(world, "fd66::/48", 4)
							 : make_prefix(world, "fd67:0:0:7::/64", 4);
	*ARRAY_APPEND(node->prefixes, node->prefixes_count) = node->network;
	for (unsigned i = 0; i < count; i++)
		*ARRAY_APPEND(node->prefixes, node->prefixes_count) =
			make_prefix(world, "10.0.0.0/24", 1);
	if (random_chance(world->random, 30))
		*ARRAY_APPEND(node->prefixes, node->prefixes_count) =
			make_prefix(world, "fd68::/64", 6);
}

static struct json_object *make_remark(struct random *random, unsigned depth)
{
	static const char *const texts[] = { "", "x", "a \"b\" \\ ${c} %{d} $${e} %%{f}",
					     "\n\t\x01 \xc3\xa4 \xf0\x9f\x98\x80", "true" };
	struct json_object *value;

	switch (random_below(random, depth ? 5 : 3)) {
	case 0:
		return json_object_new_string(texts[random_below(random, ARRAY_SIZE(texts))]);
	case 1:
		return json_object_new_int64((int64_t)random_below(random, 2000) - 1000);
	case 2:
		return json_object_new_boolean(random_chance(random, 50));
	case 3:
		value = json_object_new_array();
		for (unsigned i = random_below(random, 3); i; i--)
			(void)json_object_array_add(value, make_remark(random, depth - 1));
		return value;
	default:
		value = json_object_new_object();
		(void)json_object_object_add(value, "x y/$", make_remark(random, depth - 1));
		return value;
	}
}

static void add_free_remarks(struct random *random, struct json_object *node)
{
	static const char *const names[] = { "region", "tags", "b-1", "_x" };
	struct json_object *remarks = json_object_object_get(node, "remarks");

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (random_chance(random, 30))
			(void)json_object_object_add(remarks, names[i], make_remark(random, 3));
}

static void make_node(struct world *world, const char *organization, const uint8_t *key,
		      unsigned number, struct json_object *nodes)
{
	struct registry_node *node =
		ARRAY_APPEND(world->registry->nodes, world->registry->nodes_count);
	struct json_object *object;

	(void)snprintf(node->id.organization, NAME_SIZE, "%s", organization);
	(void)snprintf(node->id.common_name, NAME_SIZE, "Node %u.x", number);
	node->has_wireguard = random_chance(world->random, 75);
	if (node->has_wireguard)
		make_key(world->random, node->wireguard_key);
	node->identity_is_shared = true;
	memcpy(node->identity_key, key, KEY_SIZE);
	make_endpoints(world, node);
	make_prefixes(world, node);
	object = node_to_json(node);
	add_free_remarks(world->random, object);
	(void)json_object_array_add(nodes, object);
}

static void make_organization(struct world *world, unsigned number)
{
	struct json_object *body = json_object_new_object(), *nodes = json_object_new_array();
	unsigned count = 1 + random_below(world->random, NODES_MAX);
	uint8_t key[KEY_SIZE];
	char name[NAME_SIZE];

	make_key(world->random, key);
	(void)snprintf(name, sizeof(name), "org %u", number);
	for (unsigned i = 0; i < count; i++)
		make_node(world, name, key, i, nodes);
	(void)json_object_object_add(body, "organization", json_object_new_string(name));
	(void)json_object_object_add(body, "nodes", nodes);
	world->documents[world->count++] = body;
}

static struct world make_world(struct random *random, unsigned organizations)
{
	struct world world = { .registry = NEW(struct registry), .random = random };

	for (unsigned i = 0; i < organizations; i++)
		make_organization(&world, i);
	return world;
}

/* Out and in again. False if there was nothing to tell. */
static bool exchange(const struct world *world, enum export_format format,
		     const struct exchange_options *options, struct exchange_result *ret)
{
	CLEANUP(report_done) struct report report = { 0 };
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct exchange_text file = { .name = "again" };
	char line[ERROR_LINE_SIZE];
	struct error error;

	if (exchange_export(world->registry, world->documents, world->count, format, &report, &text,
			    &error) < 0)
		return false;
	file.text = strbuf_text(&text);
	file.size = text.length;
	if (exchange_import(&file, 1, options, &report, ret, &error) < 0)
		fail_msg("%s\n%s", error_format(&error, line, sizeof(line)), file.text);
	return true;
}

/* What the array formats carry of an endpoint; false: nothing. */
static bool strip_for_ipsec(struct endpoint *endpoint, unsigned index)
{
	(void)index;
	if (endpoint->transports == TRANSPORT_WIREGUARD)
		return false;
	endpoint->send_port = endpoint->port;
	endpoint->transports = 0;
	return true;
}

/* What lists of peers carry: endpoints have no numbers there, and one port. */
static bool strip_for_wireguard(struct endpoint *endpoint, unsigned index)
{
	if (endpoint->transports == TRANSPORT_IPSEC)
		return false;
	endpoint->port = endpoint->send_port;
	endpoint->serial_number = index;
	endpoint->transports = TRANSPORT_WIREGUARD;
	return true;
}

typedef bool strip_fn(struct endpoint *endpoint, unsigned index);

/* The node as it has to come back, without its remarks. */
static struct json_object *expected_node(const struct registry_node *from, strip_fn *strip,
					 bool is_peer)
{
	struct endpoint endpoints[NODE_ENDPOINTS_MAX];
	struct registry_node node = *from;
	struct json_object *object, *list;

	node.endpoints = endpoints;
	node.endpoints_count = 0;
	node.identity_is_shared = !is_peer;
	node.has_wireguard = is_peer;
	for (unsigned i = 0; i < from->endpoints_count; i++) {
		struct endpoint endpoint = from->endpoints[i];

		if (strip(&endpoint, node.endpoints_count))
			endpoints[node.endpoints_count++] = endpoint;
	}
	object = node_to_json(&node);
	list = json_object_object_get(object, "endpoints");
	for (unsigned i = 0; is_peer && i < node.endpoints_count; i++)
		(void)json_object_object_add(json_object_array_get_idx(list, i), "send_port",
					     json_object_new_int(endpoints[i].send_port));
	return object;
}

/* The free remarks of the document. */
static void copy_remarks(const struct world *world, size_t index, struct json_object *object)
{
	struct json_object *remarks = json_object_object_get(object, "remarks");
	size_t first = 0;

	for (size_t i = 0; i < world->count; i++) {
		struct json_object *nodes = json_object_object_get(world->documents[i], "nodes");
		size_t count = json_object_array_length(nodes);

		if (index >= first && index < first + count) {
			struct json_object *from = json_object_object_get(
				json_object_array_get_idx(nodes, index - first), "remarks");

			json_object_object_foreach(from, name, value)
			{
				(void)json_object_object_add(remarks, name, json_object_get(value));
			}
		}
		first += count;
	}
}

static struct json_object *find_node(const struct exchange_result *result, const struct node_id *id)
{
	for (size_t i = 0; i < result->count; i++) {
		const struct exchange_organization *organization = &result->organizations[i];
		struct json_object *nodes = json_object_object_get(organization->body, "nodes");

		for (size_t j = 0; j < organization->nodes_count; j++) {
			struct json_object *node = json_object_array_get_idx(nodes, j);
			struct json_object *name = json_object_object_get(node, "common_name");

			if (!strcmp(organization->name, id->organization) &&
			    !strcmp(json_object_get_string(name), id->common_name))
				return node;
		}
	}
	return NULL;
}

static bool expect_node(const struct world *world, size_t index,
			const struct exchange_result *result, strip_fn *strip, bool is_peer)
{
	const struct registry_node *node = &world->registry->nodes[index];
	struct json_object *expected = expected_node(node, strip, is_peer);
	struct json_object *found = find_node(result, &node->id);
	bool equal;

	copy_remarks(world, index, expected);
	equal = found && json_object_equal(found, expected);
	if (!equal)
		printf("# expected %s\n# found    %s\n", json_object_to_json_string(expected),
		       found ? json_object_to_json_string(found) : "nothing");
	json_object_put(expected);
	return equal;
}

static bool is_told_as_peer(const struct registry_node *node)
{
	bool found = false;

	for (unsigned i = 0; i < node->endpoints_count; i++)
		found |= node->endpoints[i].transports != TRANSPORT_IPSEC;
	return node->has_wireguard && found;
}

static bool check_array(struct random *random, enum export_format format)
{
	CLEANUP(world_done)
	struct world world = make_world(random, 1 + random_below(random, ORGANIZATIONS_MAX));
	CLEANUP(exchange_result_done) struct exchange_result result = { 0 };
	const struct exchange_options options = { 0 };

	if (!exchange(&world, format, &options, &result))
		return false;
	if (result.nodes_count != world.registry->nodes_count)
		return false;
	for (size_t i = 0; i < world.registry->nodes_count; i++)
		if (!expect_node(&world, i, &result, strip_for_ipsec, false))
			return false;
	return true;
}

static bool check_aronet(struct random *random)
{
	return check_array(random, EXPORT_ARONET);
}

static bool check_ranet(struct random *random)
{
	return check_array(random, EXPORT_RANET);
}

static size_t count_peers(const struct world *world)
{
	size_t count = 0;

	for (size_t i = 0; i < world->registry->nodes_count; i++)
		count += is_told_as_peer(&world->registry->nodes[i]);
	return count;
}

static bool check_rait(struct random *random)
{
	CLEANUP(world_done)
	struct world world = make_world(random, 1 + random_below(random, ORGANIZATIONS_MAX));
	CLEANUP(exchange_result_done) struct exchange_result result = { 0 };
	const struct exchange_options options = { 0 };

	if (!exchange(&world, EXPORT_RAIT, &options, &result))
		return count_peers(&world) == 0;
	if (result.nodes_count != count_peers(&world))
		return false;
	for (size_t i = 0; i < world.registry->nodes_count; i++)
		if (is_told_as_peer(&world.registry->nodes[i]) &&
		    !expect_node(&world, i, &result, strip_for_wireguard, true))
			return false;
	return true;
}

/* The key and the endpoints are all that TOML carries. */
static bool is_same_peer(struct json_object *found, const struct registry_node *node)
{
	struct json_object *expected = expected_node(node, strip_for_wireguard, true);
	bool equal = json_object_equal(json_object_object_get(found, "wireguard"),
				       json_object_object_get(expected, "wireguard")) &&
		     json_object_equal(json_object_object_get(found, "endpoints"),
				       json_object_object_get(expected, "endpoints"));

	json_object_put(expected);
	return equal;
}

static bool check_rait_toml(struct random *random)
{
	CLEANUP(world_done) struct world world = make_world(random, 1);
	CLEANUP(exchange_result_done) struct exchange_result result = { 0 };
	struct exchange_options options = { .organization = "home" };
	struct json_object *nodes;
	struct ip_prefix pool;
	size_t at = 0;

	assert_int_equal(ip_prefix_parse("fd70::/16", &pool), 0);
	options.pool = &pool;
	if (!exchange(&world, EXPORT_RAIT_TOML, &options, &result))
		return count_peers(&world) == 0;
	if (result.nodes_count != count_peers(&world))
		return false;
	nodes = json_object_object_get(result.organizations[0].body, "nodes");
	for (size_t i = 0; i < world.registry->nodes_count; i++)
		if (is_told_as_peer(&world.registry->nodes[i]) &&
		    !is_same_peer(json_object_array_get_idx(nodes, at++),
				  &world.registry->nodes[i]))
			return false;
	return true;
}

static void aronet_tells_all_but_wireguard(void **state)
{
	(void)state;
	assert_true(random_check("aronet", CASES, check_aronet));
}

static void ranet_tells_all_but_wireguard(void **state)
{
	(void)state;
	assert_true(random_check("ranet", CASES, check_ranet));
}

static void rait_tells_all_but_identities_and_serial_numbers(void **state)
{
	(void)state;
	assert_true(random_check("rait", CASES, check_rait));
}

static void rait_before_3_tells_keys_and_endpoints(void **state)
{
	(void)state;
	assert_true(random_check("rait_toml", CASES, check_rait_toml));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(aronet_tells_all_but_wireguard),
		cmocka_unit_test(ranet_tells_all_but_wireguard),
		cmocka_unit_test(rait_tells_all_but_identities_and_serial_numbers),
		cmocka_unit_test(rait_before_3_tells_keys_and_endpoints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
