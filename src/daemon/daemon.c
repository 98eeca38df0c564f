// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/daemon.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "config/config.h"
#include "control/server.h"
#include "control/socket.h"
#include "daemon/expiring.h"
#include "daemon/follow.h"
#include "daemon/follow_etag.h"
#include "daemon/load.h"
#include "daemon/node.h"
#include "daemon/notify.h"
#include "daemon/requests.h"
#include "registry/store.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define RESOLVER_THREADS "8" /* libuv uses at most half of its pool for look-ups */
#define TAKE_DOWN_TIMEOUT_MS 30000

static const int handled_signals[] = { SIGTERM, SIGINT, SIGHUP };
#define SIGNALS 3

/* The life of the daemon goes through these in order, and may skip any. */
enum phase {
	PHASE_CLOSED, /* no handle of the loop is open, before and after */
	PHASE_STARTING,
	PHASE_READY, /* the machine was as intended for the first time; READY=1 was sent */
	PHASE_TAKING_DOWN,
};

struct daemon {
	const struct daemon_options *options;
	uv_loop_t loop;
	int lock_fd;
	struct node *node;
	struct loads *loads; /* the requests' */
	struct requests *requests;
	struct expiring *expiring;
	struct follow *follow;
	struct control_server *server;
	uv_signal_t signals[SIGNALS];
	uv_timer_t watchdog;
	uv_timer_t timeout; /* of a take-down that nobody watches by aronet status */
	enum phase phase;
	bool forget;
	bool reload_is_due; /* a signal came while a registry was on its way */
	int exit_code;
};

/* No secret in a core dump, and none for a debugger of the same user. */
static void protect_memory(void)
{
	const struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0);
}

static void say(const struct error *error)
{
	char line[ERROR_LINE_SIZE];

	(void)fprintf(stderr, "aronet: %s\n", error_format(error, line, sizeof(line)));
}

