// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/audit.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define USEC_PER_SEC 1000000ull
#define BITS_PER_WORD 64

/* What is known about the node at the end of one or more tunnels. */
struct neighbour {
	uint8_t router_id[BABEL_ROUTER_ID_SIZE];
	uint64_t second; /* that @packets were counted in */
	unsigned packets;
	char link[IFNAME_SIZE]; /* where the last of them came from */
	uint64_t *bitmap;	/* hashes of prefixes that it may not announce; NULL: none */
	unsigned bits_set;
	uint64_t prefixes_q16;			     /* estimate of their number, in 1/65536 */
	struct audit_finding *findings[AUDIT_KINDS]; /* NULL: none */
};

struct audit {
	uint64_t seed;
	audit_tell_fn *tell;
	void *userdata;
	struct grants *grants;
	struct neighbour *neighbours; /* by router-id */
	size_t neighbours_count;
	struct audit_name *names; /* by router-id */
	size_t names_count;
	uint64_t due_usec; /* before that nothing changes by itself */
};

static const struct {
	const char *name;
	uint64_t grace_usec; /* from the first time until it is a problem */
} kinds[AUDIT_KINDS] = {
	[AUDIT_DEFAULT_ROUTE] = { "default-route", 0 },
	[AUDIT_UNGRANTED] = { "ungranted", AUDIT_LATE_USEC },
	[AUDIT_PART] = { "part", AUDIT_SOON_USEC },
	[AUDIT_WRONG_ORIGIN] = { "wrong-origin", AUDIT_SOON_USEC },
	[AUDIT_UNKNOWN_ORIGIN] = { "unknown-origin", AUDIT_LATE_USEC },
	[AUDIT_TRANSIT] = { "transit", AUDIT_SOON_USEC },
	[AUDIT_SOURCE_SPECIFIC] = { "source-specific", AUDIT_SOON_USEC },
	[AUDIT_TOO_MANY] = { "too-many", 0 },
	[AUDIT_FLOOD] = { "flood", 0 },
	[AUDIT_MALFORMED] = { "malformed", AUDIT_SOON_USEC },
};

const char *audit_kind_name(enum audit_kind kind)
{
	return kinds[kind].name;
}

static const enum audit_kind kind_of[] = {
	[OFFENCE_DEFAULT_ROUTE] = AUDIT_DEFAULT_ROUTE,
	[OFFENCE_UNGRANTED] = AUDIT_UNGRANTED,
	[OFFENCE_PART] = AUDIT_PART,
	[OFFENCE_WRONG_ORIGIN] = AUDIT_WRONG_ORIGIN,
	[OFFENCE_UNKNOWN_ORIGIN] = AUDIT_UNKNOWN_ORIGIN,
	[OFFENCE_TRANSIT] = AUDIT_TRANSIT,
	[OFFENCE_SOURCE_SPECIFIC] = AUDIT_SOURCE_SPECIFIC,
};

/* Structures that begin with a router-id. */
static int compare_ids(const void *a, const void *b)
{
	return memcmp(a, b, BABEL_ROUTER_ID_SIZE);
}

struct audit *audit_new(uint64_t seed, audit_tell_fn *tell, void *userdata)
{
	static const uint8_t nobody[BABEL_ROUTER_ID_SIZE] = { 0 };
	const struct babel_policy nothing = { 0 };
	struct audit *audit = NEW(struct audit);

	audit->seed = seed;
	audit->tell = tell;
	audit->userdata = userdata;
	audit->due_usec = UINT64_MAX;
	audit->grants = grants_new(&nothing, nobody);
	return audit;
}

static void forget_prefixes(struct neighbour *neighbour)
{
	free(TAKE(neighbour->bitmap));
	neighbour->bits_set = 0;
	neighbour->prefixes_q16 = 0;
}

static void neighbour_done(struct neighbour *neighbour)
{
	for (size_t i = 0; i < AUDIT_KINDS; i++)
		free(neighbour->findings[i]);
	forget_prefixes(neighbour);
}

void audit_free(struct audit *audit)
{
	if (!audit)
		return;
	for (size_t i = 0; i < audit->neighbours_count; i++)
		neighbour_done(&audit->neighbours[i]);
	free(audit->neighbours);
	free(audit->names);
	grants_free(audit->grants);
	free(audit);
}

static struct neighbour *find_neighbour(const struct audit *audit,
					const uint8_t router_id[BABEL_ROUTER_ID_SIZE])
{
	return audit->neighbours_count == 0
		       ? NULL
		       : bsearch(router_id, audit->neighbours, audit->neighbours_count,
				 sizeof(struct neighbour), compare_ids);
}

