/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "babel/babeld_control.h"
#include "babel/backend.h"
#include "babel/gate.h"
#include "babel/generation.h"
#include "babel/leftovers.h"
#include "process/child.h"

/*
 * The one babeld process: starting, replacing, adopting, stopping. Inside of the back end.
 */
enum speaker_phase {
	SPEAKER_IDLE,
	SPEAKER_READING,  /* until the next one has read its filters; the old one goes on */
	SPEAKER_STARTING, /* until it answers */
	SPEAKER_STOPPING, /* until it has ended */
};

struct speaker_paths {
	char *config;
	char *control;
	char *seqno;
	char *record;
	char *log;
};

/* The babeld that takes over when it has read its filters. */
struct speaker_next {
	struct generation generation;
	struct babel_policy policy;
	struct child_watch *watch;
	struct gate *gate;
};

struct babel {
	uv_loop_t *loop;
	struct spaces *spaces;
	struct backend_events events;
	void (*silence)(void *userdata, unsigned milliseconds);
	void *silence_userdata;
	struct speaker_paths paths;
	struct babeld_control *control;
	struct child_watch *watch;
	struct leftovers *leftovers;
	uv_timer_t stop_timer;

	/* The last generation that was started; its pid is 0 if it does not live any more. */
	struct generation running;
	/* A babeld on our files that cannot be adopted; killed when one is started or stopped. */
	pid_t stray;

	enum speaker_phase phase;
	struct speaker_next next; /* empty unless SPEAKER_READING */
	uint64_t operation_id;	  /* of the operation in progress, unless idle */
	size_t interfaces_due;	  /* while starting: not told to babeld yet */
};

/* Look for a babeld that runs already. */
int speaker_adopt(struct babel *babel, struct error *error);

/* Give up a babeld that has not taken over yet. */
void speaker_abandon_next(struct babel *babel);

/* Does babeld live in the present overlay? */
bool speaker_lives(struct babel *babel);

/* Both answer with -EINPROGRESS, or with an error before anything was changed that matters. */
int speaker_start(struct babel *babel, const struct speaker *speaker, const struct state *intended,
		  uint64_t id, struct error *error);
int speaker_stop(struct babel *babel, uint64_t id, struct error *error);

/* Write down which interfaces the process has. */
int speaker_save(const struct babel *babel, struct error *error);

/* Events of the control connection. */
void speaker_ready(void *userdata);
void speaker_failed(void *userdata, const struct error *error);
