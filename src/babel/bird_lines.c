// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/bird_lines.h"

#include "base/cleanup.h"
#include "base/number.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CODE_DIGITS 4
#define WORDS_MAX 12
#define HELLOS_MAX 16

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Printable ASCII and the tabulators of continued routes. */
static bool is_clean(const char *line, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((line[i] < ' ' && line[i] != '\t') || line[i] > '~')
			return false;
	return true;
}

int bird_line_parse(const char *line, size_t length, struct bird_line *ret)
{
	struct bird_line parsed = { 0 };

	if (length == 0 || length > BIRD_LINE_MAX || !is_clean(line, length))
		return -EINVAL;
	if (line[0] == '+' || line[0] == ' ') {
		parsed.is_unasked = line[0] == '+';
		parsed.text = line + 1;
		*ret = parsed;
		return 0;
	}
	if (length <= CODE_DIGITS)
		return -EINVAL;
	for (unsigned i = 0; i < CODE_DIGITS; i++) {
		if (!is_digit(line[i]))
			return -EINVAL;
		parsed.code = 10 * parsed.code + (unsigned)(line[i] - '0');
	}
	if (line[CODE_DIGITS] != ' ' && line[CODE_DIGITS] != '-')
		return -EINVAL;
	parsed.is_code = true;
	parsed.is_last = line[CODE_DIGITS] == ' ';
	parsed.text = line + CODE_DIGITS + 1;
	*ret = parsed;
	return 0;
}

int bird_greeting_parse(const char *text, char ret[BABEL_VERSION_SIZE])
{
	char version[BABEL_VERSION_SIZE - 8];
	int end = 0;

	(void)sscanf(text, "BIRD %55[0-9a-zA-Z.+~_-] ready.%n", version, &end);
	if (end == 0 || text[end] || !is_digit(version[0]))
		return -EINVAL;
	(void)snprintf(ret, BABEL_VERSION_SIZE, "bird-%s", version);
	return 0;
}

/* Cuts a copy at blanks. The number of words, or WORDS_MAX + 1 if there are more. */
static unsigned split(char *text, char *words[WORDS_MAX])
{
	unsigned count = 0;
	char *rest = NULL;

	for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		if (count == WORDS_MAX)
			return WORDS_MAX + 1;
		words[count++] = word;
	}
	return count;
}

static int read_cost(const char *text, uint16_t *ret)
{
	uint64_t value;

	if (number_parse(text, BABEL_INFINITY, &value) < 0)
		return -EINVAL;
	*ret = (uint16_t)value;
	return 0;
}

static int read_link(const char *text, char ret[IFNAME_SIZE])
{
	size_t length = strlen(text);

	if (length >= IFNAME_SIZE)
		return -EINVAL;
	memcpy(ret, text, length + 1);
	return 0;
}

/* A number of seconds or milliseconds with three decimals, in thousandths. */
static int read_thousandths(const char *text, uint32_t *ret)
{
	const char *point = strchr(text, '.');
	char digits[12] = "";
	uint64_t value;

	if (!point || (size_t)(point - text) > 7 || point == text || strlen(point + 1) != 3)
		return -EINVAL;
	memcpy(digits, text, (size_t)(point - text));
	memcpy(digits + (point - text), point + 1, 3);
	for (size_t i = 0; digits[i]; i++)
		if (!is_digit(digits[i]))
			return -EINVAL;
	/* Without leading zeros, which are no number elsewhere. */
	if (number_parse(digits + strspn(digits, "0"), UINT32_MAX, &value) < 0)
		value = 0;
	*ret = (uint32_t)value;
	return 0;
}

