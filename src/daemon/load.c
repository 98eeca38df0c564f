// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/load.h"

#include "base/build.h"
#include "base/log.h"
#include "base/memory.h"
#include "crypto/crypto.h"
#include "registry/registry.h"
#include "registry/start.h"

#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct load {
	struct loads *loads;
	struct load *next;
	struct load_options options;
	load_done_fn *done;
	void *userdata;
	uv_work_t work;

	/* The configuration when the load began: threads see nothing of the node. */
	char *state_dir;
	uint8_t pin[KEY_SIZE];
	struct store_rules rules;
	size_t nodes_before;

	/* Found out. */
	struct store_state before;
	struct verified verified;
	uint8_t digest[KEY_SIZE];
	struct state *intended;
	struct node_warnings warnings;
	unsigned added, changed, removed;
	int result;
	struct error error;
};

struct loads {
	uv_loop_t *loop;
	struct node *node;    /* NULL: closing */
	struct load *running; /* first of those that are not done */
	bool is_telling;      /* the end of one; it is not among them any more */
	void (*idle)(void *userdata);
	void *idle_userdata;
	loads_closed_fn *closed;
	void *closed_userdata;
};

/*
 * What a load needed for a while, envelopes and JSON of all documents, lies between what stays, in
 * the arenas of several threads, and glibc keeps it for the next load, which may come in weeks.
 * With 10,000 nodes this halves what the daemon occupies.
 */
static void give_memory_back(void)
{
#ifdef __GLIBC__
	(void)malloc_trim(0);
#endif
}

static void load_free(struct load *load)
{
	if (!load)
		return;
	free(load->state_dir);
	store_state_done(&load->before);
	verified_done(&load->verified);
	state_free(load->intended);
	node_warnings_done(&load->warnings);
	free(load);
	give_memory_back();
}
CLEANUP_DEFINE(struct load *, load_free);

static struct store_rules make_rules(const struct config *config)
{
	return (struct store_rules) {
		.state_dir = config->state_dir,
		.mesh_sha256 = config->registry.has_pin ? config->registry.mesh_sha256 : NULL,
		.allow_unsigned_config = config->registry.allow_unsigned,
		.clock = time(NULL),
		.build_date = build_date(),
	};
}

static struct load *load_new(struct loads *loads, const struct load_options *options)
{
	struct load *load = NEW(struct load);

	load->loads = loads;
	load->options = *options;
	load->work.data = load;
	return load;
}

static void load_prepare(struct load *load)
{
	const struct registry *held = node_registry(load->loads->node)->registry;

	load->rules = make_rules(node_config(load->loads->node));
	load->state_dir = memory_strdup(load->rules.state_dir);
	load->rules.state_dir = load->state_dir;
	if (load->rules.mesh_sha256) {
		memcpy(load->pin, load->rules.mesh_sha256, KEY_SIZE);
		load->rules.mesh_sha256 = load->pin;
	}
	load->nodes_before = held ? held->nodes_count : 0;
}

static int fail_corrupt(struct error *error, int result)
{
	char text[ERROR_TEXT_SIZE];

	memcpy(text, error->text, sizeof(text));
	return error_set(error, result, error->code, error->place,
			 "%.350s; no registry is accepted until aronet registry reset-trust", text);
}

/* In a thread. */
static int load_verify(struct load *load)
{
	const struct load_options *options = &load->options;
	struct registry_options registry_options = {
		.allow_unsigned_config = load->rules.allow_unsigned_config,
		.allow_unsigned_flag = options->allow_unsigned,
		.allow_empty = options->allow_empty,
		.verify = {
			.mesh_sha256 = load->rules.mesh_sha256,
			.clock = load->rules.clock,
			.build_date = load->rules.build_date,
			.nodes_before = load->nodes_before,
		},
	};
	int result = registry_store_read_state(&load->rules, &load->warnings.documents,
					       &load->before, &load->error);

	if (result < 0)
		return load->error.code == ERROR_STATE_CORRUPT ? fail_corrupt(&load->error, result)
							       : result;
	registry_options.verify.trust = load->before.trust;
	registry_options.has_signed_state = load->before.has_signed_state;
	crypto_sha256(options->bytes, options->size, load->digest);
	return registry_load_verified(options->bytes, options->size, options->name,
				      &registry_options, &load->warnings.documents, &load->verified,
				      &load->error);
}

static int load_decide(struct load *load)
{
	struct node *node = load->loads->node;

	if (!node)
		return error_set(&load->error, -ESHUTDOWN, ERROR_CTL_DOWN, NULL,
				 "the daemon is stopping");
	if (node_is_taken_down(node))
		return error_set(&load->error, -EBUSY, ERROR_BUSY, NULL,
				 "the overlay is being taken down");
	return node_intend(node, load->verified.registry, &load->intended, &load->warnings.local,
			   &load->error);
}

/* In a thread. */
static int load_record(struct load *load)
{
	return registry_store_record(load->state_dir, &load->before, load->verified.trust,
				     load->options.bytes, load->options.size, &load->error);
}

#define REGISTRY_NAME_SIZE 32

static const char *name_registry(const struct registry *registry, char buffer[REGISTRY_NAME_SIZE])
{
	if (registry->is_signed)
		(void)snprintf(buffer, REGISTRY_NAME_SIZE, "manifest %" PRIu64,
			       registry->origin.manifest_version);
	else
		(void)snprintf(buffer, REGISTRY_NAME_SIZE, "unsigned");
	return buffer;
}

