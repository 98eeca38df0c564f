// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The intended state over random registries: a pure function of what the registry says, not of the
 * order in which it says it, and one node's change is nobody else's operation.
 */
#include "base/memory.h"
#include "core/plan.h"
#include "crypto/crypto.h"
#include "intend/intend.h"
#include "intend/tunnel.h"
#include "random.h"
#include "registry/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define CASES 10000
#define NODES_MAX 8

static struct ip_address address_of(uint16_t family, unsigned node)
{
	struct ip_address address = { .family = family, .bytes = { 198, 51, 100 } };

	if (family == AF_INET6) {
		memcpy(address.bytes, (const uint8_t[]) { 0x20, 0x01, 0x0d, 0xb8 }, 4);
		address.bytes[15] = (uint8_t)(node + 2);
	} else {
		address.bytes[3] = (uint8_t)(node + 2);
	}
	return address;
}

static struct ip_prefix network_of(unsigned node)
{
	return (struct ip_prefix) { { AF_INET6, { 0xfd, (uint8_t)(0x60 + node) } }, 64 };
}

static struct ip_prefix lan_of(unsigned node)
{
	return (struct ip_prefix) { { AF_INET, { 192, 168, (uint8_t)(128 + node) } }, 24 };
}

static struct endpoint random_endpoint(struct random *random, unsigned node, unsigned serial)
{
	struct endpoint endpoint = {
		.serial_number = serial,
		.family = random_chance(random, 60) ? AF_INET : AF_INET6,
		.port = 12025,
		.send_port = (uint16_t)(20000 + node * 10 + serial),
		.mtu = 1420,
	};

	if (random_chance(random, 75))
		endpoint.address = address_of(endpoint.family, node);
	if (random_chance(random, 60))
		endpoint.transports = (uint8_t)(1 + random_below(random, 3));
	return endpoint;
}

static struct registry_node random_node(struct random *random, unsigned number)
{
	struct registry_node node = {
		.has_wireguard = random_chance(random, 85),
		.has_identity = random_chance(random, 60),
	};

	(void)snprintf(node.id.organization, sizeof(node.id.organization), "example");
	(void)snprintf(node.id.common_name, sizeof(node.id.common_name), "node%u", number);
	memset(node.wireguard_key, (int)number + 1, KEY_SIZE);
	memset(node.identity_key, (int)number + 101, KEY_SIZE);
	node.identity_is_shared = !node.has_identity && random_chance(random, 30);
	node.endpoints_count = 1 + random_below(random, 2);
	node.endpoints = NEW_ARRAY(struct endpoint, node.endpoints_count);
	for (unsigned i = 0; i < node.endpoints_count; i++)
		node.endpoints[i] = random_endpoint(random, number, i);
	node.network = network_of(number);
	*ARRAY_APPEND(node.prefixes, node.prefixes_count) = node.network;
	if (random_chance(random, 70))
		*ARRAY_APPEND(node.prefixes, node.prefixes_count) = lan_of(number);
	node.no_transit = random_chance(random, 40);
	return node;
}

static struct registry *random_registry(struct random *random)
{
	struct registry *registry = NEW(struct registry);
	unsigned count = 1 + random_below(random, NODES_MAX);

	registry->nodes = NEW_ARRAY(struct registry_node, NODES_MAX + 1);
	for (unsigned i = 0; i < count; i++)
		registry->nodes[registry->nodes_count++] = random_node(random, i);
	return registry;
}

/* The configuration of a node, as its registry entry says: with all transports for which it has a
 * key, unless the entry names some. */
static void config_of_node(const struct registry *registry, size_t number, struct config *ret)
{
	const struct registry_node *self = &registry->nodes[number];

	*ret = (struct config) {
		.self = self->id,
		.mode = OVERLAY_NETNS,
		.ifname = "aronet",
		.netns_name = "aronet",
		.network = self->network,
		.endpoints_count = self->endpoints_count,
		.has_wireguard = self->has_wireguard,
		.has_identity = node_key_transports(self) & TRANSPORT_IPSEC,
	};
	if (self->prefixes_count > 1) {
		ret->prefixes = self->prefixes + 1;
		ret->prefixes_count = 1;
	}
	memcpy(ret->endpoints, self->endpoints, self->endpoints_count * sizeof(self->endpoints[0]));
	for (unsigned i = 0; i < ret->endpoints_count; i++)
		ret->endpoints[i].transports = node_transports(self, &self->endpoints[i]);
	memcpy(ret->wireguard_public, self->wireguard_key, KEY_SIZE);
	memcpy(ret->identity_public, self->identity_key, KEY_SIZE);
	memset(ret->identity_seed, (int)number + 201, KEY_SIZE);
}

