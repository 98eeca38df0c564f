// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/grants.h"

#include "registry/overlap.h"

#include "base/memory.h"

#include <errno.h>
#include <stdlib.h>

static struct claim grant_claim(const struct grant *grant, size_t owner)
{
	return (struct claim) {
		.prefix = grant->prefix,
		.owner = (uint32_t)owner,
		.sharing = grant->shared ? CLAIM_SHARED : CLAIM_EXCLUSIVE,
		.covers_nothing = grant->max_length == 0,
	};
}

int grants_check_overlap(const struct mesh_document *mesh, const char *place, struct error *error)
{
	CLEANUP(free) struct claim *claims = NULL;
	char outer_text[IP_PREFIX_TEXT_SIZE], inner_text[IP_PREFIX_TEXT_SIZE];
	const struct claim *outer, *inner;
	size_t count = 0;

	for (size_t i = 0; i < mesh->organizations_count; i++)
		for (size_t j = 0; j < mesh->organizations[i].grants_count; j++)
			*ARRAY_APPEND(claims, count) =
				grant_claim(&mesh->organizations[i].grants[j], i);
	if (!claims_find_overlap(claims, count, &outer, &inner))
		return 0;
	return error_set(error, -EEXIST, ERROR_OVERLAP, place,
			 "grant %s of \"%s\" overlaps %s of \"%s\"; say \"shared\" in both if that "
			 "is meant",
			 ip_prefix_format(&inner->prefix, inner_text),
			 mesh->organizations[inner->owner].name,
			 ip_prefix_format(&outer->prefix, outer_text),
			 mesh->organizations[outer->owner].name);
}

/* The grants of an organization with, for each, the nearest one around it. */
struct grant_tree {
	const struct mesh_organization *organization;
	size_t *parents; /* index + 1; 0 is none */
};

static void grant_tree_make(const struct mesh_organization *organization, struct grant_tree *ret)
{
	const struct grant *grants = organization->grants;
	size_t *parents = NEW_ARRAY(size_t, organization->grants_count);

	for (size_t i = 1; i < organization->grants_count; i++) {
		size_t parent = i;

		while (parent && !ip_prefix_contains(&grants[parent - 1].prefix, &grants[i].prefix))
			parent = parents[parent - 1];
		parents[i] = parent;
	}
	*ret = (struct grant_tree) { organization, parents };
}

/* How many grants sort before @prefix or are equal. */
static size_t grant_tree_search(const struct grant_tree *tree, const struct ip_prefix *prefix)
{
	size_t low = 0, high = tree->organization->grants_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ip_prefix_compare(&tree->organization->grants[middle].prefix, prefix) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int refuse_prefix(const struct grant_tree *tree, const struct registry_node *node,
			 const struct ip_prefix *prefix, const struct grant *around,
			 const struct grant *next, struct error *error)
{
	char id[NODE_ID_TEXT_SIZE], text[IP_PREFIX_TEXT_SIZE], grant_text[IP_PREFIX_TEXT_SIZE];

	node_id_format(&node->id, id);
	ip_prefix_format(prefix, text);
	if (around)
		return error_set(error, -EPERM, ERROR_GRANT, NULL,
				 "%s: %s is longer than max_length %u of grant %s", id, text,
				 around->max_length, ip_prefix_format(&around->prefix, grant_text));
	if (next && ip_prefix_contains(prefix, &next->prefix))
		return error_set(error, -EPERM, ERROR_GRANT, NULL,
				 "%s: %s covers grant %s of \"%s\"; it may announce only what lies "
				 "in there",
				 id, text, ip_prefix_format(&next->prefix, grant_text),
				 tree->organization->name);
	return error_set(error, -EPERM, ERROR_GRANT, NULL, "%s: %s is outside the grants of \"%s\"",
			 id, text, tree->organization->name);
}

static int check_prefix(const struct grant_tree *tree, const struct registry_node *node,
			struct ip_prefix prefix, struct error *error)
{
	const struct mesh_organization *organization = tree->organization;
	size_t before = grant_tree_search(tree, &prefix);
	const struct grant *around = NULL, *next = NULL;

	for (size_t i = before; i > 0; i = tree->parents[i - 1]) {
		const struct grant *grant = &organization->grants[i - 1];

		if (!ip_prefix_contains(&grant->prefix, &prefix))
			continue;
		if (prefix.length <= grant->max_length)
			return 0;
		if (!around || around->max_length < grant->max_length)
			around = grant;
	}
	if (before < organization->grants_count)
		next = &organization->grants[before];
	return refuse_prefix(tree, node, &prefix, around, next, error);
}

int grants_check_nodes(const struct mesh_organization *organization,
		       const struct registry_node *nodes, size_t count, struct error *error)
{
	struct grant_tree tree;
	int result = 0;

	grant_tree_make(organization, &tree);
	for (size_t i = 0; result == 0 && i < count; i++)
		for (size_t j = 0; result == 0 && j < nodes[i].prefixes_count; j++)
			result = check_prefix(&tree, &nodes[i],
					      prefix_unmapped(&nodes[i].prefixes[j]), error);
	free(tree.parents);
	return result;
}
