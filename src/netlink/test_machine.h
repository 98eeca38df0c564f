/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * For tests that need root: a machine of our own. Not part of the daemon.
 *
 * The test process lives in a network namespace and a mount namespace that vanish with it, with an
 * empty /run/netns: nothing is left behind and nothing outside is touched.
 */
#include "core/backend.h"
#include "netlink/spaces.h"

#define TEST_BACKENDS_MAX 8

struct machine {
	struct spaces *spaces;
	struct backend backends[TEST_BACKENDS_MAX];
	size_t backends_count;
};

/* Exits as a skipped test where there are no rights for it. */
void machine_isolate(void);

#define TEST_VRF_TABLE 128

/* A new, empty underlay for each test. @netns_name is NULL for VRF mode, with TEST_VRF_TABLE. */
struct machine *machine_new(const char *instance, const char *netns_name);
void machine_free(struct machine *machine);
CLEANUP_DEFINE(struct machine *, machine_free);

/* What the back ends see; fails the test on an error. */
struct state *machine_observe(struct machine *machine, const struct state *intended);

/*
 * Observe, plan, apply. Returns the number of operations. Fails the test on an error, and when
 * anything is left to do afterwards. *ret_conflicts (may be NULL): foreign objects in the way.
 */
size_t machine_converge(struct machine *machine, const struct state *intended,
			size_t *ret_conflicts);

/* Apply one operation on @object; its result. */
int machine_apply(struct machine *machine, enum operation_type type, const struct object *object,
		  const struct state *intended, struct error *error);

/* Run a shell command, with stdout and stderr in @output if not NULL. Returns its exit code. */
#define TEST_OUTPUT_SIZE 16384
int machine_run(struct machine *machine, enum space space, const char *command,
		char output[TEST_OUTPUT_SIZE]);

/*
 * Ends the process as a skipped test, before any test has run, for want of @feature; with
 * ARONET_TESTS_MUST_RUN=1 as a failed one.
 */
void machine_skip(const char *feature) __attribute__((noreturn));
