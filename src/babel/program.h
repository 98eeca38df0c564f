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

/* What is under way. */
enum program_phase {
	PROGRAM_IDLE,
	PROGRAM_READING,     /* babeld: the next one reads its filters, the old one goes on */
	PROGRAM_CONFIGURING, /* BIRD: until it has said yes or no */
	PROGRAM_STARTING,    /* until it answers */
	PROGRAM_STOPPING,    /* until it has ended */
};

struct program_type {
	enum speaker_program program; /* its executable by speaker_program_name() */
	uint8_t route_protocol;	      /* of its routes in the kernel */

	/* Free all that is the type's own, but not @program. */
	void (*done)(struct program *program);
	/* Connect to the process that runs already. */
	void (*connect)(struct program *program);
	/* It has ended, or is about to be killed: disconnect, and forget what it has said. */
	void (*forget)(struct program *program);
	/* What was made ready to come next, if anything, has come or will not come. */
	void (*abandon)(struct program *program);
	/*
	 * Run with this policy and the interfaces that are intended: a new process, or a change of
	 * the present one. -EINPROGRESS in another phase, or an error before anything was changed
	 * that matters.
	 */
	int (*start)(struct program *program, const struct speaker *speaker,
		     const struct state *intended, struct error *error);
	/* A process that was started answers: finish, perhaps later. */
	void (*started)(struct program *program);
	/* Ask it to end: it tells its neighbours and takes its routes away. */
	void (*end)(struct program *program);
	/* Results as in backend.h. There is a process. */
	int (*set_interface)(struct program *program, const struct babel_interface *interface,
			     const struct state *intended, uint64_t id, struct error *error);
	int (*remove_interface)(struct program *program, const struct babel_interface *interface,
				const struct state *intended, uint64_t id, struct error *error);
	/* Is it known there, as far as can be told? It is on record. */
	bool (*has_interface)(const struct program *program, const char *link);
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
	const char *own_file;		/* a further one, of the type */
	unsigned deadline_ms, quiet_ms; /* of the control socket */
	int64_t clock_shift_ms;		/* of babel_options */
	uv_timer_t stop_timer;
	uv_timer_t look_timer; /* the type's, for looks at what the process has */
	unsigned open_timers;

	enum program_phase phase;
	/* The last generation that was started; its pid is 0 if it does not live any more. */
	struct generation running;
	/* A process on our files that cannot be adopted; killed when one is started or stopped. */
	pid_t stray;
	uint64_t operation_id; /* of the operation in progress, if there is one */

	/* Of our announcements when it was stopped, if it was asked for that: BIRD. */
	bool has_last_seqno;
	uint16_t last_seqno;
};

/*
 * @program is the first member of a zero-initialised struct on the heap, which is freed with it.
 * Files are called DIRECTORY/@stem.conf, .ctl and .generation.
 */
void program_init(struct program *program, const struct program_type *type,
		  const struct babel_options *options, const char *stem);

/* The process stays. What is under way is answered to nobody. */
void program_free(struct program *program);

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
int program_adopt(struct program *program, struct error *error);

bool program_is_idle(const struct program *program);

/* See @start of the type. -EBUSY while anything is under way. */
int program_start(struct program *program, const struct speaker *speaker,
		  const struct state *intended, uint64_t id, struct error *error);

/* The same with all that is intended; 0 without a speaker, which is deleted next. */
int program_follow(struct program *program, const struct state *intended, uint64_t id,
		   struct error *error);

/* End it; nothing is left of it afterwards. 0, -EINPROGRESS or an error, -EBUSY as above. */
int program_stop(struct program *program, uint64_t id, struct error *error);

/* What was started or changed is so, or it has failed. */
void program_finish(struct program *program, int result, const struct error *error);

/* The same for a process that ended before it was of any use, with the last line of its log. */
void program_finish_failed_start(struct program *program);

/* What happens to the process that runs; @userdata is its program. For its watch, */
void program_ended(void *userdata, pid_t pid);
/* and for the client of its control socket. */
void program_ready(void *userdata);
void program_failed(void *userdata, const struct error *error);

/* SIGKILL, because any other end would make it take its routes out of the kernel. Waits. */
void program_kill_process(pid_t pid);

/* The same with the process that runs and a stray one; running.pid is 0 afterwards. */
void program_kill(struct program *program);

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

/* The two types. */
int babeld_new(const struct babel_options *options, struct program **ret, struct error *error);
int bird_new(const struct babel_options *options, struct program **ret, struct error *error);
