// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/follow.h"

#include "base/build.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "crypto/crypto.h"
#include "daemon/fetching.h"
#include "daemon/follow_etag.h"
#include "daemon/follow_when.h"
#include "registry/freshness.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define FILE_SCHEME "file:"

struct follow {
	uv_loop_t *loop;
	struct node *node;
	struct loads *loads;
	uv_timer_t timer;
	uv_fs_event_t watch; /* of the file's directory */
	bool is_link;	     /* path is a symbolic link */
	unsigned open;	     /* handles, thread, load; the last one frees all */
	bool is_closing;

	/* As configured; NULL: follow nothing. */
	char *source, *ca_file;
	const char *path; /* in source; NULL: a URL */
	struct follow_when when;

	bool is_settling;    /* since a change of the file that no look has taken in */
	uint64_t settled_by; /* then, in uv_now(): from here on changes put nothing off */

	/* The look that is under way. */
	struct fetching *fetching;
	uv_work_t reading;
	char *reading_path;
	bool is_reading, is_loading;
	bool is_outdated; /* another source is configured meanwhile: look again afterwards */
	bool is_changed;  /* the file, perhaps while it was read: look again afterwards */
	struct strbuf bytes;
	const char *body; /* in bytes */
	size_t size;
	uint8_t digest[KEY_SIZE];
	int result;
	struct error error;

	char fetched_etag[FETCH_ETAG_SIZE];
	struct follow_etag etag;
};

static void look_due(uv_timer_t *timer);

static void release(struct follow *follow)
{
	if (--follow->open)
		return;
	strbuf_done(&follow->bytes);
	free(follow->source);
	free(follow->ca_file);
	free(follow);
}

static void wait_ms(struct follow *follow, uint64_t ms)
{
	if (!follow->is_closing && follow->source)
		(void)uv_timer_start(&follow->timer, look_due, ms, 0);
}

/* The file changed. Looks when it is at rest, or when the time for that is over. */
static void settle(struct follow *follow)
{
	uint64_t now = uv_now(follow->loop), wait = FOLLOW_SETTLE_MS, left = FOLLOW_SETTLE_MAX_MS;

	if (!follow->is_settling) {
		if (uv_is_active((uv_handle_t *)&follow->timer) &&
		    left > uv_timer_get_due_in(&follow->timer))
			left = uv_timer_get_due_in(&follow->timer);
		follow->is_settling = true;
		follow->settled_by = now + left;
	}
	if (follow->is_reading || follow->is_loading) {
		follow->is_changed = true;
		return;
	}
	if (now + wait > follow->settled_by)
		wait = now < follow->settled_by ? follow->settled_by - now : 0;
	wait_ms(follow, wait);
}

/*
 * Is this look for nothing? What was read while it was written may be half of it; but what never
 * comes to rest is taken as it was found.
 */
static bool is_in_vain(const struct follow *follow)
{
	return follow->is_outdated ||
	       (follow->is_changed && uv_now(follow->loop) < follow->settled_by);
}

static bool is_expiring(const struct follow *follow)
{
	const struct registry *registry = node_registry(follow->node)->registry;

	return registry && registry->is_signed &&
	       registry->origin.expires -
			       freshness_now(time(NULL), registry->origin.last_seen, build_date()) <
		       FRESHNESS_WARNING_SEC;
}

static void wait_for_next(struct follow *follow)
{
	bool is_changed = follow->is_changed;
	uint32_t random;

	follow->is_settling = follow->is_settling && is_in_vain(follow);
	follow->is_changed = false;
	if (follow->is_outdated) {
		follow->is_outdated = false;
		wait_ms(follow,
			follow->path ? FOLLOW_SETTLE_MS : follow_when_first_ms(&follow->when));
		return;
	}
	if (is_changed) {
		settle(follow);
		return;
	}
	crypto_random(&random, sizeof(random));
	follow->when.is_expiring = is_expiring(follow);
	wait_ms(follow, follow_when_ms(&follow->when, random));
}

static void tell(const struct follow *follow, const struct error *problem)
{
	char line[ERROR_LINE_SIZE];

	if (problem->code == ERROR_NONE)
		log_notice("event=follow source=%s state=ok", follow->source);
	else
		log_warning("event=follow source=%s state=failed error=\"%s\"", follow->source,
			    error_format(problem, line, sizeof(line)));
}

