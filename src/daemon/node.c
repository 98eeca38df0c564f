// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/node.h"

#include "babel/probe.h"
#include "base/build.h"
#include "base/log.h"
#include "base/memory.h"
#include "daemon/facts.h"
#include "daemon/host.h"
#include "daemon/keeping.h"
#include "daemon/liveness.h"
#include "intend/intend.h"
#include "intend/tunnel.h"
#include "netlink/link.h"
#include "netlink/monitor.h"
#include "registry/freshness.h"
#include "registry/policy.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define LIVENESS_CHECK_MS 15000

#define NAMES_SETTLE_USEC 50000
#define KEEPING_CHECK_MS 1000
/* Clocks jump and machines sleep. */
#define SECRETS_CHECK_MAX_SEC 60

struct node {
	uv_loop_t *loop;
	struct config *config;
	struct node_registry registry;
	struct node_source source;
	struct node_warnings warnings;
	struct warnings host_warnings;
	struct facts facts;
	bool facts_are_stale;
	bool intended_is_current; /* it follows from registry, configuration and facts */
	bool taken_down;	  /* hold the machine to nothing */
	bool told_secrets;	  /* that a secret is missing */

	struct machine machine;
	struct keeping *keeping;
	struct kept_tunnel *next_kept; /* of the last intend_keeping() */
	size_t next_kept_count;
	const struct state *next_kept_for; /* its result; never read */
	struct auditing *auditing;
	struct monitor *monitor;
	struct names *names;

	uv_timer_t step;
	uv_timer_t liveness;
	uv_timer_t keeping_check;
	uv_timer_t secrets_check;
	unsigned open_handles;
	node_settled_fn *settled;
	void *settled_userdata;
};

static uint64_t now_usec(void)
{
	return uv_hrtime() / 1000;
}

static void step_due(uv_timer_t *timer);

/* Run the reconciler when the loop gets to it; never from inside a back end's call. */
static void step_at(struct node *node, uint64_t at_usec)
{
	uint64_t now = now_usec();
	uint64_t wait_ms = at_usec > now ? (at_usec - now + 999) / 1000 : 0;

	if (!uv_is_closing((uv_handle_t *)&node->step))
		(void)uv_timer_start(&node->step, step_due, wait_ms, 0);
}

static void refresh_facts(struct node *node);
static void look_at_host(struct node *node);

static void step_due(uv_timer_t *timer)
{
	struct node *node = timer->data;
	uint64_t next;

	if (node->facts_are_stale)
		refresh_facts(node);
	next = reconciler_step(node->machine.reconciler, now_usec());
	if (monitor_follow_overlay(node->monitor, NULL) < 0)
		log_debug("event=monitor reason=\"the overlay cannot be watched\"");
	if (auditing_follow_overlay(node->auditing))
		look_at_host(node);
	step_at(node, next);
	if (reconciler_settled(node->machine.reconciler))
		node->settled(node->settled_userdata);
}

static void operation_done(void *userdata, uint64_t id, int result, const struct error *error)
{
	struct node *node = userdata;

	reconciler_complete(node->machine.reconciler, id, result, error, now_usec());
	step_at(node, now_usec());
}

static void mark_dirty(void *userdata, const char *reason)
{
	struct node *node = userdata;

	log_debug("event=dirty reason=\"%s\"", reason);
	if (!node->machine.reconciler)
		return; /* an event while the back ends are being made */
	node->facts_are_stale = true;
	reconciler_mark_dirty(node->machine.reconciler, now_usec());
	step_at(node, reconciler_next_step(node->machine.reconciler));
}

/* A helper has ended, answers, or has to be replaced: rare, and what comes of it needs the cause.
 */
static void helper_changed(void *userdata, const char *reason)
{
	log_notice("event=helper what=\"%s\"", reason);
	mark_dirty(userdata, reason);
}

static bool same_prefixes(const struct ip_prefix *a, size_t a_count, const struct ip_prefix *b,
			  size_t b_count)
{
	for (size_t i = 0; i < a_count && a_count == b_count; i++)
		if (ip_prefix_compare(&a[i], &b[i]))
			return false;
	return a_count == b_count;
}

