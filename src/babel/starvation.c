// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/starvation.h"

#include "base/memory.h"

#include <stdlib.h>

/* Sorted, as a set to be asked. */
struct prefixes {
	struct ip_prefix *items;
	size_t count;
};

static void prefixes_done(struct prefixes *prefixes)
{
	free(prefixes->items);
}
CLEANUP_DEFINE_IN_PLACE(struct prefixes, prefixes_done);

static bool prefixes_have(const struct prefixes *prefixes, const struct ip_prefix *prefix)
{
	return prefixes->count > 0 && bsearch(prefix, prefixes->items, prefixes->count,
					      sizeof(*prefix), ip_prefix_compare_qsort);
}

static void prefixes_sort(struct prefixes *prefixes)
{
	if (prefixes->count > 0)
		qsort(prefixes->items, prefixes->count, sizeof(prefixes->items[0]),
		      ip_prefix_compare_qsort);
}

/* Those that need no route of a neighbour's: they have one, or are ours. */
static void find_fed(const struct babeld_tables *tables, struct prefixes *ret)
{
	for (size_t i = 0; i < tables->routes_count; i++)
		if (tables->routes[i].installed)
			*ARRAY_APPEND(ret->items, ret->count) = tables->routes[i].prefix;
	for (size_t i = 0; i < tables->announced_count; i++)
		*ARRAY_APPEND(ret->items, ret->count) = tables->announced[i];
	prefixes_sort(ret);
}

/* A prefix for each offer, so that one may be there more than once. */
static void find_starved(const struct babeld_tables *tables, struct prefixes *ret)
{
	CLEANUP(prefixes_done) struct prefixes fed = { 0 };

	find_fed(tables, &fed);
	for (size_t i = 0; i < tables->routes_count; i++) {
		const struct babel_route *route = &tables->routes[i];

		if (!route->installed && route->metric < BABEL_INFINITY &&
		    !prefixes_have(&fed, &route->prefix))
			*ARRAY_APPEND(ret->items, ret->count) = route->prefix;
	}
	prefixes_sort(ret);
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

static void remember(struct starvation *starvation, const struct prefixes *prefixes,
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
	CLEANUP(prefixes_done) struct prefixes prefixes = { 0 };
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
