// SPDX-License-Identifier: GPL-2.0-or-later
#include "json/json.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct host {
	const char *name;
	int64_t port;
	bool open;
	size_t tags;
};

static int read_name(const struct json_cursor *cursor, void *target, struct error *error)
{
	return json_read_string(cursor, &((struct host *)target)->name, error);
}

static int read_port(const struct json_cursor *cursor, void *target, struct error *error)
{
	return json_read_integer(cursor, 1, 65535, &((struct host *)target)->port, error);
}

static int read_open(const struct json_cursor *cursor, void *target, struct error *error)
{
	return json_read_boolean(cursor, &((struct host *)target)->open, error);
}

static int read_tags(const struct json_cursor *cursor, void *target, struct error *error)
{
	return json_expect_array(cursor, 2, &((struct host *)target)->tags, error);
}

static const struct json_member host_members[] = {
	{ "name", true, read_name },
	{ "port", true, read_port },
	{ "open", false, read_open },
	{ "tags", false, read_tags },
};

/* Reads the item 1 of the array "hosts". */
static int read_host(const char *text, bool others_allowed, struct host *ret, struct error *error)
{
	CLEANUP(json_document_free) struct json_document *document = NULL;
	struct json_cursor root, hosts, host;
	int result = json_document_parse(text, strlen(text), JSON_WITH_COMMENTS, "h.json",
					 &document, error);

	if (result < 0)
		return result;
	root = json_document_root(document);
	assert_int_equal(json_cursor_member(&root, "hosts", &hosts), 0);
	host = json_cursor_item(&hosts, 1);
	result = json_read_object(&host, host_members, ARRAY_SIZE(host_members), others_allowed,
				  ret, error);
	ret->name = NULL; /* memory of the document */
	return result;
}

static void expect_error(const char *host, const char *line)
{
	char formatted[ERROR_LINE_SIZE], text[8192];
	struct error error;
	struct host ret = { 0 };

	(void)snprintf(text, sizeof(text), "# c\n{\"hosts\": [{},\n\t%s]}", host);
	assert_int_equal(read_host(text, false, &ret, &error), -EINVAL);
	assert_string_equal(error_format(&error, formatted, sizeof(formatted)), line);
}

static void object_reads_its_members(void **state)
{
	struct host host = { 0 };
	struct error error;

	(void)state;
	assert_int_equal(read_host("{\"hosts\":[1,{\"name\":\"n\",\"port\":65535,\"open\":true,"
				   "\"tags\":[1,2,], \"x-note\": {}}]}",
				   false, &host, &error),
			 0);
	assert_int_equal(host.port, 65535);
	assert_true(host.open);
	assert_int_equal(host.tags, 2);
	assert_int_equal(read_host("{\"hosts\":[1,{\"name\":\"n\",\"port\":1,\"q\":1}]}", true,
				   &host, &error),
			 0);
}

static void object_errors_name_line_column_and_path(void **state)
{
	(void)state;
	expect_error("{\"name\": 1, \"port\": 1}",
		     "h.json:3:11: /hosts/1/name: expected string, found integer");
	expect_error("{\"name\": null, \"port\": 1}",
		     "h.json:3:11: /hosts/1/name: expected string, found null");
	expect_error("{\"name\": \"n\", \"port\": \"1\"}",
		     "h.json:3:24: /hosts/1/port: expected integer 1-65535, found string");
	expect_error("{\"name\": \"n\", \"port\": 0}",
		     "h.json:3:24: /hosts/1/port: expected integer 1-65535, found 0");
	expect_error("{\"name\": \"n\", \"port\": 1, \"open\": 1}",
		     "h.json:3:35: /hosts/1/open: expected true or false, found integer");
	expect_error("{\"name\": \"n\", \"port\": 1, \"tags\": {}}",
		     "h.json:3:35: /hosts/1/tags: expected array, found object");
	expect_error("{\"name\": \"n\", \"port\": 1, \"tags\": [1,2,3]}",
		     "h.json:3:35: /hosts/1/tags: 3 items; limit 2");
	expect_error("{\"name\": \"n\"}", "h.json:3:2: /hosts/1: missing member \"port\"");
	expect_error("[]", "h.json:3:2: /hosts/1: expected object, found array");
}

