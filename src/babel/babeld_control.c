// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/babeld_control.h"

#include "base/memory.h"
#include "process/child.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define RETRY_FIRST_MS 10
#define RETRY_MAX_MS 1000
/* So that a babeld with much to say does not starve the loop. */
#define READS_PER_TURN 16
/* Turns in which input that waits is read before a deadline counts: more than a socket holds. */
#define GRACE_TURNS 64
#define GRACE_MS 1 /* not 0: libuv would run the timer again before it reads */

enum phase {
	PHASE_STOPPED,
	PHASE_CONNECTING, /* waiting to try (again) */
	PHASE_HEADER,	  /* connected, reading who answers */
	PHASE_DUMP,	  /* "monitor" is sent, the tables come */
	PHASE_READY,
};

struct command {
	char line[BABELD_COMMAND_MAX + 1];
	babeld_reply_fn *reply;
	void *userdata;
};

/* Lives until libuv lets go of it. */
struct connection {
	uv_poll_t poll;
	int fd;
};

struct babeld_control {
	uv_loop_t *loop;
	uv_timer_t timer; /* next try, or the deadline of what we wait for */
	struct sockaddr_un address;
	struct babeld_control_events events;
	bool freed;

	enum phase phase;
	struct connection *connection;
	uint64_t give_up_at_ms;
	bool tried; /* since babeld_control_start() or the last good time */
	uint64_t ready_at_ms;
	uint64_t retry_ms;
	unsigned grace_turns; /* taken since the timer was set */
	char version[BABEL_VERSION_SIZE];
	struct babeld_tables tables;
	char input[BABELD_LINE_MAX + 1]; /* the beginning of a line */
	size_t input_length;

	struct command **queue; /* the first is sent */
	size_t queue_count;
	struct command **dropped; /* to be answered with -ECONNRESET */
	size_t dropped_count;
};

static void on_timer(uv_timer_t *timer);

static int socket_address(const char *path, struct sockaddr_un *ret)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	*ret = address;
	return 0;
}

/* A unix socket is connected at once, or not (-EAGAIN: the other side does not accept). */
static int socket_connect(const struct sockaddr_un *address)
{
	CLEANUP(close)
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
		return -errno;
	return take_fd(&fd);
}

pid_t babeld_control_owner(const char *path)
{
	CLEANUP(close) int fd = -1;
	struct sockaddr_un address;
	int result = socket_address(path, &address);

	if (result < 0)
		return result;
	fd = socket_connect(&address);
	return fd < 0 ? fd : child_of_socket(fd);
}

static void on_connection_closed(uv_handle_t *handle)
{
	struct connection *connection = handle->data;

	(void)close(connection->fd);
	free(connection);
}

static void disconnect(struct babeld_control *control)
{
	struct connection *connection = TAKE(control->connection);

	if (connection) {
		connection->poll.data = connection;
		uv_close((uv_handle_t *)&connection->poll, on_connection_closed);
	}
	for (size_t i = 0; i < control->queue_count; i++)
		*ARRAY_APPEND(control->dropped, control->dropped_count) = control->queue[i];
	control->queue_count = 0;
	control->input_length = 0;
	babeld_tables_done(&control->tables);
}

/*
 * The loop's own clock stands still while a callback works, which for a large registry is seconds:
 * a deadline that is counted from it may be over before anybody has waited.
 */
static uint64_t now_ms(const struct babeld_control *control)
{
	uv_update_time(control->loop);
	return uv_now(control->loop);
}

static void set_timer(struct babeld_control *control, uint64_t milliseconds)
{
	uv_update_time(control->loop);
	(void)uv_timer_start(&control->timer, on_timer, milliseconds, 0);
	control->grace_turns = 0;
}

static void set_deadline(struct babeld_control *control)
{
	control->give_up_at_ms = now_ms(control) + BABELD_DEADLINE_MS;
	control->tried = false;
}

