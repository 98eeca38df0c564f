// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/babeld_lines.h"

#include "base/cleanup.h"
#include "base/number.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define WORDS_MAX 32

/* One word of an event, or a pair of key and value. */
enum slot_type {
	SLOT_IGNORED,
	SLOT_ID,    /* hexadecimal, a pointer of babeld's */
	SLOT_HEX16, /* four hexadecimal digits */
	SLOT_COST,  /* 0 to 65535 */
	SLOT_RTT,   /* milliseconds with three decimals */
	SLOT_BOOL,  /* "true" or "false" */
	SLOT_YES,   /* "yes" or "no" */
	SLOT_LINK,
	SLOT_ADDRESS,
	SLOT_PREFIX,
	SLOT_ROUTER_ID, /* eight bytes with colons */
};

struct slot {
	const char *key; /* NULL: a word without key */
	enum slot_type type;
	size_t offset; /* in struct babeld_line */
	bool optional;
};

#define AT(member) offsetof(struct babeld_line, member)

static const struct slot interface_slots[] = {
	{ NULL, SLOT_LINK, AT(interface.name) },
	{ "up", SLOT_BOOL, AT(interface.up) },
	{ "ipv6", SLOT_ADDRESS, AT(interface.ipv6), .optional = true },
	{ "ipv4", SLOT_ADDRESS, AT(interface.ipv4), .optional = true },
};

static const struct slot neighbour_slots[] = {
	{ NULL, SLOT_ID, AT(neighbour.id) },
	{ "address", SLOT_ADDRESS, AT(neighbour.address) },
	{ "if", SLOT_LINK, AT(neighbour.link) },
	{ "reach", SLOT_HEX16, AT(neighbour.reach) },
	{ "ureach", SLOT_IGNORED },
	{ "rxcost", SLOT_COST, AT(neighbour.rxcost) },
	{ "txcost", SLOT_COST, AT(neighbour.txcost) },
	{ "rtt", SLOT_RTT, AT(neighbour), .optional = true },
	{ "rttcost", SLOT_IGNORED, .optional = true },
	{ "cost", SLOT_COST, AT(neighbour.cost) },
};

static const struct slot route_slots[] = {
	{ NULL, SLOT_ID, AT(route.id) },
	{ "prefix", SLOT_PREFIX, AT(route.prefix) },
	{ "from", SLOT_IGNORED },
	{ "installed", SLOT_YES, AT(route.installed) },
	{ "id", SLOT_ROUTER_ID, AT(route.router_id) },
	{ "metric", SLOT_COST, AT(route.metric) },
	{ "refmetric", SLOT_COST, AT(route.refmetric) },
	{ "via", SLOT_ADDRESS, AT(route.via) },
	{ "if", SLOT_LINK, AT(route.link) },
};

static const struct slot xroute_slots[] = {
	{ NULL, SLOT_IGNORED },
	{ "prefix", SLOT_PREFIX, AT(xroute) },
	{ "from", SLOT_IGNORED },
	{ "metric", SLOT_IGNORED },
};

static const struct {
	const char *name;
	const struct slot *slots;
	size_t slots_count;
} things[] = {
	[BABELD_INTERFACE] = { "interface", interface_slots, ARRAY_SIZE(interface_slots) },
	[BABELD_NEIGHBOUR] = { "neighbour", neighbour_slots, ARRAY_SIZE(neighbour_slots) },
	[BABELD_ROUTE] = { "route", route_slots, ARRAY_SIZE(route_slots) },
	[BABELD_XROUTE] = { "xroute", xroute_slots, ARRAY_SIZE(xroute_slots) },
};

static const char *const actions[] = {
	[BABELD_ADD] = "add",
	[BABELD_CHANGE] = "change",
	[BABELD_FLUSH] = "flush",
};

static int parse_hex(const char *text, size_t digits_max, uint64_t *ret)
{
	size_t length = strlen(text);
	uint64_t value = 0;

	if (length == 0 || length > digits_max)
		return -EINVAL;
	for (; *text; text++) {
		static const char digits[] = "0123456789abcdef";
		const char *digit = strchr(digits, *text);

		if (!digit)
			return -EINVAL;
		value = value << 4 | (uint64_t)(digit - digits);
	}
	*ret = value;
	return 0;
}

static int parse_id(const char *text, void *target)
{
	return parse_hex(text, 16, target);
}