static void unknown_members_are_refused_with_a_suggestion(void **state)
{
	(void)state;
	expect_error("{\"name\": \"n\", \"prot\": 1}",
		     "h.json:3:16: /hosts/1/prot: unknown member \"prot\"; did you mean \"port\"?");
	expect_error(
		"{\"names\": \"n\"}",
		"h.json:3:3: /hosts/1/names: unknown member \"names\"; did you mean \"name\"?");
	expect_error("{\"open_port\": 1}",
		     "h.json:3:3: /hosts/1/open_port: unknown member \"open_port\"");
	expect_error("{\"colour\": \"n\"}",
		     "h.json:3:3: /hosts/1/colour: unknown member \"colour\"");
	expect_error("{\"a/b~c\": \"n\"}",
		     "h.json:3:3: /hosts/1/a~1b~0c: unknown member \"a/b~c\"");
}

static int read_choice(const char *text, size_t count, size_t *ret, struct error *error)
{
	static const char *const choices[] = { "auto", "babeld", "bird" };
	CLEANUP(json_document_free) struct json_document *document = NULL;
	struct json_cursor root;

	assert_int_equal(
		json_document_parse(text, strlen(text), JSON_STRICT, "c.json", &document, error),
		0);
	root = json_document_root(document);
	return json_read_choice(&root, choices, count, ret, error);
}

static void choice_is_one_of_a_list(void **state)
{
	struct error error;
	size_t choice = 7;

	(void)state;
	assert_int_equal(read_choice("\"Bird\"", 3, &choice, &error), -EINVAL);
	assert_int_equal(error.code, ERROR_VALUE);
	assert_string_equal(error.text,
			    "expected \"auto\", \"babeld\" or \"bird\", found \"Bird\"");
	assert_int_equal(read_choice("\"bird\"", 2, &choice, &error), -EINVAL);
	assert_string_equal(error.text, "expected \"auto\" or \"babeld\", found \"bird\"");
	assert_int_equal(read_choice("2", 3, &choice, &error), -EINVAL);
	assert_int_equal(error.code, ERROR_TYPE);
	assert_int_equal(choice, 7);
	assert_int_equal(read_choice("\"auto\"", 3, &choice, &error), 0);
	assert_int_equal(choice, 0);
	assert_int_equal(read_choice("\"bird\"", 3, &choice, &error), 0);
	assert_int_equal(choice, 2);
}

static void quote_hides_control_characters_and_cuts(void **state)
{
	char buffer[JSON_QUOTE_SIZE], long_text[200];

	(void)state;
	assert_string_equal(json_quote("a\x1b[2J\nb", buffer), "\"a?[2J?b\"");
	memset(long_text, 'x', sizeof(long_text));
	long_text[sizeof(long_text) - 1] = '\0';
	json_quote(long_text, buffer);
	assert_int_equal(strlen(buffer), JSON_QUOTE_SIZE - 1);
	assert_string_equal(buffer + JSON_QUOTE_SIZE - 5, "...\"");
}

static void deepest_and_scalar_documents_are_parsed(void **state)
{
	static const char *const texts[] = { "[[[[[[[[[[[[1]]]]]]]]]]]]", "12", "null", "\"a\"" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		CLEANUP(json_document_free) struct json_document *document = NULL;

		assert_int_equal(json_document_parse(texts[i], strlen(texts[i]), JSON_STRICT, "d",
						     &document, NULL),
				 0);
	}
}

/* "host { name = 1 }" as a parser of that syntax would hand it over. */
static struct json_document *adopt_host(const char *text)
{
	struct json_object *root = json_object_new_object(), *name = json_object_new_int(1);

	json_value_set_place(name, (size_t)(strstr(text, "name") - text),
			     (size_t)(strstr(text, "1") - text));
	json_object_object_add(root, "name", name);
	json_object_object_add(root, "unplaced", json_object_new_int(1));
	json_value_set_place(root, 0, (size_t)(strstr(text, "{") - text));
	return json_document_adopt(text, strlen(text), "h.conf", root);
}

