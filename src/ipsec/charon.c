// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/charon.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "ipsec/apparmor.h"
#include "ipsec/charon_find.h"
#include "ipsec/charon_log.h"
#include "ipsec/charon_port.h"
#include "process/child.h"
#include "process/log_tail.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Its socket is there 27 ms after execve(). */
#define POLL_MS 5
/* It has its port before its socket; what is not so a moment later will not come. */
#define PORT_PATIENCE_MS 1000
/* For the DELETEs of one that nobody wants. */
#define STRAY_PATIENCE_MS 500
/* Strangers decide how much it writes. */
#define LOG_MAX_BYTES (1 << 20)
#define CONFIG_MAX_BYTES 65536
/* A hundred profiles are 4 KB. */
#define PROFILES_MAX_BYTES (1 << 20)

#define RUNTIME_DIRECTORY "/run/aronet"
#define KEY_HEX_DIGITS 10
/* Of ERROR_TEXT_SIZE, with an advice behind it. */
#define KNOWN_SIZE 224
#define TAIL_SIZE 96
#define PATH_SIZE 64 /* shorter than a path of a unix socket may be */

enum phase {
	PHASE_IDLE,
	PHASE_STARTING,
	PHASE_STOPPING,
};

struct charon {
	uv_loop_t *loop;
	struct charon_callbacks callbacks;
	char config[PATH_SIZE], socket[PATH_SIZE], log[PATH_SIZE];

	enum phase phase;
	pid_t pid; /* in any phase; 0: there is none */
	struct child_watch *watch;
	struct child_ending *ending;
	bool has_settings; /* of the process, as has the digest */
	struct charon_settings settings;
	uint8_t digest[CRYPTO_KEY_SIZE];
	struct charon_hold hold;

	/* While it starts. */
	uv_timer_t timer;
	uint64_t started_at_ms, answered_at_ms; /* 0: not yet */
	off_t log_seen;				/* bytes that have been looked at */
	uint16_t held_before;			/* the port, 0: none */
	struct apparmor_profile profile;	/* its own */
};

static void make_path(const char *key, const char *suffix, char ret[PATH_SIZE])
{
	(void)snprintf(ret, PATH_SIZE, "/run/charon.%s.%s", key, suffix);
}

static void make_paths(struct charon *charon, const char *runtime_directory)
{
	char key[32] = "aronet";
	uint8_t hash[CRYPTO_KEY_SIZE];

	if (strcmp(runtime_directory, RUNTIME_DIRECTORY) != 0) {
		crypto_sha256(runtime_directory, strlen(runtime_directory), hash);
		(void)snprintf(key, sizeof(key), "aronet-%02x%02x%02x%02x%02x", hash[0], hash[1],
			       hash[2], hash[3], hash[4]);
	}
	make_path(key, "conf", charon->config);
	make_path(key, "vici", charon->socket);
	make_path(key, "log", charon->log);
}

static void write_config(const struct charon *charon, const struct charon_settings *settings,
			 struct strbuf *text)
{
	charon_config_write(settings, charon->socket, text);
}

static void remember_config(struct charon *charon, const char *text, size_t size)
{
	crypto_sha256(text, size, charon->digest);
	charon->has_settings = charon_config_read(text, &charon->settings);
}

static void unwatch(struct charon *charon)
{
	child_watch_free(TAKE(charon->watch));
	charon->pid = 0;
	charon->has_settings = false;
}

static void on_ended(void *userdata, pid_t pid);

static int adopt(struct charon *charon, struct error *error)
{
	CLEANUP(free) char *text = NULL;
	pid_t pid = charon_find(charon->config, charon->socket);
	size_t size;
	int result;

	if (!pid)
		return 0;
	result = child_watch_new(charon->loop, pid, on_ended, charon, &charon->watch, error);
	if (result < 0)
		return result == -ESRCH ? 0 : result;
	charon->pid = pid;
	if (file_read(charon->config, CONFIG_MAX_BYTES, &text, &size, NULL) == 0)
		remember_config(charon, text, size);
	return 0;
}

