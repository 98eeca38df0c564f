// SPDX-License-Identifier: GPL-2.0-or-later
#include "intend/impact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* This node is example/moon; the others are example/earth and example/sun. */
enum {
	EARTH,
	MOON,
	SUN,
	NODES
};

struct mesh {
	struct registry registry;
	struct registry_node nodes[NODES];
	struct endpoint endpoints[NODES];
	struct ip_prefix networks[NODES];
};

static void mesh_make(struct mesh *mesh)
{
	static const char *const names[NODES] = { "earth", "moon", "sun" };
	char text[IP_PREFIX_TEXT_SIZE];

	*mesh = (struct mesh) { .registry = { .nodes = mesh->nodes, .nodes_count = NODES } };
	for (unsigned i = 0; i < NODES; i++) {
		struct registry_node *node = &mesh->nodes[i];

		(void)snprintf(text, sizeof(text), "fd66:%u::/64", i + 1);
		assert_int_equal(ip_prefix_parse(text, &mesh->networks[i]), 0);
		mesh->endpoints[i] = (struct endpoint) {
			.family = AF_INET,
			.port = 12025,
			.send_port = (uint16_t)(20001 + i),
		};
		(void)snprintf(text, sizeof(text), "192.0.2.%u", i + 1);
		assert_int_equal(ip_address_parse(text, &mesh->endpoints[i].address), 0);
		*node = (struct registry_node) {
			.has_wireguard = true,
			.endpoints = &mesh->endpoints[i],
			.endpoints_count = 1,
			.network = mesh->networks[i],
			.prefixes = &mesh->networks[i],
			.prefixes_count = 1,
		};
		(void)strcpy(node->id.organization, "example");
		(void)strcpy(node->id.common_name, names[i]);
		memset(node->wireguard_key, (int)i + 1, KEY_SIZE);
	}
}

/* On example/moon. The count of operations is the business of plan tests, so it is 0 here. */
static void make_impact(const struct registry *old, const struct registry *new, struct impact *ret)
{
	const struct facts facts = { .has_userspace_wireguard = true,
				     .has_seg6 = true,
				     .has_nf_tables = true,
				     .has_babeld = true };
	struct error error = { 0 };
	struct mesh plain;
	struct config config = {
		.mode = OVERLAY_NETNS,
		.ifname = "aronet",
		.netns_name = "aronet",
		.endpoints_count = 1,
		.has_wireguard = true,
	};

	mesh_make(&plain);
	config.self = plain.nodes[MOON].id;
	config.network = plain.networks[MOON];
	config.endpoints[0] = plain.endpoints[MOON];
	memcpy(config.wireguard_public, plain.nodes[MOON].wireguard_key, KEY_SIZE);
	if (impact_make(&config, &facts, old, new, ret, &error) < 0)
		fail_msg("%s", error.text);
	ret->operations = 0;
}

static void expect_impact(const struct registry *old, const struct registry *new,
			  const char *expected)
{
	CLEANUP(impact_done) struct impact impact = { 0 };
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	make_impact(old, new, &impact);
	impact_format(&impact, &text);
	assert_string_equal(strbuf_text(&text), expected);
}

static void impact_of_the_same_registry_is_none(void **state)
{
	struct mesh old, new;

	(void)state;
	mesh_make(&old);
	mesh_make(&new);
	expect_impact(&old.registry, &new.registry, "2 tunnels untouched, 0 operations\n");
}

static void impact_tells_tunnels_that_come_and_go(void **state)
{
	struct mesh one, all;

	(void)state;
	mesh_make(&one);
	mesh_make(&all);
	one.registry.nodes_count = 2; /* without sun */
	expect_impact(&one.registry, &all.registry,
		      "+ tunnel example/sun/0 (from endpoint 0) comes up\n"
		      "1 tunnel untouched, 0 operations\n");
	expect_impact(&all.registry, &one.registry,
		      "- tunnel example/sun/0 (from endpoint 0) goes down\n"
		      "1 tunnel untouched, 0 operations\n");
	expect_impact(&all.registry, NULL,
		      "- tunnel example/earth/0 (from endpoint 0) goes down\n"
		      "- tunnel example/sun/0 (from endpoint 0) goes down\n"
		      "0 tunnels untouched, 0 operations\n");
}

