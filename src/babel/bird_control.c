// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/bird_control.h"

#include "base/memory.h"

#include <errno.h>
#include <stdlib.h>

#define PROGRAM "bird"
/* A long reply is on its way as long as so many lines come in time. */
#define LINES_PER_DEADLINE 64

struct command {
	struct control_command sent;
	bird_line_fn *line_fn;
	bird_done_fn *done_fn;
	void *userdata;
};

struct bird_control {
	struct control_client *client;
	struct bird_control_events events;
	char version[BABEL_VERSION_SIZE]; /* of the last that answered, or "" */
	unsigned code; /* of the last line that had one; 0 at the start of a reply */
	unsigned reply_lines;
};

static int read_greeting(struct bird_control *control, const struct bird_line *line)
{
	struct error error;

	if (!line->is_code || !line->is_last || line->code != BIRD_CODE_READY)
		return -EPROTO;
	if (bird_greeting_parse(line->text, control->version) < 0) {
		(void)error_set(&error, -ENOTSUP, ERROR_UNSUPPORTED, PROGRAM,
				"expected BIRD on its control socket, found \"%.100s\"",
				line->text);
		control_client_fail(control->client, &error);
		return -ENOTSUP;
	}
	control_client_greeted(control->client);
	control->events.ready(control->events.userdata);
	return 0;
}

static int finish_command(struct bird_control *control, const char *text)
{
	struct control_command *answered;
	struct command *command;
	unsigned code = control->code;
	int result;

	control->code = 0;
	control->reply_lines = 0;
	result = control_client_answered(control->client, &answered);
	command = (struct command *)answered; /* its first member */
	command->done_fn(command->userdata, 0, code, text);
	free(command);
	return result;
}

static int read_reply(struct bird_control *control, const struct bird_line *line)
{
	const struct command *command =
		(const struct command *)control_client_current(control->client);

	if (line->is_unasked)
		return 0;
	/* A reply does not begin with the middle of one. */
	if (!command || ++control->reply_lines > BIRD_REPLY_LINES_MAX ||
	    (!line->is_code && control->reply_lines == 1))
		return -EPROTO;
	if (line->is_code)
		control->code = line->code;
	if (command->line_fn && command->line_fn(command->userdata, control->code, line->text) < 0)
		return -EPROTO;
	if (line->is_last)
		return finish_command(control, line->text);
	if (control->reply_lines % LINES_PER_DEADLINE == 1)
		control_client_prolong(control->client);
	return 0;
}

static int on_line(void *userdata, const char *text, size_t length)
{
	struct bird_control *control = userdata;
	struct bird_line line;

	if (bird_line_parse(text, length, &line) < 0)
		return -EPROTO;
	return control_client_ready(control->client) ? read_reply(control, &line)
						     : read_greeting(control, &line);
}

static void on_disconnected(void *userdata)
{
	struct bird_control *control = userdata;

	control->code = 0;
	control->reply_lines = 0;
}

static void on_dropped(void *userdata, struct control_command *dropped)
{
	CLEANUP(free) struct command *command = (struct command *)dropped;

	(void)userdata;
	command->done_fn(command->userdata, -ECONNRESET, 0, "");
}

static void on_failed(void *userdata, const struct error *error)
{
	struct bird_control *control = userdata;

	control->events.failed(control->events.userdata, error);
}

static const struct control_protocol protocol = {
	.program = PROGRAM,
	.line_max = BIRD_LINE_MAX,
	.commands_max = BIRD_COMMANDS_MAX,
	.line = on_line,
	.disconnected = on_disconnected,
	.dropped = on_dropped,
	.failed = on_failed,
	.destroy = free,
};

int bird_control_new(const struct control_options *options,
		     const struct bird_control_events *events, struct bird_control **ret,
		     struct error *error)
{
	CLEANUP(free) struct bird_control *control = NEW(struct bird_control);
	int result;

	control->events = *events;
	result = control_client_new(options, &protocol, control, &control->client, error);
	if (result == 0)
		*ret = TAKE(control);
	return result;
}

void bird_control_free(struct bird_control *control)
{
	if (control)
		control_client_free(control->client);
}

void bird_control_start(struct bird_control *control)
{
	control_client_start(control->client);
}

void bird_control_stop(struct bird_control *control)
{
	control_client_stop(control->client);
}

bool bird_control_ready(const struct bird_control *control)
{
	return control_client_ready(control->client);
}

const char *bird_control_version(const struct bird_control *control)
{
	return control->version;
}

int bird_control_command(struct bird_control *control, const char *line, bird_line_fn *line_fn,
			 bird_done_fn *done_fn, void *userdata, struct error *error)
{
	struct command *command = NEW(struct command);
	int result;

	*command =
		(struct command) { .line_fn = line_fn, .done_fn = done_fn, .userdata = userdata };
	result = control_client_send(control->client, line, &command->sent, error);
	if (result < 0)
		free(command);
	return result;
}
