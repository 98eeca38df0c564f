// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/program.h"

#include "babel/seqno.h"
#include "base/file.h"
#include "base/memory.h"
#include "process/log_tail.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/*
 * Retractions to the neighbours take babeld 25 ms and 11 ms for each interface. BIRD takes its
 * routes out of the kernel one by one.
 */
#define STOP_TIMEOUT_MS 3000

char *program_path(const char *directory, const char *name)
{
	CLEANUP(strbuf_done) struct strbuf path = { 0 };

	strbuf_printf(&path, "%s/%s", directory, name);
	return strbuf_take(&path);
}

static char *stem_path(const char *directory, const char *stem, const char *suffix)
{
	CLEANUP(strbuf_done) struct strbuf path = { 0 };

	strbuf_printf(&path, "%s/%s.%s", directory, stem, suffix);
	return strbuf_take(&path);
}

static char *log_path(const char *directory, const char *name)
{
	CLEANUP(strbuf_done) struct strbuf path = { 0 };

	strbuf_printf(&path, "%s/log/%s.log", directory, name);
	return strbuf_take(&path);
}

static void open_timer(struct program *program, uv_timer_t *timer)
{
	(void)uv_timer_init(program->loop, timer);
	timer->data = program;
	program->open_timers++;
}

void program_init(struct program *program, const struct program_type *type,
		  const struct babel_options *options, const char *stem)
{
	program->type = type;
	program->loop = options->loop;
	program->spaces = options->spaces;
	program->events = options->events;
	program->deadline_ms = options->deadline_ms;
	program->quiet_ms = options->quiet_ms;
	program->clock_shift_ms = options->clock_shift_ms;
	program->config = stem_path(options->directory, stem, "conf");
	program->control = stem_path(options->directory, stem, "ctl");
	program->record = stem_path(options->directory, stem, "generation");
	program->log = log_path(options->directory, speaker_program_name(type->program));
	program->leftovers = leftovers_new(program->loop, program->spaces);
	open_timer(program, &program->stop_timer);
	open_timer(program, &program->look_timer);
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct program *program = handle->data;

	if (--program->open_timers == 0)
		free(program);
}

void program_free(struct program *program)
{
	if (!program)
		return;
	program->events.done = NULL;
	program->phase = PROGRAM_IDLE;
	program->type->abandon(program);
	program->type->done(program);
	child_watch_free(TAKE(program->watch));
	leftovers_free(TAKE(program->leftovers));
	generation_done(&program->running);
	free(program->config);
	free(program->control);
	free(program->record);
	free(program->log);
	uv_close((uv_handle_t *)&program->stop_timer, on_timer_closed);
	uv_close((uv_handle_t *)&program->look_timer, on_timer_closed);
}

struct control_options program_control_options(const struct program *program)
{
	return (struct control_options) {
		.loop = program->loop,
		.path = program->control,
		.deadline_ms = program->deadline_ms,
		.quiet_ms = program->quiet_ms,
	};
}

static bool same_namespace(pid_t pid, int netns_fd)
{
	struct stat theirs, ours;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	return stat(path, &theirs) == 0 && fstat(netns_fd, &ours) == 0 &&
	       theirs.st_ino == ours.st_ino && theirs.st_dev == ours.st_dev;
}

bool program_lives(const struct program *program)
{
	int netns_fd = spaces_fd(program->spaces, SPACE_OVERLAY);

	/*
	 * A process keeps a deleted namespace alive. Without an overlay it is still ours to stop;
	 * in a new overlay it is of no use.
	 */
	return program->running.pid > 0 &&
	       (netns_fd < 0 || same_namespace(program->running.pid, netns_fd));
}

int program_save(const struct program *program, struct error *error)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	generation_format(&program->running, &text);
	return file_replace(program->record, text.bytes, text.length, 0600, error);
}

/* Not the number alone: it may belong to another process by now. */
static bool runs_on_our_files(const struct program *program, pid_t pid)
{
	CLEANUP(close) int fd = -1;
	char path[64], arguments[512];
	ssize_t length;

	if (pid <= 1 || !child_is(pid, speaker_program_name(program->type->program)))
		return false;
	(void)snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	length = fd < 0 ? -1 : read(fd, arguments, sizeof(arguments));
	return length > 0 &&
	       memmem(arguments, (size_t)length, program->config, strlen(program->config) + 1);
}

static int read_record(const struct program *program, struct generation *ret)
{
	CLEANUP(free) char *text = NULL;
	size_t size;
	int result = file_read(program->record, GENERATION_FILE_MAX, &text, &size, NULL);

	return result < 0 ? result : generation_parse(text, ret);
}

