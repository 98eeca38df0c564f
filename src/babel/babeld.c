// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/babeld_config.h"
#include "babel/babeld_control.h"
#include "babel/gate.h"
#include "babel/handover.h"
#include "babel/program.h"
#include "babel/seqno.h"
#include "babel/starvation.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define PROGRAM "babeld"
/* It writes a line for each TLV that breaks a rule: neighbours decide how much. */
#define LOG_MAX_BYTES (1 << 20)

#ifndef RTPROT_BABEL
#define RTPROT_BABEL 42
#endif

/* The babeld that takes over when it has read its filters. */
struct next {
	struct generation generation;
	struct babel_policy policy;
	struct child_watch *watch;
	struct gate *gate;
};

struct babeld {
	struct program program;
	char *seqno; /* path */
	void (*silence)(void *userdata, unsigned milliseconds);
	void *silence_userdata;
	struct babeld_control *control;
	struct starvation starvation;

	struct next next;      /* empty unless PROGRAM_READING */
	size_t interfaces_due; /* while starting: not told to babeld yet */
};

static struct babeld *babeld_of(struct program *program)
{
	return (struct babeld *)program; /* its first member */
}

static const struct babeld *babeld_of_const(const struct program *program)
{
	return (const struct babeld *)program;
}

static void forget(struct program *program)
{
	struct babeld *babeld = babeld_of(program);

	starvation_forget(&babeld->starvation);
	babeld_control_stop(babeld->control);
}

static void abandon_next(struct program *program)
{
	struct next *next = &babeld_of(program)->next;

	child_watch_free(next->watch);
	gate_free(next->gate);
	program_kill_process(next->generation.pid);
	generation_done(&next->generation);
	babel_policy_done(&next->policy);
	*next = (struct next) { 0 };
}

/* The next one becomes the one that runs, and is watched as such from then on. */
static void on_next_ended(void *userdata, pid_t pid)
{
	struct babeld *babeld = userdata;

	if (babeld->program.phase == PROGRAM_READING && pid == babeld->next.generation.pid)
		program_finish_failed_start(&babeld->program);
	else
		program_ended(&babeld->program, pid);
}

struct introduction {
	struct babeld *babeld;
	uint64_t number; /* of the generation that was told */
};

static void on_introduced(void *userdata, int result, const struct error *error)
{
	CLEANUP(free) struct introduction *introduction = userdata;
	struct babeld *babeld = introduction->babeld;

	if (babeld->program.phase != PROGRAM_STARTING ||
	    babeld->program.running.number != introduction->number)
		return;
	if (result < 0 || --babeld->interfaces_due == 0)
		program_finish(&babeld->program, result, error);
}

static int introduce(struct babeld *babeld, const struct babel_interface *interface,
		     struct error *error)
{
	CLEANUP(strbuf_done) struct strbuf line = { 0 };
	struct introduction *introduction = NEW(struct introduction);
	int result;

	introduction->babeld = babeld;
	introduction->number = babeld->program.running.number;
	babeld_config_format_interface(interface, &line);
	result = babeld_control_command(babeld->control, strbuf_text(&line), on_introduced,
					introduction, error);
	if (result < 0)
		free(introduction);
	return result;
}

static void introduce_all(struct program *program)
{
	struct babeld *babeld = babeld_of(program);
	struct error error = { 0 };
	int result = 0;

	babeld->interfaces_due = program->running.interfaces_count;
	for (size_t i = 0; i < program->running.interfaces_count && result == 0; i++)
		result = introduce(babeld, &program->running.interfaces[i], &error);
	if (result < 0 || babeld->interfaces_due == 0)
		program_finish(program, result, &error);
}

static int write_config(const struct babeld *babeld, const struct generation *generation,
			const struct babel_policy *policy, struct error *error)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct babeld_parameters parameters = { .generation = generation->number };

	memcpy(parameters.router_id, generation->router_id, sizeof(parameters.router_id));
	babeld_config_format(&parameters, policy, &text);
	return file_replace(babeld->program.config, text.bytes, text.length, 0600, error);
}

static int write_seqno(const struct babeld *babeld, struct error *error)
{
	uint16_t seqno =
		seqno_at(program_clock_ms(&babeld->program), babeld->next.generation.seqno_offset);
	char text[16];

	(void)snprintf(text, sizeof(text), "%u\n", seqno);
	return file_replace(babeld->seqno, text, strlen(text), 0600, error);
}

/* Its configuration ends behind the gate. */
static int spawn(struct babeld *babeld, int input_fd, pid_t *ret, struct error *error)
{
	const char *const argv[] = {
		PROGRAM, "-c", babeld->program.config, "-c", "/proc/self/fd/0",	      "-I",
		"",	 "-S", babeld->seqno,	       "-G", babeld->program.control, NULL,
	};
	struct child_options options = {
		.argv = argv,
		.netns_fd = spaces_fd(babeld->program.spaces, SPACE_OVERLAY),
		.input_fd = input_fd,
		.log_path = babeld->program.log,
		.file_max = LOG_MAX_BYTES,
	};

	if (options.netns_fd < 0)
		return error_set(error, options.netns_fd, ERROR_APPLY, PROGRAM,
				 "there is no network namespace for it yet");
	return child_spawn(&options, ret, error);
}

