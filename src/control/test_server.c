// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/test_server.h"

#include "base/memory.h"
#include "control/client.h"
#include "control/socket.h"

#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <cmocka.h>

#define LOAD_MSEC 20 /* how long a load takes here */
#define STATUS_SIZE 2000

struct delayed_answer {
	uv_timer_t timer;
	struct test_server *fixture;
	struct control_request *request;
};

static void on_delayed_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void on_load_done(uv_timer_t *timer)
{
	struct delayed_answer *answer = timer->data;
	struct json_object *reply = json_object_new_object();
	size_t size;

	(void)control_request_payload(answer->request, &size);
	json_object_object_add(reply, "bytes", json_object_new_int64((int64_t)size));
	json_object_object_add(
		reply, "turn",
		json_object_new_int((int)atomic_fetch_add(&answer->fixture->loads_ended, 1)));
	uv_close((uv_handle_t *)timer, on_delayed_closed);
	control_request_reply(answer->request, reply);
}

static void handle_load(struct test_server *fixture, struct control_request *request)
{
	struct delayed_answer *answer = NEW(struct delayed_answer);
	unsigned at_once = atomic_fetch_add(&fixture->loads_begun, 1) + 1 - fixture->loads_ended;
	size_t size;

	if (at_once > fixture->loads_at_once_max)
		fixture->loads_at_once_max = at_once;
	(void)control_request_payload(request, &size);
	fixture->payload_total += size;
	answer->fixture = fixture;
	answer->request = request;
	answer->timer.data = answer;
	(void)uv_timer_init(&fixture->loop, &answer->timer);
	(void)uv_timer_start(&answer->timer, on_load_done, LOAD_MSEC, 0);
}

void test_server_handle(void *userdata, struct control_request *request)
{
	const struct control_arguments *arguments = control_request_arguments(request);
	struct json_object *reply;
	struct error error = { ERROR_VALUE, "config.json:1:2", "no" };
	char filling[STATUS_SIZE + 1] = "";

	if (arguments->op == CONTROL_LOAD) {
		handle_load(userdata, request);
		return;
	}
	if (arguments->op == CONTROL_RELOAD) {
		control_request_fail(request, &error);
		return;
	}
	reply = json_object_new_object();
	json_object_object_add(reply, "uid",
			       json_object_new_int((int)control_request_uid(request)));
	json_object_object_add(reply, "pid",
			       json_object_new_int((int)control_request_pid(request)));
	if (arguments->op == CONTROL_STATUS) {
		memset(filling, 's', STATUS_SIZE);
		json_object_object_add(reply, "filling", json_object_new_string(filling));
	}
	control_request_reply(request, reply);
}

static void handle_warning(void *userdata, const char *text)
{
	struct test_server *fixture = userdata;

	assert_non_null(strstr(text, "control"));
	fixture->warnings++;
}

static void on_stop(uv_async_t *async)
{
	struct test_server *fixture = async->data;

	control_server_close(TAKE(fixture->server));
	uv_close((uv_handle_t *)async, NULL);
}

static void *run_loop(void *userdata)
{
	struct test_server *fixture = userdata;

	(void)uv_run(&fixture->loop, UV_RUN_DEFAULT);
	return NULL;
}

int test_server_make_directory(void **state)
{
	struct test_server *fixture = NEW(struct test_server);
	struct error error = { 0 };

	(void)strcpy(fixture->runtime_dir, "/tmp/aronet-t-XXXXXX");
	if (!mkdtemp(fixture->runtime_dir) || chmod(fixture->runtime_dir, 0755) < 0)
		return -1;
	(void)snprintf(fixture->path, sizeof(fixture->path), "%s/control", fixture->runtime_dir);
	/* Whoever runs the tests must be let in; the group is what root's rule leaves. */
	fixture->group = getgrgid(getgid())->gr_name;
	*state = fixture;
	return control_lock(fixture->runtime_dir, &fixture->lock, &error);
}

int test_server_remove_directory(void **state)
{
	struct test_server *fixture = *state;
	char path[128];

	(void)close(fixture->lock);
	(void)snprintf(path, sizeof(path), "%s/private/lock", fixture->runtime_dir);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/private", fixture->runtime_dir);
	(void)rmdir(path);
	(void)unlink(fixture->path);
	if (rmdir(fixture->runtime_dir) < 0)
		return -1; /* the server left something behind */
	free(fixture);
	return 0;
}

