// SPDX-License-Identifier: GPL-2.0-or-later
#include "vici/client.h"

#include "base/memory.h"
#include "vici/packet.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#define RETRY_FIRST_MS 20
#define RETRY_MAX_MS 2000
/*
 * Time is counted in ticks that the loop has really taken: while it was busy with other work it
 * could not have read an answer, and that is nobody's fault.
 */
#define TICK_MS 50
#define INPUT_MIN 8192

enum phase {
	PHASE_STOPPED,
	PHASE_WAITING, /* to try (again) */
	PHASE_CONNECTING,
	PHASE_REGISTERING, /* connected; for events */
	PHASE_UP,
};

/* Lives until libuv lets go of it; the client may have another one, or be gone. */
struct connection {
	uv_pipe_t pipe;
	uv_connect_t request;
	struct vici_client *client; /* NULL: given up */
	uint8_t *input;		    /* ends in the beginning of a segment */
	size_t input_size, input_capacity;
};

/* What charon owes an answer to. */
struct pending {
	struct vici_call call;
	const struct vici_event_name *event; /* a registration, not a call */
};

struct vici_client {
	uv_loop_t *loop;
	uv_timer_t timer; /* the next try, or ticks while something is due */
	struct sockaddr_un address;
	const struct vici_event_name *events;
	struct vici_client_callbacks callbacks;
	unsigned deadline_ms;

	enum phase phase;
	struct connection *connection;
	unsigned retry_ms;
	unsigned waited_ms; /* since charon has last said something, or was asked the first thing */
	struct pending *pending; /* in the order in which they were sent */
	size_t pending_count;
	char trouble[ERROR_TEXT_SIZE];
};

struct outgoing {
	uv_write_t request;
	uint8_t *segment;
	size_t size;
};

static void on_tick(uv_timer_t *timer);
static void on_retry(uv_timer_t *timer);

static void on_connection_closed(uv_handle_t *handle)
{
	struct connection *connection = handle->data;

	free(connection->input);
	free(connection);
}

static void close_connection(struct vici_client *client)
{
	struct connection *connection = TAKE(client->connection);

	if (!connection)
		return;
	connection->client = NULL;
	uv_close((uv_handle_t *)&connection->pipe, on_connection_closed);
}

static void answer(const struct pending *pending, int result, const struct vici_section *reply,
		   const struct error *error)
{
	if (pending->call.done)
		pending->call.done(pending->call.userdata, pending->call.id, result, reply, error);
}

/* Nobody will answer any more. */
static void drop_pending(struct vici_client *client, int result, const struct error *error)
{
	CLEANUP(free) struct pending *pending = TAKE(client->pending);
	size_t count = client->pending_count;
	const struct vici_section nothing = { 0 };

	client->pending_count = 0;
	for (size_t i = 0; i < count; i++)
		answer(&pending[i], result, &nothing, error);
}

static void retry_later(struct vici_client *client)
{
	client->phase = PHASE_WAITING;
	(void)uv_timer_start(&client->timer, on_retry, client->retry_ms, 0);
	client->retry_ms =
		2 * client->retry_ms < RETRY_MAX_MS ? 2 * client->retry_ms : RETRY_MAX_MS;
}

/* This connection is of no use any more, or there never was one. */
static void broke(struct vici_client *client, int result, const char *text)
{
	bool was_up = client->phase == PHASE_UP;
	struct error error;

	(void)error_set(&error, result, ERROR_APPLY, "charon", "%s", text);
	(void)snprintf(client->trouble, sizeof(client->trouble), "%s", text);
	close_connection(client);
	(void)uv_timer_stop(&client->timer);
	/* Before the answers: who sends something again is told to wait. */
	retry_later(client);
	drop_pending(client, -ECONNRESET, &error);
	if (was_up && client->phase == PHASE_WAITING)
		client->callbacks.down(client->callbacks.userdata, &error);
}

static void broke_by(struct vici_client *client, int result)
{
	char text[ERROR_TEXT_SIZE];

	if (result == UV_EOF)
		(void)snprintf(text, sizeof(text), "has closed its control socket %s",
			       client->address.sun_path);
	else
		(void)snprintf(text, sizeof(text), "cannot be reached on its control socket %s: %s",
			       client->address.sun_path, uv_strerror(result));
	broke(client, result, text);
}

