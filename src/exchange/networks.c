// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/import_private.h"

#include "base/memory.h"
#include "crypto/crypto.h"
#include "registry/overlap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NETWORK_LENGTH 64
#define TRIES_PER_NODE 4 /* at least every second network is free, see has_room() */
#define TRIES_MIN 64
#define OWNER_OTHERS UINT32_MAX /* of what is taken */

/*
 * A network of its own for each node without one: a /64 of the pool, chosen by SHA-256 over its
 * key, so that the same file gives the same networks again, also with more nodes in it. In the rare
 * case that two nodes hash to the same or one hits a network that is taken, the later key tries
 * again with a counter.
 */
struct assignment {
	struct import_node *node;
	uint32_t tries;
};

static bool lacks_network(const struct import_node *node)
{
	return !ip_address_present(&node->node.network.address);
}

/* What the hash is over: the node's own key, else its name, for organizations with one key. */
static struct ip_prefix choose(const struct ip_prefix *pool, const struct import_node *node,
			       uint32_t tries)
{
	static const char label[] = "aronet import network v1"; /* with its zero byte */
	const struct registry_node *from = &node->node;
	const uint8_t counter[] = { (uint8_t)(tries >> 24), (uint8_t)(tries >> 16),
				    (uint8_t)(tries >> 8), (uint8_t)tries };
	struct ip_prefix network = { pool->address, NETWORK_LENGTH };
	struct crypto_hash *hash = crypto_hash_new();
	uint8_t digest[KEY_SIZE];
	char id[NODE_ID_TEXT_SIZE];

	crypto_hash_add(hash, label, sizeof(label));
	if (from->has_wireguard) {
		crypto_hash_add(hash, from->wireguard_key, KEY_SIZE);
	} else {
		node_id_format(&from->id, id);
		crypto_hash_add(hash, id, strlen(id));
	}
	crypto_hash_add(hash, counter, sizeof(counter));
	crypto_hash_finish(hash, digest);
	for (unsigned bit = pool->length; bit < NETWORK_LENGTH; bit++)
		network.address.bytes[bit / 8] |= digest[bit / 8] & 0x80 >> bit % 8;
	return network;
}

static void assign(struct assignment *assignment, const struct ip_prefix *pool)
{
	struct ip_prefix network = choose(pool, assignment->node, assignment->tries++);
	struct registry_node *node = &assignment->node->node;

	if (lacks_network(assignment->node))
		import_set_network(node, &network);
	else
		node->network = node->prefixes[0] = network;
}

/* The prefixes of all nodes, owned by their position in the list, and those that are taken. */
static struct claim *collect_claims(const struct import *import, size_t *ret_count)
{
	struct claim *claims = NULL;

	*ret_count = 0;
	for (size_t i = 0; i < import->nodes_count; i++) {
		const struct registry_node *node = &import->nodes[i].node;

		for (size_t j = 0; j < node->prefixes_count; j++)
			*ARRAY_APPEND(claims, *ret_count) = (struct claim) {
				.prefix = prefix_unmapped(&node->prefixes[j]),
				.owner = (uint32_t)i,
			};
	}
	for (size_t i = 0; i < import->options->taken_count; i++)
		*ARRAY_APPEND(claims, *ret_count) = (struct claim) {
			.prefix = prefix_unmapped(&import->options->taken[i]),
			.owner = OWNER_OTHERS,
		};
	return claims;
}

/* Two owners that overlap. */
static bool find_overlap(const struct import *import, uint32_t *ret_one, uint32_t *ret_other)
{
	CLEANUP(free) struct claim *claims = NULL;
	const struct claim *outer, *inner;
	size_t count;

	claims = collect_claims(import, &count);
	if (!claims_find_overlap(claims, count, &outer, &inner))
		return false;
	*ret_one = outer->owner;
	*ret_other = inner->owner;
	return true;
}

/* NULL for an owner that got no network here. */
static struct assignment *find_assignment(struct assignment *assignments, size_t count,
					  const struct import *import, uint32_t owner)
{
	for (size_t i = 0; i < count && owner != OWNER_OTHERS; i++)
		if (assignments[i].node == &import->nodes[owner])
			return &assignments[i];
	return NULL;
}

/* The one of two that gives way: of two that were assigned, the greater key. */
static struct assignment *who_moves(struct assignment *one, struct assignment *other)
{
	if (!one || !other)
		return one ? one : other;
	return memcmp(one->node->node.wireguard_key, other->node->node.wireguard_key, KEY_SIZE) > 0
		       ? one
		       : other;
}

/* Overlaps of nodes that had their networks are registry_check()'s to tell. */
static int separate(struct import *import, struct assignment *assignments, size_t count,
		    struct error *error)
{
	const struct ip_prefix *pool = import->options->pool;
	char text[IP_PREFIX_TEXT_SIZE];
	uint32_t one, other;

	for (size_t tries = 0; tries < TRIES_MIN + TRIES_PER_NODE * count; tries++) {
		struct assignment *moves;

		if (!find_overlap(import, &one, &other))
			return 0;
		moves = who_moves(find_assignment(assignments, count, import, one),
				  find_assignment(assignments, count, import, other));
		if (!moves)
			return 0;
		assign(moves, pool);
	}
	return error_set(
		error, -EEXIST, ERROR_OVERLAP, NULL,
		"no free network found in pool %s: too much of it is in use, or granted to "
		"others",
		ip_prefix_format(pool, text));
}

/* Twice as many networks as nodes. */
static bool has_room(const struct ip_prefix *pool, size_t nodes)
{
	unsigned bits = NETWORK_LENGTH - pool->length;

	return bits > 32 || nodes <= (UINT64_C(1) << bits) / 2;
}

static void leave_out(struct import *import)
{
	for (size_t i = 0; i < import->nodes_count; i++) {
		struct import_node *node = &import->nodes[i];

		if (!lacks_network(node))
			continue;
		report_at(import->report, node->cursor,
			  "%s left out: it has no network; give it one as \"network\" in its "
			  "remarks, or all of them with --pool",
			  node->node.id.common_name);
		node->is_marked = true;
	}
	import_remove_marked(import);
}

int import_assign_networks(struct import *import, struct error *error)
{
	const struct ip_prefix *pool = import->options->pool;
	CLEANUP(free) struct assignment *assignments = NULL;
	char text[IP_PREFIX_TEXT_SIZE];
	size_t count = 0;
	int result;

	if (!pool) {
		leave_out(import);
		return 0;
	}
	for (size_t i = 0; i < import->nodes_count; i++)
		if (lacks_network(&import->nodes[i]))
			ARRAY_APPEND(assignments, count)->node = &import->nodes[i];
	if (!has_room(pool, count))
		return error_set(error, -ERANGE, ERROR_VALUE, NULL,
				 "%zu nodes need networks, for which pool %s is too small", count,
				 ip_prefix_format(pool, text));
	for (size_t i = 0; i < count; i++)
		assign(&assignments[i], pool);
	result = separate(import, assignments, count, error);
	if (result == 0 && count)
		report_add(import->report, NULL,
			   "nodes that got a network from %s: %zu; each needs it as daemon.network "
			   "in its config.json",
			   ip_prefix_format(pool, text), count);
	return result;
}
