// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/legacy.h"
#include "registry/manifest.h"
#include "registry/mesh.h"
#include "registry/org.h"
#include "registry/request.h"

#include "base/strbuf.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* The schemas are for editors; the tables of the parsers decide. Both must say the same. */
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

static void compare_schema(const char *name, const struct member_table *const *tables, size_t count)
{
	CLEANUP(strbuf_done) struct strbuf path = { 0 };
	struct json_object *schema, *definitions;

	strbuf_printf(&path, SCHEMA_DIRECTORY "/%s.schema.json", name);
	schema = json_object_from_file(strbuf_text(&path));
	if (!schema)
		fail_msg("%s", json_util_get_last_err());
	definitions = member(schema, "$defs");
	for (size_t i = 0; i < count; i++)
		compare_table(definitions, tables[i]);
	json_object_put(schema);
}

static void schema_of_the_unsigned_registry_has_the_members_of_the_parser(void **state)
{
	const struct member_table *tables[] = {
		&legacy_member_table,	&endpoint_member_table, &node_member_tables[0],
		&node_member_tables[1], &node_member_tables[2],
	};

	(void)state;
	_Static_assert(ARRAY_SIZE(tables) == 2 + NODE_MEMBER_TABLES, "every table of a node");
	compare_schema("registry", tables, ARRAY_SIZE(tables));
}

static void schemas_of_documents_have_the_members_of_the_parser(void **state)
{
	const struct member_table *key_tables[DOCUMENT_KEY_TABLES];

	(void)state;
	for (size_t i = 0; i < DOCUMENT_KEY_TABLES; i++)
		key_tables[i] = &document_key_tables[i];
	compare_schema("mesh", mesh_tables, MESH_TABLES);
	compare_schema("mesh", key_tables, DOCUMENT_KEY_TABLES);
	compare_schema("manifest", manifest_tables, MANIFEST_TABLES);
	compare_schema("org", org_tables, ORG_TABLES);
	compare_schema("request", request_tables, REQUEST_TABLES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(schema_of_the_unsigned_registry_has_the_members_of_the_parser),
		cmocka_unit_test(schemas_of_documents_have_the_members_of_the_parser),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
