// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/options.h"

#include "base/cleanup.h"
#include "base/number.h"
#include "control/protocol.h"
#include "json/suggest.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

typedef bool option_read_fn(const char *value, struct cli_options *options);

static const struct {
	const char *name;
	enum log_level level;
} log_levels[] = {
	{ "error", LOG_LEVEL_ERROR },	{ "warning", LOG_LEVEL_WARNING },
	{ "notice", LOG_LEVEL_NOTICE }, { "info", LOG_LEVEL_INFO },
	{ "debug", LOG_LEVEL_DEBUG },
};

static bool read_text(const char *value, const char **ret)
{
	*ret = value;
	return value[0] != '\0';
}

static bool read_config(const char *value, struct cli_options *options)
{
	return read_text(value, &options->config_path);
}

static bool read_socket(const char *value, struct cli_options *options)
{
	return read_text(value, &options->socket_path);
}

static bool read_registry(const char *value, struct cli_options *options)
{
	return read_text(value, &options->registry_path);
}

static bool read_output(const char *value, struct cli_options *options)
{
	return read_text(value, &options->output_path);
}

static bool read_wait(const char *value, struct cli_options *options)
{
	uint64_t seconds;

	if (number_parse(value, CONTROL_WAIT_MAX, &seconds) < 0)
		return false;
	options->wait_sec = (unsigned)seconds;
	return true;
}

static bool read_log_level(const char *value, struct cli_options *options)
{
	for (size_t i = 0; i < ARRAY_SIZE(log_levels); i++) {
		if (!strcmp(log_levels[i].name, value)) {
			options->log_level = log_levels[i].level;
			return true;
		}
	}
	return false;
}

/* A row with a value has a reader, a switch has the offset of its flag. */
static const struct option_row {
	char letter; /* 0: none */
	const char *name;
	const char *value; /* NULL: a switch */
	option_read_fn *read;
	size_t flag;
	const char *expected; /* of a value */
	const char *help;
} rows[] = {
#define SWITCH(member) .flag = offsetof(struct cli_options, member)
	[OPTION_CONFIG] = { 'c', "config", "FILE", read_config, .expected = "a path",
			    .help = "the daemon's configuration" },
	[OPTION_SOCKET] = { 0, "socket", "PATH", read_socket, .expected = "a path",
			    .help = "the daemon's control socket (default " CONTROL_DEFAULT_PATH
				    ")" },
	[OPTION_REGISTRY] = { 'r', "registry", "FILE", read_registry, .expected = "a path",
			      .help = "the registry; - is standard input" },
	[OPTION_PLAN] = { 0, "plan", SWITCH(plan),
			  .help = "say what would be done, and do nothing" },
	[OPTION_ALLOW_UNSIGNED] = { 0, "allow-unsigned", SWITCH(allow_unsigned),
				    .help = "take a registry without signatures; config.json has "
					    "to "
					    "allow it, too" },
	[OPTION_ALLOW_EMPTY] = { 0, "allow-empty", SWITCH(allow_empty),
				 .help = "a registry without any node is meant" },
	[OPTION_WAIT] = { 0, "wait", "SECONDS", read_wait, .expected = "0 to 3600 seconds",
			  .help = "how long to wait until the kernel has followed (default 30)" },
	[OPTION_FORGET] = { 0, "forget", SWITCH(forget),
			    .help = "remove the stored registry as well" },
	[OPTION_WATCH] = { 'w', "watch", SWITCH(watch),
			   .help = "again every second, until Ctrl-C" },
	[OPTION_OUTPUT] = { 'o', "output", "FILE", read_output, .expected = "a path",
			    .help = "write the private key to this new file, mode 0600" },
	[OPTION_LOG_LEVEL] = { 'l', "log-level", "LEVEL", read_log_level,
			       .expected = "error, warning, notice, info or debug",
			       .help = "error, warning, notice, info (default) or debug" },
	[OPTION_JSON] = { 'j', "json", SWITCH(json), .help = "print JSON, for programs" },
	[OPTION_HELP] = { 'h', "help", SWITCH(help), .help = "this text" },
#undef SWITCH
};

#define LONG_BASE 256 /* getopt's value of a row: never a letter */

