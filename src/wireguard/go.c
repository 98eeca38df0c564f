// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireguard/go.h"

#include "base/file.h"
#include "base/memory.h"
#include "netlink/link.h"
#include "process/child.h"
#include "wireguard/uapi_client.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define PROGRAM "wireguard-go"
#define POLL_MS 10

/* A process whose end we want to hear of. */
struct serving {
	struct serving *next;
	struct go *go;
	char link[IFNAME_SIZE];
	pid_t pid;
	struct child_watch *watch;
};

/* A process that has been started and does not answer yet. Freed by its timer's close callback. */
struct starting {
	struct starting *next;
	struct go *go;
	struct link link;
	pid_t pid;
	uint64_t id;
	uint64_t give_up_at_ms;
	uv_timer_t timer;
};

/* A process that has been told to end. */
struct stopping {
	struct stopping *next;
	struct go *go;
	char link[IFNAME_SIZE];
	uint64_t id;
	struct child_ending *ending;
};

struct go {
	uv_loop_t *loop;
	struct spaces *spaces;
	char *log_directory;
	struct backend_events events;
	struct serving *serving;
	struct starting *starting;
	struct stopping *stopping;
};

int go_new(uv_loop_t *loop, struct spaces *spaces, const char *log_directory,
	   const struct backend_events *events, struct go **ret, struct error *error)
{
	struct go *go;
	int result = file_make_directory(log_directory, 0700, error);

	if (result < 0)
		return result;
	go = NEW(struct go);
	go->loop = loop;
	go->spaces = spaces;
	go->log_directory = memory_strdup(log_directory);
	go->events = *events;
	*ret = go;
	return 0;
}

static void log_path(const struct go *go, const char *link, char ret[PATH_MAX])
{
	(void)snprintf(ret, PATH_MAX, "%s/%s.log", go->log_directory, link);
}

static struct serving **find_serving(struct go *go, const char *link)
{
	struct serving **serving = &go->serving;

	while (*serving && strcmp((*serving)->link, link) != 0)
		serving = &(*serving)->next;
	return serving;
}

static void forget_serving(struct serving **place)
{
	struct serving *serving = *place;

	if (!serving)
		return;
	*place = serving->next;
	child_watch_free(serving->watch);
	free(serving);
}

static void serving_ended(void *userdata, pid_t pid)
{
	struct serving *serving = userdata;
	struct go *go = serving->go;
	char reason[96];

	(void)snprintf(reason, sizeof(reason), PROGRAM " of %s (process %d) ended", serving->link,
		       (int)pid);
	forget_serving(find_serving(go, serving->link));
	go->events.dirty(go->events.userdata, reason);
}

/* A process that cannot be watched has ended already: observing shows it. */
static void watch_process(struct go *go, const char *link, pid_t pid)
{
	struct serving **place = find_serving(go, link);
	struct serving *serving;

	if (*place && (*place)->pid == pid)
		return;
	forget_serving(place);
	serving = NEW(struct serving);
	serving->go = go;
	serving->pid = pid;
	(void)snprintf(serving->link, sizeof(serving->link), "%s", link);
	if (child_watch_new(go->loop, pid, serving_ended, serving, &serving->watch, NULL) < 0) {
		free(serving);
		return;
	}
	serving->next = go->serving;
	go->serving = serving;
}

/* The wireguard-go at the other end of a connected control socket, or 0. */
static pid_t process_behind(int fd)
{
	pid_t pid = child_of_socket(fd);

	return pid > 0 && child_is(pid, PROGRAM) ? pid : 0;
}

void go_adopt(struct go *go, const char *link, int fd)
{
	pid_t pid = process_behind(fd);

	if (pid)
		watch_process(go, link, pid);
}

pid_t go_pid(const struct go *go, const char *link)
{
	for (const struct serving *serving = go->serving; serving; serving = serving->next)
		if (!strcmp(serving->link, link))
			return serving->pid;
	return 0;
}

static void starting_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void forget_starting(struct starting *starting)
{
	struct starting **place = &starting->go->starting;

	while (*place != starting)
		place = &(*place)->next;
	*place = starting->next;
	uv_close((uv_handle_t *)&starting->timer, starting_closed);
}

static int remove_socket_file(const char *link, struct error *error)
{
	char path[UAPI_PATH_SIZE];

	if (unlink(uapi_path(link, path)) < 0 && errno != ENOENT)
		return error_set(error, -errno, ERROR_FILE, path, "cannot remove: %m");
	return 0;
}

/* Its interface has no mark yet: nobody would find it again to end it. */
static void give_up(struct starting *starting)
{
	child_stop(starting->pid, GO_STOP_TIMEOUT_MS);
	(void)remove_socket_file(starting->link.name, NULL);
	forget_starting(starting);
}

