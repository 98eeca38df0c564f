// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/server.h"

#include "base/memory.h"
#include "control/client.h"
#include "control/payload.h"
#include "control/socket.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

/*
 * A real server in a thread of its own, and clients that mean no good. Time limits are shorter than
 * the daemon's, so that the tests do not wait for seconds.
 */
#define TIMEOUT_MSEC 300
#define CHECK_MSEC 50
#define LOAD_MSEC 20 /* how long a load takes here */
#define STATUS_SIZE 2000
#define STRANGER 61234 /* a uid of nobody */

struct fixture {
	char runtime_dir[64];
	char path[80];
	const char *group;
	int lock;
	pthread_t thread;
	uv_loop_t loop;
	uv_async_t stop;
	struct control_server *server;
	atomic_uint loads_begun, loads_ended, loads_at_once_max, warnings;
	atomic_size_t payload_total;
};

struct delayed_answer {
	uv_timer_t timer;
	struct fixture *fixture;
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

static void handle_load(struct fixture *fixture, struct control_request *request)
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

static void handle_request(void *userdata, struct control_request *request)
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
	struct fixture *fixture = userdata;

	assert_non_null(strstr(text, "control"));
	fixture->warnings++;
}

static void on_stop(uv_async_t *async)
{
	struct fixture *fixture = async->data;

	control_server_close(TAKE(fixture->server));
	uv_close((uv_handle_t *)async, NULL);
}

static void *run_loop(void *userdata)
{
	struct fixture *fixture = userdata;

	(void)uv_run(&fixture->loop, UV_RUN_DEFAULT);
	return NULL;
}