static void end_finding(struct audit *audit, struct neighbour *neighbour, size_t kind)
{
	CLEANUP(free) struct audit_finding *finding = TAKE(neighbour->findings[kind]);

	if (finding->is_problem)
		audit->tell(audit->userdata, AUDIT_ENDED, finding);
	for (size_t i = 0; i < AUDIT_KINDS; i++)
		if (neighbour->findings[i])
			return;
	forget_prefixes(neighbour);
}

static void end_findings(struct audit *audit, struct neighbour *neighbour)
{
	for (size_t i = 0; i < AUDIT_KINDS; i++)
		if (neighbour->findings[i])
			end_finding(audit, neighbour, i);
}

/* Is it still the same offence? */
static bool still_offends(const struct audit *audit, const struct audit_finding *finding,
			  const struct audit_sample *sample)
{
	const struct grants_link *link = grants_find_link(audit->grants, finding->link);
	struct babel_update update = { .prefix = sample->prefix, .source = sample->source };
	const struct grant *grant;
	enum offence offence;

	if (!link)
		return false;
	memcpy(update.router_id, sample->router_id, sizeof(update.router_id));
	offence = grants_judge(audit->grants, link, &update, &grant);
	return offence != OFFENCE_NONE && kind_of[offence] == finding->kind;
}

/* A new policy may explain what the old one did not. Findings without samples are not about it. */
static void judge_again(struct audit *audit, struct neighbour *neighbour)
{
	for (size_t i = 0; i < AUDIT_KINDS; i++) {
		struct audit_finding *finding = neighbour->findings[i];
		unsigned kept = 0;

		if (!finding || finding->samples_count == 0)
			continue;
		for (unsigned j = 0; j < finding->samples_count; j++)
			if (still_offends(audit, finding, &finding->samples[j]))
				finding->samples[kept++] = finding->samples[j];
		finding->samples_count = kept;
		if (kept == 0)
			end_finding(audit, neighbour, i);
	}
}

/* One neighbour for all tunnels to the same node. */
static void make_neighbours(struct audit *audit)
{
	const struct grants_link *links;
	size_t count = grants_links(audit->grants, &links);
	size_t kept = 0;

	audit->neighbours = NEW_ARRAY(struct neighbour, count);
	for (size_t i = 0; i < count; i++)
		memcpy(audit->neighbours[i].router_id, links[i].router_id, BABEL_ROUTER_ID_SIZE);
	if (count > 0)
		qsort(audit->neighbours, count, sizeof(struct neighbour), compare_ids);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 ||
		    compare_ids(&audit->neighbours[kept - 1], &audit->neighbours[i]) != 0)
			audit->neighbours[kept++] = audit->neighbours[i];
	audit->neighbours_count = kept;
}

static void set_names(struct audit *audit, const struct audit_name *names, size_t count)
{
	free(audit->names);
	audit->names = count ? memory_dup(names, count * sizeof(*names)) : NULL;
	audit->names_count = count;
	if (count)
		qsort(audit->names, count, sizeof(*names), compare_ids);
}

void audit_set_policy(struct audit *audit, const struct babel_policy *policy,
		      const uint8_t own_id[BABEL_ROUTER_ID_SIZE], const struct audit_name *names,
		      size_t names_count, uint64_t now_usec)
{
	CLEANUP(free) struct neighbour *before = audit->neighbours;
	size_t before_count = audit->neighbours_count;

	grants_free(audit->grants);
	audit->grants = grants_new(policy, own_id);
	make_neighbours(audit);
	for (size_t i = 0; i < before_count; i++) {
		struct neighbour *after = find_neighbour(audit, before[i].router_id);

		if (after) {
			*after = before[i];
			judge_again(audit, after);
		} else {
			end_findings(audit, &before[i]);
			neighbour_done(&before[i]);
		}
	}
	/* Those that have gone are told by their old names. */
	set_names(audit, names, names_count);
	(void)audit_tick(audit, now_usec);
}

static struct audit_finding *finding_get(struct audit *audit, struct neighbour *neighbour,
					 enum audit_kind kind, uint64_t now_usec)
{
	uint64_t due_usec = now_usec + kinds[kind].grace_usec;
	struct audit_finding *finding = neighbour->findings[kind];

	if (finding)
		return finding;
	finding = neighbour->findings[kind] = NEW(struct audit_finding);
	memcpy(finding->router_id, neighbour->router_id, sizeof(finding->router_id));
	finding->kind = kind;
	finding->first_usec = now_usec;
	if (audit->due_usec > due_usec)
		audit->due_usec = due_usec;
	return finding;
}

