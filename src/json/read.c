// SPDX-License-Identifier: GPL-2.0-or-later
#include "json/json.h"
#include "json/suggest.h"

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

static bool is_known(const char *name, const struct json_member *members, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(members[i].name, name))
			return true;
	return false;
}

static int check_unknown(const struct json_cursor *object, const struct json_member *members,
			 size_t count, struct error *error)
{
	json_object_object_foreach(object->value, name, value)
	{
		(void)value;
		if (strncmp(name, "x-", 2) != 0 && !is_known(name, members, count))
			return fail_unknown(object, name, members, count, error);
	}
	return 0;
}

int json_read_object(const struct json_cursor *cursor, const struct json_member *members,
		     size_t members_count, bool others_allowed, void *target, struct error *error)
{
	int result = 0;

	if (!json_object_is_type(cursor->value, json_type_object))
		return fail_type(cursor, error, "object");
	/* First of all: a misspelt member is also a missing one, and the better explanation. */
	if (!others_allowed)
		result = check_unknown(cursor, members, members_count, error);
	for (size_t i = 0; i < members_count && result == 0; i++) {
		struct json_cursor member;

		if (json_cursor_member(cursor, members[i].name, &member) == 0)
			result = members[i].read(&member, target, error);
		else if (members[i].required)
			result = json_cursor_fail(cursor, error, ERROR_MISSING,
						  "missing member \"%s\"", members[i].name);
	}
	return result;
}
