/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"
#include "crypto/crypto.h"
#include "ipsec/charon_config.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <uv.h>

/*
 * The private charon (strongSwan's IKE daemon, charon-systemd) of this node as a process: its
 * configuration, start, end and port. What it is told then goes over its VICI socket
 * (vici/client.h) and is not of interest here.
 *
 * It outlives the daemon like every helper that carries traffic (process/child.h); the next daemon
 * finds it by its socket. There is one for all endpoints, and so one UDP port.
 *
 * All calls are made in the underlay's network namespace, in which charon then lives.
 */
struct charon;

#define CHARON_START_TIMEOUT_MS 10000
/* It tells its peers (DELETE), and does not wait for what they say. */
#define CHARON_STOP_TIMEOUT_MS 3000

/* Called from the loop, never from within a call of ours. Each may call any function. */
struct charon_callbacks {
	void *userdata;
	/*
	 * The end of a charon_start() that was under way: 0 when the socket accepts connections
	 * and the port is charon's, or -errno with an error; then no process is left of it, but
	 * its log:
	 *
	 *	-ECHILD      it ended, or lacks a part: the error says which, or its last words
	 *	-ETIMEDOUT   no socket within CHARON_START_TIMEOUT_MS
	 *	-EADDRINUSE  it runs but did not get the port
	 */
	void (*started)(void *userdata, int result, const struct error *error);
	/* The end of a charon_stop() that was under way. */
	void (*stopped)(void *userdata, int result, const struct error *error);
	/*
	 * The process that ran has ended by itself, or somebody has killed it. Where the kernel has
	 * ESP, its SAs go on until the next start (charon_start()).
	 */
	void (*ended)(void *userdata, const char *reason);
};

struct charon_options {
	uv_loop_t *loop;
	/*
	 * Of the daemon; tells apart the nodes of one machine. charon's files are not in it,
	 * because Debian's AppArmor profiles let it have /run/charon.* only: with KEY "aronet" for
	 * /run/aronet, else "aronet-" and ten digits of the directory's hash, they are
	 * /run/charon.KEY.conf, .vici and .log.
	 */
	const char *runtime_directory;
	struct charon_callbacks callbacks; /* copied */
};

/*
 * Finds the charon that an earlier daemon has started, and watches it. It may be one with other
 * settings: see charon_runs_with().
 */
int charon_new(const struct charon_options *options, struct charon **ret, struct error *error);

/*
 * Leaves the process alone. Nothing is called back any more. The port is let go if it was held.
 */
void charon_free(struct charon *charon);
CLEANUP_DEFINE(struct charon *, charon_free);

/* Of the one that runs; 0 if there is none, or while it starts or is being stopped. */
pid_t charon_pid(const struct charon *charon);

/* Are there files of it? One that has ended in peace, or was stopped, has left none. */
bool charon_has_remains(const struct charon *charon);

/* The path of its VICI socket and of its log; owned by @charon, always the same. */
const char *charon_socket(const struct charon *charon);
const char *charon_log(const struct charon *charon);

/*
 * SHA-256 of the configuration that the process was started with. False if none runs, or if the
 * file is gone. A daemon of another version writes another text.
 */
bool charon_digest(const struct charon *charon, uint8_t ret[CRYPTO_KEY_SIZE]);

/* And of the one that it would be started with. */
void charon_digest_of(const struct charon *charon, const struct charon_settings *settings,
		      uint8_t ret[CRYPTO_KEY_SIZE]);

/* Both are the same: it need not be restarted. charon does not take over another port itself. */
bool charon_runs_with(const struct charon *charon, const struct charon_settings *settings);

/*
 * Start one. -EINPROGRESS, and callbacks.started comes; or -errno with an error, and none was
 * started:
 *
 *	-EBUSY       one runs, starts or is being stopped: charon_stop() first
 *	-EADDRINUSE  the port is taken; the error names the holder. Or somebody else serves the
 *	             socket
 *	-ENOENT      not installed; the error names the packages
 *
 * One of ours that is of no use (no socket, another network namespace) is ended before; that may
 * take a moment, in which the loop stands still.
 *
 * When a process has ended by itself and the kernel's SAs still carry traffic, its port is held
 * until the next one is about to take it: without a socket the kernel does not take ESP out of UDP.
 */
int charon_start(struct charon *charon, const struct charon_settings *settings,
		 struct error *error);

/*
 * End it, and remove its files: nothing is left but what it has in the kernel (netlink/xfrm.h).
 * 0 if there was no process, -EINPROGRESS and callbacks.stopped comes, -EBUSY while it starts or is
 * being stopped, or another -errno with an error.
 */
int charon_stop(struct charon *charon, struct error *error);
