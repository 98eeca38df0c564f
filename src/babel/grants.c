// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/grants.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define NO_PARENT SIZE_MAX

struct grants {
	struct grant *items; /* by prefix, then router-id */
	size_t count;
	size_t *parents;	   /* of each, the narrowest one around it with another prefix */
	struct grants_link *links; /* by name */
	size_t links_count;
	uint8_t (*origins)[BABEL_ROUTER_ID_SIZE]; /* of all nodes, sorted */
	size_t origins_count;
};

static int compare_grants(const void *a, const void *b)
{
	const struct grant *left = a;
	const struct grant *right = b;
	int order = ip_prefix_compare(&left->prefix, &right->prefix);

	return order ? order : memcmp(left->router_id, right->router_id, BABEL_ROUTER_ID_SIZE);
}

static int compare_links(const void *a, const void *b)
{
	return strcmp(((const struct grants_link *)a)->name, ((const struct grants_link *)b)->name);
}

static int compare_origins(const void *a, const void *b)
{
	return memcmp(a, b, BABEL_ROUTER_ID_SIZE);
}

static void add_grant(struct grants *grants, const struct ip_prefix *prefix,
		      const uint8_t router_id[BABEL_ROUTER_ID_SIZE])
{
	struct grant *grant = ARRAY_APPEND(grants->items, grants->count);

	grant->prefix = *prefix;
	memcpy(grant->router_id, router_id, BABEL_ROUTER_ID_SIZE);
	memcpy(*ARRAY_APPEND(grants->origins, grants->origins_count), router_id,
	       BABEL_ROUTER_ID_SIZE);
}

static void add_link(struct grants *grants, const struct babel_rule *rule)
{
	struct grants_link *link = ARRAY_APPEND(grants->links, grants->links_count);

	memcpy(link->name, rule->link, sizeof(link->name));
	memcpy(link->router_id, rule->router_id, sizeof(link->router_id));
}

static void add_rule(struct grants *grants, const struct babel_rule *rule,
		     const uint8_t own_id[BABEL_ROUTER_ID_SIZE])
{
	switch (rule->type) {
	case BABEL_RULE_ANNOUNCE:
		add_grant(grants, &rule->prefix, own_id);
		break;
	case BABEL_RULE_ACCEPT_DIRECT:
		add_link(grants, rule);
		break;
	case BABEL_RULE_ACCEPT_TRANSIT:
		add_grant(grants, &rule->prefix, rule->router_id);
		break;
	case BABEL_RULE_ANNOUNCE_ONLY:
	case BABEL_RULE_ACCEPT_ONLY: /* after all links are known */
		break;
	}
}

static void sort_unique(void *items, size_t *count, size_t size,
			int (*compare)(const void *, const void *))
{
	char *bytes = items;
	size_t kept = 0;

	if (*count == 0)
		return;
	qsort(items, *count, size, compare);
	for (size_t i = 1; i < *count; i++)
		if (compare(bytes + kept * size, bytes + i * size) != 0)
			memmove(bytes + ++kept * size, bytes + i * size, size);
	*count = kept + 1;
}

static struct grants_link *find_link(const struct grants *grants, const char *name)
{
	struct grants_link like = { 0 };

	if (strlen(name) >= sizeof(like.name) || grants->links_count == 0)
		return NULL;
	memcpy(like.name, name, strlen(name));
	return bsearch(&like, grants->links, grants->links_count, sizeof(like), compare_links);
}

/* A covering prefix sorts before what it covers: the path from the root is a stack. */
static void find_parents(struct grants *grants)
{
	grants->parents = NEW_ARRAY(size_t, grants->count);
	for (size_t i = 0; i < grants->count; i++) {
		const struct ip_prefix *prefix = &grants->items[i].prefix;
		size_t parent = i > 0 ? i - 1 : NO_PARENT;

		while (parent != NO_PARENT &&
		       (grants->items[parent].prefix.length == prefix->length ||
			!ip_prefix_contains(&grants->items[parent].prefix, prefix)))
			parent = grants->parents[parent];
		grants->parents[i] = parent;
	}
}