static void say_is_not_understood(struct vici_client *client, const char *what)
{
	char text[ERROR_TEXT_SIZE];

	(void)snprintf(text, sizeof(text),
		       "gives an answer on its control socket %s that is not understood: %s",
		       client->address.sun_path, what);
	broke(client, -EPROTO, text);
}

static void wait_for_answer(struct vici_client *client)
{
	client->waited_ms = 0;
	if (client->pending_count > 0)
		(void)uv_timer_start(&client->timer, on_tick, TICK_MS, TICK_MS);
	else
		(void)uv_timer_stop(&client->timer);
}

static void on_tick(uv_timer_t *timer)
{
	struct vici_client *client = timer->data;
	char text[ERROR_TEXT_SIZE];

	client->waited_ms += TICK_MS;
	if (client->waited_ms < client->deadline_ms)
		return;
	(void)snprintf(text, sizeof(text),
		       "has not answered to \"%s\" on its control socket %s for %u ms",
		       client->pending[0].event ? client->pending[0].event->name
						: client->pending[0].call.command,
		       client->address.sun_path, client->deadline_ms);
	broke(client, -ETIMEDOUT, text);
}

static void on_written(uv_write_t *request, int status)
{
	struct outgoing *outgoing = (struct outgoing *)request; /* its first member */

	(void)status; /* what is broken is noticed by who reads */
	vici_segment_free(outgoing->segment, outgoing->size);
	free(outgoing);
}

/* Takes @segment. */
static void send_segment(struct vici_client *client, uint8_t *segment, size_t size)
{
	struct outgoing *outgoing = NEW(struct outgoing);
	uv_buf_t buffer = uv_buf_init((char *)segment, (unsigned)size);

	outgoing->segment = segment;
	outgoing->size = size;
	if (uv_write(&outgoing->request, (uv_stream_t *)&client->connection->pipe, &buffer, 1,
		     on_written) < 0)
		on_written(&outgoing->request, 0);
}

static void send_pending(struct vici_client *client, const struct pending *pending,
			 uint8_t *segment, size_t size)
{
	*ARRAY_APPEND(client->pending, client->pending_count) = *pending;
	if (client->pending_count == 1)
		wait_for_answer(client);
	send_segment(client, segment, size);
}

static void become_up(struct vici_client *client)
{
	client->phase = PHASE_UP;
	client->trouble[0] = '\0';
	client->retry_ms = RETRY_FIRST_MS;
	client->callbacks.up(client->callbacks.userdata);
}

static void register_events(struct vici_client *client)
{
	client->phase = PHASE_REGISTERING;
	for (const struct vici_event_name *event = client->events; event->name; event++) {
		struct pending pending = { .event = event };
		uint8_t *segment;
		size_t size;

		if (vici_segment_make(VICI_EVENT_REGISTER, event->name, NULL, &segment, &size) == 0)
			send_pending(client, &pending, segment, size);
	}
	if (client->pending_count == 0)
		become_up(client);
}

/* The answer to what was asked first. */
static struct pending take_first(struct vici_client *client)
{
	struct pending first = client->pending[0];

	client->pending_count--;
	memmove(client->pending, client->pending + 1,
		client->pending_count * sizeof(struct pending));
	wait_for_answer(client);
	return first;
}

static void on_registered(struct vici_client *client, bool is_known)
{
	struct pending first;
	char text[ERROR_TEXT_SIZE];

	if (client->pending_count == 0 || !client->pending[0].event) {
		say_is_not_understood(client, "it confirms an event that was not asked for");
		return;
	}
	first = take_first(client);
	if (!is_known && !first.event->is_optional) {
		(void)snprintf(text, sizeof(text),
			       "does not know the event \"%s\"; strongSwan 5.9 or later is needed",
			       first.event->name);
		broke(client, -ENOTSUP, text);
	} else if (client->pending_count == 0) {
		become_up(client);
	}
}

/* charon's own words, if it refuses. */
static int read_refusal(const struct vici_section *reply, const char *command, struct error *error)
{
	struct vici_value success;
	char words[256];

	if (!vici_find(reply, "success", &success) || vici_is_yes(reply, "success"))
		return 0;
	vici_find_text(reply, "errmsg", words, sizeof(words));
	return error_set(error, -EREMOTEIO, ERROR_APPLY, "charon", "refuses \"%s\": %s", command,
			 words[0] ? words : "it does not say why");
}

