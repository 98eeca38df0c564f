// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/speaker.h"

#include "babel/babeld_config.h"
#include "babel/handover.h"
#include "babel/kernel_routes.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define PROGRAM "babeld"
/* Retractions to the neighbours take it 25 ms and 11 ms for each interface. */
#define STOP_TIMEOUT_MS 3000
#define LOG_TAIL_SIZE 256
/* It writes a line for each TLV that breaks a rule: neighbours decide how much. */
#define LOG_MAX_BYTES (1 << 20)

static int save_generation(const struct babel *babel, const struct generation *generation,
			   struct error *error)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	generation_format(generation, &text);
	return file_replace(babel->paths.record, text.bytes, text.length, 0600, error);
}

int speaker_save(const struct babel *babel, struct error *error)
{
	return save_generation(babel, &babel->running, error);
}

static bool same_namespace(pid_t pid, int netns_fd)
{
	struct stat theirs, ours;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	return stat(path, &theirs) == 0 && fstat(netns_fd, &ours) == 0 &&
	       theirs.st_ino == ours.st_ino && theirs.st_dev == ours.st_dev;
}

bool speaker_lives(struct babel *babel)
{
	int netns_fd = spaces_fd(babel->spaces, SPACE_OVERLAY);

	/*
	 * A process keeps a deleted namespace alive. Without an overlay babeld is still ours to
	 * stop; in a new overlay it is of no use.
	 */
	return babel->running.pid > 0 &&
	       (netns_fd < 0 || same_namespace(babel->running.pid, netns_fd));
}

/* Not the number alone: it may belong to another process by now. */
static bool runs_on_our_files(const struct babel *babel, pid_t pid)
{
	CLEANUP(close) int fd = -1;
	char path[64], arguments[512];
	ssize_t length;

	if (pid <= 1 || !child_is(pid, PROGRAM))
		return false;
	(void)snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	length = fd < 0 ? -1 : read(fd, arguments, sizeof(arguments));
	return length > 0 && memmem(arguments, (size_t)length, babel->paths.config,
				    strlen(babel->paths.config) + 1);
}

static void forget_process(struct babel *babel)
{
	child_watch_free(TAKE(babel->watch));
	babeld_control_stop(babel->control);
	babel->running.pid = 0;
}

/* SIGKILL, because any other end would make it take its routes out of the kernel. */
static void kill_process(pid_t pid)
{
	if (pid <= 1)
		return;
	(void)child_signal(pid, SIGKILL);
	child_stop(pid, 0); /* waits for the end */
}

static void kill_all(struct babel *babel)
{
	kill_process(babel->running.pid);
	kill_process(babel->stray);
	babel->stray = 0;
	forget_process(babel);
}

static void finish(struct babel *babel, int result, const struct error *error)
{
	babel->phase = SPEAKER_IDLE;
	if (babel->events.done) /* not while it is being freed */
		babel->events.done(babel->events.userdata, babel->operation_id, result, error);
}