static void config_of(const struct registry *registry, struct config *ret)
{
	config_of_node(registry, 0, ret);
}

static const struct facts everything = {
	.has_userspace_wireguard = true,
	.has_babeld = true,
	.has_seg6 = true,
	.has_nf_tables = true,
};

static struct state *intended_for(const struct registry *registry)
{
	struct config config;
	struct state *state = NULL;

	config_of(registry, &config);
	assert_int_equal(intend(&config, registry, &everything, &state, NULL), 0);
	return state;
}

static bool is_whole(const struct state *state)
{
	for (size_t i = 0; i < state_count(state); i++) {
		struct object parents[OBJECT_PARENTS_MAX];
		unsigned count = object_parents(state_at(state, i), parents);
		char key[OBJECT_KEY_TEXT_SIZE];

		for (unsigned j = 0; j < count; j++)
			if (!state_find(state, &parents[j])) {
				printf("# %s lacks a parent\n",
				       object_format_key(state_at(state, i), key));
				return false;
			}
	}
	return true;
}

static bool states_are_whole(struct random *random)
{
	CLEANUP(registry_free) struct registry *registry = random_registry(random);
	CLEANUP(state_free) struct state *state = intended_for(registry);

	return is_whole(state);
}

static bool same_registry_is_an_empty_plan(struct random *random)
{
	CLEANUP(registry_free) struct registry *registry = random_registry(random);
	CLEANUP(state_free) struct state *first = intended_for(registry);
	CLEANUP(state_free) struct state *second = intended_for(registry);
	CLEANUP(plan_free) struct plan *plan = plan_make(first, second, NULL, NULL);

	return plan->operations_count == 0 && plan->conflicts_count == 0;
}

/* Kinds that belong to one tunnel; what all peers share (firewall, filters) may change with any. */
static const char *tunnel_of(const struct object *object)
{
	switch (object->kind) {
	case OBJECT_LINK:
		return object->link.name;
	case OBJECT_VRF_MEMBER:
		return object->vrf_member.link;
	case OBJECT_ADDRESS:
		return object->address.link;
	case OBJECT_WIREGUARD:
		return object->wireguard.link;
	case OBJECT_IKE_CONNECTION:
		return object->ike_connection.link;
	case OBJECT_ROUTE:
		return object->route.link;
	case OBJECT_BABEL_INTERFACE:
		return object->babel_interface.link;
	case OBJECT_NETNS:
	case OBJECT_SYSCTL:
	case OBJECT_IKE_DAEMON:
	case OBJECT_IKE_PPK:
	case OBJECT_SID:
	case OBJECT_VRF_RULE:
	case OBJECT_RULESET:
	case OBJECT_SPEAKER:
		break;
	}
	return "";
}

static bool a_change_of_one_peer_leaves_the_others(struct random *random)
{
	CLEANUP(registry_free) struct registry *registry = random_registry(random);
	CLEANUP(state_free) struct state *before = intended_for(registry);
	CLEANUP(state_free) struct state *after = NULL;
	CLEANUP(plan_free) struct plan *plan = NULL;
	CLEANUP(tunnels_done) struct tunnels tunnels = { 0 };
	unsigned changed = random_below(random, (unsigned)registry->nodes_count);
	struct config config;

	if (changed == 0)
		return true; /* that is ourselves */
	registry_node_done(&registry->nodes[changed]);
	registry->nodes[changed] = random_node(random, changed);
	after = intended_for(registry);
	plan = plan_make(after, before, NULL, NULL);
	config_of(registry, &config);
	tunnels_make(&config, registry, &everything, &tunnels);
	for (size_t i = 0; i < plan->operations_count; i++) {
		const struct object *object = operation_object(&plan->operations[i]);
		const struct tunnel *tunnel = tunnels_find(&tunnels, tunnel_of(object));

		if (tunnel && tunnel->peer != &registry->nodes[changed]) {
			printf("# peer %u changed, operation on %s\n", changed, tunnel->label);
			return false;
		}
	}
	return true;
}

