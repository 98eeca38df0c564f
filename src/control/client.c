// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/client.h"

#include "base/memory.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

struct control_client {
	int fd;
	char *path;
	enum exit_code exit; /* of the last refusal; EXIT_DONE: none */
	struct control_packet packet;
};

static int fail_connect(const char *path, int code, struct error *error)
{
	if (code == EACCES || code == EPERM)
		return error_set(error, -code, ERROR_CTL_PERM, NULL,
				 "permission denied: %s needs root or the control group of the "
				 "daemon (\"daemon\": {\"control_group\": ...})",
				 path);
	return error_set(error, -code, ERROR_CTL_DOWN, NULL,
			 "no daemon at %s: %s; start it with aronet daemon run -c FILE or "
			 "systemctl start aronet",
			 path, code == EAGAIN ? "it does not answer" : strerror(code));
}

int control_client_open(const char *path, struct control_client **ret, struct error *error)
{
	CLEANUP(close) int fd = -1;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval timeout = { .tv_sec = CONTROL_CONNECT_SEC };
	struct control_client *client;

	if (strlen(path) >= sizeof(address.sun_path))
		return error_set(error, -ENAMETOOLONG, ERROR_CTL_DOWN, path,
				 "path of a socket is limited to %zu bytes",
				 sizeof(address.sun_path) - 1);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail_connect(path, errno, error);
	/* A full backlog makes connect(2) wait, up to the time limit for sending. */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return fail_connect(path, errno, error);
	client = NEW(struct control_client);
	client->fd = take_fd(&fd);
	client->path = memory_strdup(path);
	*ret = client;
	return 0;
}

void control_client_close(struct control_client *client)
{
	if (!client)
		return;
	(void)close(client->fd);
	free(client->path);
	free(client);
}

static struct json_object *request_to_json(const struct control_arguments *arguments)
{
	struct json_object *request = json_object_new_object();
	const struct {
		const char *name;
		bool is_set;
	} flags[] = {
		{ "plan", arguments->plan },
		{ "allow_unsigned", arguments->allow_unsigned },
		{ "allow_empty", arguments->allow_empty },
		{ "forget", arguments->forget },
	};

	json_object_object_add(request, "aronet", json_object_new_int(CONTROL_PROTOCOL));
	json_object_object_add(request, "op",
			       json_object_new_string(control_operation_get(arguments->op)->name));
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (flags[i].is_set)
			json_object_object_add(request, flags[i].name,
					       json_object_new_boolean(true));
	if (arguments->op == CONTROL_LOAD)
		json_object_object_add(request, "wait",
				       json_object_new_int((int)arguments->wait_sec));
	return request;
}

static int client_send(struct control_client *client, const struct control_arguments *arguments,
		       int payload_fd)
{
	CLEANUP(control_message_done) struct control_message message = { .fd = -1 };
	struct json_object *request = request_to_json(arguments);
	int result = control_message_make(request, &message);

	json_object_put(request);
	if (result < 0)
		return result;
	if (payload_fd >= 0)
		message.fd = payload_fd;
	result = control_message_send(client->fd, &message);
	if (payload_fd >= 0)
		message.fd = -1;
	/* Turned away at the door: the reason was sent before the connection was closed. */
	return result == -EPIPE || result == -ECONNRESET ? 0 : result;
}

static uint64_t now_msec(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* -ETIMEDOUT when nothing came in time; -EPIPE when the daemon ended. */
static int client_receive(struct control_client *client, unsigned timeout_msec)
{
	uint64_t deadline = now_msec() + timeout_msec;
	bool was_reset = false;

	for (;;) {
		struct pollfd poll_fd = { .fd = client->fd, .events = POLLIN };
		uint64_t now = now_msec();
		int result;

		if (now >= deadline)
			return -ETIMEDOUT;
		if (poll(&poll_fd, 1, (int)(deadline - now)) < 0 && errno != EINTR)
			return -errno;
		result = control_packet_receive(client->fd, &client->packet);
		if (result == -EAGAIN)
			continue;
		/* The reset of our unread request is told before the packet that is waiting. */
		if (result == -ECONNRESET && !was_reset) {
			was_reset = true;
			continue;
		}
		return result == 0 && client->packet.size == 0 ? -EPIPE : result;
	}
}

static int fail_call(const struct control_client *client, int result, unsigned timeout_msec,
		     struct error *error)
{
	if (result == -ETIMEDOUT)
		return error_set(error, result, ERROR_CTL_DOWN, NULL,
				 "the daemon at %s did not answer within %u s", client->path,
				 timeout_msec / 1000);
	if (result == -EPIPE || result == -ECONNRESET)
		return error_set(error, result, ERROR_CTL_DOWN, NULL,
				 "the daemon at %s ended before it answered; see its log",
				 client->path);
	return error_set(error, result, ERROR_CTL_DOWN, NULL, "control socket %s: %s", client->path,
			 strerror(-result));
}

int control_client_call(struct control_client *client, const struct control_arguments *arguments,
			int payload_fd, unsigned timeout_msec, struct json_object **ret,
			struct error *error)
{
	struct json_object *reply;
	int result = client_send(client, arguments, payload_fd);

	client->exit = EXIT_DONE;
	if (result == 0)
		result = client_receive(client, timeout_msec);
	if (result < 0)
		return fail_call(client, result, timeout_msec, error);
	result = control_packet_to_reply(&client->packet, &reply, error);
	control_packet_done(&client->packet);
	if (result < 0)
		return result;
	result = control_reply_check(reply, &client->exit, error);
	if (result < 0) {
		json_object_put(reply);
		return result;
	}
	*ret = reply;
	return 0;
}

enum exit_code control_client_exit_code(const struct control_client *client,
					const struct error *error)
{
	if (client && client->exit != EXIT_DONE)
		return client->exit;
	return error_exit_code(error->code);
}
