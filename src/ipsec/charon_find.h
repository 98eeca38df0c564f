/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <sys/types.h>

/*
 * The process of our charon, by its files. It has no arguments by which to tell it from another
 * one, but its configuration is named in its environment.
 */
#define CHARON_PROGRAM "charon-systemd"
#define CHARON_CONFIG_VARIABLE "STRONGSWAN_CONF"

/*
 * The one that can be taken over: it listens on @socket, and lives in the calling thread's network
 * namespace. 0 if there is none.
 */
pid_t charon_find(const char *config, const char *socket);

/*
 * Who listens on @socket, whatever program it is. -ENOENT or -ECONNREFUSED: nobody; -EAGAIN:
 * somebody who has no time; another -errno. 0: a process that cannot be seen from here.
 */
pid_t charon_listener(const char *socket);

/* Is it known to live in another network namespace than the calling thread's? */
bool charon_is_elsewhere(pid_t pid);

/* Does anybody listen on @socket? */
bool charon_socket_accepts(const char *socket);

/*
 * End all that were started with @config in our /run, whether they listen or not, each within
 * @timeout_ms; waits for that. -EADDRINUSE with an error if another program listens on @socket.
 */
int charon_end_strays(const char *config, const char *socket, unsigned timeout_ms,
		      struct error *error);
