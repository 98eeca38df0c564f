// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/option_rows.h"

#include "base/cleanup.h"
#include "base/hex.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/timestamp.h"
#include "control/protocol.h"

#include <limits.h>
#include <string.h>

#define THRESHOLD_MAX 16 /* keys of a role */
#define NODES_MAX 10000
#define YEAR_DAYS 366 /* as the registry specification counts it, section 3 */

_Static_assert(OPTIONS_COUNT <= 64, "options of a command are bits of one number");

static const struct {
	const char *name;
	enum log_level level;
} log_levels[] = {
	{ "error", LOG_LEVEL_ERROR },	{ "warning", LOG_LEVEL_WARNING },
	{ "notice", LOG_LEVEL_NOTICE }, { "info", LOG_LEVEL_INFO },
	{ "debug", LOG_LEVEL_DEBUG },
};

static bool read_log_level(const char *value, struct cli_options *options)
{
	for (size_t i = 0; i < ARRAY_SIZE(log_levels); i++) {
		if (!strcmp(log_levels[i].name, value)) {
			options->log_level = log_levels[i].level;
			return true;
		}
	}
	return false;
}

#define TEXT_READER(name, member)                                                                  \
	static bool read_##name(const char *value, struct cli_options *options)                    \
	{                                                                                          \
		options->member = value;                                                           \
		return value[0] != '\0';                                                           \
	}
TEXT_READER(config, config_path)
TEXT_READER(socket, socket_path)
TEXT_READER(registry, registry_path)
TEXT_READER(ca, ca_path)
TEXT_READER(output, output_path)
TEXT_READER(directory, directory)
TEXT_READER(mesh_name, mesh_name)
TEXT_READER(mesh_file, mesh_path)
TEXT_READER(organization, organization)
TEXT_READER(reason, reason)
TEXT_READER(state, state_path)

#define LIST_READER(name, member)                                                                  \
	static bool read_##name(const char *value, struct cli_options *options)                    \
	{                                                                                          \
		*ARRAY_APPEND(options->member.items, options->member.count) = value;               \
		return value[0] != '\0';                                                           \
	}
LIST_READER(key, keys)
LIST_READER(manifest_key, manifest_keys)
LIST_READER(pool, pool)
LIST_READER(grant, grants)
LIST_READER(request, requests)

static bool read_number(const char *value, unsigned minimum, unsigned maximum, unsigned *ret)
{
	uint64_t number;

	if (number_parse(value, maximum, &number) < 0 || number < minimum)
		return false;
	*ret = (unsigned)number;
	return true;
}

static bool read_wait(const char *value, struct cli_options *options)
{
	return read_number(value, 0, CONTROL_WAIT_MAX, &options->wait_sec);
}

static bool read_threshold(const char *value, struct cli_options *options)
{
	return read_number(value, 1, THRESHOLD_MAX, &options->threshold);
}

static bool read_manifest_threshold(const char *value, struct cli_options *options)
{
	return read_number(value, 1, THRESHOLD_MAX, &options->manifest_threshold);
}

static bool read_max_nodes(const char *value, struct cli_options *options)
{
	return read_number(value, 1, NODES_MAX, &options->max_nodes);
}

static bool read_passphrase_fd(const char *value, struct cli_options *options)
{
	unsigned fd;

	if (!read_number(value, 0, INT_MAX, &fd))
		return false;
	options->passphrase_fd = (int)fd;
	return true;
}

/* "14d", "1y" */
static bool read_expiry(const char *value, struct cli_options *options)
{
	size_t length = strlen(value);
	char number[8];
	unsigned days;

	if (length < 2 || length > sizeof(number))
		return false;
	memcpy(number, value, length - 1);
	number[length - 1] = '\0';
	if (!read_number(number, 1, YEAR_DAYS, &days))
		return false;
	if (value[length - 1] == 'y' && days == 1)
		days = YEAR_DAYS;
	else if (value[length - 1] != 'd')
		return false;
	options->expiry_days = days;
	return true;
}

static bool read_transit(const char *value, struct cli_options *options)
{
	if (!strcmp(value, "yes"))
		options->transit = ANSWER_YES;
	else if (!strcmp(value, "no"))
		options->transit = ANSWER_NO;
	else
		return false;
	return true;
}

static bool read_at(const char *value, struct cli_options *options)
{
	options->has_at = true;
	return timestamp_parse(value, &options->at) == 0;
}

static bool read_from(const char *value, struct cli_options *options)
{
	return timestamp_parse(value, &options->from) == 0;
}

