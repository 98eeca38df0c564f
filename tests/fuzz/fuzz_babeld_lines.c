// SPDX-License-Identifier: GPL-2.0-or-later
/* What babeld says on its control socket, line by line, and the tables that it adds up to. */
#include "babel/babeld_tables.h"
#include "fuzz.h"

#include <string.h>

static void check_line(const struct babeld_line *line)
{
	FUZZ_CHECK(memchr(line->text, '\0', sizeof(line->text)) && fuzz_is_printable(line->text));
	if (line->type == BABELD_LINE_VERSION)
		(void)babeld_version_at_least(line->text, 1, 12);
	if (line->type != BABELD_LINE_EVENT)
		return;
	FUZZ_CHECK(line->action <= BABELD_FLUSH && line->thing <= BABELD_XROUTE);
	if (line->thing == BABELD_ROUTE)
		FUZZ_CHECK(line->route.prefix.length <=
			   ip_address_bits(&line->route.prefix.address));
}

static void check_tables(const struct babeld_tables *tables)
{
	for (size_t i = 0; i < tables->links_count; i++)
		FUZZ_CHECK(babeld_tables_find_link(tables, tables->links[i].name) ==
			   &tables->links[i]);
	for (size_t i = 1; i < tables->neighbours_count; i++)
		FUZZ_CHECK(tables->neighbours[i - 1].id < tables->neighbours[i].id);
	for (size_t i = 1; i < tables->routes_count; i++)
		FUZZ_CHECK(tables->routes[i - 1].id < tables->routes[i].id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(babeld_tables_done) struct babeld_tables tables = { 0 };
	const char *text = (const char *)data;
	struct babeld_line untouched, line;

	memset(&untouched, 0x5a, sizeof(untouched));
	for (size_t at = 0; at < size;) {
		const char *end = memchr(text + at, '\n', size - at);
		size_t length = end ? (size_t)(end - text) - at : size - at;

		memcpy(&line, &untouched, sizeof(line));
		if (babeld_line_parse(text + at, length, &line) < 0) {
			FUZZ_CHECK(!memcmp(&line, &untouched, sizeof(line)));
		} else {
			check_line(&line);
			if (line.type == BABELD_LINE_EVENT)
				babeld_tables_apply(&tables, &line);
		}
		at += length + 1;
	}
	check_tables(&tables);
	return 0;
}