static int parse_hex16(const char *text, void *target)
{
	uint64_t value;

	if (strlen(text) != 4 || parse_hex(text, 4, &value) < 0)
		return -EINVAL;
	*(uint16_t *)target = (uint16_t)value;
	return 0;
}

static int parse_cost(const char *text, void *target)
{
	uint64_t value;

	if (number_parse(text, BABEL_INFINITY, &value) < 0)
		return -EINVAL;
	*(uint16_t *)target = (uint16_t)value;
	return 0;
}

static int parse_rtt(const char *text, void *target)
{
	struct babel_neighbour *neighbour = target;
	const char *point = strchr(text, '.');
	char whole[8];
	uint64_t milliseconds;
	uint64_t rest = 0;

	if (!point || (size_t)(point - text) >= sizeof(whole) || strlen(point + 1) != 3)
		return -EINVAL;
	memcpy(whole, text, (size_t)(point - text));
	whole[point - text] = '\0';
	for (const char *digit = point + 1; *digit; digit++) {
		if (*digit < '0' || *digit > '9')
			return -EINVAL;
		rest = 10 * rest + (uint64_t)(*digit - '0');
	}
	if (number_parse(whole, UINT32_MAX / 1000 - 1, &milliseconds) < 0)
		return -EINVAL;
	neighbour->has_rtt = true;
	neighbour->rtt_usec = (uint32_t)(milliseconds * 1000 + rest);
	return 0;
}

static int parse_either(const char *text, const char *yes, const char *no, bool *ret)
{
	bool value = strcmp(text, yes) == 0;

	if (!value && strcmp(text, no) != 0)
		return -EINVAL;
	*ret = value;
	return 0;
}

static int parse_bool(const char *text, void *target)
{
	return parse_either(text, "true", "false", target);
}

static int parse_yes(const char *text, void *target)
{
	return parse_either(text, "yes", "no", target);
}

static int parse_link(const char *text, void *target)
{
	size_t length = strlen(text);

	if (length >= IFNAME_SIZE)
		return -EINVAL;
	memcpy(target, text, length + 1);
	return 0;
}

static int parse_address(const char *text, void *target)
{
	return ip_address_parse(text, target);
}

static int parse_prefix(const char *text, void *target)
{
	return strchr(text, '/') ? ip_prefix_parse(text, target) : -EINVAL;
}

static int parse_router_id(const char *text, void *target)
{
	uint8_t *id = target;

	if (strlen(text) != 3 * BABEL_ROUTER_ID_SIZE - 1)
		return -EINVAL;
	for (size_t i = 0; i < BABEL_ROUTER_ID_SIZE; i++) {
		char digits[3] = { text[3 * i], text[3 * i + 1], '\0' };
		uint64_t value;

		if (parse_hex(digits, 2, &value) < 0 ||
		    (i + 1 < BABEL_ROUTER_ID_SIZE && text[3 * i + 2] != ':'))
			return -EINVAL;
		id[i] = (uint8_t)value;
	}
	return 0;
}

static int parse_ignored(const char *text, void *target)
{
	(void)target;
	return *text ? 0 : -EINVAL;
}

typedef int slot_parse_fn(const char *text, void *target);
static slot_parse_fn *const slot_parsers[] = {
	[SLOT_IGNORED] = parse_ignored,
	[SLOT_ID] = parse_id,
	[SLOT_HEX16] = parse_hex16,
	[SLOT_COST] = parse_cost,
	[SLOT_RTT] = parse_rtt,
	[SLOT_BOOL] = parse_bool,
	[SLOT_YES] = parse_yes,
	[SLOT_LINK] = parse_link,
	[SLOT_ADDRESS] = parse_address,
	[SLOT_PREFIX] = parse_prefix,
	[SLOT_ROUTER_ID] = parse_router_id,
};

/* The words behind "add route", in the order of @slots. */
static int parse_slots(char *const *words, size_t count, const struct slot *slots,
		       size_t slots_count, struct babeld_line *line)
{
	size_t next = 0;

	for (size_t i = 0; i < slots_count; i++) {
		const struct slot *slot = &slots[i];

		if (slot->key) {
			if (next == count || strcmp(words[next], slot->key) != 0) {
				if (slot->optional)
					continue;
				return -EINVAL;
			}
			next++;
		}
		if (next == count ||
		    slot_parsers[slot->type](words[next], (char *)line + slot->offset) < 0)
			return -EINVAL;
		next++;
	}
	return next == count ? 0 : -EINVAL;
}

