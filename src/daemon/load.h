/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "daemon/node.h"

/*
 * Registries on their way from bytes to what is in force (registry specification, section 4), one
 * after the other in the order of their arrival:
 *
 *	verify   steps 0 to 8, in a thread: the loop never waits for signatures
 *	decide   step 9, what it means for this host
 *	record   step 10, in a thread: the loop never waits for a disk
 *	follow   step 11
 *
 * A failure before the last step changes nothing.
 */
struct loads;

struct load_options {
	const char *bytes; /* the caller's, until the end of the load */
	size_t size;
	const char *name; /* for messages, "registry"; a constant */
	bool plan;	  /* stop before anything is recorded */
	bool allow_unsigned;
	bool allow_empty;
};

struct load_outcome {
	const struct error *error;	      /* why it was refused; NULL: it was not */
	const struct state *intended;	      /* of a plan: what would be intended */
	const struct node_warnings *warnings; /* of a plan; else they are the node's */
	unsigned added, changed, removed;     /* nodes */
};

/* Called from the loop, once for each load. @outcome is gone afterwards. */
typedef void load_done_fn(void *userdata, const struct load_outcome *outcome);

struct loads *loads_new(uv_loop_t *loop, struct node *node);

/*
 * A load that is in a thread is let finish there; all that are not done are refused with
 * E_CTL_DOWN, and @closed is called after the last, from the loop or at once. Recorded ones are
 * followed at the next start. @node is not touched any more.
 */
typedef void loads_closed_fn(void *userdata);
void loads_close(struct loads *loads, loads_closed_fn *closed, void *userdata);

void loads_begin(struct loads *loads, const struct load_options *options, load_done_fn *done,
		 void *userdata);

/* All steps at once, before the loop runs. */
int loads_run(struct loads *loads, const struct load_options *options, struct error *error);

/* Is one on its way? The configuration by which it is judged must not change then. */
bool loads_are_running(const struct loads *loads);

/* @idle is called from the loop whenever the last of them is done. */
void loads_when_idle(struct loads *loads, void (*idle)(void *userdata), void *userdata);

/* What was accepted last, at start. Whatever is wrong with it becomes the node's problem. */
void loads_start(struct node *node);
