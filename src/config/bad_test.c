// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every tests/config-bad/NN-name.json is refused with what NN-name.expect says:
 *
 *	exit 3
 *	E_VALUE
 *	@CONFIG@:7:20: /daemon/network: network must be ...
 *
 * @CONFIG@ is the path of the file and @DIR@ its directory. The files are copied first, to have
 * mode 0600. With ARONET_WRITE_EXPECT set the .expect files are written instead of compared.
 */
#include "config/config.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/strbuf.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define CASES_MIN 25

struct bad_case {
	char *json;   /* path of the original */
	char *expect; /* path */
	char *copy;
	char *copy_directory;
};

static void bad_case_done(struct bad_case *c)
{
	(void)unlink(c->copy);
	free(c->json);
	free(c->expect);
	free(c->copy);
	free(c->copy_directory);
}
CLEANUP_DEFINE_IN_PLACE(struct bad_case, bad_case_done);

static char *path_in(const char *directory, const char *name, int length, const char *suffix)
{
	CLEANUP(strbuf_done) struct strbuf path = { 0 };

	strbuf_printf(&path, "%s/%.*s%s", directory, length, name, suffix);
	return strbuf_take(&path);
}

static void append_replaced(struct strbuf *text, const char *from, const struct bad_case *c)
{
	const struct {
		const char *found;
		const char *placeholder;
	} places[] = { { c->copy, "@CONFIG@" }, { c->copy_directory, "@DIR@" } };

	while (*from) {
		size_t i = 0;

		while (i < ARRAY_SIZE(places) &&
		       strncmp(from, places[i].found, strlen(places[i].found)) != 0)
			i++;
		if (i < ARRAY_SIZE(places)) {
			strbuf_puts(text, places[i].placeholder);
			from += strlen(places[i].found);
		} else {
			strbuf_append(text, from++, 1);
		}
	}
}

static char *refusal_of(const struct bad_case *c)
{
	CLEANUP(config_free) struct config *config = NULL;
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	char line[ERROR_LINE_SIZE];
	struct error error;

	if (config_load(c->copy, NULL, &config, &error) == 0)
		fail_msg("%s was accepted", c->json);
	strbuf_printf(&text, "exit %d\n%s\n", EXIT_CONFIG, error_code_name(error.code));
	append_replaced(&text, error_format(&error, line, sizeof(line)), c);
	strbuf_puts(&text, "\n");
	return strbuf_take(&text);
}

static void check_case(const char *source, const char *target, const char *name)
{
	int stem = (int)(strlen(name) - strlen(".json"));
	CLEANUP(bad_case_done)
	struct bad_case c = {
		.json = path_in(source, name, stem, ".json"),
		.expect = path_in(source, name, stem, ".expect"),
		.copy = path_in(target, name, stem, ".json"),
		.copy_directory = memory_strdup(target),
	};
	CLEANUP(free) char *json = NULL;
	CLEANUP(free) char *expected = NULL;
	CLEANUP(free) char *refusal = NULL;
	size_t size;

	assert_int_equal(file_read(c.json, CONFIG_SIZE_MAX, &json, &size, NULL), 0);
	assert_int_equal(file_replace(c.copy, json, size, 0600, NULL), 0);
	refusal = refusal_of(&c);
	if (getenv("ARONET_WRITE_EXPECT")) {
		assert_int_equal(file_replace(c.expect, refusal, strlen(refusal), 0644, NULL), 0);
		return;
	}
	if (file_read(c.expect, CONFIG_SIZE_MAX, &expected, &size, NULL) < 0)
		fail_msg("%s is missing", c.expect);
	assert_string_equal(refusal, expected);
}

static void bad_configs_are_refused_with_the_expected_text(void **state)
{
	char target[] = "/tmp/aronet-config-bad-XXXXXX";
	const char *source = getenv("ARONET_CONFIG_BAD");
	struct dirent *entry;
	unsigned count = 0;
	DIR *directory;

	(void)state;
	assert_non_null(source);
	assert_non_null(mkdtemp(target));
	directory = opendir(source);
	assert_non_null(directory);
	while ((entry = readdir(directory))) {
		const char *suffix = strrchr(entry->d_name, '.');

		if (!suffix || strcmp(suffix, ".json") != 0)
			continue;
		check_case(source, target, entry->d_name);
		count++;
	}
	(void)closedir(directory);
	(void)rmdir(target);
	assert_true(count >= CASES_MIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_configs_are_refused_with_the_expected_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
