// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/policy.h"

#include "registry/overlap.h"
#include "registry/self.h"

#include "base/memory.h"
#include "crypto/crypto.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum claim_owner {
	CLAIM_GUARDED,
	CLAIM_OTHER_NODE, /* source: index in registry->nodes */
};

enum guarded_kind {
	GUARDED_OWN_NETWORK,
	GUARDED_UNDERLAY,
	GUARDED_ENDPOINT,
	GUARDED_NAME,
};

/* What a claim protects; at index `source` of the claim. */
struct guarded {
	enum guarded_kind kind;
	const struct node_id *node; /* GUARDED_ENDPOINT */
	const char *name;	    /* GUARDED_NAME */
};

struct policy {
	struct claim *claims;
	size_t claims_count;
	struct guarded *guarded;
	size_t guarded_count;
};

static void policy_done(struct policy *policy)
{
	free(policy->claims);
	free(policy->guarded);
}
CLEANUP_DEFINE_IN_PLACE(struct policy, policy_done);

static void policy_guard(struct policy *policy, struct ip_prefix prefix, struct guarded guarded)
{
	*ARRAY_APPEND(policy->claims, policy->claims_count) = (struct claim) {
		.prefix = prefix_unmapped(&prefix),
		.owner = CLAIM_GUARDED,
		.source = (uint32_t)policy->guarded_count,
	};
	*ARRAY_APPEND(policy->guarded, policy->guarded_count) = guarded;
}

static void policy_guard_host(struct policy *policy, const struct config *config,
			      const struct facts *facts)
{
	policy_guard(policy, config->network, (struct guarded) { .kind = GUARDED_OWN_NETWORK });
	for (size_t i = 0; i < config->prefixes_count; i++)
		policy_guard(policy, config->prefixes[i],
			     (struct guarded) { .kind = GUARDED_OWN_NETWORK });
	for (size_t i = 0; i < facts->underlay_addresses_count; i++)
		policy_guard(policy, ip_prefix_masked(&facts->underlay_addresses[i]),
			     (struct guarded) { .kind = GUARDED_UNDERLAY });
	for (size_t i = 0; i < facts->names_count; i++)
		policy_guard(
			policy, ip_prefix_single(&facts->names[i].address),
			(struct guarded) { .kind = GUARDED_NAME, .name = facts->names[i].name });
}

static void policy_guard_endpoints(struct policy *policy, const struct node_id *id,
				   const struct endpoint *endpoints, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (ip_address_present(&endpoints[i].address))
			policy_guard(policy, ip_prefix_single(&endpoints[i].address),
				     (struct guarded) { .kind = GUARDED_ENDPOINT, .node = id });
}

static void policy_add_registry(struct policy *policy, const struct registry *registry,
				const struct config *config)
{
	for (size_t i = 0; i < registry->nodes_count; i++) {
		const struct registry_node *node = &registry->nodes[i];

		policy_guard_endpoints(policy, &node->id, node->endpoints, node->endpoints_count);
		if (node_id_compare(&node->id, &config->self) == 0)
			continue;
		for (size_t j = 0; j < node->prefixes_count; j++)
			*ARRAY_APPEND(policy->claims, policy->claims_count) = (struct claim) {
				.prefix = prefix_unmapped(&node->prefixes[j]),
				.owner = CLAIM_OTHER_NODE,
				.source = (uint32_t)i,
			};
	}
}

#define GUARDED_TEXT_SIZE 320

static const char *guarded_format(const struct guarded *guarded, const struct ip_prefix *prefix,
				  char buffer[GUARDED_TEXT_SIZE])
{
	char prefix_text[IP_PREFIX_TEXT_SIZE], address[IP_ADDRESS_TEXT_SIZE];
	char id[NODE_ID_TEXT_SIZE];

	ip_prefix_format(prefix, prefix_text);
	ip_address_format(&prefix->address, address);
	switch (guarded->kind) {
	case GUARDED_OWN_NETWORK:
		(void)snprintf(buffer, GUARDED_TEXT_SIZE, "%s, a network of this node",
			       prefix_text);
		break;
	case GUARDED_UNDERLAY:
		(void)snprintf(buffer, GUARDED_TEXT_SIZE, "%s, a network this host is attached to",
			       prefix_text);
		break;
	case GUARDED_ENDPOINT:
		(void)snprintf(buffer, GUARDED_TEXT_SIZE, "endpoint %s of %s", address,
			       node_id_format(guarded->node, id));
		break;
	case GUARDED_NAME:
		(void)snprintf(buffer, GUARDED_TEXT_SIZE, "%s, the address of endpoint %.200s",
			       address, guarded->name);
		break;
	}
	return buffer;
}

static int check_guarded(const struct registry *registry, const struct config *config,
			 const struct facts *facts, struct error *error)
{
	CLEANUP(policy_done) struct policy policy = { 0 };
	char id[NODE_ID_TEXT_SIZE], text[IP_PREFIX_TEXT_SIZE], what[GUARDED_TEXT_SIZE];
	const struct claim *outer, *inner, *claim, *against;

	policy_guard_host(&policy, config, facts);
	policy_guard_endpoints(&policy, &config->self, config->endpoints, config->endpoints_count);
	policy_add_registry(&policy, registry, config);
	if (!claims_find_overlap(policy.claims, policy.claims_count, &outer, &inner))
		return 0;
	claim = outer->owner == CLAIM_OTHER_NODE ? outer : inner;
	against = claim == outer ? inner : outer;
	return error_set(error, -EPERM, ERROR_LOCAL_POLICY, NULL,
			 "%s: %s refused by local policy (%s %s)",
			 node_id_format(&registry->nodes[claim->source].id, id),
			 ip_prefix_format(&claim->prefix, text),
			 claim->prefix.length <= against->prefix.length ? "covers" : "lies in",
			 guarded_format(&policy.guarded[against->source], &against->prefix, what));
}

/* A peer with our key would be us: WireGuard refuses to have itself as a peer. */
static int check_own_key(const struct registry *registry, const struct config *config,
			 struct error *error)
{
	char id[NODE_ID_TEXT_SIZE], text[CRYPTO_KEY_BASE64_SIZE];

	for (size_t i = 0; i < registry->nodes_count; i++) {
		const struct registry_node *node = &registry->nodes[i];

		if (node->has_wireguard && node_id_compare(&node->id, &config->self) != 0 &&
		    !memcmp(node->wireguard_key, config->wireguard_public, KEY_SIZE))
			return error_set(error, -EINVAL, ERROR_KEY_REUSED, NULL,
					 "WireGuard key %s of this node is listed for %s; every "
					 "node needs a key of its own",
					 crypto_key_to_base64(node->wireguard_key, text),
					 node_id_format(&node->id, id));
	}
	return 0;
}

int registry_check_local(const struct registry *registry, const struct config *config,
			 const struct facts *facts, struct warnings *warnings, struct error *error)
{
	int result = check_own_key(registry, config, error);

	if (result == 0)
		result = check_guarded(registry, config, facts, error);
	if (result == 0)
		registry_compare_self(registry, config, warnings);
	return result;
}