static void impact_tells_what_interrupts_and_what_does_not(void **state)
{
	struct mesh old, new;

	(void)state;
	mesh_make(&old);
	mesh_make(&new);
	assert_int_equal(ip_address_parse("198.51.100.9", &new.endpoints[EARTH].address), 0);
	new.nodes[SUN].wireguard_key[5] = 99;
	expect_impact(
		&old.registry, &new.registry,
		"~ tunnel example/earth/0 (from endpoint 0) is changed: sends to 192.0.2.1 -> "
		"198.51.100.9\n"
		"~ tunnel example/sun/0 (from endpoint 0) is made anew: another key; "
		"interrupted until both ends have loaded\n"
		"0 tunnels untouched, 0 operations\n");
	mesh_make(&new);
	new.endpoints[EARTH].send_port = 30001;
	expect_impact(
		&old.registry, &new.registry,
		"~ tunnel example/earth/0 (from endpoint 0) is changed: listens on port 20001 "
		"-> 30001; interrupted until both ends have loaded\n"
		"1 tunnel untouched, 0 operations\n");
}

static void impact_is_told_in_json_too(void **state)
{
	CLEANUP(impact_done) struct impact impact = { 0 };
	struct json_object *object;
	struct mesh old, new;

	(void)state;
	mesh_make(&old);
	mesh_make(&new);
	new.endpoints[EARTH].send_port = 30001;
	new.nodes[SUN].wireguard_key[5] = 99;
	make_impact(&old.registry, &new.registry, &impact);
	object = impact_to_json(&impact);
	assert_string_equal(json_object_to_json_string_ext(object, JSON_C_TO_STRING_NOSLASHESCAPE),
			    "{\"tunnels\":["
			    "{\"change\":\"changed\",\"tunnel\":\"example/earth/0\",\"endpoint\":0,"
			    "\"what\":\"listens on port 20001 -> 30001\",\"interrupts\":true},"
			    "{\"change\":\"remade\",\"tunnel\":\"example/sun/0\",\"endpoint\":0,"
			    "\"what\":\"another key\",\"interrupts\":true}],"
			    "\"untouched\":0,\"operations\":0}");
	json_object_put(object);
	impact_done(&impact);
	mesh_make(&new);
	new.registry.nodes_count = 2; /* without sun */
	make_impact(&old.registry, &new.registry, &impact);
	object = impact_to_json(&impact);
	assert_string_equal(json_object_to_json_string_ext(object, JSON_C_TO_STRING_NOSLASHESCAPE),
			    "{\"tunnels\":["
			    "{\"change\":\"down\",\"tunnel\":\"example/sun/0\",\"endpoint\":0,"
			    "\"what\":\"\",\"interrupts\":false}],"
			    "\"untouched\":1,\"operations\":0}");
	json_object_put(object);
	impact_done(&impact);
	make_impact(&new.registry, &old.registry, &impact);
	object = impact_to_json(&impact);
	assert_non_null(strstr(json_object_to_json_string_ext(object, 0), "\"change\":\"up\""));
	json_object_put(object);
}

static void impact_counts_the_operations_of_the_plan(void **state)
{
	const struct facts facts = { .has_userspace_wireguard = true,
				     .has_seg6 = true,
				     .has_nf_tables = true,
				     .has_babeld = true };
	CLEANUP(impact_done) struct impact none = { 0 };
	CLEANUP(impact_done) struct impact some = { 0 };
	struct mesh old, new;
	struct config config = {
		.mode = OVERLAY_NETNS,
		.ifname = "aronet",
		.netns_name = "aronet",
		.endpoints_count = 1,
		.has_wireguard = true,
	};

	(void)state;
	mesh_make(&old);
	mesh_make(&new);
	config.self = old.nodes[MOON].id;
	config.network = old.networks[MOON];
	config.endpoints[0] = old.endpoints[MOON];
	assert_int_equal(impact_make(&config, &facts, &old.registry, &new.registry, &none, NULL),
			 0);
	assert_int_equal(none.operations, 0);
	new.registry.nodes_count = 2;
	assert_int_equal(impact_make(&config, &facts, &old.registry, &new.registry, &some, NULL),
			 0);
	assert_true(some.operations > 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(impact_of_the_same_registry_is_none),
		cmocka_unit_test(impact_tells_tunnels_that_come_and_go),
		cmocka_unit_test(impact_tells_what_interrupts_and_what_does_not),
		cmocka_unit_test(impact_is_told_in_json_too),
		cmocka_unit_test(impact_counts_the_operations_of_the_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
