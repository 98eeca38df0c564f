// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/problems.h"

#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USEC_PER_SEC 1000000ull
#define BUSY_FIRST_USEC (200 * 1000ull)
#define BUSY_LAST_USEC (25 * USEC_PER_SEC)
#define QUARANTINE_FIRST_USEC (5 * USEC_PER_SEC)
#define QUARANTINE_LAST_USEC (60 * USEC_PER_SEC)
#define FIGHT_REPAIRS 5
#define FIGHT_WINDOW_USEC (60 * USEC_PER_SEC)
#define FIGHT_WAIT_USEC (25 * USEC_PER_SEC)
#define CONTENDED_MAX 256

/* How often an object had to be repaired lately. */
struct contended {
	char key[OBJECT_KEY_TEXT_SIZE];
	unsigned repairs;
	uint64_t since_usec;
	uint64_t wait_until_usec;
};

struct problems {
	struct problem *items;
	size_t count;
	char (*conflicts)[OBJECT_KEY_TEXT_SIZE];
	size_t conflicts_count;
	struct contended contended[CONTENDED_MAX];
	size_t contended_count;
	struct repair repairs[REPAIRS_KEPT]; /* oldest first */
	size_t repairs_count;
	char last_text[ERROR_TEXT_SIZE + OBJECT_KEY_TEXT_SIZE];
	uint32_t jitter;
};

struct problems *problems_new(void)
{
	return NEW(struct problems);
}

void problems_free(struct problems *problems)
{
	free(problems->items);
	free(problems->conflicts);
	free(problems);
}

static struct problem *problems_find(const struct problems *problems, const char *key)
{
	for (size_t i = 0; i < problems->count; i++)
		if (!strcmp(problems->items[i].object, key))
			return &problems->items[i];
	return NULL;
}

static bool is_transient(int result)
{
	return result == -EBUSY || result == -EAGAIN || result == -ENOMEM || result == -ENOBUFS ||
	       result == -EADDRINUSE || result == -EINTR;
}

/* Doubling from first to last, up to a quarter more so that nodes do not move in step. */
static uint64_t backoff_usec(struct problems *problems, int result, unsigned attempts)
{
	uint64_t wait = is_transient(result) ? BUSY_FIRST_USEC : QUARANTINE_FIRST_USEC;
	uint64_t last = is_transient(result) ? BUSY_LAST_USEC : QUARANTINE_LAST_USEC;

	for (unsigned i = 1; i < attempts && wait < last; i++)
		wait *= 2;
	if (wait > last)
		wait = last;
	problems->jitter = problems->jitter * 1664525u + 1013904223u;
	return wait + wait / 4 * (problems->jitter >> 16) / 65536;
}

/* What a kernel lacks fails for all objects of a kind in the same words. */
static bool is_known_to_lack(const struct problems *problems, int result, const char *text)
{
	if (result != -EOPNOTSUPP)
		return false;
	for (size_t i = 0; i < problems->count; i++)
		if (!strcmp(problems->items[i].text, text))
			return true;
	return false;
}

bool problems_add(struct problems *problems, const char *key, int result, const struct error *error,
		  uint64_t now_usec)
{
	struct problem *problem = problems_find(problems, key);
	char line[ERROR_LINE_SIZE];
	char text[ERROR_TEXT_SIZE];
	bool news;

	if (error && error->text[0])
		error_format(error, line, sizeof(line));
	else
		(void)snprintf(line, sizeof(line), "%s", strerror(-result));
	(void)snprintf(text, sizeof(text), "%.*s", (int)sizeof(text) - 1, line);
	if (!problem) {
		problem = ARRAY_APPEND(problems->items, problems->count);
		(void)snprintf(problem->object, sizeof(problem->object), "%s", key);
		problems->jitter ^= (uint32_t)now_usec;
	}
	news = strcmp(problem->text, text) != 0 && !is_known_to_lack(problems, result, text);
	memcpy(problem->text, text, sizeof(text));
	problem->result = result;
	problem->attempts++;
	problem->retry_at_usec = now_usec + backoff_usec(problems, result, problem->attempts);
	(void)snprintf(problems->last_text, sizeof(problems->last_text), "%s: %s", key, text);
	return news;
}

const char *problems_last_text(const struct problems *problems)
{
	return problems->last_text;
}

bool problems_add_conflict(struct problems *problems, const char *key)
{
	char(*conflict)[OBJECT_KEY_TEXT_SIZE];

	for (size_t i = 0; i < problems->conflicts_count; i++)
		if (!strcmp(problems->conflicts[i], key))
			return false;
	conflict = ARRAY_APPEND(problems->conflicts, problems->conflicts_count);
	(void)snprintf(*conflict, sizeof(*conflict), "%s", key);
	return true;
}

bool problems_are_none(const struct problems *problems)
{
	return problems->count == 0 && problems->contended_count == 0;
}

bool problems_solved(struct problems *problems, const char *key)
{
	struct problem *problem = problems_find(problems, key);

	if (!problem)
		return false;
	*problem = problems->items[--problems->count];
	return true;
}

