// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lines from BIRD's control socket: its neighbours decide what prefixes and addresses are in its
 * tables, and its operator what program it is.
 */
#include "babel/bird_lines.h"
#include "fuzz.h"

#include <string.h>

static void check_line(const char *text, size_t size)
{
	struct bird_line line = { .text = "untouched" };

	if (bird_line_parse(text, size, &line) < 0) {
		FUZZ_CHECK(!strcmp(line.text, "untouched"));
		return;
	}
	FUZZ_CHECK(size > 0 && size <= BIRD_LINE_MAX);
	FUZZ_CHECK(line.code <= 9999 && (line.is_code || !line.is_last));
	FUZZ_CHECK(line.text > text && line.text <= text + size);
}

static void check_neighbour(const char *text)
{
	struct babel_neighbour neighbour = { 0 };

	if (bird_neighbour_parse(text, &neighbour) != BIRD_ROW_DATA)
		return;
	FUZZ_CHECK(memchr(neighbour.link, '\0', sizeof(neighbour.link)));
	FUZZ_CHECK(ip_address_present(&neighbour.address));
}

static void check_route(const struct babel_route *route)
{
	FUZZ_CHECK(memchr(route->link, '\0', sizeof(route->link)));
	FUZZ_CHECK(ip_address_present(&route->prefix.address));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[BIRD_LINE_MAX + 16] = "";
	char version[BABEL_VERSION_SIZE];
	struct babel_route route = { 0 };

	if (size >= sizeof(text))
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	check_line(text, size);
	check_neighbour(text);
	if (bird_babel_route_parse(text, &route) == BIRD_ROW_DATA)
		check_route(&route);
	if (bird_route_parse(text, &route) == BIRD_ROW_DATA)
		check_route(&route);
	if (bird_greeting_parse(text, version) == 0)
		FUZZ_CHECK(memchr(version, '\0', sizeof(version)));
	return 0;
}
