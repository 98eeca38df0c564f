/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "babel/babeld_lines.h"
#include "base/cleanup.h"

/*
 * What babeld's events add up to. Bounded: a mesh of REGISTRY_NODES_MAX nodes has that many
 * neighbours at most twice, and no one reads a list of more routes.
 */
#define BABELD_LINKS_MAX 20000
#define BABELD_NEIGHBOURS_MAX 20000
#define BABELD_ROUTES_MAX 200000
#define BABELD_ANNOUNCED_MAX 20000

struct babeld_tables {
	struct babel_link *links; /* by name */
	size_t links_count;
	struct babel_neighbour *neighbours; /* by id */
	size_t neighbours_count;
	struct babel_route *routes; /* by id */
	size_t routes_count;
	struct ip_prefix *announced; /* of our own */
	size_t announced_count;
	bool truncated; /* something did not fit */
};

void babeld_tables_done(struct babeld_tables *tables);
CLEANUP_DEFINE_IN_PLACE(struct babeld_tables, babeld_tables_done);

/* @line is a BABELD_LINE_EVENT. Repetitions and flushes of what is not there are harmless. */
void babeld_tables_apply(struct babeld_tables *tables, const struct babeld_line *line);

/* NULL if babeld does not speak there. */
const struct babel_link *babeld_tables_find_link(const struct babeld_tables *tables,
						 const char *name);