/* The end of a look. @problem: NULL after a success. */
static void look_done(struct follow *follow, const struct error *problem)
{
	const struct error none = { 0 };

	strbuf_done(&follow->bytes);
	follow->bytes = (struct strbuf) { 0 };
	if (follow->is_closing || is_in_vain(follow)) {
		wait_for_next(follow);
		return;
	}
	follow->when.failures = problem ? follow->when.failures + 1 : 0;
	if (!problem)
		problem = &none;
	if (follow_is_news(&node_source(follow->node)->problem, problem))
		tell(follow, problem);
	node_set_source_result(follow->node, problem);
	wait_for_next(follow);
}

static bool is_in_force(const struct follow *follow, const uint8_t digest[KEY_SIZE])
{
	const struct node_registry *held = node_registry(follow->node);

	return held->registry && held->problem.code == ERROR_NONE &&
	       !memcmp(held->digest, digest, KEY_SIZE);
}

/* The server's name for the registry that is in force now. */
static void keep_etag(struct follow *follow)
{
	if (follow->path || follow->is_outdated ||
	    (!strcmp(follow->etag.text, follow->fetched_etag) &&
	     !memcmp(follow->etag.digest, follow->digest, KEY_SIZE)))
		return;
	strcpy(follow->etag.text, follow->fetched_etag);
	memcpy(follow->etag.digest, follow->digest, KEY_SIZE);
	follow_etag_write(node_config(follow->node)->state_dir, follow->source, &follow->etag);
}

static void loaded(void *userdata, const struct load_outcome *outcome)
{
	struct follow *follow = userdata;

	follow->is_loading = false;
	if (!follow->is_closing) {
		if (!outcome->error)
			keep_etag(follow);
		look_done(follow, outcome->error);
	}
	release(follow);
}

/* There is something; is it new? */
static void look_at_body(struct follow *follow)
{
	const struct load_options options = {
		.bytes = follow->body,
		.size = follow->size,
		.name = "registry",
	};

	if (is_in_force(follow, follow->digest)) {
		keep_etag(follow);
		look_done(follow, NULL);
		return;
	}
	follow->is_loading = true;
	follow->open++;
	loads_begin(follow->loads, &options, loaded, follow);
}

static void read_in_thread(uv_work_t *work)
{
	struct follow *follow = work->data;
	char *text;

	follow->result = file_read(follow->reading_path, FETCH_SIZE_MAX, &text, &follow->size,
				   &follow->error);
	if (follow->result < 0)
		return;
	follow->bytes = (struct strbuf) { text, follow->size, follow->size + 1 };
	follow->body = text;
	crypto_sha256(text, follow->size, follow->digest);
}

static void read_done(uv_work_t *work, int status)
{
	struct follow *follow = work->data;

	(void)status;
	follow->is_reading = false;
	free(TAKE(follow->reading_path));
	if (!follow->is_closing && is_in_vain(follow))
		look_done(follow, NULL);
	else if (!follow->is_closing && follow->result < 0)
		look_done(follow, &follow->error);
	else if (!follow->is_closing)
		look_at_body(follow);
	release(follow);
}

/*
 * Is it about our file? @name is that of a file of the directory, or the directory's own when that
 * itself is removed, renamed or gets another mode; libuv may have none. What a link leads to may
 * change with any of them.
 */
static bool is_about_file(const struct follow *follow, const char *directory, const char *name)
{
	const char *slash = strrchr(directory, '/');

	return !name || follow->is_link || !strcmp(name, strrchr(follow->path, '/') + 1) ||
	       !strcmp(name, slash ? slash + 1 : directory);
}

static void directory_changed(uv_fs_event_t *watch, const char *name, int events, int status)
{
	struct follow *follow = watch->data;
	char directory[PATH_MAX] = "";
	size_t size = sizeof(directory);

	(void)events;
	(void)status;
	(void)uv_fs_event_getpath(watch, directory, &size);
	if (is_about_file(follow, directory, name))
		settle(follow);
}

/* Anew before each look: another directory may have the name now, or none. */
static void watch_directory(struct follow *follow)
{
	CLEANUP(free) char *directory = memory_strdup(follow->path);
	char *slash = strrchr(directory, '/');
	struct stat status;

	slash[slash == directory] = '\0';
	(void)uv_fs_event_stop(&follow->watch);
	(void)uv_fs_event_start(&follow->watch, directory_changed, directory, 0);
	follow->is_link = lstat(follow->path, &status) == 0 && S_ISLNK(status.st_mode);
}

