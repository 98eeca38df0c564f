// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/requests.h"

#include "base/memory.h"
#include "daemon/status.h"

#include <errno.h>
#include <string.h>

struct requests {
	uv_loop_t *loop;
	struct node *node;
	const char *config_path;
	struct requests_hooks hooks;
	uint64_t started_usec;
	uv_timer_t patience; /* of the request that waits */
	unsigned open;	     /* timer and loads; the last one to close frees all */
	bool closing;

	struct loads *loads;
	struct control_request *loading; /* whose registry is on its way; NULL: none */

	/* The change that waits until the machine has followed; NULL: none. */
	struct control_request *waiting;
	uint64_t since_usec;
	uint64_t operations_before;
	unsigned added, changed, removed;
};

static uint64_t now_usec(void)
{
	return uv_hrtime() / 1000;
}

static void reply_with_plan(struct requests *requests, struct control_request *request,
			    const struct load_outcome *outcome)
{
	CLEANUP(state_free) struct state *operational = NULL;
	CLEANUP(plan_free) struct plan *plan = NULL;
	struct json_object *reply, *lines, *conflicts;
	struct error error = { 0 };

	if (reconciler_preview(node_machine(requests->node)->reconciler, outcome->intended,
			       &operational, &plan, &error) < 0) {
		control_request_fail(request, &error);
		return;
	}
	reply = json_object_new_object();
	lines = json_object_new_array();
	conflicts = json_object_new_array();
	for (size_t i = 0; i < plan->operations_count; i++) {
		CLEANUP(strbuf_done) struct strbuf text = { 0 };

		operation_format(&plan->operations[i], &text);
		json_object_array_add(lines, json_object_new_string(strbuf_text(&text)));
	}
	for (size_t i = 0; i < plan->conflicts_count; i++) {
		char key[OBJECT_KEY_TEXT_SIZE];

		json_object_array_add(conflicts, json_object_new_string(object_format_key(
							 plan->conflicts[i], key)));
	}
	json_object_object_add(reply, "plan", lines);
	json_object_object_add(reply, "conflicts", conflicts);
	json_object_object_add(reply, "warnings", status_warnings(outcome->warnings));
	control_request_reply(request, reply);
}

static void out_of_patience(uv_timer_t *timer);

/* Keep the request until requests_settled(), or until its time is over. */
static void wait_for_machine(struct requests *requests, struct control_request *request)
{
	const struct control_arguments *arguments = control_request_arguments(request);
	unsigned wait_sec =
		arguments->op == CONTROL_DOWN ? CONTROL_WAIT_DEFAULT : arguments->wait_sec;

	requests->waiting = request;
	requests->operations_before =
		reconciler_stats(node_machine(requests->node)->reconciler)->operations;
	(void)uv_timer_start(&requests->patience, out_of_patience, wait_sec * 1000ull, 0);
}

static void put_number(struct json_object *object, const char *name, uint64_t number)
{
	json_object_object_add(object, name, json_object_new_int64((int64_t)number));
}

static struct json_object *load_reply(struct requests *requests)
{
	const struct registry *registry = node_registry(requests->node)->registry;
	struct reconciler *reconciler = node_machine(requests->node)->reconciler;
	uint64_t operations =
		reconciler_stats(reconciler)->operations - requests->operations_before;
	struct json_object *reply = json_object_new_object();
	bool no_change =
		!requests->added && !requests->changed && !requests->removed && !operations;

	if (registry->is_signed)
		put_number(reply, "manifest", registry->origin.manifest_version);
	put_number(reply, "nodes", registry->nodes_count);
	put_number(reply, "added", requests->added);
	put_number(reply, "changed", requests->changed);
	put_number(reply, "removed", requests->removed);
	put_number(reply, "operations", operations);
	json_object_object_add(reply, "no_change", json_object_new_boolean(no_change));
	put_number(reply, "ms", (now_usec() - requests->since_usec) / 1000);
	json_object_object_add(reply, "warnings", status_warnings(node_warnings(requests->node)));
	json_object_object_add(reply, "problems", status_problems(requests->node));
	return reply;
}

static void answer_waiting(struct requests *requests)
{
	struct control_request *request = TAKE(requests->waiting);

	(void)uv_timer_stop(&requests->patience);
	control_request_reply(request, load_reply(requests));
}

static bool waits_for(const struct requests *requests, enum control_op op)
{
	return requests->waiting && control_request_arguments(requests->waiting)->op == op;
}

/* What is not done by now is told as problems; the reconciler goes on with it. */
static void out_of_patience(uv_timer_t *timer)
{
	struct requests *requests = timer->data;
	struct error error = { 0 };

	if (waits_for(requests, CONTROL_LOAD))
		answer_waiting(requests);
	if (!waits_for(requests, CONTROL_DOWN))
		return;
	(void)error_set(&error, 0, ERROR_APPLY, NULL,
			"not everything could be removed yet; the daemon goes on trying and ends "
			"then; see aronet status");
	control_request_fail(TAKE(requests->waiting), &error);
}