int charon_new(const struct charon_options *options, struct charon **ret, struct error *error)
{
	struct charon *charon = NEW(struct charon);
	int result;

	charon->loop = options->loop;
	charon->callbacks = options->callbacks;
	make_paths(charon, options->runtime_directory);
	(void)uv_timer_init(charon->loop, &charon->timer);
	charon->timer.data = charon;
	result = adopt(charon, error);
	if (result < 0)
		charon_free(charon);
	else
		*ret = charon;
	return result;
}

static void on_timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void charon_free(struct charon *charon)
{
	if (!charon)
		return;
	child_watch_free(TAKE(charon->watch));
	child_ending_free(TAKE(charon->ending));
	charon_hold_end(&charon->hold);
	uv_close((uv_handle_t *)&charon->timer, on_timer_closed);
}

pid_t charon_pid(const struct charon *charon)
{
	return charon->phase == PHASE_IDLE ? charon->pid : 0;
}

const char *charon_socket(const struct charon *charon)
{
	return charon->socket;
}

const char *charon_log(const struct charon *charon)
{
	return charon->log;
}

bool charon_digest(const struct charon *charon, uint8_t ret[CRYPTO_KEY_SIZE])
{
	if (!charon_pid(charon) || !charon->has_settings)
		return false;
	memcpy(ret, charon->digest, CRYPTO_KEY_SIZE);
	return true;
}

void charon_digest_of(const struct charon *charon, const struct charon_settings *settings,
		      uint8_t ret[CRYPTO_KEY_SIZE])
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	write_config(charon, settings, &text);
	crypto_sha256(text.bytes, text.length, ret);
}

bool charon_runs_with(const struct charon *charon, const struct charon_settings *settings)
{
	uint8_t present[CRYPTO_KEY_SIZE], wanted[CRYPTO_KEY_SIZE];

	charon_digest_of(charon, settings, wanted);
	return charon_digest(charon, present) && !memcmp(present, wanted, sizeof(wanted));
}

static int expect_idle(const struct charon *charon, bool has_to_be_gone, struct error *error)
{
	if (charon->phase != PHASE_IDLE)
		return error_set(error, -EBUSY, ERROR_BUSY, CHARON_PROGRAM,
				 "is being started or stopped already");
	if (charon->pid && has_to_be_gone)
		return error_set(error, -EBUSY, ERROR_BUSY, CHARON_PROGRAM,
				 "runs already (process %d)", (int)charon->pid);
	return 0;
}

/* One that has ended at once cannot be asked any more. */
static void read_profile(struct charon *charon)
{
	CLEANUP(free) char *profiles = NULL;
	char path[64], label[2 * APPARMOR_NAME_SIZE];
	size_t size;

	charon->profile.name[0] = '\0';
	(void)snprintf(path, sizeof(path), "/proc/%d/attr/apparmor/current", (int)charon->pid);
	if (file_read_value(AT_FDCWD, path, label, sizeof(label)) == 0)
		(void)apparmor_parse(label, strlen(label), &charon->profile);
	else if (file_read("/sys/kernel/security/apparmor/profiles", PROFILES_MAX_BYTES, &profiles,
			   &size, NULL) == 0)
		(void)apparmor_find(profiles, CHARON_PROGRAM, &charon->profile);
}

/* Terminated; "" if there is none. */
static char *read_log(const struct charon *charon)
{
	char *text;
	size_t length;

	return file_read(charon->log, LOG_MAX_BYTES, &text, &length, NULL) == 0 ? text
										: memory_strdup("");
}

/* A profile that is enforced may also be to blame for what does not sound like it. */
static void add_advice(const struct charon *charon, bool has_denial, struct strbuf *text)
{
	if (charon->profile.name[0] && (has_denial || charon->profile.is_enforced)) {
		strbuf_puts(text, "; ");
		apparmor_advise(&charon->profile, has_denial, text);
	} else if (has_denial) {
		strbuf_puts(text, "; something like AppArmor or SELinux denies it that");
	}
}

/* What is known, else @what and its last words. */
static int set_start_error(const struct charon *charon, int result, const char *what,
			   struct error *error)
{
	CLEANUP(free) char *log = read_log(charon);
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	char known[KNOWN_SIZE], tail[TAIL_SIZE];

