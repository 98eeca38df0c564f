// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/command.h"

#include "base/cleanup.h"

#define BIT(option) OPTION_BIT(OPTION_##option)
#define LOOK BIT(DIRECTORY) | BIT(HELP)
#define CHANGE LOOK | BIT(YES)
#define SIGN CHANGE | BIT(KEY_SIGN) | BIT(PASSPHRASE_FD) | BIT(EXPIRY) | BIT(AT)
#define MEMBER "the name of an organization"
#define MEMBER_EXITS                                                                               \
	"\n"                                                                                       \
	"Exit codes: 0 done, 1 you said no, 2 there is no terminal to ask on, 3 a key is\n"        \
	"refused, 4 and 5 the mesh document would be refused, 8 the folder cannot be\n"            \
	"written.\n"

static const struct cli_command commands[] = {
	{
		.syntax = { "registry add", .options = CHANGE | BIT(REQUEST),
			    .required = BIT(REQUEST), .operand = "files of requests",
			    .operands_max = OPERANDS_ANY },
		.summary = "add nodes that asked to join",
		.usage = "[-C DIR] --request FILE... [--yes]",
		.text = "Verifies what aronet request has printed on the nodes, and adds them to "
			"the\n"
			"documents of their organizations. Shows what is different and asks. A "
			"node\n"
			"without a send_port gets one that is free in the mesh.\n"
			"\n"
			"Example:\n"
			"  aronet registry -C home add --request moon.req sun.req earth.req\n"
			"\n"
			"Exit codes: 0 done, 1 you said no, 4 a request or document is refused, 5 "
			"a prefix "
			"is\n"
			"outside the grants or taken.\n",
		.run = command_registry_add,
	},
	{
		.syntax = { "registry diff", .options = BIT(CONFIG) | BIT(JSON) | BIT(HELP),
			    .operand = "two registries: files or source folders", .operands_min = 2,
			    .operands_max = 2 },
		.summary = "tell what is different between two registries",
		.usage = "OLD NEW [-c FILE] [--json]",
		.text = "Compares what two registries say: files that nodes load, signed or not, "
			"or\n"
			"source folders. Order, white space, versions and dates do not count.\n"
			"Verifies no signature.\n"
			"\n"
			"With the configuration of a node also tells what NEW in place of OLD "
			"means\n"
			"there: tunnels that come, go and change, and those that carry nothing "
			"until\n"
			"both ends have loaded it.\n"
			"\n"
			"Examples:\n"
			"  aronet registry diff registry.json home\n"
			"  aronet registry diff old.json new.json -c /etc/aronet/config.json\n"
			"\n"
			"Exit codes: 0 the same, 1 different, 3 the configuration is refused, 4 a\n"
			"registry cannot be read.\n",
		.run = command_registry_diff,
	},
	{
		.syntax = { "registry export",
			    .options = BIT(LEGACY) | BIT(RANET) | BIT(RAIT) | BIT(RAIT_TOML) |
				       BIT(OUTPUT_EXPORT) | BIT(MESH_SHA256) | BIT(STATE) |
				       BIT(AT) | LOOK,
			    .operand = "a registry: a file or a source folder", .operands_max = 1 },
		.summary = "write a registry for other programs",
		.usage = "[FILE | DIR] --legacy|--ranet|--rait|--rait-toml [-o FILE]\n"
			 "                   [--mesh-sha256 HEX | --state FILE] [--at TIME]",
		.text = "Writes the nodes of a registry, signed or not, or of a source folder, "
			"for\n"
			"original aronet (--legacy), ranet, RAIT 3 or RAIT 1.4 to 2. A signed file "
			"is\n"
			"verified first. What the format cannot carry is left out, and told on\n"
			"standard error.\n"
			"\n"
			"Examples:\n"
			"  aronet registry export registry.json --ranet -o ranet.json\n"
			"  aronet registry export -C home --rait > peers.conf\n"
			"\n"
			"Exit codes: 0 done, 2 no format, 4 the registry is refused, or nothing of "
			"it\n"
			"can be told in that format.\n",
		.run = command_registry_export,
	},
	{
		.syntax = { "registry import",
			    .options = CHANGE | BIT(ORGANIZATION_IMPORT) | BIT(POOL_IMPORT) |
				       BIT(KEY_IMPORT) | BIT(PLAN),
			    .operand = "registries of other programs: files, folders or -",
			    .operands_min = 1, .operands_max = OPERANDS_ANY },
		.summary = "take over the nodes of another program",
		.usage = "FILE... [-C DIR] [--org NAME] [--pool PREFIX] [--key FILE.pub...]\n"
			 "                   [--plan] [--yes]",
		.text = "Reads registries of original aronet, ranet and RAIT (all versions) and "
			"adds\n"
			"their nodes to the source folder. Peers of RAIT have no organization: "
			"--org\n"
			"says which one they become. Nodes without a network get one from the "
			"pool,\n"
			"which follows from their key. With --key organizations that are no "
			"members\n"
			"become members, signed by that key, with grants for what their nodes\n"
			"announce. What cannot be taken over is told on standard error, with its\n"
			"place. Shows what is different and asks.\n"
			"\n"
			"With --plan only tells what would come, and needs no folder.\n"
			"\n"
			"Examples:\n"
			"  aronet registry import -C home registry.json --key me.pub\n"
			"  aronet registry import -C home /etc/rait/peers.conf --org home\n"
			"  aronet registry import --plan --org home --pool fd66::/16 peers.conf\n"
			"\n"
			"Exit codes: 0 done, 1 you said no, 4 a file is refused, or a node of its "
			"name\n"
			"is there already, 5 a prefix is outside the grants or taken.\n",
		.run = command_registry_import,
	},
	{
		.syntax = { "registry init",
			    .options = BIT(MESH_NAME) | BIT(KEY_MESH) | BIT(THRESHOLD) |
				       BIT(MANIFEST_KEY) | BIT(MANIFEST_THRESHOLD) |
				       BIT(ORGANIZATION) | BIT(POOL) | BIT(MAX_NODES) |
				       BIT(EXPIRY) | BIT(PASSPHRASE_FD) | BIT(HELP),
			    .required = BIT(MESH_NAME) | BIT(KEY_MESH) | BIT(POOL),
			    .operand = "a folder", .operands_min = 1, .operands_max = 1 },
		.summary = "begin the registry of a new mesh",
		.usage =
			"DIR --mesh NAME --key FILE... --pool PREFIX...\n"
			"                   [--org NAME] [--threshold N] [--manifest-key FILE...]\n"
			"                   [--expiry TIME]",
		.text = "Makes the source folder of a registry with version 1 of its mesh "
			"document.\n"
			"With threshold 1 it is signed at once, and its digest, the pin of every\n"
			"node, is printed; otherwise it is a draft for aronet registry sign.\n"
			"\n"
			"Examples:\n"
			"  aronet registry init home --mesh home --key me.key --org home \\\n"
			"    --pool fd66::/16 --pool 192.168.128.0/17 --expiry 1y\n"
			"  aronet registry init fed --mesh fed --key alice.key --key bob.pub \\\n"
			"    --threshold 2 --manifest-key ci.pub --pool fd66::/16\n"
			"\n"
			"Exit codes: 0 done, 2 wrong usage, 3 a key file is refused, 4 the folder\n"
			"holds a registry already, or what it would hold is refused.\n",
		.run = command_registry_init,
	},
	{
		.syntax = { "registry log", .options = LOOK },
		.summary = "tell what each version of the mesh document changed",
		.usage = "[-C DIR]",
		.text = "One after the other: date, who signed it, digest, and what it changed.\n"
			"\n"
			"Exit codes: 0 done, 4 a document cannot be read.\n",
		.run = command_registry_log,
	},
	{
		.syntax = { "registry member add",
			    .options = CHANGE | BIT(KEY_MEMBER) | BIT(THRESHOLD) | BIT(GRANT) |
				       BIT(SHARED) | BIT(TRANSIT) | BIT(MAX_NODES),
			    .required = BIT(KEY_MEMBER) | BIT(GRANT), .operand = MEMBER,
			    .operands_min = 1, .operands_max = 1 },
		.summary = "let an organization in",
		.usage = "[-C DIR] NAME --key FILE.pub... --grant PREFIX[-LENGTH]...\n"
			 "                   [--threshold N] [--transit yes|no] [--max-nodes N]\n"
			 "                   [--shared] [--yes]",
		.text = "Changes the draft of the mesh document, which has to be signed then.\n"
			"\n"
			"Example:\n"
			"  aronet registry -C fed member add north --key north.pub \\\n"
			"    --grant fd66:1::/32-64\n" MEMBER_EXITS,
		.run = command_registry_member_add,
	},
	{
		.syntax = { "registry member grant", .options = CHANGE | BIT(GRANT) | BIT(SHARED),
			    .required = BIT(GRANT), .operand = MEMBER, .operands_min = 1,
			    .operands_max = 1 },
		.summary = "give an organization more addresses",
		.usage = "[-C DIR] NAME --grant PREFIX[-LENGTH]... [--shared] [--yes]",
		.text = "Changes the draft of the mesh document, which has to be signed "
			"then.\n" MEMBER_EXITS,
		.run = command_registry_member_grant,
	},
	{
		.syntax = { "registry member remove", .options = CHANGE, .operand = MEMBER,
			    .operands_min = 1, .operands_max = 1 },
		.summary = "let an organization go, with its nodes",
		.usage = "[-C DIR] NAME [--yes]",
		.text = "Changes the draft of the mesh document, which has to be signed then, and\n"
			"removes the document of the organization.\n" MEMBER_EXITS,
		.run = command_registry_member_remove,
	},
	{
		.syntax = { "registry member resume", .options = CHANGE, .operand = MEMBER,
			    .operands_min = 1, .operands_max = 1 },
		.summary = "end a suspension",
		.usage = "[-C DIR] NAME [--yes]",
		.text = "Changes the draft of the mesh document, which has to be signed "
			"then.\n" MEMBER_EXITS,
		.run = command_registry_member_resume,
	},
	{
		.syntax = { "registry member revoke",
			    .options = CHANGE | BIT(KEY_REVOKE) | BIT(REASON),
			    .operand = "whose key", .operands_min = 1, .operands_max = 1 },
		.summary = "distrust a key of an organization or a node for ever",
		.usage = "[-C DIR] ORGANIZATION --key FILE.pub... [--reason TEXT] [--yes]\n"
			 "                   [-C DIR] ORGANIZATION/NODE | KEY [--reason TEXT] "
			 "[--yes]",
		.text = "Lists keys as revoked. A key of an organization is taken from it, too; "
			"give\n"
			"it another one first (member set), and then let it sign its nodes anew. "
			"A\n"
			"node is left out of the registry whatever its organization signs. KEY is "
			"a\n"
			"WireGuard key (base64) or the Ed25519 key of a node (64 hexadecimal "
			"digits).\n"
			"Changes the draft of the mesh document, which has to be signed then.\n"
			"\n"
			"Examples:\n"
			"  aronet registry -C fed member set south --key south2.pub\n"
			"  aronet registry -C fed member revoke south --key south.pub \\\n"
			"    --reason \"lost laptop\"\n"
			"  aronet registry -C fed member revoke south/host-03\n" MEMBER_EXITS,
		.run = command_registry_member_revoke,
	},
	{
		.syntax = { "registry member set",
			    .options = CHANGE | BIT(KEY_MEMBER) | BIT(THRESHOLD) | BIT(TRANSIT) |
				       BIT(MAX_NODES),
			    .operand = MEMBER, .operands_min = 1, .operands_max = 1 },
		.summary = "change keys, transit or number of nodes of an organization",
		.usage = "[-C DIR] NAME [--key FILE.pub... [--threshold N]]\n"
			 "                   [--transit yes|no] [--max-nodes N] [--yes]",
		.text = "What is not given stays. Changes the draft of the mesh document, which "
			"has\n"
			"to be signed then.\n" MEMBER_EXITS,
		.run = command_registry_member_set,
	},
	{
		.syntax = { "registry member suspend", .options = CHANGE, .operand = MEMBER,
			    .operands_min = 1, .operands_max = 1 },
		.summary = "leave out the nodes of an organization for a while",
		.usage = "[-C DIR] NAME [--yes]",
		.text = "Needs nothing from that organization. Changes the draft of the mesh\n"
			"document, which has to be signed then.\n" MEMBER_EXITS,
		.run = command_registry_member_suspend,
	},
	{
		.syntax = { "registry member ungrant", .options = CHANGE | BIT(GRANT),
			    .required = BIT(GRANT), .operand = MEMBER, .operands_min = 1,
			    .operands_max = 1 },
		.summary = "take addresses from an organization",
		.usage = "[-C DIR] NAME --grant PREFIX... [--yes]",
		.text = "Refused while a node of the organization uses them. Changes the draft of\n"
			"the mesh document, which has to be signed then.\n" MEMBER_EXITS,
		.run = command_registry_member_ungrant,
	},
	{
		.syntax = { "registry publish",
			    .options = SIGN | BIT(OUTPUT_BUNDLE) | BIT(ALLOW_EMPTY),
			    .required = BIT(OUTPUT_BUNDLE), .operand = "a folder",
			    .operands_max = 1 },
		.summary = "sign what is new and make the file for the nodes",
		.usage = "[-C DIR | DIR] -o FILE --key FILE... [--expiry TIME] [--yes]",
		.text = "Signs every document that is new and that the keys may sign, makes the "
			"next\n"
			"manifest, verifies the result as a node would that has the one before, "
			"and\n"
			"writes it to FILE. Refused otherwise, and then nothing is changed. "
			"Documents\n"
			"that live for less than half of their time are signed anew.\n"
			"\n"
			"Example:\n"
			"  aronet registry -C home publish --key me.key -o registry.json\n"
			"\n"
			"Exit codes: 0 done, 1 you said no, 3 a key is refused or may not sign, 4 "
			"and 5 "
			"what\n"
			"nodes would answer, 8 the folder cannot be written.\n",
		.run = command_registry_publish,
	},
	{
		.syntax = { "registry remove", .options = CHANGE, .operand = "ORGANIZATION/NODE",
			    .operands_min = 1, .operands_max = OPERANDS_ANY },
		.summary = "remove nodes",
		.usage = "[-C DIR] ORGANIZATION/NODE... [--yes]",
		.text = "Example:\n"
			"  aronet registry -C home remove home/sun\n",
		.run = command_registry_remove,
	},
	{
		.syntax = { "registry reset-trust",
			    .options = BIT(CONFIG) | BIT(MESH_FILE) | BIT(I_KNOW) | BIT(HELP) },
		.summary = "on a node: trust another mesh from now on",
		.usage = "[-c FILE] [--mesh FILE] --i-know",
		.text = "For a node whose mesh lost its keys, or whose trust state is damaged. "
			"FILE is\n"
			"a mesh document of the mesh that is to be trusted, or a registry of it.\n"
			"Tunnels stay until the next load. Without --mesh the node forgets whom "
			"it\n"
			"has trusted, and the pin in its configuration decides again.\n"
			"\n"
			"Example:\n"
			"  aronet registry reset-trust --mesh mesh.1.json --i-know\n"
			"\n"
			"Exit codes: 0 done, 2 without --i-know, 3 the configuration is refused, "
			"4\n"
			"FILE is refused, 8 the state directory cannot be written.\n",
		.run = command_registry_reset_trust,
	},
	{
		.syntax = { "registry role", .options = CHANGE | BIT(KEY_ROLE) | BIT(THRESHOLD),
			    .required = BIT(KEY_ROLE), .operand = "mesh or manifest",
			    .operands_min = 1, .operands_max = 1 },
		.summary = "say who signs mesh documents or manifests from now on",
		.usage = "[-C DIR] mesh|manifest --key FILE.pub... [--threshold N] [--yes]",
		.text = "Replaces all keys of the role; the threshold stays unless it is given.\n"
			"Changes the draft of the mesh document, which has to be signed then: if "
			"the\n"
			"keys of the mesh change, by enough of the old and of the new ones.\n"
			"\n"
			"Examples:\n"
			"  aronet registry -C fed role manifest --key ci2.pub\n"
			"  aronet registry -C fed role mesh --key alice2.pub --key bob.pub \\\n"
			"    --key carol.pub\n" MEMBER_EXITS,
		.run = command_registry_role,
	},
	{
		.syntax = { "registry secret add", .options = CHANGE | BIT(FROM),
			    .operand = "the id of a secret, or its file", .operands_min = 1,
			    .operands_max = 1 },
		.summary = "let the mesh use a pre-shared secret",
		.usage = "[-C DIR] ID | FILE [--from TIME] [--yes]",
		.text = "Names a secret (aronet keygen mesh) by its id; the secret itself is in "
			"no\n"
			"document. The first one is in use on each node from when it has loaded\n"
			"the document, the next one on all from TIME on: by then the nodes need\n"
			"its file. Changes the draft of the mesh document, which has to be signed\n"
			"then.\n"
			"\n"
			"Examples:\n"
			"  aronet registry -C home secret add mesh-secret.key\n"
			"  aronet registry -C home secret add 2076512e7442357b \\\n"
			"    --from 2027-01-01T00:00:00Z\n" MEMBER_EXITS,
		.run = command_registry_secret_add,
	},
	{
		.syntax = { "registry secret id", .options = BIT(HELP),
			    .operand = "files of secrets", .operands_min = 1,
			    .operands_max = OPERANDS_ANY },
		.summary = "tell the id of a pre-shared secret",
		.usage = "FILE...",
		.text = "Exit codes: 0 done, 3 a file is refused.\n",
		.run = command_registry_secret_id,
	},
	{
		.syntax = { "registry secret remove", .options = CHANGE,
			    .operand = "the id of a secret, or its file", .operands_min = 1,
			    .operands_max = 1 },
		.summary = "let the mesh not use a pre-shared secret any more",
		.usage = "[-C DIR] ID | FILE [--yes]",
		.text = "The one before only when the next one is in use. Changes the draft of "
			"the\n"
			"mesh document, which has to be signed then.\n" MEMBER_EXITS,
		.run = command_registry_secret_remove,
	},
	{
		.syntax = { "registry show", .options = LOOK | BIT(JSON), .operand = "a registry",
			    .operands_max = 1 },
		.summary = "show a registry in words",
		.usage = "[-C DIR | FILE] [--json]",
		.text = "The source folder, or a file that nodes load. With --json the documents\n"
			"themselves. Verifies no signature.\n"
			"\n"
			"Examples:\n"
			"  aronet registry show registry.json\n"
			"  aronet registry show registry.json --json | jq .organizations[].nodes\n"
			"\n"
			"Exit codes: 0 done, 4 it cannot be read.\n",
		.run = command_registry_show,
	},
	{
		.syntax = { "registry sign", .options = SIGN, .required = BIT(KEY_SIGN),
			    .operand = "mesh or org/NAME.json", .operands_max = 1 },
		.summary = "sign a document, or add a signature",
		.usage = "[-C DIR] [mesh | org/NAME.json] --key FILE... [--expiry TIME]\n"
			 "                   [--yes]",
		.text = "A document that was changed gets its next version, dates and a first\n"
			"signature; one that others have signed gets another signature, and no "
			"byte\n"
			"of it is changed. Shows what is different to the version before, and "
			"asks.\n"
			"Without a document all are signed that wait for the keys. --expiry signs\n"
			"one that is signed already anew.\n"
			"\n"
			"Examples:\n"
			"  aronet registry -C fed sign mesh --key alice.key\n"
			"  aronet registry -C fed sign org/north.json --key north.key --expiry 1y\n"
			"\n"
			"Exit codes: 0 done, 1 you said no, 2 there is no terminal to ask on, 3 a "
			"key\n"
			"is refused or may not sign this, 4 and 5 the document is refused, 8 the\n"
			"folder cannot be written.\n",
		.run = command_registry_sign,
	},
	{
		.syntax = { "registry status", .options = LOOK },
		.summary = "show what is signed, published, and what waits for whom",
		.usage = "[-C DIR]",
		.text = "One line for each document of the source folder, and below what somebody "
			"has\n"
			"to do.\n"
			"\n"
			"Exit codes: 0 all is signed and published, 1 something waits or has "
			"expired,\n"
			"4 a document cannot be read.\n",
		.run = command_registry_status,
	},
	{
		.syntax = { "registry trust", .options = BIT(OUTPUT_PIN) | BIT(YES) | BIT(HELP),
			    .operand = "a mesh document or a registry", .operands_min = 1,
			    .operands_max = 1 },
		.summary = "on a node: look at a mesh and pin it",
		.usage = "FILE [-o FILE] [--yes]",
		.text = "Shows name, id and the fingerprints of the keys of a mesh, asks, and "
			"writes\n"
			"the pin: a copy of its mesh document, which config.json names in\n"
			"registry.mesh. Compare the fingerprints over another way than FILE "
			"came.\n"
			"\n"
			"Exit codes: 0 done, 1 you said no, 2 there is no terminal to ask on, 4 "
			"FILE\n"
			"is refused, 8 the pin cannot be written.\n",
		.run = command_registry_trust,
	},
	{
		.syntax = { "registry verify",
			    .options = BIT(MESH_SHA256) | BIT(STATE) | BIT(AT) | BIT(ALLOW_EMPTY) |
				       BIT(JSON) | BIT(HELP),
			    .operand = "a registry", .operands_min = 1, .operands_max = 1 },
		.summary = "verify a registry as a node would",
		.usage = "FILE [--mesh-sha256 HEX] [--state FILE] [--at TIME] [--json]",
		.text = "By the same code as the daemon, without its local policy. --mesh-sha256 "
			"is\n"
			"the pin of a node, --state its trust.json.\n"
			"\n"
			"Exit codes: 0 good, 4 refused, 5 refused by a grant or an overlap.\n",
		.run = command_registry_verify,
	},
};

const struct cli_command *cli_registry_command_at(size_t index)
{
	return index < ARRAY_SIZE(commands) ? &commands[index] : NULL;
}
