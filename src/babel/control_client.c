// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/control_client.h"

#include "base/memory.h"
#include "base/printable.h"
#include "process/child.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define RETRY_FIRST_MS 10
#define RETRY_MAX_MS 1000
/* So that one with much to say does not starve the loop. */
#define READS_PER_TURN 16
#define INPUT_SIZE 16384
/*
 * Turns of the loop before a deadline counts: a few in any case, because what kept this process
 * from running has kept the other one from answering; more while there is input, more than a
 * socket holds.
 */
#define GRACE_TURNS_MIN 4
#define GRACE_TURNS_MAX 64
#define GRACE_MS 1	/* not 0: libuv would run the timer again before it reads */
#define OFFENCE_MAX 100 /* bytes of a line that are shown */

enum phase {
	PHASE_STOPPED,
	PHASE_CONNECTING, /* waiting to try (again) */
	PHASE_GREETING,	  /* connected, reading who answers */
	PHASE_READY,
};

/* Lives until libuv lets go of it. */
struct connection {
	uv_poll_t poll;
	int fd;
};

struct control_client {
	uv_loop_t *loop;
	uv_timer_t timer; /* next try, or the deadline of what we wait for */
	struct sockaddr_un address;
	unsigned deadline_ms, quiet_ms;
	const struct control_protocol *protocol;
	void *userdata;
	bool freed;

	enum phase phase;
	struct connection *connection;
	uint64_t give_up_at_ms;
	bool tried; /* since control_client_start() or the last good time */
	uint64_t ready_at_ms;
	uint64_t retry_ms;
	unsigned grace_turns;	/* taken since the timer was set */
	char input[INPUT_SIZE]; /* ends in the beginning of a line */
	size_t input_length;
	char offence[OFFENCE_MAX + 1]; /* the line that broke the last connection, "" if none did */