static int load_follow(struct load *load)
{
	struct node *node = load->loads->node;
	struct registry *registry = load->verified.registry;
	char name[REGISTRY_NAME_SIZE];

	if (!node || node_is_taken_down(node))
		return error_set(&load->error, -ESHUTDOWN, ERROR_CTL_DOWN, NULL,
				 "the daemon is stopping; the registry is recorded and is followed "
				 "at the next start");
	registry_difference(node_registry(node)->registry, registry, &load->added, &load->changed,
			    &load->removed);
	log_notice(
		"event=registry source=load what=\"%s\" nodes=%zu added=%u changed=%u removed=%u",
		name_registry(registry, name), registry->nodes_count, load->added, load->changed,
		load->removed);
	node_set_registry(node, TAKE(load->verified.registry), load->digest, NULL, &load->warnings);
	return 0;
}

static void load_tell(struct load *load)
{
	const bool is_planned = load->result == 0 && load->options.plan;
	const struct load_outcome outcome = {
		.error = load->result < 0 ? &load->error : NULL,
		.intended = is_planned ? load->intended : NULL,
		.warnings = is_planned ? &load->warnings : NULL,
		.added = load->added,
		.changed = load->changed,
		.removed = load->removed,
	};

	if (load->loads->node && load->error.code == ERROR_STATE_CORRUPT)
		node_set_registry_problem(load->loads->node, &load->error);
	load->done(load->userdata, &outcome);
}

static void begin_first(struct loads *loads);

static void loads_free(struct loads *loads)
{
	loads->closed(loads->closed_userdata);
	free(loads);
}

/* Whoever is told may begin the next one, or close all. */
static void load_finish(struct load *load)
{
	struct loads *loads = load->loads;
	bool has_next = load->next;

	loads->running = load->next;
	loads->is_telling = true;
	load_tell(load);
	loads->is_telling = false;
	load_free(load);
	if (has_next)
		begin_first(loads);
	else if (!loads->running && loads->closed)
		loads_free(loads);
	else if (!loads->running && loads->idle)
		loads->idle(loads->idle_userdata);
}

static void verify_in_thread(uv_work_t *work)
{
	struct load *load = work->data;

	load->result = load_verify(load);
}

static void record_in_thread(uv_work_t *work)
{
	struct load *load = work->data;

	load->result = load_record(load);
}

static void recorded(uv_work_t *work, int status)
{
	struct load *load = work->data;

	(void)status;
	if (load->result == 0)
		load->result = load_follow(load);
	load_finish(load);
}

static void verified(uv_work_t *work, int status)
{
	struct load *load = work->data;

	(void)status;
	if (load->result == 0)
		load->result = load_decide(load);
	if (load->result < 0 || load->options.plan)
		load_finish(load);
	else
		(void)uv_queue_work(load->loads->loop, &load->work, record_in_thread, recorded);
}

static void begin_first(struct loads *loads)
{
	struct load *load = loads->running;

	if (!loads->node) {
		load->result = load_decide(load);
		load_finish(load);
		return;
	}
	load_prepare(load);
	(void)uv_queue_work(loads->loop, &load->work, verify_in_thread, verified);
}

void loads_begin(struct loads *loads, const struct load_options *options, load_done_fn *done,
		 void *userdata)
{
	struct load *load = load_new(loads, options), **end = &loads->running;

	load->done = done;
	load->userdata = userdata;
	while (*end)
		end = &(*end)->next;
	*end = load;
	if (loads->running == load)
		begin_first(loads);
}

int loads_run(struct loads *loads, const struct load_options *options, struct error *error)
{
	CLEANUP(load_free) struct load *load = load_new(loads, options);
	int result;

	load_prepare(load);
	result = load_verify(load);
	if (result == 0)
		result = load_decide(load);
	if (result == 0)
		result = load_record(load);
	if (result == 0)
		result = load_follow(load);
	if (result < 0)
		*error = load->error;
	return result;
}

bool loads_are_running(const struct loads *loads)
{
	return loads->running;
}

void loads_when_idle(struct loads *loads, void (*idle)(void *userdata), void *userdata)
{
	loads->idle = idle;
	loads->idle_userdata = userdata;
}

struct loads *loads_new(uv_loop_t *loop, struct node *node)
{
	struct loads *loads = NEW(struct loads);

	loads->loop = loop;
	loads->node = node;
	return loads;
}

void loads_close(struct loads *loads, loads_closed_fn *closed, void *userdata)
{
	loads->node = NULL;
	loads->closed = closed;
	loads->closed_userdata = userdata;
	if (!loads->running && !loads->is_telling)
		loads_free(loads);
}

void loads_start(struct node *node)
{
	const struct store_rules rules = make_rules(node_config(node));
	CLEANUP(node_warnings_done) struct node_warnings warnings = { 0 };
	CLEANUP(start_done) struct start start = { 0 };
	CLEANUP(state_free) struct state *intended = NULL;
	char line[ERROR_LINE_SIZE], name[REGISTRY_NAME_SIZE];

	registry_start(&rules, &warnings.documents, &start);
	give_memory_back();
	if (start.registry &&
	    node_intend_again(node, start.registry, &intended, &warnings.local, &start.error) < 0)
		registry_free(TAKE(start.registry));
	log_warnings(&warnings.documents);
	log_warnings(&warnings.local);
	if (start.registry) {
		log_info("event=registry source=stored what=\"%s\" nodes=%zu",
			 name_registry(start.registry, name), start.registry->nodes_count);
		node_set_registry(node, TAKE(start.registry), start.digest, TAKE(intended),
				  &warnings);
	}
	if (start.error.code == ERROR_NONE)
		return;
	log_error("event=registry state=%s error=\"%s\"",
		  node_registry(node)->registry ? "questionable" : "unusable",
		  error_format(&start.error, line, sizeof(line)));
	node_set_registry_problem(node, &start.error);
}