static bool have_tunnel(const struct registry *registry, size_t from, size_t to)
{
	CLEANUP(tunnels_done) struct tunnels tunnels = { 0 };
	struct config config;

	config_of_node(registry, from, &config);
	tunnels_make(&config, registry, &everything, &tunnels);
	for (size_t i = 0; i < tunnels.count; i++)
		if (tunnels.items[i].peer == &registry->nodes[to])
			return true;
	return false;
}

/* Marks all nodes to which a way leads from @from, by trying every tunnel. */
static void walk(const struct registry *registry, size_t from, bool reached[NODES_MAX])
{
	for (size_t i = 1; i < registry->nodes_count; i++)
		if (!reached[i] && have_tunnel(registry, from, i)) {
			reached[i] = true;
			if (!registry->nodes[i].no_transit)
				walk(registry, i, reached);
		}
}

static bool node_is_cut_off_if_no_way_leads_there(struct random *random)
{
	CLEANUP(registry_free) struct registry *registry = random_registry(random);
	CLEANUP(tunnels_done) struct tunnels tunnels = { 0 };
	bool reached[NODES_MAX] = { true };
	struct config config;

	config_of(registry, &config);
	tunnels_make(&config, registry, &everything, &tunnels);
	walk(registry, 0, reached);
	for (size_t i = 0; i < tunnels.without_count; i++) {
		size_t number = (size_t)(tunnels.without[i].peer - registry->nodes);

		if (tunnels.without[i].is_cut_off == reached[number]) {
			printf("# node %zu is %sreached\n", number, reached[number] ? "" : "not ");
			return false;
		}
	}
	return true;
}

static const char *body_of(const struct state *state, const struct object *like)
{
	const struct object *object = state_find(state, like);

	return object->kind == OBJECT_SPEAKER ? object->speaker.body : object->ruleset.body;
}

/* Both the routing daemon and the firewall are told, of the same tunnels. */
static bool only_tunnels_to_nodes_without_transit_are_limited(struct random *random)
{
	const struct object speaker = { .kind = OBJECT_SPEAKER, .speaker.name = "babel" };
	const struct object ruleset = {
		.kind = OBJECT_RULESET,
		.ruleset = { .space = SPACE_OVERLAY, .name = "aronet" },
	};
	CLEANUP(registry_free) struct registry *registry = random_registry(random);
	CLEANUP(state_free) struct state *state = intended_for(registry);
	CLEANUP(tunnels_done) struct tunnels tunnels = { 0 };
	const char *policy = body_of(state, &speaker);
	const char *rules = body_of(state, &ruleset);
	bool self = registry->nodes[0].no_transit;
	struct config config;

	config_of(registry, &config);
	tunnels_make(&config, registry, &everything, &tunnels);
	for (size_t i = 0; i < tunnels.count; i++) {
		char rule[64], element[64], speaker_element[96], address[IP_ADDRESS_TEXT_SIZE];

		(void)snprintf(rule, sizeof(rule), "\naccept nothing else on %s\n",
			       tunnels.items[i].ifname);
		(void)snprintf(element, sizeof(element), "\"%s\" . fd", tunnels.items[i].ifname);
		(void)snprintf(speaker_element, sizeof(speaker_element), "\"%s\" . %s",
			       tunnels.items[i].ifname,
			       ip_address_format(&tunnels.items[i].peer_address, address));
		if (tunnels.items[i].peer->no_transit != !!strstr(policy, rule) ||
		    tunnels.items[i].peer->no_transit != !!strstr(rules, element) ||
		    !strstr(rules, speaker_element))
			return false;
	}
	return self == !!strstr(policy, "\nannounce nothing else\n") &&
	       self == !!strstr(rules, "counter name transit drop\n");
}

