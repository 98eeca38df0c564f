// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/check.h"

#include "registry/identity.h"
#include "registry/overlap.h"
#include "registry/refusal.h"

#include "base/memory.h"
#include "crypto/crypto.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int check_weak_keys(const struct registry *registry, struct error *error)
{
	char id[NODE_ID_TEXT_SIZE], text[CRYPTO_KEY_BASE64_SIZE];

	for (size_t i = 0; i < registry->nodes_count; i++) {
		const struct registry_node *node = &registry->nodes[i];
		bool has_identity = node->has_identity || node->identity_is_shared;

		if (node->has_wireguard && crypto_x25519_is_weak(node->wireguard_key))
			return error_set(error, -EINVAL, ERROR_KEY_WEAK, NULL,
					 "%s: WireGuard key %s is a small-order point; no tunnel "
					 "can come up with it, make a new key",
					 node_id_format(&node->id, id),
					 crypto_key_to_base64(node->wireguard_key, text));
		if (has_identity && crypto_ed25519_is_weak(node->identity_key))
			return error_set(error, -EINVAL, ERROR_KEY_WEAK, NULL,
					 "%s: public_key is a small-order point or not canonical; "
					 "anybody can sign for it, make a new key",
					 node_id_format(&node->id, id));
	}
	return 0;
}

struct owned_key {
	const uint8_t *key;
	const struct registry_node *node; /* in the sorted array, so addresses are an order */
};

static int compare_keys(const void *a, const void *b)
{
	const struct owned_key *left = a, *right = b;
	int order = memcmp(left->key, right->key, KEY_SIZE);

	if (order)
		return order;
	return left->node < right->node ? -1 : left->node > right->node;
}

/* The first of two neighbours with the same key, or NULL. Sorts @keys. */
static const struct owned_key *find_reused(struct owned_key *keys, size_t count)
{
	if (count)
		qsort(keys, count, sizeof(*keys), compare_keys);
	for (size_t i = 1; i < count; i++)
		if (!memcmp(keys[i - 1].key, keys[i].key, KEY_SIZE))
			return &keys[i - 1];
	return NULL;
}

static int check_wireguard_keys(const struct registry *registry, struct error *error)
{
	CLEANUP(free) struct owned_key *keys = NULL;
	char text[CRYPTO_KEY_BASE64_SIZE], one[NODE_ID_TEXT_SIZE], other[NODE_ID_TEXT_SIZE];
	const struct owned_key *reused;
	size_t count = 0;

	for (size_t i = 0; i < registry->nodes_count; i++)
		if (registry->nodes[i].has_wireguard)
			*ARRAY_APPEND(keys, count) = (struct owned_key) {
				registry->nodes[i].wireguard_key,
				&registry->nodes[i],
			};
	reused = find_reused(keys, count);
	if (!reused)
		return 0;
	return error_set(error, -EINVAL, ERROR_KEY_REUSED, NULL,
			 "WireGuard key %s is used by %s and %s; every node needs a key of its own",
			 crypto_key_to_base64(reused[0].key, text),
			 node_id_format(&reused[0].node->id, one),
			 node_id_format(&reused[1].node->id, other));
}

static int check_identity_keys(const struct registry *registry, struct error *error)
{
	CLEANUP(free) struct owned_key *keys = NULL;
	char text[CRYPTO_FINGERPRINT_SIZE], one[NODE_ID_TEXT_SIZE], other[NODE_ID_TEXT_SIZE];
	const struct owned_key *reused;
	size_t count = 0;

	for (size_t i = 0; i < registry->nodes_count; i++)
		if (registry->nodes[i].has_identity)
			*ARRAY_APPEND(keys, count) = (struct owned_key) {
				registry->nodes[i].identity_key,
				&registry->nodes[i],
			};
	reused = find_reused(keys, count);
	if (!reused)
		return 0;
	return error_set(error, -EINVAL, ERROR_KEY_REUSED, NULL,
			 "public_key %s is used by %s and %s; every node needs a key of its own",
			 crypto_fingerprint(reused[0].key, text),
			 node_id_format(&reused[0].node->id, one),
			 node_id_format(&reused[1].node->id, other));
}

/* A node without any key has no tunnel, and no routing daemon that would have an id. */
static int check_router_ids(const struct registry *registry, struct error *error)
{
	CLEANUP(free) struct router_id_owner *owners = NULL;
	size_t count = 0;

	for (size_t i = 0; i < registry->nodes_count; i++) {
		const struct registry_node *node = &registry->nodes[i];
		struct router_id_owner *owner;

		if (!node->has_identity && !node->identity_is_shared && !node->has_wireguard)
			continue;
		owner = ARRAY_APPEND(owners, count);
		owner->node = &node->id;
		registry_node_router_id(node, owner->router_id);
	}
	return router_ids_check(owners, count, error);
}

