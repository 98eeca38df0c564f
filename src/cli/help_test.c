// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/command.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "cli/cli.h"
#include "cli/test_cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void unknown_commands_are_usage_errors(void **state)
{
	static const struct {
		const char *line, *text;
	} cases[] = {
		{ "laod -r x", "did you mean load?" },
		{ "stauts", "did you mean status?" },
		{ "daemon rum", "did you mean daemon run?" },
		{ "daemon", "daemon: expected one of: info, run" },
		{ "daemon frobnicate", "\"daemon frobnicate\"; expected one of: info, run" },
		{ "regsitry", "did you mean registry?" },
		{ "xyzzy-plugh", "see aronet --help" },
	};
	struct test_cli_outcome outcome;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		test_cli_run(&outcome, "%s", cases[i].line);
		assert_int_equal(outcome.exit, EXIT_USAGE);
		assert_non_null(strstr(outcome.err, cases[i].text));
		assert_string_equal(outcome.out, "");
	}
	test_cli_run(&outcome, "%s", "");
	assert_int_equal(outcome.exit, EXIT_USAGE);
	assert_non_null(strstr(outcome.err, "daemon run"));
}

static void every_command_explains_itself(void **state)
{
	const struct cli_command *command;
	struct test_cli_outcome outcome, other;

	(void)state;
	for (size_t i = 0; (command = cli_command_at(i)); i++) {
		test_cli_run(&outcome, "%s --help", command->syntax.name);
		assert_int_equal(outcome.exit, EXIT_DONE);
		assert_string_equal(outcome.err, "");
		assert_non_null(strstr(outcome.out, "Usage: aronet "));
		assert_non_null(strstr(outcome.out, "--help"));
		test_cli_run(&other, "help %s", command->syntax.name);
		assert_string_equal(other.out, outcome.out);
		test_cli_run(&other, strncmp(command->syntax.name, "registry ", 9)
					     ? "--help"
					     : "registry --help");
		assert_non_null(strstr(other.out, command->summary));
		/* No line of help is cut by a terminal of 80 columns and some. */
		for (char *line = strtok(outcome.out, "\n"); line; line = strtok(NULL, "\n"))
			assert_true(strlen(line) <= 100);
	}
}

/* Each "--option" of @help stands in @text, whose hyphens may be written \\-. */
static void check_options_documented(const char *help, const char *text, const char *name)
{
	for (const char *at = strstr(help, "--"); at; at = strstr(at + 2, "--")) {
		size_t length = 2 + strspn(at + 2, "abcdefghijklmnopqrstuvwxyz-");
		char option[40];

		(void)snprintf(option, sizeof(option), "%.*s", (int)length, at);
		if (!strstr(text, option))
			fail_msg("%s lacks %s", name, option);
	}
}

static void manual_and_completion_name_every_option(void **state)
{
	static const struct {
		const char *name;
		bool has_group, has_others; /* of "registry", of the other commands */
	} files[] = {
		{ "man/aronet.8", false, true },
		{ "man/aronet-registry.8", true, false },
		{ "completions/aronet", true, true },
	};
	const struct cli_command *command;
	struct test_cli_outcome outcome;
	struct error error = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		CLEANUP(free) char *text = NULL;
		char path[512], *end;
		size_t size;

		(void)snprintf(path, sizeof(path), ASSETS_DIRECTORY "/%s", files[i].name);
		assert_int_equal(file_read(path, 1 << 20, &text, &size, &error), 0);
		end = text;
		for (const char *from = text; *from; from++)
			if (from[0] != '\\' || from[1] != '-')
				*end++ = *from;
		*end = '\0';
		for (size_t j = 0; (command = cli_command_at(j)); j++) {
			bool is_group = !strncmp(command->syntax.name, "registry ", 9);

			if (is_group ? !files[i].has_group : !files[i].has_others)
				continue;
			test_cli_run(&outcome, "%s --help", command->syntax.name);
			check_options_documented(strstr(outcome.out, "\nOptions:"), text,
						 files[i].name);
			if (!strstr(text, command->syntax.name))
				fail_msg("%s lacks %s", files[i].name, command->syntax.name);
		}
	}
}

/* The example of the manual is a configuration that works. */
static void example_of_the_manual_is_accepted(void **state)
{
	struct test_cli *fixture = *state;
	CLEANUP(free) char *text = NULL;
	struct test_cli_outcome outcome;
	struct error error = { 0 };
	char expected[200], *begin, *end;
	size_t size;

	assert_int_equal(
		file_read(ASSETS_DIRECTORY "/man/aronet-config.5", 1 << 20, &text, &size, &error),
		0);
	begin = strstr(text, ".nf\n{") + 4;
	end = strstr(begin, ".fi");
	test_cli_run(&outcome, "keygen node -o %s/node.key", fixture->directory);
	assert_int_equal(outcome.exit, EXIT_DONE);
	assert_int_equal(file_replace(fixture->file, begin, (size_t)(end - begin), 0600, &error),
			 0);
	test_cli_run(&outcome, "check -c %s", fixture->file);
	(void)snprintf(expected, sizeof(expected),
		       "%s: ok (node example/moon, netns mode, 1 endpoint)\n", fixture->file);
	test_cli_check_outcome(&outcome, EXIT_DONE, expected, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DIRECTORY(unknown_commands_are_usage_errors),
		WITH_DIRECTORY(every_command_explains_itself),
		WITH_DIRECTORY(manual_and_completion_name_every_option),
		WITH_DIRECTORY(example_of_the_manual_is_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