/* A document with its nodes in another order, or one that is refused. */
static char *document_of(const struct registry *registry, const unsigned *order, bool spoil)
{
	struct strbuf text = { 0 };
	char key[CRYPTO_KEY_BASE64_SIZE], buffer[IP_PREFIX_TEXT_SIZE];

	strbuf_puts(&text,
		    "[{\"public_key\": \"-----BEGIN PUBLIC KEY-----\\n"
		    "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\\n"
		    "-----END PUBLIC KEY-----\\n\", \"organization\": \"example\", \"nodes\": [");
	for (size_t i = 0; i < registry->nodes_count; i++) {
		const struct registry_node *node = &registry->nodes[order[i]];

		strbuf_printf(
			&text,
			"%s{\"common_name\": \"%s\", \"wireguard\": [{\"public_key\": \"%s\"}], ",
			i ? ", " : "", node->id.common_name,
			crypto_key_to_base64(node->wireguard_key, key));
		strbuf_printf(&text,
			      "\"endpoints\": [{\"address\": null, \"address_family\": \"%s\", "
			      "\"port\": 12025, \"send_port\": %u}], ",
			      node->endpoints[0].family == AF_INET ? "ip4" : "ip6",
			      node->endpoints[0].send_port);
		strbuf_printf(&text, "\"remarks\": {\"network\": \"%s\"}}",
			      ip_prefix_format(&node->network, buffer));
	}
	strbuf_puts(&text, spoil ? "], }]" : "]}]");
	return strbuf_take(&text);
}

static int parse(const char *document, struct registry **ret)
{
	const struct registry_options options = {
		.allow_unsigned_config = true,
		.allow_unsigned_flag = true,
	};

	return registry_load(document, strlen(document), "registry.json", &options, NULL, ret,
			     NULL);
}

static bool order_of_the_document_does_not_matter(struct random *random)
{
	CLEANUP(registry_free) struct registry *registry = random_registry(random);
	CLEANUP(registry_free) struct registry *first = NULL;
	CLEANUP(registry_free) struct registry *second = NULL;
	CLEANUP(state_free) struct state *state = NULL;
	CLEANUP(state_free) struct state *shuffled = NULL;
	CLEANUP(free) char *document = NULL;
	CLEANUP(free) char *other = NULL;
	unsigned order[NODES_MAX];
	struct config config;

	for (unsigned i = 0; i < NODES_MAX; i++)
		order[i] = i;
	document = document_of(registry, order, false);
	for (unsigned i = (unsigned)registry->nodes_count; i-- > 1;) {
		unsigned j = random_below(random, i + 1), swap = order[i];

		order[i] = order[j];
		order[j] = swap;
	}
	other = document_of(registry, order, false);
	config_of(registry, &config);
	assert_int_equal(parse(document, &first), 0);
	assert_int_equal(parse(other, &second), 0);
	assert_int_equal(intend(&config, first, &everything, &state, NULL), 0);
	assert_int_equal(intend(&config, second, &everything, &shuffled, NULL), 0);
	return state_equal(state, shuffled);
}

static bool refused_document_changes_nothing(struct random *random)
{
	CLEANUP(registry_free) struct registry *registry = random_registry(random);
	CLEANUP(state_free) struct state *before = intended_for(registry);
	CLEANUP(state_free) struct state *after = NULL;
	CLEANUP(free) char *document = NULL;
	struct registry *held = registry;
	unsigned order[NODES_MAX];

	for (unsigned i = 0; i < NODES_MAX; i++)
		order[i] = i;
	document = document_of(registry, order, true);
	if (parse(document, &held) == 0 || held != registry)
		return false;
	after = intended_for(held);
	return state_equal(before, after);
}