static void close_handle(uv_handle_t *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

/* Close what keeps the loop running; what belongs to the machine stays as it is. */
static void stop(struct daemon *daemon)
{
	if (daemon->phase == PHASE_CLOSED)
		return;
	daemon->phase = PHASE_CLOSED;
	for (size_t i = 0; i < SIGNALS; i++)
		close_handle((uv_handle_t *)&daemon->signals[i]);
	close_handle((uv_handle_t *)&daemon->watchdog);
	close_handle((uv_handle_t *)&daemon->timeout);
	follow_close(TAKE(daemon->follow));
	expiring_close(TAKE(daemon->expiring));
	requests_close(TAKE(daemon->requests));
	control_server_close(TAKE(daemon->server));
	node_close(TAKE(daemon->node));
}

static void remove_files(const struct daemon *daemon)
{
	const struct config *config = node_config(daemon->node);
	char path[PATH_MAX];

	if (daemon->forget) {
		(void)snprintf(path, sizeof(path), "%s/" REGISTRY_STORE_FILE, config->state_dir);
		(void)unlink(path);
		(void)snprintf(path, sizeof(path), "%s/" FOLLOW_ETAG_FILE, config->state_dir);
		(void)unlink(path);
		(void)rmdir(config->state_dir);
	}
	(void)snprintf(path, sizeof(path), "%s/private", config->runtime_dir);
	(void)file_remove_tree(path);
	(void)rmdir(config->runtime_dir); /* only if nothing else is in it */
}

/* The machine is clean. */
static void taken_down(struct daemon *daemon)
{
	log_info("event=down");
	requests_taken_down(daemon->requests);
	control_server_close(TAKE(daemon->server));
	remove_files(daemon);
	stop(daemon);
}

static void begin_take_down(struct daemon *daemon)
{
	if (daemon->phase == PHASE_TAKING_DOWN)
		return;
	daemon->phase = PHASE_TAKING_DOWN;
	node_take_down(daemon->node);
}

static void take_down(void *userdata, bool forget)
{
	struct daemon *daemon = userdata;

	daemon->forget |= forget;
	begin_take_down(daemon);
}

/* End with the machine half taken down; the next start or aronet down finds what is left. */
static void give_up(struct daemon *daemon)
{
	const struct problem *problems;
	size_t count = reconciler_problems(node_machine(daemon->node)->reconciler, &problems);

	for (size_t i = 0; i < count; i++)
		log_error("event=down left=\"%s\" error=\"%s\"", problems[i].object,
			  problems[i].text);
	daemon->exit_code = EXIT_APPLY;
	stop(daemon);
}

static void take_down_timeout(uv_timer_t *timer)
{
	give_up(timer->data);
}

static void settled(void *userdata)
{
	struct daemon *daemon = userdata;
	const struct problem *problems;
	size_t count;

	if (!daemon->node)
		return;
	count = reconciler_problems(node_machine(daemon->node)->reconciler, &problems);
	if (daemon->phase == PHASE_TAKING_DOWN) {
		if (count == 0)
			taken_down(daemon);
		return;
	}
	if (daemon->phase == PHASE_STARTING) {
		daemon->phase = PHASE_READY;
		log_info("event=ready problems=%zu", count);
		notify("READY=1\nSTATUS=%s, %zu problems", node_config(daemon->node)->ifname,
		       count);
	}
	requests_settled(daemon->requests);
}

static int reload(void *userdata, struct error *error)
{
	struct daemon *daemon = userdata;
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	CLEANUP(config_free) struct config *config = NULL;
	int result;

	/* It is judged by the configuration as it was, and must be followed by the same. */
	if (loads_are_running(daemon->loads))
		return error_set(error, -EBUSY, ERROR_BUSY, NULL,
				 "a registry is being loaded; try again when it is in force");
	result = config_load(daemon->options->config_path, &warnings, &config, error);
	if (result < 0)
		return result;
	log_warnings(&warnings);
	result = node_set_config(daemon->node, config, error);
	if (result < 0)
		return result;
	(void)TAKE(config);
	log_warnings(&node_warnings(daemon->node)->local);
	/* The stored one may have been of no use because of the configuration. */
	if (!node_registry(daemon->node)->registry)
		loads_start(daemon->node);
	expiring_check(daemon->expiring);
	follow_configure(daemon->follow);
	return 0;
}

static void reload_by_signal(struct daemon *daemon)
{
	char line[ERROR_LINE_SIZE];
	struct error error = { 0 };
	int result;

	if (daemon->phase == PHASE_TAKING_DOWN)
		return;
	result = reload(daemon, &error);
	daemon->reload_is_due = result == -EBUSY;
	if (result < 0 && result != -EBUSY)
		log_error("event=reload kept=old error=\"%s\"",
			  error_format(&error, line, sizeof(line)));
	else if (result == 0)
		log_info("event=reload");
}

static void loads_idle(void *userdata)
{
	struct daemon *daemon = userdata;

	expiring_check(daemon->expiring);
	if (daemon->reload_is_due)
		reload_by_signal(daemon);
}

static void got_signal(uv_signal_t *handle, int number)
{
	struct daemon *daemon = handle->data;

	log_info("event=signal signal=%s", strsignal(number));
	if (number != SIGHUP && daemon->phase == PHASE_TAKING_DOWN) {
		give_up(daemon);
	} else if (number == SIGTERM) {
		notify("STOPPING=1");
		stop(daemon);
	} else if (number == SIGINT) {
		notify("STOPPING=1");
		begin_take_down(daemon);
		(void)uv_timer_start(&daemon->timeout, take_down_timeout, TAKE_DOWN_TIMEOUT_MS, 0);
	} else {
		reload_by_signal(daemon);
	}
}

static void feed_watchdog(uv_timer_t *timer)
{
	(void)timer;
	notify("WATCHDOG=1");
}

static void do_nothing(uv_work_t *work)
{
	(void)work;
}

static void done_nothing(uv_work_t *work, int status)
{
	(void)work;
	(void)status;
}

/*
 * libuv starts its threads at the first use, in the network namespace of that moment: they have to
 * be in the underlay, where names are resolved.
 */
static void start_threads(uv_loop_t *loop)
{
	uv_work_t work;

	(void)uv_queue_work(loop, &work, do_nothing, done_nothing);
	(void)uv_run(loop, UV_RUN_DEFAULT);
}

static void open_handles(struct daemon *daemon)
{
	unsigned watchdog_ms = notify_watchdog_ms();

	for (size_t i = 0; i < SIGNALS; i++) {
		(void)uv_signal_init(&daemon->loop, &daemon->signals[i]);
		daemon->signals[i].data = daemon;
		(void)uv_signal_start(&daemon->signals[i], got_signal, handled_signals[i]);
	}
	(void)uv_timer_init(&daemon->loop, &daemon->watchdog);
	(void)uv_timer_init(&daemon->loop, &daemon->timeout);
	daemon->timeout.data = daemon;
	if (watchdog_ms)
		(void)uv_timer_start(&daemon->watchdog, feed_watchdog, watchdog_ms, watchdog_ms);
	daemon->phase = PHASE_STARTING;
}

/* Configuration, lock, loop, node. Changes nothing on the machine but the runtime directory. */
static int open_daemon(struct daemon *daemon, struct error *error)
{
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	CLEANUP(config_free) struct config *config = NULL;
	int result = config_load(daemon->options->config_path, &warnings, &config, error);

	daemon->exit_code = EXIT_CONFIG;
	if (result < 0)
		return result;
	log_warnings(&warnings);
	result = control_lock(config->runtime_dir, &daemon->lock_fd, error);
	if (result < 0) {
		daemon->exit_code = (int)error_exit_code(error->code);
		return result;
	}
	(void)setenv("UV_THREADPOOL_SIZE", RESOLVER_THREADS, 1);
	(void)uv_loop_init(&daemon->loop);
	start_threads(&daemon->loop);
	open_handles(daemon);
	result = node_new(&daemon->loop, TAKE(config), settled, daemon, &daemon->node, error);
	if (result < 0)
		daemon->exit_code = (int)error_exit_code(error->code);
	return result;
}

static int load_given_registry(struct daemon *daemon, struct error *error)
{
	struct load_options load = {
		.name = daemon->options->registry_path,
		.allow_unsigned = daemon->options->allow_unsigned,
	};
	CLEANUP(free) char *bytes = NULL;
	int result = file_read(load.name, BUNDLE_SIZE_MAX, &bytes, &load.size, error);

	load.bytes = bytes;
	if (result == 0)
		result = loads_run(daemon->loads, &load, error);
	if (result < 0)
		daemon->exit_code = (int)error_exit_code(error->code);
	return result;
}

static void warn(void *userdata, const char *text)
{
	(void)userdata;
	log_warning("event=control text=\"%s\"", text);
}

static int serve(struct daemon *daemon, struct error *error)
{
	const struct config *config = node_config(daemon->node);
	const struct requests_hooks hooks = {
		.userdata = daemon,
		.reload = reload,
		.take_down = take_down,
	};
	struct control_server_options options = {
		.loop = &daemon->loop,
		.runtime_dir = config->runtime_dir,
		.group = config->control_group,
		.handler = requests_handle,
		.warning = warn,
	};
	int result;

	daemon->loads = loads_new(&daemon->loop, daemon->node);
	loads_when_idle(daemon->loads, loads_idle, daemon);
	daemon->requests = requests_new(&daemon->loop, daemon->node, daemon->loads,
					daemon->options->config_path, &hooks);
	options.userdata = daemon->requests;
	loads_start(daemon->node);
	if (daemon->options->registry_path) {
		result = load_given_registry(daemon, error);
		if (result < 0)
			return result;
	}
	result = control_server_start(&options, &daemon->server, error);
	if (result < 0) {
		/* A value is one of the configuration. */
		daemon->exit_code = error->code == ERROR_VALUE ? EXIT_CONFIG
							       : (int)error_exit_code(error->code);
		return result;
	}
	daemon->expiring = expiring_new(&daemon->loop, daemon->node);
	expiring_check(daemon->expiring);
	node_start(daemon->node);
	daemon->follow = follow_new(&daemon->loop, daemon->node, daemon->loads);
	follow_configure(daemon->follow);
	return 0;
}

/* Let the last handles close, and give everything back. */
static void close_daemon(struct daemon *daemon)
{
	if (daemon->lock_fd < 0)
		return;
	stop(daemon);
	(void)uv_run(&daemon->loop, UV_RUN_DEFAULT);
	(void)uv_loop_close(&daemon->loop);
	(void)close(daemon->lock_fd);
}

int daemon_run(const struct daemon_options *options)
{
	struct daemon daemon = { .options = options, .lock_fd = -1 };
	struct error error = { 0 };
	int result;

	log_set_level(options->log_level);
	protect_memory();
	(void)signal(SIGPIPE, SIG_IGN);
	result = open_daemon(&daemon, &error);
	if (result == 0)
		result = serve(&daemon, &error);
	if (result < 0) {
		say(&error);
	} else {
		daemon.exit_code = EXIT_DONE;
		(void)uv_run(&daemon.loop, UV_RUN_DEFAULT);
	}
	close_daemon(&daemon);
	return daemon.exit_code;
}

int daemon_take_down(const char *config_path, bool forget, struct error *error)
{
	const struct daemon_options options = { .config_path = config_path };
	struct daemon daemon = { .options = &options, .lock_fd = -1, .forget = forget };
	int result;

	log_set_level(LOG_LEVEL_WARNING);
	protect_memory();
	result = open_daemon(&daemon, error);
	if (result == 0) {
		daemon.exit_code = EXIT_DONE;
		begin_take_down(&daemon);
		(void)uv_timer_start(&daemon.timeout, take_down_timeout, TAKE_DOWN_TIMEOUT_MS, 0);
		(void)uv_run(&daemon.loop, UV_RUN_DEFAULT);
		if (daemon.exit_code == EXIT_APPLY)
			result = error_set(error, -ETIMEDOUT, ERROR_APPLY, NULL,
					   "not everything has been removed; what is left is told "
					   "above");
	}
	close_daemon(&daemon);
	return result;
}