static void on_answered(struct vici_client *client, const struct vici_packet *packet)
{
	struct error error = { 0 };
	struct pending first;
	int result;

	if (client->pending_count == 0 || client->pending[0].event) {
		say_is_not_understood(client, "it answers a command that was not sent");
		return;
	}
	first = take_first(client);
	if (packet->type == VICI_CMD_UNKNOWN)
		result = error_set(&error, -ENOTSUP, ERROR_UNSUPPORTED, "charon",
				   "does not know the command \"%s\"", first.call.command);
	else
		result = read_refusal(&packet->message, first.call.command, &error);
	answer(&first, result, &packet->message, &error);
}

static void on_event(struct vici_client *client, const struct vici_packet *packet)
{
	const struct pending *first = client->pending_count > 0 ? &client->pending[0] : NULL;

	if (first && first->call.stream && !strcmp(first->call.stream, packet->name)) {
		client->waited_ms = 0;
		first->call.part(first->call.userdata, first->call.id, &packet->message);
	} else if (client->phase == PHASE_UP) {
		client->callbacks.event(client->callbacks.userdata, packet->name, &packet->message);
	}
}

static void take_packet(struct vici_client *client, const uint8_t *bytes, size_t size)
{
	struct vici_packet packet;

	if (vici_packet_read(bytes, size, &packet) < 0) {
		say_is_not_understood(client, "a packet is out of form");
		return;
	}
	switch (packet.type) {
	case VICI_CMD_RESPONSE:
	case VICI_CMD_UNKNOWN:
		on_answered(client, &packet);
		return;
	case VICI_EVENT_CONFIRM:
	case VICI_EVENT_UNKNOWN:
		on_registered(client, packet.type == VICI_EVENT_CONFIRM);
		return;
	case VICI_EVENT:
		on_event(client, &packet);
		return;
	case VICI_CMD_REQUEST:
	case VICI_EVENT_REGISTER:
	case VICI_EVENT_UNREGISTER:
		break;
	}
	say_is_not_understood(client, "it sends what only clients send");
}

/* The size of the segment that begins at @start, its header included. 0: more has to come. */
static ssize_t segment_size(const struct connection *connection, size_t start)
{
	size_t size;

	if (connection->input_size - start < VICI_SEGMENT_HEADER_SIZE)
		return 0;
	if (vici_segment_read(connection->input + start, &size) < 0)
		return -EMSGSIZE;
	size += VICI_SEGMENT_HEADER_SIZE;
	return connection->input_size - start < size ? 0 : (ssize_t)size;
}

/* What they call may have given up the connection, or freed the client. */
static void take_segments(struct connection *connection)
{
	size_t start = 0;
	ssize_t size;

	while (connection->client && (size = segment_size(connection, start)) != 0) {
		if (size < 0) {
			say_is_not_understood(connection->client, "a segment has no sensible size");
			return;
		}
		take_packet(connection->client,
			    connection->input + start + VICI_SEGMENT_HEADER_SIZE,
			    (size_t)size - VICI_SEGMENT_HEADER_SIZE);
		start += (size_t)size;
	}
	connection->input_size -= start;
	memmove(connection->input, connection->input + start, connection->input_size);
}

/* Room for the rest of a segment whose size is known, or for what may come. */
static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
	struct connection *connection = handle->data;
	size_t needed = connection->input_size + INPUT_MIN;

	(void)suggested;
	if (connection->input_capacity < needed) {
		connection->input = memory_grow(connection->input, needed, 1);
		connection->input_capacity = needed;
	}
	*ret = uv_buf_init((char *)connection->input + connection->input_size,
			   (unsigned)(connection->input_capacity - connection->input_size));
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
	struct connection *connection = stream->data;

	(void)buffer;
	if (!connection->client || size == 0)
		return;
	if (size < 0) {
		broke_by(connection->client, (int)size);
		return;
	}
	connection->input_size += (size_t)size;
	take_segments(connection);
}

