// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/test_import.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEXTS_MAX 8

void test_import_done(struct test_import *import)
{
	report_done(&import->report);
	exchange_result_done(&import->result);
}

char *test_with_double_quotes(const char *text)
{
	char *copy = strdup(text);

	for (char *c = copy; *c; c++)
		if (*c == '\'')
			*c = '"';
	return copy;
}

static struct test_import run(struct exchange_text *texts, size_t count, const char *organization,
			      const char *pool_text)
{
	struct exchange_options options = { .organization = organization };
	struct test_import import = { 0 };
	struct ip_prefix pool;

	if (pool_text) {
		assert_int_equal(ip_prefix_parse(pool_text, &pool), 0);
		options.pool = &pool;
		options.grant_pool = true;
	}
	import.status = exchange_import(texts, count, &options, &import.report, &import.result,
					&import.error);
	return import;
}

struct test_import test_import(const char *name, const char *text, const char *organization,
			       const char *pool)
{
	CLEANUP(free) char *copy = test_with_double_quotes(text);
	struct exchange_text single = { copy, strlen(copy), name };

	return run(&single, 1, organization, pool);
}

struct test_import test_import_texts(const char *const *texts, size_t count,
				     const char *organization, const char *pool)
{
	static const char *const names[TEXTS_MAX] = { "1", "2", "3", "4", "5", "6", "7", "8" };
	struct exchange_text copies[TEXTS_MAX];
	struct test_import import;

	assert_true(count <= TEXTS_MAX);
	for (size_t i = 0; i < count; i++) {
		char *copy = test_with_double_quotes(texts[i]);

		copies[i] = (struct exchange_text) { copy, strlen(copy), names[i] };
	}
	import = run(copies, count, organization, pool);
	for (size_t i = 0; i < count; i++)
		free((char *)(uintptr_t)copies[i].text);
	return import;
}

static const struct exchange_organization *find(const struct test_import *import,
						const char *organization)
{
	char line[ERROR_LINE_SIZE];

	if (import->status < 0)
		fail_msg("%s", error_format(&import->error, line, sizeof(line)));
	for (size_t i = 0; i < import->result.count; i++)
		if (!strcmp(import->result.organizations[i].name, organization))
			return &import->result.organizations[i];
	fail_msg("no organization %s", organization);
	return NULL;
}

void test_import_expect_nodes(const struct test_import *import, const char *organization,
			      const char *expected)
{
	CLEANUP(free) char *wanted = test_with_double_quotes(expected);
	CLEANUP(strbuf_done) struct strbuf found = { 0 };
	struct json_object *nodes =
		json_object_object_get(find(import, organization)->body, "nodes");

	for (size_t i = 0; i < json_object_array_length(nodes); i++)
		strbuf_printf(&found, "%s\n",
			      json_object_to_json_string_ext(json_object_array_get_idx(nodes, i),
							     JSON_C_TO_STRING_NOSLASHESCAPE));
	assert_string_equal(strbuf_text(&found), wanted);
}

void test_import_expect_report(const struct test_import *import, const char *expected)
{
	CLEANUP(strbuf_done) struct strbuf found = { 0 };

	for (size_t i = 0; i < import->report.count; i++) {
		const struct report_line *line = &import->report.lines[i];

		if (line->place)
			strbuf_printf(&found, "%s: ", line->place);
		strbuf_printf(&found, "%s\n", line->text);
	}
	assert_string_equal(strbuf_text(&found), expected);
}

void test_import_expect_error(const struct test_import *import, enum error_code code,
			      const char *expected)
{
	char line[ERROR_LINE_SIZE];

	if (import->status == 0)
		fail_msg("imported, instead of: %s", expected);
	assert_string_equal(error_format(&import->error, line, sizeof(line)), expected);
	assert_string_equal(error_code_name(import->error.code), error_code_name(code));
}

void test_import_expect_grants(const struct test_import *import, const char *organization,
			       const char *expected)
{
	const struct exchange_organization *found = find(import, organization);
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	char prefix[IP_PREFIX_TEXT_SIZE];

	for (size_t i = 0; i < found->grants_count; i++)
		strbuf_printf(&text, "%s%s-%u", i ? " " : "",
			      ip_prefix_format(&found->grants[i].prefix, prefix),
			      found->grants[i].max_length);
	assert_string_equal(strbuf_text(&text), expected);
}
