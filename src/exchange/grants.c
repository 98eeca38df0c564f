// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/import_private.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define NETWORK_LENGTH 64

/*
 * Grants that an organization needs: what its nodes announce, with pairs of neighbours joined, or
 * the whole pool where that is meant and it is alone in there. Nodes do not overlap, so joining
 * takes no address that is not in use.
 */

static bool is_of(const struct import_node *node, const char *organization)
{
	return !strcmp(node->node.id.organization, organization);
}

static bool announces_in(const struct registry_node *node, const struct ip_prefix *pool)
{
	for (size_t i = 0; i < node->prefixes_count; i++)
		if (ip_prefix_overlaps(pool, &node->prefixes[i]))
			return true;
	return false;
}

/* Does the organization, and no other, announce prefixes in the pool? */
static bool is_alone_in(const struct import *import, const char *organization,
			const struct ip_prefix *pool)
{
	bool found = false;

	for (size_t i = 0; i < import->options->taken_count; i++)
		if (ip_prefix_overlaps(pool, &import->options->taken[i]))
			return false;
	for (size_t i = 0; i < import->nodes_count; i++) {
		if (!announces_in(&import->nodes[i].node, pool))
			continue;
		if (!is_of(&import->nodes[i], organization))
			return false;
		found = true;
	}
	return found;
}

static struct grant grant_of(const struct ip_prefix *prefix)
{
	bool is_ip6 = prefix->address.family == AF_INET6;

	/* A /48 may later be announced in parts; IPv4 networks are too small for that. */
	return (struct grant) {
		.prefix = *prefix,
		.max_length =
			is_ip6 && prefix->length < NETWORK_LENGTH ? NETWORK_LENGTH : prefix->length,
	};
}

static int compare_grants(const void *a, const void *b)
{
	const struct grant *left = a, *right = b;

	return ip_prefix_compare(&left->prefix, &right->prefix);
}

static struct ip_prefix parent_of(const struct ip_prefix *prefix)
{
	struct ip_prefix parent = { prefix->address, prefix->length - 1 };

	return ip_prefix_masked(&parent);
}

/* The two halves of one prefix. */
static bool are_siblings(const struct ip_prefix *left, const struct ip_prefix *right)
{
	struct ip_prefix one, other;

	if (left->length != right->length || left->length <= 1 ||
	    left->address.family != right->address.family)
		return false;
	one = parent_of(left);
	other = parent_of(right);
	return ip_prefix_compare(&one, &other) == 0;
}

static uint8_t longer(uint8_t left, uint8_t right)
{
	return left > right ? left : right;
}

/* @last and what is before it are sorted and joined; take up the next one. Returns the new last. */
static struct grant *join(struct grant *first, struct grant *last, const struct grant *next)
{
	if (last >= first && ip_prefix_contains(&last->prefix, &next->prefix)) {
		last->max_length = longer(last->max_length, next->max_length);
		return last;
	}
	*++last = *next;
	while (last > first && are_siblings(&last[-1].prefix, &last->prefix)) {
		last[-1].prefix = parent_of(&last->prefix);
		last[-1].max_length = longer(last[-1].max_length, last->max_length);
		last--;
	}
	return last;
}

void import_propose_grants(const struct import *import, struct exchange_organization *organization)
{
	const struct ip_prefix *pool = import->options->grant_pool ? import->options->pool : NULL;
	struct grant *grants = NULL, *last;
	size_t count = 0;

	if (pool && is_alone_in(import, organization->name, pool))
		*ARRAY_APPEND(grants, count) = grant_of(pool);
	for (size_t i = 0; i < import->nodes_count; i++) {
		const struct registry_node *node = &import->nodes[i].node;

		for (size_t j = 0;
		     is_of(&import->nodes[i], organization->name) && j < node->prefixes_count; j++)
			*ARRAY_APPEND(grants, count) = grant_of(&node->prefixes[j]);
	}
	if (!count)
		return;
	qsort(grants, count, sizeof(grants[0]), compare_grants);
	last = grants - 1;
	for (size_t i = 0; i < count; i++)
		last = join(grants, last, &grants[i]);
	organization->grants = grants;
	organization->grants_count = (size_t)(last - grants) + 1;
}
