// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/command.h"

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "cli/reply.h"
#include "cli/vici_json.h"
#include "cli/vici_talk.h"
#include "cli/vici_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_SEC 10
#define PATH_SIZE 256

/* Where charon of the daemon's status can be asked; an error if there is none. */
static int find_socket(struct json_object *status, char ret[PATH_SIZE], struct error *error)
{
	struct json_object *ike = reply_object(status, "ike");
	const char *path = reply_text(ike, "socket");
	const char *trouble = reply_text(ike, "trouble");

	if (!ike)
		return error_set(error, -ESRCH, ERROR_CTL_DOWN, NULL,
				 "the IKE daemon does not run: no tunnel uses IPsec");
	if (!path || reply_number(ike, "pid", 0) <= 0)
		return error_set(error, -ESRCH, ERROR_CTL_DOWN, NULL,
				 "the IKE daemon does not run: %s",
				 trouble ? trouble : "see the problems in aronet status");
	(void)snprintf(ret, PATH_SIZE, "%s", path);
	return 0;
}

/* Before it is tried: the client tells of the failure in words only. */
static int check_permission(const char *path, struct error *error)
{
	if (access(path, R_OK | W_OK) == 0 || errno != EACCES)
		return 0; /* what else is wrong is found when it is used */
	return error_set(error, -EACCES, ERROR_CTL_PERM, path,
			 "only root, or the user of the daemon, may talk to charon");
}

static int ask_socket(const struct cli_options *options, char ret[PATH_SIZE],
		      enum exit_code *ret_exit, struct error *error)
{
	const struct control_arguments arguments = { .op = CONTROL_STATUS };
	struct json_object *status;
	int result = cli_ask(options, &arguments, ANSWER_SEC, &status, ret_exit, error);

	if (result < 0)
		return result;
	result = find_socket(status, ret, error);
	json_object_put(status);
	if (result == 0)
		result = check_permission(ret, error);
	if (result < 0)
		*ret_exit = error_exit_code(error->code);
	return result;
}

/* Each as charon says it: {NAME: {...}} */
static void print_sas_json(const struct vici_sas *sas)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < sas->count; i++) {
		struct json_object *object = json_object_new_object();
		struct vici_element element = {
			.kind = VICI_SECTION,
			.content = { sas->items[i].bytes, sas->items[i].size },
		};

		(void)snprintf(element.name, sizeof(element.name), "%s", sas->items[i].name);
		vici_add_to_json(object, &element);
		json_object_array_add(array, object);
	}
	cli_print_json(array);
	json_object_put(array);
}

static void print_sas(const struct vici_sas *sas)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	for (size_t i = 0; i < sas->count; i++) {
		const struct vici_sa *sa = &sas->items[i];

		vici_print_sa(sa->name, &(struct vici_section) { sa->bytes, sa->size }, &text);
	}
	(void)fputs(sas->count ? strbuf_text(&text) : "no IKE_SAs\n", stdout);
}

int command_vici_list_sas(const struct cli_context *context)
{
	const struct cli_options *options = &context->options;
	CLEANUP(vici_sas_done) struct vici_sas sas = { 0 };
	enum exit_code exit = EXIT_DAEMON;
	struct error error = { 0 };
	char path[PATH_SIZE];
	uv_loop_t loop;
	int result;

	if (ask_socket(options, path, &exit, &error) < 0)
		return cli_fail(options, &error, exit);
	(void)uv_loop_init(&loop);
	result = vici_list_sas(&(struct vici_place) { .loop = &loop, .path = path }, &sas, &error);
	(void)uv_loop_close(&loop);
	if (result < 0)
		return cli_fail(options, &error, error_exit_code(error.code));
	if (options->json)
		print_sas_json(&sas);
	else
		print_sas(&sas);
	return EXIT_DONE;
}

/* Each line at once: somebody waits for it. */
static bool print_log(void *userdata, const struct vici_section *message)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	(void)userdata;
	vici_print_log(time(NULL), message, &text);
	(void)fputs(strbuf_text(&text), stdout);
	return fflush(stdout) == 0;
}

int command_vici_log(const struct cli_context *context)
{
	const struct cli_options *options = &context->options;
	enum exit_code exit = EXIT_DAEMON;
	struct error error = { 0 };
	char path[PATH_SIZE];
	uv_loop_t loop;
	int result;

	if (ask_socket(options, path, &exit, &error) < 0)
		return cli_fail(options, &error, exit);
	(void)uv_loop_init(&loop);
	result = vici_follow_log(&(struct vici_place) { .loop = &loop, .path = path }, print_log,
				 NULL, &error);
	(void)uv_loop_close(&loop);
	if (result < 0)
		return cli_fail(options, &error, error_exit_code(error.code));
	return EXIT_DIFFERENT; /* standard output cannot be written */
}