void requests_settled(struct requests *requests)
{
	if (waits_for(requests, CONTROL_LOAD))
		answer_waiting(requests);
}

void requests_taken_down(struct requests *requests)
{
	/* What came behind it is answered when the requests are closed. */
	if (!requests || !waits_for(requests, CONTROL_DOWN))
		return;
	requests->closing = true;
	(void)uv_timer_stop(&requests->patience);
	control_request_reply(TAKE(requests->waiting), json_object_new_object());
}

/* Accepted: the answer waits until the machine has followed. */
static void load_done(void *userdata, const struct load_outcome *outcome)
{
	struct requests *requests = userdata;
	struct control_request *request = TAKE(requests->loading);

	if (outcome->error) {
		control_request_fail(request, outcome->error);
	} else if (control_request_arguments(request)->plan) {
		reply_with_plan(requests, request, outcome);
	} else {
		requests->added = outcome->added;
		requests->changed = outcome->changed;
		requests->removed = outcome->removed;
		wait_for_machine(requests, request);
	}
}

/* The server sends one change at a time. */
static void handle_load(struct requests *requests, struct control_request *request)
{
	const struct control_arguments *arguments = control_request_arguments(request);
	struct load_options options = {
		.name = "registry",
		.plan = arguments->plan,
		.allow_unsigned = arguments->allow_unsigned,
		.allow_empty = arguments->allow_empty,
	};

	options.bytes = control_request_payload(request, &options.size);
	requests->loading = request;
	requests->since_usec = now_usec();
	loads_begin(requests->loads, &options, load_done, requests);
}

static void handle_down(struct requests *requests, struct control_request *request)
{
	wait_for_machine(requests, request);
	requests->hooks.take_down(requests->hooks.userdata,
				  control_request_arguments(request)->forget);
}

static void handle_reload(struct requests *requests, struct control_request *request)
{
	struct error error = { 0 };

	if (requests->hooks.reload(requests->hooks.userdata, &error) < 0)
		control_request_fail(request, &error);
	else
		control_request_reply(request, json_object_new_object());
}

static void handle_status(struct requests *requests, struct control_request *request)
{
	control_request_reply(request, status_make(requests->node, requests->config_path,
						   requests->started_usec));
}

static void handle_info(struct requests *requests, struct control_request *request)
{
	control_request_reply(request, status_info(requests->node, requests->config_path));
}

/* Nothing new is begun by a daemon that ends, or that removes all that it has made. */
static int check_time(const struct requests *requests, enum control_op op, struct error *error)
{
	if (requests->closing)
		return error_set(error, -ESHUTDOWN, ERROR_CTL_DOWN, NULL, "the daemon is stopping");
	if ((op == CONTROL_LOAD || op == CONTROL_RELOAD) && node_is_taken_down(requests->node))
		return error_set(error, -EBUSY, ERROR_BUSY, NULL,
				 "the overlay is being taken down; when the daemon has ended, "
				 "start it again");
	return 0;
}

void requests_handle(void *userdata, struct control_request *request)
{
	static void (*const handlers[])(struct requests *, struct control_request *) = {
		[CONTROL_LOAD] = handle_load,	  [CONTROL_STATUS] = handle_status,
		[CONTROL_INFO] = handle_info,	  [CONTROL_DOWN] = handle_down,
		[CONTROL_RELOAD] = handle_reload,
	};

	enum control_op op = control_request_arguments(request)->op;
	struct error error = { 0 };

	if (check_time(userdata, op, &error) < 0)
		control_request_fail(request, &error);
	else
		handlers[op](userdata, request);
}

struct requests *requests_new(uv_loop_t *loop, struct node *node, struct loads *loads,
			      const char *config_path, const struct requests_hooks *hooks)
{
	struct requests *requests = NEW(struct requests);

	requests->loop = loop;
	requests->node = node;
	requests->loads = loads;
	requests->open = 2;
	requests->config_path = config_path;
	requests->hooks = *hooks;
	requests->started_usec = now_usec();
	requests->patience.data = requests;
	(void)uv_timer_init(loop, &requests->patience);
	return requests;
}

static void release(void *userdata)
{
	struct requests *requests = userdata;

	if (--requests->open == 0)
		free(requests);
}

static void patience_closed(uv_handle_t *handle)
{
	release(handle->data);
}

void requests_close(struct requests *requests)
{
	struct error error = { 0 };

	if (!requests)
		return;
	/* An answer lets the next request of the queue come in. */
	requests->closing = true;
	if (requests->waiting) {
		(void)error_set(&error, 0, ERROR_CTL_DOWN, NULL, "the daemon is stopping");
		control_request_fail(TAKE(requests->waiting), &error);
	}
	uv_close((uv_handle_t *)&requests->patience, patience_closed);
	loads_close(requests->loads, release, requests);
}