/* The last line that babeld has written, for a person who asks why it ended. */
static void read_log_tail(const struct babel *babel, char ret[LOG_TAIL_SIZE])
{
	CLEANUP(close) int fd = open(babel->paths.log, O_RDONLY | O_CLOEXEC);
	off_t end = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	off_t start = end < LOG_TAIL_SIZE ? 0 : end - LOG_TAIL_SIZE + 1;
	ssize_t length = fd < 0 ? 0 : pread(fd, ret, LOG_TAIL_SIZE - 1, start);
	char *line;

	ret[length > 0 ? length : 0] = '\0';
	while (length > 0 && ret[length - 1] == '\n')
		ret[--length] = '\0';
	line = strrchr(ret, '\n');
	if (line)
		memmove(ret, line + 1, strlen(line + 1) + 1);
	for (char *c = ret; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}

void speaker_abandon_next(struct babel *babel)
{
	struct speaker_next *next = &babel->next;

	child_watch_free(next->watch);
	gate_free(next->gate);
	kill_process(next->generation.pid);
	generation_done(&next->generation);
	babel_policy_done(&next->policy);
	*next = (struct speaker_next) { 0 };
}

static int clean_up(struct babel *babel, struct error *error);

static void finish_stop(struct babel *babel)
{
	struct error error = { 0 };
	int result = clean_up(babel, &error);

	finish(babel, result, &error);
}

static void finish_failed_start(struct babel *babel)
{
	struct error error = { 0 };
	char tail[LOG_TAIL_SIZE];

	read_log_tail(babel, tail);
	(void)error_set(&error, -ECHILD, ERROR_APPLY, PROGRAM, "ended at once: \"%s\"; see %s",
			tail, babel->paths.log);
	finish(babel, -ECHILD, &error);
}

static void on_ended(void *userdata, pid_t pid)
{
	struct babel *babel = userdata;

	if (babel->phase == SPEAKER_READING && pid == babel->next.generation.pid) {
		speaker_abandon_next(babel);
		finish_failed_start(babel);
		return;
	}
	forget_process(babel);
	switch (babel->phase) {
	case SPEAKER_IDLE:
		babel->events.dirty(babel->events.userdata, "babeld ended");
		break;
	case SPEAKER_READING:
		break; /* the next one is on its way */
	case SPEAKER_STARTING:
		finish_failed_start(babel);
		break;
	case SPEAKER_STOPPING:
		(void)uv_timer_stop(&babel->stop_timer);
		finish_stop(babel);
		break;
	}
}

struct introduction {
	struct babel *babel;
	uint64_t number; /* of the generation that was told */
};

static void on_introduced(void *userdata, int result, const struct error *error)
{
	CLEANUP(free) struct introduction *introduction = userdata;
	struct babel *babel = introduction->babel;

	if (babel->phase != SPEAKER_STARTING || babel->running.number != introduction->number)
		return;
	if (result < 0 || --babel->interfaces_due == 0)
		finish(babel, result, error);
}

static int introduce(struct babel *babel, const struct babel_interface *interface,
		     struct error *error)
{
	CLEANUP(strbuf_done) struct strbuf line = { 0 };
	struct introduction *introduction = NEW(struct introduction);
	int result;

	introduction->babel = babel;
	introduction->number = babel->running.number;
	babeld_config_format_interface(interface, &line);
	result = babeld_control_command(babel->control, strbuf_text(&line), on_introduced,
					introduction, error);
	if (result < 0)
		free(introduction);
	return result;
}

static void introduce_all(struct babel *babel)
{
	struct error error = { 0 };
	int result = 0;

	babel->interfaces_due = babel->running.interfaces_count;
	for (size_t i = 0; i < babel->running.interfaces_count && result == 0; i++)
		result = introduce(babel, &babel->running.interfaces[i], &error);
	if (result < 0 || babel->interfaces_due == 0)
		finish(babel, result, &error);
}

void speaker_ready(void *userdata)
{
	struct babel *babel = userdata;

	leftovers_begin(babel->leftovers, babeld_metric(babel->running.number));
	if (babel->phase == SPEAKER_STARTING)
		introduce_all(babel);
	else
		babel->events.dirty(babel->events.userdata, "babeld answers");
}

void speaker_failed(void *userdata, const struct error *error)
{
	struct babel *babel = userdata;

	kill_all(babel);
	switch (babel->phase) {
	case SPEAKER_IDLE:
		babel->events.dirty(babel->events.userdata, error->text);
		break;
	case SPEAKER_READING:
		break; /* the next one is on its way */
	case SPEAKER_STARTING:
		finish(babel, error->code == ERROR_UNSUPPORTED ? -ENOTSUP : -ETIMEDOUT, error);
		break;
	case SPEAKER_STOPPING:
		break; /* its watch was stopped with it; not reached, the client is stopped then */
	}
}

static bool has_metric(const struct kernel_route *routes, size_t count, uint32_t metric)
{
	for (size_t i = 0; i < count; i++)
		if (routes[i].metric == metric)
			return true;
	return false;
}

/*
 * The next generation, with a metric that no leftover uses if there is one: babeld takes a route
 * that it finds in its place for its own, even when it leads elsewhere.
 */
static int choose_number(struct babel *babel, uint64_t *ret, struct error *error)
{
	CLEANUP(free) struct kernel_route *routes = NULL;
	uint64_t number = babel->running.number + 1;
	struct netlink *netlink;
	size_t count = 0;
	int result = spaces_rtnetlink(babel->spaces, SPACE_OVERLAY, &netlink, error);

	if (result == 0)
		result = kernel_routes_read(netlink, &routes, &count, error);
	if (result < 0)
		return result;
	if (has_metric(routes, count, babeld_metric(number)) &&
	    !has_metric(routes, count, babeld_metric(number + 1)))
		number++;
	*ret = number;
	return 0;
}

/* Those with @metric; 0: all. */
static int delete_routes(struct babel *babel, uint32_t metric, struct error *error)
{
	CLEANUP(free) struct kernel_route *routes = NULL;
	struct netlink *netlink;
	size_t count = 0;
	int result = spaces_rtnetlink(babel->spaces, SPACE_OVERLAY, &netlink, error);

	if (result == 0)
		result = kernel_routes_read(netlink, &routes, &count, error);
	for (size_t i = 0; i < count && result == 0; i++)
		if (metric == 0 || metric == routes[i].metric)
			result = kernel_route_delete(netlink, &routes[i], error);
	return result;
}

static void prepare(const struct speaker *speaker, const struct state *intended,
		    struct generation *generation)
{
	memcpy(generation->router_id, speaker->router_id, sizeof(generation->router_id));
	memcpy(generation->digest, speaker->digest, sizeof(generation->digest));
	STATE_FOR_EACH(intended, OBJECT_BABEL_INTERFACE, object)
	if (generation->interfaces_count < GENERATION_INTERFACES_MAX)
		generation_put(generation, &object->babel_interface);
}

static int write_config(const struct babel *babel, const struct generation *generation,
			const struct babel_policy *policy, struct error *error)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct babeld_parameters parameters = { .generation = generation->number };

	memcpy(parameters.router_id, generation->router_id, sizeof(parameters.router_id));
	babeld_config_format(&parameters, policy, &text);
	return file_replace(babel->paths.config, text.bytes, text.length, 0600, error);
}

