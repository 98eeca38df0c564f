// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/reconcile.h"

#include "base/memory.h"
#include "core/problems.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define USEC_PER_SEC 1000000ull
#define COALESCE_USEC (50 * 1000ull)
#define FULL_OBSERVE_USEC (300 * USEC_PER_SEC)

/* Helpers that start at the same time, so that they start within their time limits. */
#define RUNNING_MAX 32

enum progress {
	PROGRESS_WAITING,
	PROGRESS_RUNNING,
	PROGRESS_DONE,
	PROGRESS_FAILED,
	PROGRESS_SKIPPED, /* a parent failed, or it is not time to try again */
};

struct run {
	enum progress progress;
	uint64_t id; /* while it is running */
};

struct reconciler {
	struct backend *backends;
	bool *blind; /* by back end: its last observation failed */
	size_t backends_count;
	reconciler_event_fn *event;
	void *event_userdata;

	struct state *intended;
	struct state *next_intended; /* waits for operations in progress */
	struct state *operational;
	struct plan *plan;	     /* being carried out, or NULL */
	struct run *runs;	     /* one per operation of the plan */
	size_t running[RUNNING_MAX]; /* indexes of operations in progress */
	unsigned running_count;
	uint64_t last_id;
	bool stopping; /* start no further operation of this plan */
	bool woken;    /* an operation has ended: the plan can go on */

	bool dirty;
	uint64_t due_usec;	    /* when to observe, if dirty */
	uint64_t observed_usec;	    /* the last observation */
	uint64_t full_observe_usec; /* the next one, at the latest */
	uint64_t now_usec;
	bool settling; /* the intended state changed: what is done is no repair */

	struct problems *problems;
	struct reconciler_stats stats;
};

struct reconciler *reconciler_new(const struct backend *backends, size_t backends_count,
				  reconciler_event_fn *event, void *event_userdata)
{
	struct reconciler *reconciler = NEW(struct reconciler);

	reconciler->backends = memory_dup(backends, backends_count * sizeof(*backends));
	reconciler->blind = NEW_ARRAY(bool, backends_count);
	reconciler->backends_count = backends_count;
	reconciler->event = event;
	reconciler->event_userdata = event_userdata;
	reconciler->intended = state_new();
	reconciler->problems = problems_new();
	reconciler->settling = true;
	return reconciler;
}

void reconciler_free(struct reconciler *reconciler)
{
	if (!reconciler)
		return;
	plan_free(reconciler->plan);
	free(reconciler->runs);
	state_free(reconciler->intended);
	state_free(reconciler->next_intended);
	state_free(reconciler->operational);
	problems_free(reconciler->problems);
	free(reconciler->backends);
	free(reconciler->blind);
	free(reconciler);
}

static void tell_operation(const struct reconciler *reconciler, enum reconciler_event event,
			   const struct operation *operation, const char *text)
{
	if (reconciler->event)
		reconciler->event(reconciler->event_userdata, event, operation, text);
}

static void tell(const struct reconciler *reconciler, enum reconciler_event event, const char *text)
{
	tell_operation(reconciler, event, NULL, text);
}

/* The index of the back end that claims @object, or backends_count. */
static size_t find_backend(const struct reconciler *reconciler, const struct object *object)
{
	size_t i;

	for (i = 0; i < reconciler->backends_count; i++)
		if (reconciler->backends[i].claims(reconciler->backends[i].userdata, object))
			break;
	return i;
}

static bool can_update(void *userdata, const struct object *from, const struct object *to)
{
	const struct reconciler *reconciler = userdata;
	size_t index = find_backend(reconciler, to);
	const struct backend *backend = &reconciler->backends[index];

	if (index == reconciler->backends_count || find_backend(reconciler, from) != index)
		return false;
	return !backend->can_update || backend->can_update(backend->userdata, from, to);
}

static void adopt_next_intended(struct reconciler *reconciler)
{
	state_free(reconciler->intended);
	reconciler->intended = TAKE(reconciler->next_intended);
	reconciler->settling = true;
	reconciler->dirty = true;
	reconciler->due_usec = reconciler->now_usec;
	/* What failed or was fought over may be another thing now, or is to go. */
	problems_retry_all(reconciler->problems);
}

static void drop_plan(struct reconciler *reconciler)
{
	plan_free(TAKE(reconciler->plan));
	free(TAKE(reconciler->runs));
	reconciler->stopping = false;
}