static int check_refused_prefixes(const struct registry *registry, struct error *error)
{
	char id[NODE_ID_TEXT_SIZE], text[IP_PREFIX_TEXT_SIZE];

	for (size_t i = 0; i < registry->nodes_count; i++) {
		const struct registry_node *node = &registry->nodes[i];

		for (size_t j = 0; j < node->prefixes_count; j++) {
			const char *refusal = prefix_refusal(&node->prefixes[j]);

			/* The network, where the SIDs are, comes first. */
			if (refusal && (j == 0 || node->prefixes[j].length > 0))
				return error_set(error, -EPERM, ERROR_LOCAL_POLICY, NULL,
						 "%s: %s refused by local policy (%s)",
						 node_id_format(&node->id, id),
						 ip_prefix_format(&node->prefixes[j], text),
						 refusal);
		}
	}
	return 0;
}

static struct claim node_claim(const struct registry *registry, uint32_t node, uint32_t group,
			       const struct ip_prefix *prefix)
{
	bool is_anycast = registry_node_is_anycast(&registry->nodes[node], prefix);

	return (struct claim) {
		.prefix = prefix_unmapped(prefix),
		.owner = node,
		.sharing = is_anycast ? CLAIM_ANYCAST : CLAIM_EXCLUSIVE,
		.group = group,
		.covers_nothing = prefix->length == 0,
	};
}

/* Nodes are sorted by organization. Grants say who else may have a prefix, where there are any. */
static struct claim *claims_of_nodes(const struct registry *registry, size_t *ret_count)
{
	struct claim *claims = NULL;
	uint32_t group = 0;
	size_t count = 0;

	for (uint32_t i = 0; i < registry->nodes_count; i++) {
		const struct registry_node *node = &registry->nodes[i];

		if (!registry->is_signed && i > 0 &&
		    strcmp(node->id.organization, node[-1].id.organization) != 0)
			group++;
		for (size_t j = 0; j < node->prefixes_count; j++)
			*ARRAY_APPEND(claims, count) =
				node_claim(registry, i, group, &node->prefixes[j]);
	}
	*ret_count = count;
	return claims;
}

/* What to do about one prefix of two nodes. */
static const char *overlap_hint(const struct registry *registry, const struct registry_node *one,
				const struct registry_node *other, const struct ip_prefix *prefix)
{
	if (ip_prefix_compare(&one->network, prefix) == 0 ||
	    ip_prefix_compare(&other->network, prefix) == 0)
		return "";
	if (!registry->is_signed && strcmp(one->id.organization, other->id.organization) != 0)
		return "; across organizations this takes shared grants of a signed registry";
	return "; if that is meant, list it in \"anycast\" of both";
}

static int refuse_equal(const struct registry *registry, const struct claim *one,
			const struct claim *other, struct error *error)
{
	const struct registry_node *first = &registry->nodes[one->owner];
	const struct registry_node *second = &registry->nodes[other->owner];
	char text[IP_PREFIX_TEXT_SIZE], first_id[NODE_ID_TEXT_SIZE], second_id[NODE_ID_TEXT_SIZE];

	if (first > second)
		return refuse_equal(registry, other, one, error);
	return error_set(error, -EEXIST, ERROR_OVERLAP, NULL, "%s is announced by %s and %s%s",
			 ip_prefix_format(&one->prefix, text), node_id_format(&first->id, first_id),
			 node_id_format(&second->id, second_id),
			 overlap_hint(registry, first, second, &one->prefix));
}

static int check_overlaps(const struct registry *registry, struct error *error)
{
	CLEANUP(free) struct claim *claims = NULL;
	char outer_text[IP_PREFIX_TEXT_SIZE], inner_text[IP_PREFIX_TEXT_SIZE];
	char outer_id[NODE_ID_TEXT_SIZE], inner_id[NODE_ID_TEXT_SIZE];
	const struct claim *outer, *inner;
	size_t count;

	claims = claims_of_nodes(registry, &count);
	if (!claims_find_overlap(claims, count, &outer, &inner))
		return 0;
	if (outer->prefix.length == inner->prefix.length)
		return refuse_equal(registry, outer, inner, error);
	return error_set(error, -EEXIST, ERROR_OVERLAP, NULL, "%s of %s overlaps %s of %s",
			 ip_prefix_format(&inner->prefix, inner_text),
			 node_id_format(&registry->nodes[inner->owner].id, inner_id),
			 ip_prefix_format(&outer->prefix, outer_text),
			 node_id_format(&registry->nodes[outer->owner].id, outer_id));
}

/* An endpoint and its node, by position in the sorted registry. */
struct attachment {
	const struct registry_node *node;
	const struct endpoint *endpoint;
};

