/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

/*
 * Allocation that cannot fail: out of memory aborts. The state that matters is in the kernel and a
 * restarted daemon converges; every size that comes from outside is checked against a named limit
 * before it gets here.
 */
void *memory_zalloc(size_t count, size_t size_bytes);
void *memory_grow(void *pointer, size_t count, size_t size_bytes);
char *memory_strdup(const char *text);
void *memory_dup(const void *bytes, size_t size_bytes);

#define NEW(type) ((type *)memory_zalloc(1, sizeof(type)))
#define NEW_ARRAY(type, count) ((type *)memory_zalloc((count), sizeof(type)))

/*
 * Append one zeroed element to a counted array; evaluates to a pointer to it. The array grows by
 * doubling and @count is the number of elements in use.
 */
#define ARRAY_APPEND(array, count)                                                                 \
	({                                                                                         \
		(array) = memory_append((array), (count), sizeof(*(array)));                       \
		&(array)[(count)++];                                                               \
	})
void *memory_append(void *array, size_t count, size_t size_bytes);