void reconciler_set_intended(struct reconciler *reconciler, struct state *intended)
{
	state_free(reconciler->next_intended);
	reconciler->next_intended = intended;
	reconciler->stopping = true;
	if (reconciler->running_count == 0) {
		drop_plan(reconciler);
		adopt_next_intended(reconciler);
	}
}

const struct state *reconciler_intended(const struct reconciler *reconciler)
{
	return reconciler->next_intended ? reconciler->next_intended : reconciler->intended;
}

void reconciler_mark_dirty(struct reconciler *reconciler, uint64_t now_usec)
{
	if (reconciler->dirty)
		return;
	reconciler->dirty = true;
	reconciler->due_usec = now_usec + COALESCE_USEC;
}

/* Observe one back end into a set of its own, so that a failure half-way leaves nothing behind. */
static int observe_one(struct reconciler *reconciler, size_t index, const struct state *intended,
		       struct state *operational, struct error *error)
{
	const struct backend *backend = &reconciler->backends[index];
	CLEANUP(state_free) struct state *part = state_new();
	int result = backend->observe(backend->userdata, intended, part, error);

	if (result < 0)
		return result;
	state_take(operational, part);
	return 0;
}

static void observe_end(const struct reconciler *reconciler)
{
	for (size_t i = 0; i < reconciler->backends_count; i++)
		if (reconciler->backends[i].observed)
			reconciler->backends[i].observed(reconciler->backends[i].userdata);
}

static void observe(struct reconciler *reconciler)
{
	struct state *operational = state_new();

	for (size_t i = 0; i < reconciler->backends_count; i++) {
		struct error error = { 0 };
		char key[OBJECT_KEY_TEXT_SIZE];
		int result = observe_one(reconciler, i, reconciler->intended, operational, &error);

		(void)snprintf(key, sizeof(key), "observe %s", reconciler->backends[i].name);
		reconciler->blind[i] = result < 0;
		if (result == 0)
			problems_solved(reconciler->problems, key);
		else if (problems_add(reconciler->problems, key, result, &error,
				      reconciler->now_usec))
			tell(reconciler, RECONCILER_FAILED,
			     problems_last_text(reconciler->problems));
	}
	observe_end(reconciler);
	state_free(reconciler->operational);
	reconciler->operational = operational;
	reconciler->stats.observations++;
}

/* Is it too early to try this operation? Fights with other managers slow repairs down. */
static bool must_wait(struct reconciler *reconciler, const struct operation *operation)
{
	char key[OBJECT_KEY_TEXT_SIZE];
	size_t index = find_backend(reconciler, operation_object(operation));

	if (index < reconciler->backends_count && reconciler->blind[index])
		return true;
	if (problems_are_none(reconciler->problems))
		return false;
	object_format_key(operation_object(operation), key);
	return problems_must_wait(reconciler->problems, key, reconciler->now_usec);
}

static void begin_plan(struct reconciler *reconciler)
{
	struct plan *plan =
		plan_make(reconciler->intended, reconciler->operational, can_update, reconciler);

	problems_keep_only(reconciler->problems, plan, reconciler->now_usec);
	for (size_t i = 0; i < plan->conflicts_count; i++) {
		char key[OBJECT_KEY_TEXT_SIZE];

		object_format_key(plan->conflicts[i], key);
		if (problems_add_conflict(reconciler->problems, key))
			tell(reconciler, RECONCILER_CONFLICT, key);
	}
	reconciler->plan = plan;
	reconciler->runs = NEW_ARRAY(struct run, plan->operations_count);
	for (size_t i = 0; i < plan->operations_count; i++)
		if (must_wait(reconciler, &plan->operations[i]))
			reconciler->runs[i].progress = PROGRESS_SKIPPED;
}

static bool depends_on(const struct object *object, const struct object *parent)
{
	struct object parents[OBJECT_PARENTS_MAX];
	unsigned count = object_parents(object, parents);

	for (unsigned i = 0; i < count; i++)
		if (object_compare(&parents[i], parent) == 0)
			return true;
	return false;
}

/* Filters stay until nothing is left that they are for: a speaker, for one, has last words. */
static bool filters(const struct object *object, const struct object *user)
{
	return object->kind == OBJECT_RULESET && user->kind > OBJECT_RULESET;
}