static void test_tunnel_ends_agree_on_ports(void **unused)
{
	/* The two directions of RAIT's scheme: A sends to 50001, B to 50002. */
	struct endpoint endpoints[2];
	struct registry_node nodes[2] = {
		{ .id = { "o", "a" },
		  .has_wireguard = true,
		  .wireguard_key = { 1 },
		  .endpoints = &endpoints[0],
		  .endpoints_count = 1 },
		{ .id = { "o", "b" },
		  .has_wireguard = true,
		  .wireguard_key = { 2 },
		  .endpoints = &endpoints[1],
		  .endpoints_count = 1 },
	};
	struct registry registry = { .nodes = nodes, .nodes_count = 2 };
	CLEANUP(tunnels_done) struct tunnels at_a = { 0 };
	CLEANUP(tunnels_done) struct tunnels at_b = { 0 };
	struct config config;

	(void)unused;
	for (unsigned i = 0; i < 2; i++)
		endpoints[i] = (struct endpoint) {
			.family = AF_INET,
			.address = address_of(AF_INET, i),
			.send_port = (uint16_t)(50001 + i),
		};
	config_of(&registry, &config);
	tunnels_make(&config, &registry, &everything, &at_a);
	config.self = nodes[1].id;
	memcpy(config.wireguard_public, nodes[1].wireguard_key, KEY_SIZE);
	config.endpoints[0] = endpoints[1];
	tunnels_make(&config, &registry, &everything, &at_b);
	assert_int_equal(at_a.count, 1);
	assert_int_equal(at_b.count, 1);
	assert_int_equal(at_a.items[0].listen_port, 50002);
	assert_int_equal(at_a.items[0].endpoint.port, 50001);
	assert_int_equal(at_b.items[0].listen_port, 50001);
	assert_int_equal(at_b.items[0].endpoint.port, 50002);
	assert_int_equal(
		ip_address_compare(&at_a.items[0].local_address, &at_b.items[0].peer_address), 0);
	assert_int_equal(
		ip_address_compare(&at_a.items[0].peer_address, &at_b.items[0].local_address), 0);
}

/* Some of those that are not wanted; the caller frees facts.kept. */
static struct facts keep_some(struct random *random, const struct tunnels *unwanted)
{
	struct facts facts = everything;

	for (size_t i = 0; i < unwanted->count; i++) {
		struct kept_tunnel *kept;

		if (random_chance(random, 50))
			continue;
		kept = ARRAY_APPEND(facts.kept, facts.kept_count);
		memcpy(kept->ifname, unwanted->items[i].ifname, IFNAME_SIZE);
		kept->is_leaving = random_chance(random, 50);
	}
	return facts;
}

static bool is_named(const struct facts *facts, const struct tunnel *tunnel)
{
	for (size_t i = 0; i < facts->kept_count; i++)
		if (!strcmp(facts->kept[i].ifname, tunnel->ifname))
			return true;
	return false;
}

/* And they change nothing of the tunnels that are wanted. */
static bool kept_tunnels_are_those_that_are_named(struct random *random)
{
	CLEANUP(registry_free) struct registry *registry = random_registry(random);
	CLEANUP(tunnels_done) struct tunnels wanted = { 0 };
	CLEANUP(tunnels_done) struct tunnels unwanted = { 0 };
	CLEANUP(tunnels_done) struct tunnels all = { 0 };
	struct facts facts;
	struct config config;
	bool is_right;

	config_of(registry, &config);
	tunnels_make(&config, registry, &everything, &wanted);
	tunnels_make_unwanted(&config, registry, &everything, &unwanted);
	facts = keep_some(random, &unwanted);
	tunnels_make(&config, registry, &facts, &all);
	is_right = all.count == wanted.count + facts.kept_count;
	for (size_t i = 0; i < all.count; i++) {
		const struct tunnel *tunnel = &all.items[i];
		const struct tunnel *plain = tunnels_find(&wanted, tunnel->ifname);

		is_right &=
			tunnel->is_kept == is_named(&facts, tunnel) && tunnel->is_kept != !!plain;
		is_right &= !plain || plain->if_id == tunnel->if_id;
	}
	free(facts.kept);
	return is_right;
}

static bool states_with_kept_tunnels_are_whole(struct random *random)
{
	CLEANUP(registry_free) struct registry *registry = random_registry(random);
	CLEANUP(tunnels_done) struct tunnels unwanted = { 0 };
	CLEANUP(state_free) struct state *state = NULL;
	struct config config;
	struct facts facts;

	config_of(registry, &config);
	tunnels_make_unwanted(&config, registry, &everything, &unwanted);
	facts = keep_some(random, &unwanted);
	assert_int_equal(intend(&config, registry, &facts, &state, NULL), 0);
	free(facts.kept);
	return is_whole(state);
}

