/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "core/backend.h"

/*
 * The loop that holds a machine to the intended state: observe, plan, apply, again when something
 * changed. It owns no timer and no descriptor: the caller runs reconciler_step() when it is due and
 * passes the time, so that tests move the clock by hand.
 *
 * Faults (all times with jitter):
 *  - EBUSY, EAGAIN, ENOMEM, ENOBUFS, EADDRINUSE: tried again after 200 ms, doubling up to 25 s;
 *  - any other error puts that one object into quarantine: shown as a problem, the rest goes on,
 *    tried again after 5 s, doubling up to 60 s;
 *  - the same repair five times within 60 s is a fight with another manager: said once, and that
 *    object is then only repaired every 25 s.
 * Another intended state ends all this waiting: it is tried at once.
 */
struct reconciler;

/* One thing that does not work, for status and for the answer to a load. */
struct problem {
	char object[OBJECT_KEY_TEXT_SIZE];
	char text[ERROR_TEXT_SIZE];
	int result; /* -errno */
	unsigned attempts;
	uint64_t retry_at_usec;
};

/* One repair: an operation that was needed though the intended state had not changed. */
struct repair {
	uint64_t at_usec;
	char text[256];
};
#define REPAIRS_KEPT 32

struct reconciler_stats {
	uint64_t observations;
	uint64_t operations; /* applied without an error */
	uint64_t failures;
	uint64_t repairs;
};

enum reconciler_event {
	RECONCILER_APPLIED,  /* an operation succeeded */
	RECONCILER_REPAIRED, /* the same, as a repair; text is operation_format() */
	RECONCILER_FAILED,
	RECONCILER_CONFLICT, /* a foreign object is in the way; said once until it goes */
	RECONCILER_FIGHT,
};

/*
 * @operation is the one that was applied or repaired, NULL with other events; @text is NULL with
 * RECONCILER_APPLIED, which comes thousands of times and is rarely of interest.
 */
typedef void reconciler_event_fn(void *userdata, enum reconciler_event event,
				 const struct operation *operation, const char *text);

/* @backends is copied; what its userdata points to must outlive the reconciler. */
struct reconciler *reconciler_new(const struct backend *backends, size_t backends_count,
				  reconciler_event_fn *event, void *event_userdata);
void reconciler_free(struct reconciler *reconciler);
CLEANUP_DEFINE(struct reconciler *, reconciler_free);

/* Takes @intended. What follows is a change, not a repair, until the first empty plan. */
void reconciler_set_intended(struct reconciler *reconciler, struct state *intended);
const struct state *reconciler_intended(const struct reconciler *reconciler);

/* Something changed. The next step observes again, after 50 ms in which more may come. */
void reconciler_mark_dirty(struct reconciler *reconciler, uint64_t now_usec);

/*
 * Do what is due. Returns the time at which to call again; also call after mark_dirty(),
 * set_intended() and complete(). Observes at least every 300 s.
 */
uint64_t reconciler_step(struct reconciler *reconciler, uint64_t now_usec);

/* When reconciler_step() is due next; UINT64_MAX while it waits for reconciler_complete(). */
uint64_t reconciler_next_step(const struct reconciler *reconciler);

/* The end of an operation in progress; unknown ids are ignored. */
void reconciler_complete(struct reconciler *reconciler, uint64_t id, int result,
			 const struct error *error, uint64_t now_usec);

/* Nothing is dirty, nothing in progress, and all that can be done now is done. */
bool reconciler_settled(const struct reconciler *reconciler);

/*
 * Observe now and plan for @intended without applying anything. The plan points into @intended and
 * into *ret_operational, both to be freed after it.
 */
int reconciler_preview(struct reconciler *reconciler, const struct state *intended,
		       struct state **ret_operational, struct plan **ret_plan, struct error *error);

/* The last observation; NULL before the first. */
const struct state *reconciler_operational(const struct reconciler *reconciler);

const struct reconciler_stats *reconciler_stats(const struct reconciler *reconciler);
size_t reconciler_problems(const struct reconciler *reconciler, const struct problem **ret);
/* The keys of foreign objects in the way, one after the other; NULL behind the last. */
const char *reconciler_conflict(const struct reconciler *reconciler, size_t index);
size_t reconciler_repairs(const struct reconciler *reconciler, const struct repair **ret);