/* A tunnel may be sending from an address that has just gone. */
static void read_underlay(struct node *node)
{
	CLEANUP(free) struct ip_prefix *before = node->facts.underlay_addresses;
	size_t count = node->facts.underlay_addresses_count;
	struct error error = { 0 };

	node->facts.underlay_addresses = NULL;
	if (facts_read_underlay(node->machine.spaces, node->machine.sysctls, &node->facts, &error) <
	    0) {
		log_failure("facts", &error);
		node->facts.underlay_addresses = TAKE(before);
		return;
	}
	if (same_prefixes(before, count, node->facts.underlay_addresses,
			  node->facts.underlay_addresses_count))
		return;
	log_info("event=underlay addresses=%zu", node->facts.underlay_addresses_count);
	if (wireguard_tunnels_source_changed(node->machine.wireguard, &error) < 0)
		log_failure("underlay", &error);
}

/* What the keys of @registry's secrets follow from. */
static int64_t secrets_now(const struct registry *registry)
{
	return freshness_now(time(NULL), registry ? registry->origin.last_seen : 0, build_date());
}

static int64_t last_change(const struct node *node, const struct registry *registry)
{
	return secrets_last_change(node->config, registry, secrets_now(registry));
}

/*
 * What @registry means here, with tunnels that shall stay until others take their place. These are
 * also in next_kept.
 */
static int intend_keeping(struct node *node, const struct registry *registry, struct state **ret,
			  struct error *error)
{
	struct facts facts = node->facts;
	struct state *state = NULL;
	struct babel_status babel;
	int result;

	free(TAKE(node->next_kept));
	node->next_kept_count = 0;
	facts.kept = NULL;
	facts.kept_count = 0;
	facts.changed_at = last_change(node, registry);
	result = intend(node->config, registry, &facts, &state, error);
	if (result < 0 || !node->machine.babel) {
		*ret = state;
		return result;
	}
	babel_status(node->machine.babel, &babel);
	keeping_choose(node->keeping, node->machine.spaces, node->config, registry, &facts, state,
		       &babel, now_usec(), &node->next_kept, &node->next_kept_count);
	if (node->next_kept_count) {
		state_free(TAKE(state));
		facts.kept = node->next_kept;
		facts.kept_count = node->next_kept_count;
		result = intend(node->config, registry, &facts, &state, error);
	}
	node->next_kept_for = state;
	*ret = state;
	return result;
}

static void check_keeping(uv_timer_t *timer)
{
	struct node *node = timer->data;

	node->facts_are_stale = true;
	step_at(node, now_usec());
}

/* What was kept in what is followed now. */
static void take_kept(struct node *node)
{
	free(node->facts.kept);
	node->facts.kept = TAKE(node->next_kept);
	node->facts.kept_count = node->next_kept_count;
	node->next_kept_count = 0;
	if (node->facts.kept_count)
		(void)uv_timer_start(&node->keeping_check, check_keeping, KEEPING_CHECK_MS,
				     KEEPING_CHECK_MS);
	else
		(void)uv_timer_stop(&node->keeping_check);
}

/* Takes @state, which follows from the registry, the configuration and the facts as they are. */
static void follow_intended(struct node *node, struct state *state)
{
	/* Between a decision about a registry and its record something else may have been intended.
	 */
	node->intended_is_current = state == node->next_kept_for;
	node->facts_are_stale |= !node->intended_is_current;
	take_kept(node);
	if (state_equal(state, reconciler_intended(node->machine.reconciler))) {
		state_free(state);
		return;
	}
	auditing_set_intended(node->auditing, node_followed_registry(node), state);
	ipsec_set_intended(node->machine.ipsec, state);
	reconciler_set_intended(node->machine.reconciler, state);
	step_at(node, now_usec());
}

static void make_intended(struct node *node)
{
	struct state *state = NULL;
	struct error error = { 0 };

	node->intended_is_current = false;
	if (intend_keeping(node, node_followed_registry(node), &state, &error) < 0) {
		log_failure("intend", &error);
		return;
	}
	follow_intended(node, state);
}

static void check_secrets(uv_timer_t *timer)
{
	struct node *node = timer->data;

	node->facts_are_stale = true;
	step_at(node, now_usec());
}

