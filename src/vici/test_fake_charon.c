// SPDX-License-Identifier: GPL-2.0-or-later
#include "vici/test_fake_charon.h"

#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct saying {
	uv_write_t request;
	uint8_t *segment;
	size_t size;
};

static void on_said(uv_write_t *request, int status)
{
	struct saying *saying = (struct saying *)request;

	(void)status;
	vici_segment_free(saying->segment, saying->size);
	free(saying);
}

/* Takes @segment. */
static void say(struct fake_charon *charon, uint8_t *segment, size_t size)
{
	struct saying *saying = NEW(struct saying);
	uv_buf_t buffer = uv_buf_init((char *)segment, (unsigned)size);

	saying->segment = segment;
	saying->size = size;
	assert_int_equal(
		uv_write(&saying->request, (uv_stream_t *)&charon->peer, &buffer, 1, on_said), 0);
}

static void on_drip(uv_idle_t *idle)
{
	struct fake_charon *charon = idle->data;

	if (charon->due_said == charon->due_size || !charon->has_peer)
		return;
	say(charon, memory_dup(charon->due + charon->due_said++, 1), 1);
}

static void say_packet(struct fake_charon *charon, enum vici_packet_type type, const char *name,
		       const struct vici_writer *message)
{
	uint8_t *segment;
	size_t size;

	assert_int_equal(vici_segment_make(type, name, message, &segment, &size), 0);
	if (charon->behaviour != CHARON_DRIPPING) {
		say(charon, segment, size);
		return;
	}
	charon->due = memory_grow(charon->due, charon->due_size + size, 1);
	memcpy(charon->due + charon->due_size, segment, size);
	charon->due_size += size;
	vici_segment_free(segment, size);
}

static void say_value(struct fake_charon *charon, enum vici_packet_type type, const char *name,
		      const char *key, const char *value)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };

	vici_printf(&message, key, "%s", value);
	say_packet(charon, type, name, &message);
}

void fake_charon_tell(struct fake_charon *charon, const char *event, const char *value)
{
	say_value(charon, VICI_EVENT, event, "k", value);
}

static void refuse(struct fake_charon *charon)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };

	vici_printf(&message, "success", "no");
	vici_printf(&message, "errmsg", "CHILD_SA config 'default' not found");
	say_packet(charon, VICI_CMD_RESPONSE, NULL, &message);
}

/* An event of another kind comes between the parts. */
static void list(struct fake_charon *charon)
{
	fake_charon_tell(charon, "list-sa", "first");
	fake_charon_tell(charon, "ike-updown", "between");
	fake_charon_tell(charon, "list-sa", "second");
	say_packet(charon, VICI_CMD_RESPONSE, NULL, NULL);
}

static void list_sas(struct fake_charon *charon)
{
	for (size_t i = 0; i < charon->sas_count; i++)
		say_packet(charon, VICI_EVENT, "list-sa", &charon->sas[i]);
	say_packet(charon, VICI_CMD_RESPONSE, NULL, NULL);
}

static void list_algorithms(struct fake_charon *charon)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };

	vici_begin_section(&message, "ke");
	vici_printf(&message, "CURVE_25519", "openssl");
	vici_printf(&message, charon->exchange, "ml");
	vici_end_section(&message);
	say_packet(charon, VICI_CMD_RESPONSE, NULL, &message);
}

static void answer_honestly(struct fake_charon *charon, const struct vici_packet *command)
{
	char text[64];

	if (strcmp(command->name, "version") == 0)
		say_value(charon, VICI_CMD_RESPONSE, NULL, "version", "5.9.8");
	else if (strcmp(command->name, "echo") == 0)
		say_value(charon, VICI_CMD_RESPONSE, NULL, "k",
			  vici_find_text(&command->message, "k", text, sizeof(text)));
	else if (strcmp(command->name, "refuse") == 0 || charon->refuses)
		refuse(charon);
	else if (strcmp(command->name, "list-sas") == 0)
		list_sas(charon);
	else if (strcmp(command->name, "get-algorithms") == 0 && charon->exchange)
		list_algorithms(charon);
	else if (strcmp(command->name, "list") == 0)
		list(charon);
	else
		say_packet(charon, VICI_CMD_UNKNOWN, NULL, NULL);
}

static void take_peer(struct fake_charon *charon);

/* The next one may have come before this one had gone. */
static void on_peer_closed(uv_handle_t *handle)
{
	struct fake_charon *charon = handle->data;

	charon->has_peer = false;
	if (!charon->is_next_waiting)
		return;
	charon->is_next_waiting = false;
	take_peer(charon);
}

static void hang_up(struct fake_charon *charon)
{
	if (charon->has_peer && !uv_is_closing((uv_handle_t *)&charon->peer))
		uv_close((uv_handle_t *)&charon->peer, on_peer_closed);
}

/* Bytes are copied, as say() takes them. */
#define SAY_BYTES(charon, text)                                                                    \
	say((charon), memory_dup((text), sizeof(text) - 1), sizeof(text) - 1)

static void answer(struct fake_charon *charon, const struct vici_packet *command)
{
	charon->commands++;
	switch (charon->behaviour) {
	case CHARON_HONEST:
	case CHARON_OLD:
	case CHARON_DRIPPING:
		answer_honestly(charon, command);
		break;
	case CHARON_SILENT:
	case CHARON_MUTE_LATER:
	case CHARON_GARRULOUS:
		break;
	case CHARON_CUTTING:
		SAY_BYTES(charon, "\0\0\0\x20\x01\x03\x07ver");
		hang_up(charon);
		break;
	case CHARON_BABBLING:
		SAY_BYTES(charon, "\0\0\0\x02\x01\x63");
		break;
	case CHARON_OVERSIZED:
		SAY_BYTES(charon, "\x40\0\0\0\x01");
		break;
	case CHARON_UNASKED:
		answer_honestly(charon, command);
		answer_honestly(charon, command);
		break;
	}
}

