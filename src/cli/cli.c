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

/* How many words the two have in common at their beginning. @name is a command's. */
static int count_common_words(const char *name, int argc, char *argv[])
{
	int words = 0;

	while (*name && words < argc) {
		size_t length = strcspn(name, " ");

		if (strlen(argv[words]) != length || strncmp(name, argv[words], length) != 0)
			break;
		words++;
		name += length + (name[length] == ' ');
	}
	return words;
}

static int count_words(const char *name)
{
	int words = 1;

	for (; *name; name++)
		words += *name == ' ';
	return words;
}

/* The command with the longest name that @argv begins with. */
static const struct cli_command *find_command(int argc, char *argv[], int *ret_words)
{
	const struct cli_command *command, *found = NULL;

	for (size_t i = 0; (command = cli_command_at(i)); i++) {
		int words = count_words(command->syntax.name);

		if (count_common_words(command->syntax.name, argc, argv) < words ||
		    (found && words < *ret_words))
			continue;
		found = command;
		*ret_words = words;
	}
	return found;
}

/*
 * Commands that have a first word in common and share a page of their own, because the list of all
 * would hide those of every day among them.
 */
static const struct cli_group {
	const char *word, *summary, *text;
} groups[] = {
	{ "registry", "make, sign and publish the registry of a mesh",
	  "The source of a registry is a folder of readable files: the mesh document (who may "
	  "sign,\n"
	  "and which addresses an organization may use), one document per organization (its "
	  "nodes),\n"
	  "and the manifest (which versions belong together). The commands work in the current\n"
	  "folder or in that of -C. publish makes one file of it, which aronet load takes.\n"
	  "See aronet-registry(8)." },
};

static const struct cli_group *find_group(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		if (!strcmp(groups[i].word, word))
			return &groups[i];
	return NULL;
}

static bool is_in_group(const struct cli_command *command, const struct cli_group *group)
{
	size_t length = strcspn(command->syntax.name, " ");

	return strlen(group->word) == length && !strncmp(command->syntax.name, group->word, length);
}

static void print_group_lines(const struct cli_group *group, FILE *out)
{
	const struct cli_command *command;

	for (size_t i = 0; (command = cli_command_at(i)); i++)
		if (is_in_group(command, group))
			(void)fprintf(out, "  %-16s %s\n",
				      command->syntax.name + strlen(group->word) + 1,
				      command->summary);
}

static void print_group(const struct cli_group *group, FILE *out)
{
	(void)fprintf(out,
		      "aronet %s: %s\n\nUsage: aronet %s [-C DIR] COMMAND [OPTION]...\n\n%s\n\n",
		      group->word, group->summary, group->word, group->text);
	print_group_lines(group, out);
	(void)fprintf(out, "\naronet %s COMMAND --help explains a command.\n", group->word);
}

static bool is_grouped(const struct cli_command *command)
{
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		if (is_in_group(command, &groups[i]))
			return true;
	return false;
}

