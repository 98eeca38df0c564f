// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/diff.h"

#include "base/cleanup.h"
#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix prefix;

	assert_int_equal(ip_prefix_parse(text, &prefix), 0);
	return prefix;
}

/* A node home/@name with its network, one LAN and one endpoint that dials out. */
static void node_make(struct registry_node *node, struct endpoint *endpoint,
		      struct ip_prefix prefixes[2], const char *name, const char *network,
		      const char *lan)
{
	*endpoint = (struct endpoint) { .family = AF_INET, .port = 12025, .send_port = 12025 };
	*node = (struct registry_node) {
		.id.organization = "home",
		.has_wireguard = true,
		.endpoints = endpoint,
		.endpoints_count = 1,
		.network = prefix(network),
		.prefixes = prefixes,
		.prefixes_count = lan ? 2 : 1,
	};
	(void)strcpy(node->id.common_name, name);
	node->wireguard_key[31] = (uint8_t)name[0];
	prefixes[0] = node->network;
	if (lan)
		prefixes[1] = prefix(lan);
}

struct nodes {
	struct registry_node moon, sun, earth;
	struct endpoint endpoints[3];
	struct ip_prefix prefixes[3][2];
};

static void nodes_make(struct nodes *nodes)
{
	node_make(&nodes->moon, &nodes->endpoints[0], nodes->prefixes[0], "moon", "fd66:1::/64",
		  "192.168.128.0/24");
	node_make(&nodes->sun, &nodes->endpoints[1], nodes->prefixes[1], "sun", "fd66:2::/64",
		  NULL);
	node_make(&nodes->earth, &nodes->endpoints[2], nodes->prefixes[2], "earth", "fd66:3::/64",
		  NULL);
}

static void expect_diff(struct outline *old, struct outline *new, const char *expected)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	CLEANUP(diff_done) struct diff diff = { 0 };

	outline_finish(old);
	outline_finish(new);
	diff_make(old, new, &diff);
	diff_format(&diff, &text);
	assert_string_equal(strbuf_text(&text), expected);
}

static void diff_of_the_same_is_empty_in_any_order(void **state)
{
	CLEANUP(outline_done) struct outline old = { 0 };
	CLEANUP(outline_done) struct outline new = { 0 };
	struct nodes nodes;

	(void)state;
	nodes_make(&nodes);
	outline_add_node(&old, &nodes.moon);
	outline_add_node(&old, &nodes.sun);
	outline_add_node(&new, &nodes.sun);
	outline_add_node(&new, &nodes.moon);
	expect_diff(&old, &new, "");
}

static void diff_tells_nodes_that_came_and_went(void **state)
{
	CLEANUP(outline_done) struct outline old = { 0 };
	CLEANUP(outline_done) struct outline new = { 0 };
	struct nodes nodes;

	(void)state;
	nodes_make(&nodes);
	outline_add_node(&old, &nodes.earth);
	outline_add_node(&old, &nodes.sun);
	outline_add_node(&new, &nodes.sun);
	outline_add_node(&new, &nodes.moon);
	expect_diff(&old, &new,
		    "- node home/earth\n"
		    "+ node home/moon\n"
		    "    endpoint 0: dials out only, ip4, port 12025, send_port 12025\n"
		    "    network: fd66:1::/64\n"
		    "    prefix 192.168.128.0/24\n"
		    "    wireguard: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAG0=\n");
}

static void diff_tells_what_changed_of_a_node(void **state)
{
	CLEANUP(outline_done) struct outline old = { 0 };
	CLEANUP(outline_done) struct outline new = { 0 };
	struct json_object *json =
		json_tokener_parse("{\"remarks\":{\"network\":\"x\",\"owner\":\"alice\"}}");
	struct nodes nodes;

	(void)state;
	nodes_make(&nodes);
	outline_add_node(&old, &nodes.moon);
	outline_add_node_members(&old, &nodes.moon.id, json);
	nodes.moon.endpoints[0].port = 500;
	nodes.prefixes[0][1] = prefix("192.168.129.0/24");
	outline_add_node(&new, &nodes.moon);
	expect_diff(&old, &new,
		    "~ node home/moon\n"
		    "  ~ endpoint 0: dials out only, ip4, port 12025, send_port 12025 -> dials out "
		    "only, ip4, port 500, send_port 12025\n"
		    "  - prefix 192.168.128.0/24\n"
		    "  + prefix 192.168.129.0/24\n"
		    "  - remark owner: \"alice\"\n");
	json_object_put(json);
}

