/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"
#include "ipsec/system_record.h"

#include <uv.h>

/*
 * A charon that the operator runs, as a process: found by its socket, looked at, watched. It is
 * never started, ended or configured; that is charon.h, for our own. What is told to it over its
 * socket is recorded, as far as its own answers do not tell (system_record.h).
 *
 * All calls are made in the underlay's network namespace, in which it has to live, too.
 */
struct system_charon;

struct system_charon_options {
	uv_loop_t *loop;
	const char *runtime_directory; /* of the daemon; the record is in its `private` */
	void *userdata;
	/*
	 * The process has ended; it is not attached any more. From the loop, never from within a
	 * call of ours; may call any function.
	 */
	void (*ended)(void *userdata, const char *reason);
};

/* Attached to the one that an earlier daemon has used, if that runs. Never fails. */
struct system_charon *system_charon_new(const struct system_charon_options *options);
void system_charon_free(struct system_charon *system);
CLEANUP_DEFINE(struct system_charon *, system_charon_free);

/* Of the one that is attached; 0 if none is. */
pid_t system_charon_pid(const struct system_charon *system);

/* Where we are, or an earlier daemon was, attached; without a socket if nothing of us is anywhere.
 */
const struct system_record *system_charon_record(const struct system_charon *system);

/*
 * Use the one at @socket from now on:
 *
 *	-EAGAIN      nobody listens there, or has no time
 *	-EACCES      we may not talk to it
 *	-ENETUNREACH it lives in another network namespace
 *	-EADDRINUSE  it does not have the UDP port that is needed
 */
int system_charon_attach(struct system_charon *system, const char *socket,
			 const struct charon_settings *settings, struct error *error);

/* It is of no use, but has what it has from us: nothing is recorded or forgotten. */
void system_charon_detach(struct system_charon *system);

/* Nothing of us is in it any more. */
int system_charon_forget(struct system_charon *system, struct error *error);

/* A key that it is about to get, and one that it does not have any more. */
int system_charon_claim_key(struct system_charon *system, const char *id, struct error *error);
void system_charon_disclaim_key(struct system_charon *system, const char *id);