static void fetched(void *userdata, const struct error *error, const struct fetch_output *output,
		    struct strbuf *bytes)
{
	struct follow *follow = userdata;

	follow->fetching = NULL;
	if (error || output->not_modified) {
		look_done(follow, error);
		return;
	}
	strcpy(follow->fetched_etag, output->etag);
	follow->body = output->body;
	follow->size = output->body_size;
	follow->bytes = *bytes;
	*bytes = (struct strbuf) { 0 };
	crypto_sha256(follow->body, follow->size, follow->digest);
	look_at_body(follow);
}

static void look_at_url(struct follow *follow)
{
	const struct fetching_options options = {
		.url = follow->source,
		.etag = is_in_force(follow, follow->etag.digest) ? follow->etag.text : "",
		.ca_path = follow->ca_file,
	};
	struct error error = { 0 };

	follow->fetching = fetching_begin(follow->loop, &options, fetched, follow, &error);
	if (!follow->fetching)
		look_done(follow, &error);
}

static void look_due(uv_timer_t *timer)
{
	struct follow *follow = timer->data;

	if (follow->fetching || follow->is_reading || follow->is_loading)
		return; /* its end sets the timer again */
	if (node_is_taken_down(follow->node))
		return;
	if (!follow->path) {
		look_at_url(follow);
		return;
	}
	watch_directory(follow);
	follow->is_reading = true;
	follow->reading_path = memory_strdup(follow->path);
	follow->open++;
	(void)uv_queue_work(follow->loop, &follow->reading, read_in_thread, read_done);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static void follow_source(struct follow *follow, const struct registry_policy *policy)
{
	bool is_file = policy->source && !strncmp(policy->source, FILE_SCHEME, strlen(FILE_SCHEME));

	free(follow->source);
	free(follow->ca_file);
	follow->source = policy->source ? memory_strdup(policy->source) : NULL;
	follow->ca_file = policy->ca_file ? memory_strdup(policy->ca_file) : NULL;
	follow->path = is_file ? follow->source + strlen(FILE_SCHEME) : NULL;
	follow->when = (struct follow_when) {
		.interval_ms = policy->interval_sec * 1000ull,
		.retry_ms = is_file ? FOLLOW_FILE_RETRY_MS : FOLLOW_URL_FIRST_MS,
	};
	follow->etag = (struct follow_etag) { 0 };
	if (follow->source && !is_file)
		follow_etag_read(node_config(follow->node)->state_dir, follow->source,
				 &follow->etag);
	node_forget_source(follow->node);
}

void follow_configure(struct follow *follow)
{
	const struct registry_policy *policy = &node_config(follow->node)->registry;

	if (same_text(follow->source, policy->source) &&
	    same_text(follow->ca_file, policy->ca_file) &&
	    follow->when.interval_ms == policy->interval_sec * 1000ull)
		return;
	(void)uv_timer_stop(&follow->timer);
	(void)uv_fs_event_stop(&follow->watch);
	fetching_cancel(TAKE(follow->fetching));
	follow_source(follow, policy);
	follow->is_settling = follow->is_changed = false;
	follow->is_outdated = follow->is_reading || follow->is_loading;
	if (!follow->is_outdated)
		wait_ms(follow, follow->path ? 0 : follow_when_first_ms(&follow->when));
}

struct follow *follow_new(uv_loop_t *loop, struct node *node, struct loads *loads)
{
	struct follow *follow = NEW(struct follow);

	follow->loop = loop;
	follow->node = node;
	follow->loads = loads;
	follow->open = 2;
	follow->timer.data = follow;
	follow->watch.data = follow;
	follow->reading.data = follow;
	(void)uv_timer_init(loop, &follow->timer);
	(void)uv_fs_event_init(loop, &follow->watch);
	return follow;
}

static void closed(uv_handle_t *handle)
{
	release(handle->data);
}

void follow_close(struct follow *follow)
{
	if (!follow)
		return;
	follow->is_closing = true;
	fetching_cancel(TAKE(follow->fetching));
	uv_close((uv_handle_t *)&follow->timer, closed);
	uv_close((uv_handle_t *)&follow->watch, closed);
}
