// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/command.h"

#include "base/cleanup.h"
#include "cli/reply.h"
#include "cli/status_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_SEC 10

static int ask_status(const struct cli_options *options, struct json_object **ret,
		      enum exit_code *ret_exit, struct error *error)
{
	const struct control_arguments arguments = { .op = CONTROL_STATUS };
	int result = cli_ask(options, &arguments, ANSWER_SEC, ret, ret_exit, error);

	if (result == 0)
		json_object_object_del(*ret, "ok");
	return result;
}

static void print_status(const struct cli_options *options, struct json_object *status)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	if (options->json) {
		cli_print_json(status);
		return;
	}
	status_text_print(status, cli_use_colour(), &text);
	(void)fputs(strbuf_text(&text), stdout);
}

/*
 * Asks with a new connection each time, so that it goes on after a restart of the daemon. Ends with
 * Ctrl-C, or when nobody reads any more.
 */
static int watch_status(const struct cli_options *options)
{
	bool is_screen = isatty(STDOUT_FILENO) && !options->json;

	for (;;) {
		struct json_object *status = NULL;
		enum exit_code exit = EXIT_DAEMON;
		struct error error = { 0 };
		char line[ERROR_LINE_SIZE];
		int result = ask_status(options, &status, &exit, &error);

		if (is_screen)
			(void)fputs("\033[H\033[2J", stdout);
		if (result < 0)
			(void)fprintf(is_screen ? stdout : stderr, "aronet: %s\n",
				      error_format(&error, line, sizeof(line)));
		else
			print_status(options, status);
		json_object_put(status);
		if (!is_screen && !options->json)
			(void)puts("");
		if (exit == EXIT_PERMISSION || exit == EXIT_CONFIG)
			return exit;
		if (fflush(stdout) != 0)
			return EXIT_DIFFERENT;
		(void)sleep(1);
	}
}

int command_status(const struct cli_context *context)
{
	const struct cli_options *options = &context->options;
	enum exit_code exit = EXIT_DAEMON;
	struct json_object *status;
	struct error error = { 0 };
	const char *state;

	if (options->watch)
		return watch_status(options);
	if (ask_status(options, &status, &exit, &error) < 0)
		return cli_fail(options, &error, exit);
	print_status(options, status);
	state = reply_text(status, "state");
	exit = state && !strcmp(state, "degraded") ? EXIT_DIFFERENT : EXIT_DONE;
	json_object_put(status);
	return exit;
}
