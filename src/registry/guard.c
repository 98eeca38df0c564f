// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/guard.h"

#include "registry/overlap.h"

#include "base/memory.h"

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
	GUARDED_DENIED,
};

/* What a claim protects; at index `source` of the claim. */
struct guarded {
	enum guarded_kind kind;
	const struct node_id *node; /* GUARDED_ENDPOINT */
};

struct guard {
	struct claim *claims;
	size_t claims_count;
	struct guarded *guarded;
	size_t guarded_count;
};

static void guard_done(struct guard *guard)
{
	free(guard->claims);
	free(guard->guarded);
}
CLEANUP_DEFINE_IN_PLACE(struct guard, guard_done);

static void guard_add(struct guard *guard, struct ip_prefix prefix, struct guarded guarded)
{
	*ARRAY_APPEND(guard->claims, guard->claims_count) = (struct claim) {
		.prefix = prefix_unmapped(&prefix),
		.owner = CLAIM_GUARDED,
		.source = (uint32_t)guard->guarded_count,
		.covers_nothing = guarded.kind == GUARDED_OWN_NETWORK && prefix.length == 0,
	};
	*ARRAY_APPEND(guard->guarded, guard->guarded_count) = guarded;
}

static void guard_add_all(struct guard *guard, enum guarded_kind kind,
			  const struct ip_prefix *prefixes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		guard_add(guard, ip_prefix_masked(&prefixes[i]), (struct guarded) { .kind = kind });
}

static void guard_add_host(struct guard *guard, const struct config *config,
			   const struct facts *facts)
{
	guard_add_all(guard, GUARDED_OWN_NETWORK, &config->network, 1);
	guard_add_all(guard, GUARDED_OWN_NETWORK, config->prefixes, config->prefixes_count);
	guard_add_all(guard, GUARDED_UNDERLAY, facts->underlay_addresses,
		      facts->underlay_addresses_count);
	guard_add_all(guard, GUARDED_DENIED, config->registry.deny, config->registry.deny_count);
}

static void guard_add_endpoints(struct guard *guard, const struct node_id *id,
				const struct endpoint *endpoints, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (ip_address_present(&endpoints[i].address))
			guard_add(guard, ip_prefix_single(&endpoints[i].address),
				  (struct guarded) { .kind = GUARDED_ENDPOINT, .node = id });
}

/* Both nodes say so, or registry_check() would have refused the registry. */
static bool is_anycast_here(const struct config *config, const struct registry_node *self,
			    const struct ip_prefix *prefix)
{
	if (!self || !registry_node_is_anycast(self, prefix))
		return false;
	for (size_t i = 0; i < config->prefixes_count; i++)
		if (ip_prefix_compare(&config->prefixes[i], prefix) == 0)
			return true;
	return false;
}

static void guard_add_node(struct guard *guard, const struct config *config,
			   const struct registry_node *self, const struct registry_node *node,
			   size_t index)
{
	for (size_t i = 0; i < node->prefixes_count; i++)
		if (!is_anycast_here(config, self, &node->prefixes[i]))
			*ARRAY_APPEND(guard->claims, guard->claims_count) = (struct claim) {
				.prefix = prefix_unmapped(&node->prefixes[i]),
				.owner = CLAIM_OTHER_NODE,
				.source = (uint32_t)index,
				.covers_nothing = node->prefixes[i].length == 0,
			};
}

static void guard_add_registry(struct guard *guard, const struct registry *registry,
			       const struct config *config)
{
	const struct registry_node *self = registry_find(registry, &config->self);

	for (size_t i = 0; i < registry->nodes_count; i++) {
		const struct registry_node *node = &registry->nodes[i];

		guard_add_endpoints(guard, &node->id, node->endpoints, node->endpoints_count);
		if (node != self)
			guard_add_node(guard, config, self, node, i);
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
	case GUARDED_DENIED:
		(void)snprintf(buffer, GUARDED_TEXT_SIZE, "%s, which \"deny\" lists", prefix_text);
		break;
	}
	return buffer;
}

int guard_check(const struct registry *registry, const struct config *config,
		const struct facts *facts, struct error *error)
{
	CLEANUP(guard_done) struct guard guard = { 0 };
	char id[NODE_ID_TEXT_SIZE], text[IP_PREFIX_TEXT_SIZE], what[GUARDED_TEXT_SIZE];
	const struct claim *outer, *inner, *claim, *against;

	guard_add_host(&guard, config, facts);
	guard_add_endpoints(&guard, &config->self, config->endpoints, config->endpoints_count);
	guard_add_registry(&guard, registry, config);
	if (!claims_find_overlap(guard.claims, guard.claims_count, &outer, &inner))
		return 0;
	claim = outer->owner == CLAIM_OTHER_NODE ? outer : inner;
	against = claim == outer ? inner : outer;
	return error_set(error, -EPERM, ERROR_LOCAL_POLICY, NULL,
			 "%s: %s refused by local policy (%s %s)",
			 node_id_format(&registry->nodes[claim->source].id, id),
			 ip_prefix_format(&claim->prefix, text),
			 claim->prefix.length <= against->prefix.length ? "covers" : "lies in",
			 guarded_format(&guard.guarded[against->source], &against->prefix, what));
}
