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
	.operands_min = 1,
	.operands_max = 1,
};
static const struct cli_syntax init = {
	.name = "registry init",
	.options = OPTION_BIT(OPTION_KEY_MESH) | OPTION_BIT(OPTION_MESH_NAME) |
		   OPTION_BIT(OPTION_POOL) | OPTION_BIT(OPTION_THRESHOLD) |
		   OPTION_BIT(OPTION_EXPIRY) | OPTION_BIT(OPTION_TRANSIT) | OPTION_BIT(OPTION_AT) |
		   OPTION_BIT(OPTION_MESH_SHA256) | OPTION_BIT(OPTION_PASSPHRASE_FD),
	.required = OPTION_BIT(OPTION_MESH_NAME) | OPTION_BIT(OPTION_KEY_MESH),
	.operand = "OLD and NEW",
	.operands_min = 2,
	.operands_max = OPERANDS_ANY,
};

#define ARGUMENTS_MAX 20

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
	CLEANUP(cli_options_done) struct cli_options options = { 0 };
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
		{ &init, "init a --mesh m --key k", "expected OLD and NEW" },
		{ &init, "init a b --key k", "missing --mesh NAME (name of the mesh)" },
		{ &init, "init a b --mesh m", "missing -k FILE (key that may sign" },
		{ &init, "init a b --threshold 0", "expected a number from 1 to 16" },
		{ &init, "init a b --threshold 17", "expected a number from 1 to 16" },
		{ &init, "init a b --expiry 2y", "--expiry: expected 1d to 366d, or 1y" },
		{ &init, "init a b --expiry 367d", "--expiry: expected 1d to 366d, or 1y" },
		{ &init, "init a b --expiry d", "--expiry: expected 1d to 366d, or 1y" },
		{ &init, "init a b --expiry 14", "--expiry: expected 1d to 366d, or 1y" },
		{ &init, "init a b --expiry 0000000000001d", "--expiry: expected" },
		{ &init, "init a b --transit maybe", "--transit: expected yes or no" },
		{ &init, "init a b --at 2026-11-21", "--at: expected a time such as 2026-" },
		{ &init, "init a b --mesh-sha256 9F", "expected 64 lower-case hexadecimal" },
		{ &init, "init a b --passphrase-fd -1", "--passphrase-fd: expected the number" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(cli_options_done) struct cli_options options = { 0 };
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
	CLEANUP(cli_options_done) struct cli_options options = { 0 };
	struct error error = { 0 };
	char words[256];

	(void)state;
	assert_int_equal(parse(&keygen, "keygen node -o file", &options, words, &error), 0);
	assert_string_equal(options.operand, "node");
	assert_string_equal(options.output_path, "file");
	cli_options_done(&options);
	assert_int_equal(parse(&keygen, "keygen -o file wireguard", &options, words, &error), 0);
	assert_string_equal(options.operand, "wireguard");
}

static void repeated_options_and_operands_are_lists(void **state)
{
	CLEANUP(cli_options_done) struct cli_options options = { 0 };
	struct error error = { 0 };
	char words[256];

	(void)state;
	assert_int_equal(parse(&init, "init a --key x --mesh m b -ky c --pool p --expiry 1y",
			       &options, words, &error),
			 0);
	assert_int_equal(options.keys.count, 2);
	assert_string_equal(options.keys.items[0], "x");
	assert_string_equal(options.keys.items[1], "y");
	assert_int_equal(options.pool.count, 1);
	assert_int_equal(options.operands.count, 3);
	assert_string_equal(options.operand, "a");
	assert_string_equal(options.operands.items[2], "c");
	assert_string_equal(options.mesh_name, "m");
	assert_string_equal(options.directory, ".");
	assert_int_equal(options.expiry_days, 366);
	assert_int_equal(options.passphrase_fd, -1);
}

static void values_of_numbers_and_times_are_read(void **state)
{
	CLEANUP(cli_options_done) struct cli_options options = { 0 };
	struct error error = { 0 };
	char words[256];

	(void)state;
	assert_int_equal(parse(&init,
			       "init a b --mesh m --key k --expiry 14d --threshold 16 --transit no "
			       "--at 2026-11-21T00:00:00Z --passphrase-fd 0",
			       &options, words, &error),
			 0);
	assert_int_equal(options.expiry_days, 14);
	assert_int_equal(options.threshold, 16);
	assert_int_equal(options.transit, ANSWER_NO);
	assert_true(options.has_at);
	assert_int_equal(options.at, 1795219200);
	assert_int_equal(options.passphrase_fd, 0);
}

static void help_needs_nothing_else(void **state)
{
	CLEANUP(cli_options_done) struct cli_options options = { 0 };
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
		cmocka_unit_test(repeated_options_and_operands_are_lists),
		cmocka_unit_test(values_of_numbers_and_times_are_read),
		cmocka_unit_test(help_needs_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
