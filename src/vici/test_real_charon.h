/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

/*
 * For tests: a real charon with a configuration, a socket and a directory of its own. What it says
 * is in DIRECTORY/log.
 */
struct real_charon {
	char directory[64];
	char socket[96];
	pid_t pid;
};

/* NULL, or what is missing to run one. */
const char *real_charon_missing(void);

/* In the network namespace of @netns_fd; -1: the caller's. */
void real_charon_init(struct real_charon *charon, int netns_fd);
void real_charon_done(struct real_charon *charon);

/* After it was killed, in its old place. */
void real_charon_restart(struct real_charon *charon, int netns_fd);
