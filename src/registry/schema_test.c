// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/legacy.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* registry.schema.json is for editors; the tables of the parser decide. Both must say the same. */
static struct json_object *member(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(object, name, &value))
		fail_msg("the schema lacks \"%s\"", name);
	return value;
}

static bool array_holds(struct json_object *array, const char *text)
{
	for (size_t i = 0; i < json_object_array_length(array); i++)
		if (!strcmp(json_object_get_string(json_object_array_get_idx(array, i)), text))
			return true;
	return false;
}

static const struct json_member *table_find(const struct member_table *table, const char *name)
{
	for (size_t i = 0; i < table->members_count; i++)
		if (!strcmp(table->members[i].name, name))
			return &table->members[i];
	return NULL;
}

static void compare_table(struct json_object *definitions, const struct member_table *table)
{
	struct json_object *object = member(definitions, table->object);
	struct json_object *properties = member(object, "properties");
	struct json_object *required = member(object, "required");

	assert_int_equal(json_object_get_boolean(member(object, "additionalProperties")),
			 table->others_allowed);
	for (size_t i = 0; i < table->members_count; i++) {
		const struct json_member *row = &table->members[i];

		(void)member(properties, row->name);
		if (array_holds(required, row->name) != row->required)
			fail_msg("\"%s\" of %s: required differs", row->name, table->object);
	}
	json_object_object_foreach(properties, name, value)
	{
		(void)value;
		if (!table_find(table, name))
			fail_msg("the parser does not know \"%s\" of %s", name, table->object);
	}
}

static void schema_has_the_members_of_the_parser(void **state)
{
	struct json_object *schema = json_object_from_file(SCHEMA_FILE);
	struct json_object *definitions;

	(void)state;
	if (!schema)
		fail_msg("%s", json_util_get_last_err());
	definitions = member(schema, "$defs");
	compare_table(definitions, &legacy_member_table);
	compare_table(definitions, &endpoint_member_table);
	for (size_t i = 0; i < NODE_MEMBER_TABLES; i++)
		compare_table(definitions, &node_member_tables[i]);
	json_object_put(schema);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(schema_has_the_members_of_the_parser),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
