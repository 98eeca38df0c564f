/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "babel/bird_lines.h"
#include "base/cleanup.h"

/*
 * What BIRD's tables add up to. Pure. Bounded as babeld's are: no one reads a list of more routes.
 */
#define BIRD_NEIGHBOURS_MAX 20000
#define BIRD_ROUTES_MAX 200000
#define BIRD_GARBLED_MAX 160 /* bytes */

struct bird_tables {
	struct babel_neighbour *neighbours;
	size_t neighbours_count;
	struct babel_route *routes; /* of "show babel routes" */
	size_t routes_count;
	struct babel_route *accepted; /* of "show route export": what the kernel has */
	size_t accepted_count;
	bool truncated; /* something did not fit */
	/* The first line that is of no known form, or BIRD's own words for what did not work; "" */
	char garbled[BIRD_GARBLED_MAX + 1];
};

void bird_tables_done(struct bird_tables *tables);
CLEANUP_DEFINE_IN_PLACE(struct bird_tables, bird_tables_done);

/* Add a line of one of the three commands. */
void bird_tables_add_neighbour(struct bird_tables *tables, const char *text);
void bird_tables_add_babel_route(struct bird_tables *tables, const char *text);
void bird_tables_add_route(struct bird_tables *tables, const char *text);

/* @text is not what it should be: these tables are not to be trusted. The first one is kept. */
void bird_tables_note_garbled(struct bird_tables *tables, const char *text);

/*
 * Join them: a route that BIRD has chosen is installed if its filters have let it pass, and only
 * then it is known whose it is. What it costs without the neighbour is what that has announced.
 */
void bird_tables_join(struct bird_tables *tables);
