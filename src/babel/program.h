/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "babel/backend.h"
#include "babel/control_client.h"
#include "babel/generation.h"
#include "babel/kernel_routes.h"
#include "babel/leftovers.h"
#include "process/child.h"

/*
 * What the back end wants of a routing daemon, and what babeld and BIRD have in common: a process
 * of ours that outlives us, a record of it, its files and its routes in the kernel. Inside of the
 * back end; babeld.c and bird.c are the two types.
 *
 * A process belongs to a generation. Generations that follow each other give their kernel routes
 * different metrics, so that a new process builds its set while what a killed one has left still
 * carries the traffic (leftovers.h).
 */
struct program;

#define SPEAKER_NAME "babel" /* of the object: there is one at most */

struct program_type {
	enum speaker_program program; /* its executable by speaker_program_name() */
	uint8_t route_protocol;	      /* of its routes in the kernel */

	void (*free)(struct program *program);
	/* Find a process that runs already. */
	int (*adopt)(struct program *program, struct error *error);
	/*
	 * Run with this policy and the interfaces that are intended: a new process, or a change of
	 * the present one. -EINPROGRESS, or an error before anything was changed that matters.
	 */
	int (*start)(struct program *program, const struct speaker *speaker,
		     const struct state *intended, uint64_t id, struct error *error);
	/* End it; nothing is left of it afterwards. 0, -EINPROGRESS or an error. */
	int (*stop)(struct program *program, uint64_t id, struct error *error);
	/* Results as in backend.h. There is a process. */
	int (*set_interface)(struct program *program, const struct babel_interface *interface,
			     const struct state *intended, uint64_t id, struct error *error);
	int (*remove_interface)(struct program *program, const struct babel_interface *interface,
				const struct state *intended, uint64_t id, struct error *error);
	/* Is it known there, as far as can be told? It is on record. */
	bool (*has_interface)(const struct program *program, const char *link);
	bool (*is_idle)(const struct program *program);
	void (*status)(const struct program *program, struct babel_status *ret);
};

struct program {
	const struct program_type *type;
	uv_loop_t *loop;
	struct spaces *spaces;
	struct backend_events events;
	struct child_watch *watch;
	struct leftovers *leftovers;
	char *config; /* paths */
	char *control;
	char *record;
	char *log;
	unsigned deadline_ms, quiet_ms; /* of the control socket */
	int64_t clock_shift_ms;		/* of babel_options */

	/* The last generation that was started; its pid is 0 if it does not live any more. */
	struct generation running;
	/* A process on our files that cannot be adopted; killed when one is started or stopped. */
	pid_t stray;
	uint64_t operation_id; /* of the operation in progress, if there is one */

	/* Of our announcements when it was stopped, if it was asked for that: BIRD. */
	bool has_last_seqno;
	uint16_t last_seqno;
};

/* Files are called DIRECTORY/@stem.conf, .ctl and .generation. */
void program_init(struct program *program, const struct program_type *type,
		  const struct babel_options *options, const char *stem);
void program_done(struct program *program);

char *program_path(const char *directory, const char *name);

/* For the client of its control socket. */
struct control_options program_control_options(const struct program *program);

/* Does the process live in the present overlay? */
bool program_lives(const struct program *program);

int program_save(const struct program *program, struct error *error);

/*
 * Adopt the process that is found by record and control socket, and watch it; running.pid is 0 if
 * there is none, and then stray may be one that cannot be adopted.
 */
int program_adopt(struct program *program, child_ended_fn *ended, void *userdata,
		  struct error *error);

/* SIGKILL, because any other end would make it take its routes out of the kernel. Waits. */
void program_kill_process(pid_t pid);

/* The same with all that is left of it in our hands; running.pid is 0 afterwards. */
void program_kill(struct program *program);
void program_forget_process(struct program *program);

/* -ECHILD with the last line of its log. */
int program_ended_at_once(const struct program *program, struct error *error);

/*
 * The generation after the present one, with a metric that no route in @table has if there is such
 * a one: a program takes a route that it finds in the place of its own for that.
 */
int program_next_number(const struct program *program, uint32_t table, uint64_t *ret,
			struct error *error);

/* The time for seqno.h. */
uint64_t program_clock_ms(const struct program *program);

/*
 * @program, of which there is nothing, will be started at @realtime_ms where @former was:
 * neighbours shall take what it announces for newer.
 */
void program_succeed(struct program *program, struct program *former, uint64_t realtime_ms);

/* @generation as @speaker and @intended want it. Its number and pid are left alone. */
void program_prepare(const struct speaker *speaker, const struct state *intended,
		     struct generation *generation);

struct kernel_route_place program_place(const struct program *program, uint32_t table);

/* Its routes in @table with @metric; 0: all of them. */
int program_delete_routes(const struct program *program, uint32_t table, uint32_t metric,
			  struct error *error);

/* Nothing is left: routes, files, the record. @more: further files, terminated by NULL. */
int program_clean_up(struct program *program, const char *const *more, struct error *error);

/* The two types. */
int babeld_new(const struct babel_options *options, struct program **ret, struct error *error);
int bird_new(const struct babel_options *options, struct program **ret, struct error *error);
