// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/command.h"

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "config/config.h"
#include "registry/request.h"

#include <stdio.h>
#include <time.h>

int command_request(const struct cli_context *context)
{
	const struct cli_options *options = &context->options;
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	CLEANUP(config_free) struct config *config = NULL;
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct error error = { 0 };

	if (config_load(options->config_path, &warnings, &config, &error) < 0)
		return cli_fail(options, &error, EXIT_CONFIG);
	if (join_request_make(config, NULL, time(NULL), &text, &error) < 0)
		return cli_fail(options, &error, EXIT_CONFIG);
	(void)fputs(strbuf_text(&text), stdout);
	(void)fflush(stdout);
	cli_print_warnings(&warnings);
	return EXIT_DONE;
}