static struct audit_finding *found(struct audit *audit, struct neighbour *neighbour,
				   enum audit_kind kind, uint64_t hold_usec, uint64_t now_usec)
{
	struct audit_finding *finding = finding_get(audit, neighbour, kind, now_usec);

	memcpy(finding->link, neighbour->link, sizeof(finding->link));
	finding->count++;
	finding->last_usec = now_usec;
	if (finding->until_usec < now_usec + hold_usec)
		finding->until_usec = now_usec + hold_usec;
	return finding;
}

static bool same_sample(const struct audit_sample *a, const struct audit_sample *b)
{
	return ip_prefix_compare(&a->prefix, &b->prefix) == 0 &&
	       ip_prefix_compare(&a->source, &b->source) == 0 &&
	       memcmp(a->router_id, b->router_id, sizeof(a->router_id)) == 0;
}

/* To the front; the oldest is dropped. */
static void add_sample(struct audit_finding *finding, const struct audit_sample *sample)
{
	unsigned place = 0;

	while (place < finding->samples_count && !same_sample(&finding->samples[place], sample))
		place++;
	if (place == finding->samples_count && place < AUDIT_SAMPLES)
		finding->samples_count++;
	if (place == AUDIT_SAMPLES)
		place--;
	memmove(&finding->samples[1], &finding->samples[0], place * sizeof(*sample));
	finding->samples[0] = *sample;
}

static uint64_t hash_prefix(const struct ip_prefix *prefix, uint64_t seed)
{
	uint64_t words[3] = { 0, 0, (uint64_t)prefix->address.family << 8 | prefix->length };

	memcpy(words, prefix->address.bytes, sizeof(prefix->address.bytes));
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		seed = (seed ^ words[i]) * 0x9e3779b97f4a7c15;
		seed ^= seed >> 32;
	}
	return seed;
}

/*
 * Linear counting: each bit that is set anew stands for as many prefixes as it took on average to
 * hit one, the inverse of the share of bits that were still clear.
 */
static uint64_t count_prefix(struct neighbour *neighbour, const struct ip_prefix *prefix,
			     uint64_t seed)
{
	uint64_t bit = hash_prefix(prefix, seed) % AUDIT_BITMAP_BITS;
	uint64_t mask = 1ull << bit % BITS_PER_WORD;

	if (!neighbour->bitmap)
		neighbour->bitmap = NEW_ARRAY(uint64_t, AUDIT_BITMAP_BITS / BITS_PER_WORD);
	if (!(neighbour->bitmap[bit / BITS_PER_WORD] & mask)) {
		neighbour->bitmap[bit / BITS_PER_WORD] |= mask;
		neighbour->prefixes_q16 +=
			65536ull * AUDIT_BITMAP_BITS / (AUDIT_BITMAP_BITS - neighbour->bits_set++);
	}
	return neighbour->prefixes_q16 >> 16;
}

/* Routes are kept for three and a half intervals (RFC 8966, appendix B). */
static uint64_t hold_of(const struct babel_update *update)
{
	uint64_t hold = update->interval_centiseconds * (USEC_PER_SEC / 100) * 7 / 2;

	if (hold > AUDIT_FORGET_MAX_USEC)
		return AUDIT_FORGET_MAX_USEC;
	return hold > AUDIT_FORGET_USEC ? hold : AUDIT_FORGET_USEC;
}

static void audit_update(struct audit *audit, struct neighbour *neighbour,
			 const struct grants_link *link, const struct babel_update *update,
			 uint64_t now_usec)
{
	struct audit_sample sample = { .prefix = update->prefix, .source = update->source };
	const struct grant *grant;
	enum offence offence;

	if (update->metric == BABEL_METRIC_INFINITY)
		return;
	offence = grants_judge(audit->grants, link, update, &grant);
	if (offence == OFFENCE_NONE)
		return;
	memcpy(sample.router_id, update->router_id, sizeof(sample.router_id));
	sample.has_grant = grant != NULL;
	if (grant)
		sample.grant = *grant;
	add_sample(found(audit, neighbour, kind_of[offence], hold_of(update), now_usec), &sample);
	if (count_prefix(neighbour, &update->prefix, audit->seed) > AUDIT_PREFIXES_MAX)
		(void)found(audit, neighbour, AUDIT_TOO_MANY, hold_of(update), now_usec);
}

