// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The one BIRD process. A change of the policy or of the interfaces is a new configuration that it
 * reads while it runs: nobody notices. A generation is a process here; the next one begins when
 * this one has died.
 */
#include "babel/bird_config.h"
#include "babel/bird_control.h"
#include "babel/bird_tables.h"
#include "babel/program.h"
#include "babel/seqno.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define PROGRAM "bird"
#ifndef RTPROT_BIRD
#define RTPROT_BIRD 12
#endif
#define LOG_MAX_BYTES (1 << 20)
/*
 * BIRD tells nothing unasked, and status is asked for when nobody can wait. So it is read all the
 * time, but with pauses of so many times what reading takes: two percent of a processor at most.
 */
#define POLL_MS 2000
#define POLL_PAUSE 50

struct bird {
	struct program program;
	char *candidate; /* path of a configuration that is not accepted yet */
	struct bird_control *control;

	struct generation next;	    /* PROGRAM_CONFIGURING: with what it shall go on */
	struct babel_policy policy; /* of the same */

	struct bird_tables shown;
	struct bird_tables gathered;
	bool has_tables;
	uint64_t poll_began_ms;
};

static struct bird *bird_of(struct program *program)
{
	return (struct bird *)program; /* its first member */
}

static const struct bird *bird_of_const(const struct program *program)
{
	return (const struct bird *)program;
}

static void stop_polling(struct bird *bird)
{
	(void)uv_timer_stop(&bird->program.look_timer);
	bird_tables_done(&bird->shown);
	bird_tables_done(&bird->gathered);
	bird->has_tables = false;
}

static void forget(struct program *program)
{
	struct bird *bird = bird_of(program);

	stop_polling(bird);
	bird_control_stop(bird->control);
}

static void abandon_next(struct program *program)
{
	struct bird *bird = bird_of(program);

	generation_done(&bird->next);
	babel_policy_done(&bird->policy);
}

static void poll_later(struct bird *bird);

/* As it is configured. */
static void fill_rxcosts(struct bird *bird)
{
	for (size_t i = 0; i < bird->gathered.neighbours_count; i++) {
		struct babel_neighbour *neighbour = &bird->gathered.neighbours[i];
		const struct babel_interface *interface =
			generation_find(&bird->program.running, neighbour->link);

		neighbour->rxcost = interface ? interface->rxcost : 0;
	}
}

static void on_poll_done(void *userdata, int result, unsigned code, const char *text)
{
	struct bird *bird = userdata;

	if (result < 0) /* the next connection begins anew */
		return;
	if (code >= BIRD_CODE_RUNTIME_ERROR)
		bird_tables_note_garbled(&bird->gathered, text);
	bird_tables_join(&bird->gathered);
	fill_rxcosts(bird);
	bird_tables_done(&bird->shown);
	bird->shown = bird->gathered;
	bird->gathered = (struct bird_tables) { 0 };
	bird->has_tables = true;
	poll_later(bird);
}

static void on_part_done(void *userdata, int result, unsigned code, const char *text)
{
	struct bird *bird = userdata;

	if (result == 0 && code >= BIRD_CODE_RUNTIME_ERROR)
		bird_tables_note_garbled(&bird->gathered, text);
}

static int on_neighbour(void *userdata, unsigned code, const char *text)
{
	struct bird *bird = userdata;

	if (code == BIRD_CODE_NEIGHBOURS)
		bird_tables_add_neighbour(&bird->gathered, text);
	return 0;
}

static int on_babel_route(void *userdata, unsigned code, const char *text)
{
	struct bird *bird = userdata;

	if (code == BIRD_CODE_BABEL_ROUTES)
		bird_tables_add_babel_route(&bird->gathered, text);
	return 0;
}

static int on_route(void *userdata, unsigned code, const char *text)
{
	struct bird *bird = userdata;

	if (code == BIRD_CODE_ROUTES)
		bird_tables_add_route(&bird->gathered, text);
	return 0;
}