/* And when to do so again; not at all without a secret. */
static void read_clock(struct node *node)
{
	const struct registry *registry = node_followed_registry(node);
	int64_t now = secrets_now(registry);
	int64_t next = secrets_next_change(node->config, registry, now);
	uint64_t wait_sec = (uint64_t)(next - now);

	node->facts.changed_at = last_change(node, registry);
	if (next == 0) {
		(void)uv_timer_stop(&node->secrets_check);
		return;
	}
	if (wait_sec > SECRETS_CHECK_MAX_SEC)
		wait_sec = SECRETS_CHECK_MAX_SEC;
	(void)uv_timer_start(&node->secrets_check, check_secrets, wait_sec * 1000, 0);
}

static void tell_secrets(struct node *node)
{
	char problem[SECRETS_PROBLEM_SIZE];
	bool is_there = node_secrets_problem(node, problem);

	if (is_there && !node->told_secrets)
		log_warning("event=secret reason=\"%s\"", problem);
	node->told_secrets = is_there;
}

/* True if intend() is now told something else than before. */
static bool read_facts(struct node *node)
{
	CLEANUP(facts_done) struct facts before = facts_copy(&node->facts);

	read_underlay(node);
	names_copy_to(node->names, &node->facts);
	read_clock(node);
	tell_secrets(node);
	return !facts_equal(&node->facts, &before);
}

static bool has_warning(const struct warnings *warnings, const char *text)
{
	for (size_t i = 0; i < warnings->count; i++)
		if (!strcmp(warnings->items[i].text, text))
			return true;
	return false;
}

/* Logs what is new. */
static void look_at_host(struct node *node)
{
	CLEANUP(warnings_done) struct warnings before = node->host_warnings;
	struct warnings now = { 0 };

	auditing_warn(node->auditing, &now);
	host_warn(node->machine.firewall, node->machine.sysctls, &node->facts, node->config,
		  node_followed_registry(node), &now);
	node->host_warnings = now;
	for (size_t i = 0; i < now.count; i++)
		if (!has_warning(&before, now.items[i].text))
			log_warning("event=host code=%s what=\"%s\"", now.items[i].code,
				    now.items[i].text);
}

/* Addresses and names may change what follows from the same registry; most events change neither.
 */
static void refresh_facts(struct node *node)
{
	node->facts_are_stale = false;
	if (node->taken_down || !node->machine.reconciler)
		return;
	if (read_facts(node) || !node->intended_is_current || node->facts.kept_count)
		make_intended(node);
	look_at_host(node);
}

/* Registry or configuration are others. */
static void refresh_intended(struct node *node)
{
	node->intended_is_current = false;
	refresh_facts(node);
}

static void check_liveness(uv_timer_t *timer)
{
	struct node *node = timer->data;
	CLEANUP(tunnels_done) struct tunnels tunnels = { 0 };

	if (!names_are_there(node->names))
		return;
	tunnels_make(node->config, node_followed_registry(node), &node->facts, &tunnels);
	liveness_check(&node->machine, &tunnels, node->names, now_usec());
}

/* After a load many names are answered, one soon after the other. */
static void names_changed(void *userdata)
{
	struct node *node = userdata;

	if (node->facts_are_stale)
		return;
	node->facts_are_stale = true;
	step_at(node, now_usec() + NAMES_SETTLE_USEC);
}

static void handle_closed(uv_handle_t *handle)
{
	struct node *node = handle->data;

	if (--node->open_handles)
		return;
	node_warnings_done(&node->warnings);
	warnings_done(&node->host_warnings);
	facts_done(&node->facts);
	registry_free(node->registry.registry);
	config_free(node->config);
	free(node);
}

static void open_timer(struct node *node, uv_timer_t *timer)
{
	(void)uv_timer_init(node->loop, timer);
	timer->data = node;
	node->open_handles++;
}

void node_close(struct node *node)
{
	if (!node)
		return;
	/* Against the order of node_new(). */
	monitor_free(node->monitor);
	auditing_free(node->auditing);
	keeping_free(node->keeping);
	free(node->next_kept);
	names_close(node->names);
	machine_done(&node->machine);
	uv_close((uv_handle_t *)&node->liveness, handle_closed);
	uv_close((uv_handle_t *)&node->keeping_check, handle_closed);
	uv_close((uv_handle_t *)&node->secrets_check, handle_closed);
	uv_close((uv_handle_t *)&node->step, handle_closed);
}

