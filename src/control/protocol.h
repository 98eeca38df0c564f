/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * What passes over the control socket (registry specification, section 12): a SOCK_SEQPACKET unix
 * socket, one JSON object in one packet per request and per reply, so that there is no framing to
 * get wrong. The registry of a load is a sealed memfd beside the request (payload.h); so is a reply
 * that is too big for a packet, which then reads {"aronet":1,"attached":true}.
 *
 *	{"aronet":1,"op":"load","plan":false,"wait":30,"allow_unsigned":false,"allow_empty":false}
 *	{"ok":true,"nodes":42,...}
 *	{"ok":false,"code":"E_TYPE","exit":4,"place":"registry.json:3:17","message":"..."}
 */
#define CONTROL_PROTOCOL 1
#define CONTROL_PACKET_MAX 65536
#define CONTROL_SOCKET_NAME "control"
#define CONTROL_RUNTIME_DIR "/run/aronet"
#define CONTROL_DEFAULT_PATH CONTROL_RUNTIME_DIR "/" CONTROL_SOCKET_NAME

enum control_op {
	CONTROL_LOAD,
	CONTROL_STATUS,
	CONTROL_INFO,
	CONTROL_DOWN,
	CONTROL_RELOAD,
};

struct control_operation {
	const char *name;
	bool is_mutating;   /* one at a time, in the order of arrival */
	bool takes_payload; /* exactly one sealed memfd; the others take no descriptor */
};

const struct control_operation *control_operation_get(enum control_op op);

#define CONTROL_WAIT_MAX 3600
#define CONTROL_WAIT_DEFAULT 30

struct control_arguments {
	enum control_op op;
	bool plan; /* say what would be done, do nothing */
	bool allow_unsigned;
	bool allow_empty;
	bool forget;	   /* down: also remove the stored registry */
	unsigned wait_sec; /* how long the reply may wait for the kernel to follow */
};

/* Parse a request strictly: unknown members are refused. Place: "request:1:14: /op". */
int control_arguments_parse(const char *text, size_t size, struct control_arguments *ret,
			    struct error *error);

/* The reply to a failed request; the caller owns it. */
struct json_object *control_error_to_json(const struct error *error, enum exit_code exit);

/*
 * Fill @error and *ret_exit from a reply and return -EREMOTEIO, or 0 if it says "ok": true. -EPROTO
 * for something that is no reply at all.
 */
int control_reply_check(struct json_object *reply, enum exit_code *ret_exit, struct error *error);

/* One packet as it came. Big; lives on the heap or in a bigger object. */
#define CONTROL_DESCRIPTORS_MAX 4 /* room for; more arrive as is_control_truncated */
struct control_packet {
	char bytes[CONTROL_PACKET_MAX + 1]; /* terminated */
	size_t size;
	bool is_truncated;	   /* was larger than CONTROL_PACKET_MAX */
	bool is_control_truncated; /* MSG_CTRUNC: descriptors were lost */
	int fds[CONTROL_DESCRIPTORS_MAX];
	unsigned fds_count;
};

/*
 * Receive one packet without waiting; its descriptors are close-on-exec and are closed by
 * control_packet_done(). 0 or -errno. An empty packet and the end of the connection look the same:
 * size 0.
 */
int control_packet_receive(int socket, struct control_packet *ret);
void control_packet_done(struct control_packet *packet);

/* A message that can be sent again after EAGAIN. */
struct control_message {
	char *text;
	size_t size;
	int fd; /* -1: none */
};

void control_message_done(struct control_message *message);
CLEANUP_DEFINE_IN_PLACE(struct control_message, control_message_done);

/* Encode @reply, as a memfd where it is too big for a packet. 0 or -errno. */
int control_message_make(struct json_object *reply, struct control_message *ret);

/* Send without waiting and without SIGPIPE. 0 or -errno. */
int control_message_send(int socket, const struct control_message *message);

/* The inverse of control_message_make(): the reply of a received packet. */
int control_packet_to_reply(const struct control_packet *packet, struct json_object **ret,
			    struct error *error);
