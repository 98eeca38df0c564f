// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/cli.h"

#include "base/cleanup.h"
#include "cli/command.h"
#include "version.h"
#include "json/suggest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int command_version(const struct cli_context *context)
{
	(void)context;
	(void)printf("aronet %s (%s)\n", ARONET_VERSION, ARONET_COMMIT);
	return EXIT_DONE;
}

static void print_overview(FILE *out)
{
	const struct cli_command *commands;
	size_t count = cli_commands(&commands);

	(void)fputs("aronet joins Linux hosts into one routed, encrypted overlay network.\n"
		    "\n"
		    "Usage: aronet COMMAND [OPTION]...\n"
		    "\n",
		    out);
	for (size_t i = 0; i < count; i++)
		(void)fprintf(out, "  %-12s %s\n", commands[i].syntax.name, commands[i].summary);
	(void)fputs("\n"
		    "aronet COMMAND --help explains a command, its options and exit codes.\n",
		    out);
}

static void print_help(const struct cli_command *command)
{
	(void)printf("aronet %s: %s\n\nUsage: aronet %s %s\n\n%s\nOptions:\n", command->syntax.name,
		     command->summary, command->syntax.name, command->usage, command->text);
	cli_options_print(command->syntax.options, stdout);
}

/* How many words of @argv are the command's name: 1, 2, or 0 if they are not. */
static int match_command(const struct cli_command *command, int argc, char *argv[])
{
	const char *name = command->syntax.name;
	const char *space = strchr(name, ' ');

	if (!space)
		return strcmp(name, argv[0]) == 0;
	if (argc < 2 || strlen(argv[0]) != (size_t)(space - name) ||
	    strncmp(name, argv[0], (size_t)(space - name)) != 0)
		return 0;
	return strcmp(space + 1, argv[1]) == 0 ? 2 : 0;
}

static const struct cli_command *find_command(int argc, char *argv[], int *ret_words)
{
	const struct cli_command *commands;
	size_t count = cli_commands(&commands);

	for (size_t i = 0; i < count; i++) {
		*ret_words = match_command(&commands[i], argc, argv);
		if (*ret_words)
			return &commands[i];
	}
	return NULL;
}

static int fail_unknown(int argc, char *argv[])
{
	const struct cli_command *commands;
	size_t count = cli_commands(&commands);
	struct suggestion suggestion = { 0 };
	struct error error;
	char words[64];

	(void)snprintf(words, sizeof(words), "%s%s%s", argv[0],
		       argc > 1 && argv[1][0] != '-' ? " " : "",
		       argc > 1 && argv[1][0] != '-' ? argv[1] : "");
	for (size_t i = 0; i < count; i++) {
		suggest_consider(&suggestion, words, commands[i].syntax.name);
		suggest_consider(&suggestion, argv[0], commands[i].syntax.name);
	}
	if (!strcmp(argv[0], "daemon"))
		(void)error_set(&error, 0, ERROR_USAGE, "daemon", "expected run or info");
	else if (suggestion.best)
		(void)error_set(&error, 0, ERROR_USAGE, NULL,
				"unknown command \"%.60s\"; did you mean %s?", argv[0],
				suggestion.best);
	else
		(void)error_set(&error, 0, ERROR_USAGE, NULL,
				"unknown command \"%.60s\"; see aronet --help", argv[0]);
	return cli_fail(NULL, &error, EXIT_USAGE);
}

static int run_command(const struct cli_command *command, int argc, char *argv[],
		       const struct cli_hooks *hooks)
{
	struct cli_context context = { .hooks = hooks };
	struct error error = { 0 };

	if (cli_options_parse(&command->syntax, argc, argv, &context.options, &error) < 0)
		return cli_fail(NULL, &error, EXIT_USAGE);
	if (context.options.help) {
		print_help(command);
		return EXIT_DONE;
	}
	return command->run(&context);
}

/* `aronet help`, `aronet help load`, `aronet --help` */
static int show_help(int argc, char *argv[])
{
	const struct cli_command *command;
	int words;

	if (argc == 0) {
		print_overview(stdout);
		return EXIT_DONE;
	}
	command = find_command(argc, argv, &words);
	if (!command)
		return fail_unknown(argc, argv);
	print_help(command);
	return EXIT_DONE;
}

static int dispatch(int argc, char *argv[], const struct cli_hooks *hooks)
{
	const struct cli_command *command;
	int words;

	if (argc == 0) {
		print_overview(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[0], "--help") || !strcmp(argv[0], "-h") || !strcmp(argv[0], "help"))
		return show_help(argc - 1, argv + 1);
	if (!strcmp(argv[0], "--version") || !strcmp(argv[0], "-V"))
		return command_version(NULL);
	command = find_command(argc, argv, &words);
	if (!command)
		return fail_unknown(argc, argv);
	/* Option parsing begins behind the last word of the name. */
	return run_command(command, argc - words + 1, argv + words - 1, hooks);
}

int cli_main(int argc, char *argv[], const struct cli_hooks *hooks)
{
	int exit = dispatch(argc - 1, argv + 1, hooks);

	/* A full disk or a closed pipe must not look like success. */
	if ((fflush(stdout) != 0 || ferror(stdout)) && exit == EXIT_DONE) {
		(void)fprintf(stderr, "aronet: standard output: %s\n", strerror(errno));
		return EXIT_DIFFERENT;
	}
	return exit;
}