/*
 * Neighbours do not take updates with an older sequence number (RFC 8966, section 3.5.1) from a
 * router-id that they know. Four numbers a second is faster than babeld raises its own.
 */
static int write_seqno(const struct babel *babel, struct error *error)
{
	struct timespec now;
	char text[16];

	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)snprintf(text, sizeof(text), "%u\n",
		       (unsigned)((uint64_t)now.tv_sec * 4 + (uint64_t)now.tv_nsec / 250000000) &
			       0xffff);
	return file_replace(babel->paths.seqno, text, strlen(text), 0600, error);
}

/* Its configuration ends behind the gate. */
static int spawn(struct babel *babel, int input_fd, pid_t *ret, struct error *error)
{
	const char *const argv[] = {
		PROGRAM, "-c", babel->paths.config, "-c", "/proc/self/fd/0",		"-I",
		"",	 "-S", babel->paths.seqno,  "-G", babel->paths.control, NULL,
	};
	struct child_options options = {
		.argv = argv,
		.netns_fd = spaces_fd(babel->spaces, SPACE_OVERLAY),
		.input_fd = input_fd,
		.log_path = babel->paths.log,
		.file_max = LOG_MAX_BYTES,
	};

	if (options.netns_fd < 0)
		return error_set(error, options.netns_fd, ERROR_APPLY, PROGRAM,
				 "there is no network namespace for it yet");
	return child_spawn(&options, ret, error);
}

/* Without the one, the other would only make the gap longer. */
static void hand_over(const struct babel *babel)
{
	if (!babel->silence || !babeld_control_ready(babel->control))
		return;
	handover_say_hello(babel->spaces, &babel->running, babeld_control_tables(babel->control));
	babel->silence(babel->silence_userdata, handover_silence_ms(&babel->next.generation));
}

/* From here on the old one is gone; the next one does not do anything yet. */
static int replace(struct babel *babel, struct error *error)
{
	struct speaker_next *next = &babel->next;
	int result;

	hand_over(babel);
	kill_all(babel);
	if (leftovers_pending(babel->leftovers))
		leftovers_delete_replaced(babel->leftovers);
	leftovers_cancel(babel->leftovers);
	leftovers_set_policy(babel->leftovers, &next->policy);
	(void)unlink(babel->paths.control);
	result = delete_routes(babel, babeld_metric(next->generation.number), error);
	if (result < 0)
		return result;
	generation_done(&babel->running);
	babel->running = next->generation;
	next->generation = (struct generation) { 0 };
	babel->watch = TAKE(next->watch);
	result = speaker_save(babel, error);
	if (result < 0)
		return result;
	/* If it has ended just now, its watch says so. */
	(void)gate_open(TAKE(next->gate), BABELD_CONFIG_END);
	babel_policy_done(&next->policy);
	babeld_control_start(babel->control);
	return 0;
}

static void take_over(struct babel *babel)
{
	struct error error = { 0 };
	int result = write_seqno(babel, &error);

	if (result == 0) {
		result = replace(babel, &error);
		if (result < 0)
			kill_all(babel);
	}
	if (result == 0) {
		babel->phase = SPEAKER_STARTING;
		return;
	}
	speaker_abandon_next(babel);
	finish(babel, result, &error);
}

static void on_gate_reached(void *userdata, int result)
{
	struct babel *babel = userdata;
	struct error error = { 0 };

	if (result == 0) {
		take_over(babel);
		return;
	}
	speaker_abandon_next(babel);
	(void)error_set(&error, result, ERROR_APPLY, PROGRAM,
			"has not read its configuration %s after %d s", babel->paths.config,
			GATE_TIMEOUT_MS / 1000);
	finish(babel, result, &error);
}