static int make_runtime_dir(void **state)
{
	struct fixture *fixture = NEW(struct fixture);
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

static int remove_runtime_dir(void **state)
{
	struct fixture *fixture = *state;
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

static int start_server(void **state)
{
	struct fixture *fixture;
	struct error error = { 0 };

	if (make_runtime_dir(state) < 0)
		return -1;
	fixture = *state;
	(void)uv_loop_init(&fixture->loop);
	fixture->stop.data = fixture;
	(void)uv_async_init(&fixture->loop, &fixture->stop, on_stop);
	const struct control_server_options options = {
		.loop = &fixture->loop,
		.runtime_dir = fixture->runtime_dir,
		.group = fixture->group,
		.handler = handle_request,
		.warning = handle_warning,
		.userdata = fixture,
		.timeout_msec = TIMEOUT_MSEC,
		.check_msec = CHECK_MSEC,
	};
	if (control_server_start(&options, &fixture->server, &error) < 0)
		return -1;
	return pthread_create(&fixture->thread, NULL, run_loop, fixture);
}

static int stop_server(void **state)
{
	struct fixture *fixture = *state;

	(void)uv_async_send(&fixture->stop);
	(void)pthread_join(fixture->thread, NULL);
	if (uv_loop_close(&fixture->loop) < 0 || access(fixture->path, F_OK) == 0)
		return -1; /* a handle was forgotten, or the socket file */
	return remove_runtime_dir(state);
}

static void skip_or_fail(const char *missing)
{
	if (getenv("ARONET_TESTS_MUST_RUN"))
		fail_msg("needs %s", missing);
	print_message("# needs %s\n", missing);
	skip();
}

/* Clients */

static uint64_t now_msec(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void sleep_msec(unsigned msec)
{
	(void)poll(NULL, 0, (int)msec);
}

static int raw_connect(const char *path)
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

static int raw_send(int socket, const void *bytes, size_t size, const int *fds, unsigned count)
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

/* The error code of the answer ("ok" for none); waits. NULL: the connection ended without. */
static const char *raw_answer(int socket, char buffer[4096])
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

static bool raw_is_closed(int socket)
{
	char byte;
	ssize_t length = recv(socket, &byte, 1, 0);

	return length == 0 || (length < 0 && errno == ECONNRESET);
}

static void check_refused(struct fixture *fixture, const void *bytes, size_t size, const int *fds,
			  unsigned count, const char *code)
{
	char buffer[4096];
	int socket = raw_connect(fixture->path);
	const char *answer;

	assert_true(socket >= 0);
	assert_int_equal(raw_send(socket, bytes, size, fds, count), 0);
	answer = raw_answer(socket, buffer);
	assert_non_null(answer);
	assert_string_equal(answer, code);
	assert_true(raw_is_closed(socket));
	(void)close(socket);
}

/* The server is alive and answers quickly. */
static void check_served(struct fixture *fixture)
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

static unsigned count_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	unsigned count = 0;

	while (readdir(directory))
		count++;
	(void)closedir(directory);
	return count;
}

/* The server's end of a connection is closed a moment after ours. */
static void check_descriptors(unsigned expected)
{
	uint64_t deadline = now_msec() + 5000;

	while (count_descriptors() != expected && now_msec() < deadline)
		sleep_msec(5);
	assert_int_equal(count_descriptors(), expected);
}

static const char load_request[] = "{\"aronet\":1,\"op\":\"load\"}";
static const char status_request[] = "{\"aronet\":1,\"op\":\"status\"}";

static void answers_requests(void **state)
{
	struct fixture *fixture = *state;
	const struct control_arguments arguments = { .op = CONTROL_LOAD, .allow_unsigned = true };
	CLEANUP(close) int sealed = -1;
	CLEANUP(control_client_close) struct control_client *client = NULL;
	struct json_object *reply = NULL, *bytes;
	struct error error = { 0 };

	check_served(fixture);
	assert_int_equal(control_payload_make("[]", 2, &sealed), 0);
	assert_int_equal(control_client_open(fixture->path, &client, &error), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(
			control_client_call(client, &arguments, sealed, 5000, &reply, &error), 0);
		assert_true(json_object_object_get_ex(reply, "bytes", &bytes));
		assert_int_equal(json_object_get_int(bytes), 2);
		json_object_put(reply);
	}
}

static void refused_reload_is_a_configuration_error(void **state)
{
	struct fixture *fixture = *state;
	const struct control_arguments arguments = { .op = CONTROL_RELOAD };
	CLEANUP(control_client_close) struct control_client *client = NULL;
	struct json_object *reply = NULL;
	struct error error = { 0 };

	assert_int_equal(control_client_open(fixture->path, &client, &error), 0);
	assert_int_equal(control_client_call(client, &arguments, -1, 5000, &reply, &error),
			 -EREMOTEIO);
	assert_int_equal(error.code, ERROR_VALUE);
	assert_string_equal(error.place, "config.json:1:2");
	assert_int_equal(control_client_exit_code(client, &error), EXIT_CONFIG);
}

static void broken_packets_are_refused(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(free) char *big = NEW_ARRAY(char, 65 * 1024);
	static const char unknown[] = "{\"aronet\":1,\"op\":\"format\"}";
	static const char nul[] = "{\"aronet\":1,\"op\":\"status\"}\0{}";

	memset(big, ' ', 65 * 1024);
	check_refused(fixture, big, 65 * 1024, NULL, 0, "E_TOO_BIG");
	check_refused(fixture, "", 0, NULL, 0, "E_SYNTAX");
	check_refused(fixture, "{\"aronet\":", 10, NULL, 0, "E_SYNTAX");
	check_refused(fixture, big, 64 * 1024, NULL, 0, "E_SYNTAX");
	check_refused(fixture, unknown, strlen(unknown), NULL, 0, "E_VALUE");
	check_refused(fixture, nul, sizeof(nul) - 1, NULL, 0, "E_SYNTAX");
	check_served(fixture);
}

static void wrong_descriptors_are_refused(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(close) int sealed = -1;
	CLEANUP(close) int unsealed = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	CLEANUP(close) int file = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	CLEANUP(close) int write_only = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int ends[2], many[100];
	unsigned before;

	assert_int_equal(control_payload_make("[]", 2, &sealed), 0);
	assert_int_equal(write(unsealed, "[]", 2), 2);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(many); i++)
		many[i] = sealed;
	before = count_descriptors();
	check_refused(fixture, load_request, strlen(load_request), NULL, 0, "E_CTL_FD");
	check_refused(fixture, load_request, strlen(load_request), many, 2, "E_CTL_FD");
	check_refused(fixture, load_request, strlen(load_request), many, 100, "E_CTL_FD");
	check_refused(fixture, load_request, strlen(load_request), &ends[0], 1, "E_CTL_FD");
	check_refused(fixture, load_request, strlen(load_request), &unsealed, 1, "E_CTL_FD");
	check_refused(fixture, load_request, strlen(load_request), &file, 1, "E_CTL_FD");
	check_refused(fixture, load_request, strlen(load_request), &write_only, 1, "E_CTL_FD");
	check_refused(fixture, status_request, strlen(status_request), &sealed, 1, "E_CTL_FD");
	check_refused(fixture, "{", 1, many, 100, "E_CTL_FD");
	check_refused(fixture, "{", 1, many, 3, "E_SYNTAX");
	check_served(fixture);
	check_descriptors(before);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void no_descriptor_leaks_in_10000_tries(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(close) int unsealed = memfd_create("test", MFD_CLOEXEC);
	const int fds[100] = { unsealed, unsealed, unsealed, unsealed, unsealed };
	static const unsigned counts[] = { 0, 1, 2, 4, 5, 100 };
	unsigned before;

	before = count_descriptors();
	for (unsigned i = 0; i < 10000; i++)
		check_refused(fixture, load_request, strlen(load_request), fds,
			      counts[i % ARRAY_SIZE(counts)], "E_CTL_FD");
	check_served(fixture);
	check_descriptors(before);
}

static void loads_run_one_after_the_other(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(close) int sealed = -1;
	int sockets[CONTROL_CONNECTIONS_USER_MAX - 1];
	char buffer[4096], expected[32];

	assert_int_equal(control_payload_make("[]", 2, &sealed), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(sockets); i++) {
		sockets[i] = raw_connect(fixture->path);
		assert_int_equal(
			raw_send(sockets[i], load_request, strlen(load_request), &sealed, 1), 0);
		/* Sockets have no order among each other; let this one arrive. */
		sleep_msec(2);
	}
	check_served(fixture); /* reading does not wait for them */
	assert_true(fixture->loads_ended < ARRAY_SIZE(sockets));
	for (unsigned i = 0; i < ARRAY_SIZE(sockets); i++) {
		assert_string_equal(raw_answer(sockets[i], buffer), "ok");
		(void)snprintf(expected, sizeof(expected), "\"turn\":%u", i);
		assert_non_null(strstr(buffer, expected));
		(void)close(sockets[i]);
	}
	assert_int_equal(fixture->loads_at_once_max, 1);
}

static void full_queue_answers_busy(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(close) int sealed = -1;
	int sockets[CONTROL_QUEUE_MAX + 2];
	char buffer[4096];
	unsigned busy = 0, done = 0;

	if (geteuid() != 0)
		skip_or_fail("more connections than one user may have");
	assert_int_equal(control_payload_make("[]", 2, &sealed), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(sockets); i++) {
		sockets[i] = raw_connect(fixture->path);
		assert_int_equal(
			raw_send(sockets[i], load_request, strlen(load_request), &sealed, 1), 0);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(sockets); i++) {
		const char *answer = raw_answer(sockets[i], buffer);

		busy += !strcmp(answer, "E_BUSY");
		done += !strcmp(answer, "ok");
		(void)close(sockets[i]);
	}
	assert_int_equal(busy, 1);
	assert_int_equal(done, CONTROL_QUEUE_MAX + 1);
}

static void load_completes_without_its_client(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(close) int sealed = -1;
	uint64_t deadline = now_msec() + 5000;

	assert_int_equal(control_payload_make("1234567", 7, &sealed), 0);
	for (unsigned i = 0; i < 3; i++) {
		int socket = raw_connect(fixture->path);

		assert_int_equal(raw_send(socket, load_request, strlen(load_request), &sealed, 1),
				 0);
		(void)close(socket);
	}
	while (fixture->loads_ended < 3 && now_msec() < deadline)
		sleep_msec(5);
	assert_int_equal(fixture->loads_ended, 3);
	assert_int_equal(fixture->payload_total, 21);
	check_served(fixture);
}

static void client_that_does_not_read_is_dropped(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(close) int socket = raw_connect(fixture->path);
	struct pollfd poll_fd = { .fd = socket };
	uint64_t start, now;
	unsigned sent = 0;

	while (send(socket, status_request, strlen(status_request), MSG_DONTWAIT | MSG_NOSIGNAL) >
		       0 ||
	       sent < 1000) {
		uint64_t asked = now_msec();

		check_served(fixture);
		assert_true(now_msec() - asked < 50);
		if (++sent > 5000)
			break;
	}
	start = now_msec();
	do {
		assert_true(poll(&poll_fd, 1, 100) >= 0);
		check_served(fixture);
		now = now_msec();
	} while (!(poll_fd.revents & POLLHUP) && now - start < 10 * TIMEOUT_MSEC);
	assert_true(poll_fd.revents & POLLHUP);
}

static void client_that_does_not_ask_is_dropped(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(close) int socket = raw_connect(fixture->path);
	uint64_t start = now_msec();

	assert_true(raw_is_closed(socket));
	assert_in_range(now_msec() - start, TIMEOUT_MSEC - CHECK_MSEC, 10 * TIMEOUT_MSEC);
	check_served(fixture);
}

static void connections_are_limited(void **state)
{
	struct fixture *fixture = *state;
	const unsigned limit =
		geteuid() == 0 ? CONTROL_CONNECTIONS_MAX : CONTROL_CONNECTIONS_USER_MAX;
	unsigned refused = 0, before = count_descriptors();
	char buffer[4096];
	int sockets[CONTROL_CONNECTIONS_MAX];

	for (unsigned i = 0; i < limit; i++)
		sockets[i] = raw_connect(fixture->path);
	for (unsigned i = 0; i < 1000; i++) {
		int socket = raw_connect(fixture->path);
		const char *answer = raw_answer(socket, buffer);

		refused += answer && !strcmp(answer, "E_BUSY");
		(void)close(socket);
		if (i % 10 == 0) /* keep the first ones alive */
			for (unsigned j = 0; j < limit; j++) {
				assert_int_equal(raw_send(sockets[j], status_request,
							  strlen(status_request), NULL, 0),
						 0);
				assert_string_equal(raw_answer(sockets[j], buffer), "ok");
			}
	}
	assert_int_equal(refused, 1000);
	for (unsigned i = 0; i < limit; i++)
		(void)close(sockets[i]);
	sleep_msec(3 * CHECK_MSEC);
	check_served(fixture);
	check_descriptors(before);
}

/* Become another user, with @group or none, and run @work. */
static int run_as(uid_t uid, gid_t group, gid_t supplementary, int (*work)(struct fixture *),
		  struct fixture *fixture)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (setgroups(supplementary != CONTROL_NO_GROUP, &supplementary) < 0 ||
		    setresgid(group, group, group) < 0 || setresuid(uid, uid, uid) < 0)
			_exit(100);
		_exit(work(fixture));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int connect_is_refused(struct fixture *fixture)
{
	return raw_connect(fixture->path) == -EACCES ? 0 : 1;
}

static int status_is_answered(struct fixture *fixture)
{
	char buffer[4096];
	int socket = raw_connect(fixture->path);
	const char *answer;

	if (socket < 0 || raw_send(socket, status_request, strlen(status_request), NULL, 0) < 0)
		return 1;
	answer = raw_answer(socket, buffer);
	return answer && !strcmp(answer, "ok") ? 0 : 2;
}

static int status_is_refused(struct fixture *fixture)
{
	char buffer[4096];
	int socket = raw_connect(fixture->path);
	const char *answer;

	if (socket < 0)
		return 1;
	answer = raw_answer(socket, buffer);
	/* The reply is still in the buffer. */
	return answer && !strcmp(answer, "E_CTL_PERM") &&
			       strstr(buffer, "permission denied: the control socket needs root")
		       ? 0
		       : 2;
}

static int write_map(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t length = write(fd, text, strlen(text));

	(void)close(fd);
	return length < 0 ? -errno : 0;
}

#define NOT_POSSIBLE 77

/* As uid 0 of a user namespace of its own. */
static int namespace_root_is_refused(struct fixture *fixture)
{
	char map[32];

	(void)snprintf(map, sizeof(map), "0 %d 1", STRANGER);
	(void)prctl(PR_SET_DUMPABLE, 1); /* lost with the uid; without it /proc/self is root's */
	if (unshare(CLONE_NEWUSER) < 0 || write_map("/proc/self/uid_map", map) < 0 || getuid() != 0)
		return NOT_POSSIBLE;
	return status_is_refused(fixture);
}

static int fifth_connection_is_refused(struct fixture *fixture)
{
	char buffer[4096];
	const char *answer;
	int socket;

	for (unsigned i = 0; i < CONTROL_CONNECTIONS_USER_MAX; i++)
		if (raw_connect(fixture->path) < 0)
			return 1;
	socket = raw_connect(fixture->path);
	answer = raw_answer(socket, buffer);
	return answer && !strcmp(answer, "E_BUSY") ? 0 : 2;
}

static void only_root_and_the_group_are_let_in(void **state)
{
	struct fixture *fixture = *state;
	gid_t group = getgid();

	if (geteuid() != 0)
		skip_or_fail("other users, and so root");
	assert_int_equal(run_as(STRANGER, STRANGER, CONTROL_NO_GROUP, connect_is_refused, fixture),
			 0);
	assert_int_equal(run_as(STRANGER, STRANGER, group, status_is_answered, fixture), 0);
	assert_int_equal(run_as(STRANGER, group, CONTROL_NO_GROUP, status_is_answered, fixture), 0);
	assert_int_equal(
		run_as(STRANGER, group, CONTROL_NO_GROUP, fifth_connection_is_refused, fixture), 0);
	/* The second gate holds alone, too. */
	assert_int_equal(chmod(fixture->path, 0666), 0);
	assert_int_equal(run_as(STRANGER, STRANGER, CONTROL_NO_GROUP, status_is_refused, fixture),
			 0);
}

static void root_of_a_user_namespace_is_its_outer_user(void **state)
{
	struct fixture *fixture = *state;
	int result;

	if (geteuid() != 0)
		skip_or_fail("other users, and so root");
	assert_int_equal(chmod(fixture->path, 0666), 0);
	result = run_as(STRANGER, STRANGER, CONTROL_NO_GROUP, namespace_root_is_refused, fixture);
	if (result == NOT_POSSIBLE)
		skip_or_fail("user namespaces for users");
	assert_int_equal(result, 0);
}

static void last_connection_is_for_root(void **state)
{
	struct fixture *fixture = *state;
	pid_t children[4];
	int ready[2];

	if (geteuid() != 0)
		skip_or_fail("other users, and so root");
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(children); i++) {
		children[i] = fork();
		if (children[i] == 0) {
			if (setresuid(STRANGER + i, STRANGER + i, STRANGER + i) < 0)
				_exit(100);
			for (unsigned j = 0; j < CONTROL_CONNECTIONS_USER_MAX; j++)
				(void)raw_connect(fixture->path);
			_exit(write(ready[1], "r", 1) == 1 && pause() == 0);
		}
	}
	for (unsigned i = 0; i < ARRAY_SIZE(children); i++) {
		char byte;

		assert_int_equal(read(ready[0], &byte, 1), 1);
	}
	check_served(fixture);
	for (unsigned i = 0; i < ARRAY_SIZE(children); i++) {
		(void)kill(children[i], SIGKILL);
		(void)waitpid(children[i], NULL, 0);
	}
	(void)close(ready[0]);
	(void)close(ready[1]);
}

static void wait_for_warning(struct fixture *fixture, unsigned count)
{
	uint64_t deadline = now_msec() + 5000;

	while (fixture->warnings < count && now_msec() < deadline)
		sleep_msec(5);
	assert_int_equal(fixture->warnings, count);
}

static void lost_socket_is_made_anew(void **state)
{
	struct fixture *fixture = *state;
	int fd;

	assert_int_equal(unlink(fixture->path), 0);
	wait_for_warning(fixture, 1);
	check_served(fixture);
	/* A file in its place is somebody's; said once, tried again until it goes. */
	assert_int_equal(unlink(fixture->path), 0);
	fd = open(fixture->path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	(void)close(fd);
	wait_for_warning(fixture, 2);
	sleep_msec(5 * CHECK_MSEC);
	assert_int_equal(fixture->warnings, 2);
	assert_int_equal(unlink(fixture->path), 0);
	wait_for_warning(fixture, 3);
	check_served(fixture);
}

static struct control_server *try_start(struct fixture *fixture, struct error *error)
{
	const struct control_server_options options = {
		.loop = &fixture->loop,
		.runtime_dir = fixture->runtime_dir,
		.group = fixture->group,
		.handler = handle_request,
		.userdata = fixture,
	};
	struct control_server *server = NULL;

	(void)uv_loop_init(&fixture->loop);
	(void)control_server_start(&options, &server, error);
	return server;
}

static void end_try(struct fixture *fixture, struct control_server *server)
{
	control_server_close(server);
	(void)uv_run(&fixture->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&fixture->loop), 0);
}

static void symlink_in_place_refuses_the_start(void **state)
{
	struct fixture *fixture = *state;
	struct error error = { 0 };

	assert_int_equal(symlink("/tmp/aronet-t-nowhere", fixture->path), 0);
	assert_null(try_start(fixture, &error));
	assert_non_null(strstr(error.text, "symbolic link"));
	assert_string_equal(error.place, fixture->path);
	end_try(fixture, NULL);
	assert_int_equal(access("/tmp/aronet-t-nowhere", F_OK), -1);
}

static void stale_socket_is_replaced(void **state)
{
	struct fixture *fixture = *state;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct error error = { 0 };
	struct control_server *server;
	int stale = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), client;

	(void)strcpy(address.sun_path, fixture->path);
	assert_int_equal(bind(stale, (struct sockaddr *)&address, sizeof(address)), 0);
	(void)close(stale);
	assert_int_equal(raw_connect(fixture->path), -ECONNREFUSED);
	server = try_start(fixture, &error);
	assert_non_null(server);
	client = raw_connect(fixture->path);
	assert_true(client >= 0);
	(void)close(client);
	end_try(fixture, server);
}