static void on_poll(uv_timer_t *timer)
{
	struct bird *bird = bird_of(timer->data);
	int result;

	bird_tables_done(&bird->gathered);
	bird->poll_began_ms = uv_now(bird->program.loop);
	result = bird_control_command(bird->control, "show babel neighbors " BIRD_BABEL_NAME,
				      on_neighbour, on_part_done, bird, NULL);
	if (result == 0)
		result = bird_control_command(bird->control, "show babel routes " BIRD_BABEL_NAME,
					      on_babel_route, on_part_done, bird, NULL);
	if (result == 0)
		result = bird_control_command(bird->control,
					      "show route export " BIRD_KERNEL_NAME "4", on_route,
					      on_part_done, bird, NULL);
	if (result == 0)
		result = bird_control_command(bird->control,
					      "show route export " BIRD_KERNEL_NAME "6", on_route,
					      on_poll_done, bird, NULL);
	if (result < 0)
		poll_later(bird);
}

static void poll_later(struct bird *bird)
{
	uint64_t pause = POLL_PAUSE * (uv_now(bird->program.loop) - bird->poll_began_ms);

	(void)uv_timer_start(&bird->program.look_timer, on_poll, pause > POLL_MS ? pause : POLL_MS,
			     0);
}

static void on_ready(void *userdata)
{
	struct program *program = userdata;

	(void)uv_timer_start(&program->look_timer, on_poll, 0, 0);
	program_ready(program);
}

static void started(struct program *program)
{
	program_finish(program, 0, NULL);
}

static int write_config(const char *path, const struct generation *generation,
			const struct babel_policy *policy, struct error *error)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	bird_config_format(generation, policy, &text);
	return file_replace(path, text.bytes, text.length, 0600, error);
}

/* No pid file, own socket: an operator's BIRD on the same machine is not disturbed. */
static int spawn(struct bird *bird, pid_t *ret, struct error *error)
{
	struct program *program = &bird->program;
	const char *const argv[] = {
		PROGRAM, "-f", "-c", program->config, "-s", program->control, NULL,
	};
	struct child_options options = {
		.argv = argv,
		/* In a VRF the namespace is ours, and to enter it would need CAP_SYS_ADMIN. */
		.netns_fd = spaces_netns_name(program->spaces)
				    ? spaces_fd(program->spaces, SPACE_OVERLAY)
				    : -1,
		.log_path = program->log,
		.file_max = LOG_MAX_BYTES,
	};

	if (spaces_netns_name(program->spaces) && options.netns_fd < 0)
		return error_set(error, options.netns_fd, ERROR_APPLY, PROGRAM,
				 "there is no network namespace for it yet");
	return child_spawn(&options, ret, error);
}

/* The process lives and is on record, or nothing of it does. */
static int launch(struct bird *bird, struct error *error)
{
	struct program *program = &bird->program;
	pid_t pid;
	int result = spawn(bird, &pid, error);

	if (result < 0)
		return result;
	program->running.pid = pid;
	result =
		child_watch_new(program->loop, pid, program_ended, program, &program->watch, error);
	if (result == 0)
		result = program_save(program, error);
	if (result < 0)
		program_kill(program);
	return result;
}

/*
 * A new process. BIRD deletes the kernel routes of its table that it has not made, but it names
 * them with its own metric: what an earlier generation has left, with another one, stays.
 */
static int start_process(struct bird *bird, const struct speaker *speaker,
			 const struct state *intended, struct error *error)
{
	struct program *program = &bird->program;
	int result = program_next_number(program, speaker->table, &bird->next.number, error);

	if (result < 0)
		return result;
	program_prepare(speaker, intended, &bird->next);
	result = write_config(program->config, &bird->next, &bird->policy, error);
	if (result == 0)
		result = program_delete_routes(program, speaker->table,
					       generation_metric(bird->next.number), error);
	if (result < 0)
		return result;
	program_kill(program);
	leftovers_cancel(program->leftovers);
	leftovers_set_policy(program->leftovers, &bird->policy);
	(void)unlink(program->control);
	generation_done(&program->running);
	program->running = bird->next;
	bird->next = (struct generation) { 0 };
	result = launch(bird, error);
	if (result < 0)
		return result;
	bird_control_start(bird->control);
	program->phase = PROGRAM_STARTING;
	return -EINPROGRESS;
}

