// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/options.h"

#include "base/cleanup.h"
#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct cli_syntax load = {
	.name = "load",
	.options = OPTION_BIT(OPTION_CONFIG) | OPTION_BIT(OPTION_REGISTRY) |
		   OPTION_BIT(OPTION_PLAN) | OPTION_BIT(OPTION_ALLOW_UNSIGNED) |
		   OPTION_BIT(OPTION_WAIT) | OPTION_BIT(OPTION_LOG_LEVEL) | OPTION_BIT(OPTION_HELP),
	.required = OPTION_BIT(OPTION_REGISTRY),
};
static const struct cli_syntax keygen = {
	.name = "keygen",
	.options = OPTION_BIT(OPTION_OUTPUT) | OPTION_BIT(OPTION_HELP),
	.operand = "wireguard or node",
};

#define ARGUMENTS_MAX 8

/* Parses @line, split at its spaces; getopt moves the words about. */
static int parse(const struct cli_syntax *syntax, const char *line, struct cli_options *ret,
		 char words[256], struct error *error)
{
	char *argv[ARGUMENTS_MAX + 1] = { 0 };
	int argc = 0;

	(void)strcpy(words, line);
	for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	return cli_options_parse(syntax, argc, argv, ret, error);
}

static void options_are_read_in_both_forms(void **state)
{
	struct cli_options options;
	struct error error = { 0 };
	char words[256];

	(void)state;
	assert_int_equal(parse(&load, "load -r a.json --plan -cb.json", &options, words, &error),
			 0);
	assert_string_equal(options.registry_path, "a.json");
	assert_string_equal(options.config_path, "b.json");
	assert_true(options.plan);
	assert_false(options.allow_unsigned);
	assert_int_equal(options.wait_sec, WAIT_DEFAULT_SEC);
	assert_int_equal(options.log_level, LOG_LEVEL_INFO);
	assert_int_equal(parse(&load,
			       "load --registry=- --allow-unsigned --wait 0 --log-level=debug",
			       &options, words, &error),
			 0);
	assert_string_equal(options.registry_path, "-");
	assert_true(options.allow_unsigned);
	assert_int_equal(options.wait_sec, 0);
	assert_int_equal(options.log_level, LOG_LEVEL_DEBUG);
}

static void mistakes_are_named(void **state)
{
	static const struct {
		const struct cli_syntax *syntax;
		const char *line, *text;
	} cases[] = {
		{ &load, "load", "missing -r FILE" },
		{ &load, "load -r", "-r needs a value" },
		{ &load, "load --registry", "--registry needs a value" },
		{ &load, "load -r a --allow-unsinged", "did you mean --allow-unsigned?" },
		{ &load, "load -r a --plam=yes", "did you mean --plan?" },
		{ &load, "load -r a --plan=yes", "--plan" },
		{ &load, "load -r a --zzzzzzzz", "see aronet load --help" },
		{ &load, "load -r a -x", "unknown option -x" },
		{ &load, "load -r a -o b", "unknown option -o" },
		{ &load, "load -r a --wait 1h",
		  "--wait: expected 0 to 3600 seconds, found \"1h\"" },
		{ &load, "load -r a --wait -1", "--wait: expected 0 to 3600 seconds" },
		{ &load, "load -r a --wait 3601", "--wait: expected 0 to 3600 seconds" },
		{ &load, "load -r a --log-level loud", "expected error, warning, notice, info" },
		{ &load, "load -r a b", "unexpected argument \"b\"" },
		{ &load, "load --registry=", "--registry: expected a path" },
		{ &keygen, "keygen", "expected wireguard or node" },
		{ &keygen, "keygen node more", "unexpected argument \"more\"" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cli_options options;
		struct error error = { 0 };
		char words[256];

		assert_true(parse(cases[i].syntax, cases[i].line, &options, words, &error) < 0);
		assert_int_equal(error.code, ERROR_USAGE);
		assert_string_equal(error.place, cases[i].syntax->name);
		if (!strstr(error.text, cases[i].text))
			fail_msg("%s: \"%s\" lacks \"%s\"", cases[i].line, error.text,
				 cases[i].text);
	}
}

static void operand_may_stand_before_or_behind_options(void **state)
{
	struct cli_options options;
	struct error error = { 0 };
	char words[256];

	(void)state;
	assert_int_equal(parse(&keygen, "keygen node -o file", &options, words, &error), 0);
	assert_string_equal(options.operand, "node");
	assert_string_equal(options.output_path, "file");
	assert_int_equal(parse(&keygen, "keygen -o file wireguard", &options, words, &error), 0);
	assert_string_equal(options.operand, "wireguard");
}

static void help_needs_nothing_else(void **state)
{
	struct cli_options options;
	struct error error = { 0 };
	char words[256];

	(void)state;
	assert_int_equal(parse(&load, "load --help", &options, words, &error), 0);
	assert_true(options.help);
	assert_int_equal(parse(&keygen, "keygen -h", &options, words, &error), 0);
	assert_true(options.help);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_read_in_both_forms),
		cmocka_unit_test(mistakes_are_named),
		cmocka_unit_test(operand_may_stand_before_or_behind_options),
		cmocka_unit_test(help_needs_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