/* "00:00:00:00:63:63:63:63" */
static int read_router_id(const char *text, uint8_t ret[BABEL_ROUTER_ID_SIZE])
{
	if (strlen(text) != 3 * BABEL_ROUTER_ID_SIZE - 1)
		return -EINVAL;
	for (size_t i = 0; i < BABEL_ROUTER_ID_SIZE; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *high = strchr(digits, text[3 * i]);
		const char *low = strchr(digits, text[3 * i + 1]);

		if (!high || !*high || !low || !*low ||
		    (i + 1 < BABEL_ROUTER_ID_SIZE && text[3 * i + 2] != ':'))
			return -EINVAL;
		ret[i] = (uint8_t)((high - digits) << 4 | (low - digits));
	}
	return 0;
}

static int read_prefix(const char *text, struct ip_prefix *ret)
{
	return strchr(text, '/') ? ip_prefix_parse(text, ret) : -EINVAL;
}

/* The heading of a protocol ("aronet_babel:"), of columns (@first), or an empty line. */
static bool is_heading(char *const *words, unsigned count, const char *first)
{
	return count == 0 || strcmp(words[0], first) == 0 ||
	       (count == 1 && words[0][strlen(words[0]) - 1] == ':');
}

/* BIRD's own words for a protocol that is starting. */
static bool is_not_up(char *const *words, unsigned count)
{
	return count == 4 && !strcmp(words[1], "is") && !strcmp(words[2], "not") &&
	       !strcmp(words[3], "up");
}

static int copy_line(const char *text, char copy[BIRD_LINE_MAX + 1])
{
	size_t length = strlen(text);

	if (length > BIRD_LINE_MAX || !is_clean(text, length))
		return -EINVAL;
	memcpy(copy, text, length + 1);
	return 0;
}

/* Address, interface, cost, routes, hellos, expiry, authentication, RTT. */
#define NEIGHBOUR_WORDS 8

int bird_neighbour_parse(const char *text, struct babel_neighbour *ret)
{
	struct babel_neighbour neighbour = { .has_rtt = true };
	char copy[BIRD_LINE_MAX + 1];
	char *words[WORDS_MAX];
	uint64_t routes, hellos;
	uint32_t expiry;
	unsigned count;

	if (copy_line(text, copy) < 0)
		return -EINVAL;
	count = split(copy, words);
	if (count <= WORDS_MAX && (is_heading(words, count, "IP") || is_not_up(words, count)))
		return BIRD_ROW_NONE;
	if (count != NEIGHBOUR_WORDS || ip_address_parse(words[0], &neighbour.address) < 0 ||
	    read_link(words[1], neighbour.link) < 0 || read_cost(words[2], &neighbour.cost) < 0 ||
	    number_parse(words[3], UINT32_MAX, &routes) < 0 ||
	    number_parse(words[4], HELLOS_MAX, &hellos) < 0 ||
	    read_thousandths(words[5], &expiry) < 0 ||
	    (strcmp(words[6], "Yes") != 0 && strcmp(words[6], "No") != 0) ||
	    read_thousandths(words[7], &neighbour.rtt_usec) < 0)
		return -EINVAL;
	neighbour.reach = (uint16_t)(0xffff0000u >> hellos);
	neighbour.has_rtt = neighbour.rtt_usec > 0;
	*ret = neighbour;
	return BIRD_ROW_DATA;
}

/* Prefix, next hop, interface, metric, a mark unless it is a blank, sequence number, expiry. */
#define BABEL_ROUTE_WORDS 7

int bird_babel_route_parse(const char *text, struct babel_route *ret)
{
	struct babel_route route = { 0 };
	char copy[BIRD_LINE_MAX + 1];
	char *words[WORDS_MAX];
	uint16_t seqno;
	uint32_t expiry;
	unsigned count, mark;

	if (copy_line(text, copy) < 0)
		return -EINVAL;
	count = split(copy, words);
	if (count <= WORDS_MAX && (is_heading(words, count, "Prefix") || is_not_up(words, count)))
		return BIRD_ROW_NONE;
	if (count != BABEL_ROUTE_WORDS && count != BABEL_ROUTE_WORDS - 1)
		return -EINVAL;
	mark = count == BABEL_ROUTE_WORDS;
	if (read_prefix(words[0], &route.prefix) < 0 ||
	    ip_address_parse(words[1], &route.via) < 0 || read_link(words[2], route.link) < 0 ||
	    read_cost(words[3], &route.metric) < 0 ||
	    (mark && strcmp(words[4], "*") != 0 && strcmp(words[4], "+") != 0) ||
	    read_cost(words[4 + mark], &seqno) < 0 ||
	    read_thousandths(words[5 + mark], &expiry) < 0)
		return -EINVAL;
	route.installed = mark && strcmp(words[4], "*") == 0;
	*ret = route;
	return BIRD_ROW_DATA;
}