static int refuse_code(unsigned code, const char *text, struct error *error)
{
	return error_set(error, -EREMOTEIO, ERROR_APPLY, PROGRAM,
			 "refused its configuration with %04u: %.200s", code, text);
}

static int connection_broke(struct error *error)
{
	return error_set(error, -ECONNRESET, ERROR_APPLY, PROGRAM,
			 "the connection broke before it had read its configuration");
}

static void on_configured(void *userdata, int result, unsigned code, const char *text)
{
	struct bird *bird = userdata;
	struct program *program = &bird->program;
	struct error error = { 0 };

	if (bird->program.phase != PROGRAM_CONFIGURING)
		return;
	if (result < 0)
		result = connection_broke(&error);
	else if (code != BIRD_CODE_RECONFIGURED && code != BIRD_CODE_RECONFIGURING)
		result = refuse_code(code, text, &error);
	if (result == 0) {
		generation_done(&program->running);
		program->running = bird->next;
		bird->next = (struct generation) { 0 };
		leftovers_set_policy(program->leftovers, &bird->policy);
		result = program_save(program, &error);
	}
	program_finish(program, result, &error);
}

/* What has been found good becomes the file that BIRD was started with. */
static int use_candidate(struct bird *bird, struct error *error)
{
	if (rename(bird->candidate, bird->program.config) < 0)
		return error_set(error, -errno, ERROR_FILE, bird->program.config,
				 "cannot replace: %m");
	return bird_control_command(bird->control, "configure", NULL, on_configured, bird, error);
}

static void on_checked(void *userdata, int result, unsigned code, const char *text)
{
	struct bird *bird = userdata;
	struct error error = { 0 };

	if (bird->program.phase != PROGRAM_CONFIGURING)
		return;
	if (result < 0)
		result = connection_broke(&error);
	else if (code != BIRD_CODE_CONFIGURATION_OK)
		result = refuse_code(code, text, &error);
	if (result == 0)
		result = use_candidate(bird, &error);
	if (result < 0)
		program_finish(&bird->program, result, &error);
}

static int configure(struct bird *bird, const struct speaker *speaker, const struct state *intended,
		     struct error *error)
{
	const struct generation *running = &bird->program.running;
	char command[CONTROL_COMMAND_MAX];
	int result;

	if (!bird_control_ready(bird->control))
		return error_set(error, -EAGAIN, ERROR_APPLY, PROGRAM,
				 "its control socket is not connected at the moment");
	bird->next.number = running->number;
	bird->next.pid = running->pid;
	program_prepare(speaker, intended, &bird->next);
	result = write_config(bird->candidate, &bird->next, &bird->policy, error);
	if (result < 0)
		return result;
	(void)snprintf(command, sizeof(command), "configure check \"%s\"", bird->candidate);
	result = bird_control_command(bird->control, command, NULL, on_checked, bird, error);
	if (result < 0)
		return result;
	bird->program.phase = PROGRAM_CONFIGURING;
	return -EINPROGRESS;
}

/* BIRD's Babel keeps the router-id that it began with, whatever it is told later. */
static bool can_configure(const struct program *program, const struct speaker *speaker)
{
	return program_lives(program) && memcmp(program->running.router_id, speaker->router_id,
						sizeof(speaker->router_id)) == 0;
}

static int start(struct program *program, const struct speaker *speaker,
		 const struct state *intended, struct error *error)
{
	struct bird *bird = bird_of(program);
	int result;

	/* It stands in a quoted text of a command. */
	if (strpbrk(bird->candidate, "\"\n"))
		return error_set(error, -EINVAL, ERROR_FILE, bird->candidate,
				 "BIRD takes no path with a quotation mark");
	result = babel_policy_parse(speaker->body ? speaker->body : "", &bird->policy, error);
	if (result < 0)
		return result;
	return can_configure(program, speaker) ? configure(bird, speaker, intended, error)
					       : start_process(bird, speaker, intended, error);
}

static void terminate(struct program *program)
{
	forget(program);
	(void)child_signal(program->running.pid, SIGTERM);
}