static void second_daemon_is_refused_by_the_lock(void **state)
{
	struct fixture *fixture = *state;
	struct error error = { 0 };
	char expected[64];
	int fd = -1;

	(void)snprintf(expected, sizeof(expected), "already running (pid %d)", (int)getpid());
	assert_int_equal(control_lock(fixture->runtime_dir, &fd, &error), -EBUSY);
	assert_int_equal(error.code, ERROR_RUNNING);
	assert_string_equal(error.text, expected);
	/* The pid in the file decides nothing: without the lock the next one starts. */
	(void)close(fixture->lock);
	assert_int_equal(control_lock(fixture->runtime_dir, &fixture->lock, &error), 0);
}

static void missing_daemon_is_told(void **state)
{
	struct fixture *fixture = *state;
	struct control_client *client = NULL;
	struct error error = { 0 };

	assert_int_equal(control_client_open(fixture->path, &client, &error), -ENOENT);
	assert_int_equal(error.code, ERROR_CTL_DOWN);
	assert_non_null(strstr(error.text, "no daemon at "));
	assert_non_null(strstr(error.text, "aronet daemon run"));
	assert_int_equal(control_client_exit_code(NULL, &error), EXIT_DAEMON);
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, start_server, stop_server)
#define WITH_DIRECTORY(test)                                                                       \
	cmocka_unit_test_setup_teardown(test, make_runtime_dir, remove_runtime_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SERVER(answers_requests),
		WITH_SERVER(refused_reload_is_a_configuration_error),
		WITH_SERVER(broken_packets_are_refused),
		WITH_SERVER(wrong_descriptors_are_refused),
		WITH_SERVER(no_descriptor_leaks_in_10000_tries),
		WITH_SERVER(loads_run_one_after_the_other),
		WITH_SERVER(full_queue_answers_busy),
		WITH_SERVER(load_completes_without_its_client),
		WITH_SERVER(client_that_does_not_read_is_dropped),
		WITH_SERVER(client_that_does_not_ask_is_dropped),
		WITH_SERVER(connections_are_limited),
		WITH_SERVER(only_root_and_the_group_are_let_in),
		WITH_SERVER(root_of_a_user_namespace_is_its_outer_user),
		WITH_SERVER(last_connection_is_for_root),
		WITH_SERVER(lost_socket_is_made_anew),
		WITH_DIRECTORY(symlink_in_place_refuses_the_start),
		WITH_DIRECTORY(stale_socket_is_replaced),
		WITH_DIRECTORY(second_daemon_is_refused_by_the_lock),
		WITH_DIRECTORY(missing_daemon_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