static void adopted_documents_tell_the_places_of_their_own_syntax(void **state)
{
	CLEANUP(json_document_free)
	struct json_document *document = adopt_host("# c\nhost {\n\tname = 1\n}\n");
	struct json_cursor root = json_document_root(document), member;
	char line[ERROR_LINE_SIZE], place[ERROR_PLACE_SIZE];
	struct host host = { 0 };
	struct error error;

	(void)state;
	assert_int_equal(json_read_object(&root, host_members, ARRAY_SIZE(host_members), true,
					  &host, &error),
			 -EINVAL);
	assert_string_equal(error_format(&error, line, sizeof(line)),
			    "h.conf:3:9: /name: expected string, found integer");
	assert_int_equal(json_cursor_member(&root, "name", &member), 0);
	assert_int_equal(json_cursor_fail_name(&member, &error, ERROR_VALUE, "bad"), -EINVAL);
	assert_string_equal(error_format(&error, line, sizeof(line)), "h.conf:3:2: /name: bad");
	assert_int_equal(json_cursor_member(&root, "unplaced", &member), 0);
	assert_string_equal(json_cursor_place(&member, place), "h.conf:2:6");
	assert_int_equal(json_cursor_member(&root, "absent", &member), -ENOENT);
	assert_string_equal(json_cursor_place(&member, place), "h.conf:2:6");
}

/* "r" is an array of objects with a payload; reads that of the one at @index. */
static int read_nth_payload(const char *text, size_t index, char *ret, struct error *error)
{
	CLEANUP(json_document_free) struct json_document *document = NULL;
	struct json_cursor root, array, item, payload;
	const char *bytes;
	size_t length;
	int result =
		json_document_parse(text, strlen(text), JSON_ENVELOPES, "e.json", &document, error);

	if (result < 0)
		return result;
	root = json_document_root(document);
	assert_int_equal(json_cursor_member(&root, "r", &array), 0);
	item = json_cursor_item(&array, index);
	assert_int_equal(json_cursor_member(&item, "payload", &payload), 0);
	result = json_read_payload(&payload, &bytes, &length, error);
	if (result == 0)
		(void)sprintf(ret, "%.*s", (int)length, bytes);
	return result;
}

static void payloads_are_what_stands_there(void **state)
{
	static const char plain[] = "{\"x-a\":{\"payload\":\"none\"},\"r\":[{\"payload\":\"\"},"
				    "{\"payload\":\"YWI=\"},{\"payload\":\"0\"}]}";
	static const char escaped[] = "{\"r\":[{\"payload\":\"1\"},{\"payload\":\"a\\/\\u0031\"}]}";
	char payload[16];

	(void)state;
	assert_int_equal(read_nth_payload(plain, 0, payload, NULL), 0);
	assert_string_equal(payload, "");
	assert_int_equal(read_nth_payload(plain, 1, payload, NULL), 0);
	assert_string_equal(payload, "YWI=");
	assert_int_equal(read_nth_payload(plain, 2, payload, NULL), 0);
	assert_string_equal(payload, "0");
	assert_int_equal(read_nth_payload(escaped, 0, payload, NULL), 0);
	assert_string_equal(payload, "1");
	assert_int_equal(read_nth_payload(escaped, 1, payload, NULL), 0);
	assert_string_equal(payload, "a/1");
}

/* Places are those of the text that somebody wrote, behind long payloads, too. */
static void places_count_payloads(void **state)
{
	static const char text[] = "{\"r\":[{\"payload\":\"0123456789\"},{\"payload\":7}]}";
	char payload[16], line[ERROR_LINE_SIZE];
	struct error error;

	(void)state;
	assert_true(read_nth_payload(text, 1, payload, &error) < 0);
	assert_string_equal(error_format(&error, line, sizeof(line)),
			    "e.json:1:43: /r/1/payload: expected string, found integer");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(object_reads_its_members),
		cmocka_unit_test(object_errors_name_line_column_and_path),
		cmocka_unit_test(unknown_members_are_refused_with_a_suggestion),
		cmocka_unit_test(choice_is_one_of_a_list),
		cmocka_unit_test(quote_hides_control_characters_and_cuts),
		cmocka_unit_test(deepest_and_scalar_documents_are_parsed),
		cmocka_unit_test(adopted_documents_tell_the_places_of_their_own_syntax),
		cmocka_unit_test(payloads_are_what_stands_there),
		cmocka_unit_test(places_count_payloads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
