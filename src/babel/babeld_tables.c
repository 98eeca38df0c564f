// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/babeld_tables.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

void babeld_tables_done(struct babeld_tables *tables)
{
	free(tables->links);
	free(tables->neighbours);
	free(tables->routes);
	free(tables->announced);
	*tables = (struct babeld_tables) { 0 };
}

typedef int compare_fn(const void *a, const void *b);

static int compare_links(const void *a, const void *b)
{
	const struct babel_link *left = a;
	const struct babel_link *right = b;

	return strcmp(left->name, right->name);
}

static int compare_neighbours(const void *a, const void *b)
{
	const struct babel_neighbour *left = a;
	const struct babel_neighbour *right = b;

	return (left->id > right->id) - (left->id < right->id);
}

static int compare_routes(const void *a, const void *b)
{
	const struct babel_route *left = a;
	const struct babel_route *right = b;

	return (left->id > right->id) - (left->id < right->id);
}

/* A sorted array of any of the four. */
struct table {
	char *items;
	size_t count;
	size_t item_size;
	size_t maximum;
	compare_fn *compare;
};

/* The first place whose item is not below @item; *ret_same tells whether it is @item's. */
static size_t table_place(const struct table *table, const void *item, bool *ret_same)
{
	size_t low = 0;
	size_t high = table->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table->compare(table->items + middle * table->item_size, item) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_same = low < table->count &&
		    table->compare(table->items + low * table->item_size, item) == 0;
	return low;
}

/* Returns false if the table is full. */
static bool table_put(struct table *table, const void *item)
{
	bool same;
	size_t place = table_place(table, item, &same);
	char *at;

	if (!same) {
		if (table->count == table->maximum)
			return false;
		table->items = memory_append(table->items, table->count, table->item_size);
		at = table->items + place * table->item_size;
		memmove(at + table->item_size, at, (table->count - place) * table->item_size);
		table->count++;
	}
	memcpy(table->items + place * table->item_size, item, table->item_size);
	return true;
}

static void table_remove(struct table *table, const void *item)
{
	bool same;
	size_t place = table_place(table, item, &same);
	char *at;

	if (!same)
		return;
	at = table->items + place * table->item_size;
	table->count--;
	memmove(at, at + table->item_size, (table->count - place) * table->item_size);
}

static bool table_apply(struct table *table, enum babeld_action action, const void *item)
{
	if (action != BABELD_FLUSH)
		return table_put(table, item);
	table_remove(table, item);
	return true;
}

#define TABLE(array, array_count, limit, order)                                                    \
	{                                                                                          \
		.items = (char *)(array), .count = (array_count), .item_size = sizeof(*(array)),   \
		.maximum = (limit), .compare = (order),                                            \
	}

void babeld_tables_apply(struct babeld_tables *tables, const struct babeld_line *line)
{
	struct table links =
		TABLE(tables->links, tables->links_count, BABELD_LINKS_MAX, compare_links);
	struct table neighbours = TABLE(tables->neighbours, tables->neighbours_count,
					BABELD_NEIGHBOURS_MAX, compare_neighbours);
	struct table routes =
		TABLE(tables->routes, tables->routes_count, BABELD_ROUTES_MAX, compare_routes);
	struct table announced = TABLE(tables->announced, tables->announced_count,
				       BABELD_ANNOUNCED_MAX, ip_prefix_compare_qsort);
	bool fits = true;

	switch (line->thing) {
	case BABELD_INTERFACE:
		fits = table_apply(&links, line->action, &line->interface);
		tables->links = (struct babel_link *)(void *)links.items;
		tables->links_count = links.count;
		break;
	case BABELD_NEIGHBOUR:
		fits = table_apply(&neighbours, line->action, &line->neighbour);
		tables->neighbours = (struct babel_neighbour *)(void *)neighbours.items;
		tables->neighbours_count = neighbours.count;
		break;
	case BABELD_ROUTE:
		fits = table_apply(&routes, line->action, &line->route);
		tables->routes = (struct babel_route *)(void *)routes.items;
		tables->routes_count = routes.count;
		break;
	case BABELD_XROUTE:
		fits = table_apply(&announced, line->action, &line->xroute);
		tables->announced = (struct ip_prefix *)(void *)announced.items;
		tables->announced_count = announced.count;
		break;
	}
	tables->truncated |= !fits;
}

const struct babel_link *babeld_tables_find_link(const struct babeld_tables *tables,
						 const char *name)
{
	struct babel_link like = { 0 };

	if (tables->links_count == 0 || strlen(name) >= sizeof(like.name))
		return NULL;
	memcpy(like.name, name, strlen(name));
	return bsearch(&like, tables->links, tables->links_count, sizeof(like), compare_links);
}