struct grants *grants_new(const struct babel_policy *policy,
			  const uint8_t own_id[BABEL_ROUTER_ID_SIZE])
{
	struct grants *grants = NEW(struct grants);

	for (size_t i = 0; i < policy->rules_count; i++)
		add_rule(grants, &policy->rules[i], own_id);
	sort_unique(grants->items, &grants->count, sizeof(*grants->items), compare_grants);
	sort_unique(grants->links, &grants->links_count, sizeof(*grants->links), compare_links);
	sort_unique(grants->origins, &grants->origins_count, sizeof(*grants->origins),
		    compare_origins);
	for (size_t i = 0; i < policy->rules_count; i++) {
		struct grants_link *link = policy->rules[i].type == BABEL_RULE_ACCEPT_ONLY
						   ? find_link(grants, policy->rules[i].link)
						   : NULL;

		if (link)
			link->is_limited = true;
	}
	find_parents(grants);
	return grants;
}

void grants_free(struct grants *grants)
{
	if (!grants)
		return;
	free(grants->items);
	free(grants->parents);
	free(grants->links);
	free(grants->origins);
	free(grants);
}

const struct grants_link *grants_find_link(const struct grants *grants, const char *name)
{
	return find_link(grants, name);
}

size_t grants_links(const struct grants *grants, const struct grants_link **ret)
{
	*ret = grants->links;
	return grants->links_count;
}

/* The number of grants whose prefix sorts before @prefix, or is it. */
static size_t count_up_to(const struct grants *grants, const struct ip_prefix *prefix)
{
	size_t low = 0;
	size_t high = grants->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ip_prefix_compare(&grants->items[middle].prefix, prefix) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool same_id(const uint8_t a[BABEL_ROUTER_ID_SIZE], const uint8_t b[BABEL_ROUTER_ID_SIZE])
{
	return memcmp(a, b, BABEL_ROUTER_ID_SIZE) == 0;
}

static bool is_known_origin(const struct grants *grants, const uint8_t *router_id)
{
	return bsearch(router_id, grants->origins, grants->origins_count, sizeof(*grants->origins),
		       compare_origins) != NULL;
}

/* Nobody has exactly this prefix; @before is the last grant that sorts before it. */
static enum offence judge_stranger(const struct grants *grants, size_t before,
				   const struct ip_prefix *prefix, const struct grant **ret_grant)
{
	if (prefix->length == 0)
		return OFFENCE_DEFAULT_ROUTE;
	while (before != NO_PARENT && !ip_prefix_contains(&grants->items[before].prefix, prefix))
		before = grants->parents[before];
	/* All lies inside the default route of an exit; that makes it nobody's part. */
	if (before == NO_PARENT || grants->items[before].prefix.length == 0)
		return OFFENCE_UNGRANTED;
	*ret_grant = &grants->items[before];
	return OFFENCE_PART;
}

/* The grants of exactly this prefix: from the result up to *@end. */
static size_t find_prefix(const struct grants *grants, const struct ip_prefix *prefix, size_t *end)
{
	size_t first = *end = count_up_to(grants, prefix);

	while (first > 0 && ip_prefix_compare(&grants->items[first - 1].prefix, prefix) == 0)
		first--;
	return first;
}

static bool may_pass_on(const struct grants_link *link, const struct grant *grant)
{
	return !link->is_limited || same_id(grant->router_id, link->router_id);
}

enum offence grants_judge(const struct grants *grants, const struct grants_link *link,
			  const struct babel_update *update, const struct grant **ret_grant)
{
	size_t end;
	size_t first = find_prefix(grants, &update->prefix, &end);

	*ret_grant = NULL;
	if (first == end)
		return judge_stranger(grants, end > 0 ? end - 1 : NO_PARENT, &update->prefix,
				      ret_grant);
	*ret_grant = &grants->items[first];
	if (ip_address_present(&update->source.address))
		return OFFENCE_SOURCE_SPECIFIC;
	for (size_t i = first; i < end; i++)
		if (same_id(update->router_id, grants->items[i].router_id))
			return may_pass_on(link, &grants->items[i]) ? OFFENCE_NONE
								    : OFFENCE_TRANSIT;
	return is_known_origin(grants, update->router_id) ? OFFENCE_WRONG_ORIGIN
							  : OFFENCE_UNKNOWN_ORIGIN;
}

bool grants_allow(const struct grants *grants, const struct grants_link *link,
		  const struct ip_prefix *prefix)
{
	size_t end;

	for (size_t i = find_prefix(grants, prefix, &end); i < end; i++)
		if (may_pass_on(link, &grants->items[i]))
			return true;
	return false;
}