static bool read_mesh_sha256(const char *value, struct cli_options *options)
{
	options->has_mesh_sha256 = true;
	return hex_parse(value, options->mesh_sha256, sizeof(options->mesh_sha256)) == 0;
}

#define PATH "a path"
#define THRESHOLD "a number from 1 to 16"

const struct option_row option_rows[OPTIONS_COUNT] = {
#define SWITCH(member) .flag = offsetof(struct cli_options, member)
	[OPTION_CONFIG] = { 'c', "config", "FILE", read_config, .expected = PATH,
			    .help = "the daemon's configuration" },
	[OPTION_SOCKET] = { 0, "socket", "PATH", read_socket, .expected = PATH,
			    .help = "the daemon's control socket (default " CONTROL_DEFAULT_PATH
				    ")" },
	[OPTION_REGISTRY] = { 'r', "registry", "FILE", read_registry, .expected = PATH,
			      .help = "the registry; - is standard input, https://... is fetched" },
	[OPTION_CA_FILE] = { 0, "ca-file", "FILE", read_ca, .expected = PATH,
			     .help = "certificates to trust for https (default: the system's)" },
	[OPTION_PLAN] = { 0, "plan", SWITCH(plan),
			  .help = "say what would be done, and do nothing" },
	[OPTION_ALLOW_UNSIGNED] = { 0, "allow-unsigned", SWITCH(allow_unsigned),
				    .help = "take a registry without signatures; config.json has "
					    "to allow it, too" },
	[OPTION_ALLOW_EMPTY] = { 0, "allow-empty", SWITCH(allow_empty),
				 .help = "a registry without any node is meant" },
	[OPTION_WAIT] = { 0, "wait", "SECONDS", read_wait, .expected = "0 to 3600 seconds",
			  .help = "how long to wait until the kernel has followed (default 30)" },
	[OPTION_FORGET] = { 0, "forget", SWITCH(forget),
			    .help = "remove the stored registry as well" },
	[OPTION_WATCH] = { 'w', "watch", SWITCH(watch),
			   .help = "again every second, until Ctrl-C" },
	[OPTION_OUTPUT] = { 'o', "output", "FILE", read_output, .expected = PATH,
			    .help = "write the private key to this new file, mode 0600" },
	[OPTION_OUTPUT_BUNDLE] = { 'o', "output", "FILE", read_output, .expected = PATH,
				   .help = "write the registry for the nodes to this file" },
	[OPTION_OUTPUT_PIN] = { 'o', "output", "FILE", read_output, .expected = PATH,
				.help = "write the pin to this file (default "
					"/etc/aronet/mesh.json)" },
	[OPTION_OUTPUT_EXPORT] = { 'o', "output", "FILE", read_output, .expected = PATH,
				   .help = "write to this file (default: standard output)" },
	[OPTION_LOG_LEVEL] = { 'l', "log-level", "LEVEL", read_log_level,
			       .expected = "error, warning, notice, info or debug",
			       .help = "error, warning, notice, info (default) or debug" },
	[OPTION_DIRECTORY] = { 'C', "directory", "DIR", read_directory, .expected = PATH,
			       .help = "the registry's source folder (default: the current one)" },
	[OPTION_KEY_SIGN] = { 'k', "key", "FILE", read_key, .expected = PATH,
			      .help = "private key to sign with; may be repeated" },
	[OPTION_KEY_MESH] = { 'k', "key", "FILE", read_key, .expected = PATH,
			      .help = "key that may sign the mesh, private or public; may be "
				      "repeated" },
	[OPTION_KEY_MEMBER] = { 'k', "key", "FILE", read_key, .expected = PATH,
				.help = "public key that may sign the organization; may be "
					"repeated" },
	[OPTION_KEY_REVOKE] = { 'k', "key", "FILE", read_key, .expected = PATH,
				.help = "public key that is no longer to be trusted; may be "
					"repeated" },
	[OPTION_KEY_IMPORT] = { 'k', "key", "FILE", read_key, .expected = PATH,
				.help = "public key for organizations that become members; may "
					"be repeated" },
	[OPTION_KEY_ROLE] = { 'k', "key", "FILE", read_key, .expected = PATH,
			      .help = "public key that may sign; all of them are named anew" },
	[OPTION_THRESHOLD] = { 0, "threshold", "N", read_threshold, .expected = THRESHOLD,
			       .help = "how many of the keys have to sign (default 1)" },
	[OPTION_MANIFEST_KEY] = { 0, "manifest-key", "FILE", read_manifest_key, .expected = PATH,
				  .help = "public key for manifests (default: any mesh key); "
					  "may be repeated" },
	[OPTION_MANIFEST_THRESHOLD] = { 0, "manifest-threshold", "N", read_manifest_threshold,
					.expected = THRESHOLD,
					.help = "how many of them have to sign (default 1)" },
	[OPTION_MESH_NAME] = { 0, "mesh", "NAME", read_mesh_name, .expected = "a name",
			       .help = "name of the mesh" },
	[OPTION_MESH_FILE] = { 0, "mesh", "FILE", read_mesh_file, .expected = PATH,
			       .help = "mesh document that is trusted from now on" },
	[OPTION_MESH_SHA256] = { 0, "mesh-sha256", "HEX", read_mesh_sha256,
				 .expected = "64 lower-case hexadecimal digits",
				 .help = "pin: digest of the mesh document that is trusted" },
	[OPTION_ORGANIZATION] = { 0, "org", "NAME", read_organization, .expected = "a name",
				  .help = "first organization; gets all of the pool" },
	[OPTION_ORGANIZATION_IMPORT] = { 0, "org", "NAME", read_organization, .expected = "a name",
					 .help = "organization of peers that name none" },
	[OPTION_POOL] = { 0, "pool", "PREFIX", read_pool, .expected = "a prefix",
			  .help = "addresses of which grants are made; may be repeated" },
	[OPTION_POOL_IMPORT] = { 0, "pool", "PREFIX", read_pool, .expected = "a prefix",
				 .help = "where nodes without a network get one" },
	[OPTION_GRANT] = { 0, "grant", "PREFIX[-LENGTH]", read_grant, .expected = "a prefix",
			   .help = "addresses, and the longest prefix for a node; "
				   "may be repeated" },
	[OPTION_SHARED] = { 0, "shared", SWITCH(shared),
			    .help = "another organization with --shared may have these grants, "
				    "too" },
	[OPTION_TRANSIT] = { 0, "transit", "yes|no", read_transit, .expected = "yes or no",
			     .help = "may its nodes forward for others (default yes)" },
	[OPTION_MAX_NODES] = { 0, "max-nodes", "N", read_max_nodes,
			       .expected = "a number from 1 to 10000",
			       .help = "how many nodes it may have (default 64)" },
	[OPTION_REASON] = { 0, "reason", "TEXT", read_reason, .expected = "a text",
			    .help = "why, for people" },
	[OPTION_REQUEST] = { 0, "request", "FILE", read_request, .expected = PATH,
			     .help = "what aronet request has printed on a node; may be repeated" },
	[OPTION_EXPIRY] = { 0, "expiry", "TIME", read_expiry, .expected = "1d to 366d, or 1y",
			    .help = "how long it is valid: 14d, 1y" },
	[OPTION_AT] = { 0, "at", "TIME", read_at, .expected = "a time such as 2026-11-21T00:00:00Z",
			.help = "instead of the time of the clock: 2026-11-21T00:00:00Z" },
	[OPTION_FROM] = { 0, "from", "TIME", read_from,
			  .expected = "a time such as 2026-11-21T00:00:00Z",
			  .help = "when it comes into use: 2026-11-21T00:00:00Z" },
	[OPTION_STATE] = { 0, "state", "FILE", read_state, .expected = PATH,
			   .help = "trust.json of a node: check as that node would" },
	[OPTION_NO_PASSPHRASE] = { 0, "no-passphrase", SWITCH(no_passphrase),
				   .help = "do not encrypt the key" },
	[OPTION_PASSPHRASE_FD] = { 0, "passphrase-fd", "N", read_passphrase_fd,
				   .expected = "the number of an open descriptor",
				   .help = "read passphrases from this descriptor, one a line" },
	[OPTION_LEGACY] = { 0, "legacy", SWITCH(legacy), .help = "for original aronet" },
	[OPTION_RANET] = { 0, "ranet", SWITCH(ranet), .help = "for ranet 0.6 and later" },
	[OPTION_RAIT] = { 0, "rait", SWITCH(rait), .help = "for RAIT 3" },
	[OPTION_RAIT_TOML] = { 0, "rait-toml", SWITCH(rait_toml), .help = "for RAIT 1.4 to 2" },
	[OPTION_YES] = { 'y', "yes", SWITCH(yes), .help = "do not ask, for scripts" },
	[OPTION_I_KNOW] = { 0, "i-know", SWITCH(i_know),
			    .help = "I know that this gives up what was trusted" },
	[OPTION_JSON] = { 'j', "json", SWITCH(json), .help = "print JSON, for programs" },
	[OPTION_HELP] = { 'h', "help", SWITCH(help), .help = "this text" },
#undef SWITCH
};