int test_server_start(void **state)
{
	struct test_server *fixture;
	struct error error = { 0 };

	if (test_server_make_directory(state) < 0)
		return -1;
	fixture = *state;
	(void)uv_loop_init(&fixture->loop);
	fixture->stop.data = fixture;
	(void)uv_async_init(&fixture->loop, &fixture->stop, on_stop);
	const struct control_server_options options = {
		.loop = &fixture->loop,
		.runtime_dir = fixture->runtime_dir,
		.group = fixture->group,
		.handler = test_server_handle,
		.warning = handle_warning,
		.userdata = fixture,
		.timeout_msec = TEST_TIMEOUT_MSEC,
		.check_msec = TEST_CHECK_MSEC,
	};
	if (control_server_start(&options, &fixture->server, &error) < 0)
		return -1;
	return pthread_create(&fixture->thread, NULL, run_loop, fixture);
}

int test_server_stop(void **state)
{
	struct test_server *fixture = *state;

	(void)uv_async_send(&fixture->stop);
	(void)pthread_join(fixture->thread, NULL);
	if (uv_loop_close(&fixture->loop) < 0 || access(fixture->path, F_OK) == 0)
		return -1; /* a handle was forgotten, or the socket file */
	return test_server_remove_directory(state);
}

void test_skip_or_fail(const char *missing)
{
	if (getenv("ARONET_TESTS_MUST_RUN"))
		fail_msg("needs %s", missing);
	print_message("# needs %s\n", missing);
	skip();
}

uint64_t test_now_msec(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void test_sleep_msec(unsigned msec)
{
	(void)poll(NULL, 0, (int)msec);
}

int test_client_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	(void)strcpy(address.sun_path, path);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		int result = -errno;

		(void)close(fd);
		return result;
	}
	return fd;
}

int test_client_send(int socket, const void *bytes, size_t size, const int *fds, unsigned count)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(200 * sizeof(int))] = { 0 };
	union {
		const void *bytes;
		void *iov_base;
	} unconst = { bytes };
	struct iovec iov = { .iov_base = unconst.iov_base, .iov_len = size };
	struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (count) {
		struct cmsghdr *cmsg;

		header.msg_control = control;
		header.msg_controllen = CMSG_SPACE(count * sizeof(int));
		cmsg = CMSG_FIRSTHDR(&header);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(cmsg), fds, count * sizeof(int));
	}
	return sendmsg(socket, &header, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

const char *test_client_answer(int socket, char buffer[4096])
{
	static const char *const codes[] = { "E_TOO_BIG", "E_SYNTAX",	"E_VALUE", "E_CTL_FD",
					     "E_BUSY",	  "E_CTL_PERM", "E_TYPE",  "E_UTF8" };
	ssize_t length = recv(socket, buffer, 4095, 0);

	if (length < 0 && errno == ECONNRESET)
		length = recv(socket, buffer, 4095, 0);
	if (length <= 0)
		return NULL;
	buffer[length] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (strstr(buffer, codes[i]))
			return codes[i];
	return strstr(buffer, "\"ok\":true") ? "ok" : "?";
}

bool test_client_is_closed(int socket)
{
	char byte;
	ssize_t length = recv(socket, &byte, 1, 0);

	return length == 0 || (length < 0 && errno == ECONNRESET);
}

void test_server_check_served(struct test_server *fixture)
{
	const struct control_arguments arguments = { .op = CONTROL_STATUS };
	CLEANUP(control_client_close) struct control_client *client = NULL;
	struct json_object *reply = NULL, *pid;
	struct error error = { 0 };

	assert_int_equal(control_client_open(fixture->path, &client, &error), 0);
	assert_int_equal(control_client_call(client, &arguments, -1, 5000, &reply, &error), 0);
	assert_true(json_object_object_get_ex(reply, "pid", &pid));
	assert_int_equal(json_object_get_int(pid), getpid());
	json_object_put(reply);
}

unsigned test_count_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	unsigned count = 0;

	while (readdir(directory))
		count++;
	(void)closedir(directory);
	return count;
}

void test_check_descriptors(unsigned expected)
{
	uint64_t deadline = test_now_msec() + 5000;

	while (test_count_descriptors() != expected && test_now_msec() < deadline)
		test_sleep_msec(5);
	assert_int_equal(test_count_descriptors(), expected);
}

const char test_load_request[] = "{\"aronet\":1,\"op\":\"load\"}";
const char test_status_request[] = "{\"aronet\":1,\"op\":\"status\"}";
