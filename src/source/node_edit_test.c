// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/node_edit.h"

#include "base/cleanup.h"
#include "source/json_edit.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t mesh_id[MESH_ID_SIZE] = { 0x3f };

/* What a node @name asks for: @endpoints is a JSON array with single quotes. */
static void request_make(struct join_request *request, const char *name, const char *endpoints)
{
	char text[512];

	*request = (struct join_request) { .node.id.organization = "home" };
	(void)strcpy(request->node.id.common_name, name);
	(void)snprintf(text, sizeof(text),
		       "{\"common_name\":\"%s\",\"endpoints\":%s,\"x-rack\":\"7\"}", name,
		       endpoints);
	for (char *at = text; *at; at++)
		if (*at == '\'')
			*at = '"';
	request->node_json = json_tokener_parse(text);
	assert_non_null(request->node_json);
}

static int add(struct json_object *org, const char *name, const char *endpoints,
	       struct port_set *taken, struct error *error)
{
	struct join_request request;
	int result;

	request_make(&request, name, endpoints);
	result = org_edit_add_node(org, &request, taken, error);
	json_object_put(request.node_json);
	return result;
}

/* send_port of an endpoint as the document says it; 0 if it does not. */
static int send_port(struct json_object *org, size_t node, size_t endpoint)
{
	struct json_object *object = json_object_array_get_idx(json_array(org, "nodes"), node);

	object = json_object_array_get_idx(json_array(object, "endpoints"), endpoint);
	return json_object_get_int(json_object_object_get(object, "send_port"));
}

static void each_endpoint_gets_a_port_of_its_own(void **state)
{
	struct json_object *org = org_edit_new(mesh_id, "home", 1795219200);
	struct port_set taken = { 0 };

	(void)state;
	assert_int_equal(add(org, "moon", "[{'port':12025}]", &taken, NULL), 0);
	assert_int_equal(add(org, "sun", "[{'port':12025},{'port':12025}]", &taken, NULL), 0);
	assert_int_equal(add(org, "earth", "[{'port':12025},{'port':500}]", &taken, NULL), 0);
	assert_int_equal(send_port(org, 0, 0), 0); /* the port itself, which is the default */
	assert_int_equal(send_port(org, 1, 0), 12026);
	assert_int_equal(send_port(org, 1, 1), 12027);
	assert_int_equal(send_port(org, 2, 0), 12028);
	assert_int_equal(send_port(org, 2, 1), 0);
	assert_true(port_set_has(&taken, 500));
	json_object_put(org);
}

static void ports_of_other_organizations_are_taken(void **state)
{
	struct endpoint endpoints[] = { { .send_port = 12025 }, { .send_port = 12027 } };
	const struct registry_node node = { .endpoints = endpoints, .endpoints_count = 2 };
	struct json_object *org = org_edit_new(mesh_id, "home", 1795219200);
	struct port_set taken = { 0 };

	(void)state;
	port_set_add_node(&taken, &node);
	assert_int_equal(add(org, "moon", "[{'port':12025},{'port':12025}]", &taken, NULL), 0);
	assert_int_equal(send_port(org, 0, 0), 12026);
	assert_int_equal(send_port(org, 0, 1), 12028);
	json_object_put(org);
}

static void the_last_port_is_followed_by_the_first(void **state)
{
	struct json_object *org = org_edit_new(mesh_id, "home", 1795219200);
	struct port_set taken = { 0 };
	struct error error = { 0 };

	(void)state;
	assert_int_equal(add(org, "moon", "[{'port':65535},{'port':65535}]", &taken, NULL), 0);
	assert_int_equal(send_port(org, 0, 1), 1024);
	memset(&taken, 0xff, sizeof(taken));
	assert_int_equal(add(org, "sun", "[{'port':12025}]", &taken, &error), -ENOSPC);
	assert_int_equal(error.code, ERROR_TOO_BIG);
	assert_int_equal(json_object_array_length(json_array(org, "nodes")), 1);
	json_object_put(org);
}

static void a_port_that_is_asked_for_and_taken_is_refused(void **state)
{
	struct json_object *org = org_edit_new(mesh_id, "home", 1795219200);
	struct port_set taken = { 0 };
	struct error error = { 0 };

	(void)state;
	assert_int_equal(add(org, "moon", "[{'port':1,'send_port':20001}]", &taken, NULL), 0);
	assert_int_equal(add(org, "sun", "[{'port':1,'send_port':20001}]", &taken, &error),
			 -EEXIST);
	assert_int_equal(error.code, ERROR_OVERLAP);
	assert_string_equal(error.place, "home/sun");
	json_object_put(org);
}

static void nodes_are_added_as_they_were_sent_and_once(void **state)
{
	struct json_object *org = org_edit_new(mesh_id, "home", 1795219200);
	struct port_set taken = { 0 };
	struct error error = { 0 };

	(void)state;
	assert_int_equal(add(org, "moon", "[]", &taken, NULL), 0);
	assert_string_equal(
		json_text(json_object_array_get_idx(json_array(org, "nodes"), 0), "x-rack"), "7");
	assert_int_equal(add(org, "MOON", "[]", &taken, &error), -EEXIST);
	assert_int_equal(error.code, ERROR_NAME);
	assert_int_equal(org_edit_remove_node(org, "sun", &error), -ENOENT);
	assert_string_equal(error.text, "organization \"home\" has no node \"sun\"");
	assert_int_equal(org_edit_remove_node(org, "moon", &error), 0);
	assert_int_equal(json_object_array_length(json_array(org, "nodes")), 0);
	json_object_put(org);
}

static int add_body(struct json_object *org, const char *text, struct error *error)
{
	struct json_object *body = json_tokener_parse(text);
	int result = org_edit_add_body(org, body, error);

	json_object_put(body);
	return result;
}

static void imported_nodes_come_once_and_with_their_key(void **state)
{
	struct json_object *org = org_edit_new(mesh_id, "home", 1795219200);
	struct error error = { 0 };

	(void)state;
	assert_int_equal(add_body(org,
				  "{\"public_key\":\"A\",\"nodes\":[{\"common_name\":\"moon\"}]}",
				  NULL),
			 0);
	assert_string_equal(json_text(org, "public_key"), "A");
	assert_int_equal(json_object_array_length(json_array(org, "nodes")), 1);
	assert_int_equal(add_body(org, "{\"nodes\":[{\"common_name\":\"sun\"}]}", NULL), 0);
	assert_int_equal(json_object_array_length(json_array(org, "nodes")), 2);
	assert_int_equal(add_body(org, "{\"nodes\":[{\"common_name\":\"Moon\"}]}", &error),
			 -EEXIST);
	assert_int_equal(error.code, ERROR_NAME);
	assert_string_equal(error.text,
			    "home/Moon is in the registry already; to replace it, remove "
			    "it first");
	assert_int_equal(add_body(org, "{\"public_key\":\"B\",\"nodes\":[]}", &error), -EEXIST);
	assert_int_equal(error.code, ERROR_KEY_REUSED);
	json_object_put(org);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_endpoint_gets_a_port_of_its_own),
		cmocka_unit_test(ports_of_other_organizations_are_taken),
		cmocka_unit_test(the_last_port_is_followed_by_the_first),
		cmocka_unit_test(a_port_that_is_asked_for_and_taken_is_refused),
		cmocka_unit_test(nodes_are_added_as_they_were_sent_and_once),
		cmocka_unit_test(imported_nodes_come_once_and_with_their_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