typedef char key_text[OBJECT_KEY_TEXT_SIZE];

static int compare_keys(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* The keys of all operations, sorted: with thousands of problems a search for each is too long. */
static key_text *touched_keys(const struct plan *plan)
{
	key_text *keys = NEW_ARRAY(key_text, plan->operations_count);

	for (size_t i = 0; i < plan->operations_count; i++)
		object_format_key(operation_object(&plan->operations[i]), keys[i]);
	qsort(keys, plan->operations_count, sizeof(keys[0]), compare_keys);
	return keys;
}

static bool plan_conflicts_with(const struct plan *plan, const char *key)
{
	char conflict[OBJECT_KEY_TEXT_SIZE];

	for (size_t i = 0; i < plan->conflicts_count; i++)
		if (!strcmp(object_format_key(plan->conflicts[i], conflict), key))
			return true;
	return false;
}

void problems_keep_only(struct problems *problems, const struct plan *plan, uint64_t now_usec)
{
	CLEANUP(free) key_text *touched = problems->count ? touched_keys(plan) : NULL;

	for (size_t i = problems->count; i-- > 0;)
		if (strncmp(problems->items[i].object, "observe ", 8) != 0 &&
		    !bsearch(problems->items[i].object, touched, plan->operations_count,
			     sizeof(touched[0]), compare_keys))
			problems->items[i] = problems->items[--problems->count];
	for (size_t i = problems->conflicts_count; i-- > 0;)
		if (!plan_conflicts_with(plan, problems->conflicts[i]))
			memmove(problems->conflicts[i],
				problems->conflicts[--problems->conflicts_count],
				OBJECT_KEY_TEXT_SIZE);
	for (size_t i = problems->contended_count; i-- > 0;)
		if (problems->contended[i].since_usec + FIGHT_WINDOW_USEC < now_usec)
			problems->contended[i] = problems->contended[--problems->contended_count];
}

bool problems_must_wait(const struct problems *problems, const char *key, uint64_t now_usec)
{
	const struct problem *problem = problems_find(problems, key);

	if (problem && problem->retry_at_usec > now_usec)
		return true;
	for (size_t i = 0; i < problems->contended_count; i++)
		if (!strcmp(problems->contended[i].key, key))
			return problems->contended[i].wait_until_usec > now_usec;
	return false;
}

void problems_retry_all(struct problems *problems)
{
	for (size_t i = 0; i < problems->count; i++)
		problems->items[i].retry_at_usec = 0;
	for (size_t i = 0; i < problems->contended_count; i++)
		problems->contended[i].wait_until_usec = 0;
}

static struct contended *contended_get(struct problems *problems, const char *key,
				       uint64_t now_usec)
{
	struct contended *contended;

	for (size_t i = 0; i < problems->contended_count; i++)
		if (!strcmp(problems->contended[i].key, key))
			return &problems->contended[i];
	if (problems->contended_count == CONTENDED_MAX)
		return NULL;
	contended = &problems->contended[problems->contended_count++];
	*contended = (struct contended) { .since_usec = now_usec };
	(void)snprintf(contended->key, sizeof(contended->key), "%s", key);
	return contended;
}

bool problems_add_repair(struct problems *problems, const char *key, const char *text,
			 uint64_t now_usec)
{
	struct contended *contended = contended_get(problems, key, now_usec);
	struct repair *repair;

	if (problems->repairs_count == REPAIRS_KEPT)
		memmove(&problems->repairs[0], &problems->repairs[1],
			--problems->repairs_count * sizeof(problems->repairs[0]));
	repair = &problems->repairs[problems->repairs_count++];
	*repair = (struct repair) { .at_usec = now_usec };
	(void)snprintf(repair->text, sizeof(repair->text), "%s", text);
	if (!contended)
		return false;
	contended->repairs++;
	if (contended->repairs < FIGHT_REPAIRS)
		return false;
	contended->wait_until_usec = now_usec + FIGHT_WAIT_USEC;
	contended->since_usec = now_usec; /* a fight lasts as long as repairs go on */
	return contended->repairs == FIGHT_REPAIRS;
}

uint64_t problems_next_retry(const struct problems *problems, uint64_t after_usec)
{
	uint64_t next = UINT64_MAX;

	for (size_t i = 0; i < problems->count; i++)
		if (problems->items[i].retry_at_usec > after_usec &&
		    problems->items[i].retry_at_usec < next)
			next = problems->items[i].retry_at_usec;
	for (size_t i = 0; i < problems->contended_count; i++)
		if (problems->contended[i].wait_until_usec > after_usec &&
		    problems->contended[i].wait_until_usec < next)
			next = problems->contended[i].wait_until_usec;
	return next;
}

size_t problems_list(const struct problems *problems, const struct problem **ret)
{
	*ret = problems->items;
	return problems->count;
}

size_t problems_repairs(const struct problems *problems, const struct repair **ret)
{
	*ret = problems->repairs;
	return problems->repairs_count;
}

const char *problems_conflict(const struct problems *problems, size_t index)
{
	return index < problems->conflicts_count ? problems->conflicts[index] : NULL;
}