/*
 * The connection cannot be used any more; try another, unless the deadline is over. It begins anew
 * only after a time that was good: what breaks each connection as soon as it is ready never works.
 */
static void reconnect(struct babeld_control *control)
{
	disconnect(control);
	if (control->phase == PHASE_READY &&
	    now_ms(control) - control->ready_at_ms >= BABELD_DEADLINE_MS) {
		set_deadline(control);
		control->retry_ms = RETRY_FIRST_MS;
	}
	control->phase = PHASE_CONNECTING;
	set_timer(control, control->retry_ms);
	control->retry_ms =
		2 * control->retry_ms < RETRY_MAX_MS ? 2 * control->retry_ms : RETRY_MAX_MS;
}

static void fail(struct babeld_control *control, const struct error *error)
{
	disconnect(control);
	control->phase = PHASE_STOPPED;
	if (control->dropped_count > 0)
		set_timer(control, 0);
	else
		(void)uv_timer_stop(&control->timer);
	control->events.failed(control->events.userdata, error);
}

static int send_line(struct babeld_control *control, const char *line)
{
	char bytes[BABELD_COMMAND_MAX + 2];
	int length = snprintf(bytes, sizeof(bytes), "%s\n", line);
	ssize_t sent;

	sent = send(control->connection->fd, bytes, (size_t)length, MSG_NOSIGNAL | MSG_DONTWAIT);
	set_timer(control, BABELD_DEADLINE_MS);
	/* One line at a time in an empty buffer: a part of it never happens on a live socket. */
	if (sent != length)
		return sent < 0 ? -errno : -EPIPE;
	return 0;
}

static int accept_version(struct babeld_control *control, const char *version)
{
	struct error error;

	if (babeld_version_at_least(version, BABELD_VERSION_MAJOR, BABELD_VERSION_MINOR)) {
		(void)snprintf(control->version, sizeof(control->version), "%s", version);
		return 0;
	}
	(void)error_set(&error, -ENOTSUP, ERROR_UNSUPPORTED, "babeld",
			"expected version %d.%d or later, found \"%s\"; install a newer babeld",
			BABELD_VERSION_MAJOR, BABELD_VERSION_MINOR, version);
	fail(control, &error);
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
		if (!control->version[0])
			return -EPROTO;
		control->phase = PHASE_DUMP;
		return send_line(control, "monitor");
	case BABELD_LINE_NO:
	case BABELD_LINE_BAD:
	case BABELD_LINE_EVENT:
		break;
	}
	return -EPROTO;
}

/* Waits for the reply to the next command, or until it has been quiet for too long. */
static int send_next(struct babeld_control *control)
{
	if (control->queue_count > 0)
		return send_line(control, control->queue[0]->line);
	set_timer(control, BABELD_QUIET_MS);
	return 0;
}

static void answer(struct command *command, const struct babeld_line *line)
{
	struct error error = { 0 };
	int result = 0;

	if (line->type == BABELD_LINE_NO)
		result = error_set(&error, -EREMOTEIO, ERROR_APPLY, "babeld",
				   "refused \"%.200s\": %s", command->line, line->text);
	if (line->type == BABELD_LINE_BAD)
		result = error_set(&error, -EREMOTEIO, ERROR_APPLY, "babeld",
				   "does not understand \"%.200s\"", command->line);
	command->reply(command->userdata, result, &error);
	free(command);
}

static int read_reply(struct babeld_control *control, const struct babeld_line *line)
{
	struct command *command;
	int result;

	if (control->phase == PHASE_DUMP) {
		if (line->type != BABELD_LINE_OK)
			return -EPROTO;
		control->phase = PHASE_READY;
		control->ready_at_ms = now_ms(control);
		set_timer(control, BABELD_QUIET_MS);
		control->events.ready(control->events.userdata);
		return 0;
	}
	if (control->queue_count == 0)
		return -EPROTO;
	command = control->queue[0];
	control->queue_count--;
	memmove(control->queue, control->queue + 1,
		control->queue_count * sizeof(struct command *));
	result = send_next(control);
	answer(command, line);
	return result;
}

