/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/log.h"

#include <stdbool.h>
#include <stdio.h>

/* Options mean the same in every command; a command says which ones it takes. */
enum cli_option {
	OPTION_CONFIG,
	OPTION_SOCKET,
	OPTION_REGISTRY,
	OPTION_PLAN,
	OPTION_ALLOW_UNSIGNED,
	OPTION_ALLOW_EMPTY,
	OPTION_WAIT,
	OPTION_FORGET,
	OPTION_WATCH,
	OPTION_OUTPUT,
	OPTION_LOG_LEVEL,
	OPTION_JSON,
	OPTION_HELP,
};
#define OPTION_BIT(option) (1u << (option))

#define WAIT_DEFAULT_SEC 30

struct cli_options {
	const char *config_path; /* these point into argv; NULL if not given */
	const char *socket_path;
	const char *registry_path;
	const char *output_path;
	const char *operand;
	bool plan, allow_unsigned, allow_empty, forget, watch, json, help;
	unsigned wait_sec;
	enum log_level log_level;
};

/* What a command takes. */
struct cli_syntax {
	const char *name;    /* "load", for messages */
	unsigned options;    /* OPTION_BIT()s */
	unsigned required;   /* of them */
	const char *operand; /* "wireguard|node", NULL: takes none */
};

/*
 * Parse @argv, where argv[0] is the command. -EINVAL and E_USAGE with "did you mean". With --help
 * nothing is required.
 */
int cli_options_parse(const struct cli_syntax *syntax, int argc, char *argv[],
		      struct cli_options *ret, struct error *error);

/* "  -c, --config FILE     the daemon's configuration" for each option of @options. */
void cli_options_print(unsigned options, FILE *out);