static int make_machine(struct node *node, struct error *error)
{
	const struct backend_events events = { node, operation_done, helper_changed };
	struct spaces *spaces = node->machine.spaces;
	int result = machine_make(node->config, node->loop, &events, &node->machine, error);

	if (result < 0)
		return result;
	node->keeping = keeping_new();
	node->auditing = auditing_new(node->loop, spaces);
	return monitor_new(node->loop, spaces, mark_dirty, node, &node->monitor, error);
}

/* Its version takes a process to ask, so only where it matters and is not known yet. */
static void probe_bird(const struct config *config, struct facts *facts)
{
	if (facts->bird_version.major == 0 && intend_depends_on_bird(config, facts))
		babel_probe_bird(facts);
}

int node_new(uv_loop_t *loop, struct config *config, node_settled_fn *settled, void *userdata,
	     struct node **ret, struct error *error)
{
	struct node *node = NEW(struct node);
	struct state *alone = NULL;
	int result;

	node->loop = loop;
	node->config = config;
	node->settled = settled;
	node->settled_userdata = userdata;
	open_timer(node, &node->step);
	open_timer(node, &node->liveness);
	open_timer(node, &node->keeping_check);
	open_timer(node, &node->secrets_check);
	node->names = names_new(loop, names_changed, node);
	result = machine_open(config, &node->machine, error);
	if (result == 0)
		result = facts_read_underlay(node->machine.spaces, node->machine.sysctls,
					     &node->facts, error);
	if (result == 0)
		facts_probe(node->machine.spaces, &node->facts);
	if (result == 0)
		probe_bird(config, &node->facts);
	/* What the machine lacks is said before anything is touched. */
	if (result == 0)
		result = intend(config, NULL, &node->facts, &alone, error);
	state_free(alone);
	if (result == 0)
		result = make_machine(node, error);
	if (result < 0) {
		node_close(node);
		return result;
	}
	*ret = node;
	return 0;
}

void node_start(struct node *node)
{
	(void)uv_timer_start(&node->liveness, check_liveness, LIVENESS_CHECK_MS, LIVENESS_CHECK_MS);
	if (!node->intended_is_current)
		refresh_intended(node);
}

void node_take_down(struct node *node)
{
	struct state *nothing = state_new();

	node->taken_down = true;
	ipsec_set_intended(node->machine.ipsec, nothing);
	reconciler_set_intended(node->machine.reconciler, nothing);
	step_at(node, now_usec());
}

bool node_is_taken_down(const struct node *node)
{
	return node->taken_down;
}

void node_warnings_done(struct node_warnings *warnings)
{
	warnings_done(&warnings->documents);
	warnings_done(&warnings->local);
}

/* @facts: of the host, by which a registry is judged. */
static int intend_by(struct node *node, struct facts facts, struct registry *registry,
		     struct state **ret, struct warnings *local, struct error *error)
{
	int result = 0;

	if (registry) {
		registry_apply_policy(registry, node->config, local);
		facts.changed_at = last_change(node, registry);
		result = registry_check_local(registry, node->config, &facts, local, error);
	}
	if (result < 0)
		return result;
	return intend_keeping(node, registry, ret, error);
}

int node_intend(struct node *node, struct registry *registry, struct state **ret,
		struct warnings *local, struct error *error)
{
	return intend_by(node, node->facts, registry, ret, local, error);
}

int node_intend_again(struct node *node, struct registry *registry, struct state **ret,
		      struct warnings *local, struct error *error)
{
	struct facts facts = node->facts;

	facts.underlay_addresses_count = 0;
	return intend_by(node, facts, registry, ret, local, error);
}

void node_set_registry(struct node *node, struct registry *registry, const uint8_t digest[KEY_SIZE],
		       struct state *intended, struct node_warnings *warnings)
{
	registry_free(node->registry.registry);
	node->registry.registry = registry;
	node->registry.accepted_usec = now_usec();
	memcpy(node->registry.digest, digest, KEY_SIZE);
	node->registry.expiry = EXPIRY_FRESH;
	node->registry.problem = (struct error) { 0 };
	node_warnings_done(&node->warnings);
	node->warnings = *warnings;
	*warnings = (struct node_warnings) { 0 };
	names_follow(node->names, registry);
	if (intended)
		follow_intended(node, intended);
	else
		refresh_intended(node);
	node->facts_are_stale = true; /* it may have another secret, which follows the clock */
	reconciler_mark_dirty(node->machine.reconciler, now_usec());
	step_at(node, now_usec());
}

