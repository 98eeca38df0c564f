// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/policy.h"

#include "registry/guard.h"
#include "registry/secrets.h"
#include "registry/self.h"

#include "base/memory.h"
#include "base/prefix_set.h"
#include "crypto/crypto.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int compare_keys(const void *a, const void *b)
{
	return memcmp(a, b, KEY_SIZE);
}

/* "deny_keys", sorted. */
struct denied_keys {
	uint8_t (*keys)[KEY_SIZE];
	size_t count;
};

static bool is_denied(const struct denied_keys *denied, const uint8_t key[KEY_SIZE])
{
	return bsearch(key, denied->keys, denied->count, KEY_SIZE, compare_keys);
}

/* Which key of @node is denied, in words; NULL if none is. */
static const char *denial(const struct denied_keys *denied, const struct registry_node *node)
{
	if (node->has_wireguard && is_denied(denied, node->wireguard_key))
		return "WireGuard key";
	if ((node->has_identity || node->identity_is_shared) &&
	    is_denied(denied, node->identity_key))
		return "public_key";
	return NULL;
}

static int compare_nodes(const void *a, const void *b)
{
	const struct registry_node *left = a, *right = b;

	return node_id_compare(&left->id, &right->id);
}

/* All nodes in one sorted array, as if nobody had been left out. */
static void take_back(struct registry *registry)
{
	if (registry->denied_count == 0)
		return;
	registry->nodes_count += registry->denied_count;
	registry->denied_count = 0;
	qsort(registry->nodes, registry->nodes_count, sizeof(registry->nodes[0]), compare_nodes);
}

/* Moves denied nodes behind the others; both parts stay sorted. */
static void leave_out(struct registry *registry, const struct denied_keys *denied,
		      const struct config *config, struct warnings *warnings)
{
	CLEANUP(free) struct registry_node *left_out = NULL;
	char id[NODE_ID_TEXT_SIZE];
	size_t count = 0, kept = 0;

	for (size_t i = 0; i < registry->nodes_count; i++) {
		const struct registry_node *node = &registry->nodes[i];
		const char *key = denial(denied, node);

		if (!key || node_id_compare(&node->id, &config->self) == 0) {
			registry->nodes[kept++] = *node;
			continue;
		}
		warnings_add(warnings, "E_LOCAL_POLICY",
			     "%s is left out: its %s is in \"deny_keys\" of this node",
			     node_id_format(&node->id, id), key);
		*ARRAY_APPEND(left_out, count) = *node;
	}
	if (count)
		memcpy(registry->nodes + kept, left_out, count * sizeof(*left_out));
	registry->nodes_count = kept;
	registry->denied_count = count;
}

void registry_apply_policy(struct registry *registry, const struct config *config,
			   struct warnings *warnings)
{
	size_t count = config->registry.deny_keys_count;
	CLEANUP(free) void *copy = NULL;
	struct denied_keys denied = { NULL, count };

	take_back(registry);
	if (count == 0)
		return;
	copy = memory_dup(config->registry.deny_keys, count * KEY_SIZE);
	denied.keys = copy;
	qsort(denied.keys, count, KEY_SIZE, compare_keys);
	leave_out(registry, &denied, config, warnings);
}

/* A peer with our key would be us: WireGuard refuses to have itself as a peer. */
static int check_own_key(const struct registry *registry, const struct config *config,
			 struct error *error)
{
	char id[NODE_ID_TEXT_SIZE], text[CRYPTO_KEY_BASE64_SIZE];

	for (size_t i = 0; i < registry->nodes_count; i++) {
		const struct registry_node *node = &registry->nodes[i];

		if (config->has_wireguard && node->has_wireguard &&
		    node_id_compare(&node->id, &config->self) != 0 &&
		    !memcmp(node->wireguard_key, config->wireguard_public, KEY_SIZE))
			return error_set(error, -EINVAL, ERROR_KEY_REUSED, NULL,
					 "WireGuard key %s of this node is listed for %s; every "
					 "node needs a key of its own",
					 crypto_key_to_base64(node->wireguard_key, text),
					 node_id_format(&node->id, id));
	}
	return 0;
}

static bool accepts_default_from(const struct config *config, const struct node_id *id)
{
	for (size_t i = 0; i < config->registry.accept_default_from_count; i++)
		if (node_id_compare(&config->registry.accept_default_from[i], id) == 0)
			return true;
	return false;
}

/* Why the policy of this node refuses @prefix of @node, in words; NULL if it does not. */
static const char *prefix_refused_by(const struct config *config, const struct prefix_set *accepted,
				     const struct node_id *node, const struct ip_prefix *prefix)
{
	if (prefix->length == 0)
		return accepts_default_from(config, node)
			       ? NULL
			       : "(default route); to use that exit, name the node in "
				 "\"accept_default_from\"";
	if (config->registry.accept_count == 0 || prefix_set_around(accepted, prefix))
		return NULL;
	return "(not in \"accept\")";
}

static int check_prefix(const struct config *config, const struct prefix_set *accepted,
			const struct node_id *node, const struct ip_prefix *prefix,
			struct error *error)
{
	const char *refusal = prefix_refused_by(config, accepted, node, prefix);
	char id[NODE_ID_TEXT_SIZE], text[IP_PREFIX_TEXT_SIZE];

	if (!refusal)
		return 0;
	return error_set(error, -EPERM, ERROR_LOCAL_POLICY, NULL,
			 "%s: %s refused by local policy %s", node_id_format(node, id),
			 ip_prefix_format(prefix, text), refusal);
}

/* What other nodes announce, each prefix by itself, and their number. */
static int check_prefixes(const struct registry *registry, const struct config *config,
			  struct error *error)
{
	CLEANUP(prefix_set_done) struct prefix_set accepted = { 0 };
	const struct registry_policy *policy = &config->registry;
	size_t count = 0;

	for (size_t i = 0; i < policy->accept_count; i++)
		prefix_set_add(&accepted, &policy->accept[i]);
	prefix_set_close(&accepted);
	for (size_t i = 0; i < registry->nodes_count; i++) {
		const struct registry_node *node = &registry->nodes[i];

		if (node_id_compare(&node->id, &config->self) == 0)
			continue;
		count += node->prefixes_count;
		for (size_t j = 0; j < node->prefixes_count; j++) {
			int result = check_prefix(config, &accepted, &node->id, &node->prefixes[j],
						  error);

			if (result < 0)
				return result;
		}
	}
	if (policy->max_prefixes && count > policy->max_prefixes)
		return error_set(error, -EPERM, ERROR_LOCAL_POLICY, NULL,
				 "other nodes have %zu prefixes, refused by local policy "
				 "(max_prefixes is %u)",
				 count, policy->max_prefixes);
	return 0;
}

int registry_check_local(const struct registry *registry, const struct config *config,
			 const struct facts *facts, struct warnings *warnings, struct error *error)
{
	int result = check_own_key(registry, config, error);

	if (result == 0)
		result = check_prefixes(registry, config, error);
	if (result == 0)
		result = guard_check(registry, config, facts, error);
	if (result < 0)
		return result;
	registry_compare_self(registry, config, warnings);
	secrets_compare(config, registry, facts->changed_at, warnings);
	return 0;
}
