// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/protocol.h"

#include "base/memory.h"
#include "control/payload.h"
#include "json/json.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define REPLY_DEPTH_MAX 16
#define REPLY_FLAGS (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

static const struct control_operation operations[] = {
	[CONTROL_LOAD] = { "load", .is_mutating = true, .takes_payload = true },
	[CONTROL_STATUS] = { "status" },
	[CONTROL_INFO] = { "info" },
	[CONTROL_DOWN] = { "down", .is_mutating = true },
	[CONTROL_RELOAD] = { "reload", .is_mutating = true },
};

const struct control_operation *control_operation_get(enum control_op op)
{
	return &operations[op];
}

static int read_protocol(const struct json_cursor *cursor, void *target, struct error *error)
{
	int64_t version;

	(void)target;
	return json_read_integer(cursor, CONTROL_PROTOCOL, CONTROL_PROTOCOL, &version, error);
}

static int read_op(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct control_arguments *arguments = target;
	const char *name;
	int result = json_read_string(cursor, &name, error);

	if (result < 0)
		return result;
	for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
		if (!strcmp(operations[i].name, name)) {
			arguments->op = (enum control_op)i;
			return 0;
		}
	}
	return json_cursor_fail(cursor, error, ERROR_VALUE,
				"unknown operation \"%.40s\"; expected load, status, info, down or "
				"reload",
				name);
}

static int read_wait(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct control_arguments *arguments = target;
	int64_t value;
	int result = json_read_integer(cursor, 0, CONTROL_WAIT_MAX, &value, error);

	if (result == 0)
		arguments->wait_sec = (unsigned)value;
	return result;
}

static int read_plan(const struct json_cursor *cursor, void *target, struct error *error)
{
	return json_read_boolean(cursor, &((struct control_arguments *)target)->plan, error);
}

static int read_allow_unsigned(const struct json_cursor *cursor, void *target, struct error *error)
{
	return json_read_boolean(cursor, &((struct control_arguments *)target)->allow_unsigned,
				 error);
}

static int read_allow_empty(const struct json_cursor *cursor, void *target, struct error *error)
{
	return json_read_boolean(cursor, &((struct control_arguments *)target)->allow_empty, error);
}

static int read_forget(const struct json_cursor *cursor, void *target, struct error *error)
{
	return json_read_boolean(cursor, &((struct control_arguments *)target)->forget, error);
}

static const struct json_member request_members[] = {
	{ "aronet", true, read_protocol },
	{ "op", true, read_op },
	{ "plan", false, read_plan },
	{ "wait", false, read_wait },
	{ "allow_unsigned", false, read_allow_unsigned },
	{ "allow_empty", false, read_allow_empty },
	{ "forget", false, read_forget },
};

int control_arguments_parse(const char *text, size_t size, struct control_arguments *ret,
			    struct error *error)
{
	CLEANUP(json_document_free) struct json_document *document = NULL;
	struct control_arguments arguments = { .wait_sec = CONTROL_WAIT_DEFAULT };
	struct json_cursor root;
	int result = json_document_parse(text, size, JSON_STRICT, "request", &document, error);

	if (result < 0)
		return result;
	root = json_document_root(document);
	result = json_read_object(&root, request_members, ARRAY_SIZE(request_members), false,
				  &arguments, error);
	if (result < 0)
		return result;
	*ret = arguments;
	return 0;
}

struct json_object *control_error_to_json(const struct error *error, enum exit_code exit)
{
	struct json_object *reply = json_object_new_object();

	json_object_object_add(reply, "ok", json_object_new_boolean(false));
	json_object_object_add(reply, "code", json_object_new_string(error_code_name(error->code)));
	json_object_object_add(reply, "exit", json_object_new_int(exit));
	json_object_object_add(reply, "place", json_object_new_string(error->place));
	json_object_object_add(reply, "message", json_object_new_string(error->text));
	return reply;
}

static const char *member_text(struct json_object *object, const char *name)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, name, &value) ||
	    !json_object_is_type(value, json_type_string))
		return "";
	return json_object_get_string(value);
}

