// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/command.h"

#include "base/cleanup.h"
#include "cli/reply.h"
#include "loader/loader.h"

#include <inttypes.h>
#include <stdio.h>

static const char *plural(int64_t count)
{
	return count == 1 ? "" : "s";
}

static void print_plan(struct json_object *reply)
{
	size_t count = reply_count(reply, "plan");

	for (size_t i = 0; i < count; i++)
		(void)puts(json_object_get_string(reply_item(reply, "plan", i)));
	if (!count)
		(void)puts("nothing to do");
	for (size_t i = 0; i < reply_count(reply, "conflicts"); i++)
		(void)fprintf(stderr, "aronet: in the way: %s\n",
			      json_object_get_string(reply_item(reply, "conflicts", i)));
}

/* "manifest 481, 42 nodes"; an unsigned registry has no manifest. */
static void print_what(struct json_object *reply)
{
	int64_t manifest = reply_number(reply, "manifest", 0);
	int64_t nodes = reply_number(reply, "nodes", 0);

	if (manifest)
		(void)printf("manifest %" PRId64 ", ", manifest);
	(void)printf("%" PRId64 " node%s", nodes, plural(nodes));
}

static void print_loaded(struct json_object *reply)
{
	bool is_signed = reply_number(reply, "manifest", 0);
	int64_t operations = reply_number(reply, "operations", 0);
	int64_t warnings = (int64_t)reply_count(reply, "warnings");
	int64_t msec = reply_number(reply, "ms", 0);

	if (reply_flag(reply, "no_change")) {
		(void)printf("no change: ");
		print_what(reply);
		(void)printf(", %" PRId64 " ms\n", msec);
		return;
	}
	(void)printf("loaded: ");
	print_what(reply);
	(void)printf(" (+%" PRId64 " ~%" PRId64 " -%" PRId64 "), ", reply_number(reply, "added", 0),
		     reply_number(reply, "changed", 0), reply_number(reply, "removed", 0));
	if (is_signed)
		(void)printf("%" PRId64 " warning%s", warnings, plural(warnings));
	else
		(void)printf("%" PRId64 " operation%s", operations, plural(operations));
	(void)printf(", %" PRId64 " ms\n", msec);
}

/* Accepted, but not all of it could be done yet. */
static int print_problems(struct json_object *reply)
{
	size_t count = reply_count(reply, "problems");

	for (size_t i = 0; i < count; i++) {
		struct json_object *problem = reply_item(reply, "problems", i);
		const char *object = reply_text(problem, "object");
		const char *text = reply_text(problem, "text");

		(void)fprintf(stderr, "aronet: %s: %s\n", object ? object : "?", text ? text : "?");
	}
	if (!count)
		return EXIT_DONE;
	(void)fprintf(stderr, "aronet: the daemon goes on trying; see aronet status\n");
	return EXIT_APPLY;
}

int command_load(const struct cli_context *context)
{
	const struct cli_options *options = &context->options;
	enum exit_code exit = EXIT_DAEMON;
	struct json_object *reply;
	struct error error = { 0 };
	char path[256];
	int result;

	if (cli_socket_path(options, path, sizeof(path), &error) < 0)
		return cli_fail(options, &error, EXIT_CONFIG);
	const struct loader_options loader_options = {
		.registry_path = options->registry_path,
		.ca_path = options->ca_path,
		.socket_path = path,
		.plan = options->plan,
		.allow_unsigned = options->allow_unsigned,
		.allow_empty = options->allow_empty,
		.wait_sec = options->wait_sec,
	};
	if (loader_push(&loader_options, &reply, &exit, &error) < 0)
		return cli_fail(options, &error, exit);
	if (options->json)
		cli_print_json(reply);
	else if (options->plan)
		print_plan(reply);
	else
		print_loaded(reply);
	(void)fflush(stdout);
	if (!options->json)
		cli_print_reply_warnings(reply);
	result = print_problems(reply);
	json_object_put(reply);
	return result;
}