/* A deletion comes after the last use, so after the deletion of what depends on the object. */
static bool is_in_use(const struct reconciler *reconciler, const struct object *object)
{
	const struct operation *operations = reconciler->plan->operations;

	for (unsigned i = 0; i < reconciler->running_count; i++) {
		const struct object *user = operation_object(&operations[reconciler->running[i]]);

		if (depends_on(user, object) || filters(object, user))
			return true;
	}
	return false;
}

/* What came of the operations that this one depends on. */
static enum progress progress_of_parents(const struct reconciler *reconciler,
					 const struct operation *operation, bool creations_ended)
{
	if (operation->type == OPERATION_DELETE &&
	    (!creations_ended || is_in_use(reconciler, operation->from)))
		return PROGRESS_WAITING;
	for (unsigned i = 0; i < operation->parents_count; i++) {
		enum progress progress = reconciler->runs[operation->parents[i]].progress;

		if (progress != PROGRESS_DONE)
			return progress == PROGRESS_RUNNING ? PROGRESS_WAITING : progress;
	}
	return PROGRESS_DONE;
}

/* True if it has been tried before, and failed. */
static bool is_retried(struct reconciler *reconciler, const struct object *object)
{
	char key[OBJECT_KEY_TEXT_SIZE];

	return !problems_are_none(reconciler->problems) &&
	       problems_solved(reconciler->problems, object_format_key(object, key));
}

static void operation_repaired(struct reconciler *reconciler, const struct operation *operation)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	char key[OBJECT_KEY_TEXT_SIZE];

	operation_format(operation, &text);
	object_format_key(operation_object(operation), key);
	reconciler->stats.repairs++;
	tell_operation(reconciler, RECONCILER_REPAIRED, operation, strbuf_text(&text));
	if (problems_add_repair(reconciler->problems, key, strbuf_text(&text),
				reconciler->now_usec))
		tell(reconciler, RECONCILER_FIGHT, key);
}

static void operation_succeeded(struct reconciler *reconciler, const struct operation *operation)
{
	bool retried = is_retried(reconciler, operation_object(operation));

	reconciler->stats.operations++;
	if (reconciler->settling || retried)
		tell_operation(reconciler, RECONCILER_APPLIED, operation, NULL);
	else
		operation_repaired(reconciler, operation);
}

static void operation_ended(struct reconciler *reconciler, size_t index, int result,
			    const struct error *error)
{
	const struct operation *operation = &reconciler->plan->operations[index];
	char key[OBJECT_KEY_TEXT_SIZE];

	if (result >= 0) {
		reconciler->runs[index].progress = PROGRESS_DONE;
		operation_succeeded(reconciler, operation);
		return;
	}
	reconciler->runs[index].progress = PROGRESS_FAILED;
	reconciler->stats.failures++;
	object_format_key(operation_object(operation), key);
	if (problems_add(reconciler->problems, key, result, error, reconciler->now_usec))
		tell(reconciler, RECONCILER_FAILED, problems_last_text(reconciler->problems));
}

static void start_operation(struct reconciler *reconciler, size_t index)
{
	const struct operation *operation = &reconciler->plan->operations[index];
	size_t backend_index = find_backend(reconciler, operation_object(operation));
	const struct backend *backend = &reconciler->backends[backend_index];
	struct error error = { 0 };
	int result;

	if (backend_index == reconciler->backends_count) {
		result = error_set(&error, -EOPNOTSUPP, ERROR_UNSUPPORTED, NULL,
				   "nothing on this machine can make this");
	} else {
		reconciler->runs[index].id = ++reconciler->last_id;
		result = backend->apply(backend->userdata, operation, reconciler->intended,
					reconciler->runs[index].id, &error);
	}
	if (result == -EINPROGRESS) {
		reconciler->runs[index].progress = PROGRESS_RUNNING;
		reconciler->running[reconciler->running_count++] = index;
	} else {
		operation_ended(reconciler, index, result, &error);
	}
}

static void try_operation(struct reconciler *reconciler, size_t index, bool creations_ended)
{
	struct run *run = &reconciler->runs[index];
	enum progress parents;

	if (reconciler->stopping) {
		run->progress = PROGRESS_SKIPPED;
		return;
	}
	parents = progress_of_parents(reconciler, &reconciler->plan->operations[index],
				      creations_ended);
	if (parents == PROGRESS_FAILED || parents == PROGRESS_SKIPPED)
		run->progress = PROGRESS_SKIPPED;
	else if (parents == PROGRESS_DONE && reconciler->running_count < RUNNING_MAX)
		start_operation(reconciler, index);
}

