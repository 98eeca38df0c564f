// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/command.h"

#include "cli/reply.h"
#include "config/config.h"
#include "control/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int cli_fail(const struct cli_options *options, const struct error *error, enum exit_code exit)
{
	char line[ERROR_LINE_SIZE];

	(void)fflush(stdout);
	(void)fprintf(stderr, "aronet: %s\n", error_format(error, line, sizeof(line)));
	if (options && options->json) {
		struct json_object *object = control_error_to_json(error, exit);

		cli_print_json(object);
		json_object_put(object);
	}
	return exit;
}

static void print_warning(const char *code, const char *text)
{
	(void)fprintf(stderr, "aronet: warning %s: %s\n", code ? code : "", text ? text : "");
}

void cli_print_warnings(const struct warnings *warnings)
{
	for (size_t i = 0; i < warnings->count; i++)
		print_warning(warnings->items[i].code, warnings->items[i].text);
}

void cli_print_reply_warnings(struct json_object *reply)
{
	for (size_t i = 0; i < reply_count(reply, "warnings"); i++) {
		struct json_object *warning = reply_item(reply, "warnings", i);

		print_warning(reply_text(warning, "code"), reply_text(warning, "message"));
	}
}

void cli_print_json(struct json_object *object)
{
	(void)puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
								  JSON_C_TO_STRING_SPACED |
								  JSON_C_TO_STRING_NOSLASHESCAPE));
}

int cli_socket_path(const struct cli_options *options, char *ret, size_t ret_size,
		    struct error *error)
{
	CLEANUP(config_free) struct config *config = NULL;
	const char *runtime_dir = CONTROL_RUNTIME_DIR;
	int result;

	if (options->socket_path) {
		(void)snprintf(ret, ret_size, "%s", options->socket_path);
		return 0;
	}
	if (options->config_path) {
		result = config_load(options->config_path, NULL, &config, error);
		if (result < 0)
			return result;
		runtime_dir = config->runtime_dir;
	}
	(void)snprintf(ret, ret_size, "%s/" CONTROL_SOCKET_NAME, runtime_dir);
	return 0;
}

int cli_ask(const struct cli_options *options, const struct control_arguments *arguments,
	    unsigned timeout_sec, struct json_object **ret, enum exit_code *ret_exit,
	    struct error *error)
{
	CLEANUP(control_client_close) struct control_client *client = NULL;
	char path[256];
	int result = cli_socket_path(options, path, sizeof(path), error);

	if (result < 0) {
		*ret_exit = EXIT_CONFIG;
		return result;
	}
	result = control_client_open(path, &client, error);
	if (result == 0)
		result = control_client_call(client, arguments, -1, timeout_sec * 1000, ret, error);
	if (result < 0)
		*ret_exit = control_client_exit_code(client, error);
	return result;
}

bool cli_use_colour(void)
{
	const char *no_colour = getenv("NO_COLOR"); /* no-color.org */
	const char *terminal = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no_colour && no_colour[0]) &&
	       !(terminal && !strcmp(terminal, "dumb"));
}