static void on_connected(uv_connect_t *request, int status)
{
	struct connection *connection = request->data;
	struct vici_client *client = connection->client;
	int result = status;

	if (!client)
		return;
	if (result == 0)
		result = uv_read_start((uv_stream_t *)&connection->pipe, on_alloc, on_read);
	if (result < 0)
		broke_by(client, result);
	else
		register_events(client);
}

static void on_retry(uv_timer_t *timer)
{
	struct vici_client *client = timer->data;
	struct connection *connection = NEW(struct connection);

	(void)uv_pipe_init(client->loop, &connection->pipe, 0);
	connection->pipe.data = connection;
	connection->request.data = connection;
	connection->client = client;
	client->connection = connection;
	client->phase = PHASE_CONNECTING;
	uv_pipe_connect(&connection->request, &connection->pipe, client->address.sun_path,
			on_connected);
}

int vici_client_new(const struct vici_client_options *options,
		    const struct vici_client_callbacks *callbacks, struct vici_client **ret,
		    struct error *error)
{
	struct vici_client *client;
	size_t length = strlen(options->path);

	if (length >= sizeof(client->address.sun_path))
		return error_set(error, -ENAMETOOLONG, ERROR_FILE, options->path,
				 "expected a path of at most %zu bytes for a socket, found %zu",
				 sizeof(client->address.sun_path) - 1, length);
	client = NEW(struct vici_client);
	client->loop = options->loop;
	client->events = options->events;
	client->callbacks = *callbacks;
	client->deadline_ms = options->deadline_ms ? options->deadline_ms : VICI_DEADLINE_MS;
	client->address.sun_family = AF_UNIX;
	memcpy(client->address.sun_path, options->path, length + 1);
	(void)uv_timer_init(client->loop, &client->timer);
	client->timer.data = client;
	*ret = client;
	return 0;
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct vici_client *client = handle->data;

	free(client->pending);
	free(client);
}

void vici_client_free(struct vici_client *client)
{
	struct error error;

	if (!client)
		return;
	client->phase = PHASE_STOPPED;
	close_connection(client);
	(void)error_set(&error, -ECANCELED, ERROR_APPLY, "charon", "is not talked to any more");
	drop_pending(client, -ECANCELED, &error);
	uv_close((uv_handle_t *)&client->timer, on_timer_closed);
}

void vici_client_start(struct vici_client *client)
{
	if (client->phase != PHASE_STOPPED)
		return;
	client->phase = PHASE_WAITING;
	client->retry_ms = RETRY_FIRST_MS;
	(void)uv_timer_start(&client->timer, on_retry, 0, 0);
}

void vici_client_stop(struct vici_client *client)
{
	struct error error;

	client->phase = PHASE_STOPPED;
	(void)uv_timer_stop(&client->timer);
	close_connection(client);
	client->trouble[0] = '\0';
	(void)error_set(&error, -ECONNRESET, ERROR_APPLY, "charon", "is not talked to any more");
	drop_pending(client, -ECONNRESET, &error);
}

bool vici_client_is_up(const struct vici_client *client)
{
	return client->phase == PHASE_UP;
}

const char *vici_client_trouble(const struct vici_client *client)
{
	return client->trouble;
}

int vici_client_call(struct vici_client *client, const struct vici_call *call, struct error *error)
{
	struct pending pending = { .call = *call };
	uint8_t *segment;
	size_t size;
	int result;

	if (client->phase != PHASE_UP)
		return error_set(error, -EAGAIN, ERROR_APPLY, "charon",
				 "there is no connection to it at the moment%s%s",
				 client->trouble[0] ? ": it " : "", client->trouble);
	if (client->pending_count >= VICI_PENDING_MAX ||
	    uv_stream_get_write_queue_size((uv_stream_t *)&client->connection->pipe) >=
		    VICI_UNSENT_MAX)
		return error_set(error, -EAGAIN, ERROR_APPLY, "charon",
				 "too many commands are waiting");
	result = vici_segment_make(VICI_CMD_REQUEST, call->command, call->message, &segment, &size);
	if (result < 0)
		return error_set(error, result, ERROR_TOO_BIG, "charon",
				 "the command \"%s\" is longer than charon reads", call->command);
	pending.call.message = NULL; /* the caller's */
	send_pending(client, &pending, segment, size);
	return 0;
}
