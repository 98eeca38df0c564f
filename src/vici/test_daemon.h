/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

/*
 * For tests: a real charon with a configuration, a socket and a directory of its own. What it says
 * is in DIRECTORY/log.
 */
struct test_daemon {
	char directory[64];
	char socket[96];
	pid_t pid;
};

/* NULL, or what is missing to run one. */
const char *test_daemon_missing(void);

/* In the network namespace of @netns_fd; -1: the caller's. */
void test_daemon_init(struct test_daemon *daemon, int netns_fd);
void test_daemon_done(struct test_daemon *daemon);

/* After it was killed, in its old place. */
void test_daemon_restart(struct test_daemon *daemon, int netns_fd);
