/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/warning.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "control/protocol.h"

#include <json-c/json.h>
#include <stddef.h>

struct cli_context {
	const struct cli_hooks *hooks;
	struct cli_options options;
};

/* Returns an exit code. */
typedef int cli_command_fn(const struct cli_context *context);

struct cli_command {
	struct cli_syntax syntax; /* its name may have several words: "registry member add" */
	const char *summary;	  /* one line for the list of commands */
	const char *usage;	  /* behind the name */
	const char *text;	  /* what it does, examples, exit codes */
	cli_command_fn *run;
};

/* All commands, sorted by name; NULL behind the last. */
const struct cli_command *cli_command_at(size_t index);

/* Those of the group "registry", which cli_command_at() goes through as well. */
const struct cli_command *cli_registry_command_at(size_t index);

cli_command_fn command_check, command_daemon_info, command_daemon_run, command_down, command_keygen,
	command_keygen_signing, command_load, command_registry_add, command_registry_diff,
	command_registry_export, command_registry_import, command_registry_init,
	command_registry_log, command_registry_member_add, command_registry_member_grant,
	command_registry_member_remove, command_registry_member_resume,
	command_registry_member_revoke, command_registry_member_set,
	command_registry_member_suspend, command_registry_member_ungrant, command_registry_publish,
	command_registry_remove, command_registry_reset_trust, command_registry_role,
	command_registry_secret_add, command_registry_secret_id, command_registry_secret_remove,
	command_registry_show, command_registry_sign, command_registry_status,
	command_registry_trust, command_registry_verify, command_request, command_status,
	command_version, command_vici_list_sas, command_vici_log;

/* Shared by the commands. */

/* Tell @error on standard error, and with --json also on standard output. Returns @exit. */
int cli_fail(const struct cli_options *options, const struct error *error, enum exit_code exit);

/* "aronet: warning W02: text" on standard error. */
void cli_print_warnings(const struct warnings *warnings);
/* The same from the "warnings" of an answer. */
void cli_print_reply_warnings(struct json_object *reply);

void cli_print_json(struct json_object *object);

/* Standard output is a terminal that shows colours, and nobody forbids them. */
bool cli_use_colour(void);

/*
 * The control socket that the options mean: --socket, or below the runtime directory of --config,
 * or the usual one. 0 or the error of the configuration.
 */
int cli_socket_path(const struct cli_options *options, char *ret, size_t ret_size,
		    struct error *error);

/* One question to the daemon. *ret_exit is set after an error. */
int cli_ask(const struct cli_options *options, const struct control_arguments *arguments,
	    unsigned timeout_sec, struct json_object **ret, enum exit_code *ret_exit,
	    struct error *error);
