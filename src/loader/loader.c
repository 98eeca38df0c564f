// SPDX-License-Identifier: GPL-2.0-or-later
#include "loader/loader.h"

#include "base/cleanup.h"
#include "control/client.h"
#include "control/payload.h"
#include "fetch/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* Over the time that the daemon may wait: to parse, to plan, and for the loads before this one. */
#define ANSWER_MARGIN_SEC 30

/* What the daemon calls the registry that it was sent. */
#define DAEMON_NAME "registry"
#define STANDARD_INPUT "standard input"

static bool is_url(const char *path)
{
	return !strncmp(path, "https://", strlen("https://")) ||
	       !strncmp(path, "http://", strlen("http://"));
}

static int fetch_registry(const struct loader_options *options, int *ret_fd, struct error *error)
{
	CLEANUP(free) char *bytes = NULL;
	size_t size;
	int result;

	result = fetch_run(options->registry_path, options->ca_path, &bytes, &size, error);
	if (result < 0)
		return result;
	if (size == 0)
		return error_set(error, -EINVAL, ERROR_SYNTAX, options->registry_path,
				 "empty file");
	result = control_payload_make(bytes, size, ret_fd);
	if (result < 0)
		return error_set(error, result, ERROR_FILE, options->registry_path,
				 "cannot hand it over: %s", strerror(-result));
	return 0;
}

static int read_registry(const struct loader_options *options, int *ret_fd, struct error *error)
{
	const char *path = options->registry_path;
	CLEANUP(close) int source = -1;

	if (!strcmp(path, "-"))
		return control_payload_copy(STDIN_FILENO, STANDARD_INPUT, ret_fd, error);
	if (is_url(path))
		return fetch_registry(options, ret_fd, error);
	source = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (source < 0)
		return error_set(error, -errno, ERROR_FILE, path, "cannot open: %m");
	return control_payload_copy(source, path, ret_fd, error);
}

/* "registry:3:17: /1" becomes "mesh/registry.json:3:17: /1". */
static void name_place(struct error *error, const char *path)
{
	const size_t length = strlen(DAEMON_NAME);
	const char *name = strcmp(path, "-") != 0 ? path : STANDARD_INPUT;
	char rest[ERROR_PLACE_SIZE];

	if (strncmp(error->place, DAEMON_NAME, length) != 0 ||
	    (error->place[length] != ':' && error->place[length] != '\0'))
		return;
	memcpy(rest, error->place, sizeof(rest));
	(void)snprintf(error->place, sizeof(error->place), "%.90s%.100s", name, rest + length);
}

int loader_push(const struct loader_options *options, struct json_object **ret,
		enum exit_code *ret_exit, struct error *error)
{
	const struct control_arguments arguments = {
		.op = CONTROL_LOAD,
		.plan = options->plan,
		.allow_unsigned = options->allow_unsigned,
		.allow_empty = options->allow_empty,
		.wait_sec = options->wait_sec,
	};
	CLEANUP(control_client_close) struct control_client *client = NULL;
	CLEANUP(close) int payload = -1;
	int result;

	result = read_registry(options, &payload, error);
	if (result == 0)
		result = control_client_open(options->socket_path, &client, error);
	if (result == 0)
		result = control_client_call(client, &arguments, payload,
					     (options->wait_sec + ANSWER_MARGIN_SEC) * 1000, ret,
					     error);
	if (result < 0) {
		*ret_exit = control_client_exit_code(client, error);
		name_place(error, options->registry_path);
	}
	return result;
}