/* Start all that can be started. Returns true when every operation has ended. */
static bool advance_plan(struct reconciler *reconciler)
{
	bool ended = true, creations_ended = true;

	for (size_t i = 0; i < reconciler->plan->operations_count; i++) {
		const struct run *run = &reconciler->runs[i];

		if (run->progress == PROGRESS_WAITING)
			try_operation(reconciler, i, creations_ended);
		if (run->progress != PROGRESS_WAITING && run->progress != PROGRESS_RUNNING)
			continue;
		ended = false;
		if (reconciler->plan->operations[i].type != OPERATION_DELETE)
			creations_ended = false;
	}
	return ended;
}

static void end_plan(struct reconciler *reconciler)
{
	bool changed = false;

	for (size_t i = 0; i < reconciler->plan->operations_count; i++)
		if (reconciler->runs[i].progress == PROGRESS_DONE)
			changed = true;
	drop_plan(reconciler);
	if (reconciler->next_intended) {
		adopt_next_intended(reconciler);
	} else if (changed) {
		/* Trust nothing: what was done is seen in the next observation. */
		reconciler->dirty = true;
		reconciler->due_usec = reconciler->now_usec;
	} else {
		reconciler->settling = false;
	}
}

uint64_t reconciler_next_step(const struct reconciler *reconciler)
{
	uint64_t due = reconciler->full_observe_usec;
	uint64_t retry = problems_next_retry(reconciler->problems, reconciler->observed_usec);

	if (reconciler->plan) /* reconciler_complete() comes first */
		return reconciler->woken ? reconciler->now_usec : UINT64_MAX;
	if (retry < due)
		due = retry;
	if (reconciler->dirty && reconciler->due_usec < due)
		due = reconciler->due_usec;
	return due;
}

uint64_t reconciler_step(struct reconciler *reconciler, uint64_t now_usec)
{
	reconciler->now_usec = now_usec;
	if (reconciler->full_observe_usec == 0)
		reconciler->full_observe_usec = now_usec; /* the first step observes */
	if (!reconciler->plan && reconciler_next_step(reconciler) <= now_usec) {
		reconciler->dirty = false;
		reconciler->observed_usec = now_usec;
		reconciler->full_observe_usec = now_usec + FULL_OBSERVE_USEC;
		observe(reconciler);
		begin_plan(reconciler);
	}
	reconciler->woken = false;
	if (reconciler->plan && advance_plan(reconciler))
		end_plan(reconciler);
	return reconciler_next_step(reconciler);
}

void reconciler_complete(struct reconciler *reconciler, uint64_t id, int result,
			 const struct error *error, uint64_t now_usec)
{
	reconciler->now_usec = now_usec;
	for (unsigned i = 0; i < reconciler->running_count; i++) {
		size_t index = reconciler->running[i];

		if (reconciler->runs[index].id != id)
			continue;
		reconciler->running[i] = reconciler->running[--reconciler->running_count];
		operation_ended(reconciler, index, result, error);
		reconciler->woken = true;
		return;
	}
}

bool reconciler_settled(const struct reconciler *reconciler)
{
	return !reconciler->dirty && !reconciler->plan && !reconciler->next_intended &&
	       reconciler->operational;
}

int reconciler_preview(struct reconciler *reconciler, const struct state *intended,
		       struct state **ret_operational, struct plan **ret_plan, struct error *error)
{
	CLEANUP(state_free) struct state *operational = state_new();
	int result = 0;

	for (size_t i = 0; i < reconciler->backends_count && result == 0; i++)
		result = observe_one(reconciler, i, intended, operational, error);
	observe_end(reconciler);
	if (result < 0)
		return result;
	*ret_plan = plan_make(intended, operational, can_update, reconciler);
	*ret_operational = TAKE(operational);
	return 0;
}

const struct state *reconciler_operational(const struct reconciler *reconciler)
{
	return reconciler->operational;
}

const struct reconciler_stats *reconciler_stats(const struct reconciler *reconciler)
{
	return &reconciler->stats;
}

size_t reconciler_problems(const struct reconciler *reconciler, const struct problem **ret)
{
	return problems_list(reconciler->problems, ret);
}

size_t reconciler_repairs(const struct reconciler *reconciler, const struct repair **ret)
{
	return problems_repairs(reconciler->problems, ret);
}

const char *reconciler_conflict(const struct reconciler *reconciler, size_t index)
{
	return problems_conflict(reconciler->problems, index);
}
