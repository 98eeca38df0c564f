/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "core/plan.h"

/*
 * What carries operations out: the kernel by netlink, wireguard-go, libnftables, the routing
 * daemon, or memory in tests. Each object is claimed by exactly one back end.
 *
 * Rules for every back end:
 *  - observe() reads, never writes. It adds to the operational state what it claims: everything
 *    that is ours, whether intended or not, and, marked foreign, what others have put under a key
 *    that is intended. What it cannot read it reports as an error; it never reports half.
 *  - apply() makes one operation true. What is already so is success: EEXIST on create of an
 *    identical object, any "not there" on delete.
 *  - errors carry the kernel's or the helper's own words.
 *  - both are called in the underlay's network namespace and return in it.
 */
struct backend {
	const char *name; /* "netlink", "babel": for messages */
	void *userdata;

	bool (*claims)(void *userdata, const struct object *object);

	/* 0 or -errno with @error. @intended is a hint at which keys matter. */
	int (*observe)(void *userdata, const struct state *intended, struct state *operational,
		       struct error *error);

	/* May be NULL. All have been observed: what one has read for several can be forgotten. */
	void (*observed)(void *userdata);

	/* See plan_can_update_fn. NULL: everything can be changed in place. */
	bool (*can_update)(void *userdata, const struct object *from, const struct object *to);

	/*
	 * 0: done. -EINPROGRESS: backend_done_fn will be called once with @id, later and never from
	 * inside apply(). Otherwise -errno with @error.
	 *
	 * @operation and @intended are valid until then.
	 */
	int (*apply)(void *userdata, const struct operation *operation,
		     const struct state *intended, uint64_t id, struct error *error);
};

/* How a back end reports the end of an operation that it answered with -EINPROGRESS. */
typedef void backend_done_fn(void *userdata, uint64_t id, int result, const struct error *error);

/* How a back end says that something has changed and observing again is worth it. */
typedef void backend_dirty_fn(void *userdata, const char *reason);

/* Both together, as they are given to back ends that need them. */
struct backend_events {
	void *userdata;
	backend_done_fn *done;
	backend_dirty_fn *dirty;
};
