// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/registry.h"

#include "base/file.h"
#include "base/strbuf.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define BAD_FILES_MIN 25

/*
 * NN-name.json is refused with the code, exit code and message of NN-name.expect:
 *
 *	E_TYPE 4
 *	registry.json:3:20: /0/nodes: expected array, found string
 */
static char *read_text(const char *path, size_t *ret_size)
{
	struct error error = { 0 };
	char *text;

	if (file_read(path, 1u << 20, &text, ret_size, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
	return text;
}

static void check_file(const char *path)
{
	const struct registry_options options = {
		.allow_unsigned_config = true,
		.allow_unsigned_flag = true,
	};
	CLEANUP(strbuf_done) struct strbuf expect_path = { 0 }, found = { 0 };
	CLEANUP(free) char *text = NULL;
	CLEANUP(free) char *expected = NULL;
	struct registry *registry = NULL;
	char line[ERROR_LINE_SIZE];
	struct error error = { 0 };
	size_t size, expected_size;

	strbuf_printf(&expect_path, "%.*s.expect", (int)(strlen(path) - strlen(".json")), path);
	text = read_text(path, &size);
	expected = read_text(strbuf_text(&expect_path), &expected_size);
	if (registry_load(text, size, "registry.json", &options, NULL, &registry, &error) == 0)
		fail_msg("%s was accepted", path);
	strbuf_printf(&found, "%s %d\n%s\n", error_code_name(error.code),
		      (int)error_exit_code(error.code), error_format(&error, line, sizeof(line)));
	if (strcmp(strbuf_text(&found), expected) != 0)
		fail_msg("%s\nfound:    %sexpected: %s", path, strbuf_text(&found), expected);
}

static void bad_registries_are_refused_with_their_message(void **state)
{
	glob_t files = { 0 };

	(void)state;
	assert_int_equal(glob(BAD_DIRECTORY "/*.json", 0, NULL, &files), 0);
	assert_true(files.gl_pathc >= BAD_FILES_MIN);
	for (size_t i = 0; i < files.gl_pathc; i++)
		check_file(files.gl_pathv[i]);
	globfree(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_registries_are_refused_with_their_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
