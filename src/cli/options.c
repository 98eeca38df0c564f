// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/options.h"

#include "base/memory.h"
#include "cli/option_rows.h"
#include "json/suggest.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#define LONG_BASE 256 /* getopt's value of a row: never a letter */

void cli_options_done(struct cli_options *options)
{
	free(options->operands.items);
	free(options->keys.items);
	free(options->manifest_keys.items);
	free(options->pool.items);
	free(options->grants.items);
	free(options->requests.items);
	*options = (struct cli_options) { 0 };
}

static void make_getopt_tables(uint64_t options, char *letters, struct option *long_options)
{
	*letters++ = ':'; /* a missing value is ':', not '?' */
	for (size_t i = 0; i < OPTIONS_COUNT; i++) {
		if (!(options & OPTION_BIT(i)))
			continue;
		*long_options++ = (struct option) {
			.name = option_rows[i].name,
			.has_arg = option_rows[i].value ? required_argument : no_argument,
			.val = LONG_BASE + (int)i,
		};
		if (!option_rows[i].letter)
			continue;
		*letters++ = option_rows[i].letter;
		if (option_rows[i].value)
			*letters++ = ':';
	}
	*letters = '\0';
	*long_options = (struct option) { 0 };
}

static int fail_unknown(const struct cli_syntax *syntax, const char *word, struct error *error)
{
	struct suggestion suggestion = { 0 };
	char name[64];

	(void)snprintf(name, sizeof(name), "%s", word + strspn(word, "-"));
	name[strcspn(name, "=")] = '\0';
	for (size_t i = 0; i < OPTIONS_COUNT && name[0] && name[1]; i++)
		if (syntax->options & OPTION_BIT(i))
			suggest_consider(&suggestion, name, option_rows[i].name);
	if (suggestion.best)
		return error_set(error, -EINVAL, ERROR_USAGE, syntax->name,
				 "unknown option %.60s; did you mean --%s?", word, suggestion.best);
	return error_set(error, -EINVAL, ERROR_USAGE, syntax->name,
			 "unknown option %.60s; see aronet %s --help", word, syntax->name);
}

/* The row of a command's option: a letter may mean something else in another command. */
static const struct option_row *find_row(uint64_t options, int value)
{
	if (value >= LONG_BASE)
		return &option_rows[value - LONG_BASE];
	for (size_t i = 0; i < OPTIONS_COUNT; i++)
		if ((options & OPTION_BIT(i)) && option_rows[i].letter == value)
			return &option_rows[i];
	return NULL;
}

static int apply_option(const struct cli_syntax *syntax, const struct option_row *row,
			struct cli_options *options, struct error *error)
{
	if (!row->value) {
		*(bool *)((char *)options + row->flag) = true;
		return 0;
	}
	if (row->read(optarg, options))
		return 0;
	return error_set(error, -EINVAL, ERROR_USAGE, syntax->name,
			 "--%s: expected %s, found "
			 "\"%.60s\"",
			 row->name, row->expected, optarg);
}

static int check_operands(const struct cli_syntax *syntax, int argc, char *argv[],
			  struct cli_options *options, struct error *error)
{
	while (optind < argc && options->operands.count < syntax->operands_max)
		*ARRAY_APPEND(options->operands.items, options->operands.count) = argv[optind++];
	if (optind < argc)
		return error_set(error, -EINVAL, ERROR_USAGE, syntax->name,
				 "unexpected argument \"%.60s\"; see aronet %s --help",
				 argv[optind], syntax->name);
	if (options->operands.count < syntax->operands_min)
		return error_set(error, -EINVAL, ERROR_USAGE, syntax->name, "expected %s",
				 syntax->operand);
	if (options->operands.count)
		options->operand = options->operands.items[0];
	return 0;
}

static int check_required(const struct cli_syntax *syntax, uint64_t given, struct error *error)
{
	for (size_t i = 0; i < OPTIONS_COUNT; i++) {
		const struct option_row *row = &option_rows[i];
		char letter[] = { '-', row->letter, '\0' };

		if (syntax->required & ~given & OPTION_BIT(i))
			return error_set(error, -EINVAL, ERROR_USAGE, syntax->name,
					 "missing %s%s%s%s (%s); see aronet %s --help",
					 row->letter ? letter : "--", row->letter ? "" : row->name,
					 row->value ? " " : "", row->value ? row->value : "",
					 row->help, syntax->name);
	}
	return 0;
}

/* What getopt returned: a value is missing, nobody knows the option, or a row. */
static int read_option(const struct cli_syntax *syntax, int value, char *argv[],
		       struct cli_options *options, uint64_t *given, struct error *error)
{
	const struct option_row *row;

	if (value == ':')
		return error_set(error, -EINVAL, ERROR_USAGE, syntax->name, "%.60s needs a value",
				 argv[optind - 1]);
	row = value == '?' ? NULL : find_row(syntax->options, value);
	if (!row) {
		const char letter[] = { '-', (char)optopt, '\0' };
		bool is_letter = optopt > 0 && optopt < LONG_BASE;

		return fail_unknown(syntax, is_letter ? letter : argv[optind - 1], error);
	}
	*given |= OPTION_BIT(row - option_rows);
	return apply_option(syntax, row, options, error);
}

int cli_options_parse(const struct cli_syntax *syntax, int argc, char *argv[],
		      struct cli_options *ret, struct error *error)
{
	CLEANUP(cli_options_done)
	struct cli_options options = {
		.wait_sec = WAIT_DEFAULT_SEC,
		.log_level = LOG_LEVEL_INFO,
		.directory = ".",
		.passphrase_fd = -1,
	};
	struct option long_options[OPTIONS_COUNT + 1];
	char letters[2 * OPTIONS_COUNT + 2];
	uint64_t given = 0;
	int value, result = 0;

	make_getopt_tables(syntax->options, letters, long_options);
	optind = 0; /* start anew, also after another command line */
	opterr = 0;
	while (result == 0 && (value = getopt_long(argc, argv, letters, long_options, NULL)) != -1)
		result = read_option(syntax, value, argv, &options, &given, error);
	if (result == 0 && !options.help) {
		result = check_operands(syntax, argc, argv, &options, error);
		if (result == 0)
			result = check_required(syntax, given, error);
	}
	if (result < 0)
		return result;
	*ret = options;
	options = (struct cli_options) { 0 }; /* its lists are the caller's now */
	return 0;
}

void cli_options_print(uint64_t options, FILE *out)
{
	for (size_t i = 0; i < OPTIONS_COUNT; i++) {
		char left[40];

		if (!(options & OPTION_BIT(i)))
			continue;
		(void)snprintf(left, sizeof(left), "%c%c%c --%s%s%s",
			       option_rows[i].letter ? '-' : ' ',
			       option_rows[i].letter ? option_rows[i].letter : ' ',
			       option_rows[i].letter ? ',' : ' ', option_rows[i].name,
			       option_rows[i].value ? " " : "",
			       option_rows[i].value ? option_rows[i].value : "");
		(void)fprintf(out, "  %-22s %s\n", left, option_rows[i].help);
	}
}