static int compare_attachments(const struct attachment *left, const struct attachment *right)
{
	if (left->node != right->node)
		return left->node < right->node ? -1 : 1;
	return left->endpoint < right->endpoint ? -1 : left->endpoint > right->endpoint;
}

static int compare_send_ports(const void *a, const void *b)
{
	const struct attachment *left = a, *right = b;
	int order = (int)left->endpoint->send_port - (int)right->endpoint->send_port;

	return order ? order : compare_attachments(left, right);
}

static bool runs_wireguard(const struct registry_node *node, const struct endpoint *endpoint)
{
	return node->has_wireguard &&
	       (!endpoint->transports || endpoint->transports & TRANSPORT_WIREGUARD);
}

/*
 * A node listens on the send_port of each of its peers, and cannot bind one twice. Where only two
 * nodes run WireGuard, each listens for the other alone, and they may have the same.
 */
static bool is_bound_twice(const struct attachment *one, const struct attachment *other,
			   size_t nodes)
{
	return one->endpoint->send_port == other->endpoint->send_port &&
	       (nodes > 2 || one->node == other->node);
}

static int check_send_ports(const struct registry *registry, struct error *error)
{
	CLEANUP(free) struct attachment *all = NULL;
	char one[NODE_ID_TEXT_SIZE], other[NODE_ID_TEXT_SIZE];
	size_t count = 0, nodes = 0;

	for (size_t i = 0; i < registry->nodes_count; i++) {
		const struct registry_node *node = &registry->nodes[i];
		size_t before = count;

		for (unsigned j = 0; j < node->endpoints_count; j++)
			if (runs_wireguard(node, &node->endpoints[j]))
				*ARRAY_APPEND(all, count) = (struct attachment) {
					node,
					&node->endpoints[j],
				};
		nodes += count > before;
	}
	if (count)
		qsort(all, count, sizeof(*all), compare_send_ports);
	for (size_t i = 1; i < count; i++)
		if (is_bound_twice(&all[i - 1], &all[i], nodes))
			return error_set(
				error, -EEXIST, ERROR_OVERLAP, NULL,
				"send_port %u is used by %s endpoint %u and %s endpoint "
				"%u; give each endpoint of the mesh a send_port of its own",
				all[i].endpoint->send_port,
				node_id_format(&all[i - 1].node->id, one),
				all[i - 1].endpoint->serial_number,
				node_id_format(&all[i].node->id, other),
				all[i].endpoint->serial_number);
	return 0;
}

/* Equal for the same place in the underlay. A name means one host per family. */
static int compare_places(const struct endpoint *left, const struct endpoint *right)
{
	int order = ip_address_compare(&left->address, &right->address);

	if (!order)
		order = strcasecmp(left->name, right->name);
	if (!order)
		order = (int)left->family - (int)right->family;
	return order ? order : (int)left->port - (int)right->port;
}

static int compare_attachment_places(const void *a, const void *b)
{
	const struct attachment *left = a, *right = b;
	int order = compare_places(left->endpoint, right->endpoint);

	return order ? order : compare_attachments(left, right);
}

static int check_endpoints(const struct registry *registry, struct error *error)
{
	CLEANUP(free) struct attachment *all = NULL;
	char one[NODE_ID_TEXT_SIZE], other[NODE_ID_TEXT_SIZE], text[IP_ADDRESS_TEXT_SIZE];
	size_t count = 0;

	for (size_t i = 0; i < registry->nodes_count; i++) {
		const struct registry_node *node = &registry->nodes[i];

		for (unsigned j = 0; j < node->endpoints_count; j++)
			if (!endpoint_dials_out_only(&node->endpoints[j]))
				*ARRAY_APPEND(all, count) = (struct attachment) {
					node,
					&node->endpoints[j],
				};
	}
	if (count)
		qsort(all, count, sizeof(*all), compare_attachment_places);
	for (size_t i = 1; i < count; i++) {
		const struct endpoint *endpoint = all[i].endpoint;

		if (all[i - 1].node == all[i].node ||
		    compare_places(all[i - 1].endpoint, endpoint) != 0)
			continue;
		return error_set(error, -EEXIST, ERROR_OVERLAP, NULL,
				 "address %s with port %u is an endpoint of %s and of %s",
				 endpoint->name[0] ? endpoint->name
						   : ip_address_format(&endpoint->address, text),
				 endpoint->port, node_id_format(&all[i - 1].node->id, one),
				 node_id_format(&all[i].node->id, other));
	}
	return 0;
}

int registry_check(const struct registry *registry, struct error *error)
{
	static int (*const checks[])(const struct registry *, struct error *) = {
		check_weak_keys,	check_wireguard_keys, check_identity_keys, check_router_ids,
		check_refused_prefixes, check_overlaps,	      check_send_ports,	   check_endpoints,
	};

	for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
		int result = checks[i](registry, error);

		if (result < 0)
			return result;
	}
	return 0;
}