static int launch_next(struct babel *babel, struct error *error)
{
	struct speaker_next *next = &babel->next;
	CLEANUP(close) int input_fd = -1;
	int result = gate_new(babel->loop, on_gate_reached, babel, &input_fd, &next->gate, error);

	if (result == 0)
		result = spawn(babel, input_fd, &next->generation.pid, error);
	if (result == 0)
		result = child_watch_new(babel->loop, next->generation.pid, on_ended, babel,
					 &next->watch, error);
	return result;
}

/* All that can fail for a reason in our hands comes before the old process is killed. */
static int begin(struct babel *babel, const struct speaker *speaker, const struct state *intended,
		 struct error *error)
{
	struct speaker_next *next = &babel->next;
	int result = babel_policy_parse(speaker->body ? speaker->body : "", &next->policy, error);

	if (result == 0)
		result = choose_number(babel, &next->generation.number, error);
	if (result < 0)
		return result;
	prepare(speaker, intended, &next->generation);
	result = write_config(babel, &next->generation, &next->policy, error);
	return result < 0 ? result : launch_next(babel, error);
}

int speaker_start(struct babel *babel, const struct speaker *speaker, const struct state *intended,
		  uint64_t id, struct error *error)
{
	int result;

	if (!spaces_netns_name(babel->spaces))
		return error_set(error, -EOPNOTSUPP, ERROR_UNSUPPORTED, PROGRAM,
				 "cannot route in a VRF; use a network namespace as overlay");
	if (babel->phase != SPEAKER_IDLE)
		return error_set(error, -EBUSY, ERROR_BUSY, PROGRAM,
				 "is being started or stopped already");
	babel->operation_id = id;
	result = begin(babel, speaker, intended, error);
	if (result < 0) {
		speaker_abandon_next(babel);
		return result;
	}
	babel->phase = SPEAKER_READING;
	return -EINPROGRESS;
}

static int clean_up(struct babel *babel, struct error *error)
{
	const char *const files[] = {
		babel->paths.config, babel->paths.control, babel->paths.seqno,
		babel->paths.record, babel->paths.log,
	};
	int result;

	leftovers_cancel(babel->leftovers);
	result = delete_routes(babel, 0, error);
	if (result < 0 && spaces_fd(babel->spaces, SPACE_OVERLAY) >= 0)
		return result;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (unlink(files[i]) < 0 && errno != ENOENT)
			return error_set(error, -errno, ERROR_FILE, files[i], "cannot delete: %m");
	generation_done(&babel->running);
	return 0;
}

static void on_stop_timeout(uv_timer_t *timer)
{
	struct babel *babel = timer->data;

	(void)child_signal(babel->running.pid, SIGKILL);
}

int speaker_stop(struct babel *babel, uint64_t id, struct error *error)
{
	if (babel->phase != SPEAKER_IDLE)
		return error_set(error, -EBUSY, ERROR_BUSY, PROGRAM,
				 "is being started or stopped already");
	kill_process(babel->stray);
	babel->stray = 0;
	if (babel->running.pid == 0)
		return clean_up(babel, error);
	babel->operation_id = id;
	babel->phase = SPEAKER_STOPPING;
	babeld_control_stop(babel->control);
	/* Politely: it tells its neighbours and takes its routes away. */
	(void)child_signal(babel->running.pid, SIGTERM);
	(void)uv_timer_start(&babel->stop_timer, on_stop_timeout, STOP_TIMEOUT_MS, 0);
	return -EINPROGRESS;
}

static int read_record(const struct babel *babel, struct generation *ret)
{
	CLEANUP(free) char *text = NULL;
	size_t size;
	int result = file_read(babel->paths.record, GENERATION_FILE_MAX, &text, &size, NULL);

	return result < 0 ? result : generation_parse(text, ret);
}

int speaker_adopt(struct babel *babel, struct error *error)
{
	pid_t owner = babeld_control_owner(babel->paths.control);
	bool is_recorded = read_record(babel, &babel->running) == 0;
	int result;

	if (owner > 0 && !runs_on_our_files(babel, owner))
		owner = 0;
	if (owner <= 0 || !is_recorded) {
		pid_t silent = babel->running.pid;

		babel->stray = owner > 0 ? owner : runs_on_our_files(babel, silent) ? silent : 0;
		babel->running.pid = 0;
		return 0;
	}
	babel->running.pid = owner;
	result = child_watch_new(babel->loop, owner, on_ended, babel, &babel->watch, error);
	if (result == -ESRCH) {
		babel->running.pid = 0;
		return 0;
	}
	if (result == 0)
		babeld_control_start(babel->control);
	return result;
}
