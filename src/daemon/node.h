/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "base/warning.h"
#include "daemon/auditing.h"
#include "daemon/machine.h"
#include "daemon/names.h"
#include "registry/expiry.h"
#include "registry/secrets.h"

#include <uv.h>

/*
 * This node: what it was told (configuration, registry), what it knows (facts), and the machine,
 * which is held to what follows from these.
 */
struct node;

/* What a registry was when it was accepted. */
struct node_registry {
	struct registry *registry;
	uint8_t digest[KEY_SIZE]; /* SHA-256 of the bytes */
	uint64_t accepted_usec;	  /* uv_hrtime() / 1000 */
	enum expiry_state expiry;
	struct error problem; /* what is wrong with what was recorded; ERROR_NONE: nothing */
};

/* @settled is called from the loop whenever the reconciler has done all that it can do now. */
typedef void node_settled_fn(void *userdata);

/*
 * What an operator should know about the registry in force: from its documents and the clock when
 * it was loaded, and from what it means with the configuration of now (policy.h).
 */
struct node_warnings {
	struct warnings documents;
	struct warnings local;
};

void node_warnings_done(struct node_warnings *warnings);
CLEANUP_DEFINE_IN_PLACE(struct node_warnings, node_warnings_done);

/* What came of following config->registry.source. */
struct node_source {
	uint64_t succeeded_usec; /* uv_hrtime() / 1000; 0: never */
	struct error problem;	 /* ERROR_NONE: nothing */
};

/*
 * Takes @config. To be called in the underlay, with the lock on the runtime directory held: opens
 * sockets, probes the machine, finds what an earlier daemon left. Changes nothing yet.
 *
 * -EOPNOTSUPP with an error that names what the machine lacks and what would do instead.
 */
int node_new(uv_loop_t *loop, struct config *config, node_settled_fn *settled, void *userdata,
	     struct node **ret, struct error *error);

/* Leaves everything on the machine. The memory is freed from the loop. NULL is fine. */
void node_close(struct node *node);

/* Hold the machine to configuration and registry from now on. */
void node_start(struct node *node);

/* Hold the machine to nothing, for good: remove all that is ours. */
void node_take_down(struct node *node);
bool node_is_taken_down(const struct node *node);

/*
 * What @registry (NULL: none) means here, as intended state, without any effect but that nodes
 * which the configuration denies are left out of it. Warnings and errors as
 * registry_apply_policy(), registry_check_local() and intend() give them.
 */
int node_intend(struct node *node, struct registry *registry, struct state **ret,
		struct warnings *local, struct error *error);

/*
 * The same for a registry that was accepted before, by a former daemon or with another
 * configuration. What the host is attached to does not speak against it any more, or a restart
 * after another program has added an address would take all tunnels down: host_warn() tells of that
 * (W10).
 */
int node_intend_again(struct node *node, struct registry *registry, struct state **ret,
		      struct warnings *local, struct error *error);

/*
 * Takes @registry and follows it; it has passed one of the two. It is taken as fresh and right.
 * @intended is what node_intend() gave for it, taken, too, or NULL if anything that it follows from
 * may have changed since.
 */
void node_set_registry(struct node *node, struct registry *registry, const uint8_t digest[KEY_SIZE],
		       struct state *intended, struct node_warnings *warnings);

/* What is to be told about the registry in force, or about there being none. */
void node_set_registry_problem(struct node *node, const struct error *problem);

/* With EXPIRY_OVER what is intended is as without a registry; the other states change nothing. */
void node_set_expiry(struct node *node, enum expiry_state expiry);

/* The source was looked at. @problem with ERROR_NONE: it is well. */
void node_set_source_result(struct node *node, const struct error *problem);
void node_forget_source(struct node *node); /* another one is followed from now on */

/*
 * Takes @config if it can be followed without a restart, else refuses it and keeps the old one.
 * The local warnings are those by @config then.
 */
int node_set_config(struct node *node, struct config *config, struct error *error);

const struct config *node_config(const struct node *node);
const struct node_registry *node_registry(const struct node *node);
const struct node_source *node_source(const struct node *node);
const struct registry *node_followed_registry(const struct node *node); /* NULL: none, or over */
const struct facts *node_facts(const struct node *node);
const struct machine *node_machine(const struct node *node);
const struct names *node_names(const struct node *node);
const struct node_warnings *node_warnings(const struct node *node);

/* That of registry/secrets.h, as of the facts. */
bool node_secrets_problem(const struct node *node, char ret[SECRETS_PROBLEM_SIZE]);

/* Those of daemon/host.h, as it is now. */
const struct warnings *node_host_warnings(struct node *node);

struct auditing *node_auditing(struct node *node);
bool node_uses_kernel_wireguard(const struct node *node);