	struct control_command **queue; /* the first is sent */
	size_t queue_count;
	struct control_command **dropped; /* to be handed over to the protocol */
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

pid_t control_client_owner(const char *path)
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

static void disconnect(struct control_client *client)
{
	struct connection *connection = TAKE(client->connection);

	if (connection) {
		connection->poll.data = connection;
		uv_close((uv_handle_t *)&connection->poll, on_connection_closed);
	}
	for (size_t i = 0; i < client->queue_count; i++)
		*ARRAY_APPEND(client->dropped, client->dropped_count) = client->queue[i];
	client->queue_count = 0;
	client->input_length = 0;
	client->protocol->disconnected(client->userdata);
}

/*
 * The loop's own clock stands still while a callback works, which for a large registry is seconds:
 * a deadline that is counted from it may be over before anybody has waited.
 */
static uint64_t now_ms(const struct control_client *client)
{
	uv_update_time(client->loop);
	return uv_now(client->loop);
}

static void set_timer(struct control_client *client, uint64_t milliseconds)
{
	uv_update_time(client->loop);
	(void)uv_timer_start(&client->timer, on_timer, milliseconds, 0);
	client->grace_turns = 0;
}

static void set_deadline(struct control_client *client)
{
	client->give_up_at_ms = now_ms(client) + client->deadline_ms;
	client->tried = false;
}

/*
 * The connection cannot be used any more; try another, unless the deadline is over. It begins anew
 * only after a time that was good: what breaks each connection as soon as it is ready never works.
 */
static void reconnect(struct control_client *client)
{
	disconnect(client);
	if (client->phase == PHASE_READY &&
	    now_ms(client) - client->ready_at_ms >= client->deadline_ms) {
		set_deadline(client);
		client->retry_ms = RETRY_FIRST_MS;
	}
	client->phase = PHASE_CONNECTING;
	set_timer(client, client->retry_ms);
	client->retry_ms =
		2 * client->retry_ms < RETRY_MAX_MS ? 2 * client->retry_ms : RETRY_MAX_MS;
}

static void hand_over_dropped(struct control_client *client)
{
	struct control_command **dropped = TAKE(client->dropped);
	size_t count = client->dropped_count;

	client->dropped_count = 0;
	for (size_t i = 0; i < count; i++)
		client->protocol->dropped(client->userdata, dropped[i]);
	free(dropped);
}

void control_client_stop(struct control_client *client)
{
	disconnect(client);
	client->phase = PHASE_STOPPED;
	if (client->dropped_count > 0)
		set_timer(client, 0);
	else
		(void)uv_timer_stop(&client->timer);
}

void control_client_fail(struct control_client *client, const struct error *error)
{
	control_client_stop(client);
	client->protocol->failed(client->userdata, error);
}

static void fail_to_connect(struct control_client *client)
{
	struct error error;

	if (client->offence[0])
		(void)error_set(&error, -EPROTO, ERROR_APPLY, client->protocol->program,
				"gives an answer on its control socket %s that is not understood: "
				"\"%s\"",
				client->address.sun_path, client->offence);
	else
		(void)error_set(&error, -ETIMEDOUT, ERROR_APPLY, client->protocol->program,
				"does not answer on its control socket %s",
				client->address.sun_path);
	control_client_fail(client, &error);
}

int control_client_say(struct control_client *client, const char *line)
{
	char bytes[CONTROL_COMMAND_MAX + 2];
	int length = snprintf(bytes, sizeof(bytes), "%s\n", line);
	ssize_t sent;

	sent = send(client->connection->fd, bytes, (size_t)length, MSG_NOSIGNAL | MSG_DONTWAIT);
	set_timer(client, client->deadline_ms);
	/* One line at a time in an empty buffer: a part of it never happens on a live socket. */
	if (sent != length)
		return sent < 0 ? -errno : -EPIPE;
	return 0;
}

/* Nothing is under way. */
static void rest(struct control_client *client)
{
	if (client->protocol->quiet)
		set_timer(client, client->quiet_ms);
	else
		(void)uv_timer_stop(&client->timer);
}

void control_client_greeted(struct control_client *client)
{
	client->phase = PHASE_READY;
	client->ready_at_ms = now_ms(client);
	rest(client);
}

void control_client_prolong(struct control_client *client)
{
	set_timer(client, client->deadline_ms);
}

struct control_command *control_client_current(const struct control_client *client)
{
	return client->queue_count > 0 ? client->queue[0] : NULL;
}

int control_client_answered(struct control_client *client, struct control_command **ret)
{
	*ret = client->queue[0];
	client->queue_count--;
	memmove(client->queue, client->queue + 1,
		client->queue_count * sizeof(struct control_command *));
	if (client->queue_count > 0)
		return control_client_say(client, client->queue[0]->line);
	rest(client);
	return 0;
}

/* A callback may have stopped, restarted or freed the client. */
static bool is_current(const struct control_client *client, const struct connection *connection)
{
	return !client->freed && client->connection == connection;
}

static int read_line(struct control_client *client, const char *text, size_t length)
{
	int result = length > client->protocol->line_max
			     ? -EPROTO
			     : client->protocol->line(client->userdata, text, length);

	if (result == -EPROTO)
		printable_keep_ascii(text, client->offence, sizeof(client->offence));
	return result;
}

/* Takes whole lines out of the input. -EPROTO for a line that never ends, too. */
static int read_input(struct control_client *client, const struct connection *connection)
{
	size_t start = 0;
	char *end;

	while ((end = memchr(client->input + start, '\n', client->input_length - start))) {
		size_t length = (size_t)(end - client->input) - start;
		int result;

		*end = '\0';
		result = read_line(client, client->input + start, length);
		if (!is_current(client, connection) || result < 0)
			return result;
		start += length + 1;
	}
	client->input_length -= start;
	memmove(client->input, client->input + start, client->input_length);
	if (client->input_length <= client->protocol->line_max)
		return 0;
	client->input[client->protocol->line_max] = '\0';
	return read_line(client, client->input, client->input_length);
}

static int read_some(struct control_client *client, const struct connection *connection)
{
	ssize_t length = recv(connection->fd, client->input + client->input_length,
			      sizeof(client->input) - client->input_length, 0);

	if (length < 0)
		return -errno;
	if (length == 0)
		return -ECONNRESET;
	client->input_length += (size_t)length;
	return read_input(client, connection);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct control_client *client = poll->data;
	const struct connection *connection = client->connection;
	int result = status;

	(void)events;
	for (unsigned i = 0; i < READS_PER_TURN && result == 0; i++) {
		result = read_some(client, connection);
		if (!is_current(client, connection))
			return;
	}
	if (result < 0 && result != -EAGAIN && result != -EINTR)
		reconnect(client);
}

static int open_connection(struct control_client *client)
{
	CLEANUP(close) int fd = socket_connect(&client->address);
	struct connection *connection;
	int result;

	if (fd < 0)
		return fd;
	connection = NEW(struct connection);
	result = uv_poll_init(client->loop, &connection->poll, fd);
	if (result < 0) {
		free(connection);
		return result;
	}
	connection->fd = take_fd(&fd);
	connection->poll.data = client;
	client->connection = connection;
	return uv_poll_start(&connection->poll, UV_READABLE, on_readable);
}

/* Whatever the clock says, it is tried once: the time may have gone into other work of the loop. */
static void try_to_connect(struct control_client *client)
{
	uint64_t now = now_ms(client);

	if (client->tried && now >= client->give_up_at_ms) {
		fail_to_connect(client);
		return;
	}
	client->tried = true;
	client->offence[0] = '\0';
	if (open_connection(client) < 0) {
		reconnect(client);
		return;
	}
	client->phase = PHASE_GREETING;
	set_timer(client,
		  now < client->give_up_at_ms ? client->give_up_at_ms - now : client->deadline_ms);
}

static bool has_input(const struct control_client *client)
{
	struct pollfd input = { .fd = client->connection->fd, .events = POLLIN };

	return poll(&input, 1, 0) > 0;
}

/*
 * Timers run before input is read, so what we wait for may have come while the loop was busy. True
 * if the loop takes another turn before the time is over.
 */
static bool grant_grace(struct control_client *client)
{
	if (!client->connection || client->grace_turns >= GRACE_TURNS_MAX ||
	    (client->grace_turns >= GRACE_TURNS_MIN && !has_input(client)))
		return false;
	client->grace_turns++;
	(void)uv_timer_start(&client->timer, on_timer, GRACE_MS, 0);
	return true;
}

static void on_timer(uv_timer_t *timer)
{
	struct control_client *client = timer->data;

	hand_over_dropped(client);
	if (client->freed || grant_grace(client))
		return;
	switch (client->phase) {
	case PHASE_STOPPED:
		break;
	case PHASE_CONNECTING:
		try_to_connect(client);
		break;
	case PHASE_GREETING:
		reconnect(client); /* the deadline is over */
		break;
	case PHASE_READY:
		if (client->queue_count > 0)
			reconnect(client);
		else if (client->protocol->quiet)
			client->protocol->quiet(client->userdata);
		break;
	}
}

int control_client_new(const struct control_options *options,
		       const struct control_protocol *protocol, void *userdata,
		       struct control_client **ret, struct error *error)
{
	struct sockaddr_un address;
	struct control_client *client;
	int result = socket_address(options->path, &address);

