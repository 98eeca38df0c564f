// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/cli.h"
#include "daemon/daemon.h"

static int run(const char *config_path, const char *registry_path, bool allow_unsigned,
	       enum log_level log_level)
{
	const struct daemon_options options = {
		.config_path = config_path,
		.registry_path = registry_path,
		.allow_unsigned = allow_unsigned,
		.log_level = log_level,
	};

	return daemon_run(&options);
}

int main(int argc, char *argv[])
{
	const struct cli_hooks hooks = { .run = run, .take_down = daemon_take_down };

	return cli_main(argc, argv, &hooks);
}