/* By record and control socket: running.pid, or it is 0 and stray may be one that is left over. */
static void find_process(struct program *program)
{
	pid_t listening = control_client_owner(program->control);
	pid_t owner = runs_on_our_files(program, listening) ? listening : 0;
	bool is_recorded = read_record(program, &program->running) == 0;
	pid_t recorded = program->running.pid;

	program->running.pid = is_recorded ? owner : 0;
	if (program->running.pid == 0)
		program->stray = owner > 0				? owner
				 : runs_on_our_files(program, recorded) ? recorded
									: 0;
}

void program_kill_process(pid_t pid)
{
	if (pid <= 1)
		return;
	(void)child_signal(pid, SIGKILL);
	child_stop(pid, 0); /* waits for the end */
}

static void kill_stray(struct program *program)
{
	program_kill_process(program->stray);
	program->stray = 0;
}

static void unwatch(struct program *program)
{
	child_watch_free(TAKE(program->watch));
	program->running.pid = 0;
}

void program_kill(struct program *program)
{
	program->type->forget(program);
	program_kill_process(program->running.pid);
	kill_stray(program);
	unwatch(program);
}

struct kernel_route_place program_place(const struct program *program, uint32_t table)
{
	return (struct kernel_route_place) { .protocol = program->type->route_protocol,
					     .table = table };
}

static int read_routes(const struct program *program, uint32_t table, struct netlink **ret_netlink,
		       struct kernel_route **ret, size_t *ret_count, struct error *error)
{
	struct kernel_route_place place = program_place(program, table);
	int result = spaces_rtnetlink(program->spaces, SPACE_OVERLAY, ret_netlink, error);

	return result < 0 ? result
			  : kernel_routes_read(*ret_netlink, &place, ret, ret_count, error);
}

static bool has_metric(const struct kernel_route *routes, size_t count, uint32_t metric)
{
	for (size_t i = 0; i < count; i++)
		if (routes[i].metric == metric)
			return true;
	return false;
}

int program_next_number(const struct program *program, uint32_t table, uint64_t *ret,
			struct error *error)
{
	CLEANUP(free) struct kernel_route *routes = NULL;
	uint64_t number = program->running.number + 1;
	struct netlink *netlink;
	size_t count = 0;
	int result = read_routes(program, table, &netlink, &routes, &count, error);

	if (result < 0)
		return result;
	if (has_metric(routes, count, generation_metric(number)) &&
	    !has_metric(routes, count, generation_metric(number + 1)))
		number++;
	*ret = number;
	return 0;
}

int program_delete_routes(const struct program *program, uint32_t table, uint32_t metric,
			  struct error *error)
{
	const struct kernel_route_place place = program_place(program, table);
	CLEANUP(free) struct kernel_route *routes = NULL;
	struct netlink *netlink;
	size_t count = 0;
	int result = read_routes(program, table, &netlink, &routes, &count, error);

	for (size_t i = 0; i < count && result == 0; i++)
		if (metric == 0 || metric == routes[i].metric)
			result = kernel_route_delete(netlink, &place, &routes[i], error);
	return result;
}

void program_prepare(const struct speaker *speaker, const struct state *intended,
		     struct generation *generation)
{
	generation->program = speaker->program;
	generation->table = speaker->table;
	memcpy(generation->vrf, speaker->vrf, sizeof(generation->vrf));
	memcpy(generation->router_id, speaker->router_id, sizeof(generation->router_id));
	memcpy(generation->digest, speaker->digest, sizeof(generation->digest));
	STATE_FOR_EACH(intended, OBJECT_BABEL_INTERFACE, object)
	if (generation->interfaces_count < GENERATION_INTERFACES_MAX)
		generation_put(generation, &object->babel_interface);
}

uint64_t program_clock_ms(const struct program *program)
{
	return seqno_clock_ms() + (uint64_t)program->clock_shift_ms;
}

void program_succeed(struct program *program, struct program *former, uint64_t realtime_ms)
{
	if (!former->has_last_seqno)
		return;
	former->has_last_seqno = false;
	program->running.seqno_offset = seqno_offset_behind(realtime_ms, former->last_seqno);
}

/* Nothing is left: routes, files, the record. */
static int clean_up(struct program *program, struct error *error)
{
	const char *const files[] = { program->own_file, program->config, program->control,
				      program->log, program->record };
	int result;

	leftovers_cancel(program->leftovers);
	result = program_delete_routes(program, program->running.table, 0, error);
	if (result < 0 && spaces_fd(program->spaces, SPACE_OVERLAY) >= 0)
		return result;
	result = 0;
	for (size_t i = 0; i < ARRAY_SIZE(files) && result == 0; i++)
		result = file_delete(files[i], error);
	if (result == 0)
		generation_done(&program->running);
	return result;
}

bool program_is_idle(const struct program *program)
{
	return program->phase == PROGRAM_IDLE;
}