static void make_getopt_tables(unsigned options, char *letters, struct option *long_options)
{
	*letters++ = ':'; /* a missing value is ':', not '?' */
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!(options & OPTION_BIT(i)))
			continue;
		*long_options++ = (struct option) {
			.name = rows[i].name,
			.has_arg = rows[i].value ? required_argument : no_argument,
			.val = LONG_BASE + (int)i,
		};
		if (!rows[i].letter)
			continue;
		*letters++ = rows[i].letter;
		if (rows[i].value)
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
	for (size_t i = 0; i < ARRAY_SIZE(rows) && name[0] && name[1]; i++)
		if (syntax->options & OPTION_BIT(i))
			suggest_consider(&suggestion, name, rows[i].name);
	if (suggestion.best)
		return error_set(error, -EINVAL, ERROR_USAGE, syntax->name,
				 "unknown option %.60s; did you mean --%s?", word, suggestion.best);
	return error_set(error, -EINVAL, ERROR_USAGE, syntax->name,
			 "unknown option %.60s; see aronet %s --help", word, syntax->name);
}

static const struct option_row *find_row(int value)
{
	if (value >= LONG_BASE)
		return &rows[value - LONG_BASE];
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].letter && rows[i].letter == value)
			return &rows[i];
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
	if (syntax->operand && optind < argc)
		options->operand = argv[optind++];
	if (optind < argc)
		return error_set(error, -EINVAL, ERROR_USAGE, syntax->name,
				 "unexpected argument \"%.60s\"; see aronet %s --help",
				 argv[optind], syntax->name);
	if (syntax->operand && !options->operand)
		return error_set(error, -EINVAL, ERROR_USAGE, syntax->name, "expected %s",
				 syntax->operand);
	return 0;
}

static int check_required(const struct cli_syntax *syntax, unsigned given, struct error *error)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (syntax->required & ~given & OPTION_BIT(i))
			return error_set(error, -EINVAL, ERROR_USAGE, syntax->name,
					 "missing -%c %s (%s); see aronet %s --help",
					 rows[i].letter, rows[i].value, rows[i].help, syntax->name);
	return 0;
}

int cli_options_parse(const struct cli_syntax *syntax, int argc, char *argv[],
		      struct cli_options *ret, struct error *error)
{
	struct cli_options options = { .wait_sec = WAIT_DEFAULT_SEC, .log_level = LOG_LEVEL_INFO };
	struct option long_options[ARRAY_SIZE(rows) + 1];
	char letters[2 * ARRAY_SIZE(rows) + 2];
	unsigned given = 0;
	int value, result;

	make_getopt_tables(syntax->options, letters, long_options);
	optind = 0; /* start anew, also after another command line */
	opterr = 0;
	while ((value = getopt_long(argc, argv, letters, long_options, NULL)) != -1) {
		const struct option_row *row;

		if (value == ':')
			return error_set(error, -EINVAL, ERROR_USAGE, syntax->name,
					 "%.60s needs a value", argv[optind - 1]);
		row = value == '?' ? NULL : find_row(value);
		if (!row) {
			const char letter[] = { '-', (char)optopt, '\0' };
			bool is_letter = optopt > 0 && optopt < LONG_BASE;

			return fail_unknown(syntax, is_letter ? letter : argv[optind - 1], error);
		}
		result = apply_option(syntax, row, &options, error);
		if (result < 0)
			return result;
		given |= OPTION_BIT(row - rows);
	}
	if (!options.help) {
		result = check_operands(syntax, argc, argv, &options, error);
		if (result == 0)
			result = check_required(syntax, given, error);
		if (result < 0)
			return result;
	}
	*ret = options;
	return 0;
}

void cli_options_print(unsigned options, FILE *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char left[40];

		if (!(options & OPTION_BIT(i)))
			continue;
		(void)snprintf(left, sizeof(left), "%c%c%c --%s%s%s", rows[i].letter ? '-' : ' ',
			       rows[i].letter ? rows[i].letter : ' ', rows[i].letter ? ',' : ' ',
			       rows[i].name, rows[i].value ? " " : "",
			       rows[i].value ? rows[i].value : "");
		(void)fprintf(out, "  %-22s %s\n", left, rows[i].help);
	}
}
