/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/log.h"

#include <stdbool.h>

/*
 * The command line. Standard output carries results only; errors go to standard error as
 * "aronet: PLACE: text", with the exit codes of base/error.h.
 */

/* What only the daemon can do: the commands do not link it. */
struct cli_hooks {
	/* Run in the foreground until told to stop. @registry_path may be NULL. An exit code. */
	int (*run)(const char *config_path, const char *registry_path, bool allow_unsigned,
		   enum log_level log_level);
	/* Remove everything that is ours while no daemon runs. 0 or -errno. */
	int (*take_down)(const char *config_path, bool forget, struct error *error);
};

/* Returns the exit code of the program. */
int cli_main(int argc, char *argv[], const struct cli_hooks *hooks);