	log_tail_read(charon->log, tail, sizeof(tail));
	if (charon_log_explain(log, known, sizeof(known)))
		strbuf_puts(&text, known);
	else if (tail[0])
		strbuf_printf(&text, "%s: \"%s\"; see %s", what, tail, charon->log);
	else
		strbuf_printf(&text, "%s, and has said nothing", what);
	add_advice(charon, charon_log_has_denial(log), &text);
	return error_set(error, result, ERROR_APPLY, CHARON_PROGRAM, "%s", strbuf_text(&text));
}

static void kill_process(pid_t pid)
{
	if (pid <= 1)
		return;
	(void)child_signal(pid, SIGKILL);
	child_stop(pid, 0); /* waits for the end */
}

static void finish_start(struct charon *charon, int result, const struct error *error)
{
	(void)uv_timer_stop(&charon->timer);
	if (result < 0) {
		kill_process(charon->pid);
		unwatch(charon);
		(void)file_delete(charon->socket, NULL);
		if (charon->held_before)
			charon_hold_begin(&charon->hold, charon->held_before);
	}
	charon->phase = PHASE_IDLE;
	charon->callbacks.started(charon->callbacks.userdata, result, error); /* may free us */
}

static void fail_start(struct charon *charon, int result, const char *what)
{
	struct error error = { 0 };

	(void)set_start_error(charon, result, what, &error);
	finish_start(charon, result, &error);
}

static void on_ended(void *userdata, pid_t pid)
{
	struct charon *charon = userdata;
	uint16_t port =
		charon->has_settings && !charon->settings.is_userspace ? charon->settings.port : 0;
	char reason[64];

	if (charon->phase == PHASE_STARTING) {
		charon->pid = 0;
		fail_start(charon, -ECHILD, "ended at once");
		return;
	}
	unwatch(charon);
	if (port)
		charon_hold_begin(&charon->hold, port);
	(void)snprintf(reason, sizeof(reason), CHARON_PROGRAM " (process %d) ended", (int)pid);
	charon->callbacks.ended(charon->callbacks.userdata, reason); /* may free us */
}

/* Has it written of something without which it is of no use? It would go on for ever. */
static bool has_confessed(struct charon *charon)
{
	CLEANUP(free) char *log = NULL;
	char text[KNOWN_SIZE];
	struct stat status;

	if (stat(charon->log, &status) < 0 || status.st_size == charon->log_seen)
		return false;
	charon->log_seen = status.st_size;
	log = read_log(charon);
	return charon_log_explain(log, text, sizeof(text));
}

static void fail_for_port(struct charon *charon)
{
	const struct charon_settings *settings = &charon->settings;
	struct error error = { 0 };
	char what[96];
	int result;

	kill_process(charon->pid);
	charon->pid = 0;
	result = charon_port_check(settings->port, &error);
	if (result < 0) { /* somebody was faster */
		finish_start(charon, result, &error);
		return;
	}
	(void)snprintf(what, sizeof(what), "did not take UDP port %u", settings->port);
	fail_start(charon, -EADDRINUSE, what);
}

static void poll_start(uv_timer_t *timer)
{
	struct charon *charon = timer->data;
	uint64_t now = uv_now(charon->loop);
	char what[96];

	if (has_confessed(charon)) {
		fail_start(charon, -ECHILD, "");
		return;
	}
	if (!charon->answered_at_ms && charon_socket_accepts(charon->socket))
		charon->answered_at_ms = now;
	if (charon->answered_at_ms) {
		if (charon_port_is_of(charon->settings.port, charon->pid))
			finish_start(charon, 0, NULL);
		else if (now - charon->answered_at_ms >= PORT_PATIENCE_MS)
			fail_for_port(charon);
	} else if (now - charon->started_at_ms >= CHARON_START_TIMEOUT_MS) {
		(void)snprintf(what, sizeof(what), "did not open %s within %d s", charon->socket,
			       CHARON_START_TIMEOUT_MS / 1000);
		fail_start(charon, -ETIMEDOUT, what);
	}
}