static void take(struct fake_charon *charon, const struct vici_packet *packet)
{
	if (charon->behaviour == CHARON_SILENT)
		return;
	if (packet->type == VICI_CMD_REQUEST) {
		answer(charon, packet);
		return;
	}
	assert_int_equal(packet->type, VICI_EVENT_REGISTER);
	say_packet(charon,
		   charon->behaviour == CHARON_OLD || !strcmp(packet->name, "alert")
			   ? VICI_EVENT_UNKNOWN
			   : VICI_EVENT_CONFIRM,
		   NULL, NULL);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
	struct fake_charon *charon = handle->data;

	(void)suggested;
	*ret = uv_buf_init((char *)charon->input + charon->input_size,
			   (unsigned)(sizeof(charon->input) - charon->input_size));
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
	struct fake_charon *charon = stream->data;
	struct vici_packet packet;
	size_t packet_size, start = 0;

	(void)buffer;
	if (size < 0) {
		hang_up(charon);
		return;
	}
	charon->input_size += (size_t)size;
	while (charon->input_size - start >= VICI_SEGMENT_HEADER_SIZE &&
	       !uv_is_closing((uv_handle_t *)stream)) {
		assert_int_equal(vici_segment_read(charon->input + start, &packet_size), 0);
		if (charon->input_size - start < VICI_SEGMENT_HEADER_SIZE + packet_size)
			break;
		start += VICI_SEGMENT_HEADER_SIZE;
		assert_int_equal(vici_packet_read(charon->input + start, packet_size, &packet), 0);
		take(charon, &packet);
		start += packet_size;
	}
	charon->input_size -= start;
	memmove(charon->input, charon->input + start, charon->input_size);
}

static void take_peer(struct fake_charon *charon)
{
	uv_stream_t *listener = (uv_stream_t *)&charon->listener;

	(void)uv_pipe_init(charon->loop, &charon->peer, 0);
	charon->peer.data = charon;
	charon->has_peer = true;
	charon->connections++;
	charon->input_size = 0;
	charon->due_size = charon->due_said = 0;
	assert_int_equal(uv_accept(listener, (uv_stream_t *)&charon->peer), 0);
	assert_int_equal(uv_read_start((uv_stream_t *)&charon->peer, on_alloc, on_read), 0);
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct fake_charon *charon = listener->data;

	assert_int_equal(status, 0);
	if (charon->has_peer)
		charon->is_next_waiting = true;
	else
		take_peer(charon);
}

static void on_chatter(uv_timer_t *timer)
{
	struct fake_charon *charon = timer->data;

	if (charon->has_peer && charon->commands > 0)
		fake_charon_tell(charon, "ike-updown", "chatter");
}

static void listen_on(struct fake_charon *charon)
{
	(void)uv_pipe_init(charon->loop, &charon->listener, 0);
	charon->listener.data = charon;
	(void)unlink(charon->path);
	assert_int_equal(uv_pipe_bind(&charon->listener, charon->path), 0);
	assert_int_equal(uv_listen((uv_stream_t *)&charon->listener, 4, on_connection), 0);
}

void fake_charon_init(struct fake_charon *charon, uv_loop_t *loop,
		      enum fake_charon_behaviour behaviour)
{
	*charon = (struct fake_charon) { .loop = loop, .behaviour = behaviour };
	strcpy(charon->directory, "/tmp/aronet-t-vici-XXXXXX");
	assert_non_null(mkdtemp(charon->directory));
	(void)snprintf(charon->path, sizeof(charon->path), "%s/vici", charon->directory);
	listen_on(charon);
	(void)uv_idle_init(loop, &charon->drip);
	charon->drip.data = charon;
	if (behaviour == CHARON_DRIPPING)
		(void)uv_idle_start(&charon->drip, on_drip);
	(void)uv_timer_init(loop, &charon->chatter);
	charon->chatter.data = charon;
	if (behaviour == CHARON_GARRULOUS)
		(void)uv_timer_start(&charon->chatter, on_chatter, 20, 20);
}

/* libuv removes the socket of a listener that is closed; that of a crashed charon stays. */
void fake_charon_crash(struct fake_charon *charon)
{
	char kept[sizeof(charon->path) + 5];

	(void)snprintf(kept, sizeof(kept), "%s.kept", charon->path);
	assert_int_equal(rename(charon->path, kept), 0);
	charon->is_gone = true;
	charon->is_next_waiting = false;
	hang_up(charon);
	uv_close((uv_handle_t *)&charon->listener, NULL);
	assert_int_equal(rename(kept, charon->path), 0);
}

void fake_charon_restart(struct fake_charon *charon)
{
	charon->is_gone = false;
	listen_on(charon);
}

void fake_charon_done(struct fake_charon *charon)
{
	charon->is_next_waiting = false;
	hang_up(charon);
	if (!charon->is_gone)
		uv_close((uv_handle_t *)&charon->listener, NULL);
	uv_close((uv_handle_t *)&charon->drip, NULL);
	uv_close((uv_handle_t *)&charon->chatter, NULL);
	while (uv_run(charon->loop, UV_RUN_DEFAULT) != 0)
		;
	(void)unlink(charon->path);
	(void)rmdir(charon->directory);
	free(charon->due);
}
