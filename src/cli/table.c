// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/table.h"

#include "base/memory.h"
#include "base/printable.h"

#define GAP "  "

static const char *const colour_codes[] = {
	[TABLE_PLAIN] = "",	  [TABLE_GOOD] = "\033[32m", [TABLE_WARN] = "\033[33m",
	[TABLE_BAD] = "\033[31m", [TABLE_HEAD] = "\033[1m",  [TABLE_FAINT] = "\033[2m",
};

void table_done(struct table *table)
{
	for (size_t i = 0; i < table->cells_count; i++)
		free(table->cells[i].text);
	free(table->cells);
	*table = (struct table) { 0 };
}

/* Characters, not bytes: continuation bytes of UTF-8 do not count. */
static size_t text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += (*text & 0xc0) != 0x80;
	return width;
}

void table_add(struct table *table, enum table_colour colour, const char *text)
{
	struct table_cell *cell = ARRAY_APPEND(table->cells, table->cells_count);

	cell->text = memory_strdup(text && text[0] ? text : "-");
	cell->colour = colour;
	printable_make(cell->text);
}

static void measure(const struct table *table, size_t widths[TABLE_COLUMNS_MAX])
{
	for (size_t i = 0; i < table->columns; i++)
		widths[i] = 0;
	for (size_t i = 0; i < table->cells_count; i++) {
		size_t width = text_width(table->cells[i].text);

		if (width > widths[i % table->columns])
			widths[i % table->columns] = width;
	}
}

static void print_coloured(const char *text, enum table_colour colour, bool with_colour,
			   struct strbuf *out)
{
	bool is_coloured = with_colour && colour != TABLE_PLAIN;

	strbuf_printf(out, "%s%s%s", is_coloured ? colour_codes[colour] : "", text,
		      is_coloured ? "\033[0m" : "");
}

void table_print(const struct table *table, bool with_colour, struct strbuf *out)
{
	size_t widths[TABLE_COLUMNS_MAX];

	measure(table, widths);
	for (size_t i = 0; i < table->cells_count; i++) {
		const struct table_cell *cell = &table->cells[i];
		size_t column = i % table->columns;
		int padding = (int)(widths[column] - text_width(cell->text));
		bool is_last = column == table->columns - 1;
		bool is_right = table->right[column] == 'r';

		strbuf_printf(out, GAP "%*s", is_right ? padding : 0, "");
		print_coloured(cell->text, cell->colour, with_colour, out);
		strbuf_printf(out, "%*s%s", is_right || is_last ? 0 : padding, "",
			      is_last ? "\n" : "");
	}
}

void table_print_text(const char *text, enum table_colour colour, bool with_colour,
		      struct strbuf *out)
{
	CLEANUP(free) char *copy = memory_strdup(text);

	printable_make(copy);
	print_coloured(copy, colour, with_colour, out);
}

void table_print_title(const char *title, bool with_colour, struct strbuf *out)
{
	strbuf_puts(out, "\n");
	table_print_text(title, TABLE_HEAD, with_colour, out);
	strbuf_puts(out, "\n");
}