static void print_overview(FILE *out)
{
	const struct cli_command *command;

	(void)fputs("aronet joins Linux hosts into one routed, encrypted overlay network.\n"
		    "\n"
		    "Usage: aronet COMMAND [OPTION]...\n"
		    "\n",
		    out);
	for (size_t i = 0; (command = cli_command_at(i)); i++)
		if (!is_grouped(command))
			(void)fprintf(out, "  %-14s %s\n", command->syntax.name, command->summary);
	(void)fputs("\n", out);
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		(void)fprintf(out, "  %-14s %s (aronet %s --help)\n", groups[i].word,
			      groups[i].summary, groups[i].word);
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

/* "expected info or run": what may follow the @words first ones of @argv. */
static void list_next_words(int words, int argc, char *argv[], char *ret, size_t size)
{
	const struct cli_command *command;
	const char *last = "";
	size_t last_length = 0;

	ret[0] = '\0';
	for (size_t i = 0; (command = cli_command_at(i)); i++) {
		const char *word = command->syntax.name;
		size_t length, used = strlen(ret);

		if (count_common_words(word, argc, argv) < words)
			continue;
		for (int j = 0; j < words; j++)
			word = strchr(word, ' ') + 1;
		length = strcspn(word, " ");
		if (length == last_length && !strncmp(word, last, length))
			continue;
		(void)snprintf(ret + used, size - used, "%s%.*s", used ? ", " : "", (int)length,
			       word);
		last = word;
		last_length = length;
	}
}

/* @words of @argv are the beginning of some commands, the next one is not. */
static int fail_unknown_next(int words, int argc, char *argv[])
{
	char typed[128] = "", expected[256];
	struct suggestion suggestion = { 0 };
	const struct cli_command *command;
	struct error error;

	for (int i = 0; i < words + 1 && i < argc; i++)
		(void)snprintf(typed + strlen(typed), sizeof(typed) - strlen(typed), "%s%.30s",
			       i ? " " : "", argv[i]);
	for (size_t i = 0; words < argc && (command = cli_command_at(i)); i++)
		if (count_common_words(command->syntax.name, argc, argv) == words)
			suggest_consider(&suggestion, typed, command->syntax.name);
	list_next_words(words, argc, argv, expected, sizeof(expected));
	if (suggestion.best)
		(void)error_set(&error, 0, ERROR_USAGE, NULL,
				"unknown command \"%s\"; did you mean %s?", typed, suggestion.best);
	else
		(void)error_set(&error, 0, ERROR_USAGE, words < argc ? NULL : typed,
				words < argc ? "unknown command \"%s\"; expected one of: %s"
					     : "%.0sexpected one of: %s",
				typed, expected);
	return cli_fail(NULL, &error, EXIT_USAGE);
}

static int fail_unknown(int argc, char *argv[])
{
	struct suggestion suggestion = { 0 };
	const struct cli_command *command;
	struct error error;
	int words = 0;

	for (size_t i = 0; (command = cli_command_at(i)); i++) {
		int common = count_common_words(command->syntax.name, argc, argv);

		words = common > words ? common : words;
		suggest_consider(&suggestion, argv[0], command->syntax.name);
	}
	if (words)
		return fail_unknown_next(words, argc, argv);
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		suggest_consider(&suggestion, argv[0], groups[i].word);
	if (suggestion.best)
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
	int exit;

	if (cli_options_parse(&command->syntax, argc, argv, &context.options, &error) < 0)
		return cli_fail(NULL, &error, EXIT_USAGE);
	if (context.options.help) {
		print_help(command);
		exit = EXIT_DONE;
	} else {
		exit = command->run(&context);
	}
	cli_options_done(&context.options);
	return exit;
}

/* `aronet help`, `aronet help load`, `aronet --help`, `aronet registry --help` */
static int show_help(int argc, char *argv[])
{
	const struct cli_command *command;
	const struct cli_group *group;
	int words;

	if (argc == 0) {
		print_overview(stdout);
		return EXIT_DONE;
	}
	group = argc == 1 ? find_group(argv[0]) : NULL;
	if (group) {
		print_group(group, stdout);
		return EXIT_DONE;
	}
	command = find_command(argc, argv, &words);
	if (!command)
		return fail_unknown(argc, argv);
	print_help(command);
	return EXIT_DONE;
}

static bool is_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h");
}

/* How many words of @argv are an option -C of a group, before the command: 0, 1 or 2. */
static int count_directory_words(int argc, char *argv[])
{
	static const char name[] = "--directory";

	if (argc < 1)
		return 0;
	if (!strcmp(argv[0], "-C") || !strcmp(argv[0], name))
		return argc < 2 ? 1 : 2;
	return !strncmp(argv[0], "-C", 2) || !strncmp(argv[0], "--directory=", sizeof(name));
}

/*
 * `registry -C home member add north` becomes `registry member add -C home north`: options stand
 * behind the name of a command for all that follows.
 */
static void move_directory_option(int argc, char *argv[])
{
	int moved = count_directory_words(argc - 1, argv + 1), words;
	char *option[2];

	if (!moved)
		return;
	memcpy(option, argv + 1, (size_t)moved * sizeof(*argv));
	memmove(argv + 1, argv + 1 + moved, (size_t)(argc - 1 - moved) * sizeof(*argv));
	if (!find_command(argc - moved, argv, &words))
		words = argc - moved;
	memmove(argv + words + moved, argv + words, (size_t)(argc - moved - words) * sizeof(*argv));
	memcpy(argv + words, option, (size_t)moved * sizeof(*argv));
}

static int dispatch(int argc, char *argv[], const struct cli_hooks *hooks)
{
	const struct cli_command *command;
	const struct cli_group *group;
	int words;

	if (argc == 0) {
		print_overview(stderr);
		return EXIT_USAGE;
	}
	if (is_help(argv[0]) || !strcmp(argv[0], "help"))
		return show_help(argc - 1, argv + 1);
	if (!strcmp(argv[0], "--version") || !strcmp(argv[0], "-V"))
		return command_version(NULL);
	group = find_group(argv[0]);
	if (group && argc == 1) {
		print_group(group, stderr);
		return EXIT_USAGE;
	}
	if (group && is_help(argv[1]))
		return show_help(1, argv);
	if (group)
		move_directory_option(argc, argv);
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