static int expect_idle(const struct program *program, struct error *error)
{
	if (program_is_idle(program))
		return 0;
	return error_set(error, -EBUSY, ERROR_BUSY, speaker_program_name(program->type->program),
			 "is being started, changed or stopped already");
}

void program_finish(struct program *program, int result, const struct error *error)
{
	const struct backend_events *events = &program->events;

	program->phase = PROGRAM_IDLE;
	program->type->abandon(program);
	if (events->done) /* not while it is being freed */
		events->done(events->userdata, program->operation_id, result, error);
}

void program_finish_failed_start(struct program *program)
{
	struct error error = { 0 };
	char tail[LOG_TAIL_SIZE];
	int result;

	log_tail_read(program->log, tail, sizeof(tail));
	result = error_set(&error, -ECHILD, ERROR_APPLY,
			   speaker_program_name(program->type->program),
			   "ended at once: \"%s\"; see %s", tail, program->log);
	program_finish(program, result, &error);
}

static void finish_stop(struct program *program)
{
	struct error error = { 0 };
	int result = clean_up(program, &error);

	(void)uv_timer_stop(&program->stop_timer);
	program_finish(program, result, &error);
}

/* "babeld ended" */
static void tell(const struct program *program, const char *what)
{
	char reason[32];

	(void)snprintf(reason, sizeof(reason), "%s %s",
		       speaker_program_name(program->type->program), what);
	program->events.dirty(program->events.userdata, reason);
}

void program_ended(void *userdata, pid_t pid)
{
	struct program *program = userdata;

	(void)pid;
	program->type->forget(program);
	unwatch(program);
	switch (program->phase) {
	case PROGRAM_IDLE:
	case PROGRAM_CONFIGURING: /* the command is answered with -ECONNRESET */
		tell(program, "ended");
		break;
	case PROGRAM_READING:
		break; /* the next one is on its way */
	case PROGRAM_STARTING:
		program_finish_failed_start(program);
		break;
	case PROGRAM_STOPPING:
		finish_stop(program);
		break;
	}
}

void program_ready(void *userdata)
{
	struct program *program = userdata;
	const struct generation *running = &program->running;
	const struct kernel_route_place place = program_place(program, running->table);

	leftovers_begin(program->leftovers, &place, generation_metric(running->number));
	if (program->phase == PROGRAM_STARTING)
		program->type->started(program);
	else
		tell(program, "answers");
}

void program_failed(void *userdata, const struct error *error)
{
	struct program *program = userdata;

	program_kill(program);
	switch (program->phase) {
	case PROGRAM_IDLE:
	case PROGRAM_CONFIGURING:
		program->events.dirty(program->events.userdata, error->text);
		break;
	case PROGRAM_READING:
		break; /* the next one is on its way */
	case PROGRAM_STARTING:
		program_finish(program, error->code == ERROR_UNSUPPORTED ? -ENOTSUP : -ETIMEDOUT,
			       error);
		break;
	case PROGRAM_STOPPING:
		break; /* not reached: the client is stopped before it gives up */
	}
}

int program_adopt(struct program *program, struct error *error)
{
	int result;

	find_process(program);
	if (program->running.pid == 0)
		return 0;
	result = child_watch_new(program->loop, program->running.pid, program_ended, program,
				 &program->watch, error);
	if (result == 0)
		program->type->connect(program);
	if (result != -ESRCH)
		return result;
	program->running.pid = 0;
	return 0;
}

int program_start(struct program *program, const struct speaker *speaker,
		  const struct state *intended, uint64_t id, struct error *error)
{
	int result = expect_idle(program, error);

	if (result < 0)
		return result;
	program->operation_id = id;
	result = program->type->start(program, speaker, intended, error);
	if (result != -EINPROGRESS)
		program->type->abandon(program);
	return result;
}

int program_follow(struct program *program, const struct state *intended, uint64_t id,
		   struct error *error)
{
	const struct object like = { .kind = OBJECT_SPEAKER, .speaker.name = SPEAKER_NAME };
	const struct object *object = state_find(intended, &like);

	return object ? program_start(program, &object->speaker, intended, id, error) : 0;
}

static void on_stop_timeout(uv_timer_t *timer)
{
	const struct program *program = timer->data;

	(void)child_signal(program->running.pid, SIGKILL);
}

int program_stop(struct program *program, uint64_t id, struct error *error)
{
	int result = expect_idle(program, error);

	if (result < 0)
		return result;
	kill_stray(program);
	if (program->running.pid == 0)
		return clean_up(program, error);
	program->operation_id = id;
	program->phase = PROGRAM_STOPPING;
	(void)uv_timer_start(&program->stop_timer, on_stop_timeout, STOP_TIMEOUT_MS, 0);
	program->type->end(program);
	return -EINPROGRESS;
}