/* All own prefixes have that of the last time that one of them was asked for, or an older one. */
static int on_entry(void *userdata, unsigned code, const char *text)
{
	struct program *program = userdata;
	uint8_t router_id[BABEL_ROUTER_ID_SIZE];
	uint16_t seqno;

	if (code != BIRD_CODE_BABEL_ROUTES ||
	    bird_entry_parse(text, router_id, &seqno) != BIRD_ROW_DATA ||
	    memcmp(router_id, program->running.router_id, sizeof(router_id)) != 0 ||
	    (program->has_last_seqno && !seqno_is_newer(seqno, program->last_seqno)))
		return 0;
	program->has_last_seqno = true;
	program->last_seqno = seqno;
	return 0;
}

/* Whatever it answered, and if it did not. */
static void on_entries(void *userdata, int result, unsigned code, const char *text)
{
	struct program *program = userdata;

	(void)result;
	(void)code;
	(void)text;
	if (program->phase == PROGRAM_STOPPING && program->running.pid > 0)
		terminate(program);
}

static void end(struct program *program)
{
	program->has_last_seqno = false;
	if (bird_control_command(bird_of(program)->control, "show babel entries " BIRD_BABEL_NAME,
				 on_entry, on_entries, program, NULL) < 0)
		terminate(program);
}

static void connect_to_it(struct program *program)
{
	bird_control_start(bird_of(program)->control);
}

static int set_interface(struct program *program, const struct babel_interface *interface,
			 const struct state *intended, uint64_t id, struct error *error)
{
	const struct babel_interface *known = generation_find(&program->running, interface->link);

	if (known && known->rxcost == interface->rxcost &&
	    known->hello_interval_ms == interface->hello_interval_ms)
		return 0;
	return program_follow(program, intended, id, error);
}

static int remove_interface(struct program *program, const struct babel_interface *interface,
			    const struct state *intended, uint64_t id, struct error *error)
{
	if (!generation_find(&program->running, interface->link))
		return 0;
	return program_follow(program, intended, id, error);
}

/* What is in its configuration it finds again by itself. */
static bool has_interface(const struct program *program, const char *link)
{
	(void)program;
	(void)link;
	return true;
}

static void status(const struct program *program, struct babel_status *ret)
{
	const struct bird *bird = bird_of_const(program);

	ret->answers =
		bird_control_ready(bird->control) && bird->has_tables && !bird->shown.garbled[0];
	if (bird->shown.garbled[0])
		(void)snprintf(ret->problem, sizeof(ret->problem),
			       "bird shows its tables in a way that is not understood: \"%s\"; "
			       "what is told of neighbours and routes may lack something",
			       bird->shown.garbled);
	ret->neighbours = bird->shown.neighbours;
	ret->neighbours_count = bird->shown.neighbours_count;
	ret->routes = bird->shown.routes;
	ret->routes_count = bird->shown.routes_count;
	ret->truncated = bird->shown.truncated;
	(void)snprintf(ret->version, sizeof(ret->version), "%s",
		       bird_control_version(bird->control));
}

static void done(struct program *program)
{
	struct bird *bird = bird_of(program);

	stop_polling(bird);
	bird_control_free(bird->control);
	free(bird->candidate);
}

static const struct program_type type = {
	.program = SPEAKER_BIRD,
	.route_protocol = RTPROT_BIRD,
	.done = done,
	.connect = connect_to_it,
	.forget = forget,
	.abandon = abandon_next,
	.start = start,
	.started = started,
	.end = end,
	.set_interface = set_interface,
	.remove_interface = remove_interface,
	.has_interface = has_interface,
	.status = status,
};

int bird_new(const struct babel_options *options, struct program **ret, struct error *error)
{
	struct bird *bird = NEW(struct bird);
	struct bird_control_events events = {
		.userdata = &bird->program,
		.ready = on_ready,
		.failed = program_failed,
	};
	struct control_options control;
	int result;

	program_init(&bird->program, &type, options, "bird");
	bird->candidate = program_path(options->directory, "bird.conf.new");
	bird->program.own_file = bird->candidate;
	control = program_control_options(&bird->program);
	result = bird_control_new(&control, &events, &bird->control, error);
	if (result < 0) {
		program_free(&bird->program);
		return result;
	}
	*ret = &bird->program;
	return 0;
}