void node_set_registry_problem(struct node *node, const struct error *problem)
{
	node->registry.problem = *problem;
}

void node_set_source_result(struct node *node, const struct error *problem)
{
	node->source.problem = *problem;
	if (problem->code == ERROR_NONE)
		node->source.succeeded_usec = now_usec();
}

void node_forget_source(struct node *node)
{
	node->source = (struct node_source) { 0 };
}

const struct node_source *node_source(const struct node *node)
{
	return &node->source;
}

void node_set_expiry(struct node *node, enum expiry_state expiry)
{
	const struct registry *before = node_followed_registry(node);

	node->registry.expiry = expiry;
	if (node_followed_registry(node) == before)
		return;
	names_follow(node->names, node_followed_registry(node));
	refresh_intended(node);
}

/* What names files, sockets and marks cannot change under a running daemon. */
static const char *needs_restart(const struct config *from, const struct config *to)
{
	if (from->mode != to->mode)
		return "daemon.mode";
	if (from->route_table != to->route_table)
		return "daemon.route_table";
	if (strcmp(from->ifname, to->ifname) != 0)
		return "daemon.ifname";
	if (strcmp(from->netns_name, to->netns_name) != 0)
		return "daemon.netns_name";
	if (strcmp(from->runtime_dir, to->runtime_dir) != 0)
		return "daemon.runtime_dir";
	if (strcmp(from->state_dir, to->state_dir) != 0)
		return "daemon.state_dir";
	return NULL;
}

int node_set_config(struct node *node, struct config *config, struct error *error)
{
	const char *member = needs_restart(node->config, config);
	CLEANUP(warnings_done) struct warnings local = { 0 };
	struct config *old = node->config;
	struct state *state = NULL;
	int result;

	if (member)
		return error_set(error, -EINVAL, ERROR_VALUE, NULL,
				 "%s has changed; this needs aronet down and a new start", member);
	if (strcmp(config->control_group ? config->control_group : "",
		   old->control_group ? old->control_group : "") != 0)
		return error_set(error, -EINVAL, ERROR_VALUE, NULL,
				 "daemon.control_group has changed; this needs a restart of the "
				 "daemon");
	probe_bird(config, &node->facts);
	node->config = config;
	result = node_intend_again(node, node->registry.registry, &state, &local, error);
	state_free(state);
	if (result < 0) {
		node->config = old;
		if (node->registry.registry)
			registry_apply_policy(node->registry.registry, old, NULL);
		return result;
	}
	config_free(old);
	warnings_done(&node->warnings.local);
	node->warnings.local = local;
	local = (struct warnings) { 0 };
	/* Nodes that were denied before may have names to be looked up. */
	names_follow(node->names, node_followed_registry(node));
	refresh_intended(node);
	return 0;
}

const struct config *node_config(const struct node *node)
{
	return node->config;
}

const struct node_registry *node_registry(const struct node *node)
{
	return &node->registry;
}

const struct registry *node_followed_registry(const struct node *node)
{
	return node->registry.expiry == EXPIRY_OVER ? NULL : node->registry.registry;
}

const struct facts *node_facts(const struct node *node)
{
	return &node->facts;
}

bool node_secrets_problem(const struct node *node, char ret[SECRETS_PROBLEM_SIZE])
{
	return secrets_problem(node->config, node_followed_registry(node), node->facts.changed_at,
			       ret);
}

const struct machine *node_machine(const struct node *node)
{
	return &node->machine;
}

const struct names *node_names(const struct node *node)
{
	return node->names;
}

const struct node_warnings *node_warnings(const struct node *node)
{
	return &node->warnings;
}

const struct warnings *node_host_warnings(struct node *node)
{
	if (!node->taken_down)
		look_at_host(node);
	return &node->host_warnings;
}

struct auditing *node_auditing(struct node *node)
{
	return node->auditing;
}

bool node_uses_kernel_wireguard(const struct node *node)
{
	enum link_kind kind;

	return intend_wireguard_kind(node->config, &node->facts, &kind, NULL) == 0 &&
	       kind == LINK_WIREGUARD;
}
