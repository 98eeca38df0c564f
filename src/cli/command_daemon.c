// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/command.h"

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "cli/table.h"

#include <stdio.h>
#include <string.h>

#define ANSWER_SEC 10
#define DOWN_SEC 90 /* thousands of tunnels are removed one by one */

int command_daemon_run(const struct cli_context *context)
{
	const struct cli_options *options = &context->options;

	return context->hooks->run(options->config_path, options->registry_path,
				   options->allow_unsigned, options->log_level);
}

static const char *value_text(struct json_object *value)
{
	return json_object_is_type(value, json_type_string)
		       ? json_object_get_string(value)
		       : json_object_to_json_string_ext(
				 value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}

/* {"name":"babeld","pid":815} is shown as "babeld pid 815". */
static void describe_item(struct json_object *item, struct strbuf *out)
{
	if (!json_object_is_type(item, json_type_object)) {
		strbuf_puts(out, value_text(item));
		return;
	}
	json_object_object_foreach(item, name, value)
	{
		bool is_first = out->length == 0;

		if (strcmp(name, "name") != 0)
			strbuf_printf(out, "%s%s", is_first ? "" : " ", name);
		strbuf_printf(out, "%s%s", out->length ? " " : "", value_text(value));
	}
}

static void add_line(struct table *table, const char *name, struct json_object *value)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	if (value)
		describe_item(value, &text);
	table_add(table, TABLE_PLAIN, name);
	table_add(table, TABLE_PLAIN, strbuf_text(&text));
}

/* One line per member, one more for each further item of a list. */
static void print_info(struct json_object *info)
{
	CLEANUP(table_done) struct table table = { .columns = 2, .right = "ll" };
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	json_object_object_foreach(info, name, value)
	{
		if (!json_object_is_type(value, json_type_array)) {
			add_line(&table, name, value);
			continue;
		}
		if (json_object_array_length(value) == 0)
			add_line(&table, name, NULL);
		for (size_t i = 0; i < json_object_array_length(value); i++)
			add_line(&table, i ? " " : name, json_object_array_get_idx(value, i));
	}
	table_print(&table, false, &text);
	(void)fputs(strbuf_text(&text), stdout);
}

int command_daemon_info(const struct cli_context *context)
{
	const struct cli_options *options = &context->options;
	const struct control_arguments arguments = { .op = CONTROL_INFO };
	enum exit_code exit = EXIT_DAEMON;
	struct json_object *info;
	struct error error = { 0 };

	if (cli_ask(options, &arguments, ANSWER_SEC, &info, &exit, &error) < 0)
		return cli_fail(options, &error, exit);
	json_object_object_del(info, "ok");
	if (options->json)
		cli_print_json(info);
	else
		print_info(info);
	json_object_put(info);
	return EXIT_DONE;
}

static void print_down(const struct cli_options *options, struct json_object *reply)
{
	if (options->json) {
		cli_print_json(reply);
		return;
	}
	cli_print_reply_warnings(reply);
	(void)puts("down");
}

/* No daemon runs: what a crashed one left is removed with its configuration. */
static int take_down_alone(const struct cli_context *context, const struct error *reason)
{
	const struct cli_options *options = &context->options;
	struct error error = *reason;
	struct json_object *reply;

	if (!options->config_path) {
		(void)error_set(&error, 0, ERROR_CTL_DOWN, NULL,
				"%.300s; to remove what an ended daemon left: aronet down -c FILE",
				reason->text);
		return cli_fail(options, &error, EXIT_DAEMON);
	}
	error = (struct error) { 0 };
	if (context->hooks->take_down(options->config_path, options->forget, &error) < 0)
		return cli_fail(options, &error, error_exit_code(error.code));
	reply = json_object_new_object();
	json_object_object_add(reply, "ok", json_object_new_boolean(true));
	print_down(options, reply);
	json_object_put(reply);
	return EXIT_DONE;
}

int command_down(const struct cli_context *context)
{
	const struct cli_options *options = &context->options;
	const struct control_arguments arguments = { .op = CONTROL_DOWN,
						     .forget = options->forget };
	enum exit_code exit = EXIT_DAEMON;
	struct json_object *reply;
	struct error error = { 0 };

	if (cli_ask(options, &arguments, DOWN_SEC, &reply, &exit, &error) < 0) {
		if (error.code == ERROR_CTL_DOWN && exit == EXIT_DAEMON)
			return take_down_alone(context, &error);
		return cli_fail(options, &error, exit);
	}
	print_down(options, reply);
	json_object_put(reply);
	return EXIT_DONE;
}
