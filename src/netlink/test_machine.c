// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/test_machine.h"

#include "base/memory.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#define SETTLE_TRIES 40
#define SETTLE_INTERVAL_USEC 50000

static bool must_run(void)
{
	const char *value = getenv("ARONET_TESTS_MUST_RUN");

	return value && !strcmp(value, "1");
}

void machine_isolate(void)
{
	(void)mkdir(NETNS_DIRECTORY, 0755);
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) == 0 &&
	    mount("", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("none", NETNS_DIRECTORY, "tmpfs", 0, NULL) == 0)
		return;
	if (must_run()) {
		printf("Bail out! cannot make namespaces: %s\n", strerror(errno));
		exit(1);
	}
	printf("1..0 # SKIP needs root for namespaces: %s\n", strerror(errno));
	exit(0);
}

void machine_skip(const char *feature)
{
	if (must_run()) {
		printf("Bail out! this kernel has no %s\n", feature);
		exit(1);
	}
	printf("1..0 # SKIP this kernel has no %s\n", feature);
	exit(0);
}

struct machine *machine_new(const char *instance, const char *netns_name)
{
	struct machine *machine = NEW(struct machine);
	struct error error = { 0 };

	/* What a test that failed has left. */
	(void)umount2(NETNS_DIRECTORY, MNT_DETACH);
	(void)umount2(NETNS_DIRECTORY, MNT_DETACH);
	assert_int_equal(mount("none", NETNS_DIRECTORY, "tmpfs", 0, NULL), 0);
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	if ((netns_name ? spaces_new(instance, netns_name, &machine->spaces, &error)
			: spaces_new_vrf(instance, TEST_VRF_TABLE, &machine->spaces, &error)) < 0)
		fail_msg("%s", error.text);
	return machine;
}

void machine_free(struct machine *machine)
{
	if (!machine)
		return;
	spaces_free(machine->spaces);
	free(machine);
}

struct state *machine_observe(struct machine *machine, const struct state *intended)
{
	struct state *operational = state_new();

	for (size_t i = 0; i < machine->backends_count; i++) {
		struct backend *backend = &machine->backends[i];
		struct error error = { 0 };

		if (backend->observe(backend->userdata, intended, operational, &error) < 0)
			fail_msg("%s: %s", backend->name, error.text);
	}
	return operational;
}

static struct backend *claimant(struct machine *machine, const struct object *object)
{
	for (size_t i = 0; i < machine->backends_count; i++)
		if (machine->backends[i].claims(machine->backends[i].userdata, object))
			return &machine->backends[i];
	fail_msg("nobody claims this object");
	return NULL;
}

static bool can_update(void *userdata, const struct object *from, const struct object *to)
{
	const struct backend *backend = claimant(userdata, to);

	return !backend->can_update || backend->can_update(backend->userdata, from, to);
}

static void apply(struct machine *machine, const struct operation *operation,
		  const struct state *intended)
{
	const struct backend *backend = claimant(machine, operation_object(operation));
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct error error = { 0 };

	operation_format(operation, &text);
	if (backend->apply(backend->userdata, operation, intended, 1, &error) < 0)
		fail_msg("%s: %s", strbuf_text(&text), error.text);
}

int machine_apply(struct machine *machine, enum operation_type type, const struct object *object,
		  const struct state *intended, struct error *error)
{
	const struct backend *backend = claimant(machine, object);
	const struct operation operation = { .type = type, .from = object, .to = object };

	return backend->apply(backend->userdata, &operation, intended, 1, error);
}

/*
 * Is nothing left to do? Asked again for a while: the kernel removes what was in a deleted
 * namespace some time later.
 */
static void check_settled(struct machine *machine, const struct state *intended,
			  size_t *ret_conflicts)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	for (unsigned try = 0; try < SETTLE_TRIES; try++) {
		CLEANUP(state_free) struct state *operational = machine_observe(machine, intended);
		CLEANUP(plan_free)
		struct plan *plan = plan_make(intended, operational, can_update, machine);

		if (ret_conflicts)
			*ret_conflicts = plan->conflicts_count;
		if (!plan->operations_count)
			return;
		strbuf_done(&text);
		operation_format(&plan->operations[0], &text);
		(void)usleep(SETTLE_INTERVAL_USEC);
	}
	fail_msg("left to do: %s", strbuf_text(&text));
}

size_t machine_converge(struct machine *machine, const struct state *intended,
			size_t *ret_conflicts)
{
	CLEANUP(state_free) struct state *operational = machine_observe(machine, intended);
	CLEANUP(plan_free)
	struct plan *plan = plan_make(intended, operational, can_update, machine);

	for (size_t i = 0; i < plan->operations_count; i++)
		apply(machine, &plan->operations[i], intended);
	check_settled(machine, intended, ret_conflicts);
	return plan->operations_count;
}

int machine_run(struct machine *machine, enum space space, const char *command,
		char output[TEST_OUTPUT_SIZE])
{
	size_t length = 0;
	FILE *pipe;

	assert_int_equal(spaces_enter(machine->spaces, space), 0);
	pipe = popen(command, "r");
	spaces_leave(machine->spaces);
	assert_non_null(pipe);
	if (output) {
		length = fread(output, 1, TEST_OUTPUT_SIZE - 1, pipe);
		output[length] = '\0';
	}
	return WEXITSTATUS(pclose(pipe));
}