int control_reply_check(struct json_object *reply, enum exit_code *ret_exit, struct error *error)
{
	struct json_object *ok, *exit;

	if (!json_object_object_get_ex(reply, "ok", &ok) ||
	    !json_object_is_type(ok, json_type_boolean)) {
		*ret_exit = EXIT_DAEMON;
		return error_set(error, -EPROTO, ERROR_CTL_DOWN, NULL,
				 "the answer is not one of an aronet daemon");
	}
	if (json_object_get_boolean(ok))
		return 0;
	(void)error_set(error, 0, error_code_from_name(member_text(reply, "code")),
			member_text(reply, "place"), "%s", member_text(reply, "message"));
	*ret_exit = EXIT_DAEMON;
	if (json_object_object_get_ex(reply, "exit", &exit)) {
		int value = json_object_get_int(exit);

		if (value > EXIT_DONE && value <= EXIT_APPLY)
			*ret_exit = (enum exit_code)value;
	}
	return -EREMOTEIO;
}

/* Take every descriptor of the message, also of control messages that nobody asked for. */
static void packet_take_descriptors(struct control_packet *packet, struct msghdr *message)
{
	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
	     header = CMSG_NXTHDR(message, header)) {
		size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(fd));
			if (packet->fds_count < CONTROL_DESCRIPTORS_MAX)
				packet->fds[packet->fds_count++] = fd;
			else
				(void)close(fd);
		}
	}
}

int control_packet_receive(int socket, struct control_packet *ret)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(CONTROL_DESCRIPTORS_MAX * sizeof(int))];
	struct iovec iov = { .iov_base = ret->bytes, .iov_len = CONTROL_PACKET_MAX };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t length;

	do
		length = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (length < 0 && errno == EINTR);
	if (length < 0)
		return -errno;
	ret->size = (size_t)length;
	ret->bytes[ret->size] = '\0';
	ret->is_truncated = message.msg_flags & MSG_TRUNC;
	ret->is_control_truncated = message.msg_flags & MSG_CTRUNC;
	ret->fds_count = 0;
	packet_take_descriptors(ret, &message);
	return 0;
}

void control_packet_done(struct control_packet *packet)
{
	while (packet->fds_count)
		(void)close(packet->fds[--packet->fds_count]);
	packet->size = 0;
}

void control_message_done(struct control_message *message)
{
	free(message->text);
	if (message->fd >= 0)
		(void)close(message->fd);
	*message = (struct control_message) { .fd = -1 };
}

int control_message_make(struct json_object *reply, struct control_message *ret)
{
	static const char attached[] = "{\"aronet\":1,\"attached\":true}";
	size_t size;
	const char *text = json_object_to_json_string_length(reply, REPLY_FLAGS, &size);
	int fd = -1;

	if (size > CONTROL_PACKET_MAX) {
		int result = control_payload_make(text, size, &fd);

		if (result < 0)
			return result;
		text = attached;
		size = strlen(attached);
	}
	*ret = (struct control_message) { memory_dup(text, size), size, fd };
	return 0;
}

int control_message_send(int socket, const struct control_message *message)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { .iov_base = message->text, .iov_len = message->size };
	struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t length;

	if (message->fd >= 0) {
		struct cmsghdr *cmsg;

		header.msg_control = control;
		header.msg_controllen = sizeof(control);
		cmsg = CMSG_FIRSTHDR(&header);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &message->fd, sizeof(int));
	}
	do
		length = sendmsg(socket, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (length < 0 && errno == EINTR);
	return length < 0 ? -errno : 0;
}

static int reply_parse(const char *text, size_t size, struct json_object **ret, struct error *error)
{
	struct json_tokener *tokener = json_tokener_new_ex(REPLY_DEPTH_MAX);
	struct json_object *reply = json_tokener_parse_ex(tokener, text, (int)size);
	bool is_object = reply && json_tokener_get_error(tokener) == json_tokener_success &&
			 json_object_is_type(reply, json_type_object);

	json_tokener_free(tokener);
	if (!is_object) {
		json_object_put(reply);
		return error_set(error, -EPROTO, ERROR_CTL_DOWN, NULL,
				 "the answer is not one of an aronet daemon");
	}
	*ret = reply;
	return 0;
}

int control_packet_to_reply(const struct control_packet *packet, struct json_object **ret,
			    struct error *error)
{
	CLEANUP(free) char *bytes = NULL;
	struct json_object *reply, *attached;
	size_t size;
	int result = reply_parse(packet->bytes, packet->size, &reply, error);

	if (result < 0)
		return result;
	if (!json_object_object_get_ex(reply, "attached", &attached)) {
		*ret = reply;
		return 0;
	}
	json_object_put(reply);
	result = control_payload_read(packet->fds_count == 1 ? packet->fds[0] : -1, "answer",
				      &bytes, &size, error);
	if (result < 0)
		return result;
	return reply_parse(bytes, size, ret, error);
}