/* Prefix, router-id, metric, sequence number, routes, sources. */
#define ENTRY_WORDS 6

int bird_entry_parse(const char *text, uint8_t ret_router_id[BABEL_ROUTER_ID_SIZE],
		     uint16_t *ret_seqno)
{
	uint8_t router_id[BABEL_ROUTER_ID_SIZE];
	char copy[BIRD_LINE_MAX + 1];
	char *words[WORDS_MAX];
	struct ip_prefix prefix;
	uint16_t metric, seqno;
	unsigned count;

	if (copy_line(text, copy) < 0)
		return -EINVAL;
	count = split(copy, words);
	if (count <= WORDS_MAX && (is_heading(words, count, "Prefix") || is_not_up(words, count)))
		return BIRD_ROW_NONE;
	if (count == ENTRY_WORDS && !strcmp(words[1], "<none>"))
		return BIRD_ROW_NONE;
	if (count != ENTRY_WORDS || read_prefix(words[0], &prefix) < 0 ||
	    read_router_id(words[1], router_id) < 0 || read_cost(words[2], &metric) < 0 ||
	    read_cost(words[3], &seqno) < 0)
		return -EINVAL;
	memcpy(ret_router_id, router_id, sizeof(router_id));
	*ret_seqno = seqno;
	return BIRD_ROW_DATA;
}

/* "(130/96)": preference and metric. */
static int read_preference(const char *text, uint16_t *ret)
{
	char digits[8];
	unsigned preference;
	int end = 0;

	(void)sscanf(text, "(%5u/%7[0-9])%n", &preference, digits, &end);
	if (end == 0 || text[end])
		return -EINVAL;
	return read_cost(digits, ret);
}

/* "[00:00:00:00:63:63:63:63]" */
static int read_origin(char *word, uint8_t ret[BABEL_ROUTER_ID_SIZE])
{
	size_t length = strlen(word);

	if (length < 2 || word[0] != '[' || word[length - 1] != ']')
		return -EINVAL;
	word[length - 1] = '\0';
	return read_router_id(word + 1, ret);
}

/*
 * PREFIX unicast [PROTOCOL TIME] * (PREFERENCE/METRIC) [ROUTER-ID], where TIME is one or two words
 * and "*" is there or not; then lines with its next hops, which begin with a tabulator.
 */
int bird_route_parse(const char *text, struct babel_route *ret)
{
	struct babel_route route = { .installed = true };
	char copy[BIRD_LINE_MAX + 1];
	char *words[WORDS_MAX];
	unsigned count;

	if (text[0] == '\t')
		return BIRD_ROW_NONE;
	if (copy_line(text, copy) < 0)
		return -EINVAL;
	count = split(copy, words);
	if (count == 0 || (count == 2 && strcmp(words[0], "Table") == 0))
		return BIRD_ROW_NONE;
	if (count < 6 || count > WORDS_MAX || read_prefix(words[0], &route.prefix) < 0 ||
	    strcmp(words[1], "unicast") != 0 || words[2][0] != '[' ||
	    read_preference(words[count - 2], &route.metric) < 0 ||
	    read_origin(words[count - 1], route.router_id) < 0)
		return -EINVAL;
	*ret = route;
	return BIRD_ROW_DATA;
}
