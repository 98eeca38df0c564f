// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/names.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define USEC_PER_SEC 1000000ull

struct entry {
	char name[HOST_NAME_SIZE];
	uint16_t family;
	struct ip_address address; /* the last good answer */
	uint64_t id;		   /* of the look-up under way; 0: none */
	uint64_t asked_usec;
	bool failed; /* the last look-up */
};

struct names {
	uv_loop_t *loop;
	uv_timer_t retry;
	names_changed_fn *changed;
	void *userdata;
	struct entry *entries; /* sorted by name and family */
	size_t count;
	uint64_t last_id;
	struct lookup *lookups; /* under way; each will still call back */
	bool closing;
	bool timer_closed;
};

struct lookup {
	struct lookup *next, *previous;
	uv_getaddrinfo_t request;
	struct names *names;
	char name[HOST_NAME_SIZE];
	uint16_t family;
	uint64_t id;
};

static void free_when_quiet(struct names *names)
{
	if (!names->timer_closed || names->lookups)
		return;
	free(names->entries);
	free(names);
}

/* What an entry is found by. */
struct key {
	const char *name;
	uint16_t family;
};

static int compare_names(const char *name, uint16_t family, const char *other,
			 uint16_t other_family)
{
	int order = strcmp(name, other);

	return order ? order : (int)family - (int)other_family;
}

static int compare_key_with_entry(const void *key, const void *entry)
{
	const struct key *wanted = key;
	const struct entry *known = entry;

	return compare_names(wanted->name, wanted->family, known->name, known->family);
}

static struct entry *find(struct names *names, const char *name, uint16_t family)
{
	const struct key key = { name, family };

	if (names->count == 0)
		return NULL;
	return bsearch(&key, names->entries, names->count, sizeof(names->entries[0]),
		       compare_key_with_entry);
}

/* The entry that waits for this answer; NULL if the name was dropped, even if it came back. */
static struct entry *find_asking(struct names *names, const struct lookup *lookup)
{
	struct entry *entry = find(names, lookup->name, lookup->family);

	return entry && entry->id == lookup->id ? entry : NULL;
}

/* An endpoint is another host: what resolves to this one, to nothing or to many is a mistake. */
static bool is_unicast_elsewhere(const struct ip_address *address)
{
	static const struct ip_prefix never[] = {
		{ { AF_INET, { 0 } }, 8 },
		{ { AF_INET, { 127 } }, 8 },
		{ { AF_INET, { 224 } }, 3 },
		{ { AF_INET6, { 0 } }, 127 }, /* :: and ::1 */
		{ { AF_INET6, { 0xfe, 0x80 } }, 10 },
		{ { AF_INET6, { 0xff } }, 8 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(never); i++)
		if (ip_prefix_contains_address(&never[i], address))
			return false;
	return true;
}

static void answer(struct names *names, struct entry *entry, const struct addrinfo *result)
{
	struct ip_endpoint endpoint = { 0 };
	bool known = ip_address_present(&entry->address);

	entry->id = 0;
	entry->failed = !result || ip_endpoint_from_sockaddr(result->ai_addr, &endpoint) < 0 ||
			!is_unicast_elsewhere(&endpoint.address);
	if (entry->failed)
		return; /* the last good address stays */
	/* Several addresses come in any order: the one in use is kept while it is among them. */
	for (const struct addrinfo *other = result; known && other; other = other->ai_next) {
		struct ip_endpoint candidate;

		if (ip_endpoint_from_sockaddr(other->ai_addr, &candidate) == 0 &&
		    ip_address_compare(&candidate.address, &entry->address) == 0)
			return;
	}
	entry->address = endpoint.address;
	names->changed(names->userdata);
}

static void keep(struct lookup *lookup)
{
	struct names *names = lookup->names;

	lookup->next = names->lookups;
	if (lookup->next)
		lookup->next->previous = lookup;
	names->lookups = lookup;
}

/* Thousands may be under way, and answers come in any order: nothing is searched. */
static void drop(struct lookup *lookup)
{
	if (lookup->next)
		lookup->next->previous = lookup->previous;
	if (lookup->previous)
		lookup->previous->next = lookup->next;
	else
		lookup->names->lookups = lookup->next;
}

static void looked_up(uv_getaddrinfo_t *request, int status, struct addrinfo *result)
{
	struct lookup *lookup = request->data;
	struct names *names = lookup->names;
	struct entry *entry = find_asking(names, lookup);

	drop(lookup);
	if (entry && !names->closing)
		answer(names, entry, status == 0 ? result : NULL);
	uv_freeaddrinfo(result);
	free(lookup);
	if (names->closing)
		free_when_quiet(names);
}

static void look_up(struct names *names, struct entry *entry)
{
	struct lookup *lookup = NEW(struct lookup);
	struct addrinfo hints = { .ai_family = entry->family, .ai_socktype = SOCK_DGRAM };

	lookup->names = names;
	memcpy(lookup->name, entry->name, sizeof(lookup->name));
	lookup->family = entry->family;
	lookup->id = entry->id = ++names->last_id;
	lookup->request.data = lookup;
	entry->asked_usec = uv_hrtime() / 1000;
	if (uv_getaddrinfo(names->loop, &lookup->request, looked_up, entry->name, NULL, &hints)) {
		entry->id = 0;
		entry->failed = true;
		free(lookup);
		return;
	}
	keep(lookup);
}

static void retry(uv_timer_t *timer)
{
	struct names *names = timer->data;
	/* A quarter of jitter, so that the nodes of a mesh do not ask in step. */
	uint64_t jitter_ms = uv_hrtime() / 1000 % (NAMES_RETRY_SEC * 250);

	for (size_t i = 0; i < names->count; i++)
		if (names->entries[i].failed && !names->entries[i].id)
			look_up(names, &names->entries[i]);
	(void)uv_timer_start(timer, retry, NAMES_RETRY_SEC * 1000 + jitter_ms, 0);
}

struct names *names_new(uv_loop_t *loop, names_changed_fn *changed, void *userdata)
{
	struct names *names = NEW(struct names);

	names->loop = loop;
	names->changed = changed;
	names->userdata = userdata;
	names->retry.data = names;
	(void)uv_timer_init(loop, &names->retry);
	(void)uv_timer_start(&names->retry, retry, NAMES_RETRY_SEC * 1000, 0);
	return names;
}

static void timer_closed(uv_handle_t *handle)
{
	struct names *names = handle->data;

	names->timer_closed = true;
	free_when_quiet(names);
}

void names_close(struct names *names)
{
	if (!names)
		return;
	names->closing = true;
	/* Those that no thread has begun; with a dead resolver each would take seconds. */
	for (struct lookup *lookup = names->lookups; lookup; lookup = lookup->next)
		(void)uv_cancel((uv_req_t *)&lookup->request);
	uv_close((uv_handle_t *)&names->retry, timer_closed);
}

static int compare_endpoints(const void *a, const void *b)
{
	const struct endpoint *const *left = a, *const *right = b;

	return compare_names((*left)->name, (*left)->family, (*right)->name, (*right)->family);
}

/* Endpoints with a name, sorted by it, one for each name; owned by the caller. */
static const struct endpoint **collect_named(const struct registry *registry, size_t *ret_count)
{
	const struct endpoint **named = NULL;
	size_t count = 0, kept = 0;

	for (size_t i = 0; registry && i < registry->nodes_count; i++)
		for (unsigned j = 0; j < registry->nodes[i].endpoints_count; j++)
			if (registry->nodes[i].endpoints[j].name[0])
				*ARRAY_APPEND(named, count) = &registry->nodes[i].endpoints[j];
	if (count)
		qsort(named, count, sizeof(named[0]), compare_endpoints);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || compare_endpoints(&named[kept - 1], &named[i]) != 0)
			named[kept++] = named[i];
	*ret_count = kept;
	return named;
}

