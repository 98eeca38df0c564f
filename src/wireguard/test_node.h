/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/plan.h"
#include "wireguard/device.h"
#include "wireguard/wireguard.h"

#include <stdbool.h>
#include <sys/types.h>
#include <uv.h>

/*
 * Two nodes, A (10.98.0.1) and B (10.98.0.2), each with an underlay and an overlay namespace, with
 * real wireguard-go between them. All of it lives in a mount namespace of the test and in network
 * namespaces that nobody else has a name for; what remains goes with the process.
 */
struct test_node {
	char overlay[32]; /* name of the namespace */
	char runtime_dir[32];
	int underlay_fd;
	uv_loop_t *loop;
	struct spaces *spaces;
	struct wireguard_tunnels *tunnels;
	struct backend backend;
	struct link link;
	struct wireguard intended;
	/* What the back end has reported. */
	unsigned done, dirty;
	uint64_t last_id;
	int result;
	struct error error;
	char reason[128];
};

/* NULL, or what is missing here. */
const char *test_missing_feature(void);

/* New mount namespace with an empty /run; once per test. */
void test_isolate(void);

/* Both nodes, connected, with their intentions by RAIT's port scheme, and no tunnel yet. */
void test_nodes_new(struct test_node *a, struct test_node *b);
void test_node_free(struct test_node *node);

/* Into its underlay: before anything is asked of its back end. */
void test_node_enter(const struct test_node *node);

/* As after a restart of the daemon: a new back end that knows nothing. */
void test_node_restart(struct test_node *node);

/* Somebody deletes the overlay's namespace; it is then made anew, empty. */
void test_node_replace_overlay(struct test_node *node);

/* One operation on the link, to its end. Returns its result; node->error says more. */
int test_node_apply_link(struct test_node *node, enum operation_type type);

/* Observe, plan and apply the device. Returns the number of operations; fails on an error. */
unsigned test_node_converge(struct test_node *node);

/* The same up to the first error. */
int test_node_try(struct test_node *node, unsigned *ret_operations);

void test_node_up(struct test_node *node);

/* The device as its process describes it. */
struct wireguard_device test_node_read(struct test_node *node);

/* Run the loop until *@counter has reached @value; fails after five seconds. */
void test_node_wait(struct test_node *node, const unsigned *counter, unsigned value);

/* Run a program in @node's underlay or overlay. Returns its exit status. */
int test_run(const struct test_node *node, enum space space, const char *const *argv);
pid_t test_start(const struct test_node *node, enum space space, const char *const *argv);
int test_wait(pid_t pid);
#define RUN(node, space, ...) test_run((node), (space), (const char *const[]) { __VA_ARGS__, NULL })

/* Does what the last program has printed contain @text? */
bool test_output_has(const char *text);

/* @count pings at 10 ms from @node to the other end of the tunnel; 0 if any came back. */
int test_ping(const struct test_node *node, const char *count, const char *address);
