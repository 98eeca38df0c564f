// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/bird_tables.h"

#include "base/memory.h"
#include "base/printable.h"

#include <string.h>

void bird_tables_done(struct bird_tables *tables)
{
	free(tables->neighbours);
	free(tables->routes);
	free(tables->accepted);
	*tables = (struct bird_tables) { 0 };
}

void bird_tables_note_garbled(struct bird_tables *tables, const char *text)
{
	if (tables->garbled[0])
		return;
	printable_keep_ascii(*text ? text : "?", tables->garbled, sizeof(tables->garbled));
}

void bird_tables_add_neighbour(struct bird_tables *tables, const char *text)
{
	struct babel_neighbour neighbour;
	int row = bird_neighbour_parse(text, &neighbour);

	if (row < 0)
		bird_tables_note_garbled(tables, text);
	if (row != BIRD_ROW_DATA)
		return;
	if (tables->neighbours_count == BIRD_NEIGHBOURS_MAX) {
		tables->truncated = true;
		return;
	}
	neighbour.id = tables->neighbours_count;
	*ARRAY_APPEND(tables->neighbours, tables->neighbours_count) = neighbour;
}

void bird_tables_add_babel_route(struct bird_tables *tables, const char *text)
{
	struct babel_route route;
	int row = bird_babel_route_parse(text, &route);

	if (row < 0)
		bird_tables_note_garbled(tables, text);
	if (row != BIRD_ROW_DATA)
		return;
	if (tables->routes_count == BIRD_ROUTES_MAX) {
		tables->truncated = true;
		return;
	}
	route.id = tables->routes_count;
	*ARRAY_APPEND(tables->routes, tables->routes_count) = route;
}

void bird_tables_add_route(struct bird_tables *tables, const char *text)
{
	struct babel_route route;
	int row = bird_route_parse(text, &route);

	if (row < 0)
		bird_tables_note_garbled(tables, text);
	if (row != BIRD_ROW_DATA)
		return;
	if (tables->accepted_count == BIRD_ROUTES_MAX) {
		tables->truncated = true;
		return;
	}
	*ARRAY_APPEND(tables->accepted, tables->accepted_count) = route;
}

static int compare_prefixes(const void *a, const void *b)
{
	return ip_prefix_compare(&((const struct babel_route *)a)->prefix,
				 &((const struct babel_route *)b)->prefix);
}

static int compare_neighbours(const void *a, const void *b)
{
	const struct babel_neighbour *left = a;
	const struct babel_neighbour *right = b;
	int order = strcmp(left->link, right->link);

	return order ? order : ip_address_compare(&left->address, &right->address);
}

static void join_route(const struct bird_tables *tables, struct babel_route *route)
{
	struct babel_neighbour like = { .address = route->via };
	const struct babel_route *accepted =
		tables->accepted_count == 0 || !route->installed
			? NULL
			: bsearch(route, tables->accepted, tables->accepted_count, sizeof(*route),
				  compare_prefixes);
	const struct babel_neighbour *neighbour;

	route->installed = accepted != NULL;
	if (accepted)
		memcpy(route->router_id, accepted->router_id, sizeof(route->router_id));
	memcpy(like.link, route->link, sizeof(like.link));
	neighbour = tables->neighbours_count == 0
			    ? NULL
			    : bsearch(&like, tables->neighbours, tables->neighbours_count,
				      sizeof(like), compare_neighbours);
	if (neighbour && neighbour->cost <= route->metric)
		route->refmetric = (uint16_t)(route->metric - neighbour->cost);
}

void bird_tables_join(struct bird_tables *tables)
{
	if (tables->accepted_count > 0)
		qsort(tables->accepted, tables->accepted_count, sizeof(*tables->accepted),
		      compare_prefixes);
	if (tables->neighbours_count > 0)
		qsort(tables->neighbours, tables->neighbours_count, sizeof(*tables->neighbours),
		      compare_neighbours);
	for (size_t i = 0; i < tables->routes_count; i++)
		join_route(tables, &tables->routes[i]);
}
