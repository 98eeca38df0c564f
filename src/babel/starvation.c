// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/starvation.h"

#include "base/memory.h"
#include "base/prefix_list.h"

#include <stdlib.h>

/* Those that need no route of a neighbour's: they have one, or are ours. */
static void find_fed(const struct babeld_tables *tables, struct prefix_list *ret)
{
	for (size_t i = 0; i < tables->routes_count; i++)
		if (tables->routes[i].installed)
			prefix_list_add(ret, &tables->routes[i].prefix, 1);
	prefix_list_add(ret, tables->announced, tables->announced_count);
	prefix_list_sort(ret);
}

/* A prefix for each offer, so that one may be there more than once. */
static void find_starved(const struct babeld_tables *tables, struct prefix_list *ret)
{
	CLEANUP(prefix_list_done) struct prefix_list fed = { 0 };

	find_fed(tables, &fed);
	for (size_t i = 0; i < tables->routes_count; i++) {
		const struct babel_route *route = &tables->routes[i];

		if (!route->installed && route->metric < BABEL_INFINITY &&
		    !prefix_list_has(&fed, &route->prefix))
			prefix_list_add(ret, &route->prefix, 1);
	}
	prefix_list_sort(ret);
}

/* Since when @prefix has starved, if it is starving @now_ms. */
static uint64_t since(const struct starvation *starvation, const struct ip_prefix *prefix,
		      uint64_t now_ms)
{
	const struct starved *known =
		starvation->prefixes_count == 0
			? NULL
			: bsearch(prefix, starvation->prefixes, starvation->prefixes_count,
				  sizeof(*known), ip_prefix_compare_qsort);

	return known ? known->since_ms : now_ms;
}

static void remember(struct starvation *starvation, const struct prefix_list *prefixes,
		     uint64_t now_ms)
{
	struct starvation next = { 0 };

	for (size_t i = 0; i < prefixes->count; i++) {
		const struct ip_prefix *prefix = &prefixes->items[i];

		if (i > 0 && ip_prefix_compare(&prefixes->items[i - 1], prefix) == 0)
			continue;
		*ARRAY_APPEND(next.prefixes, next.prefixes_count) = (struct starved) {
			.prefix = *prefix,
			.since_ms = since(starvation, prefix, now_ms),
		};
	}
	starvation_forget(starvation);
	starvation->prefixes = next.prefixes;
	starvation->prefixes_count = next.prefixes_count;
}

static const struct starved *longest(const struct starvation *starvation)
{
	const struct starved *found = NULL;

	for (size_t i = 0; i < starvation->prefixes_count; i++)
		if (!found || starvation->prefixes[i].since_ms < found->since_ms)
			found = &starvation->prefixes[i];
	return found;
}

/* It has been in vain if there is a reason again within another pause. */
static void pause_from(struct starvation *starvation, uint64_t now_ms)
{
	bool in_vain = starvation->pause_ms > 0 &&
		       now_ms < starvation->pause_until_ms + starvation->pause_ms;

	starvation->pause_ms = in_vain ? 2 * starvation->pause_ms : STARVATION_PAUSE_MS;
	if (starvation->pause_ms > STARVATION_PAUSE_MAX_MS)
		starvation->pause_ms = STARVATION_PAUSE_MAX_MS;
	starvation->pause_until_ms = now_ms + starvation->pause_ms;
}

const struct ip_prefix *starvation_look(struct starvation *starvation,
					const struct babeld_tables *tables, uint64_t now_ms)
{
	CLEANUP(prefix_list_done) struct prefix_list prefixes = { 0 };
	const struct starved *found;

	find_starved(tables, &prefixes);
	remember(starvation, &prefixes, now_ms);
	found = longest(starvation);
	if (!found || now_ms - found->since_ms < STARVATION_TIME_MS ||
	    now_ms < starvation->pause_until_ms)
		return NULL;
	pause_from(starvation, now_ms);
	return &found->prefix;
}

void starvation_forget(struct starvation *starvation)
{
	free(starvation->prefixes);
	starvation->prefixes = NULL;
	starvation->prefixes_count = 0;
}

void starvation_done(struct starvation *starvation)
{
	starvation_forget(starvation);
}