static void forget_stopping(struct stopping *stopping)
{
	struct stopping **place = &stopping->go->stopping;

	while (*place != stopping)
		place = &(*place)->next;
	*place = stopping->next;
	child_ending_free(stopping->ending);
	free(stopping);
}

void go_free(struct go *go)
{
	if (!go)
		return;
	while (go->serving)
		forget_serving(&go->serving);
	while (go->starting)
		give_up(go->starting);
	while (go->stopping)
		forget_stopping(go->stopping);
	free(go->log_directory);
	free(go);
}

/*
 * Was @pid started by us for @link? Then its output goes to the log file of that link. This is
 * asked only where the alias of the device cannot tell, because there is none yet.
 */
static bool is_ours(const struct go *go, const char *link, pid_t pid)
{
	char path[PATH_MAX], output[64];
	struct stat expected, found;

	log_path(go, link, path);
	(void)snprintf(output, sizeof(output), "/proc/%d/fd/1", (int)pid);
	return stat(path, &expected) == 0 && stat(output, &found) == 0 &&
	       expected.st_dev == found.st_dev && expected.st_ino == found.st_ino;
}

/*
 * A daemon that crashed between start and move, or an overlay that was deleted, leaves a process
 * with its control socket; a process that was killed leaves the socket's file.
 */
static int clear_leftovers(struct go *go, const char *link, struct error *error)
{
	CLEANUP(close) int fd = uapi_connect(link);
	char path[UAPI_PATH_SIZE];
	pid_t pid;

	if (fd == -ENOENT)
		return 0;
	if (fd < 0 && fd != -ECONNREFUSED)
		return error_set(error, fd, ERROR_APPLY, uapi_path(link, path),
				 "cannot find out whose socket this is: %s", strerror(-fd));
	if (fd >= 0) {
		pid = child_of_socket(fd);
		if (pid <= 0 || !child_is(pid, PROGRAM) || !is_ours(go, link, pid))
			return error_set(
				error, -EADDRINUSE, ERROR_APPLY, uapi_path(link, path),
				"process %d serves this control socket and was not started "
				"by aronet; end it or rename its interface",
				(int)pid);
		forget_serving(find_serving(go, link));
		child_stop(pid, GO_STOP_TIMEOUT_MS);
	}
	return remove_socket_file(link, error);
}

static int check_name_is_free(struct go *go, const char *link, struct error *error)
{
	static const enum space spaces[] = { SPACE_UNDERLAY, SPACE_OVERLAY };

	for (size_t i = 0; i < ARRAY_SIZE(spaces); i++)
		if (link_exists(go->spaces, spaces[i], link))
			return error_set(error, -EEXIST, ERROR_APPLY, link,
					 "an interface of this name that is not ours is in the %s; "
					 "rename or delete it",
					 space_name(spaces[i]));
	return 0;
}

/* The first line of its log says why a process has ended. */
static void read_log(const struct go *go, const char *link, char *buffer, size_t size)
{
	char path[PATH_MAX];

	log_path(go, link, path);
	if (file_read_value(AT_FDCWD, path, buffer, size) < 0)
		(void)snprintf(buffer, size, "no message");
	buffer[strcspn(buffer, "\n")] = '\0';
}

/*
 * Marked before it is moved: a device without a mark in the overlay, after a crash in between,
 * would be a stranger's for ever. Alias and group survive the move.
 */
static int take_over(struct starting *starting, struct error *error)
{
	struct go *go = starting->go;
	struct link marked = starting->link;
	int result;

	marked.space = SPACE_UNDERLAY;
	marked.up = false;
	result = link_adopt(go->spaces, &marked, error);
	if (result == 0)
		result = link_move_to_space(go->spaces, marked.name, SPACE_UNDERLAY, SPACE_OVERLAY,
					    error);
	if (result < 0)
		return result;
	return link_adopt(go->spaces, &starting->link, error);
}

static void start_ended(struct starting *starting, int result, const struct error *error)
{
	struct go *go = starting->go;
	uint64_t id = starting->id;

	if (result == 0) {
		watch_process(go, starting->link.name, starting->pid);
	} else {
		child_stop(starting->pid, GO_STOP_TIMEOUT_MS);
		(void)remove_socket_file(starting->link.name, NULL);
	}
	forget_starting(starting);
	go->events.done(go->events.userdata, id, result, error);
}

