/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "vici/message.h"

/*
 * Packets of VICI and how they are put on a stream: each in a segment, which begins with the size
 * of the packet in four bytes. (As message.h, "Transport protocol" and "Packet layer".) Pure.
 */
#define VICI_SEGMENT_HEADER_SIZE 4
/* Type, length of the name, name, message. */
#define VICI_PACKET_MAX VICI_MESSAGE_MAX

enum vici_packet_type {
	VICI_CMD_REQUEST = 0,	   /* name, message */
	VICI_CMD_RESPONSE = 1,	   /* message */
	VICI_CMD_UNKNOWN = 2,	   /* to a request */
	VICI_EVENT_REGISTER = 3,   /* name */
	VICI_EVENT_UNREGISTER = 4, /* name */
	VICI_EVENT_CONFIRM = 5,	   /* to both */
	VICI_EVENT_UNKNOWN = 6,	   /* to both; also if it was not registered */
	VICI_EVENT = 7,		   /* name, message */
};

struct vici_packet {
	enum vici_packet_type type;
	char name[VICI_NAME_MAX + 1]; /* "" where the type has none */
	struct vici_section message;  /* borrowed; empty where the type has none */
};

/*
 * The size of the packet behind the header of a segment. -EMSGSIZE if it is 0, or more than
 * VICI_PACKET_MAX: nothing that comes behind it on this stream can be understood.
 */
int vici_segment_read(const uint8_t header[VICI_SEGMENT_HEADER_SIZE], size_t *ret);

/*
 * A packet, without the header of its segment. -EBADMSG if its type is unknown, its name cut off or
 * has a byte of zero, or something follows that its type has not; errors of vici_message_read().
 */
int vici_packet_read(const void *bytes, size_t size, struct vici_packet *ret);

/*
 * The whole segment, to be freed by vici_segment_free(). @message: NULL for types without one, or
 * for an empty one. -E2BIG if the message has failed, or if it is too long with what is around it.
 */
int vici_segment_make(enum vici_packet_type type, const char *name,
		      const struct vici_writer *message, uint8_t **ret, size_t *ret_size);

/* Wipes it: it may hold a private key. */
void vici_segment_free(uint8_t *segment, size_t size);
