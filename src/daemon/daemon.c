// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/daemon.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "config/config.h"
#include "control/server.h"
#include "control/socket.h"
#include "daemon/node.h"
#include "daemon/notify.h"
#include "daemon/requests.h"
#include "registry/registry.h"
#include "registry/store.h"

#include "crypto/crypto.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define REGISTRY_BYTES_MAX ((size_t)32 << 20)
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
	struct requests *requests;
	struct control_server *server;
	uv_signal_t signals[SIGNALS];
	uv_timer_t watchdog;
	uv_timer_t timeout; /* of a take-down that nobody watches by aronet status */
	enum phase phase;
	bool forget;
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

static void say_warnings(const struct warnings *warnings)
{
	for (size_t i = 0; i < warnings->count; i++)
		log_warning("code=%s text=\"%s\"", warnings->items[i].code,
			    warnings->items[i].text);
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
	size_t count = reconciler_problems(node_reconciler(daemon->node), &problems);

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
	count = reconciler_problems(node_reconciler(daemon->node), &problems);
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
	int result = config_load(daemon->options->config_path, &warnings, &config, error);

	if (result < 0)
		return result;
	say_warnings(&warnings);
	result = node_set_config(daemon->node, config, error);
	if (result == 0)
		(void)TAKE(config);
	return result;
}

static void got_signal(uv_signal_t *handle, int number)
{
	struct daemon *daemon = handle->data;
	char line[ERROR_LINE_SIZE];
	struct error error = { 0 };

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
	} else if (reload(daemon, &error) < 0) {
		log_error("event=reload kept=old error=\"%s\"",
			  error_format(&error, line, sizeof(line)));
	} else {
		log_info("event=reload");
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
	say_warnings(&warnings);
	result = control_lock(config->runtime_dir, &daemon->lock_fd, error);
	if (result < 0)
		return result;
	(void)setenv("UV_THREADPOOL_SIZE", RESOLVER_THREADS, 1);
	(void)uv_loop_init(&daemon->loop);
	start_threads(&daemon->loop);
	open_handles(daemon);
	result = node_new(&daemon->loop, TAKE(config), settled, daemon, &daemon->node, error);
	if (result < 0)
		daemon->exit_code = (int)error_exit_code(error->code);
	return result;
}

/* What was accepted last. Whatever is wrong with it is said, and the node then stands alone. */
static void load_stored_registry(struct daemon *daemon)
{
	const struct config *config = node_config(daemon->node);
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	CLEANUP(registry_free) struct registry *registry = NULL;
	CLEANUP(state_free) struct state *state = NULL;
	CLEANUP(free) char *bytes = NULL;
	uint8_t digest[KEY_SIZE];
	char line[ERROR_LINE_SIZE];
	struct error error = { 0 };
	size_t size = 0;
	int result;

	result = registry_store_load(config->state_dir, config->registry.allow_unsigned, &warnings,
				     &registry, &error);
	if (result == 0)
		result = registry_store_read(config->state_dir, &bytes, &size, &error);
	if (result == -ENOENT)
		return;
	if (result == 0)
		result = node_intend(daemon->node, registry, &state, &warnings, &error);
	if (result < 0) {
		log_error("event=registry state=unusable error=\"%s\"",
			  error_format(&error, line, sizeof(line)));
		return;
	}
	crypto_sha256(bytes, size, digest);
	say_warnings(&warnings);
	log_info("event=registry nodes=%zu source=stored", registry->nodes_count);
	node_set_registry(daemon->node, TAKE(registry), digest, &warnings);
}

static int load_given_registry(struct daemon *daemon, struct error *error)
{
	const struct daemon_options *options = daemon->options;
	CLEANUP(free) char *bytes = NULL;
	size_t size;
	int result = file_read(options->registry_path, REGISTRY_BYTES_MAX, &bytes, &size, error);

	if (result == 0)
		result = requests_load_bytes(daemon->requests, bytes, size, options->registry_path,
					     options->allow_unsigned, error);
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

	daemon->requests =
		requests_new(&daemon->loop, daemon->node, daemon->options->config_path, &hooks);
	options.userdata = daemon->requests;
	load_stored_registry(daemon);
	if (daemon->options->registry_path) {
		result = load_given_registry(daemon, error);
		if (result < 0)
			return result;
	}
	result = control_server_start(&options, &daemon->server, error);
	if (result < 0) {
		daemon->exit_code = (int)error_exit_code(error->code);
		return result;
	}
	node_start(daemon->node);
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
