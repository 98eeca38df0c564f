// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/backend.h"

#include "babel/babeld_config.h"
#include "babel/speaker.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SPEAKER_NAME "babel"

/* An interface that is told to babeld through the control socket. */
struct interface_change {
	struct babel *babel;
	uint64_t id;
	struct babel_interface interface;
};

static bool claims(void *userdata, const struct object *object)
{
	(void)userdata;
	return object->kind == OBJECT_SPEAKER || object->kind == OBJECT_BABEL_INTERFACE;
}

/* Is it on record, and does babeld, if it can be asked, know it too? */
static bool has_interface(const struct babel *babel, const char *link)
{
	return generation_find(&babel->running, link) &&
	       (!babeld_control_ready(babel->control) ||
		babeld_tables_find_link(babeld_control_tables(babel->control), link));
}

static void observe_interfaces(const struct babel *babel, struct state *operational)
{
	for (size_t i = 0; i < babel->running.interfaces_count; i++) {
		struct object object = {
			.kind = OBJECT_BABEL_INTERFACE,
			.babel_interface = babel->running.interfaces[i],
		};

		if (has_interface(babel, object.babel_interface.link))
			(void)state_add(operational, &object);
	}
}

static int observe(void *userdata, const struct state *intended, struct state *operational,
		   struct error *error)
{
	struct babel *babel = userdata;
	struct object object = { .kind = OBJECT_SPEAKER, .speaker.name = SPEAKER_NAME };
	bool lives = speaker_lives(babel);

	(void)error;
	/* A dead one has left routes and files: reported where that leads to its deletion. */
	if (babel->running.number == 0 || (!lives && state_find(intended, &object)))
		return 0;
	memcpy(object.speaker.router_id, babel->running.router_id,
	       sizeof(object.speaker.router_id));
	memcpy(object.speaker.digest, babel->running.digest, sizeof(object.speaker.digest));
	(void)state_add(operational, &object);
	if (lives)
		observe_interfaces(babel, operational);
	return 0;
}

static void change_done(struct interface_change *change, int result, const struct error *error)
{
	struct backend_events events = change->babel->events;
	uint64_t id = change->id;

	free(change);
	if (events.done)
		events.done(events.userdata, id, result, error);
}

static void on_added(void *userdata, int result, const struct error *error)
{
	struct interface_change *change = userdata;
	struct babel *babel = change->babel;
	struct error failure = { 0 };

	if (result < 0) {
		change_done(change, result, error);
		return;
	}
	generation_put(&babel->running, &change->interface);
	result = speaker_save(babel, &failure);
	change_done(change, result, &failure);
}

/*
 * babeld looks at a new interface 200 ms after the command, and again on every event of that link;
 * a link that is up and has its link-local address by then speaks at once.
 */
static int send_add(struct interface_change *change, struct error *error)
{
	CLEANUP(strbuf_done) struct strbuf line = { 0 };

	babeld_config_format_interface(&change->interface, &line);
	return babeld_control_command(change->babel->control, strbuf_text(&line), on_added, change,
				      error);
}

/* A new generation, with the interfaces that are intended. */
static int restart(struct babel *babel, const struct state *intended, uint64_t id,
		   struct error *error)
{
	const struct object like = { .kind = OBJECT_SPEAKER, .speaker.name = SPEAKER_NAME };
	const struct object *object = state_find(intended, &like);

	/* Without a speaker there is none to tell; it is deleted next. */
	return object ? speaker_start(babel, &object->speaker, intended, id, error) : 0;
}

static int set_interface(struct babel *babel, const struct babel_interface *interface,
			 const struct state *intended, uint64_t id, struct error *error)
{
	const struct babel_interface *known = generation_find(&babel->running, interface->link);
	struct interface_change *change;
	int result;

	if (known && (known->rxcost != interface->rxcost ||
		      known->hello_interval_ms != interface->hello_interval_ms))
		return restart(babel, intended, id, error);
	if (known && has_interface(babel, interface->link))
		return 0;
	change = NEW(struct interface_change);
	*change = (struct interface_change) { .babel = babel, .id = id, .interface = *interface };
	result = send_add(change, error);
	if (result < 0) {
		free(change);
		return result;
	}
	return -EINPROGRESS;
}

/*
 * Not by "flush interface": babeld 1.12.1 frees the interface and goes on to use it for the
 * neighbours that it had there. A tunnel that goes takes its filters with it, so that mostly there
 * is a new generation without it already.
 */
static int remove_interface(struct babel *babel, const struct babel_interface *interface,
			    const struct state *intended, uint64_t id, struct error *error)
{
	if (babel->running.pid == 0 || !generation_find(&babel->running, interface->link))
		return 0;
	return restart(babel, intended, id, error);
}

