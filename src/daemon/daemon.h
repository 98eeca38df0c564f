/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/log.h"

#include <stdbool.h>

/* `aronet daemon run`. Texts are borrowed. */
struct daemon_options {
	const char *config_path;
	const char *registry_path; /* load this one at start; NULL: the last accepted one */
	bool allow_unsigned;
	enum log_level log_level;
};

/*
 * Run in the foreground until a signal: SIGTERM stops the daemon and leaves the data plane as it
 * is, SIGINT takes everything down, SIGHUP reads the configuration again. Returns an exit code;
 * what went wrong has been said on stderr.
 */
int daemon_run(const struct daemon_options *options);

/*
 * `aronet down` while no daemon runs: remove all that the daemon of this configuration would have
 * made, and the stored registry too if @forget. 0 or -errno with @error.
 */
int daemon_take_down(const char *config_path, bool forget, struct error *error);
