// SPDX-License-Identifier: GPL-2.0-or-later
#include "intend/resolver.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

void resolver_done(struct resolver *resolver)
{
	free(resolver->names);
	prefix_set_done(&resolver->overlay);
	*resolver = (struct resolver) { 0 };
}

static int compare_with(const char *name, uint16_t family, const struct resolved_name *known)
{
	int order = strcmp(name, known->name);

	return order ? order : (int)family - (int)known->family;
}

static int compare_names(const void *a, const void *b)
{
	const struct resolved_name *const *left = a, *const *right = b;

	return compare_with((*left)->name, (*left)->family, *right);
}

static int compare_endpoint_with(const void *endpoint, const void *name)
{
	const struct endpoint *wanted = endpoint;
	const struct resolved_name *const *known = name;

	return compare_with(wanted->name, wanted->family, *known);
}

/* An exit's default route says nothing about where an address is. */
static void add_networks(struct resolver *resolver, const struct ip_prefix *prefixes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (prefixes[i].length > 0)
			prefix_set_add(&resolver->overlay, &prefixes[i]);
}

void resolver_make(const struct config *config, const struct registry *registry,
		   const struct facts *facts, struct resolver *ret)
{
	struct resolver resolver = { .names_count = facts->names_count };

	resolver.names = NEW_ARRAY(const struct resolved_name *, facts->names_count);
	for (size_t i = 0; i < facts->names_count; i++)
		resolver.names[i] = &facts->names[i];
	qsort(resolver.names, resolver.names_count, sizeof(resolver.names[0]), compare_names);
	add_networks(&resolver, &config->network, 1);
	add_networks(&resolver, config->prefixes, config->prefixes_count);
	for (size_t i = 0; i < registry->nodes_count; i++)
		add_networks(&resolver, registry->nodes[i].prefixes,
			     registry->nodes[i].prefixes_count);
	prefix_set_close(&resolver.overlay);
	*ret = resolver;
}

struct ip_address resolver_find(const struct resolver *resolver, const struct endpoint *endpoint,
				bool *ret_inside)
{
	const struct resolved_name *const *found;

	*ret_inside = false;
	if (!endpoint->name[0])
		return endpoint->address;
	found = bsearch(endpoint, resolver->names, resolver->names_count,
			sizeof(resolver->names[0]), compare_endpoint_with);
	if (!found)
		return (struct ip_address) { 0 };
	*ret_inside = prefix_set_around_address(&resolver->overlay, &(*found)->address);
	return *ret_inside ? (struct ip_address) { 0 } : (*found)->address;
}