/* Without the one, the other would only make the gap longer. */
static void hand_over(const struct babeld *babeld)
{
	if (!babeld->silence || !babeld_control_ready(babeld->control))
		return;
	handover_say_hello(babeld->program.spaces, &babeld->program.running,
			   babeld_control_tables(babeld->control));
	babeld->silence(babeld->silence_userdata, handover_silence_ms(&babeld->next.generation));
}

/* From here on the old one is gone; the next one does not do anything yet. */
static int replace(struct babeld *babeld, struct error *error)
{
	struct next *next = &babeld->next;
	int result;

	hand_over(babeld);
	program_kill(&babeld->program);
	if (leftovers_pending(babeld->program.leftovers))
		leftovers_delete_replaced(babeld->program.leftovers);
	leftovers_cancel(babeld->program.leftovers);
	leftovers_set_policy(babeld->program.leftovers, &next->policy);
	(void)unlink(babeld->program.control);
	result = program_delete_routes(&babeld->program, next->generation.table,
				       generation_metric(next->generation.number), error);
	if (result < 0)
		return result;
	generation_done(&babeld->program.running);
	babeld->program.running = next->generation;
	next->generation = (struct generation) { 0 };
	babeld->program.watch = TAKE(next->watch);
	result = program_save(&babeld->program, error);
	if (result < 0)
		return result;
	/* If it has ended just now, its watch says so. */
	(void)gate_open(TAKE(next->gate), BABELD_CONFIG_END);
	babel_policy_done(&next->policy);
	babeld_control_start(babeld->control);
	return 0;
}

static void take_over(struct babeld *babeld)
{
	struct error error = { 0 };
	int result = write_seqno(babeld, &error);

	if (result == 0) {
		result = replace(babeld, &error);
		if (result < 0)
			program_kill(&babeld->program);
	}
	if (result == 0)
		babeld->program.phase = PROGRAM_STARTING;
	else
		program_finish(&babeld->program, result, &error);
}

static void on_gate_reached(void *userdata, int result)
{
	struct babeld *babeld = userdata;
	struct error error = { 0 };

	if (result == 0) {
		take_over(babeld);
		return;
	}
	(void)error_set(&error, result, ERROR_APPLY, PROGRAM,
			"has not read its configuration %s after %d s", babeld->program.config,
			GATE_TIMEOUT_MS / 1000);
	program_finish(&babeld->program, result, &error);
}

static int launch_next(struct babeld *babeld, struct error *error)
{
	struct next *next = &babeld->next;
	CLEANUP(close) int input_fd = -1;
	int result = gate_new(babeld->program.loop, on_gate_reached, babeld, &input_fd, &next->gate,
			      error);

	if (result == 0)
		result = spawn(babeld, input_fd, &next->generation.pid, error);
	if (result == 0)
		result = child_watch_new(babeld->program.loop, next->generation.pid, on_next_ended,
					 babeld, &next->watch, error);
	return result;
}

/* All that can fail for a reason in our hands comes before the old process is killed. */
static int begin(struct babeld *babeld, const struct speaker *speaker, const struct state *intended,
		 struct error *error)
{
	struct next *next = &babeld->next;
	int result = babel_policy_parse(speaker->body ? speaker->body : "", &next->policy, error);

	if (result == 0)
		result = program_next_number(&babeld->program, speaker->table,
					     &next->generation.number, error);
	if (result < 0)
		return result;
	program_prepare(speaker, intended, &next->generation);
	next->generation.seqno_offset = babeld->program.running.seqno_offset;
	result = write_config(babeld, &next->generation, &next->policy, error);
	return result < 0 ? result : launch_next(babeld, error);
}

static int start(struct program *program, const struct speaker *speaker,
		 const struct state *intended, struct error *error)
{
	int result;

	if (!spaces_netns_name(program->spaces) || speaker->vrf[0])
		return error_set(error, -EOPNOTSUPP, ERROR_UNSUPPORTED, PROGRAM,
				 "cannot route in a VRF; use a network namespace as overlay");
	result = begin(babeld_of(program), speaker, intended, error);
	if (result < 0)
		return result;
	program->phase = PROGRAM_READING;
	return -EINPROGRESS;
}