static int spawn(struct charon *charon, struct error *error)
{
	static const char *const argv[] = { CHARON_PROGRAM, NULL };
	char variable[sizeof(CHARON_CONFIG_VARIABLE) + PATH_SIZE];
	const char *const environment[] = { variable, NULL };
	const struct child_options options = {
		.argv = argv,
		.environment = environment,
		.netns_fd = -1,
		.log_path = charon->log,
		.file_max = LOG_MAX_BYTES,
	};
	int result;

	(void)snprintf(variable, sizeof(variable), CHARON_CONFIG_VARIABLE "=%s", charon->config);
	result = child_spawn(&options, &charon->pid, error);
	if (result == -ENOENT)
		return error_set(error, result, ERROR_APPLY, CHARON_PROGRAM,
				 "is not installed; install the packages charon-systemd, "
				 "strongswan-swanctl and libstrongswan-standard-plugins");
	if (result < 0)
		return result;
	read_profile(charon);
	result =
		child_watch_new(charon->loop, charon->pid, on_ended, charon, &charon->watch, error);
	if (result == -ESRCH) /* as quick as that */
		result = set_start_error(charon, -ECHILD, "ended at once", error);
	if (result < 0) {
		kill_process(charon->pid);
		unwatch(charon);
	}
	return result;
}

static int prepare_start(struct charon *charon, const struct charon_settings *settings,
			 struct error *error)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	int result = charon_end_strays(charon->config, charon->socket, STRAY_PATIENCE_MS, error);

	/* Else one that may not remove it says that its address is in use. */
	if (result == 0)
		result = file_delete(charon->socket, error);
	if (result < 0)
		return result;
	write_config(charon, settings, &text);
	result = file_replace(charon->config, text.bytes, text.length, 0600, error);
	if (result == 0)
		remember_config(charon, text.bytes, text.length);
	return result;
}

/* As little as can be while the port is not held. */
static int take_port_and_spawn(struct charon *charon, uint16_t port, struct error *error)
{
	int result;

	charon->held_before = charon->hold.port;
	charon_hold_end(&charon->hold);
	result = charon_port_check(port, error);
	if (result == 0)
		result = spawn(charon, error);
	if (result < 0 && charon->held_before)
		charon_hold_begin(&charon->hold, charon->held_before);
	return result;
}

int charon_start(struct charon *charon, const struct charon_settings *settings, struct error *error)
{
	int result = expect_idle(charon, true, error);

	if (result == 0)
		result = prepare_start(charon, settings, error);
	if (result == 0)
		result = take_port_and_spawn(charon, settings->port, error);
	if (result < 0)
		return result;
	charon->phase = PHASE_STARTING;
	charon->log_seen = 0;
	charon->answered_at_ms = 0;
	uv_update_time(charon->loop);
	charon->started_at_ms = uv_now(charon->loop);
	(void)uv_timer_start(&charon->timer, poll_start, POLL_MS, POLL_MS);
	return -EINPROGRESS;
}

bool charon_has_remains(const struct charon *charon)
{
	return access(charon->config, F_OK) == 0 || access(charon->socket, F_OK) == 0;
}

static int clean_up(struct charon *charon, struct error *error)
{
	const char *const files[] = { charon->config, charon->socket, charon->log };
	int result = 0;

	for (size_t i = 0; i < ARRAY_SIZE(files) && result == 0; i++)
		result = file_delete(files[i], error);
	return result;
}

static void on_gone(void *userdata, pid_t pid)
{
	struct charon *charon = userdata;
	struct error error = { 0 };
	int result = clean_up(charon, &error);

	(void)pid;
	child_ending_free(TAKE(charon->ending));
	unwatch(charon);
	charon->phase = PHASE_IDLE;
	charon->callbacks.stopped(charon->callbacks.userdata, result, &error); /* may free us */
}

int charon_stop(struct charon *charon, struct error *error)
{
	int result = expect_idle(charon, false, error);

	if (result < 0)
		return result;
	charon_hold_end(&charon->hold);
	if (charon->pid) {
		result = child_ending_new(charon->loop, charon->pid, CHARON_STOP_TIMEOUT_MS,
					  on_gone, charon, &charon->ending, error);
		if (result == 0) {
			child_watch_free(TAKE(charon->watch));
			charon->phase = PHASE_STOPPING;
			return -EINPROGRESS;
		}
		if (result != -ESRCH)
			return result;
		unwatch(charon);
	}
	result = charon_end_strays(charon->config, charon->socket, STRAY_PATIENCE_MS, error);
	return result < 0 ? result : clean_up(charon, error);
}