static int read_line(struct babeld_control *control, const char *text, size_t length)
{
	struct babeld_line line;

	if (babeld_line_parse(text, length, &line) < 0)
		return -EPROTO;
	if (control->phase == PHASE_HEADER)
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

/* A callback may have stopped, restarted or freed the client. */
static bool is_current(const struct babeld_control *control, const struct connection *connection)
{
	return !control->freed && control->connection == connection;
}

/* Takes whole lines out of the input. -EPROTO for a line that never ends, too. */
static int read_input(struct babeld_control *control, const struct connection *connection)
{
	char *end;

	while ((end = memchr(control->input, '\n', control->input_length)) != NULL) {
		char line[BABELD_LINE_MAX + 1];
		size_t length = (size_t)(end - control->input);
		int result;

		memcpy(line, control->input, length);
		control->input_length -= length + 1;
		memmove(control->input, end + 1, control->input_length);
		result = read_line(control, line, length);
		if (!is_current(control, connection) || result < 0)
			return result;
	}
	return control->input_length == sizeof(control->input) ? -EPROTO : 0;
}

static int read_some(struct babeld_control *control, const struct connection *connection)
{
	ssize_t length = recv(connection->fd, control->input + control->input_length,
			      sizeof(control->input) - control->input_length, 0);

	if (length < 0)
		return -errno;
	if (length == 0)
		return -ECONNRESET;
	control->input_length += (size_t)length;
	return read_input(control, connection);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct babeld_control *control = poll->data;
	const struct connection *connection = control->connection;
	int result = status;

	(void)events;
	for (unsigned i = 0; i < READS_PER_TURN && result == 0; i++) {
		result = read_some(control, connection);
		if (!is_current(control, connection))
			return;
	}
	if (result < 0 && result != -EAGAIN && result != -EINTR)
		reconnect(control);
}

static int open_connection(struct babeld_control *control)
{
	CLEANUP(close) int fd = socket_connect(&control->address);
	struct connection *connection;
	int result;

	if (fd < 0)
		return fd;
	connection = NEW(struct connection);
	result = uv_poll_init(control->loop, &connection->poll, fd);
	if (result < 0) {
		free(connection);
		return result;
	}
	connection->fd = take_fd(&fd);
	connection->poll.data = control;
	control->connection = connection;
	return uv_poll_start(&connection->poll, UV_READABLE, on_readable);
}

/* Whatever the clock says, it is tried once: the time may have gone into other work of the loop. */
static void try_to_connect(struct babeld_control *control)
{
	uint64_t now = now_ms(control);
	struct error error;

	if (control->tried && now >= control->give_up_at_ms) {
		(void)error_set(&error, -ETIMEDOUT, ERROR_APPLY, "babeld",
				"does not answer on its control socket %s",
				control->address.sun_path);
		fail(control, &error);
		return;
	}
	control->tried = true;
	if (open_connection(control) < 0) {
		reconnect(control);
		return;
	}
	control->phase = PHASE_HEADER;
	control->version[0] = '\0';
	set_timer(control,
		  now < control->give_up_at_ms ? control->give_up_at_ms - now : BABELD_DEADLINE_MS);
}

static void answer_dropped(struct babeld_control *control)
{
	struct command **dropped = TAKE(control->dropped);
	size_t count = control->dropped_count;
	struct error error;

	control->dropped_count = 0;
	for (size_t i = 0; i < count; i++) {
		(void)error_set(&error, -ECONNRESET, ERROR_APPLY, "babeld",
				"the connection broke before \"%.200s\" was answered",
				dropped[i]->line);
		dropped[i]->reply(dropped[i]->userdata, -ECONNRESET, &error);
		free(dropped[i]);
	}
	free(dropped);
}

static void ignore_reply(void *userdata, int result, const struct error *error)
{
	(void)userdata;
	(void)result;
	(void)error;
}

/* A babeld that hangs breaks no connection. To a comment it answers "ok". */
static void ask(struct babeld_control *control)
{
	(void)babeld_control_command(control, "# still there?", ignore_reply, NULL, NULL);
}

/*
 * Timers run before input is read, so what we wait for may have come while the loop was busy. True
 * if there is input: it is read first.
 */
static bool grant_grace(struct babeld_control *control)
{
	struct pollfd input = { .events = POLLIN };

	if (!control->connection || control->grace_turns == GRACE_TURNS)
		return false;
	input.fd = control->connection->fd;
	if (poll(&input, 1, 0) <= 0)
		return false;
	control->grace_turns++;
	(void)uv_timer_start(&control->timer, on_timer, GRACE_MS, 0);
	return true;
}

static void on_timer(uv_timer_t *timer)
{
	struct babeld_control *control = timer->data;

	answer_dropped(control);
	if (control->freed || grant_grace(control))
		return;
	switch (control->phase) {
	case PHASE_STOPPED:
		break;
	case PHASE_CONNECTING:
		try_to_connect(control);
		break;
	case PHASE_READY:
		if (control->queue_count == 0)
			ask(control);
		else
			reconnect(control); /* the deadline is over */
		break;
	case PHASE_HEADER:
	case PHASE_DUMP:
		reconnect(control);
		break;
	}
}

int babeld_control_new(uv_loop_t *loop, const char *path,
		       const struct babeld_control_events *events, struct babeld_control **ret,
		       struct error *error)
{
	struct sockaddr_un address;
	struct babeld_control *control;
	int result = socket_address(path, &address);

	if (result < 0)
		return error_set(error, result, ERROR_FILE, path,
				 "expected a path of at most %zu bytes for a socket, found %zu",
				 sizeof(address.sun_path) - 1, strlen(path));
	control = NEW(struct babeld_control);
	control->loop = loop;
	control->address = address;
	control->events = *events;
	(void)uv_timer_init(loop, &control->timer);
	control->timer.data = control;
	*ret = control;
	return 0;
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct babeld_control *control = handle->data;

	free(control->queue);
	free(control);
}

void babeld_control_free(struct babeld_control *control)
{
	if (!control)
		return;
	control->freed = true;
	control->phase = PHASE_STOPPED;
	disconnect(control);
	answer_dropped(control);
	uv_close((uv_handle_t *)&control->timer, on_timer_closed);
}

void babeld_control_start(struct babeld_control *control)
{
	disconnect(control);
	control->phase = PHASE_CONNECTING;
	set_deadline(control);
	control->retry_ms = RETRY_FIRST_MS;
	set_timer(control, 0);
}

void babeld_control_stop(struct babeld_control *control)
{
	disconnect(control);
	control->phase = PHASE_STOPPED;
	if (control->dropped_count > 0)
		set_timer(control, 0);
	else
		(void)uv_timer_stop(&control->timer);
}

bool babeld_control_ready(const struct babeld_control *control)
{
	return control->phase == PHASE_READY;
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
	struct command *command;

	if (control->phase != PHASE_READY)
		return error_set(error, -EAGAIN, ERROR_APPLY, "babeld",
				 "its control socket is not connected at the moment");
	if (control->queue_count == BABELD_COMMANDS_MAX || strlen(line) > BABELD_COMMAND_MAX)
		return error_set(error, -EAGAIN, ERROR_APPLY, "babeld",
				 "too many commands are waiting");
	command = NEW(struct command);
	memcpy(command->line, line, strlen(line) + 1);
	command->reply = reply;
	command->userdata = userdata;
	*ARRAY_APPEND(control->queue, control->queue_count) = command;
	/* A connection that is broken is noticed when it is read, or by the deadline. */
	if (control->queue_count == 1)
		(void)send_line(control, command->line);
	return 0;
}