static void start_poll(uv_timer_t *timer)
{
	struct starting *starting = timer->data;
	const char *link = starting->link.name;
	CLEANUP(close) int fd = uapi_connect(link);
	struct error error = { 0 };
	char text[160];
	int result;

	if (fd >= 0 && link_exists(starting->go->spaces, SPACE_UNDERLAY, link)) {
		result = take_over(starting, &error);
		start_ended(starting, result, &error);
	} else if (!child_is(starting->pid, PROGRAM)) {
		read_log(starting->go, link, text, sizeof(text));
		result = error_set(&error, -ECHILD, ERROR_APPLY, link, PROGRAM " ended at once: %s",
				   text);
		start_ended(starting, result, &error);
	} else if (uv_now(starting->go->loop) >= starting->give_up_at_ms) {
		result = error_set(&error, -ETIMEDOUT, ERROR_APPLY, link,
				   PROGRAM " (process %d) made no interface within %d s",
				   (int)starting->pid, GO_START_TIMEOUT_MS / 1000);
		start_ended(starting, result, &error);
	}
}

static int spawn(struct go *go, const char *link, pid_t *ret, struct error *error)
{
	/* With the first variable it does not fork away; -f says the same to other versions. */
	static const char *const environment[] = { "WG_PROCESS_FOREGROUND=1", "LOG_LEVEL=error",
						   NULL };
	const char *const argv[] = { PROGRAM, "-f", link, NULL };
	char path[PATH_MAX];
	struct child_options options = {
		.argv = argv, .environment = environment, .netns_fd = -1, .log_path = path
	};

	log_path(go, link, path);
	return child_spawn(&options, ret, error);
}

int go_start(struct go *go, const struct link *link, uint64_t id, struct error *error)
{
	struct starting *starting;
	pid_t pid = 0;
	int result = clear_leftovers(go, link->name, error);

	if (result == 0)
		result = check_name_is_free(go, link->name, error);
	if (result == 0)
		result = spawn(go, link->name, &pid, error);
	if (result < 0)
		return result;
	starting = NEW(struct starting);
	starting->go = go;
	starting->link = *link;
	starting->pid = pid;
	starting->id = id;
	starting->timer.data = starting;
	uv_update_time(go->loop);
	starting->give_up_at_ms = uv_now(go->loop) + GO_START_TIMEOUT_MS;
	starting->next = go->starting;
	go->starting = starting;
	(void)uv_timer_init(go->loop, &starting->timer);
	(void)uv_timer_start(&starting->timer, start_poll, POLL_MS, POLL_MS);
	return -EINPROGRESS;
}

static bool is_starting(const struct go *go, const char *link)
{
	const struct starting *starting = go->starting;

	while (starting && strcmp(starting->link.name, link) != 0)
		starting = starting->next;
	return starting != NULL;
}

static int remove_link(struct go *go, const char *link, struct error *error)
{
	if (!link_exists(go->spaces, SPACE_OVERLAY, link))
		return 0;
	return link_delete(go->spaces, SPACE_OVERLAY, link, error);
}

/* The process is gone, and its device with it; what is left is a file, or a link of no process. */
static int remove_rest(struct go *go, const char *link, struct error *error)
{
	int result = remove_socket_file(link, error);

	return result < 0 ? result : remove_link(go, link, error);
}

static void process_gone(void *userdata, pid_t pid)
{
	struct stopping *stopping = userdata;
	struct go *go = stopping->go;
	uint64_t id = stopping->id;
	struct error error = { 0 };
	int result = remove_rest(go, stopping->link, &error);

	(void)pid;
	forget_stopping(stopping);
	go->events.done(go->events.userdata, id, result, &error);
}

static int begin_stopping(struct go *go, const char *link, pid_t pid, uint64_t id)
{
	struct stopping *stopping = NEW(struct stopping);
	int result;

	stopping->go = go;
	stopping->id = id;
	(void)snprintf(stopping->link, sizeof(stopping->link), "%s", link);
	result = child_ending_new(go->loop, pid, GO_STOP_TIMEOUT_MS, process_gone, stopping,
				  &stopping->ending, NULL);
	if (result < 0) {
		free(stopping);
		return result;
	}
	stopping->next = go->stopping;
	go->stopping = stopping;
	return -EINPROGRESS;
}

int go_stop(struct go *go, const char *link, uint64_t id, struct error *error)
{
	CLEANUP(close) int fd = uapi_connect(link);
	pid_t pid = fd >= 0 ? process_behind(fd) : 0;

	/* The plan wanted the leftover in the underlay to go; the start has ended it already. */
	if (is_starting(go, link))
		return 0;
	/* One whose socket file was deleted is still known by its number. */
	if (!pid)
		pid = go_pid(go, link);
	forget_serving(find_serving(go, link));
	if (pid && begin_stopping(go, link, pid, id) == -EINPROGRESS)
		return -EINPROGRESS;
	/* A socket on which somebody else listens stays. */
	return fd >= 0 && !pid ? remove_link(go, link, error) : remove_rest(go, link, error);
}