static int parse_event(char *const *words, size_t count, struct babeld_line *line)
{
	size_t action = 0;
	size_t thing = 0;

	if (count < 2)
		return -EINVAL;
	while (action < ARRAY_SIZE(actions) && strcmp(words[0], actions[action]) != 0)
		action++;
	while (thing < ARRAY_SIZE(things) && strcmp(words[1], things[thing].name) != 0)
		thing++;
	if (action == ARRAY_SIZE(actions) || thing == ARRAY_SIZE(things))
		return -EINVAL;
	line->type = BABELD_LINE_EVENT;
	line->action = (enum babeld_action)action;
	line->thing = (enum babeld_thing)thing;
	return parse_slots(words + 2, count - 2, things[thing].slots, things[thing].slots_count,
			   line);
}

/* Printable ASCII, single blanks between words. */
static int split(char *text, size_t length, char *words[WORDS_MAX], size_t *ret)
{
	size_t count = 0;
	bool in_word = false;

	for (size_t i = 0; i < length; i++) {
		if (text[i] < ' ' || text[i] > '~' || (text[i] == ' ' && !in_word))
			return -EINVAL;
		if (text[i] == ' ') {
			text[i] = '\0';
			in_word = false;
			continue;
		}
		if (!in_word && count == WORDS_MAX)
			return -EINVAL;
		if (!in_word)
			words[count++] = text + i;
		in_word = true;
	}
	if (!in_word)
		return -EINVAL;
	*ret = count;
	return 0;
}

static const struct {
	const char *word;
	enum babeld_line_type type;
} headers[] = {
	{ "version", BABELD_LINE_VERSION },
	{ "host", BABELD_LINE_HOST },
};

static int parse_words(char *const *words, size_t count, struct babeld_line *line)
{
	if (count == 1 && strcmp(words[0], "ok") == 0) {
		line->type = BABELD_LINE_OK;
		return 0;
	}
	if (count == 1 && strcmp(words[0], "bad") == 0) {
		line->type = BABELD_LINE_BAD;
		return 0;
	}
	if (count == 2 && strcmp(words[0], "BABEL") == 0) {
		line->type = BABELD_LINE_GREETING;
		return strcmp(words[1], "1.0") == 0 ? 0 : -EINVAL;
	}
	if (count == 2 && strcmp(words[0], "my-id") == 0) {
		line->type = BABELD_LINE_MY_ID;
		return parse_router_id(words[1], line->router_id);
	}
	for (size_t i = 0; count == 2 && i < ARRAY_SIZE(headers); i++)
		if (strcmp(words[0], headers[i].word) == 0) {
			line->type = headers[i].type;
			(void)snprintf(line->text, sizeof(line->text), "%s", words[1]);
			return 0;
		}
	return parse_event(words, count, line);
}

int babeld_line_parse(const char *text, size_t length, struct babeld_line *ret)
{
	struct babeld_line line = { 0 };
	char copy[BABELD_LINE_MAX + 1];
	char *words[WORDS_MAX];
	size_t count;

	if (length == 0 || length > BABELD_LINE_MAX)
		return -EINVAL;
	memcpy(copy, text, length);
	copy[length] = '\0';
	if (split(copy, length, words, &count) < 0)
		return -EINVAL;
	if (strcmp(words[0], "no") == 0) {
		line.type = BABELD_LINE_NO;
		if (count > 1)
			(void)snprintf(line.text, sizeof(line.text), "%.*s", (int)length - 3,
				       text + 3);
	} else if (parse_words(words, count, &line) < 0) {
		return -EINVAL;
	}
	*ret = line;
	return 0;
}

static const char *version_number(const char *text, unsigned *ret)
{
	size_t length = strspn(text, "0123456789");
	char digits[5];
	uint64_t value;

	if (length >= sizeof(digits))
		return NULL;
	memcpy(digits, text, length);
	digits[length] = '\0';
	if (number_parse(digits, 9999, &value) < 0)
		return NULL;
	*ret = (unsigned)value;
	return text + length;
}

bool babeld_version_at_least(const char *version, unsigned major, unsigned minor)
{
	static const char prefix[] = "babeld-";
	unsigned found_major = 0;
	unsigned found_minor = 0;
	const char *rest;

	if (strncmp(version, prefix, sizeof(prefix) - 1) != 0)
		return false;
	rest = version_number(version + sizeof(prefix) - 1, &found_major);
	if (!rest || *rest != '.' || !version_number(rest + 1, &found_minor))
		return false;
	return found_major > major || (found_major == major && found_minor >= minor);
}
