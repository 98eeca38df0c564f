// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What aronet prints of charon's messages: identities, names and log texts in them come from
 * strangers, and what is printed goes to a terminal or to another program.
 */
#include "cli/vici_json.h"
#include "cli/vici_text.h"
#include "fuzz.h"
#include "vici/packet.h"

#include <stdbool.h>
#include <string.h>

static bool is_plain(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

static void check_lines(const struct strbuf *text)
{
	for (const char *c = strbuf_text(text); *c; c++)
		FUZZ_CHECK(*c == '\n' || (*c >= ' ' && *c <= '~'));
}

/* No name is lost, and nothing else is there. */
static void check_names(const struct vici_section *message, struct json_object *object)
{
	struct vici_section rest = *message;
	struct vici_element element;
	size_t elements = 0;

	while (vici_next_element(&rest, &element)) {
		elements++;
		if (is_plain(element.name) && !strchr(element.name, '\\'))
			FUZZ_CHECK(json_object_object_get_ex(object, element.name, NULL));
	}
	FUZZ_CHECK((size_t)json_object_object_length(object) <= elements);
	FUZZ_CHECK((json_object_object_length(object) == 0) == (elements == 0));
}

static void check_json(const struct vici_section *message)
{
	struct json_object *object = vici_to_json(message), *again;
	const char *text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN);

	FUZZ_CHECK(is_plain(text));
	again = json_tokener_parse(text);
	FUZZ_CHECK(again && json_object_equal(object, again));
	check_names(message, object);
	json_object_put(again);
	json_object_put(object);
}

static void check_message(const struct vici_section *message)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct vici_section rest = *message, inner;
	char name[VICI_NAME_MAX + 1];

	vici_print_log(0, message, &text);
	while (vici_next_section(&rest, name, &inner))
		vici_print_sa(name, &inner, &text);
	check_lines(&text);
	check_json(message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vici_packet packet;
	struct vici_section message;

	if (vici_packet_read(data, size, &packet) == 0)
		check_message(&packet.message);
	if (vici_message_read(data, size, &message) == 0)
		check_message(&message);
	return 0;
}