void names_follow(struct names *names, const struct registry *registry)
{
	size_t count;
	CLEANUP(free) const struct endpoint **named = collect_named(registry, &count);
	struct entry *entries = NEW_ARRAY(struct entry, count);

	for (size_t i = 0; i < count; i++) {
		const struct entry *known = find(names, named[i]->name, named[i]->family);

		if (known) {
			entries[i] = *known;
			continue;
		}
		memcpy(entries[i].name, named[i]->name, sizeof(entries[i].name));
		entries[i].family = named[i]->family;
		look_up(names, &entries[i]);
	}
	free(names->entries);
	names->entries = entries;
	names->count = count;
}

bool names_are_there(const struct names *names)
{
	return names->count > 0;
}

void names_refresh(struct names *names, const char *name, uint16_t family, uint64_t now_usec)
{
	struct entry *entry = find(names, name, family);

	if (entry && !entry->id && now_usec >= entry->asked_usec + NAMES_REFRESH_SEC * USEC_PER_SEC)
		look_up(names, entry);
}

void names_confirm(struct names *names, const char *name, uint16_t family, uint64_t now_usec)
{
	struct entry *entry = find(names, name, family);

	if (!entry)
		return;
	entry->id = 0;
	entry->failed = false; /* or it would be looked up until it does not fail */
	entry->asked_usec = now_usec;
}

void names_copy_to(const struct names *names, struct facts *facts)
{
	free(facts->names);
	facts->names = NULL;
	facts->names_count = 0;
	for (size_t i = 0; i < names->count; i++) {
		struct resolved_name *known;

		if (!ip_address_present(&names->entries[i].address))
			continue;
		known = ARRAY_APPEND(facts->names, facts->names_count);
		memcpy(known->name, names->entries[i].name, sizeof(known->name));
		known->family = names->entries[i].family;
		known->address = names->entries[i].address;
	}
}

const char *names_next_unresolved(const struct names *names, size_t *place)
{
	while (*place < names->count) {
		const struct entry *entry = &names->entries[(*place)++];

		if (!ip_address_present(&entry->address) && entry->failed)
			return entry->name;
	}
	return NULL;
}
