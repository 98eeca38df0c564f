/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/reconcile.h"

/*
 * The reconciler's memory of what went wrong: problems with their next try, repairs, and fights
 * (the same repair again and again). Keys are object_format_key() texts. Private to core.
 */
struct problems;

struct problems *problems_new(void);
void problems_free(struct problems *problems);

/*
 * Record a failure; true if it is new or says something else than before: worth a log line. What
 * the kernel lacks (-EOPNOTSUPP) is not new if another object has the same problem.
 */
bool problems_add(struct problems *problems, const char *key, int result, const struct error *error,
		  uint64_t now_usec);

/* "KEY: text" of what problems_add() recorded last. */
const char *problems_last_text(const struct problems *problems);

/* Something foreign sits under @key. True the first time. */
bool problems_add_conflict(struct problems *problems, const char *key);

/* Nothing has failed and nothing is fought over: the answer about every key is no. */
bool problems_are_none(const struct problems *problems);

/* It works now. True if it was a problem before. */
bool problems_solved(struct problems *problems, const char *key);

/* Forget problems and conflicts with objects that @plan no longer wants to touch. */
void problems_keep_only(struct problems *problems, const struct plan *plan, uint64_t now_usec);

/* Is it too early to try @key? */
bool problems_must_wait(const struct problems *problems, const char *key, uint64_t now_usec);

/* Nothing has to wait any more; what is known about it stays. */
void problems_retry_all(struct problems *problems);

/* Record a repair; true when it has just become a fight. */
bool problems_add_repair(struct problems *problems, const char *key, const char *text,
			 uint64_t now_usec);

/* The first time after @after_usec at which something may be tried again; UINT64_MAX for none. */
uint64_t problems_next_retry(const struct problems *problems, uint64_t after_usec);

size_t problems_list(const struct problems *problems, const struct problem **ret);
const char *problems_conflict(const struct problems *problems, size_t index);
size_t problems_repairs(const struct problems *problems, const struct repair **ret);
