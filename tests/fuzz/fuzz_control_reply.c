// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An answer as commands get it, from the packet to the screen: a daemon of another version, or
 * whoever listens at its socket, must not crash a command nor play tricks on a terminal.
 */
#include "base/memory.h"
#include "cli/status_text.h"
#include "control/protocol.h"
#include "fuzz.h"

#include <string.h>

static void json_release(struct json_object *value)
{
	(void)json_object_put(value);
}
CLEANUP_DEFINE(struct json_object *, json_release);

/* Lines of printable text. */
static void check_screen(struct json_object *reply)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	status_text_print(reply, false, &text);
	for (char *c = text.bytes; c && *c; c++)
		if (*c == '\n')
			*c = ' ';
	FUZZ_CHECK(fuzz_is_printable(strbuf_text(&text)));
}

/* What was sent in an answer arrives. */
static void check_round_trip(struct json_object *reply, struct control_packet *packet)
{
	CLEANUP(control_message_done) struct control_message message = { .fd = -1 };
	CLEANUP(json_release) struct json_object *again = NULL;
	struct error error = { 0 };

	if (control_message_make(reply, &message) < 0 || message.fd >= 0)
		return;
	memcpy(packet->bytes, message.text, message.size);
	packet->bytes[message.size] = '\0';
	packet->size = message.size;
	FUZZ_CHECK(control_packet_to_reply(packet, &again, &error) == 0);
}

static void check(struct control_packet *packet)
{
	CLEANUP(json_release) struct json_object *reply = NULL;
	struct error error = { 0 };
	enum exit_code exit = EXIT_DONE;
	int result = control_packet_to_reply(packet, &reply, &error);

	if (result < 0) {
		fuzz_check_refusal(result, &error);
		FUZZ_CHECK(!reply);
		return;
	}
	if (control_reply_check(reply, &exit, &error) < 0) {
		FUZZ_CHECK(exit > EXIT_DONE && exit <= EXIT_APPLY);
		FUZZ_CHECK(fuzz_is_printable(error.text) && fuzz_is_printable(error.place));
	}
	check_screen(reply);
	check_round_trip(reply, packet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(free) struct control_packet *packet = NULL;

	if (size > CONTROL_PACKET_MAX)
		return 0;
	packet = NEW(struct control_packet);
	if (size)
		memcpy(packet->bytes, data, size);
	packet->size = size;
	check(packet);
	return 0;
}
