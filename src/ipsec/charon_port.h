/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The UDP port of charon, on all addresses of IPv4 and, where the host has it, IPv6, in the calling
 * thread's network namespace.
 */

/* 0, -EADDRINUSE with an error that names the holder, or another -errno. */
int charon_port_check(uint16_t port, struct error *error);

/* Has charon, the process @pid, what it needs? Also yes if the holder cannot be seen. */
bool charon_port_is_of(uint16_t port, pid_t pid);

/*
 * Sockets in the place of a charon that has died. Without one the kernel does not take ESP out of
 * UDP, so that its SAs, which outlive charon, would carry nothing.
 */
struct charon_hold {
	uint16_t port; /* 0: nothing is held */
	int fds[2];
};

/* Best effort: nothing is held if the port is taken, or where the kernel has no ESP in UDP. */
void charon_hold_begin(struct charon_hold *hold, uint16_t port);
void charon_hold_end(struct charon_hold *hold);