static bool same_speaker(const struct generation *running, const struct speaker *speaker)
{
	return memcmp(running->digest, speaker->digest, sizeof(running->digest)) == 0 &&
	       memcmp(running->router_id, speaker->router_id, sizeof(running->router_id)) == 0;
}

static int set_speaker(struct babel *babel, const struct operation *operation,
		       const struct state *intended, uint64_t id, struct error *error)
{
	const struct speaker *speaker = &operation->to->speaker;

	if (babel->phase == SPEAKER_IDLE && speaker_lives(babel) &&
	    same_speaker(&babel->running, speaker))
		return 0;
	return speaker_start(babel, speaker, intended, id, error);
}

static int apply(void *userdata, const struct operation *operation, const struct state *intended,
		 uint64_t id, struct error *error)
{
	struct babel *babel = userdata;
	bool is_speaker = operation_object(operation)->kind == OBJECT_SPEAKER;

	switch (operation->type) {
	case OPERATION_CREATE:
	case OPERATION_UPDATE:
		return is_speaker ? set_speaker(babel, operation, intended, id, error)
				  : set_interface(babel, &operation->to->babel_interface, intended,
						  id, error);
	case OPERATION_DELETE:
		return is_speaker ? speaker_stop(babel, id, error)
				  : remove_interface(babel, &operation->from->babel_interface,
						     intended, id, error);
	}
	return -EINVAL;
}

static char *path_below(const char *directory, const char *name)
{
	CLEANUP(strbuf_done) struct strbuf path = { 0 };

	strbuf_printf(&path, "%s/%s", directory, name);
	return strbuf_take(&path);
}

static void paths_make(struct speaker_paths *paths, const char *directory)
{
	*paths = (struct speaker_paths) {
		.config = path_below(directory, "babel.conf"),
		.control = path_below(directory, "babel.ctl"),
		.seqno = path_below(directory, "babel.state"),
		.record = path_below(directory, "babel.generation"),
		.log = path_below(directory, "log/babeld.log"),
	};
}

static void paths_done(struct speaker_paths *paths)
{
	free(paths->config);
	free(paths->control);
	free(paths->seqno);
	free(paths->record);
	free(paths->log);
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void babel_free(struct babel *babel)
{
	if (!babel)
		return;
	/* What is still under way is answered to nobody. */
	babel->events.done = NULL;
	babel->phase = SPEAKER_IDLE;
	speaker_abandon_next(babel);
	child_watch_free(babel->watch);
	leftovers_free(babel->leftovers);
	babeld_control_free(babel->control);
	generation_done(&babel->running);
	paths_done(&babel->paths);
	uv_close((uv_handle_t *)&babel->stop_timer, on_closed);
}

int babel_new(const struct babel_options *options, struct babel **ret, struct error *error)
{
	CLEANUP(free) char *log_directory = path_below(options->directory, "log");
	struct babel *babel = NEW(struct babel);
	struct babeld_control_events events = {
		.userdata = babel,
		.ready = speaker_ready,
		.failed = speaker_failed,
	};
	int result;

	babel->loop = options->loop;
	babel->spaces = options->spaces;
	babel->events = options->events;
	babel->silence = options->silence;
	babel->silence_userdata = options->silence_userdata;
	paths_make(&babel->paths, options->directory);
	(void)uv_timer_init(babel->loop, &babel->stop_timer);
	babel->stop_timer.data = babel;
	result = file_make_directory(log_directory, 0700, error);
	if (result == 0)
		result = babeld_control_new(babel->loop, babel->paths.control, &events,
					    &babel->control, error);
	if (result == 0) {
		babel->leftovers = leftovers_new(babel->loop, babel->spaces);
		result = speaker_adopt(babel, error);
	}
	if (result < 0) {
		babel_free(babel);
		return result;
	}
	*ret = babel;
	return 0;
}

struct backend babel_backend(struct babel *babel)
{
	return (struct backend) {
		.name = "babel",
		.userdata = babel,
		.claims = claims,
		.observe = observe,
		.apply = apply,
	};
}

void babel_status(const struct babel *babel, struct babel_status *ret)
{
	const struct babeld_tables *tables = babeld_control_tables(babel->control);

	*ret = (struct babel_status) {
		.answers = babeld_control_ready(babel->control),
		.pid = babel->running.pid,
		.generation = babel->running.number,
		.links = tables->links,
		.links_count = tables->links_count,
		.neighbours = tables->neighbours,
		.neighbours_count = tables->neighbours_count,
		.routes = tables->routes,
		.routes_count = tables->routes_count,
		.truncated = tables->truncated,
	};
	(void)snprintf(ret->version, sizeof(ret->version), "%s",
		       babeld_control_version(babel->control));
}
