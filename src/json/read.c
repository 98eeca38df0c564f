// SPDX-License-Identifier: GPL-2.0-or-later
#include "json/json.h"

#include "base/strbuf.h"
#include "json/suggest.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

static int fail_type(const struct json_cursor *cursor, struct error *error, const char *expected)
{
	return json_cursor_fail(cursor, error, ERROR_TYPE, "expected %s, found %s", expected,
				json_cursor_type(cursor));
}

int json_read_string(const struct json_cursor *cursor, const char **ret, struct error *error)
{
	if (!json_object_is_type(cursor->value, json_type_string))
		return fail_type(cursor, error, "string");
	*ret = json_object_get_string(cursor->value);
	return 0;
}

static void list_choices(const char *const *choices, size_t count, struct strbuf *list)
{
	for (size_t i = 0; i < count; i++)
		strbuf_printf(list, "%s\"%s\"",
			      i == 0	      ? ""
			      : i + 1 < count ? ", "
					      : " or ",
			      choices[i]);
}

int json_read_choice(const struct json_cursor *cursor, const char *const *choices, size_t count,
		     size_t *ret, struct error *error)
{
	CLEANUP(strbuf_done) struct strbuf list = { 0 };
	char quoted[JSON_QUOTE_SIZE];
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(choices[i], text) != 0)
			continue;
		*ret = i;
		return 0;
	}
	list_choices(choices, count, &list);
	return json_cursor_fail(cursor, error, ERROR_VALUE, "expected %s, found %s",
				strbuf_text(&list), json_quote(text, quoted));
}

int json_read_integer(const struct json_cursor *cursor, int64_t minimum, int64_t maximum,
		      int64_t *ret, struct error *error)
{
	int64_t value;

	if (!json_object_is_type(cursor->value, json_type_int))
		return json_cursor_fail(cursor, error, ERROR_TYPE,
					"expected integer %" PRId64 "-%" PRId64 ", found %s",
					minimum, maximum, json_cursor_type(cursor));
	value = json_object_get_int64(cursor->value);
	if (value < minimum || value > maximum)
		return json_cursor_fail(cursor, error, ERROR_TYPE,
					"expected integer %" PRId64 "-%" PRId64 ", found %" PRId64,
					minimum, maximum, value);
	*ret = value;
	return 0;
}

int json_read_boolean(const struct json_cursor *cursor, bool *ret, struct error *error)
{
	if (!json_object_is_type(cursor->value, json_type_boolean))
		return fail_type(cursor, error, "true or false");
	*ret = json_object_get_boolean(cursor->value);
	return 0;
}

int json_expect_array(const struct json_cursor *cursor, size_t maximum, size_t *ret_count,
		      struct error *error)
{
	size_t count;

	if (!json_object_is_type(cursor->value, json_type_array))
		return fail_type(cursor, error, "array");
	count = json_object_array_length(cursor->value);
	if (count > maximum)
		return json_cursor_fail(cursor, error, ERROR_TOO_BIG, "%zu items; limit %zu", count,
					maximum);
	*ret_count = count;
	return 0;
}

static int fail_unknown(const struct json_cursor *object, const char *name,
			const struct json_member *members, size_t count, struct error *error)
{
	struct suggestion suggestion = { 0 };
	char quoted[JSON_QUOTE_SIZE];
	struct json_cursor cursor;

	for (size_t i = 0; i < count; i++)
		suggest_consider(&suggestion, name, members[i].name);
	(void)json_cursor_member(object, name, &cursor);
	if (!suggestion.best)
		return json_cursor_fail_name(&cursor, error, ERROR_UNKNOWN_MEMBER,
					     "unknown member %s", json_quote(name, quoted));
	return json_cursor_fail_name(&cursor, error, ERROR_UNKNOWN_MEMBER,
				     "unknown member %s; did you mean \"%s\"?",
				     json_quote(name, quoted), suggestion.best);
}

/* What an object has of the members in a table: one row each, in the table's order. */
struct found {
	bool is_there;
	struct json_object *value; /* NULL is null */
};

/* The row of @name, or @count. */
static size_t find_row(const char *name, const struct json_member *members, size_t count)
{
	size_t row = 0;

	while (row < count &&
	       (members[row].name[0] != name[0] || strcmp(members[row].name, name) != 0))
		row++;
	return row;
}

/* Tables have few rows and objects few members, so that no hash is made of any name. */
static int find_members(const struct json_cursor *object, const struct json_member *members,
			size_t count, bool others_allowed, struct found *ret, struct error *error)
{
	json_object_object_foreach(object->value, name, value)
	{
		size_t row = find_row(name, members, count);

		if (row < count)
			ret[row] = (struct found) { true, value };
		else if (!others_allowed && strncmp(name, "x-", 2) != 0)
			return fail_unknown(object, name, members, count, error);
	}
	return 0;
}

int json_read_object(const struct json_cursor *cursor, const struct json_member *members,
		     size_t members_count, bool others_allowed, void *target, struct error *error)
{
	struct found found[JSON_MEMBERS_MAX];
	int result;

	assert(members_count <= JSON_MEMBERS_MAX);
	memset(found, 0, members_count * sizeof(found[0]));
	if (!json_object_is_type(cursor->value, json_type_object))
		return fail_type(cursor, error, "object");
	/* Unknown ones first: a misspelt member is also a missing one, and the better explanation.
	 */
	result = find_members(cursor, members, members_count, others_allowed, found, error);
	for (size_t i = 0; i < members_count && result == 0; i++) {
		const struct json_cursor member = {
			.document = cursor->document,
			.parent = cursor,
			.member = members[i].name,
			.value = found[i].value,
		};

		if (found[i].is_there)
			result = members[i].read(&member, target, error);
		else if (members[i].required)
			result = json_cursor_fail(cursor, error, ERROR_MISSING,
						  "missing member \"%s\"", members[i].name);
	}
	return result;
}