/* Asks for another babeld by not being what is intended. */
static void on_look(uv_timer_t *timer)
{
	struct babeld *babeld = babeld_of(timer->data);
	const struct ip_prefix *starved;
	char prefix[IP_PREFIX_TEXT_SIZE], reason[ERROR_TEXT_SIZE];

	if (!program_is_idle(&babeld->program) || !babeld_control_ready(babeld->control))
		return;
	starved = starvation_look(&babeld->starvation, babeld_control_tables(babeld->control),
				  uv_now(babeld->program.loop));
	if (!starved)
		return;
	(void)snprintf(reason, sizeof(reason),
		       "babeld has had no feasible route to %s for %d s, and is started anew",
		       ip_prefix_format(starved, prefix), STARVATION_TIME_MS / 1000);
	memset(babeld->program.running.digest, 0, sizeof(babeld->program.running.digest));
	babeld->program.events.dirty(babeld->program.events.userdata, reason);
}

static void end(struct program *program)
{
	babeld_control_stop(babeld_of(program)->control);
	(void)child_signal(program->running.pid, SIGTERM);
}

static void connect_to_it(struct program *program)
{
	babeld_control_start(babeld_of(program)->control);
}

static bool has_interface(const struct program *program, const char *link)
{
	const struct babeld *babeld = babeld_of_const(program);

	return !babeld_control_ready(babeld->control) ||
	       babeld_tables_find_link(babeld_control_tables(babeld->control), link);
}

/* An interface that is told to babeld through the control socket. */
struct interface_change {
	struct babeld *babeld;
	uint64_t id;
	struct babel_interface interface;
};

static void change_done(struct interface_change *change, int result, const struct error *error)
{
	struct backend_events events = change->babeld->program.events;
	uint64_t id = change->id;

	free(change);
	if (events.done)
		events.done(events.userdata, id, result, error);
}

static void on_added(void *userdata, int result, const struct error *error)
{
	struct interface_change *change = userdata;
	struct program *program = &change->babeld->program;
	struct error failure = { 0 };

	if (result < 0) {
		change_done(change, result, error);
		return;
	}
	generation_put(&program->running, &change->interface);
	result = program_save(program, &failure);
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
	return babeld_control_command(change->babeld->control, strbuf_text(&line), on_added, change,
				      error);
}

static int set_interface(struct program *program, const struct babel_interface *interface,
			 const struct state *intended, uint64_t id, struct error *error)
{
	const struct babel_interface *known = generation_find(&program->running, interface->link);
	struct interface_change *change;
	int result;

	if (known && (known->rxcost != interface->rxcost ||
		      known->hello_interval_ms != interface->hello_interval_ms))
		return program_follow(program, intended, id, error);
	if (known && has_interface(program, interface->link))
		return 0;
	change = NEW(struct interface_change);
	*change = (struct interface_change) {
		.babeld = babeld_of(program),
		.id = id,
		.interface = *interface,
	};
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
static int remove_interface(struct program *program, const struct babel_interface *interface,
			    const struct state *intended, uint64_t id, struct error *error)
{
	if (program->running.pid == 0 || !generation_find(&program->running, interface->link))
		return 0;
	return program_follow(program, intended, id, error);
}

static void status(const struct program *program, struct babel_status *ret)
{
	const struct babeld *babeld = babeld_of_const(program);
	const struct babeld_tables *tables = babeld_control_tables(babeld->control);

	ret->answers = babeld_control_ready(babeld->control);
	ret->links = tables->links;
	ret->links_count = tables->links_count;
	ret->neighbours = tables->neighbours;
	ret->neighbours_count = tables->neighbours_count;
	ret->routes = tables->routes;
	ret->routes_count = tables->routes_count;
	ret->truncated = tables->truncated;
	(void)snprintf(ret->version, sizeof(ret->version), "%s",
		       babeld_control_version(babeld->control));
}

static void done(struct program *program)
{
	struct babeld *babeld = babeld_of(program);

	babeld_control_free(babeld->control);
	free(babeld->seqno);
	starvation_done(&babeld->starvation);
}

static const struct program_type type = {
	.program = SPEAKER_BABELD,
	.route_protocol = RTPROT_BABEL,
	.done = done,
	.connect = connect_to_it,
	.forget = forget,
	.abandon = abandon_next,
	.start = start,
	.started = introduce_all,
	.end = end,
	.set_interface = set_interface,
	.remove_interface = remove_interface,
	.has_interface = has_interface,
	.status = status,
};

int babeld_new(const struct babel_options *options, struct program **ret, struct error *error)
{
	struct babeld *babeld = NEW(struct babeld);
	struct babeld_control_events events = {
		.userdata = &babeld->program,
		.ready = program_ready,
		.failed = program_failed,
	};
	struct control_options control;
	int result;

	program_init(&babeld->program, &type, options, "babel");
	babeld->seqno = program_path(options->directory, "babel.state");
	babeld->program.own_file = babeld->seqno;
	babeld->silence = options->silence;
	babeld->silence_userdata = options->silence_userdata;
	control = program_control_options(&babeld->program);
	result = babeld_control_new(&control, &events, &babeld->control, error);
	if (result < 0) {
		program_free(&babeld->program);
		return result;
	}
	(void)uv_timer_start(&babeld->program.look_timer, on_look, STARVATION_LOOK_MS,
			     STARVATION_LOOK_MS);
	*ret = &babeld->program;
	return 0;
}
