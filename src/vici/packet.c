// SPDX-License-Identifier: GPL-2.0-or-later
#include "vici/packet.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>

/* What follows the type. */
static const struct {
	bool has_name, has_message;
} layouts[] = {
	[VICI_CMD_REQUEST] = { true, true },	   [VICI_CMD_RESPONSE] = { false, true },
	[VICI_CMD_UNKNOWN] = { false, false },	   [VICI_EVENT_REGISTER] = { true, false },
	[VICI_EVENT_UNREGISTER] = { true, false }, [VICI_EVENT_CONFIRM] = { false, false },
	[VICI_EVENT_UNKNOWN] = { false, false },   [VICI_EVENT] = { true, true },
};

int vici_segment_read(const uint8_t header[VICI_SEGMENT_HEADER_SIZE], size_t *ret)
{
	size_t size = (size_t)header[0] << 24 | (size_t)header[1] << 16 | (size_t)header[2] << 8 |
		      header[3];

	if (size == 0 || size > VICI_PACKET_MAX)
		return -EMSGSIZE;
	*ret = size;
	return 0;
}

/* Moves *@next behind the name. */
static int read_name(const uint8_t **next, const uint8_t *end, char name[VICI_NAME_MAX + 1])
{
	size_t length;

	if (*next == end)
		return -EBADMSG;
	length = *(*next)++;
	if ((size_t)(end - *next) < length || memchr(*next, 0, length))
		return -EBADMSG;
	memcpy(name, *next, length);
	name[length] = '\0';
	*next += length;
	return 0;
}

int vici_packet_read(const void *bytes, size_t size, struct vici_packet *ret)
{
	const uint8_t *next = bytes;
	const uint8_t *end = next + size;
	struct vici_packet packet = { 0 };
	int result = 0;

	if (size == 0 || *next >= ARRAY_SIZE(layouts))
		return -EBADMSG;
	packet.type = (enum vici_packet_type) * next++;
	if (layouts[packet.type].has_name)
		result = read_name(&next, end, packet.name);
	if (result == 0 && layouts[packet.type].has_message)
		result = vici_message_read(next, (size_t)(end - next), &packet.message);
	else if (result == 0 && next < end)
		result = -EBADMSG;
	if (result == 0)
		*ret = packet;
	return result;
}

int vici_segment_make(enum vici_packet_type type, const char *name,
		      const struct vici_writer *message, uint8_t **ret, size_t *ret_size)
{
	size_t name_length = layouts[type].has_name ? strlen(name) : 0;
	size_t header = layouts[type].has_name ? 2 : 1;
	size_t message_size = message ? message->size : 0;
	size_t size = header + name_length + message_size;
	int result = message ? vici_writer_result(message) : 0;
	uint8_t *segment;

	if (result < 0)
		return result;
	if (name_length > VICI_NAME_MAX || size > VICI_PACKET_MAX)
		return -E2BIG;
	segment = NEW_ARRAY(uint8_t, VICI_SEGMENT_HEADER_SIZE + size);
	for (unsigned i = 0; i < VICI_SEGMENT_HEADER_SIZE; i++)
		segment[i] = (uint8_t)(size >> 8 * (VICI_SEGMENT_HEADER_SIZE - 1 - i));
	*ret = segment;
	*ret_size = VICI_SEGMENT_HEADER_SIZE + size;
	segment += VICI_SEGMENT_HEADER_SIZE;
	*segment++ = (uint8_t)type;
	if (layouts[type].has_name)
		*segment++ = (uint8_t)name_length;
	memcpy(segment, name_length ? name : "", name_length);
	if (message_size > 0)
		memcpy(segment + name_length, message->bytes, message_size);
	return 0;
}

void vici_segment_free(uint8_t *segment, size_t size)
{
	if (segment)
		explicit_bzero(segment, size);
	free(segment);
}