/* Each pair of xfrm interfaces of a namespace needs numbers of its own. */
static bool if_ids_are_unique(struct random *random)
{
	CLEANUP(registry_free) struct registry *registry = random_registry(random);
	CLEANUP(tunnels_done) struct tunnels tunnels = { 0 };
	struct config config;

	config_of(registry, &config);
	tunnels_make(&config, registry, &everything, &tunnels);
	for (size_t i = 0; i < tunnels.count; i++) {
		uint32_t if_id = tunnels.items[i].if_id;

		if ((tunnels.items[i].transport == TRANSPORT_IPSEC) != (if_id != 0))
			return false;
		for (size_t j = 0; j < i; j++)
			if (if_id && tunnels.items[j].if_id == if_id)
				return false;
	}
	return true;
}

/* Whoever adds a node to the registry gives it ports that are free; its configuration has none. */
static bool ports_come_from_the_registry(struct random *random)
{
	CLEANUP(registry_free) struct registry *registry = random_registry(random);
	CLEANUP(state_free) struct state *written_out = intended_for(registry);
	CLEANUP(state_free) struct state *left_out = NULL;
	struct config config;

	config_of(registry, &config);
	for (unsigned i = 0; i < config.endpoints_count; i++)
		config.endpoints[i].send_port = 0;
	assert_int_equal(intend(&config, registry, &everything, &left_out, NULL), 0);
	return state_equal(written_out, left_out);
}

static void test_ports_without_any_entry_are_the_port(void **unused)
{
	struct endpoint theirs = { .serial_number = 7, .port = 12025, .send_port = 20001 };
	const struct registry_node self = { .endpoints = &theirs, .endpoints_count = 1 };
	struct endpoint ours = { .serial_number = 7, .port = 12025 };

	(void)unused;
	assert_int_equal(endpoint_send_port(&ours, &self), 20001);
	assert_int_equal(endpoint_send_port(&ours, NULL), 12025);
	ours.send_port = 30001;
	assert_int_equal(endpoint_send_port(&ours, &self), 30001);
	ours = (struct endpoint) { .serial_number = 8, .port = 12026 };
	assert_int_equal(endpoint_send_port(&ours, &self), 12026);
}

static void test_vrf_without_kernel_support_names_the_other_mode(void **unused)
{
	struct config config = { .mode = OVERLAY_VRF };
	struct state *state = NULL;
	struct error error = { 0 };

	(void)unused;
	assert_true(intend(&config, NULL, &everything, &state, &error) < 0);
	assert_null(state);
	assert_string_equal(error.text,
			    "this kernel has no VRF devices (CONFIG_NET_VRF); set it to "
			    "\"netns\" to keep the overlay in a network namespace, or use a "
			    "kernel that has them");
}

#define PROPERTY(check)                                                                            \
	static void test_##check(void **unused)                                                    \
	{                                                                                          \
		(void)unused;                                                                      \
		assert_true(random_check(#check, CASES, check));                                   \
	}
PROPERTY(states_are_whole)
PROPERTY(states_with_kept_tunnels_are_whole)
PROPERTY(kept_tunnels_are_those_that_are_named)
PROPERTY(if_ids_are_unique)
PROPERTY(same_registry_is_an_empty_plan)
PROPERTY(a_change_of_one_peer_leaves_the_others)
PROPERTY(node_is_cut_off_if_no_way_leads_there)
PROPERTY(only_tunnels_to_nodes_without_transit_are_limited)
PROPERTY(order_of_the_document_does_not_matter)
PROPERTY(ports_come_from_the_registry)
PROPERTY(refused_document_changes_nothing)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states_are_whole),
		cmocka_unit_test(test_states_with_kept_tunnels_are_whole),
		cmocka_unit_test(test_kept_tunnels_are_those_that_are_named),
		cmocka_unit_test(test_if_ids_are_unique),
		cmocka_unit_test(test_same_registry_is_an_empty_plan),
		cmocka_unit_test(test_a_change_of_one_peer_leaves_the_others),
		cmocka_unit_test(test_node_is_cut_off_if_no_way_leads_there),
		cmocka_unit_test(test_only_tunnels_to_nodes_without_transit_are_limited),
		cmocka_unit_test(test_order_of_the_document_does_not_matter),
		cmocka_unit_test(test_refused_document_changes_nothing),
		cmocka_unit_test(test_ports_come_from_the_registry),
		cmocka_unit_test(test_tunnel_ends_agree_on_ports),
		cmocka_unit_test(test_ports_without_any_entry_are_the_port),
		cmocka_unit_test(test_vrf_without_kernel_support_names_the_other_mode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
