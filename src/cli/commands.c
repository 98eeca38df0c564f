// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/command.h"

#include "base/cleanup.h"

#define ASK OPTION_BIT(OPTION_CONFIG) | OPTION_BIT(OPTION_SOCKET)
#define COMMON OPTION_BIT(OPTION_HELP)

static const struct cli_command commands[] = {
	{
		.syntax = { "check",
			    .options = OPTION_BIT(OPTION_CONFIG) | OPTION_BIT(OPTION_REGISTRY) |
				       OPTION_BIT(OPTION_ALLOW_UNSIGNED) |
				       OPTION_BIT(OPTION_ALLOW_EMPTY) | OPTION_BIT(OPTION_JSON) |
				       COMMON,
			    .required = OPTION_BIT(OPTION_CONFIG) },
		.summary = "read a configuration and a registry as the daemon would",
		.usage = "-c FILE [-r FILE] [--allow-unsigned] [--json]",
		.text = "Reads config.json, the key it names, and with -r a registry, by the same\n"
			"rules as the daemon, and changes nothing. Says where the first error is\n"
			"and what was expected there. Needs no daemon.\n"
			"\n"
			"Examples:\n"
			"  aronet check -c /etc/aronet/config.json\n"
			"  aronet check -c config.json -r registry.json --allow-unsigned\n"
			"\n"
			"Exit codes: 0 good, 3 the configuration or key is refused, 4 or 5 the\n"
			"registry is refused.\n",
		.run = command_check,
	},
	{
		.syntax = { "daemon info", .options = ASK | OPTION_BIT(OPTION_JSON) | COMMON },
		.summary = "show the running daemon: pid, version, paths, helpers",
		.usage = "[-c FILE | --socket PATH] [--json]",
		.text = "Shows which program runs with which configuration, its sockets and\n"
			"namespaces, and the helper processes that it started or adopted.\n"
			"\n"
			"Exit codes: 0 done, 6 no daemon, 7 not root or in the control group.\n",
		.run = command_daemon_info,
	},
	{
		.syntax = { "daemon run",
			    .options = OPTION_BIT(OPTION_CONFIG) | OPTION_BIT(OPTION_REGISTRY) |
				       OPTION_BIT(OPTION_ALLOW_UNSIGNED) |
				       OPTION_BIT(OPTION_LOG_LEVEL) | COMMON,
			    .required = OPTION_BIT(OPTION_CONFIG) },
		.summary = "run the daemon in the foreground",
		.usage = "-c FILE [-r FILE] [--allow-unsigned] [--log-level LEVEL]",
		.text = "Holds this node to the picture of its configuration and of the registry:\n"
			"makes tunnels, addresses, routes and rules, and repairs what others\n"
			"break. Starts with the last registry that was loaded; -r loads one at "
			"the\n"
			"start. Runs in the foreground and logs to standard error.\n"
			"\n"
			"SIGHUP reads the configuration again. SIGTERM ends the daemon and leaves\n"
			"tunnels and routes working; the next start adopts them. SIGINT (Ctrl-C)\n"
			"removes everything that is aronet's, like aronet down.\n"
			"\n"
			"Examples:\n"
			"  aronet daemon run -c /etc/aronet/config.json\n"
			"  aronet daemon run -c config.json -r registry.json --allow-unsigned \\\n"
			"    --log-level debug\n"
			"\n"
			"Exit codes: 0 ended as told, 3 the configuration or key is refused or a\n"
			"daemon runs already, 4 or 5 the registry of -r is refused, 7 permission,\n"
			"8 the state directory cannot be written, 9 the kernel lacks something.\n",
		.run = command_daemon_run,
	},
	{
		.syntax = { "down", .options = ASK | OPTION_BIT(OPTION_FORGET) |
					       OPTION_BIT(OPTION_JSON) | COMMON },
		.summary = "remove everything that is aronet's, and end the daemon",
		.usage = "[-c FILE | --socket PATH] [--forget]",
		.text = "Removes tunnels, addresses, routes, rules and helpers that carry "
			"aronet's\n"
			"marks, and nothing else. Without a running daemon -c says what to clean\n"
			"up. The stored registry is kept, so that the next start comes up with\n"
			"it, unless --forget is given.\n"
			"\n"
			"Examples:\n"
			"  aronet down\n"
			"  aronet down -c /etc/aronet/config.json --forget\n"
			"\n"
			"Exit codes: 0 done, 3 the configuration is refused, 6 no daemon (and no\n"
			"-c), 7 not root or in the control group, 9 a part could not be removed.\n",
		.run = command_down,
	},
	{
		.syntax = { "keygen", .options = OPTION_BIT(OPTION_OUTPUT) | COMMON,
			    .operand = "wireguard, node or mesh", .operands_min = 1,
			    .operands_max = 1 },
		.summary = "make a private key",
		.usage = "wireguard|node|mesh [-o FILE]",
		.text = "wireguard  a WireGuard private key, as wg genkey makes it\n"
			"node       a node secret (ARONET NODE KEY), from which the WireGuard key\n"
			"           and the identity of the node are derived\n"
			"mesh       a secret that all nodes of a mesh share (ARONET MESH SECRET), "
			"for\n"
			"           \"psk_secrets\" of their configurations; its id is told\n"
			"signing    a key that signs registries: aronet keygen signing --help\n"
			"\n"
			"With -o the private key goes to a new file of mode 0600, and what may be\n"
			"known of it to standard output; an existing file is never overwritten.\n"
			"Without -o the private key goes to standard output and the rest to\n"
			"standard error.\n"
			"\n"
			"Examples:\n"
			"  aronet keygen node -o /etc/aronet/node.key\n"
			"  aronet keygen wireguard -o wg.key > wg.pub\n"
			"\n"
			"Exit codes: 0 done, 3 the file exists or cannot be written.\n",
		.run = command_keygen,
	},
	{
		.syntax = { "keygen signing",
			    .options = OPTION_BIT(OPTION_NO_PASSPHRASE) |
				       OPTION_BIT(OPTION_PASSPHRASE_FD) | COMMON,
			    .operand = "FILE", .operands_min = 1, .operands_max = 1 },
		.summary = "make a key that signs registries",
		.usage = "FILE [--no-passphrase | --passphrase-fd N]",
		.text = "Makes an Ed25519 key that can sign the documents of a registry. The "
			"private\n"
			"key goes to the new file FILE, mode 0600, encrypted with a passphrase\n"
			"(PKCS#8, scrypt); the public key to a file beside it, me.pub for me.key,\n"
			"and with its fingerprint to standard output. Files that exist are never\n"
			"overwritten. Keep a copy of the private key offline.\n"
			"\n"
			"The passphrase is asked for twice on the terminal. Scripts open a\n"
			"descriptor and name it with --passphrase-fd or ARONET_PASSPHRASE_FD.\n"
			"\n"
			"Examples:\n"
			"  aronet keygen signing me.key\n"
			"  aronet keygen signing ci.key --passphrase-fd 3 3< passphrase\n"
			"\n"
			"Exit codes: 0 done, 2 the descriptor is not open, 3 a file exists or "
			"cannot\n"
			"be written, or the two passphrases differ.\n",
		.run = command_keygen_signing,
	},
	{
		.syntax = { "load",
			    .options = ASK | OPTION_BIT(OPTION_REGISTRY) |
				       OPTION_BIT(OPTION_CA_FILE) | OPTION_BIT(OPTION_PLAN) |
				       OPTION_BIT(OPTION_ALLOW_UNSIGNED) |
				       OPTION_BIT(OPTION_ALLOW_EMPTY) | OPTION_BIT(OPTION_WAIT) |
				       OPTION_BIT(OPTION_JSON) | COMMON,
			    .required = OPTION_BIT(OPTION_REGISTRY) },
		.summary = "give the daemon a registry",
		.usage = "-r FILE|-|URL [-c FILE | --socket PATH] [--plan] [--ca-file FILE]\n"
			 "                   [--allow-unsigned] [--allow-empty] [--wait SECONDS]\n"
			 "                   [--json]",
		.text = "Sends a registry to the daemon, which checks it, stores it and changes "
			"the\n"
			"tunnels of this node accordingly: those of unchanged peers are not\n"
			"touched. A refused registry changes nothing. Loading the same registry\n"
			"again says \"no change\".\n"
			"\n"
			"With --plan the daemon prints each operation it would do, one per line,\n"
			"or \"nothing to do\".\n"
			"\n"
			"Examples:\n"
			"  aronet load -r registry.json\n"
			"  aronet load -r registry.json --plan\n"
			"  aronet load -r https://example.net/registry.json\n"
			"\n"
			"Exit codes: 0 loaded, 4 the registry is refused, 5 it is refused by "
			"local\n"
			"policy or overlaps, 6 no daemon or it is busy, 7 not root or in the\n"
			"control group, 8 it cannot be stored, 9 loaded, but the kernel or a\n"
			"helper refused a part; the daemon goes on trying.\n",
		.run = command_load,
	},
	{
		.syntax = { "request", .options = OPTION_BIT(OPTION_CONFIG) | COMMON,
			    .required = OPTION_BIT(OPTION_CONFIG) },
		.summary = "print a request to join a mesh",
		.usage = "-c FILE",
		.text = "What a node says about itself, from its configuration, signed with its\n"
			"own key: name, public keys, endpoints, prefixes. Nothing in it is "
			"secret.\n"
			"Who keeps the registry adds it with aronet registry add.\n"
			"\n"
			"Example:\n"
			"  aronet request -c /etc/aronet/config.json > moon.req\n"
			"\n"
			"Exit codes: 0 done, 3 the configuration or key is refused.\n",
		.run = command_request,
	},
	{
		.syntax = { "status", .options = ASK | OPTION_BIT(OPTION_WATCH) |
						 OPTION_BIT(OPTION_JSON) | COMMON },
		.summary = "show tunnels, neighbours, routes, and what is wrong",
		.usage = "[-c FILE | --socket PATH] [--watch] [--json]",
		.text = "Shows problems first, then each tunnel with its peer, handshake age,\n"
			"traffic and Babel neighbour, then routes, counters that are not zero, "
			"and\n"
			"recent repairs. Colours only on a terminal, and not with NO_COLOR.\n"
			"\n"
			"REACH is Babel's history of received hellos as hex bits, newest first;\n"
			"COST is what the link adds to a route's metric, inf if it does not work\n"
			"in one direction.\n"
			"\n"
			"With IPsec, HANDSHAKE is the age of the keys in use, and IKE_SAs shows "
			"for\n"
			"each of these tunnels the algorithms and ages of its IKE_SA and of ESP,\n"
			"when they are rekeyed, whether this node is behind NAT, and what is "
			"wrong.\n"
			"\n"
			"Examples:\n"
			"  aronet status --watch\n"
			"  aronet status --json | jq -r '.tunnels[] | [.peer, .state] | @tsv'\n"
			"\n"
			"Exit codes: 0 ok or converging, 1 degraded, 6 no daemon, 7 not root or "
			"in\n"
			"the control group.\n",
		.run = command_status,
	},
	{
		.syntax = { "version", .options = COMMON },
		.summary = "show the version of this program",
		.usage = "",
		.text = "Shows version and commit. aronet daemon info shows those of the daemon.\n",
		.run = command_version,
	},
	{
		.syntax = { "vici list-sas", .options = ASK | OPTION_BIT(OPTION_JSON) | COMMON },
		.summary = "show the IKE_SAs of strongSwan as it tells them",
		.usage = "[-c FILE | --socket PATH] [--json]",
		.text = "Asks charon, the IKE daemon that aronet runs for tunnels with IPsec, for "
			"its\n"
			"IKE_SAs, and shows each in the form of swanctl --list-sas: connection, "
			"state,\n"
			"SPIs, ends, algorithms, ages; below it the same of its CHILD_SAs, with "
			"bytes\n"
			"and packets. In the order of names. See aronet status for what they mean "
			"to\n"
			"the tunnels.\n"
			"\n"
			"With --json an array of charon's messages as they are. All values are "
			"texts;\n"
			"bytes that are not printable ASCII are written \\xNN.\n"
			"\n"
			"Examples:\n"
			"  aronet vici list-sas | grep ESTABLISHED\n"
			"  aronet vici list-sas --json | jq -r '.[] | keys[]'\n"
			"\n"
			"Exit codes: 0 done, 6 no daemon, no IKE daemon (no tunnel uses IPsec), or "
			"it\n"
			"does not answer, 7 not root, 9 the IKE daemon refuses.\n",
		.run = command_vici_list_sas,
	},
	{
		.syntax = { "vici log", .options = ASK | COMMON },
		.summary = "show what strongSwan logs, live",
		.usage = "[-c FILE | --socket PATH]",
		.text = "Shows each line that charon, the IKE daemon that aronet runs for tunnels "
			"with\n"
			"IPsec, logs from now on, until Ctrl-C:\n"
			"\n"
			"  TIME GROUP LEVEL CONNECTION[NUMBER] TEXT\n"
			"\n"
			"Without a connection there is a \"-\". What was logged before is in the "
			"file that\n"
			"aronet status --json names (.ike.log).\n"
			"\n"
			"Exit codes: 6 no daemon, no IKE daemon (no tunnel uses IPsec), or it has\n"
			"ended, 7 not root.\n",
		.run = command_vici_log,
	},
};

const struct cli_command *cli_command_at(size_t index)
{
	return index < ARRAY_SIZE(commands) ? &commands[index]
					    : cli_registry_command_at(index - ARRAY_SIZE(commands));
}
