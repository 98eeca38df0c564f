// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/secrets.h"

#include "base/hex.h"
#include "base/timestamp.h"

#include <stdio.h>
#include <string.h>

#define ID_TEXT_SIZE (2 * SECRET_ID_SIZE + 1)

uint64_t secrets_epoch(int64_t now)
{
	return now > 0 ? (uint64_t)now / SECRET_EPOCH_SEC : 0;
}

const struct secret_use *secrets_in_use(const struct registry *registry, int64_t now)
{
	const struct secret_use *found = NULL;

	for (unsigned i = 0; registry && i < registry->secrets_count; i++)
		if (i == 0 || registry->secrets[i].from <= now)
			found = &registry->secrets[i];
	return found;
}

const struct mesh_secret *secrets_find(const struct config *config,
				       const uint8_t id[SECRET_ID_SIZE])
{
	for (unsigned i = 0; i < config->secrets_count; i++)
		if (!memcmp(config->secrets[i].id, id, SECRET_ID_SIZE))
			return &config->secrets[i];
	return NULL;
}

bool secrets_are_used(const struct config *config, const struct registry *registry)
{
	return config->psk == PSK_MESH && registry && registry->secrets_count;
}

int64_t secrets_last_change(const struct config *config, const struct registry *registry,
			    int64_t now)
{
	int64_t last = (int64_t)secrets_epoch(now) * SECRET_EPOCH_SEC;
	const struct secret_use *use = secrets_in_use(registry, now);

	if (!secrets_are_used(config, registry))
		return 0;
	return use->from > last ? use->from : last;
}

int64_t secrets_next_change(const struct config *config, const struct registry *registry,
			    int64_t now)
{
	int64_t next = ((int64_t)secrets_epoch(now) + 1) * SECRET_EPOCH_SEC;

	if (!secrets_are_used(config, registry))
		return 0;
	for (unsigned i = 0; i < registry->secrets_count; i++)
		if (registry->secrets[i].from > now && registry->secrets[i].from < next)
			next = registry->secrets[i].from;
	return next;
}

bool secrets_problem(const struct config *config, const struct registry *registry, int64_t now,
		     char ret[SECRETS_PROBLEM_SIZE])
{
	const struct secret_use *use = secrets_in_use(registry, now);
	char id[ID_TEXT_SIZE];

	if (!secrets_are_used(config, registry) || secrets_find(config, use->id))
		return false;
	(void)snprintf(ret, SECRETS_PROBLEM_SIZE,
		       "the mesh uses the secret %s, which this node does not have: no tunnel of "
		       "WireGuard comes up, and none of IPsec that needs it; get its file from who "
		       "manages the mesh, name it in \"psk_secrets\" and reload",
		       hex_format(use->id, SECRET_ID_SIZE, id));
	return true;
}

static bool is_listed(const struct registry *registry, const uint8_t id[SECRET_ID_SIZE])
{
	for (unsigned i = 0; i < registry->secrets_count; i++)
		if (!memcmp(registry->secrets[i].id, id, SECRET_ID_SIZE))
			return true;
	return false;
}

static void compare_lists(const struct config *config, const struct registry *registry, int64_t now,
			  struct warnings *warnings)
{
	char id[ID_TEXT_SIZE], from[TIMESTAMP_TEXT_SIZE];

	for (unsigned i = 0; i < registry->secrets_count; i++) {
		const struct secret_use *use = &registry->secrets[i];

		if (use->from > now && !secrets_find(config, use->id))
			warnings_add(
				warnings, "E_SELF",
				"the mesh uses the secret %s from %s on, which this node does "
				"not have; get its file from who manages the mesh, and name it "
				"in \"psk_secrets\" until then",
				hex_format(use->id, SECRET_ID_SIZE, id),
				timestamp_format(use->from, from));
	}
	for (unsigned i = 0; i < config->secrets_count; i++)
		if (!is_listed(registry, config->secrets[i].id))
			warnings_add(warnings, "E_SELF",
				     "the secret %s of this node (/psk_secrets/%u) is none of the "
				     "mesh; take it out of the configuration, or let the mesh name "
				     "it (\"aronet registry secret add\")",
				     hex_format(config->secrets[i].id, SECRET_ID_SIZE, id), i);
}

void secrets_compare(const struct config *config, const struct registry *registry, int64_t now,
		     struct warnings *warnings)
{
	if (config->psk == PSK_NONE && registry->secrets_count)
		warnings_add(warnings, "E_SELF",
			     "the mesh has a secret, which this node does not use: no tunnel of "
			     "WireGuard comes up to nodes that do; set \"psk\": \"mesh\"");
	else if (config->psk == PSK_MESH && !registry->secrets_count)
		warnings_add(warnings, "E_SELF",
			     "this node has \"psk\": \"mesh\", but the mesh names no secret, and "
			     "there are no pre-shared keys; who manages it names one with "
			     "\"aronet registry secret add\"");
	else if (config->psk == PSK_MESH)
		compare_lists(config, registry, now, warnings);
}
