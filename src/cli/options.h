/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"
#include "base/log.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Options mean the same in every command; a command says which ones it takes. Where one word has to
 * mean two things (--mesh is a name for `init` and a file for `reset-trust`), there are two rows.
 */
enum cli_option {
	OPTION_CONFIG,
	OPTION_SOCKET,
	OPTION_REGISTRY,
	OPTION_CA_FILE,
	OPTION_PLAN,
	OPTION_ALLOW_UNSIGNED,
	OPTION_ALLOW_EMPTY,
	OPTION_WAIT,
	OPTION_FORGET,
	OPTION_WATCH,
	OPTION_OUTPUT,
	OPTION_OUTPUT_BUNDLE,
	OPTION_OUTPUT_PIN,
	OPTION_OUTPUT_EXPORT,
	OPTION_LOG_LEVEL,
	OPTION_DIRECTORY,
	OPTION_KEY_SIGN,
	OPTION_KEY_MESH,
	OPTION_KEY_MEMBER,
	OPTION_KEY_REVOKE,
	OPTION_KEY_IMPORT,
	OPTION_KEY_ROLE,
	OPTION_THRESHOLD,
	OPTION_MANIFEST_KEY,
	OPTION_MANIFEST_THRESHOLD,
	OPTION_MESH_NAME,
	OPTION_MESH_FILE,
	OPTION_MESH_SHA256,
	OPTION_ORGANIZATION,
	OPTION_ORGANIZATION_IMPORT,
	OPTION_POOL,
	OPTION_POOL_IMPORT,
	OPTION_GRANT,
	OPTION_SHARED,
	OPTION_TRANSIT,
	OPTION_MAX_NODES,
	OPTION_REASON,
	OPTION_REQUEST,
	OPTION_EXPIRY,
	OPTION_AT,
	OPTION_FROM,
	OPTION_STATE,
	OPTION_NO_PASSPHRASE,
	OPTION_PASSPHRASE_FD,
	OPTION_LEGACY,
	OPTION_RANET,
	OPTION_RAIT,
	OPTION_RAIT_TOML,
	OPTION_YES,
	OPTION_I_KNOW,
	OPTION_JSON,
	OPTION_HELP,
};
#define OPTION_BIT(option) (UINT64_C(1) << (option))

#define WAIT_DEFAULT_SEC 30

/* Values of an option that may be given several times, or operands; they point into argv. */
struct cli_list {
	const char **items;
	size_t count;
};

enum cli_answer {
	ANSWER_NOT_GIVEN,
	ANSWER_YES,
	ANSWER_NO,
};

struct cli_options {
	const char *config_path; /* these point into argv; NULL if not given */
	const char *socket_path;
	const char *registry_path;
	const char *ca_path;
	const char *output_path;
	const char *directory; /* -C; "." if not given */
	const char *mesh_name;
	const char *mesh_path;
	const char *organization;
	const char *reason;
	const char *state_path;
	const char *operand; /* the first; NULL if none */
	struct cli_list operands, keys, manifest_keys, pool, grants, requests;
	bool plan, allow_unsigned, allow_empty, forget, watch, json, help;
	bool shared, no_passphrase, yes, i_know;
	bool legacy, ranet, rait, rait_toml; /* formats */
	enum cli_answer transit;
	unsigned wait_sec;
	unsigned threshold, manifest_threshold; /* 0: not given */
	unsigned max_nodes;			/* 0: not given */
	unsigned expiry_days;			/* 0: not given */
	int passphrase_fd;			/* -1: not given */
	bool has_at, has_mesh_sha256;
	int64_t at, from; /* seconds since the epoch */
	uint8_t mesh_sha256[32];
	enum log_level log_level;
};

void cli_options_done(struct cli_options *options);
CLEANUP_DEFINE_IN_PLACE(struct cli_options, cli_options_done);

#define OPERANDS_ANY 65536 /* more than a command line has */

/* What a command takes. */
struct cli_syntax {
	const char *name;      /* "load", for messages */
	uint64_t options;      /* OPTION_BIT()s */
	uint64_t required;     /* of them */
	const char *operand;   /* "wireguard|node", for messages */
	unsigned operands_min; /* how many of them */
	unsigned operands_max;
};

/*
 * Parse @argv, where argv[0] is the command. -EINVAL and E_USAGE with "did you mean". With --help
 * nothing is required. *ret is for cli_options_done().
 */
int cli_options_parse(const struct cli_syntax *syntax, int argc, char *argv[],
		      struct cli_options *ret, struct error *error);

/* "  -c, --config FILE     the daemon's configuration" for each option of @options. */
void cli_options_print(uint64_t options, FILE *out);
