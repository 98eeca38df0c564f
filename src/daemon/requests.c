// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/requests.h"

#include "base/log.h"
#include "base/memory.h"
#include "crypto/crypto.h"
#include "daemon/status.h"
#include "registry/registry.h"
#include "registry/store.h"

#include <errno.h>
#include <string.h>

struct requests {
	uv_loop_t *loop;
	struct node *node;
	const char *config_path;
	struct requests_hooks hooks;
	uint64_t started_usec;
	uv_timer_t patience; /* of the request that waits */
	bool closing;

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

/* A registry that has passed every check and what was said about it. */
struct candidate {
	struct registry *registry;
	struct state *intended;
	struct warnings warnings;
	uint8_t digest[KEY_SIZE];
};

static void candidate_done(struct candidate *candidate)
{
	registry_free(candidate->registry);
	state_free(candidate->intended);
	warnings_done(&candidate->warnings);
}
CLEANUP_DEFINE_IN_PLACE(struct candidate, candidate_done);

/* Verify, parse, check: everything that can refuse a registry, and no effect. */
static int examine(const struct requests *requests, const char *bytes, size_t size,
		   const char *name, bool allow_unsigned, bool allow_empty, struct candidate *ret,
		   struct error *error)
{
	const struct registry_options options = {
		.allow_unsigned_config = node_config(requests->node)->registry.allow_unsigned,
		.allow_unsigned_flag = allow_unsigned,
		.allow_empty = allow_empty,
	};
	int result =
		registry_load(bytes, size, name, &options, &ret->warnings, &ret->registry, error);

	if (result < 0)
		return result;
	crypto_sha256(bytes, size, ret->digest);
	return node_intend(requests->node, ret->registry, &ret->intended, &ret->warnings, error);
}

static int accept_candidate(struct requests *requests, struct candidate *candidate,
			    const char *bytes, size_t size, struct error *error)
{
	const struct node_registry *held = node_registry(requests->node);
	int result;

	registry_difference(held->registry, candidate->registry, &requests->added,
			    &requests->changed, &requests->removed);
	/* On disk before anything is applied: a crash leaves the old or the new one, whole. */
	result = registry_store_write(node_config(requests->node)->state_dir, bytes, size, error);
	if (result < 0)
		return result;
	log_notice("event=registry nodes=%zu added=%u changed=%u removed=%u source=load",
		   candidate->registry->nodes_count, requests->added, requests->changed,
		   requests->removed);
	node_set_registry(requests->node, TAKE(candidate->registry), candidate->digest,
			  &candidate->warnings);
	return 0;
}

int requests_load_bytes(struct requests *requests, const char *bytes, size_t size, const char *name,
			bool allow_unsigned, struct error *error)
{
	CLEANUP(candidate_done) struct candidate candidate = { 0 };
	int result = examine(requests, bytes, size, name, allow_unsigned, false, &candidate, error);

	if (result < 0)
		return result;
	return accept_candidate(requests, &candidate, bytes, size, error);
}

static void reply_with_plan(struct requests *requests, struct control_request *request,
			    struct candidate *candidate)
{
	CLEANUP(state_free) struct state *operational = NULL;
	CLEANUP(plan_free) struct plan *plan = NULL;
	struct json_object *reply, *lines, *conflicts;
	struct error error = { 0 };

	if (reconciler_preview(node_reconciler(requests->node), candidate->intended, &operational,
			       &plan, &error) < 0) {
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
	json_object_object_add(reply, "warnings", status_warnings(&candidate->warnings));
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
	requests->since_usec = now_usec();
	requests->operations_before = reconciler_stats(node_reconciler(requests->node))->operations;
	(void)uv_timer_start(&requests->patience, out_of_patience, wait_sec * 1000ull, 0);
}

static void put_number(struct json_object *object, const char *name, uint64_t number)
{
	json_object_object_add(object, name, json_object_new_int64((int64_t)number));
}

static struct json_object *load_reply(struct requests *requests)
{
	struct reconciler *reconciler = node_reconciler(requests->node);
	uint64_t operations =
		reconciler_stats(reconciler)->operations - requests->operations_before;
	struct json_object *reply = json_object_new_object();
	bool no_change =
		!requests->added && !requests->changed && !requests->removed && !operations;

	put_number(reply, "nodes", node_registry(requests->node)->registry->nodes_count);
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

static void handle_load(struct requests *requests, struct control_request *request)
{
	const struct control_arguments *arguments = control_request_arguments(request);
	CLEANUP(candidate_done) struct candidate candidate = { 0 };
	struct error error = { 0 };
	const char *bytes;
	size_t size;

	bytes = control_request_payload(request, &size);
	if (examine(requests, bytes, size, "registry", arguments->allow_unsigned,
		    arguments->allow_empty, &candidate, &error) < 0) {
		control_request_fail(request, &error);
		return;
	}
	if (arguments->plan) {
		reply_with_plan(requests, request, &candidate);
		return;
	}
	wait_for_machine(requests, request);
	if (accept_candidate(requests, &candidate, bytes, size, &error) < 0) {
		(void)uv_timer_stop(&requests->patience);
		control_request_fail(TAKE(requests->waiting), &error);
	}
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

struct requests *requests_new(uv_loop_t *loop, struct node *node, const char *config_path,
			      const struct requests_hooks *hooks)
{
	struct requests *requests = NEW(struct requests);

	requests->loop = loop;
	requests->node = node;
	requests->config_path = config_path;
	requests->hooks = *hooks;
	requests->started_usec = now_usec();
	requests->patience.data = requests;
	(void)uv_timer_init(loop, &requests->patience);
	return requests;
}

static void patience_closed(uv_handle_t *handle)
{
	free(handle->data);
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
}
