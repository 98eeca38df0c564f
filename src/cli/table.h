/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Text in columns as wide as they have to be. Cells come from elsewhere: control characters are
 * shown as question marks, so that no name can play tricks on a terminal.
 */
enum table_colour {
	TABLE_PLAIN,
	TABLE_GOOD,
	TABLE_WARN,
	TABLE_BAD,
	TABLE_HEAD, /* bold */
	TABLE_FAINT,
};

struct table_cell {
	char *text;
	enum table_colour colour;
};

#define TABLE_COLUMNS_MAX 12

struct table {
	size_t columns;
	const char *right; /* one character per column: 'r' is set to the right */
	struct table_cell *cells;
	size_t cells_count;
};

void table_done(struct table *table);
CLEANUP_DEFINE_IN_PLACE(struct table, table_done);

/* Append the next cell, row by row. NULL is "-". */
void table_add(struct table *table, enum table_colour colour, const char *text);

/* The last column is not padded. Each row begins with two spaces. */
void table_print(const struct table *table, bool with_colour, struct strbuf *out);

/* One piece of text, cleaned and coloured. */
void table_print_text(const char *text, enum table_colour colour, bool with_colour,
		      struct strbuf *out);

/* The head of a table: an empty line, the text, and the end of its line. */
void table_print_title(const char *title, bool with_colour, struct strbuf *out);
