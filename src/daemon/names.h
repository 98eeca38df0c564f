/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "core/model.h"

#include <uv.h>

/*
 * Endpoint names and what they resolve to. Look-ups run in the loop's thread pool, in the underlay,
 * and never block; an answer that comes after its name was dropped is dropped too.
 *
 * A name is looked up when it is new, again every NAMES_RETRY_SEC (with jitter) while it does not
 * resolve, and again when asked, at most every NAMES_REFRESH_SEC: the address that a live tunnel
 * uses is never changed under it.
 */
struct names;

#define NAMES_RETRY_SEC 10
#define NAMES_REFRESH_SEC 30

/* @changed is called from the loop when an address became known or another one. */
typedef void names_changed_fn(void *userdata);
struct names *names_new(uv_loop_t *loop, names_changed_fn *changed, void *userdata);

/* The memory is freed from the loop, after look-ups under way have ended. NULL is fine. */
void names_close(struct names *names);

/* Keep exactly the names of @registry's endpoints; NULL: none. */
void names_follow(struct names *names, const struct registry *registry);

/* Is there any to follow? */
bool names_are_there(const struct names *names);

/* The tunnel to this name is dead: its address may have changed. */
void names_refresh(struct names *names, const char *name, uint16_t family, uint64_t now_usec);

/* A live tunnel uses the known address: neither another look-up nor one under way may change it. */
void names_confirm(struct names *names, const char *name, uint16_t family, uint64_t now_usec);

/* Replace the names of @facts by those that are known. */
void names_copy_to(const struct names *names, struct facts *facts);

/*
 * Names that do not resolve, one after the other; NULL behind the last. *@place is 0 before the
 * first, and where to go on afterwards.
 */
const char *names_next_unresolved(const struct names *names, size_t *place);
