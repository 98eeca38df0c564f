/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdlib.h>
#include <unistd.h>

/*
 * Scope-bound ownership. A variable declared with CLEANUP(thing_free) is handed to thing_free()
 * when its scope ends, whichever way; TAKE() moves a value out and leaves NULL behind.
 *
 *	CLEANUP(registry_free) struct registry *candidate = NULL;
 *	...
 *	*ret = TAKE(candidate);
 */
#define CLEANUP(function) __attribute__((unused, cleanup(function##_cleanup)))

/* Makes @function(@type) usable with CLEANUP(). @function must accept NULL. */
#define CLEANUP_DEFINE(type, function)                                                             \
	static inline void function##_cleanup(type *variable)                                      \
	{                                                                                          \
		function(*variable);                                                               \
	}                                                                                          \
	struct cleanup_needs_semicolon

/* Makes @function(@type *) usable with CLEANUP() on objects that live in place. */
#define CLEANUP_DEFINE_IN_PLACE(type, function)                                                    \
	static inline void function##_cleanup(type *variable)                                      \
	{                                                                                          \
		function(variable);                                                                \
	}                                                                                          \
	struct cleanup_needs_semicolon

#define TAKE(pointer)                                                                              \
	({                                                                                         \
		__typeof__(pointer) taken_ = (pointer);                                            \
		(pointer) = NULL;                                                                  \
		taken_;                                                                            \
	})

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* char *, struct foo * of plain malloc() memory */
static inline void free_cleanup(void *variable)
{
	void **pointer = variable;

	free(*pointer);
}

/* int descriptors; -1 is nothing */
static inline void close_cleanup(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}