static void diff_tells_keys_grants_and_revocations_of_a_mesh(void **state)
{
	CLEANUP(outline_done) struct outline old = { 0 };
	CLEANUP(outline_done) struct outline new = { 0 };
	struct grant grants[2] = { { prefix("fd66:1::/32"), 64, false },
				   { prefix("fd66:2::/32"), 64, true } };
	struct mesh_organization north = { .name = "north",
					   .keys = { .count = 1, .threshold = 1 },
					   .grants = grants,
					   .grants_count = 1,
					   .max_nodes = 64,
					   .is_transit = true };
	struct revocation revoked = { .kind = REVOCATION_NODE_KEY, .reason = "lost laptop" };
	struct mesh_document mesh = {
		.name = "fed",
		.mesh_role = { .count = 1, .threshold = 1 },
		.manifest_max_days = 90,
		.organizations = &north,
		.organizations_count = 1,
	};
	struct json_object *json = json_tokener_parse(
		"{\"keys\":[{\"id\":\"66687aadf862bd776c8fc18b8e9f8e20\",\"holder\":\"alice\"}]}");

	(void)state;
	outline_add_mesh(&old, &mesh, NULL);
	north.grants_count = 2;
	north.is_suspended = true;
	mesh.revoked = &revoked;
	mesh.revoked_count = 1;
	mesh.mesh_role.threshold = 2;
	outline_add_mesh(&new, &mesh, json);
	expect_diff(&old, &new,
		    "~ mesh fed\n"
		    "  ~ mesh key 6668-7aad-f862-bd77-6c8f-c18b-8e9f-8e20: nothing -> alice\n"
		    "  ~ mesh key threshold: 1 -> 2\n"
		    "  + revoked node-key 6668-7aad-f862-bd77-6c8f-c18b-8e9f-8e20: lost laptop\n"
		    "~ organization north\n"
		    "  + grant fd66:2::/32: prefixes to /64, shared\n"
		    "  ~ state: active -> suspended\n");
	json_object_put(json);
}

static void diff_in_json_has_both_values(void **state)
{
	CLEANUP(outline_done) struct outline old = { 0 };
	CLEANUP(outline_done) struct outline new = { 0 };
	CLEANUP(diff_done) struct diff diff = { 0 };
	struct json_object *json;
	struct nodes nodes;

	(void)state;
	nodes_make(&nodes);
	outline_add_node(&old, &nodes.sun);
	nodes.sun.network = prefix("fd66:9::/64");
	outline_add_node(&new, &nodes.sun);
	outline_finish(&old);
	outline_finish(&new);
	diff_make(&old, &new, &diff);
	json = diff_to_json(&diff);
	assert_string_equal(json_object_to_json_string_ext(json, JSON_C_TO_STRING_NOSLASHESCAPE),
			    "[{\"change\":\"changed\",\"subject\":\"node home/sun\","
			    "\"attributes\":[{\"change\":\"changed\",\"attribute\":\"network\","
			    "\"old\":\"fd66:2::/64\",\"new\":\"fd66:9::/64\"}]}]");
	json_object_put(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(diff_of_the_same_is_empty_in_any_order),
		cmocka_unit_test(diff_tells_nodes_that_came_and_went),
		cmocka_unit_test(diff_tells_what_changed_of_a_node),
		cmocka_unit_test(diff_tells_keys_grants_and_revocations_of_a_mesh),
		cmocka_unit_test(diff_in_json_has_both_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
