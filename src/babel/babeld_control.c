// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/babeld_control.h"

#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define PROGRAM "babeld"

/* What comes before commands may be sent. */
enum greeting {
	GREETING_HEADER, /* who answers */
	GREETING_DUMP,	 /* "monitor" is sent, the tables come */
};

struct command {
	struct control_command sent;
	babeld_reply_fn *reply;
	void *userdata;
};

struct babeld_control {
	struct control_client *client;
	struct babeld_control_events events;
	enum greeting greeting;
	char version[BABEL_VERSION_SIZE]; /* of the last that answered, or "" */
	bool has_version;		  /* on this connection */
	struct babeld_tables tables;
};

static int accept_version(struct babeld_control *control, const char *version)
{
	struct error error;

	if (babeld_version_at_least(version, BABELD_VERSION_MAJOR, BABELD_VERSION_MINOR)) {
		(void)snprintf(control->version, sizeof(control->version), "%s", version);
		control->has_version = true;
		return 0;
	}
	(void)error_set(&error, -ENOTSUP, ERROR_UNSUPPORTED, PROGRAM,
			"expected version %d.%d or later, found \"%s\"; install a newer babeld",
			BABELD_VERSION_MAJOR, BABELD_VERSION_MINOR, version);
	control_client_fail(control->client, &error);
	return -ENOTSUP;
}

/* "BABEL 1.0", version, host, my-id, "ok". */
static int read_header(struct babeld_control *control, const struct babeld_line *line)
{
	switch (line->type) {
	case BABELD_LINE_VERSION:
		return accept_version(control, line->text);
	case BABELD_LINE_GREETING:
	case BABELD_LINE_HOST:
	case BABELD_LINE_MY_ID:
		return 0;
	case BABELD_LINE_OK:
		if (!control->has_version)
			return -EPROTO;
		control->greeting = GREETING_DUMP;
		return control_client_say(control->client, "monitor");
	case BABELD_LINE_NO:
	case BABELD_LINE_BAD:
	case BABELD_LINE_EVENT:
		break;
	}
	return -EPROTO;
}

static void answer(struct command *command, const struct babeld_line *line)
{
	struct error error = { 0 };
	int result = 0;

	if (line->type == BABELD_LINE_NO)
		result = error_set(&error, -EREMOTEIO, ERROR_APPLY, PROGRAM,
				   "refused \"%.200s\": %s", command->sent.line, line->text);
	if (line->type == BABELD_LINE_BAD)
		result = error_set(&error, -EREMOTEIO, ERROR_APPLY, PROGRAM,
				   "does not understand \"%.200s\"", command->sent.line);
	command->reply(command->userdata, result, &error);
	free(command);
}

static int read_reply(struct babeld_control *control, const struct babeld_line *line)
{
	struct control_command *command;
	int result;

	if (!control_client_ready(control->client)) {
		if (line->type != BABELD_LINE_OK)
			return -EPROTO;
		control_client_greeted(control->client);
		control->events.ready(control->events.userdata);
		return 0;
	}
	if (!control_client_current(control->client))
		return -EPROTO;
	result = control_client_answered(control->client, &command);
	answer((struct command *)command, line); /* its first member */
	return result;
}

static int on_line(void *userdata, const char *text, size_t length)
{
	struct babeld_control *control = userdata;
	struct babeld_line line;

	if (babeld_line_parse(text, length, &line) < 0)
		return -EPROTO;
	if (control->greeting == GREETING_HEADER)
		return read_header(control, &line);
	switch (line.type) {
	case BABELD_LINE_EVENT:
		babeld_tables_apply(&control->tables, &line);
		return 0;
	case BABELD_LINE_OK:
	case BABELD_LINE_NO:
	case BABELD_LINE_BAD:
		return read_reply(control, &line);
	case BABELD_LINE_GREETING:
	case BABELD_LINE_VERSION:
	case BABELD_LINE_HOST:
	case BABELD_LINE_MY_ID:
		break;
	}
	return -EPROTO;
}

static void on_disconnected(void *userdata)
{
	struct babeld_control *control = userdata;

	control->greeting = GREETING_HEADER;
	control->has_version = false;
	babeld_tables_done(&control->tables);
}

static void on_dropped(void *userdata, struct control_command *dropped)
{
	CLEANUP(free) struct command *command = (struct command *)dropped;
	struct error error;

	(void)userdata;
	(void)error_set(&error, -ECONNRESET, ERROR_APPLY, PROGRAM,
			"the connection broke before \"%.200s\" was answered", dropped->line);
	command->reply(command->userdata, -ECONNRESET, &error);
}

static void ignore_reply(void *userdata, int result, const struct error *error)
{
	(void)userdata;
	(void)result;
	(void)error;
}

/* A babeld that hangs breaks no connection. To a comment it answers "ok". */
static void on_quiet(void *userdata)
{
	(void)babeld_control_command(userdata, "# still there?", ignore_reply, NULL, NULL);
}

static void on_failed(void *userdata, const struct error *error)
{
	struct babeld_control *control = userdata;

	control->events.failed(control->events.userdata, error);
}

static const struct control_protocol protocol = {
	.program = PROGRAM,
	.line_max = BABELD_LINE_MAX,
	.commands_max = BABELD_COMMANDS_MAX,
	.line = on_line,
	.disconnected = on_disconnected,
	.dropped = on_dropped,
	.quiet = on_quiet,
	.failed = on_failed,
	.destroy = free,
};

int babeld_control_new(const struct control_options *options,
		       const struct babeld_control_events *events, struct babeld_control **ret,
		       struct error *error)
{
	CLEANUP(free) struct babeld_control *control = NEW(struct babeld_control);
	struct control_options chosen = *options;
	int result;

	if (chosen.quiet_ms == 0)
		chosen.quiet_ms = BABELD_QUIET_MS;
	control->events = *events;
	result = control_client_new(&chosen, &protocol, control, &control->client, error);
	if (result == 0)
		*ret = TAKE(control);
	return result;
}

void babeld_control_free(struct babeld_control *control)
{
	if (control)
		control_client_free(control->client);
}

void babeld_control_start(struct babeld_control *control)
{
	control_client_start(control->client);
}

void babeld_control_stop(struct babeld_control *control)
{
	control_client_stop(control->client);
}

bool babeld_control_ready(const struct babeld_control *control)
{
	return control_client_ready(control->client);
}

const struct babeld_tables *babeld_control_tables(const struct babeld_control *control)
{
	return &control->tables;
}

const char *babeld_control_version(const struct babeld_control *control)
{
	return control->version;
}

int babeld_control_command(struct babeld_control *control, const char *line, babeld_reply_fn *reply,
			   void *userdata, struct error *error)
{
	struct command *command = NEW(struct command);
	int result;

	command->reply = reply;
	command->userdata = userdata;
	result = control_client_send(control->client, line, &command->sent, error);
	if (result < 0)
		free(command);
	return result;
}
