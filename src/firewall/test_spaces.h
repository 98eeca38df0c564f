/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/plan.h"
#include "firewall/backend.h"

/*
 * For tests as root: a fresh underlay in which the test process runs, a /run/netns of its own, and
 * a runtime directory below /tmp. The kernel cleans up the namespaces when the test ends.
 */
struct test_spaces {
	struct spaces *spaces;
	struct firewall *firewall;
	char runtime_dir[64];
};

#define TEST_INSTANCE "aronet"
#define TEST_OVERLAY "aronet-t-overlay"

/* Returns -EPERM where namespaces cannot be made. */
int test_spaces_unshare(void);
void test_spaces_init(struct test_spaces *test);
void test_spaces_done(struct test_spaces *test);

/* Runs a shell command; 0 or its exit code. Output goes to stderr. */
int test_run(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Makes the object; fails the test on an error. */
struct object test_ruleset(enum space space, const char *body);
int test_apply(struct test_spaces *test, enum operation_type type, const struct object *object,
	       struct error *error);