	if (result < 0)
		return error_set(error, result, ERROR_FILE, options->path,
				 "expected a path of at most %zu bytes for a socket, found %zu",
				 sizeof(address.sun_path) - 1, strlen(options->path));
	client = NEW(struct control_client);
	client->loop = options->loop;
	client->address = address;
	client->deadline_ms = options->deadline_ms ? options->deadline_ms : CONTROL_DEADLINE_MS;
	client->quiet_ms = options->quiet_ms;
	client->protocol = protocol;
	client->userdata = userdata;
	(void)uv_timer_init(client->loop, &client->timer);
	client->timer.data = client;
	*ret = client;
	return 0;
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct control_client *client = handle->data;

	client->protocol->destroy(client->userdata);
	free(client->queue);
	free(client);
}

void control_client_free(struct control_client *client)
{
	if (!client)
		return;
	client->freed = true;
	client->phase = PHASE_STOPPED;
	disconnect(client);
	hand_over_dropped(client);
	uv_close((uv_handle_t *)&client->timer, on_timer_closed);
}

void control_client_start(struct control_client *client)
{
	disconnect(client);
	client->phase = PHASE_CONNECTING;
	client->offence[0] = '\0';
	set_deadline(client);
	client->retry_ms = RETRY_FIRST_MS;
	set_timer(client, 0);
}

bool control_client_ready(const struct control_client *client)
{
	return client->phase == PHASE_READY;
}

int control_client_send(struct control_client *client, const char *line,
			struct control_command *command, struct error *error)
{
	const char *program = client->protocol->program;
	size_t length = strlen(line);

	if (client->phase != PHASE_READY)
		return error_set(error, -EAGAIN, ERROR_APPLY, program,
				 "its control socket is not connected at the moment");
	if (length > CONTROL_COMMAND_MAX)
		return error_set(error, -E2BIG, ERROR_APPLY, program,
				 "a command of %zu bytes is longer than %d: \"%.100s...\"", length,
				 CONTROL_COMMAND_MAX, line);
	if (client->queue_count == client->protocol->commands_max)
		return error_set(error, -EAGAIN, ERROR_APPLY, program,
				 "too many commands are waiting");
	memcpy(command->line, line, length + 1);
	*ARRAY_APPEND(client->queue, client->queue_count) = command;
	/* A connection that is broken is noticed when it is read, or by the deadline. */
	if (client->queue_count == 1)
		(void)control_client_say(client, command->line);
	return 0;
}
