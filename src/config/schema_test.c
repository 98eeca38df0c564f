// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/config.h"

#include "base/cleanup.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct schema_object {
	const char *object;	/* in config.h */
	const char *definition; /* in the schema's $defs; NULL is the schema itself */
};

static const struct schema_object objects[] = {
	{ "", NULL },
	{ "daemon", "daemon" },
	{ "endpoints", "endpoint" },
	{ "wireguard", "wireguard" },
	{ "ipsec", "ipsec" },
	{ "babel", "babel" },
	{ "registry", "registry" },
	{ "policy", "policy" },
};

static struct json_object *member_of(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(object, name, &value))
		fail_msg("the schema has no \"%s\"", name);
	return value;
}

static bool array_has(struct json_object *array, const char *text)
{
	for (size_t i = 0; i < json_object_array_length(array); i++)
		if (!strcmp(json_object_get_string(json_object_array_get_idx(array, i)), text))
			return true;
	return false;
}

static bool is_required(struct json_object *schema, const char *name)
{
	struct json_object *required = NULL;

	return json_object_object_get_ex(schema, "required", &required) &&
	       array_has(required, name);
}

/* Same members and same required members, both ways. */
static void compare_object(struct json_object *schema, const char *object)
{
	struct json_object *properties = member_of(schema, "properties");
	size_t count = 0;
	const char *name;
	bool required;

	for (; (name = config_member_name(object, count, &required)); count++) {
		if (!json_object_object_get_ex(properties, name, NULL))
			fail_msg("\"%s\": \"%s\" is not in the schema", object, name);
		if (required != is_required(schema, name))
			fail_msg("\"%s\": \"%s\" is required in one of the two only", object, name);
	}
	assert_true(count > 0);
	if ((size_t)json_object_object_length(properties) != count)
		fail_msg("\"%s\": the schema has %d members, the parser %zu", object,
			 json_object_object_length(properties), count);
	assert_false(json_object_get_boolean(member_of(schema, "additionalProperties")));
}

static void schema_and_parser_know_the_same_members(void **state)
{
	struct json_object *schema = json_object_from_file(getenv("ARONET_CONFIG_SCHEMA"));

	(void)state;
	assert_non_null(schema);
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++) {
		struct json_object *object = schema;

		if (objects[i].definition)
			object = member_of(member_of(schema, "$defs"), objects[i].definition);
		compare_object(object, objects[i].object);
	}
	json_object_put(schema);
}

static struct json_object *property_of(struct json_object *schema, const char *definition,
				       const char *name)
{
	struct json_object *object = member_of(member_of(schema, "$defs"), definition);

	return member_of(member_of(object, "properties"), name);
}

static void schema_tells_the_limits_and_defaults_of_the_parser(void **state)
{
	struct json_object *schema = json_object_from_file(getenv("ARONET_CONFIG_SCHEMA"));
	struct json_object *value;

	(void)state;
	assert_non_null(schema);
	value = member_of(member_of(schema, "properties"), "endpoints");
	assert_int_equal(json_object_get_int(member_of(value, "maxItems")), NODE_ENDPOINTS_MAX);
	value = property_of(schema, "daemon", "runtime_dir");
	assert_int_equal(json_object_get_int(member_of(value, "maxLength")),
			 CONFIG_RUNTIME_DIR_MAX);
	assert_string_equal(json_object_get_string(member_of(value, "default")),
			    CONFIG_RUNTIME_DIR_DEFAULT);
	value = property_of(schema, "daemon", "state_dir");
	assert_int_equal(json_object_get_int(member_of(value, "maxLength")), CONFIG_STATE_DIR_MAX);
	assert_string_equal(json_object_get_string(member_of(value, "default")),
			    CONFIG_STATE_DIR_DEFAULT);
	value = property_of(schema, "daemon", "extra_ip");
	assert_int_equal(json_object_get_int(member_of(value, "maxItems")), CONFIG_EXTRA_IPS_MAX);
	value = property_of(schema, "registry", "source");
	assert_int_equal(json_object_get_int(member_of(value, "maxLength")), CONFIG_SOURCE_MAX);
	value = property_of(schema, "policy", "deny_keys");
	assert_int_equal(json_object_get_int(member_of(value, "maxItems")),
			 CONFIG_POLICY_ITEMS_MAX);
	value = property_of(schema, "endpoint", "mtu");
	assert_int_equal(json_object_get_int(member_of(value, "default")), CONFIG_MTU_DEFAULT);
	json_object_put(schema);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(schema_and_parser_know_the_same_members),
		cmocka_unit_test(schema_tells_the_limits_and_defaults_of_the_parser),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
