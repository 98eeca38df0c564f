// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/generation.h"

#include "base/hex.h"
#include "base/memory.h"
#include "base/number.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

uint32_t generation_metric(uint64_t number)
{
	return GENERATION_METRIC_BASE + (uint32_t)(number % GENERATION_METRICS);
}

bool generation_has_metric(uint32_t metric)
{
	return metric >= GENERATION_METRIC_BASE &&
	       metric < GENERATION_METRIC_BASE + GENERATION_METRICS;
}

void generation_done(struct generation *generation)
{
	free(generation->interfaces);
	*generation = (struct generation) { 0 };
}

void generation_format(const struct generation *generation, struct strbuf *buffer)
{
	char id[BABEL_ROUTER_ID_TEXT_SIZE];
	char digest[2 * KEY_SIZE + 1];

	strbuf_printf(buffer, "generation %llu\npid %d\nprogram %s\ntable %u\n",
		      (unsigned long long)generation->number, (int)generation->pid,
		      speaker_program_name(generation->program), generation->table);
	if (generation->vrf[0])
		strbuf_printf(buffer, "vrf %s\n", generation->vrf);
	strbuf_printf(buffer, "router-id %s\ndigest %s\n",
		      hex_format(generation->router_id, sizeof(generation->router_id), id),
		      hex_format(generation->digest, sizeof(generation->digest), digest));
	if (generation->seqno_offset > 0)
		strbuf_printf(buffer, "seqno-offset %u\n", generation->seqno_offset);
	for (size_t i = 0; i < generation->interfaces_count; i++) {
		const struct babel_interface *interface = &generation->interfaces[i];

		strbuf_printf(buffer, "interface %s %u %u\n", interface->link, interface->rxcost,
			      interface->hello_interval_ms);
	}
}

static int read_number(const char *value, struct generation *generation)
{
	/* The next one must not wrap. */
	return number_parse(value, UINT64_MAX / 2, &generation->number);
}

static int read_pid(const char *value, struct generation *generation)
{
	uint64_t pid;

	if (number_parse(value, INT_MAX, &pid) < 0)
		return -EINVAL;
	generation->pid = (pid_t)pid;
	return 0;
}

static int read_program(const char *value, struct generation *generation)
{
	static const enum speaker_program programs[] = { SPEAKER_BABELD, SPEAKER_BIRD };

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		if (strcmp(value, speaker_program_name(programs[i])) == 0) {
			generation->program = programs[i];
			return 0;
		}
	return -EINVAL;
}

static int read_table(const char *value, struct generation *generation)
{
	uint64_t table;

	if (number_parse(value, UINT32_MAX, &table) < 0)
		return -EINVAL;
	generation->table = (uint32_t)table;
	return 0;
}

static int read_vrf(const char *value, struct generation *generation)
{
	if (!*value || strlen(value) >= sizeof(generation->vrf))
		return -EINVAL;
	memcpy(generation->vrf, value, strlen(value) + 1);
	return 0;
}

static int read_router_id(const char *value, struct generation *generation)
{
	return hex_parse(value, generation->router_id, sizeof(generation->router_id));
}

static int read_digest(const char *value, struct generation *generation)
{
	return hex_parse(value, generation->digest, sizeof(generation->digest));
}

static int read_u16(const char *text, uint16_t *ret)
{
	uint64_t value;

	if (!text || number_parse(text, UINT16_MAX, &value) < 0)
		return -EINVAL;
	*ret = (uint16_t)value;
	return 0;
}

static int read_seqno_offset(const char *value, struct generation *generation)
{
	return read_u16(value, &generation->seqno_offset);
}

static int read_interface(const char *value, struct generation *generation)
{
	struct babel_interface interface = { 0 };
	CLEANUP(free) char *copy = memory_strdup(value);
	char *rest = copy;
	const char *link = strsep(&rest, " ");
	const char *rxcost = strsep(&rest, " ");
	const char *hello = strsep(&rest, " ");

	if (!*link || strlen(link) >= sizeof(interface.link) || rest ||
	    read_u16(rxcost, &interface.rxcost) < 0 ||
	    read_u16(hello, &interface.hello_interval_ms) < 0 ||
	    generation->interfaces_count == GENERATION_INTERFACES_MAX)
		return -EINVAL;
	memcpy(interface.link, link, strlen(link));
	generation_put(generation, &interface);
	return 0;
}

static const struct {
	const char *key;
	int (*read)(const char *value, struct generation *generation);
} lines[] = {
	{ "generation", read_number },
	{ "pid", read_pid },
	{ "program", read_program },
	{ "table", read_table },
	{ "vrf", read_vrf },
	{ "router-id", read_router_id },
	{ "digest", read_digest },
	{ "seqno-offset", read_seqno_offset },
	{ "interface", read_interface },
};

static int read_line(char *line, struct generation *generation)
{
	char *value = line;
	const char *key = strsep(&value, " ");

	for (size_t i = 0; value && i < ARRAY_SIZE(lines); i++)
		if (strcmp(lines[i].key, key) == 0)
			return lines[i].read(value, generation);
	return -EINVAL;
}

int generation_parse(const char *text, struct generation *ret)
{
	/* What records said before there was another program. */
	CLEANUP(generation_done)
	struct generation generation = { .program = SPEAKER_BABELD, .table = ROUTE_TABLE_MAIN };
	CLEANUP(free) char *copy = memory_strdup(text);
	char *rest = copy;

	while (rest && *rest)
		if (read_line(strsep(&rest, "\n"), &generation) < 0)
			return -EINVAL;
	if (generation.number == 0)
		return -EINVAL;
	*ret = generation;
	generation = (struct generation) { 0 };
	return 0;
}

/* The first place whose interface is not before @link; *ret_same tells whether it is @link's. */
static size_t find_place(const struct generation *generation, const char *link, bool *ret_same)
{
	size_t low = 0;
	size_t high = generation->interfaces_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(generation->interfaces[middle].link, link) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_same = low < generation->interfaces_count &&
		    strcmp(generation->interfaces[low].link, link) == 0;
	return low;
}

const struct babel_interface *generation_find(const struct generation *generation, const char *link)
{
	bool is_there;
	size_t place = find_place(generation, link, &is_there);

	return is_there ? &generation->interfaces[place] : NULL;
}

void generation_put(struct generation *generation, const struct babel_interface *interface)
{
	bool is_there;
	size_t place = find_place(generation, interface->link, &is_there);
	size_t behind = generation->interfaces_count - place;

	if (!is_there) {
		(void)ARRAY_APPEND(generation->interfaces, generation->interfaces_count);
		memmove(&generation->interfaces[place + 1], &generation->interfaces[place],
			behind * sizeof(*interface));
	}
	generation->interfaces[place] = *interface;
}