static void count_packet(struct audit *audit, struct neighbour *neighbour,
			 const struct grants_link *link, uint64_t now_usec)
{
	if (neighbour->second != now_usec / USEC_PER_SEC) {
		neighbour->second = now_usec / USEC_PER_SEC;
		neighbour->packets = 0;
	}
	memcpy(neighbour->link, link->name, sizeof(neighbour->link));
	if (++neighbour->packets > AUDIT_PACKETS_PER_SECOND_MAX)
		(void)found(audit, neighbour, AUDIT_FLOOD, AUDIT_FORGET_USEC, now_usec);
}

void audit_packet(struct audit *audit, const char *link_name, const void *bytes, size_t size,
		  uint64_t now_usec)
{
	const struct grants_link *link = grants_find_link(audit->grants, link_name);
	struct neighbour *neighbour = link ? find_neighbour(audit, link->router_id) : NULL;
	struct babel_packet packet = { .malformed = 1 };
	struct babel_update update;

	if (!neighbour)
		return;
	count_packet(audit, neighbour, link, now_usec);
	if (babel_packet_open(bytes, size, &packet) == 0)
		while (babel_packet_next(&packet, &update))
			audit_update(audit, neighbour, link, &update, now_usec);
	if (packet.malformed)
		(void)found(audit, neighbour, AUDIT_MALFORMED, AUDIT_FORGET_USEC, now_usec);
}

void audit_overrun(struct audit *audit, uint64_t now_usec)
{
	struct neighbour *most = NULL;
	uint64_t all = 0;

	for (size_t i = 0; i < audit->neighbours_count; i++) {
		struct neighbour *neighbour = &audit->neighbours[i];

		if (neighbour->second != now_usec / USEC_PER_SEC)
			continue;
		all += neighbour->packets;
		if (!most || neighbour->packets > most->packets)
			most = neighbour;
	}
	if (most && most->packets > AUDIT_PACKETS_PER_SECOND_FEW && 2ull * most->packets > all)
		(void)found(audit, most, AUDIT_FLOOD, AUDIT_FORGET_USEC, now_usec);
}

/* Returns when it has to be looked at next. */
static uint64_t tick_finding(struct audit *audit, struct audit_finding *finding, uint64_t now_usec)
{
	uint64_t due = finding->is_problem ? finding->told_usec + AUDIT_REPEAT_USEC
					   : finding->first_usec + kinds[finding->kind].grace_usec;

	if (due <= now_usec) {
		audit->tell(audit->userdata, finding->is_problem ? AUDIT_LASTS : AUDIT_BEGAN,
			    finding);
		finding->is_problem = true;
		finding->told_usec = now_usec;
		due = now_usec + AUDIT_REPEAT_USEC;
	}
	return due < finding->until_usec ? due : finding->until_usec;
}

static void tick_neighbour(struct audit *audit, struct neighbour *neighbour, uint64_t now_usec)
{
	for (size_t i = 0; i < AUDIT_KINDS; i++) {
		struct audit_finding *finding = neighbour->findings[i];
		uint64_t due_usec;

		if (finding && finding->until_usec <= now_usec) {
			end_finding(audit, neighbour, i);
		} else if (finding) {
			due_usec = tick_finding(audit, finding, now_usec);
			if (audit->due_usec > due_usec)
				audit->due_usec = due_usec;
		}
	}
}

uint64_t audit_tick(struct audit *audit, uint64_t now_usec)
{
	if (audit->due_usec > now_usec)
		return audit->due_usec;
	audit->due_usec = UINT64_MAX;
	for (size_t i = 0; i < audit->neighbours_count; i++)
		tick_neighbour(audit, &audit->neighbours[i], now_usec);
	return audit->due_usec;
}

const struct audit_finding *audit_finding(const struct audit *audit, size_t index)
{
	for (size_t i = 0; i < audit->neighbours_count; i++)
		for (size_t j = 0; j < AUDIT_KINDS; j++)
			if (audit->neighbours[i].findings[j] && index-- == 0)
				return audit->neighbours[i].findings[j];
	return NULL;
}

uint64_t audit_prefixes(const struct audit *audit, const struct audit_finding *finding)
{
	const struct neighbour *neighbour = find_neighbour(audit, finding->router_id);

	return neighbour ? neighbour->prefixes_q16 >> 16 : 0;
}

bool audit_refuses(const struct audit *audit, const char *link, const struct ip_prefix *prefix)
{
	const struct grants_link *known = grants_find_link(audit->grants, link);

	return !known || !grants_allow(audit->grants, known, prefix);
}

const char *audit_name(const struct audit *audit, const uint8_t router_id[BABEL_ROUTER_ID_SIZE])
{
	const struct audit_name *name =
		audit->names_count == 0 ? NULL
					: bsearch(router_id, audit->names, audit->names_count,
						  sizeof(*audit->names), compare_ids);

	return name ? name->name : NULL;
}
