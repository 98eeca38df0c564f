// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireguard/uapi_client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>

const char *uapi_path(const char *link, char buffer[UAPI_PATH_SIZE])
{
	(void)snprintf(buffer, UAPI_PATH_SIZE, "%s/%s.sock", UAPI_DIRECTORY, link);
	return buffer;
}

int uapi_connect(const char *link)
{
	static const struct timeval timeout = { .tv_usec = UAPI_TIMEOUT_MS * 1000L };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	CLEANUP(close) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char path[UAPI_PATH_SIZE];

	if (fd < 0)
		return -errno;
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", uapi_path(link, path));
	/* The send time-out holds for connect(), which waits while the backlog is full. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) < 0 ||
	    connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	return take_fd(&fd);
}

static int send_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		bytes += sent;
		length -= (size_t)sent;
	}
	return 0;
}

static bool reply_is_complete(const struct strbuf *reply)
{
	return reply->length >= 2 && !memcmp(reply->bytes + reply->length - 2, "\n\n", 2);
}

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The deadline is for the whole reply: one byte now and then does not keep us here. */
static int receive_reply(int fd, struct strbuf *reply)
{
	int64_t deadline = now_ms() + UAPI_TIMEOUT_MS;
	char piece[4096];

	while (!reply_is_complete(reply)) {
		ssize_t length = recv(fd, piece, sizeof(piece), 0);

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		if (length == 0)
			return -ECONNRESET;
		if (reply->length + (size_t)length > UAPI_REPLY_MAX)
			return -EMSGSIZE;
		strbuf_append(reply, piece, (size_t)length);
		explicit_bzero(piece, (size_t)length);
		if (now_ms() > deadline)
			return -ETIMEDOUT;
	}
	return 0;
}

static void wipe(struct strbuf *buffer)
{
	if (buffer->bytes)
		explicit_bzero(buffer->bytes, buffer->length);
}

static int exchange(int fd, const char *link, const char *request, size_t length,
		    struct wireguard_device *ret, struct error *error)
{
	CLEANUP(strbuf_done) struct strbuf reply = { 0 };
	char path[UAPI_PATH_SIZE];
	int result = send_all(fd, request, length);

	if (result == 0)
		result = receive_reply(fd, &reply);
	if (result < 0)
		(void)error_set(error, result, ERROR_APPLY, NULL,
				"wireguard-go does not answer: %s; it is made anew when its "
				"process is ended",
				strerror(-result));
	else
		result = uapi_parse_reply(reply.bytes, reply.length, ret, error);
	if (result < 0 && error)
		error_prefix_place(error, uapi_path(link, path));
	wipe(&reply);
	return result;
}

int uapi_get(int fd, const char *link, struct wireguard_device *ret, struct error *error)
{
	static const char request[] = "get=1\n\n";

	return exchange(fd, link, request, sizeof(request) - 1, ret, error);
}

int uapi_set(int fd, const char *link, const struct wireguard_change *change, struct error *error)
{
	CLEANUP(wireguard_device_done) struct wireguard_device nothing = { 0 };
	CLEANUP(strbuf_done) struct strbuf request = { 0 };
	int result;

	uapi_format_set(change, &request);
	result = exchange(fd, link, request.bytes, request.length, &nothing, error);
	wipe(&request);
	return result;
}
